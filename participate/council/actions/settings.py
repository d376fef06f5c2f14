"""The settings of a council, and the agenda that goes to the governor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from participate.council import queries
from participate.council.actions.sessions import NoSuchSessionError, NotYetHeldError
from participate.council.actions.standing import keys
from participate.council.models import CouncilSession, CouncilSetting
from participate.db import clock, db, for_update
from participate.journal import actions as journal
from participate.rules.council import MajorityRule
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.session_calendar import CALLS, DELAYS, SOURCES, CouncilRules
from participate.rules.windows import Delays, back_planning, casablanca_date


class UnknownSettingError(Exception):
    """A setting that the rules do not know."""


class SourceMissingError(Exception):
    """A setting was changed or called verified without saying where it comes from; holds its name."""


class CallsOutOfOrderError(Exception):
    """The second call would end before it begins."""


def set_rules(
    actor: Actor,
    place: Place,
    values: Mapping[str, int],
    majority: MajorityRule,
    sources: Mapping[str, str],
    verified: frozenset[str],
) -> CouncilRules:
    """Change the delays and rules of a council, each with its source.

    Raises DelaysOutOfOrderError (two steps would cross), SourceMissingError, CallsOutOfOrderError.
    """
    require(actor, Act.COUNCIL_SET, place)
    assert place.collectivity_id is not None
    assert actor.person_id is not None, "the policy asks for the secretary or an administrator"
    if set(values) != {*DELAYS, *CALLS} or not verified <= set(SOURCES):
        raise UnknownSettingError(sorted(values))
    for name in SOURCES:
        if not sources.get(name, "").strip():
            raise SourceMissingError(name)
    if not 1 <= values["second_from"] <= values["second_to"] or values["third_after"] < 0:
        raise CallsOutOfOrderError(values["second_from"], values["second_to"])
    delays = Delays(**{name: values[name] for name in DELAYS})
    now = clock()
    back_planning(casablanca_date(now), delays)
    before = queries.rules_of(place.collectivity_id)
    row = db.session.scalar(
        for_update(sa.select(CouncilSetting).where(CouncilSetting.collectivity_id == place.collectivity_id))
    )
    if row is None:
        row = CouncilSetting(collectivity_id=place.collectivity_id)
        db.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.majority, row.sources, row.verified = majority.value, dict(sources), sorted(verified)
    row.updated_by, row.updated_at = actor.person_id, now
    db.session.flush()
    after = queries.rules_of(place.collectivity_id)
    journal.record(
        actor.person_id,
        "council:set",
        journal.of_collectivity(place.collectivity_id),
        f"council:{place.collectivity_id}",
        public={"changed": _changed(before, after)},
    )
    return after


def _changed(before: CouncilRules, after: CouncilRules) -> dict[str, list[str]]:
    """Return each setting that is another one now: its value, its source, whether it is verified."""
    found = {}
    for name in SOURCES:
        told = [_told(one, name) for one in (before, after)]
        if told[0] != told[1]:
            found[name] = told
    return found


def _told(rules: CouncilRules, name: str) -> str:
    value: object = rules.majority.value
    if name in DELAYS:
        value = getattr(rules.delays, name)
    elif name in CALLS:
        value = getattr(rules.quorum, name)
    return f"{value} | {rules.source(name)} | {'verified' if name in rules.verified else 'not verified'}"


def send_agenda(actor: Actor, place: Place, session_id: int, sent_on: date) -> CouncilSession:
    """Record the day on which the agenda of the session went to the governor; a slip is written over.

    Raises NoSuchSessionError, NotYetHeldError for a day to come.
    """
    require(actor, Act.SESSION_RECORD, place)
    here, plan_id = keys(place)
    row = db.session.scalar(
        for_update(
            sa.select(CouncilSession).where(
                CouncilSession.collectivity_id == here,
                CouncilSession.plan_id == plan_id,
                CouncilSession.id == session_id,
            )
        ).execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchSessionError(session_id)
    if sent_on > casablanca_date(clock()):
        raise NotYetHeldError(sent_on)
    row.agenda_sent_on = sent_on
    db.session.flush()
    journal.record(
        actor.person_id,
        "agenda:sent",
        journal.of_plan(here, plan_id),
        f"session:{row.id}",
        public={"sent_on": sent_on},
    )
    return row
