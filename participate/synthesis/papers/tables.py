"""The tables of the dossier: figures as rows, in the language of `in_language`. The papers and the spreadsheet share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from participate.db import Words
from participate.rules import outcomes as o
from participate.rules.text import Change, DiffOp, Said
from participate.synthesis import drawn, words
from participate.synthesis import shapes as s
from participate.web import i18n, labels

HIDDEN = "—"
Cell = Any
"""A number, a text, or a text in a language of its own (`said`)."""


@dataclass(frozen=True)
class Table:
    """One table: a short `name` for its sheet, the columns that hold numbers in `num`."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    num: tuple[int, ...] = ()
    foot: tuple[Cell, ...] | None = None


def said(found: Said) -> dict[str, str]:
    """Return a text with its language and direction, as a sheet takes it."""
    return {"text": found.text, "lang": found.lang.split("-", 1)[0], "dir": found.direction}


def worded(found: Words | None) -> dict[str, str]:
    """Return words of the database in the paper's language, or the nearest one there is."""
    return said(i18n.said(found))


def in_own(text: str, lang: str) -> dict[str, str]:
    """Return a text in the language its author wrote it in."""
    return said(Said(text, lang, lang))


def _pairs(name: str, title: str, head: tuple[str, str], rows: Iterable[tuple[Any, ...]]) -> Table:
    return Table(name, title, head, tuple((row[0], row[1]) for row in rows), (1,))


def what_became(reading: s.Reading) -> Table:
    """Return the texts by what became of them."""
    return _pairs(
        _("Contributions"),
        _("What became of them"),
        (_("State"), _("Texts")),
        words.contributions(reading),
    )


def languages(reading: s.Reading) -> Table:
    """Return the languages of the published texts."""
    return _pairs(
        _("Languages"),
        _("Languages of the published texts"),
        (_("Language"), _("Texts")),
        words.languages(reading),
    )


def days(reading: s.Reading) -> Table:
    """Return the days on which texts came."""
    columns = drawn.days(reading.contributions.days)
    return Table(
        _("Days"),
        _("Texts received on each day"),
        (_("Day"), _("Texts")),
        tuple((i18n.day(one.day), one.n) for one in columns if one.n),
        (1,),
    )


def people(table: s.CountsTable) -> Table:
    """Return who took part along one dimension; a dash where few could be recognised."""
    (counted,) = drawn.who([table])
    return Table(
        counted.title,
        counted.title,
        tuple(counted.head),
        tuple((row["label"], *row["cells"]) for row in counted.rows),
        tuple(range(1, len(counted.head))),
        tuple(counted.foot),
    )


def meetings(reading: s.Reading) -> Table:
    """Return who came to workshops and meetings, counted apart."""
    return Table(
        _("Meetings"),
        _("Workshops and meetings, counted apart"),
        (_("Meeting"), _("Day"), _("Women"), _("Men"), _("not stated"), _("Present")),
        tuple(
            (
                worded(one.title),
                i18n.day(words.moment(one.starts_at) or one.starts_at),  # type: ignore[arg-type]
                one.women,
                one.men,
                one.total - one.women - one.men,
                one.total,
            )
            for one in reading.meetings
        ),
        (2, 3, 4, 5),
    )


def positions(reading: s.Reading) -> Table:
    """Return the positions on each project, in the order of the plan."""
    return Table(
        _("Positions"),
        _("Positions on each project"),
        (
            _("No."), _("Project"), _("support"), _("undecided"), _("oppose"), _("took a position"),
            _("did not"), _("Priority of"), _("Reading"),
        ),
        tuple(
            (
                one.number, worded(one.title), one.tally.agree, one.tally.pass_, one.tally.disagree, one.tally.n,
                HIDDEN if one.tally.not_seen is None else one.tally.not_seen, one.priorities, label(one.label),
            )
            for one in reading.projects
        ),
        (0, 2, 3, 4, 5, 6, 7),
    )  # fmt: skip


