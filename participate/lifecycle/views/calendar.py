"""The calendar of a plan and its back-planning."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _

from participate.council import queries as council
from participate.council.views.calendar import step_words as back_step
from participate.lifecycle import actions, queries, words
from participate.lifecycle.queries import ConsultationRow
from participate.lifecycle.views.around import desk_page, plan_key
from participate.lifecycle.views.blueprint import desk, here, keys
from participate.plans.queries import plan_place
from participate.rules import windows
from participate.rules.lifecycle import MoveName, Stage
from participate.rules.outcomes import ConsultationState
from participate.rules.policy import Act, Place
from participate.web.access import allowed, guard, now

PLAN_MOVES: tuple[tuple[Stage, MoveName, Act, str], ...] = (
    (Stage.SYNTHESIS, MoveName.TRANSMIT, Act.PLAN_TRANSMIT, "lifecycle_desk.transmit"),
    (Stage.COUNCIL, MoveName.ADOPT, Act.PLAN_ADOPT, "lifecycle_desk.adopt"),
    (Stage.COUNCIL, MoveName.RETURN, Act.PLAN_RETURN, "lifecycle_desk.return_to_preparation"),
    (Stage.IMPLEMENTATION, MoveName.START_EVALUATION, Act.EVALUATION_START, "lifecycle_desk.evaluation"),
    (Stage.EVALUATION, MoveName.CLOSE_PLAN, Act.PLAN_CLOSE, "lifecycle_desk.close_plan"),
)
"""Which moves of the whole plan the calendar offers at each stage."""


def consultation_acts(row: ConsultationRow, place: Place) -> list[tuple[str, str]]:
    """Return what can be done with a consultation now: words and address, the main act first."""
    found: list[tuple[Act, str, str]] = []
    if row.state is ConsultationState.PLANNED:
        found = [
            (Act.CONSULTATION_ANNOUNCE, words.move(MoveName.ANNOUNCE), "announce"),
            (Act.CONSULTATION_PLAN, _("Change the dates"), "dates"),
        ]
    if row.state is ConsultationState.ANNOUNCED:
        found = [
            (Act.CONSULTATION_OPEN, words.move(actions.OPENINGS[row.kind]), "open_now"),
            (Act.CONSULTATION_PLAN, _("Change the dates"), "dates"),
        ]
    if row.state is ConsultationState.OPEN:
        found = [
            (Act.CONSULTATION_EXTEND, words.move(MoveName.EXTEND), "extend"),
            (Act.CONSULTATION_CLOSE, words.move(actions.CLOSINGS[row.kind]), "close_now"),
        ]
    return [
        (label, here(f"lifecycle_desk.{endpoint}", place, consultation_id=row.id))
        for act, label, endpoint in found
        if allowed(act, place)
    ]


@desk.get("")
@guard(Act.PLAN_READ_WORKING, plan_place)
def calendar(place: Place) -> Any:
    """Show the consultations of a plan, the moves that come next, and the back-planning."""
    key = plan_key(place)
    rows = queries.consultations_of(*keys(place))
    announced = queries.session_day(key)
    session = announced or _asked_day()
    moves = [
        {"label": words.move(name), "url": here(endpoint, place)}
        for stage, name, act, endpoint in PLAN_MOVES
        if stage is place.stage and allowed(act, place)
    ]
    return desk_page(
        "lifecycle/calendar.html",
        place,
        consultations=[(row, consultation_acts(row, place)) for row in rows],
        moves=moves,
        may_plan=allowed(Act.CONSULTATION_PLAN, place),
        may_withdraw=allowed(Act.PLAN_WITHDRAW, place),
        session=session,
        session_announced=announced is not None,
        back_planning=[
            (back_step(one.step), one.at_latest)
            for one in windows.back_planning(session, council.rules_of(keys(place)[0]).delays)
        ]
        if session
        else [],
        today=windows.casablanca_date(now()),
    )


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("session", ""))
    except ValueError:
        return None
