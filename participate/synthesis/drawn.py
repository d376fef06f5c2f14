"""What the dossier draws: who took part, as bars beside figures; the texts of each day, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from participate.rules.tallies import MIN_CELL
from participate.synthesis import shapes as s
from participate.synthesis import words
from participate.web import i18n


@dataclass(frozen=True)
class Counted:
    """A table of people with its bars, as `ui.counted` takes it."""

    title: str
    head: list[str]
    rows: list[dict[str, Any]]
    foot: list[Any]
    beside: str | None
    note: str | None


def who(tables: Sequence[s.CountsTable]) -> list[Counted]:
    """Return the tables of who took part; a table that hides everything is said in a sentence."""
    found = []
    for table in tables:
        population = any(row.population for row in table.rows)
        head = [words.dimension(table.dimension), _("Voices")]
        if population:
            head.append(_("Inhabitants"))
        hides = any(row.people is None for row in table.rows)
        nothing = all(row.people is None for row in table.rows)
        note = _("A dash stands where fewer than %(num)d people could be recognised.", num=MIN_CELL)
        if nothing:
            note = _("Not shown: the groups are too small to be published.")
        foot: list[Any] = [_whole(table.dimension), table.total, *([""] if population else [])]
        found.append(
            Counted(
                words.dimension(table.dimension),
                head,
                [] if nothing else _count_rows(table, population=population),
                foot,
                _("Inhabitants") if population and not nothing else None,
                note if hides else None,
            )
        )
    return found


def _count_rows(table: s.CountsTable, *, population: bool) -> list[dict[str, Any]]:
    """Return the rows with the lengths of their bars.

    Voices and inhabitants are each a share of their whole, drawn to one scale: where the bars differ, so do the
    people who spoke from those who live there.
    """
    voices = sum(row.people or 0 for row in table.rows)
    inhabitants = sum(row.population or 0 for row in table.rows)
    lengths = [
        (_part(row.people, voices), _part(row.population, inhabitants) if population else None)
        for row in table.rows
    ]
    longest = max((length for pair in lengths for length in pair if length is not None), default=0) or 1
    return [
        {
            "label": words.category(table.dimension, row.key, row.label),
            "cells": [_dashed(row.people), *([_dashed(row.population)] if population else [])],
            "share": None if share is None else round(100 * share / longest, 1),
            "beside": None if beside is None else round(100 * beside / longest, 1),
        }
        for row, (share, beside) in zip(table.rows, lengths, strict=True)
    ]


def _part(count: int | None, whole: int) -> float | None:
    return count / whole if count is not None and whole else None


def _dashed(count: int | None) -> int | str:
    return "—" if count is None else count


def _whole(name: str) -> str:
    return _("total") if name == "kind" else _("total, associations apart")


@dataclass(frozen=True)
class DayColumn:
    """The texts of one day."""

    day: date
    n: int


def days(counted: Sequence[s.Day]) -> list[DayColumn]:
    """Return the texts received on each day from the first to the last, days without any too."""
    received = {date.fromisoformat(one.date): one.texts for one in counted}
    if not received:
        return []
    first = min(received)
    return [
        DayColumn(day, received.get(day, 0))
        for day in (first + timedelta(days=n) for n in range((max(received) - first).days + 1))
    ]


def day_rows(columns: list[DayColumn]) -> list[list[Any]]:
    """Return the days on which texts came, as a table."""
    return [[i18n.day(one.day), one.n] for one in columns if one.n]


def busiest(columns: list[DayColumn]) -> str:
    """Return the sentence under the columns: the day on which most came."""
    top = max(columns, key=lambda one: one.n)
    return str(
        ngettext(
            "Most came on %(day)s: %(num)d text.",
            "Most came on %(day)s: %(num)d texts.",
            top.n,
            day=i18n.day(top.day),
        )
    )
