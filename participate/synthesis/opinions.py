"""Opinions: reading every position of a closed consultation, and saying what the engine found in them.

Positions leave the database without their people: a participant is a place in a list, and the list is in
an order that the positions themselves give.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Contribution
from participate.db import db
from participate.plans.models import Project
from participate.positions.models import ImportedStatement, Position, ProjectStatement, Statement
from participate.rules.outcomes import READABLE_STATES, ConsultationState, ParticipantKind, StatementKind
from participate.rules.tallies import (
    MIN_BASE,
    AudienceTally,
    StatementTallies,
    Tally,
    label_statements,
    newcombe,
    safe_tallies,
)
from participate.synthesis.polis.conversation import by_number

SCHEMA = "participate-opinions/1"
OVER = (ConsultationState.CLOSED, ConsultationState.ARCHIVED)
EVERYBODY = "everybody"
MIN_COPIES = 3
MAX_DISTINCT = 3
GATE = (
    "published",
    "reason",
    "k",
    "silhouette",
    "p_value",
    "stability",
    "held_out_gain",
    "core",
    "smallest",
    "needed",
)
"""The figures of the gate; None where there was nothing to try, or no reason left to try it."""
EXCERPT = 240
LONG_READING = "SET LOCAL statement_timeout = '120s'"


Column: TypeAlias = "array[int]"
ROWS = 10_000


@dataclass(frozen=True)
class Asked:
    """A statement as it was asked; `shown` is False when it was taken away."""

    ref: str
    external_id: str | None
    kind: StatementKind
    shown: bool
    text: str
    lang: str
    author: str | None
    moderated: int | None


@dataclass(frozen=True)
class Cast:
    """Every position of a consultation. Columns are parallel; `names` are external ids, "" where there are none."""

    imported: bool
    statements: tuple[Asked, ...]
    names: tuple[str, ...]
    groups: tuple[int, ...] | None
    person: Column
    statement: Column
    value: Column

    @property
    def sha256(self) -> str:
        """A hash of the positions that no order of rows and no key of the database changes."""
        found = hashlib.sha256()
        found.update(repr([(one.ref, one.shown) for one in self.statements]).encode())
        found.update(repr(self.names if self.imported else len(self.names)).encode())
        for column in (self.person, self.statement, self.value):
            found.update(_bytes(column))
        return found.hexdigest()


def gathered(consultation_id: int) -> Cast | None:
    """Return the positions of a consultation, None before it is closed. Four statements."""
    consultation = db.session.scalar(
        sa.select(Consultation).where(Consultation.id == consultation_id, Consultation.state.in_(OVER))
    )
    if consultation is None:
        return None
    asked = _asked(consultation)
    voices = _voices(consultation)
    imported = bool(voices) and all(one.name for one in voices.values())
    known = sorted(voices, key=lambda who: (by_number(voices[who].name), who))
    packed = _packed(
        consultation,
        {who: rank for rank, who in enumerate(known)},
        {key: place for place, (key, _) in enumerate(asked)},
    )
    order, columns = _in_order(packed, len(asked), named=imported)
    return Cast(
        imported=imported,
        statements=tuple(one for _, one in asked),
        names=tuple(voices[known[rank]].name for rank in order),
        groups=_groups([voices[known[rank]].group for rank in order]),
        person=columns[0],
        statement=columns[1],
        value=columns[2],
    )


def _packed(consultation: Consultation, rank: Mapping[int, int], place: Mapping[int, int]) -> list[int]:
    """Return each position as one number: participant, then statement, then value. Sorted, 8 bytes each.

    A million rows are read: straight from the driver, and never as a million objects.
    """
    statement = (
        sa.select(Position.participant_id, Position.statement_id, Position.value)
        .join(
            Statement,
            (Statement.collectivity_id == Position.collectivity_id) & (Statement.id == Position.statement_id),
        )
        .where(
            Statement.collectivity_id == consultation.collectivity_id,
            Statement.consultation_id == consultation.id,
        )
    )
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text(LONG_READING))
    text = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    many = len(place)
    with closing(db.session.connection().connection.cursor()) as cursor:
        cursor.execute(text)
        return sorted(
            (rank[who] * many + place[what]) * 3 + value + 1
            for who, what, value in iter_rows(cursor.fetchmany)
        )


def iter_rows(fetch: Callable[[int], Sequence[Any]]) -> Iterator[Any]:
    """Yield the rows of a cursor, some thousands at a time."""
    while some := fetch(ROWS):
        yield from some


def _in_order(packed: Sequence[int], many: int, *, named: bool) -> tuple[list[int], tuple[Column, ...]]:
    """Return who took positions, and the columns in which they are places in that list.

    Named participants stand by their names. The others stand in the order of what they said, so that no key of
    the database decides anything; two who said the same are the same to the engine.
    """
    said: dict[int, Column] = {}
    width = many * 3
    for one in packed:
        who = one // width
        if who not in said:
            said[who] = array("i")
        said[who].append(one % width)
    order = sorted(said) if named else sorted(said, key=lambda who: (said[who].tolist(), who))
    person, statement, value = array("i"), array("i"), array("i")
    for place, who in enumerate(order):
        mine = said.pop(who)
        person.extend([place] * len(mine))
        statement.extend([one // 3 for one in mine])
        value.extend([one % 3 - 1 for one in mine])
    return order, (person, statement, value)


@dataclass(frozen=True)
class _Voice:
    name: str
    group: str | None


def _voices(consultation: Consultation) -> dict[int, _Voice]:
    rows = db.session.execute(
        sa.select(
            Participant.id, Participant.kind, Participant.external_id, Participant.external_group
        ).where(
            Participant.collectivity_id == consultation.collectivity_id,
            Participant.consultation_id == consultation.id,
        )
    )
    return {
        key: _Voice((name or "") if kind is ParticipantKind.IMPORTED else "", group)
        for key, kind, name, group in rows
    }


def _groups(given: Sequence[str | None]) -> tuple[int, ...] | None:
    if not any(given):
        return None
    return tuple(int(one) if one else -1 for one in given)


def _asked(consultation: Consultation) -> list[tuple[int, Asked]]:
    """Return the statements by their key, projects first, in an order that says nothing of the database."""

    def same(table: Any) -> Any:
        return (table.collectivity_id == Statement.collectivity_id) & (table.statement_id == Statement.id)

    rows = db.session.execute(
        sa.select(
            Statement.id,
            Statement.kind,
            Project.number,
            Contribution.ref,
            Contribution.state,
            ImportedStatement,
        )
        .outerjoin(ProjectStatement, same(ProjectStatement))
        .outerjoin(
            Project,
            (Project.collectivity_id == ProjectStatement.collectivity_id)
            & (Project.id == ProjectStatement.project_id),
        )
        .outerjoin(Contribution, same(Contribution))
        .outerjoin(ImportedStatement, same(ImportedStatement))
        .where(
            Statement.collectivity_id == consultation.collectivity_id,
            Statement.consultation_id == consultation.id,
        )
    ).all()
    found = []
    for key, kind, number, ref, state, imported in rows:
        if imported is not None:
            one = Asked(
                f"imported-{imported.external_id}",
                imported.external_id,
                kind,
                imported.moderated >= 0 and not imported.meta,
                imported.text,
                imported.lang,
                imported.author,
                imported.moderated,
            )
        elif number is not None:
            one = Asked(f"project-{number}", str(number), kind, True, "", "", None, None)  # noqa: FBT003
        else:
            one = Asked(ref or "", None, kind, state in READABLE_STATES, "", "", None, None)
        found.append((key, one))
    kinds = list(StatementKind)
    return sorted(
        found, key=lambda pair: (kinds.index(pair[1].kind), by_number(pair[1].external_id or ""), pair[1].ref)
    )


# --- what the engine is asked, and what it answered ----------------------------------------------------


def order(cast: Cast, *, compat: bool = False, k: int | None = None, texts: bool = True) -> dict[str, Any]:
    """Return the order for the engine."""
    found: dict[str, Any] = {
        "votes": {
            # A name only where another platform gave one; the engine needs none.
            "people": list(cast.names) if compat else [""] * len(cast.names),
            "statements": [one.external_id or one.ref for one in cast.statements],
            "shown": [one.shown for one in cast.statements],
            "person": b64encode(_bytes(cast.person)).decode(),
            "statement": b64encode(_bytes(cast.statement)).decode(),
            "value": b64encode(_bytes(cast.value)).decode(),
        },
    }
    if compat:
        found |= {"compat": True, "k": k}
        found["votes"]["given"] = None if cast.groups is None else list(cast.groups)
    if texts:
        found["texts"] = [{"text": one.text, "lang": one.lang} for one in _readable(cast)]
    return found


def _bytes(column: Column) -> bytes:
    """Return a column as 32-bit numbers, least byte first, whatever the machine."""
    if sys.byteorder == "little":
        return column.tobytes()
    turned = array("i", column)
    turned.byteswap()
    return turned.tobytes()


def _readable(cast: Cast) -> list[Asked]:
    return [one for one in cast.statements if one.shown and one.text]


def groups_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of the gate as they are published; no participant is in them."""
    opinion = answer["opinion"]
    return {key: opinion[key] for key in GATE}


