"""The session and the decision, for everybody."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from participate.council import actions, queries
from participate.council.views.around import call_words, decision_of, kind_words
from participate.council.views.blueprint import bp, keys
from participate.council.views.calendar import PUBLIC, step_words
from participate.council.views.control import control_words
from participate.plans.queries import caused_changes, plan_head, plan_place
from participate.plans.views import cause_sentence, field_words
from participate.rules.outcomes import ProjectDecision
from participate.rules.policy import Act, Place
from participate.rules.windows import back_planning, casablanca_date
from participate.web import i18n, labels, pages
from participate.web.access import allowed, guard, now


@bp.get("/council/")
@guard(Act.PUBLIC_READ, plan_place)
def show(place: Place) -> Any:
    """Show what the council decides and when; afterwards each decision beside what people said."""
    session = queries.session_of(*keys(place))
    decision = decision_of(session, queries.votes_of(*keys(place)))
    # A decision is public once the plan has followed it: until then the secretary may correct it.
    public = decision if decision is not None and decision.performed else None
    today = casablanca_date(now())
    control = queries.control_of(keys(place)[0], public.id) if public is not None else None
    summary = _summary(public, session)
    adopted = public is not None and public.outcome == actions.ADOPTED
    title = plan_head(*keys(place)).title
    return pages.page(
        "council/show.html",
        share=pages.share_of(place, title, summary or _("The council decides")),
        control=control,
        control_words=control_words(control) if public is not None else None,
        changes=cause_sentence(caused_changes(*keys(place)).count) if adopted else None,
        outcomes=_outcomes(public),
        place=place,
        session=session,
        decision=public,
        rows=_rows(place, public),
        before=session is None or session.opens_on > today,
        calendar=_calendar(session) if session and public is None else [],
        today=today,
        summary=summary,
        labels=labels,
        words={"call": call_words, "kind": kind_words},
        may_record=allowed(Act.SESSION_RECORD, place),
        results=pages.home_of("results", slug=place.slug, cycle=place.cycle),
    )


def _outcomes(decision: queries.DecisionView | None) -> list[tuple[str, int, None]]:
    """Return how many projects the council adopted, amended, postponed and did not adopt."""
    votes = decision.votes if decision is not None else ()
    counted = [(one, sum(vote.decision is one for vote in votes)) for one in ProjectDecision]
    return [(labels.project_decision(one), number, None) for one, number in counted if number]


def _rows(place: Place, decision: queries.DecisionView | None) -> list[dict[str, Any]]:
    """Return each project with what people said of it and, once decided, how the council voted."""
    votes = {vote.project_id: vote for vote in decision.votes} if decision else {}
    said = queries.positions_of(*keys(place))
    rewritten = queries.amendments_shown(*keys(place)) if decision else {}
    found = []
    for one in queries.before_the_council(*keys(place)):
        vote = votes.get(one.project_id)
        reading = said.get(one.number)
        found.append(
            {
                "number": one.number,
                "title": one.title,
                "budget": one.budget_mad,
                "url": pages.home_of(
                    "project_results", slug=place.slug, cycle=place.cycle, number=one.number
                ),
                "vote": vote,
                "changed": [field_words(one) for one in rewritten.get(one.number, ())]
                if vote and vote.decision is ProjectDecision.ADOPTED_AMENDED
                else [],
                "tally": reading.tally if reading else None,
                "against": queries.against_the_voices(vote.decision, reading.tally if reading else None)
                if vote
                else None,
            }
        )
    return found


def _calendar(session: queries.SessionView) -> list[dict[str, Any]]:
    """Return the days around a session to come, counted back from it."""
    today = casablanca_date(now())
    return [
        {
            "date": one.at_latest,
            "title": step_words(one.step),
            "state": "done" if one.at_latest < today else "now" if one.at_latest == today else "todo",
        }
        for one in back_planning(session.opens_on, session.rules.delays)
        if one.step in PUBLIC
    ]


def _summary(decision: queries.DecisionView | None, session: queries.SessionView | None) -> str | None:
    """Return the decision in plain sentences, with its numbers."""
    if decision is None or session is None:
        return None
    sitting = next(one for one in session.sittings if one.id == decision.sitting_id)
    came = ngettext(
        "On %(day)s %(num)d of %(in_office)s members in office was present.",
        "On %(day)s %(num)d of %(in_office)s members in office were present.",
        sitting.present,
        day=i18n.day(sitting.held_at),
        in_office=i18n.number(sitting.in_office),
    )
    if decision.outcome == actions.RETURNED:
        did = _(
            "The council returned the plan to be prepared again (decision %(ref)s).", ref=decision.reference
        )
    else:
        did = ngettext(
            "The council adopted %(num)d project out of %(all)s (decision %(ref)s).",
            "The council adopted %(num)d projects out of %(all)s (decision %(ref)s).",
            decision.adopted,
            all=i18n.number(len(decision.votes)),
            ref=decision.reference,
        )
    return f"{came} {did}"
