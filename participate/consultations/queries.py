"""Consultations as pages and other rooms read them, and the lock under which people act in one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation, Extension, Participant, Turnout
from participate.db import Words, clock, db, for_share
from participate.network.models import Collectivity, Neighbourhood
from participate.people.queries import Voice
from participate.plans.models import ActionPlan
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    Accepts,
    AgeBand,
    ConsultationKind,
    ConsultationState,
    Eligibility,
    Gender,
    Level,
    ModerationMode,
    ParticipantKind,
    ResultsMode,
)
from participate.rules.policy import Place
from participate.rules.tallies import Floored, floored

ENDED = (ConsultationState.CLOSED, ConsultationState.ARCHIVED)


class NoSuchConsultationError(Exception):
    """No consultation has this key here; holds the key."""


@dataclass(frozen=True)
class ConsultationView:
    """One consultation as everybody may read it. Moments are UTC; the window is half-open.

    `people` and `associations` are floored to ten while it runs and exact once it has ended.
    """

    collectivity_id: int
    id: int
    plan_id: int
    kind: ConsultationKind
    state: ConsultationState
    title: Words
    announced_at: datetime | None
    opens_at: datetime
    closes_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    notice_override: Words | None
    accepts: frozenset[Accepts]
    moderation: ModerationMode
    eligibility: Eligibility
    min_level: int
    results: ResultsMode
    priorities_max: int
    version_id: int | None
    people: Floored
    associations: Floored

    def is_open(self, now: datetime) -> bool:
        """Whether acts are accepted at `now`."""
        return self.state is ConsultationState.OPEN and self.opens_at <= now < self.closes_at

    @property
    def ended(self) -> bool:
        """Whether its closing was performed."""
        return self.state in ENDED

    @property
    def declares(self) -> bool:
        """Whether a first act comes with “I live, work or study here”."""
        return self.eligibility is Eligibility.DECLARES


@dataclass(frozen=True)
class ExtensionView:
    """A deadline that was moved later, and why."""

    old_closes_at: datetime
    new_closes_at: datetime
    reason: Words
    at: datetime


@dataclass(frozen=True)
class ParticipantView:
    """One voice in one consultation, as its own person sees it."""

    id: int
    kind: ParticipantKind
    association_id: int | None
    level: int
    declared: bool
    neighbourhood_id: int | None
    age_band: AgeBand
    gender: Gender
    facts_asked_at: datetime | None


@dataclass(frozen=True)
class Choice:
    """A neighbourhood somebody may name as theirs."""

    id: int
    name: Words


# --- reading one or several -------------------------------------------------------------------------


def view_of(row: Consultation, people: int, associations: int) -> ConsultationView:
    """Return the public side of a consultation, with its turnout floored while it runs."""
    ended = row.state in ENDED
    return ConsultationView(
        **{name: getattr(row, name) for name in _COPIED},
        accepts=frozenset(Accepts(one) for one in row.accepts),
        people=Floored(people) if ended else floored(people),
        associations=Floored(associations) if ended else floored(associations),
    )


_COPIED = (
    "collectivity_id", "id", "plan_id", "kind", "state", "title", "announced_at", "opens_at", "closes_at",
    "opened_at", "closed_at", "notice_override", "moderation", "eligibility", "min_level", "results",
    "priorities_max", "version_id",
)  # fmt: skip


def consultations_of(collectivity_id: int, plan_id: int) -> list[ConsultationView]:
    """Return every consultation of a plan, earliest first; those only planned are not public and left out."""
    rows = db.session.execute(
        with_turnout()
        .where(
            Consultation.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Consultation.state != ConsultationState.PLANNED,
        )
        .order_by(Consultation.opens_at, Consultation.id)
    )
    return [view_of(*row) for row in rows]


def consultation_of(collectivity_id: int, consultation_id: int) -> ConsultationView | None:
    """Return one consultation by its key."""
    row = db.session.execute(
        with_turnout().where(
            Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id
        )
    ).one_or_none()
    return view_of(*row) if row else None


def current_consultation(
    collectivity_id: int, plan_id: int, kind: ConsultationKind | None = None
) -> ConsultationView | None:
    """Return the consultation people mean today: the open one, else the announced one, else the last ended."""
    rows = consultations_of(collectivity_id, plan_id)
    found = _current([row for row in rows if kind is None or row.kind is kind])
    return found if isinstance(found, ConsultationView) else None


def _current(rows: list[Any]) -> Any:
    """Pick from rows with `state` and `opens_at`."""

    def rank(row: Any) -> tuple[int, float]:
        if row.state is ConsultationState.OPEN:
            return 0, 0
        if row.state is ConsultationState.ANNOUNCED:
            return 1, row.opens_at.timestamp()
        if row.state is ConsultationState.CLOSED:
            return 2, -row.opens_at.timestamp()
        return 3, -row.opens_at.timestamp()

    return min(rows, key=rank, default=None)


def with_turnout(*more: Any) -> Any:
    """Return a SELECT of consultations with their turnout, which is what `view_of` takes, and `more`."""
    return (
        sa.select(
            Consultation,
            sa.func.coalesce(Turnout.people, 0),
            sa.func.coalesce(Turnout.associations, 0),
            *more,
        )
        .select_from(Consultation)
        .outerjoin(
            Turnout,
            (Turnout.collectivity_id == Consultation.collectivity_id)
            & (Turnout.consultation_id == Consultation.id),
        )
    )


def extensions_of(collectivity_id: int, consultation_id: int) -> list[ExtensionView]:
    """Return how often the deadline was moved, in order."""
    rows = db.session.scalars(
        sa.select(Extension)
        .where(Extension.collectivity_id == collectivity_id, Extension.consultation_id == consultation_id)
        .order_by(Extension.at, Extension.id)
    )
    return [ExtensionView(row.old_closes_at, row.new_closes_at, row.reason, row.at) for row in rows]


def is_open(consultation: Consultation, now: datetime) -> bool:
    """Whether acts are accepted: the state is open and the window contains `now`."""
    return (
        consultation.state is ConsultationState.OPEN and consultation.opens_at <= now < consultation.closes_at
    )


# --- places ---------------------------------------------------------------------------------------


def facts_for_place(consultation: Any, now: datetime) -> dict[str, Any]:
    """Return what `Place` holds of a consultation: of its row, its view, or a row of its columns."""
    return {
        "consultation_id": consultation.id,
        "consultation_state": consultation.state,
        "window_open": consultation.opens_at <= now < consultation.closes_at,
        "accepts": frozenset(Accepts(one) for one in consultation.accepts),
        "min_level": level_asked(consultation.eligibility, consultation.min_level),
    }


def level_asked(eligibility: Eligibility, min_level: int) -> int:
    """Return the lowest level that may act: “seen at the desk” asks for that level at least."""
    return max(min_level, Level.DESK) if eligibility is Eligibility.SEEN_AT_DESK else min_level


def consultation_place(
    slug: str,
    cycle: str,
    kind: ConsultationKind | None = None,
    *,
    now: datetime | None = None,
    **_rest: object,
) -> Place:
    """Return the place of a plan's current consultation (of one kind, if given). Raises NotFound.

    A plan without a public consultation is a place without one: nothing can be added there. `ids`
    holds "plan" and, when there is one, "consultation".
    """
    rows = db.session.execute(
        sa.select(
            ActionPlan.collectivity_id,
            ActionPlan.id.label("plan_id"),
            ActionPlan.stage,
            ActionPlan.public_since,
            Consultation.id,
            Consultation.kind,
            Consultation.state,
            Consultation.opens_at,
            Consultation.closes_at,
            Consultation.accepts,
            Consultation.min_level,
            Consultation.eligibility,
        )
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .outerjoin(
            Consultation,
            (Consultation.collectivity_id == ActionPlan.collectivity_id)
            & (Consultation.plan_id == ActionPlan.id)
            & (Consultation.state != ConsultationState.PLANNED),
        )
        .where(Collectivity.slug == slug, ActionPlan.cycle == cycle)
    ).all()
    if not rows:
        raise NotFound
    place = Place(
        collectivity_id=rows[0].collectivity_id,
        plan_id=rows[0].plan_id,
        stage=rows[0].stage,
        public=rows[0].public_since is not None,
        ids={"plan": rows[0].plan_id},
        slug=slug,
        cycle=cycle,
    )
    found = _current([row for row in rows if row.id is not None and kind in (None, row.kind)])
    if found is None:
        return place
    return replace(
        place,
        **facts_for_place(found, now or clock()),
        ids={**place.ids, "consultation": found.id},
    )


def with_consultation(
    place: Place, kind: ConsultationKind | None = None, *, now: datetime | None = None
) -> Place:
    """Return a plan's or project's place with the facts of the plan's current consultation added."""
    if place.collectivity_id is None or place.plan_id is None:
        return place
    found = current_consultation(place.collectivity_id, place.plan_id, kind)
    if found is None:
        return place
    return replace(
        place, **facts_for_place(found, now or clock()), ids={**place.ids, "consultation": found.id}
    )