def members_of(cast: Cast, answer: Mapping[str, Any]) -> dict[str, int]:
    """Return the group of each participant that has a name of its own, for who operates the platform.

    With Polis's figures the groups are Polis's: not tested, and as many as were published.
    """
    if "compat" in answer:
        return {
            str(who): group["id"] for group in answer["compat"]["group-clusters"] for who in group["members"]
        }
    placed = answer["opinion"]["group"] or []
    return {name: group for name, group in zip(cast.names, placed, strict=False) if name and group >= 0}


def statements_of(cast: Cast, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was said of each imported statement, with its label.

    The audiences of an imported conversation are its groups where there are any, else everybody. Who cast no
    vote on a statement has not seen it: that is what Polis's export means by an empty cell.
    """
    tallies = _tallies(cast)
    labels = {
        one.statement: one.label.value
        for one in label_statements(
            [
                StatementTallies(one.ref, _audiences(place, tallies[place], answer))
                for place, one in enumerate(cast.statements)
                if one.shown
            ]
        )
    }
    return [
        {
            "id": one.ref,
            "external_id": one.external_id,
            "kind": one.kind.value,
            "agree": tally.agree,
            "disagree": tally.disagree,
            "pass": tally.passed,
            "not_seen": tally.not_seen,
            "label": labels.get(one.ref),
            "moderated": one.moderated,
            "lang": one.lang,
            "text": one.text,
        }
        for one, tally in zip(cast.statements, tallies, strict=True)
    ]


def _tallies(cast: Cast) -> list[Tally]:
    count = [[0, 0, 0] for _ in cast.statements]
    for what, value in zip(cast.statement, cast.value, strict=True):
        count[what][value] += 1  # −1 is the last place
    people = len(cast.names)
    return [Tally(a, d, p, people - a - d - p) for p, a, d in count]


def _audiences(place: int, whole: Tally, answer: Mapping[str, Any]) -> tuple[AudienceTally, ...]:
    opinion = answer["opinion"]
    if not opinion["published"]:
        return (AudienceTally(EVERYBODY, whole),)
    return tuple(
        AudienceTally(str(number), Tally(*group[place])) for number, group in enumerate(opinion["tallies"])
    )


def campaigns_of(cast: Cast, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return near-identical texts as one argument each: how many copies, from how many authors."""
    readable = _readable(cast)
    found = []
    for places in answer.get("texts", {}).get("copies", []):
        same = [readable[place] for place in places]
        if len(same) >= MIN_COPIES:
            authors = {one.author for one in same if one.author is not None}
            found.append(
                {
                    "texts": len(same),
                    "accounts": len(authors) + sum(one.author is None for one in same),
                    "projects": [],
                    "lang": same[0].lang,
                    "excerpt": same[0].text[:EXCERPT],
                    "refs": [one.ref for one in same],
                }
            )
    return found


def suggestions_of(cast: Cast, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return suggested themes: words that stand out, three real texts, and how many texts."""
    readable = _readable(cast)
    return [
        {
            "words": one["words"],
            "examples": [readable[place].ref for place in one["examples"]],
            "refs": [readable[place].ref for place in one["members"]],
            "texts": len(one["members"]),
        }
        for one in answer.get("texts", {}).get("themes", [])
    ]


def kept(cast: Cast, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that is kept and shown: figures of groups, and no participant.

    What groups said is there only when the gate is passed, and small or unanimous cells are hidden.
    """
    groups = groups_of(answer)
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "input_sha256": cast.sha256,
        "participants": len(cast.names),
        "positions": len(cast.value),
        "groups": groups,
        "tendencies": [],
        "statements": [],
    }
    if groups["published"]:
        found["statements"] = [
            {"id": one.ref, "kind": one.kind.value, "groups": _cells(place, answer)}
            for place, one in enumerate(cast.statements)
            if one.shown
        ]
        found["tendencies"] = [
            shape | {"distinct": _distinct(number, found["statements"])}
            for number, shape in enumerate(answer["opinion"]["shape"])
        ]
    return found


def _distinct(number: int, statements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return up to three statements on which a group differs most from the others: published cells only."""
    found = []
    for one in statements:
        mine, others = one["groups"][number], [c for n, c in enumerate(one["groups"]) if n != number]
        if mine is None or None in others:
            continue
        rest = [sum(cell[axis] for cell in others) for axis in range(3)]
        n, m = mine[0] + mine[1], rest[0] + rest[1]
        if min(n, m) < MIN_BASE or not newcombe(mine[0], n, rest[0], m).excludes_zero():
            continue
        gap = Fraction(mine[0], n) - Fraction(rest[0], m)
        found.append((-abs(gap), one["id"], {"id": one["id"], "group": mine, "others": rest}))
    return [entry for _, _, entry in sorted(found, key=lambda row: row[:2])[:MAX_DISTINCT]]


def _cells(place: int, answer: Mapping[str, Any]) -> list[list[int] | None]:
    cells = [
        AudienceTally(str(number), Tally(*group[place]))
        for number, group in enumerate(answer["opinion"]["tallies"])
    ]
    return [
        None if cell.tally is None else [cell.tally.agree, cell.tally.disagree, cell.tally.passed]
        for cell in safe_tallies(cells).cells
    ]
