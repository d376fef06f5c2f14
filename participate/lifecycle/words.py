"""The words of the moves: steps with their dates, needs, events, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.lifecycle.queries import CycleStep, Event, TimelineEvent
from participate.plans.queries import Missing
from participate.rules.lifecycle import Facts, MoveName, Need, Step, StepState, Warn
from participate.rules.windows import CASABLANCA
from participate.web import i18n, labels

STEP_PAGES = {
    Step.IDEAS: "contributions.ideas",
    Step.DRAFT: "plans.changes",
    Step.REVIEW: "portal.plan",
    Step.ANSWERS: "responses.answers",
    Step.COUNCIL: "council.show",
    Step.IMPLEMENTATION: "monitoring.follow_up",
    Step.EVALUATION: "evaluation.show",
}
"""Where each step is shown."""


def strip(steps: Iterable[CycleStep], slug: str, cycle: str) -> list[dict[str, Any]]:
    """Return the seven stars as the page draws them; only steps begun are links."""
    return [
        {
            "key": step.key.value,
            "label": labels.step(step.key),
            "when": when(step),
            "state": step.state.value,
            "url": (
                None
                if step.state is StepState.TODO
                else url_for(STEP_PAGES[step.key], slug=slug, cycle=cycle)
            ),
        }
        for step in steps
    ]


def when(step: CycleStep) -> str:
    """Return the dates of a step in words; empty when it has none yet."""
    if step.open and step.ends is not None:
        return _("open until %(day)s", day=i18n.day(last_day(step.ends)))
    if step.starts is not None and step.ends is not None:
        if step.state is StepState.TODO:
            return _("from %(day)s", day=i18n.short_day(step.starts))
        return days(_local(step.starts), last_day(step.ends))
    if step.starts is not None:
        return _("from %(day)s", day=i18n.short_day(step.starts))
    if step.day is not None and step.until is not None:
        return f"{step.day.year}\u2013{step.until.year}"
    if step.day is None:
        return ""
    if step.key is Step.COUNCIL:
        return _("session of %(month)s", month=i18n.month(step.day))
    return i18n.month(step.day)


def _local(moment: datetime) -> date:
    return moment.astimezone(CASABLANCA).date()


def last_day(end: datetime) -> date:
    """Return the last day of a window that ends, exclusively, at `end`."""
    return _local(end - timedelta(microseconds=1))


def days(first: date, last: date) -> str:
    """Return a stretch of days in words: 19–25 June."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}\u2013{i18n.short_day(last)}" if first != last else i18n.short_day(last)
    return _("%(first)s to %(last)s", first=i18n.short_day(first), last=i18n.short_day(last))


# --- needs -----------------------------------------------------------------------------------------


def need(value: Need) -> str:
    """Return what a move asks, as a sentence that is true once it is met."""
    return {
        Need.HAS_ARABIC_AXIS: _("The plan has at least one axis with a name in Arabic."),
        Need.HAS_PUBLISHED_DRAFT: _("The latest published version is a draft with at least one project."),
        Need.PROJECTS_COMPLETE: _(
            "In that draft, every project has its title, problem, solution and one dated milestone in Arabic."
        ),
        Need.NOTICE_GIVEN: _(
            "The dates were public at least 14 days before the opening, or a public reason says why not."
        ),
        Need.WINDOW_LONG_ENOUGH: _("The consultation lasts at least 7 full days."),
        Need.NO_OTHER_OPEN: _("No other consultation of this plan is open."),
        Need.OPENING_TIME_REACHED: _("The opening day has come."),
        Need.CLOSING_TIME_REACHED: _("The last day is over."),
        Need.EXTENSION_IN_TIME: _("The end is still at least 48 hours away."),
        Need.EXTENSION_LONGER: _("The new end is later than the present one: a deadline is never shortened."),
        Need.REASON_GIVEN: _("A reason is given, and everybody can read it."),
        Need.REVIEW_CLOSED: _("The review of the draft is closed."),
        Need.NOTHING_PENDING: _("No contribution waits for a moderator."),
        Need.NO_OPEN_APPEAL: _("No appeal is open."),
        Need.APPEAL_WINDOW_OVER: _("The days in which authors may appeal are over."),
        Need.EVERY_IDEA_HAS_FATE: _("The committee has decided what became of every idea."),
        Need.EVERY_PROJECT_HAS_RESPONSE: _("Every project of the review has an approved response."),
        Need.COVERAGE_COMPLETE: _("Every published contribution has an approved answer."),
        Need.REVISED_VERSION_READY: _("The revised version is ready: every project is complete in Arabic."),
        Need.QUORUM_REACHED: _("The council's sitting reached its quorum."),
        Need.EVERY_PROJECT_DECIDED: _("The council decided on every project, with its votes."),
        Need.DELIBERATION_DATED: _("The council's decision is recorded with its reference and its day."),
        Need.AMENDMENTS_WRITTEN: _(
            "Each project adopted with an amendment has the text or the budget the council gave it."
        ),
        Need.END_REACHED: _("The last day of the plan has come."),
        Need.EVALUATION_RECORDED: _("The joint evaluation is recorded."),
    }[value]


def warning(value: Warn) -> str:
    """Return what an officer should know."""
    return {
        Warn.WINDOW_SHORT: _(
            "The consultation lasts less than 15 days. It is allowed, but people who work or travel may miss it."
        ),
    }[value]


