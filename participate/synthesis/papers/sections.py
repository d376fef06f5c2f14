"""The sections of the dossier, but for the projects: numbered as the council's dossier is.

What the platform does not hold (legal visas, posters, radio) is a sentence that says so, and a blank.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from participate.rules import outcomes as o
from participate.rules.windows import Window, casablanca_date
from participate.synthesis import drawn, words
from participate.synthesis import shapes as s
from participate.synthesis.papers import annex, blocks, projects, tables
from participate.synthesis.papers.blocks import Block, heading, table, text
from participate.web import i18n, labels

BLANK = "………………"
Section = tuple[str, str, list[Block]]


def every(source: Any) -> list[Section]:
    """Return every section that comes before or after the projects, in order: number, title, blocks."""
    reading: s.Reading = source.reading
    return [
        ("1", _("Legal basis and course"), course(reading)),
        ("2", _("Information and mobilisation"), mobilisation(reading)),
        ("3", _("Who took part"), who(reading)),
        ("4", _("Limits of these figures"), limits(reading)),
        ("5", _("The figures"), figures(reading)),
        ("6", _("Project by project"), []),
        ("7", _("Proposals of associations"), associations(reading)),
        ("8", _("The reasoned answers"), answers(reading)),
        ("9", _("From one version to the next"), changes(reading)),
        ("10", _("Points to be settled"), settled(reading)),
        ("11", _("Opinion of the advisory body"), opinions(reading)),
        ("12", _("Moderation"), moderation(reading)),
        ("13", _("The programme put to the vote"), programme(reading)),
        ("14", _("Draft deliberation"), deliberation(reading)),
        ("15", _("Annex: method and proof"), annex.annex(source)),
    ]


def _at(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None


def _day(moment: str | None) -> str:
    found = _at(moment)
    return i18n.day(found) if found else ""


def _nothing(words_: str) -> list[Block]:
    return [text(words_)]


def course(reading: s.Reading) -> list[Block]:
    """Return the visas that are known and the days of both rounds."""
    about = reading.about
    announced, opened = _at(about.announced_at), _at(about.opens_at)
    notice = ""
    if announced and opened:
        days = (casablanca_date(opened) - casablanca_date(announced)).days
        notice = str(ngettext("%(num)d day before it opened", "%(num)d days before it opened", days))
    rows = [
        (words.round_kind(one), _span(one.opens_at, one.closes_at), i18n.number(one.received), i18n.number(one.published))
        for one in sorted(reading.rounds, key=lambda one: one.opens_at)
    ]  # fmt: skip
    rows.append(
        (
            labels.consultation_kind(o.ConsultationKind(about.consultation_kind)),
            _span(about.opens_at, about.closes_at),
            i18n.number(reading.contributions.received),
            i18n.number(reading.contributions.published),
        )
    )
    return [
        text(_("In view of Organic Law 113-14 on communes;")),
        text(_("Other legal visas, to be completed by the secretary: %(blank)s;", blank=BLANK)),
        blocks.facts(
            [
                (
                    _("The review was announced"),
                    " · ".join(p for p in (_day(about.announced_at), notice) if p),
                ),
                (_("Version that people read"), i18n.number(about.version) if about.version else ""),
            ]
        ),
        table(
            tables.Table(
                _("Rounds"),
                _("The rounds of consultation"),
                (_("Round"), _("From … to"), _("Received"), pgettext("texts", "published")),
                tuple(rows),
                (2, 3),
            ),
            (3, 5, 1.4, 1.4),
        ),
        *([table(tables.meetings(reading), (4, 4, 1.3, 1.3, 1.6, 1.5))] if reading.meetings else []),
    ]


def _span(opens: str, closes: str) -> str:
    first, after = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    return _("%(first)s to %(last)s", first=i18n.day(first), last=i18n.day(Window(first, after).last_day))


def mobilisation(reading: s.Reading) -> list[Block]:
    """Return how people came to take part; what was not recorded is left blank."""
    channel = [one for one in reading.audiences if one.dimension == "channel"]
    return [
        *(_people(one) for one in channel),
        table(tables.languages(reading), (3, 1)),
        text(
            _(
                "Posters, radio, letters and the places that were visited are not recorded by the platform; to be completed by the secretary: %(blank)s",
                blank=BLANK,
            ),
            small=True,
        ),
    ]


def who(reading: s.Reading) -> list[Block]:
    """Return who took part, each dimension with its "not stated"."""
    return [
        text(_("Optional facts are stated by people themselves; nobody has to."), small=True),
        {
            "kind": "pair",
            "blocks": [_people(one) for one in reading.audiences if one.dimension != "channel"],
        },
    ]


def _people(found: s.CountsTable) -> Block:
    (counted,) = drawn.who([found])
    return {
        "kind": "people",
        "title": counted.title,
        "head": counted.head,
        "rows": [
            {
                "label": row["label"],
                "cells": [i18n.number(c) if isinstance(c, int) else c for c in row["cells"]],
                "share": row["share"],
                "beside": row["beside"],
            }
            for row in counted.rows
        ],
        "foot": [i18n.number(c) if isinstance(c, int) else c for c in counted.foot],
        "beside": counted.beside,
        "note": counted.note,
    }


def limits(reading: s.Reading) -> list[Block]:
    """Return what the figures do not say."""
    found = reading.limits
    rows = [*words.limits(reading)]
    if found.without_gender:
        rows.append(
            ngettext(
                "%(num)s did not state a gender.", "%(num)s did not state a gender.", found.without_gender
            )
        )
    if found.without_age:
        rows.append(
            ngettext("%(num)s did not state an age.", "%(num)s did not state an age.", found.without_age)
        )
    if found.merged:
        rows.append(ngettext("%(num)s text was joined to the same text.", "%(num)s texts were joined to the same text.", found.merged))  # fmt: skip
    rows.append(_("Silence is not support: nobody is counted for or against who did not say so."))
    rows.append(
        _("A dash stands where a figure would let somebody be recognised, or where all are of one mind.")
    )
    return [blocks.listed([str(one) for one in rows])]


def figures(reading: s.Reading) -> list[Block]:
    """Return the figures of the whole review and of each project, with the arrival of texts day by day."""
    columns = drawn.days(reading.contributions.days)
    made = [
        {
            "kind": "positions",
            "title": _("Positions on each project"),
            "note": _(
                "In the order of the plan. “Agreed upon”: every audience that can be compared supports it. “Disputed”: two audiences differ by more than chance. “Not settled”: the rest."
            ),
            "table": table(tables.positions(reading), (1, 4.6, 1.2, 1.2, 1.3, 1.3, 1.3, 1.3, 2)),
            "rows": [
                {
                    "number": i18n.number(one.number),
                    "label": tables.worded(one.title),
                    "base": words.base(one),
                    "tag": tables.label(one.label),
                    **projects.tally(one.tally),
                    "counts": [
                        i18n.number(n) for n in (one.tally.agree, one.tally.pass_, one.tally.disagree)
                    ],
                }
                for one in reading.projects
            ],
        },
        table(tables.texts(reading), (1, 4.6, *(1.5,) * 4, 1.1, 1.1, 1.4, 1.2, 1.4)),
        {
            "kind": "pair",
            "blocks": [
                table(tables.what_became(reading), (3, 1)),
                blocks.facts(
                    [
                        (
                            _("Half of the texts are no longer than"),
                            ngettext(
                                "%(num)s character", "%(num)s characters", reading.contributions.median_length
                            ),
                        ),
                        (_("Authors"), i18n.number(reading.contributions.authors)),
                    ]
                ),
            ],
        },
    ]
    if columns:
        made.append(
            {
                "kind": "columns",
                "title": _("Texts received on each day"),
                "values": [one.n for one in columns],
                "first": i18n.short_day(columns[0].day),
                "last": i18n.short_day(columns[-1].day),
                "caption": drawn.busiest(columns),
                "table": [[i18n.short_day(one.day), i18n.number(one.n)] for one in columns if one.n],
            }
        )
    made += [
        {
            "kind": "quote",
            "stance": words.campaign(one.texts, one.accounts),
            "text": tables.in_own(one.excerpt, one.lang),
            "by": None,
            "agree": "",
        }
        for one in reading.campaigns
    ]
    return made


def associations(reading: s.Reading) -> list[Block]:
    """Return the proposals of associations."""
    if not reading.association_ideas:
        return _nothing(_("No association made a proposal."))
    return [table(tables.proposals(reading), (2.4, 3, 2.2, 0.9, 2, 4), titled=False)]


def answers(reading: s.Reading) -> list[Block]:
    """Return who was answered, by outcome; what was not retained first; then what is about the whole plan."""
    found, signed = reading.coverage, i18n.plain(reading.about.collectivity_name)
    median = found.median_days
    made: list[Block] = [
        {
            "kind": "measure",
            "title": _("Contributions answered"),
            "value": found.answered,
            "of": found.answerable,
            "shown": f"{i18n.number(found.answered)} / {i18n.number(found.answerable)}",
        },
        blocks.facts(
            [
                (
                    _("Half of the answers came within"),
                    ngettext("%(num)d day", "%(num)d days", median) if median is not None else "",
                )
            ]
        ),
    ]
    pair = [table(one, (3, 1)) for one in (tables.outcomes(reading), tables.fates(reading)) if one.rows]
    made.append({"kind": "pair", "blocks": pair})
    if found.declined:
        made.append(table(tables.declined(reading), (5, 0.9, 1.2, 1.3, 1.7, 2, 5)))
    whole = reading.themes_of(None)
    if whole:
        made.append(heading(_("Themes about the whole plan")))
        made += [block for one in whole for block in projects.theme_blocks(one, signed)]
    for one in reading.projects:
        made += projects.answers_of(reading, one, signed)
    return made


def changes(reading: s.Reading) -> list[Block]:
    """Return what became of each project; the words themselves stand on the page of each."""
    found = reading.changes
    if found is None:
        return _nothing(_("No revised version was published yet."))
    changed = [one for one in found.projects if one.status != "same"]
    if not changed:
        return _nothing(_("Not a word changed between these two versions."))
    head = text(
        _(
            "From version %(from)s to version %(to)s",
            **{"from": i18n.number(found.from_version), "to": i18n.number(found.to_version)},
        )
    )
    rows = tuple(
        (
            one.number,
            tables.worded(one.title),
            words.status(one),
            ", ".join(dict.fromkeys(str(field["label"]) for field in words.changes(one))),
            ", ".join(dict.fromkeys(words.cause(cause) for cause in one.causes)),
        )
        for one in changed
    )
    made: list[Block] = [
        head,
        table(
            tables.Table(
                _("Changes"), _("Changed projects"),
                (_("No."), _("Project"), _("What became of it"), _("Parts"), _("Why")), rows, (0,),
            ),
            (0.7, 4, 2, 3, 3), titled=False,
        ),
    ]  # fmt: skip
    for one in changed:
        made += [heading(projects.numbered(one.number, one.title)), *projects.change(one)]
    return made


def settled(reading: s.Reading) -> list[Block]:
    """Return what the council has to settle: where audiences differ, or a project is opposed, with the figures."""
    if not reading.disagreements:
        return _nothing(_("No project divides the audiences, and none with enough positions is opposed."))
    made: list[Block] = []
    for point in reading.disagreements:
        one = reading.project(point.number)
        made += [
            {"kind": "theme", "title": tables.worded(point.title), "shared": words.why(point)},
            {"kind": "bar", "agree": point.agree, "pass": point.pass_, "disagree": point.disagree, "words": words.tally(point)},
        ]  # fmt: skip
        if one and one.gap:
            made.append(text(words.gap(one.gap), small=True))
    return made


def opinions(reading: s.Reading) -> list[Block]:
    """Return the opinions of advisory bodies, unedited."""
    if not reading.opinions:
        return _nothing(_("No advisory body filed an opinion."))
    made: list[Block] = []
    for one in reading.opinions:
        made += [
            {"kind": "theme", "title": tables.worded(one.body), "shared": _day(one.at)},
            text(tables.in_own(one.text, one.lang)),
        ]
    return made


def moderation(reading: s.Reading) -> list[Block]:
    """Return what moderators did."""
    found = [table(tables.decisions(reading), (4, 1))]
    if reading.moderation.by_reason:
        found.append(table(tables.reasons(reading), (4, 1)))
    else:
        found.append(text(_("No text was held back for a reason of the charter.")))
    return [{"kind": "pair", "blocks": found}]


def programme(reading: s.Reading) -> list[Block]:
    """Return the projects put to the vote; their whole sheets are the version itself."""
    return [
        text(_("Problem, solution, milestones, units in charge and budgets are in the version of the plan that is put to the vote."), small=True),
        table(tables.programme(reading), (0.7, 5, 3, 2.4, 2), titled=False),
    ]  # fmt: skip


def asked(reading: s.Reading) -> str:
    """Return the decision that the council is asked for."""
    return _(
        "To adopt each project, adopt it with an amendment, postpone it or not adopt it, by a public vote; or to return the whole plan: %(plan)s.",
        plan=i18n.plain(reading.about.plan_title),
    )


def deliberation(reading: s.Reading) -> list[Block]:
    """Return the draft to be completed in session: visas, articles, and the grid of the votes."""
    plan = i18n.plain(reading.about.plan_title)
    titles = {row[0]: row[1] for row in tables.programme(reading).rows}
    grid = tables.Table(
        _("Votes"),
        _("Votes"),
        (_("No."), _("Project"), _("For"), _("Against"), _("Abstentions"), _("What the council decided")),
        tuple((number, title, "", "", "", "") for number, title in titles.items()),
        (0,),
    )
    present = tables.Table(
        _("Sitting"),
        _("Sitting"),
        (_("Day"), _("In office"), _("Present"), _("Excused"), _("Absent")),
        (("", "", "", "", ""),),
    )
    return [
        text(_("Council of: %(place)s. Decision number: %(reference)s. Date: %(day)s.", place=i18n.plain(reading.about.collectivity_name), reference=BLANK, day=BLANK)),
        text(_("In view of Organic Law 113-14 on communes;")),
        text(_("Other legal visas, to be completed by the secretary: %(blank)s;", blank=BLANK)),
        text(_("In view of the sealed dossier of the public consultation on: %(plan)s;", plan=plan)),
        table(present, (3, 1.5, 1.5, 1.5, 1.5), tall=True),
        text(_("Having voted in public, the council decides:")),
        heading(_("Article %(number)s", number=i18n.number(1))),
        text(_("The projects of the plan are decided as in the table of votes below, each with its own vote.")),
        heading(_("Article %(number)s", number=i18n.number(2))),
        text(_("This act is sent to the authority of control and published.")),
        table(grid, (0.7, 5, 1.2, 1.2, 1.5, 3), tall=True),
        text(_("Signature of the president of the council: %(blank)s", blank=BLANK)),
        text(_("Signature of the council secretary: %(blank)s", blank=BLANK)),
    ]  # fmt: skip