def place_of(consultation: Consultation, stage: Stage | None = None, *, now: datetime | None = None) -> Place:
    """Return the place of a consultation at hand."""
    return Place(
        collectivity_id=consultation.collectivity_id,
        plan_id=consultation.plan_id,
        stage=stage,
        ids={"plan": consultation.plan_id, "consultation": consultation.id},
        **facts_for_place(consultation, now or clock()),
    )


# --- under the lock ---------------------------------------------------------------------------------


def lock_for_act(collectivity_id: int, consultation_id: int) -> Consultation:
    """Return the consultation, held FOR SHARE until commit: its closing waits for us, or we for it.

    Read the clock afterwards. Raises NoSuchConsultationError.
    """
    row = db.session.scalar(
        for_share(
            sa.select(Consultation).where(
                Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id
            )
        ).execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchConsultationError(consultation_id)
    return row


@dataclass(frozen=True)
class Entered:
    """A consultation held FOR SHARE, the code of its collectivity, and the voice's row if it has one."""

    consultation: Consultation
    code: str
    participant: Participant | None


def lock_for_voice(
    collectivity_id: int, consultation_id: int, person_id: int | None, voice: Voice
) -> Entered:
    """Do what `lock_for_act` does and find the voice's participant in the same statement.

    After a wait PostgreSQL reads the locked row again but not the joined one: a participant made
    meanwhile is missed here, and found by the INSERT … ON CONFLICT of `participant_for`.
    """
    row = db.session.execute(
        sa.select(Consultation, Collectivity.code, Participant)
        .join(Collectivity, Collectivity.id == Consultation.collectivity_id)
        .outerjoin(
            Participant,
            (Participant.collectivity_id == Consultation.collectivity_id)
            & (Participant.consultation_id == Consultation.id)
            & whose(voice, person_id),
        )
        .where(Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id)
        .with_for_update(read=True, of=Consultation)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NoSuchConsultationError(consultation_id)
    consultation, code, participant = row
    return Entered(consultation, str(code), participant)


# --- voices -----------------------------------------------------------------------------------------


def whose(voice: Voice, person_id: int | None) -> Any:
    """Return the condition that picks a voice's participants: the person's own, or an association's."""
    if voice.association_id is not None:
        return Participant.association_id == voice.association_id
    return Participant.person_id == person_id


def participant_of(
    collectivity_id: int, consultation_id: int, person_id: int | None, voice: Voice | None = None
) -> ParticipantView | None:
    """Return a person's participant in a consultation, or an association's; None before its first act."""
    if voice is None and person_id is None:
        return None
    who = whose(voice, person_id) if voice else Participant.person_id == person_id
    row = db.session.scalar(
        sa.select(Participant).where(
            Participant.collectivity_id == collectivity_id,
            Participant.consultation_id == consultation_id,
            who,
        )
    )
    if row is None:
        return None
    return ParticipantView(
        row.id,
        row.kind,
        row.association_id,
        row.level,
        row.declared,
        row.neighbourhood_id,
        row.age_band,
        row.gender,
        row.facts_asked_at,
    )


def needs_declaration(collectivity_id: int, consultation_id: int, person_id: int | None) -> bool:
    """Whether this person's next act must come with “I live, work or study here”; asked once.

    One statement. Signed-out readers are asked too: their first act carries the answer.
    """
    row = db.session.execute(
        sa.select(Consultation.eligibility, Participant.declared)
        .outerjoin(
            Participant,
            (Participant.collectivity_id == Consultation.collectivity_id)
            & (Participant.consultation_id == Consultation.id)
            # For a signed-out reader "= NULL" would become IS NULL, and match every association's voice.
            & Participant.person_id.is_not(None)
            & (Participant.person_id == person_id),
        )
        .where(Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id)
    ).one_or_none()
    return row is not None and row.eligibility is Eligibility.DECLARES and not row.declared


def neighbourhoods_of(collectivity_id: int) -> list[Choice]:
    """Return the neighbourhoods one may name."""
    rows = db.session.execute(
        sa.select(Neighbourhood.id, Neighbourhood.name)
        .where(Neighbourhood.collectivity_id == collectivity_id)
        .order_by(Neighbourhood.slug)
    )
    return [Choice(*row) for row in rows]
