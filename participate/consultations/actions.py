"""Planning a consultation, and finding or making the voices that take part in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from participate.consultations.models import Consultation, Participant, Turnout
from participate.consultations.queries import whose
from participate.db import Words, add, clock, db, for_share, new_id
from participate.journal import actions as journal
from participate.journal import keys
from participate.network.models import Neighbourhood
from participate.people.models import Association, Mandate, Person
from participate.people.queries import Voice
from participate.plans.models import ActionPlan
from participate.rules.outcomes import (
    DEFAULT_ACCEPTS_CALL_FOR_IDEAS,
    DEFAULT_ACCEPTS_DRAFT_REVIEW,
    Accepts,
    AgeBand,
    Channel,
    ConsultationKind,
    ConsultationState,
    Eligibility,
    Gender,
    ModerationMode,
    ParticipantKind,
    ResultsMode,
)
from participate.rules.policy import Act, Actor, Place, RefusedError, require

_DEFAULT_ACCEPTS = {
    ConsultationKind.CALL_FOR_IDEAS: DEFAULT_ACCEPTS_CALL_FOR_IDEAS,
    ConsultationKind.DRAFT_REVIEW: DEFAULT_ACCEPTS_DRAFT_REVIEW,
}


class NoSuchPlanError(Exception):
    """No plan has this key here; holds the key."""


class WindowError(Exception):
    """A consultation that would end before it begins; holds both moments."""


class NotYourVoiceError(Exception):
    """Somebody spoke for an association that is not verified, or whose mandate they do not hold."""


class NotDeclaredError(Exception):
    """A first act without “I live, work or study here” where the consultation asks for it."""


class FactsFrozenError(Exception):
    """The optional facts were asked once already, or the consultation has ended."""


# --- planning -------------------------------------------------------------------------------------


def plan_consultation(
    actor: Actor,
    collectivity_id: int,
    plan_id: int,
    kind: ConsultationKind,
    title: Words,
    opens_at: datetime,
    closes_at: datetime,
    *,
    accepts: Collection[Accepts] | None = None,
    moderation: ModerationMode = ModerationMode.PRE_FIRST_THREE,
    eligibility: Eligibility = Eligibility.DECLARES,
    min_level: int = 1,
    results: ResultsMode = ResultsMode.AFTER_CLOSE,
    priorities_max: int = 3,
) -> Consultation:
    """Plan a consultation: its half-open window and its rules. It is not public before its notice.

    Raises RefusedError, NoSuchPlanError, WindowError. A rule out of bounds is refused by the database.
    """
    plan = db.session.get(ActionPlan, (collectivity_id, plan_id))
    if plan is None:
        raise NoSuchPlanError(plan_id)
    require(
        actor,
        Act.CONSULTATION_PLAN,
        Place(collectivity_id=collectivity_id, plan_id=plan_id, stage=plan.stage),
    )
    if opens_at >= closes_at:
        raise WindowError(opens_at, closes_at)
    taken = _DEFAULT_ACCEPTS[kind] if accepts is None else accepts
    row = add(
        Consultation(
            collectivity_id=collectivity_id,
            id=new_id(),
            plan_id=plan_id,
            kind=kind,
            state=ConsultationState.PLANNED,
            title=title,
            opens_at=opens_at,
            closes_at=closes_at,
            accepts=[one.value for one in Accepts if one in taken],
            moderation=moderation,
            eligibility=eligibility,
            min_level=min_level,
            results=results,
            priorities_max=priorities_max,
            key_wrapped=keys.new_consultation_key(),
        )
    )
    chain = journal.of_consultation(collectivity_id, row.id)
    journal.open_chain(chain, parent=journal.of_plan(collectivity_id, plan_id))
    journal.record(
        actor.person_id,
        "consultation:planned",
        chain,
        f"consultation:{row.id}",
        public={"consultation": row.id, "kind": kind, "opens_at": opens_at, "closes_at": closes_at},
    )
    return row


# --- voices ---------------------------------------------------------------------------------------


def insert(table: Any) -> Any:
    """Return an INSERT that knows ON CONFLICT, in the engine's own dialect."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)


def participant_for(
    actor: Actor,
    consultation: Consultation,
    voice: Voice,
    *,
    declared: bool = False,
    channel: Channel = Channel.WEB,
    known: Participant | None = None,
) -> Participant:
    """Return the voice's participant, made in its first act; the caller holds the consultation's lock.

    “One voice” is a UNIQUE constraint: two first acts at once make one row, counted once. A rise of
    the person's level is taken over while the consultation runs. `declared` is stored once and never
    taken back. `known` is the row if the caller has it. Raises NotYourVoiceError.
    """
    assert actor.person_id is not None
    if voice.association_id is not None:
        _check_mandate(actor, consultation.collectivity_id, voice)
    row = known or _participant(actor, consultation, voice)
    if row is None:
        _first_act(actor, consultation, voice, declared, channel)
        row = _participant(actor, consultation, voice)
        assert row is not None, "inserted, or waited for whoever did"
    if declared and not row.declared:
        row.declared = True
    row.level = max(row.level, actor.level)
    db.session.flush()
    return row


def _participant(actor: Actor, consultation: Consultation, voice: Voice) -> Participant | None:
    return db.session.scalar(
        sa.select(Participant)
        .where(
            Participant.collectivity_id == consultation.collectivity_id,
            Participant.consultation_id == consultation.id,
            whose(voice, actor.person_id),
        )
        .execution_options(populate_existing=True)
    )


