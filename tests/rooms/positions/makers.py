"""Makers of positions: the place of a statement, a voice, and a recount that trusts no counter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.consultations.queries import place_of
from participate.db import clock, db, writing
from participate.people.models import Association, Mandate, Person
from participate.people.queries import Voice
from participate.positions import actions
from participate.positions.models import Position, Statement
from participate.rules.outcomes import ParticipantKind
from participate.rules.policy import Place
from tests import makers

OWN = Voice(ParticipantKind.CITIZEN, None, None, {})


def as_association(association: Association, delegate: Person) -> Voice:
    """The voice of an association, as its delegate chooses it."""
    mandate = db.session.scalars(
        sa.select(Mandate).where(Mandate.association_id == association.id, Mandate.person_id == delegate.id)
    ).one()
    return Voice(ParticipantKind.ASSOCIATION, association.id, mandate.id, association.name)


def place_in(consultation: Consultation, **changes: Any) -> Place:
    """The place of an act in a consultation, as its row says now."""
    return replace(place_of(consultation, now=clock()), **changes)


def take(person: Person, consultation: Consultation, statement_id: int, value: int, **more: Any) -> Any:
    """Take a position as a form would: inside `writing`, committed."""
    voice = more.pop("voice", OWN)
    with writing():
        taken = actions.take(
            makers.actor_of(person),
            place_in(consultation),
            statement_id,
            value,
            voice,
            **{"declared": True, **more},
        )
        db.session.commit()
    return taken


def prioritise(person: Person, consultation: Consultation, statement_id: int, on: bool, **more: Any) -> Any:
    """Choose or drop a priority as a form would."""
    voice = more.pop("voice", OWN)
    with writing():
        chosen = actions.set_priority(
            makers.actor_of(person),
            place_in(consultation),
            statement_id,
            on,
            voice,
            **{"declared": True, **more},
        )
        db.session.commit()
    return chosen


def recount() -> dict[int, tuple[int, int, int]]:
    """Count the rows of every statement again: agree, disagree, passed."""
    found = {one: [0, 0, 0] for one in db.session.scalars(sa.select(Statement.id))}
    rows = db.session.execute(
        sa.select(Position.statement_id, Position.value, sa.func.count()).group_by(
            Position.statement_id, Position.value
        )
    )
    for statement_id, value, count in rows:
        found[statement_id][{1: 0, -1: 1, 0: 2}[value]] = count
    return {one: tuple(counts) for one, counts in found.items()}  # type: ignore[misc]


def counters() -> dict[int, tuple[int, int, int]]:
    """Read the counters that pages show."""
    rows = db.session.execute(sa.select(Statement.id, Statement.agree, Statement.disagree, Statement.passed))
    return {row[0]: tuple(row[1:]) for row in rows}  # type: ignore[misc]
