"""The draft of the act and the extract of the minutes, in Arabic, from sentence templates alone.

Every sentence is filled with what was recorded; what the platform does not know is left as a blank
for the secretary. Nothing is phrased by a machine.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from participate.council import queries
from participate.db import Words
from participate.rules.council import Call, MajorityRule
from participate.rules.outcomes import ProjectDecision
from participate.synthesis.papers.steady import steady
from participate.synthesis.shapes import ProjectReading
from participate.web import i18n, labels

BLANK = "………………"
LANG = "ar"


@dataclass(frozen=True)
class Facts:
    """What the documents are filled with."""

    collectivity: Words
    plan_title: Words
    session: queries.SessionView
    decision: queries.DecisionView
    projects: Mapping[int, queries.OnTheTable]
    said: Mapping[int, ProjectReading]


@dataclass(frozen=True)
class Line:
    """One paragraph: `level` 1 for the title, 2 for a heading, 0 for text."""

    text: str
    level: int = 0


def plain_text(lines: Sequence[Line]) -> str:
    """Return a document as plain text."""
    return "".join(f"{line.text}\n{'=' * 20 if line.level == 1 else ''}\n" for line in lines)


def _title(facts: Facts, number: int) -> str:
    return f"{number}. {i18n.plain(facts.projects[number].title)}"


def _sitting(facts: Facts) -> queries.SittingView:
    return next(one for one in facts.session.sittings if one.id == facts.decision.sitting_id)


def _call(call: Call) -> str:
    return {
        Call.FIRST: _("first convocation"),
        Call.SECOND: _("second convocation"),
        Call.THIRD: _("third convocation"),
    }[call]


def _majority(rule: MajorityRule) -> str:
    return {
        MajorityRule.OF_VOTES_CAST: _("more than half of the votes cast; abstentions do not count"),
        MajorityRule.OF_PRESENT: _("more than half of the members present"),
        MajorityRule.OF_IN_OFFICE: _("more than half of the members in office"),
    }[rule]


def _attendance(sitting: queries.SittingView) -> str:
    return _(
        "Sitting of %(day)s (%(call)s): members in office %(in_office)s, present %(present)s, excused %(excused)s, absent %(absent)s; needed for the quorum %(needed)s.",
        day=i18n.day(sitting.held_at),
        call=_call(sitting.call),
        in_office=i18n.number(sitting.in_office),
        present=i18n.number(sitting.present),
        excused=i18n.number(sitting.excused),
        absent=i18n.number(sitting.absent),
        needed=i18n.number(sitting.quorum.needed),
    )


def _vote(vote: queries.VoteView) -> str:
    return _(
        "Votes for: %(for)s; against: %(against)s; abstentions: %(abstain)s; members present: %(present)s.",
        **{"for": i18n.number(vote.in_favour)},
        against=i18n.number(vote.against),
        abstain=i18n.number(vote.abstain),
        present=i18n.number(vote.present),
    )


def _decided(decision: ProjectDecision, title: str) -> str:
    return {
        ProjectDecision.ADOPTED: _("The council adopts the project: %(title)s.", title=title),
        ProjectDecision.ADOPTED_AMENDED: _(
            "The council adopts, with an amendment, the project: %(title)s.", title=title
        ),
        ProjectDecision.POSTPONED: _("The council postpones the project: %(title)s.", title=title),
        ProjectDecision.REJECTED: _("The council does not adopt the project: %(title)s.", title=title),
    }[decision]


def _head(facts: Facts, title: str) -> list[Line]:
    return [
        Line(title, 1),
        Line(
            _(
                "Council of: %(place)s. Decision number: %(reference)s. Date: %(day)s.",
                place=i18n.plain(facts.collectivity),
                reference=facts.decision.reference,
                day=i18n.day(facts.decision.decided_on),
            )
        ),
    ]


def act(facts: Facts) -> tuple[Line, ...]:
    """Return the draft of the act: visas, quorum, one article for each decision."""
    session, decision = facts.session, facts.decision
    lines = _head(facts, _("Draft act"))
    lines += [
        Line(_("In view of Organic Law 113-14 on communes;")),
        Line(_("Other legal visas, to be completed by the secretary: %(blank)s;", blank=BLANK)),
        Line(
            _(
                "In view of the %(kind)s opened on %(day)s;",
                kind=_("ordinary session")
                if session.kind == "ordinary"
                else _("extraordinary session"),
                day=i18n.day(session.opens_on),
            )
        ),
        Line(_("In view of the sealed dossier of the public consultation on: %(plan)s;", plan=i18n.plain(facts.plan_title))),
        Line(_attendance(_sitting(facts))),
        Line(_("Having voted in public, by %(rule)s, the council decides:", rule=_majority(session.rules.majority))),
    ]  # fmt: skip
    article = 1
    if decision.outcome == "returned":
        lines += [
            Line(_("Article %(number)s", number=i18n.number(article)), 2),
            Line(_("The council returns the plan to be prepared again: %(plan)s.", plan=i18n.plain(facts.plan_title))),
            Line(_("Reason: %(text)s", text=i18n.plain(decision.reason))),
        ]  # fmt: skip
        return (*lines, *_end(article + 1))
    lines += [
        Line(_("Article %(number)s", number=i18n.number(article)), 2),
        Line(
            ngettext(
                "The council adopts %(num)d project of %(all)s of the plan: %(plan)s.",
                "The council adopts %(num)d projects of %(all)s of the plan: %(plan)s.",
                decision.adopted,
                all=i18n.number(len(decision.votes)),
                plan=i18n.plain(facts.plan_title),
            )
        ),
    ]
    for vote in decision.votes:
        article += 1
        lines += [
            Line(_("Article %(number)s", number=i18n.number(article)), 2),
            Line(_decided(vote.decision, _title(facts, vote.number))),
            Line(_vote(vote)),
        ]
        if vote.amendment:
            lines.append(Line(_("Amendment: %(text)s", text=i18n.plain(vote.amendment))))
        if vote.reason:
            lines.append(Line(_("Reason: %(text)s", text=i18n.plain(vote.reason))))
    return (*lines, *_end(article + 1))


def _end(article: int) -> list[Line]:
    return [
        Line(_("Article %(number)s", number=i18n.number(article)), 2),
        Line(_("This act is sent to the authority of control and published.")),
        Line(_("Signature of the president of the council: %(blank)s", blank=BLANK)),
        Line(_("Signature of the council secretary: %(blank)s", blank=BLANK)),
    ]


def minutes(facts: Facts) -> tuple[Line, ...]:
    """Return the extract of the minutes: every sitting, then each vote beside what people had said."""
    decision = facts.decision
    lines = _head(facts, _("Extract of the minutes"))
    lines.append(Line(_("Sittings"), 2))
    for sitting in facts.session.sittings:
        lines.append(Line(_attendance(sitting)))
        lines.append(
            Line(
                _("The quorum was reached: the council deliberated.")
                if sitting.quorum.reached
                else _("The quorum was not reached: the council did not deliberate.")
            )
        )
    lines.append(Line(_("Agenda item"), 2))
    lines.append(Line(i18n.plain(facts.session.agenda_item or facts.plan_title)))
    if decision.outcome == "returned":
        lines.append(Line(_("The council returns the plan to be prepared again: %(plan)s.", plan=i18n.plain(facts.plan_title))))  # fmt: skip
        lines.append(Line(_("Reason: %(text)s", text=i18n.plain(decision.reason))))
    for vote in decision.votes:
        lines.append(Line(_title(facts, vote.number), 2))
        reading = facts.said.get(vote.number)
        if reading is not None:
            lines.append(
                Line(
                    _(
                        "In the consultation %(agree)s supported it, %(disagree)s opposed it and %(undecided)s were undecided.",
                        agree=i18n.number(reading.tally.agree),
                        disagree=i18n.number(reading.tally.disagree),
                        undecided=i18n.number(reading.tally.pass_),
                    )
                )
            )
        lines += [Line(_decided(vote.decision, _title(facts, vote.number))), Line(_vote(vote))]
        if vote.reason:
            lines.append(Line(_("Reason: %(text)s", text=i18n.plain(vote.reason))))
    lines.append(Line(_("Signature of the council secretary: %(blank)s", blank=BLANK)))
    return tuple(lines)


BUILDERS = {"act": act, "minutes": minutes}


def decision_label(vote: queries.VoteView) -> str:
    """Return the words for a decision, as everywhere."""
    return labels.project_decision(vote.decision)


def docx(lines: Sequence[Line], facts: Facts) -> bytes:
    """Return a document as DOCX, right to left, the same bytes for the same decision."""
    from docx import Document  # noqa: PLC0415  heavy; few requests need it
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    made: Any = Document()
    moment = datetime.combine(facts.decision.decided_on, time(), UTC)
    made.core_properties.created = made.core_properties.modified = moment
    made.core_properties.author = i18n.plain(facts.collectivity)
    made.core_properties.title = lines[0].text
    for line in lines:
        paragraph = made.add_heading(level=line.level) if line.level else made.add_paragraph()
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))  # noqa: SLF001  python-docx has no name for it
        run = paragraph.add_run(line.text)
        right = OxmlElement("w:rtl")
        right.set(qn("w:val"), "1")
        run._r.get_or_add_rPr().append(right)  # noqa: SLF001
    out = io.BytesIO()
    made.save(out)
    return steady(out.getvalue())
