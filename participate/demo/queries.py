"""Reading what the pages under /dev/ show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.council.models import CouncilSession
from participate.db import Words, db
from participate.people import factors
from participate.people.models import Person, StaffFactor
from participate.plans.models import ActionPlan
from participate.post.models import Mail
from participate.rules.outcomes import ConsultationKind, ConsultationState
from participate.rules.windows import CASABLANCA

SITTING_HOUR = 10


@dataclass(frozen=True)
class MailRow:
    """A mail of the outbox, whole."""

    address: str
    kind: str
    lang: str
    subject: str
    body: str
    at: datetime
    cancelled: bool


def mails(limit: int = 60) -> list[MailRow]:
    """Return the latest mails, newest first."""
    rows = db.session.scalars(sa.select(Mail).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(limit))
    return [
        MailRow(r.address, r.kind, r.lang, r.subject, r.body, r.created_at, r.cancelled_at is not None)
        for r in rows
    ]


def ids_of(emails: Sequence[str]) -> dict[str, int]:
    """Return accounts by address."""
    rows = db.session.execute(sa.select(Person.email, Person.id).where(Person.email.in_(emails)))
    return {email: key for email, key in rows if email}


def app_codes(emails: Sequence[str]) -> list[tuple[str, str]]:
    """Return the code that each account's application would show now, by address."""
    rows = db.session.execute(
        sa.select(Person.email, StaffFactor.app_secret)
        .join(StaffFactor, StaffFactor.person_id == Person.id)
        .where(Person.email.in_(emails), StaffFactor.app_secret.is_not(None))
        .order_by(Person.email)
    )
    return [
        (email, factors.app_code(factors.unwrapped(secret))) for email, secret in rows if email and secret
    ]


@dataclass(frozen=True)
class Turn:
    """A moment to which the clock can be moved."""

    key: str
    at: datetime
    kind: ConsultationKind | None = None
    plan: Words | None = None


def turns(now: datetime) -> list[Turn]:
    """Return the openings, closings, sessions and ends to come, soonest first."""
    rows = db.session.execute(
        sa.select(Consultation.kind, Consultation.state, Consultation.opens_at, Consultation.closes_at).where(
            Consultation.state.in_((ConsultationState.ANNOUNCED, ConsultationState.OPEN))
        )
    )
    found = []
    for kind, state, opens_at, closes_at in rows:
        if state is ConsultationState.ANNOUNCED and opens_at > now:
            found.append(Turn("opening", opens_at, kind))
        if closes_at > now:
            found.append(Turn("closing", closes_at, kind))
    sessions = db.session.scalars(sa.select(CouncilSession.opens_on)).all()
    found += [Turn("session", _morning(day)) for day in sessions if _morning(day) > now]
    ends = db.session.scalars(sa.select(ActionPlan.ends_on)).all()
    found += [Turn("end", _morning(day)) for day in ends if _morning(day) > now]
    return sorted(found, key=lambda turn: turn.at)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(SITTING_HOUR), CASABLANCA).astimezone(UTC)
