"""One project of the dossier on a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from participate.db import Words
from participate.plans.views.words import listed
from participate.rules import outcomes as o
from participate.rules.tallies import MIN_BASE, wilson
from participate.synthesis import shapes as s
from participate.synthesis import words
from participate.synthesis.papers import blocks
from participate.synthesis.papers.blocks import Block
from participate.synthesis.papers.tables import Table, in_own, label, said, worded
from participate.web import i18n, labels


def pages(reading: s.Reading) -> list[dict[str, Any]]:
    """Return every project, in the order of the plan."""
    return [
        {
            "number": i18n.number(one.number),
            "title": worded(one.title),
            "axis": worded(one.axis),
            "tag": label(one.label),
            "status": words.status(one.change) if one.change else "",
            "tally": tally(one.tally),
            "blocks": _project(reading, one),
        }
        for one in reading.projects
    ]


def tally(found: s.TallyView) -> dict[str, Any]:
    """Return four counts as a bar, and in words."""
    return {
        "agree": found.agree,
        "pass": found.pass_,
        "disagree": found.disagree,
        "words": words.tally(found),
    }


def _project(reading: s.Reading, one: s.ProjectReading) -> list[Block]:
    made = [
        blocks.facts(
            [
                (_("Who took a position"), words.base(one)),
                (_("Support among those who support or oppose"), words.support(one.support)),
                (_("Support among all positions"), words.support(one.support_with_pass)),
                (_("Marked as a priority by"), i18n.number(one.priorities)),
                (_("Largest difference between audiences"), words.gap(one.gap) if one.gap else ""),
                (_("Texts"), words.texts(one.texts)),
            ]
        )
    ]
    compared = [found for table in one.audiences if (found := audience(table))]
    if compared:
        made.append({"kind": "audiences", "tables": compared})
    if one.quotes:
        made += [blocks.heading(_("In their own words")), *(_quote(quote) for quote in one.quotes)]
    themes = reading.themes_of(one.number)
    if themes:
        made.append(blocks.table(_themes(themes), (6, 1.2, 1.2, 3)))
    ends = []
    if one.response or themes:
        ends.append(_("The answers are in section %(number)s.", number=i18n.number(8)))
    if one.change and one.change.status != "same":
        ends.append(_("What changed in its words is in section %(number)s.", number=i18n.number(9)))
    if ends:
        made.append(blocks.text(" ".join(ends), small=True))
    return made


def _themes(themes: Sequence[s.ThemeReading]) -> Table:
    return Table(
        _("Themes"),
        _("What people raised, and the outcome"),
        (_("Theme"), _("Texts"), _("Authors"), _("Outcome")),
        tuple(
            (
                worded(one.title),
                one.texts,
                one.authors,
                labels.outcome(o.Outcome(one.response.outcome)) if one.response else _("Not answered yet."),
            )
            for one in themes
        ),
        (1, 2),
    )


def answers_of(reading: s.Reading, one: s.ProjectReading, signed: str) -> list[Block]:
    """Return every answer on a project: its own, then those to its themes."""
    themes = reading.themes_of(one.number)
    if not one.response and not themes:
        return []
    made = [blocks.heading(numbered(one.number, one.title))]
    if one.response:
        made.append(answer(one.response, signed))
    return made + [block for theme in themes for block in theme_blocks(theme, signed)]


def numbered(number: int, title: Words) -> dict[str, str]:
    """Return a title with its number in the plan before it."""
    found = worded(title)
    return {**found, "text": f"{i18n.number(number)}. {found['text']}"}


def audience(table: s.AudienceTable) -> dict[str, Any] | None:
    """Return the bars of one dimension, with the support of each audience that is large enough; None: nothing to show."""
    rows = words.audience_rows(table)
    if not rows:
        return None
    return {
        "title": words.dimension(table.dimension),
        "hidden": _(
            "Not shown, too few people or all of one mind: %(names)s.",
            names=listed([row["label"] for row in rows if row["hidden"]]),
        )
        if any(row["hidden"] for row in rows)
        else None,
        "rows": [
            {
                "label": row["label"],
                "agree": row["agree"],
                "pass": row["pass_"],
                "disagree": row["disagree"],
                "support": _support(row["agree"], row["agree"] + row["disagree"]),
            }
            for row in rows
            if not row["hidden"]
        ],
    }


def _support(agree: int, base: int) -> dict[str, float] | None:
    """Return where the dot of an audience and its whiskers stand; no share of fewer than twenty."""
    if base < MIN_BASE:
        return None
    stable = wilson(agree, base)
    return {"at": round(agree / base, 4), "from": round(stable.lower, 4), "to": round(stable.upper, 4)}


def _quote(quote: s.Quote) -> Block:
    return {
        "kind": "quote",
        "stance": labels.stance(o.Stance(quote.stance)),
        "text": in_own(quote.text, quote.lang),
        "by": worded(quote.association) if quote.association else None,
        "agree": str(ngettext("%(num)s agrees", "%(num)s agree", quote.agree)),
    }


def answer(found: s.ResponseView, signed: str) -> Block:
    """Return the commune's answer, which stands apart from what people said."""
    shown = words.response(found, signed)
    assert shown is not None
    return {
        "kind": "answer",
        "outcome": shown["outcome"],
        "text": said(shown["text"]),
        "reason": said(shown["reason"]) if shown["reason"] else None,
        "why": _("Why:"),
        "signed": " · ".join([signed, *([i18n.day(shown["at"])] if shown["at"] else [])]),
    }


def theme_blocks(theme: s.ThemeReading, signed: str) -> list[Block]:
    """Return a theme with its counts and its answer."""
    made: list[Block] = [{"kind": "theme", "title": worded(theme.title), "shared": words.shared(theme)}]
    if theme.response:
        made.append(answer(theme.response, signed))
    else:
        made.append(blocks.text(_("Not answered yet."), small=True))
    return made


def change(found: s.ChangeView) -> list[Block]:
    """Return what became of the words of a project, piece by piece, with the causes."""
    made: list[Block] = []
    for cause in found.causes:
        made.append(blocks.text(_("Why: %(cause)s", cause=words.cause(cause)), small=True))
        if cause.note:
            made.append(blocks.text(worded(cause.note), small=True))
    for field in words.changes(found):
        lang = field["lang"] or i18n.lang()
        made.append(
            {
                "kind": "diff",
                "title": str(field["label"]),
                "lang": lang,
                "dir": i18n.DIRECTIONS.get(lang, "ltr"),
                "pieces": [[piece.op.value, piece.text] for piece in field["pieces"]],
            }
        )
    return made