def missing(value: Missing) -> str:
    """Return the name of what a project lacks."""
    return {
        Missing.TITLE: _("the title"),
        Missing.PROBLEM: _("the problem"),
        Missing.SOLUTION: _("the solution"),
        Missing.MILESTONE: _("a dated milestone"),
    }[value]


def numbers(found: Iterable[int]) -> str:
    """Return the numbers of some projects as words: projects 2, 5 and 9."""
    listed = list(found)
    return ngettext(
        "project %(list)s", "projects %(list)s", len(listed), list=", ".join(str(n) for n in listed)
    )


def detail(value: Need, known: Facts) -> str | None:
    """Return how far a need is from being met, with its figures; None when the sentence says it all."""
    listed = {
        Need.PROJECTS_COMPLETE: known.incomplete_projects,
        Need.EVERY_PROJECT_HAS_RESPONSE: known.projects_without_response,
        Need.EVERY_PROJECT_DECIDED: known.projects_undecided,
        Need.AMENDMENTS_WRITTEN: known.amendments_unwritten,
    }.get(value)
    if listed is not None:
        return _("Missing: %(projects)s.", projects=numbers(listed)) if listed else None
    if value is Need.NOTHING_PENDING and known.pending:
        return ngettext("%(num)d contribution waits.", "%(num)d contributions wait.", known.pending)
    if value is Need.NO_OPEN_APPEAL and known.open_appeals:
        return ngettext("%(num)d appeal is open.", "%(num)d appeals are open.", known.open_appeals)
    if value is Need.EVERY_IDEA_HAS_FATE and known.ideas_without_fate:
        return ngettext(
            "%(num)d idea has none yet.", "%(num)d ideas have none yet.", known.ideas_without_fate
        )
    if value is Need.COVERAGE_COMPLETE and known.answerable:
        return _("%(done)s of %(all)s are answered.", done=known.answered, all=known.answerable)
    return _dated_detail(value, known)


def _dated_detail(value: Need, known: Facts) -> str | None:
    if value is Need.NOTICE_GIVEN:
        return _notice(known)
    if value is Need.OPENING_TIME_REACHED and known.opens_at is not None:
        return _("It opens by itself on %(day)s at midnight.", day=i18n.day(known.opens_at))
    if value is Need.CLOSING_TIME_REACHED and known.closes_at is not None:
        return _("It closes by itself at the end of %(day)s.", day=i18n.day(last_day(known.closes_at)))
    if value is Need.APPEAL_WINDOW_OVER and known.appeal_window_ends and known.now < known.appeal_window_ends:
        return _("The last one ends on %(moment)s.", moment=i18n.moment(known.appeal_window_ends))
    return None


def _notice(known: Facts) -> str | None:
    if known.announced_at is None or known.opens_at is None:
        return _("The dates are not public yet.")
    given = max(0, (_local(known.opens_at) - _local(known.announced_at)).days)
    return ngettext("%(num)d day of notice.", "%(num)d days of notice.", given)


def move(value: MoveName) -> str:
    """Return the name of a move, as a heading or a button says it."""
    return {
        MoveName.ANNOUNCE: _("Make the dates public"),
        MoveName.OPEN_CALL: _("Open the call for ideas"),
        MoveName.OPEN_REVIEW: _("Open the review of the draft"),
        MoveName.EXTEND: _("Extend the deadline"),
        MoveName.CLOSE_CALL: _("Close the call for ideas"),
        MoveName.CLOSE_REVIEW: _("Close the review of the draft"),
        MoveName.TRANSMIT: _("Send the plan to the council"),
        MoveName.ADOPT: _("Publish the adopted plan"),
        MoveName.RETURN: _("Take the plan back into preparation"),
        MoveName.START_EVALUATION: _("Begin the evaluation"),
        MoveName.CLOSE_PLAN: _("Close the plan"),
        MoveName.WITHDRAW: _("Withdraw the plan"),
    }[value]


# --- the timeline ------------------------------------------------------------------------------------


def event(value: TimelineEvent) -> str:
    """Return what happens on a line of the timeline."""
    kind = labels.consultation_kind(value.kind) if value.kind else ""
    if value.event is Event.VERSION and value.version_kind is not None:
        return _(
            "Version %(number)s of the plan is published (%(kind)s)",
            number=value.version,
            kind=labels.version_kind(value.version_kind),
        )
    if value.event is Event.DECIDED:
        if value.outcome == "returned":
            return _("The council returns the plan")
        return _("The council adopts the plan")
    words = {
        Event.ANNOUNCED: _("The dates are made public: %(kind)s", kind=kind),
        Event.OPENS: _("Opening: %(kind)s", kind=kind),
        Event.EXTENDED: _("The deadline is extended: %(kind)s", kind=kind),
        Event.CLOSES: _("Last day: %(kind)s", kind=kind),
        Event.RESPONSES_APPROVED: _("Last day to approve the answers"),
        Event.AGENDA_TO_GOVERNOR: _("The agenda of the session goes to the governor"),
        Event.DOSSIER_TO_COUNCILLORS: _("Councillors receive the dossier"),
        Event.SESSION: _("The council's session opens"),
        Event.DECISIONS_PUBLISHED: _("Last day to publish the council's decisions"),
        Event.WITHDRAWN: _("The plan is withdrawn"),
        Event.STARTS: _("First day of the plan"),
        Event.ENDS: _("Last day of the plan"),
    }
    return words[value.event]
