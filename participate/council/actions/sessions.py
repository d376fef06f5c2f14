"""The secretary's acts: announce the session, record each sitting, record what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.council import queries
from participate.council.actions.standing import before_the_council, keys, written
from participate.council.models import CouncilSession, Deliberation, ProjectVote, Sitting
from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.plans import actions as plans
from participate.plans.models import ActionPlan, Project
from participate.rules.council import (
    Call,
    CouncilError,
    MajorityRule,
    MeetingDays,
    Quorum,
    SessionKind,
    VoteCount,
    majority,
    quorum,
    require_consistent,
    require_session,
)
from participate.rules.outcomes import ProjectDecision
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.text import is_blank
from participate.rules.windows import casablanca_date
from participate.synthesis.shapes import TallyView

ADOPTED = "adopted"
RETURNED = "returned"


class SessionExistsError(Exception):
    """A session of the plan on this day is already announced; holds the day."""


class NoSuchSessionError(Exception):
    """No session of this plan has this key."""


class InThePastError(Exception):
    """A session is announced before it opens; holds the day."""


class NotYetHeldError(Exception):
    """A sitting or a decision of a day to come; holds the day."""


class CallOutOfOrderError(Exception):
    """A sitting that follows no failed one; holds the call that would be next, None when there is none."""

    def __init__(self, expected: Call | None) -> None:
        super().__init__(expected)
        self.expected = expected


class WrongDayError(Exception):
    """A sitting outside the days of its call; holds them."""

    def __init__(self, days: MeetingDays) -> None:
        super().__init__(days)
        self.days = days


class CountsError(Exception):
    """Present and excused are more than the members in office; holds all three."""


class VotesMissingError(Exception):
    """The plan is adopted project by project; holds the numbers without a decision."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


class UnknownProjectError(Exception):
    """A vote on a project that is not before the council, or a second one on the same; holds its key."""


class NoReasonGivenError(Exception):
    """Returned without a reason, or without a reference."""


class AlreadyFollowedError(Exception):
    """The plan has already followed this decision: it is final."""


class NotAmendedError(Exception):
    """The council did not adopt this project with an amendment, or the plan has already followed it."""


class NothingAmendedError(Exception):
    """The text given is the one the council received: nothing was rewritten."""


class ProjectVoteError(Exception):
    """A decision on one project that cannot be recorded; holds its number and why.

    `cause`: the council's arithmetic forbids it. `contradicts`: "support" or "opposition", when it
    goes against a clear view of those who took part and says no reason.
    """

    def __init__(
        self,
        number: int,
        cause: CouncilError | None = None,
        *,
        amendment_missing: bool = False,
        contradicts: str | None = None,
    ) -> None:
        super().__init__(number, cause, amendment_missing, contradicts)
        self.number = number
        self.cause = cause
        self.amendment_missing = amendment_missing
        self.contradicts = contradicts


@dataclass(frozen=True)
class VoteRow:
    """The decision on one project. Counts are members; `reason` and `amendment` are public."""

    project_id: int
    decision: ProjectDecision
    in_favour: int
    against: int
    abstain: int
    reason: Words | None = None
    amendment: Words | None = None


def announce_session(
    actor: Actor, place: Place, kind: str, opens_on: date, agenda_item: Words | None = None
) -> CouncilSession:
    """Announce a session that has the plan on its agenda.

    Raises SessionOutsideCalendarError (an ordinary session opens in February, May or October),
    InThePastError, SessionExistsError.
    """
    require(actor, Act.SESSION_RECORD, place)
    here, plan_id = keys(place)
    now = clock()
    require_session(SessionKind(kind), opens_on)
    if opens_on < casablanca_date(now):
        raise InThePastError(opens_on)
    try:
        with db.session.begin_nested():
            row = add(
                CouncilSession(
                    collectivity_id=here,
                    id=new_id(),
                    plan_id=plan_id,
                    kind=SessionKind(kind).value,
                    opens_on=opens_on,
                    agenda_item=written(agenda_item),
                    announced_at=now,
                )
            )
    except IntegrityError:
        raise SessionExistsError(opens_on) from None
    journal.record(
        actor.person_id,
        "session:announced",
        journal.of_plan(here, plan_id),
        f"session:{row.id}",
        public={"opens_on": opens_on, "kind": row.kind},
    )
    return row