def label(found: str) -> str:
    """Return how a project stands, as the page tags it."""
    return {
        "consensual": _("Agreed upon"),
        "divisive": _("Disputed"),
        "uncertain": _("Not settled"),
    }.get(found, "")


def texts(reading: s.Reading) -> Table:
    """Return the texts about each project: counts of texts, with the stance their authors gave them."""
    return Table(
        _("Texts"),
        _("Texts about each project, with the stance their authors gave them"),
        (
            _("No."), _("Project"), _("Comments"), _("Amendments"), _("Questions"), _("Replies"),
            *(labels.stance(one) for one in (o.Stance.FOR, o.Stance.AGAINST, o.Stance.UNDECIDED, o.Stance.NONE)),
            _("Authors"),
        ),
        tuple(
            (
                one.number, worded(one.title), one.texts.comments, one.texts.amendments, one.texts.questions,
                one.texts.replies, one.texts.for_, one.texts.against, one.texts.undecided,
                one.texts.without_stance, one.texts.authors,
            )
            for one in reading.projects
        ),
        (0, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    )  # fmt: skip


def audiences(reading: s.Reading) -> Table:
    """Return the positions on each project by audience, hidden cells as dashes."""
    rows = []
    for one in reading.projects:
        for table in one.audiences:
            for row in table.rows:
                counts: tuple[Cell, ...] = (HIDDEN,) * 4
                if row.tally:
                    counts = (row.tally.agree, row.tally.pass_, row.tally.disagree, row.tally.n)
                category = words.category(table.dimension, row.key, row.label)
                rows.append((one.number, words.dimension(table.dimension), category, *counts))
    return Table(
        _("Audiences"),
        _("Positions on each project by audience"),
        (
            _("No."),
            _("Along"),
            _("Audience"),
            _("support"),
            _("undecided"),
            _("oppose"),
            _("took a position"),
        ),
        tuple(rows),
        (0, 3, 4, 5, 6),
    )


def outcomes(reading: s.Reading) -> Table:
    """Return the answered contributions by outcome, with the share where one may be said."""
    return _pairs(
        _("Outcomes"),
        _("Answered contributions by outcome"),
        (_("Outcome"), _("Contributions")),
        words.outcomes(reading),
    )


def fates(reading: s.Reading) -> Table:
    """Return the ideas of the round by what became of them."""
    found = [one for one in reading.coverage.fates if one.count]
    return _pairs(
        _("Ideas"),
        _("Ideas by what became of them"),
        (_("What became of it"), _("Ideas")),
        [(words.fate(one.key), one.count) for one in found],
    )


def answers(reading: s.Reading) -> Table:
    """Return each theme with its answer."""
    rows = []
    for one in reading.themes:
        found = one.response
        rows.append(
            (
                HIDDEN if one.project is None else one.project,
                worded(one.title),
                one.texts,
                one.authors,
                labels.outcome(o.Outcome(found.outcome)) if found else _("Not answered yet."),
                worded(found.text) if found else "",
                worded(found.reason) if found and found.reason else "",
            )
        )
    return Table(
        _("Answers"),
        _("Themes and answers"),
        (_("No."), _("Theme"), _("Texts"), _("Authors"), _("Outcome"), _("The answer"), _("Why")),
        tuple(rows),
        (0, 2, 3),
    )


def declined(reading: s.Reading) -> Table:
    """Return what was not retained, the most shared first."""
    return Table(
        _("Not retained"),
        _("Not retained, the most shared first"),
        (_("What was asked"), _("No."), _("Texts"), _("Authors"), _("Agreements"), _("Outcome"), _("Why")),
        tuple(
            (
                worded(one.title) if one.title else in_own(one.text, one.lang),
                HIDDEN if one.project is None else one.project,
                one.texts,
                one.authors,
                one.agree,
                labels.outcome(o.Outcome(one.outcome)),
                worded(one.reason) if one.reason else "",
            )
            for one in reading.coverage.declined
        ),
        (1, 2, 3, 4),
    )


def proposals(reading: s.Reading) -> Table:
    """Return the proposals of associations and what became of them."""
    return Table(
        _("Associations"),
        _("Proposals of associations"),
        (_("Association"), _("Proposal"), _("Axis"), _("No."), _("What became of it"), _("Why")),
        tuple(
            (
                worded(one.association),
                in_own(one.title, one.lang),
                worded(one.axis),
                HIDDEN if one.project is None else one.project,
                words.fate(one.fate),
                worded(one.reason) if one.reason else "",
            )
            for one in reading.association_ideas
        ),
        (3,),
    )


def decisions(reading: s.Reading) -> Table:
    """Return what moderators decided and how fast."""
    return _pairs(
        _("Moderation"),
        _("Decisions and delays"),
        (_("What"), _("Number")),
        words.moderation(reading),
    )


def reasons(reading: s.Reading) -> Table:
    """Return the reasons of the charter that were given."""
    return _pairs(_("Reasons"), _("Reasons"), (_("Reason"), _("Texts")), words.reasons(reading))


def programme(reading: s.Reading) -> Table:
    """Return the projects put to the council."""
    changed: Mapping[int, s.ChangeView] = (
        {one.number: one for one in reading.changes.projects} if reading.changes else {}
    )
    before = {one.number: one for one in reading.projects}
    rows: list[tuple[Cell, ...]] = []
    for number in sorted(before.keys() | changed.keys()):
        change, one = changed.get(number), before.get(number)
        title = one.title if one else (change.title if change else {})
        rows.append(
            (
                number,
                worded(title),
                worded(one.axis) if one else "",
                words.status(change) if change else HIDDEN,
                label(one.label) if one else "",
            )
        )
    return Table(
        _("Programme"),
        _("The projects put to the council"),
        (_("No."), _("Project"), _("Axis"), _("Since the consultation"), _("Reading")),
        tuple(rows),
        (0,),
    )


def changes(reading: s.Reading) -> Table:
    """Return each changed field before and after, with its cause."""
    rows = []
    for one in reading.changes.projects if reading.changes else ():
        causes = ", ".join(words.cause(cause) for cause in one.causes)
        for field in words.changes(one):
            lang = field["lang"] or i18n.lang()
            before, after = (in_own(side(field["pieces"], gone), lang) for gone in (DiffOp.INS, DiffOp.DEL))
            rows.append((one.number, field["label"], before, after, causes))
    return Table(
        _("Changes"),
        _("What changed in the words, before and after"),
        (_("No."), _("Part"), _("Before"), _("After"), _("Why")),
        tuple(rows),
        (0,),
    )


def side(pieces: Sequence[Change], without: DiffOp) -> str:
    """Return one side of a comparison: all but what only the other side has."""
    return "".join(piece.text for piece in pieces if piece.op is not without).strip()


def five(reading: s.Reading) -> Table:
    """Return the five figures of the first page."""
    return Table(
        _("Figures"),
        _("The figures of the first page"),
        (_("What is counted"), _("Figure"), _("Note")),
        tuple((one["label"], one["value"], one["note"] or "") for one in words.five(reading)),
        (1,),
    )


def campaigns(reading: s.Reading) -> Table:
    """Return near-identical texts: one argument each."""
    return Table(
        _("Campaigns"),
        _("The same text from many"),
        (_("Texts"), _("Accounts"), _("An example")),
        tuple((one.texts, one.accounts, in_own(one.excerpt, one.lang)) for one in reading.campaigns),
        (0, 1),
    )


def every(reading: s.Reading) -> list[Table]:
    """Return every table that has a row, for the spreadsheet."""
    made = [
        five(reading), positions(reading), audiences(reading), texts(reading), what_became(reading),
        languages(reading), days(reading), *(people(one) for one in reading.audiences), meetings(reading),
        outcomes(reading), fates(reading), answers(reading), declined(reading), proposals(reading),
        changes(reading), programme(reading), decisions(reading), reasons(reading), campaigns(reading),
    ]  # fmt: skip
    return [one for one in made if one.rows]
