"""What is locked, and what must hold, before a moderator acts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from participate.consultations.queries import lock_for_act
from participate.contributions.models import Contribution
from participate.db import db, for_update
from participate.moderation import queries
from participate.moderation.actions.refusals import AppealOpenError, NotDecidableError
from participate.moderation.models import Appeal, Removal
from participate.people.models import Person
from participate.rules import moderation as rules
from participate.rules.moderation import Hand, Verdict
from participate.rules.outcomes import READABLE_STATES, PublishState
from participate.rules.policy import Act, Actor, Place, RefusedError, Role

DECIDABLE = frozenset({PublishState.WAITING, PublishState.RETURNED, PublishState.HIDDEN}) | READABLE_STATES
"""States a moderator may decide on; what its author withdrew or two people removed stays so."""


# --- deciding ----------------------------------------------------------


def require_decidable(contribution: Contribution, seen: int | None) -> None:
    """Require the text as the moderator read it, in a state to decide on, without an open appeal."""
    if seen is not None and seen != contribution.row_version:
        raise StaleDataError("the text changed after the moderator read it")
    if contribution.state not in DECIDABLE:
        raise NotDecidableError(contribution.state)
    if has_open_appeal(contribution):
        raise AppealOpenError(contribution.ref)


def require_allowed(actor: Actor, contribution: Contribution, verdict: Verdict) -> None:
    """Require a moderator of the collectivity, and that the rules allow it."""
    if not actor.has(Role.MODERATOR, contribution.collectivity_id):
        raise RefusedError(Act.CASE_DECIDE, ("role_moderator",))
    rules.require(verdict)


def locked_contribution(place: Place, contribution_id: int) -> Contribution:
    """Return the contribution, locked after its consultation, as it is now."""
    assert place.collectivity_id is not None
    consultation_id = db.session.scalar(
        sa.select(Contribution.consultation_id).where(
            Contribution.collectivity_id == place.collectivity_id, Contribution.id == contribution_id
        )
    )
    if consultation_id is None:
        raise NotDecidableError(None)
    lock_for_act(place.collectivity_id, consultation_id)
    return locked_row(Contribution, place.collectivity_id, contribution_id)


def locked_row(model: Any, collectivity_id: int, row_id: int) -> Any:
    """Return a row of the collectivity, locked and read anew."""
    return db.session.scalars(
        for_update(
            sa.select(model).where(model.collectivity_id == collectivity_id, model.id == row_id)
        ).execution_options(populate_existing=True)
    ).one()


def hand_of(actor: Actor, collectivity_id: int) -> Hand:
    """Return the moderator as the rules know them: who they are and for whom they may speak."""
    return Hand(
        str(actor.person_id),
        frozenset(str(association) for where, association in actor.mandates if where == collectivity_id),
    )


def author_person(contribution: Contribution) -> Person | None:
    """Return the locked row of the person who wrote a text; none for a meeting's or a body's."""
    author = queries.authorship(contribution.collectivity_id, contribution.id).person
    if author is None:
        return None
    return db.session.scalars(
        for_update(sa.select(Person).where(Person.id == int(author))).execution_options(
            populate_existing=True
        )
    ).one_or_none()


# --- removal takes two -------------------------------------------------


def open_removal(contribution: Contribution) -> int | None:
    """Return the removal of a text that waits for its second moderator."""
    return db.session.scalar(
        sa.select(Removal.id).where(
            Removal.collectivity_id == contribution.collectivity_id,
            Removal.contribution_id == contribution.id,
            Removal.state == "open",
        )
    )


# --- appeals -----------------------------------------------------------


def has_open_appeal(contribution: Contribution) -> bool:
    """Return whether an appeal about a text waits for its answer."""
    return (
        db.session.scalar(
            sa.select(Appeal.id).where(
                Appeal.collectivity_id == contribution.collectivity_id,
                Appeal.contribution_id == contribution.id,
                Appeal.state == "open",
            )
        )
        is not None
    )