def record_sitting(
    actor: Actor,
    place: Place,
    session_id: int,
    call: int | Call,
    held_at: datetime,
    in_office: int,
    present: int,
    excused: int,
) -> Sitting:
    """Record who came to a sitting and whether it could decide; a failed one is kept.

    The rest of the members in office were absent. Raises CountsError, PresentExceedInOfficeError,
    CallOutOfOrderError, WrongDayError, NotYetHeldError, NoSuchSessionError.
    """
    require(actor, Act.SESSION_RECORD, place)
    plan = before_the_council(place)
    now = clock()
    session = queries.session_of(plan.collectivity_id, plan.id)
    if session is None or session.id != session_id:
        raise NoSuchSessionError(session_id)
    seen = quorum(Call(call), in_office, present)
    if in_office < 1 or excused < 0 or present + excused > in_office:
        raise CountsError(in_office, present, excused)
    if Call(call) is not session.next_call:
        raise CallOutOfOrderError(session.next_call)
    _require_day(session, casablanca_date(held_at), casablanca_date(now))
    try:
        with db.session.begin_nested():
            row = add(
                Sitting(
                    collectivity_id=plan.collectivity_id,
                    id=new_id(),
                    session_id=session_id,
                    call=int(call),
                    held_at=held_at,
                    in_office=in_office,
                    present=present,
                    excused=excused,
                    absent=in_office - present - excused,
                    quorum=seen.reached,
                    recorded_by=actor.person_id,
                    recorded_at=now,
                )
            )
    except IntegrityError:
        raise CallOutOfOrderError(None) from None
    journal.record(
        actor.person_id,
        "sitting:recorded",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"sitting:{row.id}",
        public={
            "call": row.call,
            "in_office": in_office,
            "present": present,
            "excused": excused,
            "absent": row.absent,
            "quorum": row.quorum,
        },
    )
    return row


def _require_day(session: queries.SessionView, day: date, today: date) -> None:
    days = session.next_days
    if days is not None and not days.contains(day):
        raise WrongDayError(days)
    if day > today:
        raise NotYetHeldError(day)


def record_deliberation(
    actor: Actor,
    place: Place,
    sitting_id: int,
    reference: str,
    decided_on: date,
    outcome: str,
    votes: Sequence[VoteRow],
    reason: Words | None = None,
) -> Deliberation:
    """Record what a sitting decided: project by project, or the whole plan returned with its reason.

    Until the plan has followed it, recording again replaces it. Raises NoQuorumError,
    VotesMissingError, ProjectVoteError, NoReasonGivenError, NotYetHeldError, AlreadyFollowedError.
    """
    require(actor, Act.SESSION_RECORD, place)
    plan = before_the_council(place)
    now = clock()
    sitting, seen = _sitting(plan, sitting_id)
    if outcome not in {ADOPTED, RETURNED} or is_blank(reference):
        raise NoReasonGivenError
    if decided_on > casablanca_date(now):
        raise NotYetHeldError(decided_on)
    seen.require()
    reason = written(reason)
    if outcome == RETURNED and reason is None:
        raise NoReasonGivenError
    listed = list(votes) if outcome == ADOPTED else []
    numbers = _require_votes(plan, seen, listed) if outcome == ADOPTED else {}
    row = _deliberation(plan, sitting_id)
    row.reference, row.decided_on, row.outcome = reference.strip(), decided_on, outcome
    row.reason, row.recorded_at = reason, now
    assert actor.person_id is not None, "the policy asks for the secretary"
    row.recorded_by = actor.person_id
    add(row)
    _replace_votes(row, sitting, listed)
    journal.record(
        actor.person_id,
        "deliberation:recorded",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"deliberation:{row.id}",
        public={
            "reference": row.reference,
            "decided_on": decided_on,
            "outcome": outcome,
            "votes": [
                [numbers[v.project_id], v.decision.value, v.in_favour, v.against, v.abstain] for v in listed
            ],
        },
    )
    return row


def _sitting(plan: ActionPlan, sitting_id: int) -> tuple[Sitting, Quorum]:
    found = db.session.scalar(
        sa.select(Sitting)
        .join(
            CouncilSession,
            (CouncilSession.collectivity_id == Sitting.collectivity_id)
            & (CouncilSession.id == Sitting.session_id),
        )
        .where(
            Sitting.collectivity_id == plan.collectivity_id,
            Sitting.id == sitting_id,
            CouncilSession.plan_id == plan.id,
        )
    )
    if found is None:
        raise NoSuchSessionError(sitting_id)
    return found, quorum(Call(found.call), found.in_office, found.present)


def _deliberation(plan: ActionPlan, sitting_id: int) -> Deliberation:
    """Return the sitting's decision, to be written: a new one, or the one not yet followed."""
    found = db.session.scalar(
        for_update(
            sa.select(Deliberation).where(
                Deliberation.collectivity_id == plan.collectivity_id, Deliberation.sitting_id == sitting_id
            )
        )
    )
    if found is None:
        return Deliberation(
            collectivity_id=plan.collectivity_id, id=new_id(), sitting_id=sitting_id, plan_id=plan.id
        )
    if found.performed_at is not None:
        raise AlreadyFollowedError
    return found