def _keep_account_open(actor: Actor) -> None:
    """Hold the person's account open until commit: one that closes meanwhile must not leave a seat behind.

    Its owner could open another and be counted twice. Raises RefusedError when it is closed already.
    """
    living = sa.select(Person.id).where(Person.id == actor.person_id, Person.email.is_not(None))
    if db.session.scalar(for_share(living)) is None:
        raise RefusedError(Act.ACCOUNT_USE, ("has_account",))


def _first_act(
    actor: Actor, consultation: Consultation, voice: Voice, declared: bool, channel: Channel
) -> None:
    is_association = voice.association_id is not None
    if not is_association:
        _keep_account_open(actor)
    made = db.session.execute(
        insert(Participant)
        .values(
            collectivity_id=consultation.collectivity_id,
            id=new_id(),
            consultation_id=consultation.id,
            kind=ParticipantKind.ASSOCIATION if is_association else ParticipantKind.CITIZEN,
            person_id=None if is_association else actor.person_id,
            association_id=voice.association_id,
            channel=channel,
            level=actor.level,
            declared=declared,
            age_band=AgeBand.NOT_STATED,
            gender=Gender.NOT_STATED,
            created_at=clock(),
        )
        .on_conflict_do_nothing()
        .returning(Participant.id)  # a row count is not told by every driver
    ).one_or_none()
    if made is None:
        return
    counts = {"people": int(not is_association), "associations": int(is_association)}
    db.session.execute(
        insert(Turnout)
        .values(collectivity_id=consultation.collectivity_id, consultation_id=consultation.id, **counts)
        .on_conflict_do_update(
            index_elements=["collectivity_id", "consultation_id"],
            set_={
                "people": Turnout.people + counts["people"],
                "associations": Turnout.associations + counts["associations"],
            },
        )
    )


def _check_mandate(actor: Actor, collectivity_id: int, voice: Voice) -> None:
    live = db.session.scalar(
        sa.select(Mandate.id)
        .join(
            Association,
            (Association.collectivity_id == Mandate.collectivity_id)
            & (Association.id == Mandate.association_id),
        )
        .where(
            Mandate.collectivity_id == collectivity_id,
            Mandate.association_id == voice.association_id,
            Mandate.person_id == actor.person_id,
            Mandate.ended_at.is_(None),
            Association.verified_at.is_not(None),
        )
    )
    if live is None or live != voice.mandate_id:
        raise NotYourVoiceError(voice.association_id)


def settle_levels(consultation: Consultation) -> int:
    """Give every citizen the level their account has now; call it while closing. Returns how many changed.

    Afterwards nothing changes them: a consultation's figures by level stay what they were at its end.
    """
    now_level = (
        sa.select(Person.level)
        .where(Person.id == Participant.person_id)
        .correlate(Participant)
        .scalar_subquery()
    )
    changed: Any = db.session.execute(
        sa.update(Participant)
        .where(
            Participant.collectivity_id == consultation.collectivity_id,
            Participant.consultation_id == consultation.id,
            Participant.person_id.is_not(None),
            Participant.level < now_level,
        )
        .values(level=now_level)
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)


# --- optional facts -------------------------------------------------------------------------------


def set_facts(
    actor: Actor,
    consultation: Consultation,
    *,
    neighbourhood_id: int | None = None,
    age_band: AgeBand = AgeBand.NOT_STATED,
    gender: Gender = Gender.NOT_STATED,
) -> Participant:
    """Keep what a person chose to say of themselves, or that they skipped it: they are not asked again.

    The caller holds the consultation's lock. Raises FactsFrozenError when already asked or after the
    end, NotYourVoiceError before the person's first act or for a neighbourhood of another place.
    """
    row = db.session.scalar(
        sa.select(Participant)
        .where(
            Participant.collectivity_id == consultation.collectivity_id,
            Participant.consultation_id == consultation.id,
            Participant.person_id == actor.person_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotYourVoiceError(consultation.id)
    now = clock()
    if row.facts_asked_at is not None or consultation.state is not ConsultationState.OPEN:
        raise FactsFrozenError
    if now >= consultation.closes_at:
        raise FactsFrozenError
    if neighbourhood_id is not None and not db.session.get(
        Neighbourhood, (consultation.collectivity_id, neighbourhood_id)
    ):
        raise NotYourVoiceError(neighbourhood_id)
    row.neighbourhood_id = neighbourhood_id
    row.age_band = age_band
    row.gender = gender
    row.facts_asked_at = now
    db.session.flush()
    return row


def require_declared(consultation: Consultation, participant: Participant) -> None:
    """Raise NotDeclaredError when a citizen has not said that they live, work or study here.

    An association is known to the collectivity: its verification stands for the declaration.
    """
    if (
        consultation.eligibility is Eligibility.DECLARES
        and participant.kind is ParticipantKind.CITIZEN
        and not participant.declared
    ):
        raise NotDeclaredError(consultation.id)


__all__ = [
    "FactsFrozenError",
    "NoSuchPlanError",
    "NotDeclaredError",
    "NotYourVoiceError",
    "WindowError",
    "insert",
    "participant_for",
    "plan_consultation",
    "require_declared",
    "set_facts",
    "settle_levels",
]
