"""Who took part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from participate.db import Words
from participate.rules import outcomes as o
from participate.rules.tallies import CountCell, safe_counts
from participate.synthesis import shapes as s
from participate.synthesis.figures.inputs import Inputs, VoiceRow

DIMENSIONS = ("kind", "channel", "level", "neighbourhood", "gender", "age")


def voices_read(rows: Iterable[VoiceRow]) -> s.Voices:
    """Count who spoke: people, associations, slips and imported voices."""
    count: Counter[str] = Counter()
    for row in rows:
        count[row.kind] += row.people
    return s.Voices(
        people=count[o.ParticipantKind.CITIZEN.value],
        associations=count[o.ParticipantKind.ASSOCIATION.value],
        slips=count[o.ParticipantKind.SLIP.value],
        imported=count[o.ParticipantKind.IMPORTED.value],
    )


@dataclass(frozen=True)
class Dimension:
    """A question by which voices are told apart, with its possible answers."""

    name: str
    keys: tuple[str, ...]
    of: Callable[[Any], str]
    labels: Mapping[str, Words]
    population: Mapping[str, int | None]


def dimensions_of(inputs: Inputs) -> dict[str, Dimension]:
    """Return each dimension with its categories in a fixed order.

    Ways of taking part that nobody used are left out: they are no trait of a person. Traits keep
    every category, empty or not, and "not stated" stands last.
    """
    used: dict[str, set[Any]] = {
        "kind": {row.kind for row in inputs.voices},
        "channel": {row.channel for row in inputs.voices},
        "level": {row.level for row in inputs.voices},
    }
    places = sorted(inputs.neighbourhoods, key=lambda n: n.slug)
    none: dict[str, Any] = {}

    def plain(name: str, keys: tuple[str, ...], of: Callable[[Any], str]) -> Dimension:
        return Dimension(name, keys, of, none, none)

    return {
        "kind": plain(
            "kind", tuple(k.value for k in o.ParticipantKind if k.value in used["kind"]), lambda r: r.kind
        ),
        "channel": plain(
            "channel", tuple(c.value for c in o.Channel if c.value in used["channel"]), lambda r: r.channel
        ),
        "level": plain(
            "level", tuple(str(v.value) for v in o.Level if v.value in used["level"]), lambda r: str(r.level)
        ),
        "neighbourhood": Dimension(
            "neighbourhood",
            (*(n.slug for n in places), ""),
            lambda r: r.neighbourhood or "",
            {n.slug: n.name for n in places},
            {n.slug: n.population for n in places},
        ),
        "gender": plain("gender", tuple(g.value for g in o.Gender), lambda r: r.gender),
        "age": plain("age", tuple(a.value for a in o.AgeBand), lambda r: r.age),
    }


def count_tables(inputs: Inputs, dims: Mapping[str, Dimension]) -> tuple[s.CountsTable, ...]:
    """Return one table a dimension.

    Kinds of voices are not suppressed: associations are public bodies, named where they speak. The
    other dimensions count people (citizens and slips) and hide small cells.
    """
    found = []
    for name in DIMENSIONS:
        dim = dims[name]
        rows = [r for r in inputs.voices if name == "kind" or r.kind != o.ParticipantKind.ASSOCIATION.value]
        count = Counter(dict.fromkeys(dim.keys, 0))
        for row in rows:
            count[dim.of(row)] += row.people
        cells = [CountCell(key, count[key]) for key in dim.keys]
        open_ = name == "kind" or len(cells) == 1
        shown = cells if open_ else safe_counts(cells).cells
        found.append(
            s.CountsTable(
                name,
                sum(count.values()),
                tuple(
                    s.CountRow(
                        cell.category,
                        dim.labels.get(cell.category),
                        cell.people,
                        dim.population.get(cell.category),
                    )
                    for cell in shown
                ),
            )
        )
    return tuple(found)