def _replace_votes(row: Deliberation, sitting: Sitting, votes: Iterable[VoteRow]) -> None:
    kept = {
        one.project_id: one.amended_text
        for one in db.session.scalars(
            sa.select(ProjectVote).where(
                ProjectVote.collectivity_id == row.collectivity_id, ProjectVote.deliberation_id == row.id
            )
        )
    }
    db.session.execute(
        sa.delete(ProjectVote).where(
            ProjectVote.collectivity_id == row.collectivity_id, ProjectVote.deliberation_id == row.id
        )
    )
    for vote in votes:
        amended = vote.decision is ProjectDecision.ADOPTED_AMENDED
        # A correction of the counts does not undo the text written for an amendment that stands.
        rewritten = kept.get(vote.project_id) if amended else None
        add(
            ProjectVote(
                collectivity_id=row.collectivity_id,
                deliberation_id=row.id,
                project_id=vote.project_id,
                decision=vote.decision,
                present=sitting.present,
                in_favour=vote.in_favour,
                against=vote.against,
                abstain=vote.abstain,
                reason=written(vote.reason),
                amendment=written(vote.amendment) if amended else None,
                amended_text=rewritten,
            )
        )


def write_amendment(actor: Actor, place: Place, project_id: int, texts: Mapping[str, Any]) -> ProjectVote:
    """Write what the council made of a project it adopted with an amendment; written again, it is replaced.

    `texts` are fields of a project (`queries.AMENDABLE`, in the shape of `plans.actions.ProjectTexts`); those
    that are as the council received them are left out. Raises NotAmendedError, NothingAmendedError.
    """
    require(actor, Act.SESSION_RECORD, place)
    plan = before_the_council(place)
    row = db.session.scalar(
        for_update(
            sa.select(ProjectVote)
            .join(
                Deliberation,
                (Deliberation.collectivity_id == ProjectVote.collectivity_id)
                & (Deliberation.id == ProjectVote.deliberation_id),
            )
            .where(
                ProjectVote.collectivity_id == plan.collectivity_id,
                ProjectVote.project_id == project_id,
                ProjectVote.decision == ProjectDecision.ADOPTED_AMENDED,
                Deliberation.plan_id == plan.id,
                Deliberation.performed_at.is_(None),
            )
        )
    )
    if row is None:
        raise NotAmendedError(project_id)
    project = db.session.get_one(Project, (plan.collectivity_id, project_id))
    changed = plans.changes_to(project, {name: texts[name] for name in queries.AMENDABLE if name in texts})
    if not changed:
        raise NothingAmendedError(project_id)
    row.amended_text = changed
    db.session.flush()
    journal.record(
        actor.person_id,
        "amendment:written",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"project:{project_id}",
        public={"number": project.number, "fields": sorted(changed)},
    )
    return row


def _require_votes(plan: ActionPlan, sitting: Quorum, votes: Sequence[VoteRow]) -> dict[int, int]:
    """Check that every project has one decision that can stand; return their numbers by key."""
    on_the_table = queries.before_the_council(plan.collectivity_id, plan.id)
    numbers = {one.project_id: one.number for one in on_the_table}
    seen: set[int] = set()
    for vote in votes:
        if vote.project_id not in numbers or vote.project_id in seen:
            raise UnknownProjectError(vote.project_id)
        seen.add(vote.project_id)
    lacking = queries.missing(on_the_table, (vote.project_id for vote in votes))
    if lacking:
        raise VotesMissingError(lacking)
    said = queries.positions_of(plan.collectivity_id, plan.id)
    rule = queries.rules_of(plan.collectivity_id).majority
    for vote in votes:
        number = numbers[vote.project_id]
        reading = said.get(number)
        _require_vote(number, vote, sitting, rule, reading.tally if reading else None)
    return numbers


def _require_vote(
    number: int, vote: VoteRow, sitting: Quorum, rule: MajorityRule, tally: TallyView | None
) -> None:
    reason = written(vote.reason)
    try:
        count = VoteCount(vote.in_favour, vote.against, vote.abstain, sitting.present, sitting.in_office)
        require_consistent(
            vote.decision, majority(rule, count), sitting, next(iter((reason or {}).values()), "")
        )
    except CouncilError as error:
        raise ProjectVoteError(number, cause=error) from error
    if vote.decision is ProjectDecision.ADOPTED_AMENDED and written(vote.amendment) is None:
        raise ProjectVoteError(number, amendment_missing=True)
    against = queries.against_the_voices(vote.decision, tally)
    if against is not None and reason is None:
        raise ProjectVoteError(number, contradicts=against)
