"""Who reads what. `visible_to` is the one condition that decides who reads a text."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Participant
from participate.contributions.models import Comment, Contribution, CoSignature
from participate.positions.models import Position
from participate.rules.outcomes import READABLE_STATES, STUB_STATES, PublishState
from participate.rules.policy import ANYBODY, Actor, Role

READABLE = sorted(READABLE_STATES)
_STUBS = sorted(STUB_STATES)


def owned_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition: the actor wrote it, or holds a mandate of the association that did.

    The statement must join Participant.
    """
    if actor.person_id is None:
        return sa.false()
    found: list[sa.ColumnElement[bool]] = [Participant.person_id == actor.person_id]
    found.extend(
        sa.and_(Participant.collectivity_id == where, Participant.association_id == association)
        for where, association in sorted(actor.mandates)
    )
    return sa.or_(*found)


def visible_to(actor: Actor = ANYBODY) -> sa.ColumnElement[bool]:
    """Return THE condition under which a contribution's text is read: the statement must join Participant.

    Everybody reads what is published; authors always read their own; moderators read what is held in
    their collectivity, but not what its author withdrew.
    """
    conditions = [Contribution.state.in_(READABLE), owned_by(actor)]
    moderated = sorted(where for where, role in actor.roles if role is Role.MODERATOR)
    if moderated and not actor.suspended:
        conditions.append(
            sa.and_(Contribution.collectivity_id.in_(moderated), Contribution.state != PublishState.WITHDRAWN)
        )
    return sa.or_(*conditions)


def listed_for(actor: Actor = ANYBODY) -> sa.ColumnElement[bool]:
    """Return which rows a list shows: public texts, one's own that wait, and stubs that hold replies.

    Whether the text of a row is shown is still decided by `visible_to`.
    """
    return sa.or_(
        Contribution.state.in_(READABLE),
        sa.and_(owned_by(actor), Contribution.state.in_([PublishState.WAITING, PublishState.RETURNED])),
        sa.and_(Contribution.state.in_(_STUBS), Contribution.reply_count > 0),
    )


def touched_by_others() -> sa.ColumnElement[bool]:
    """Return the condition: another voice replied to the row of `Contribution`, took a position on it or signed it.

    From then on its author withdraws it or leaves it as it was.
    """
    reply, words = aliased(Contribution), aliased(Comment)
    answered = sa.select(sa.literal(1)).where(
        words.collectivity_id == Contribution.collectivity_id,
        sa.or_(words.parent_id == Contribution.id, words.idea_id == Contribution.id),
        reply.collectivity_id == words.collectivity_id,
        reply.id == words.id,
        reply.participant_id != Contribution.participant_id,
    )
    judged = sa.select(sa.literal(1)).where(
        Position.collectivity_id == Contribution.collectivity_id,
        Position.statement_id == Contribution.statement_id,
        Position.participant_id != Contribution.participant_id,
    )
    signed = sa.select(sa.literal(1)).where(
        CoSignature.collectivity_id == Contribution.collectivity_id,
        CoSignature.contribution_id == Contribution.id,
    )
    return sa.or_(*(one.correlate(Contribution).exists() for one in (answered, judged, signed)))
