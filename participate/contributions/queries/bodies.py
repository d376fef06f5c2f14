"""Opinions of advisory bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from participate.contributions.models import Opinion
from participate.contributions.queries.rows import same_collectivity
from participate.db import Words, db
from participate.people.models import AdvisoryBody


@dataclass(frozen=True)
class OpinionRow:
    """The formal opinion of an advisory body, unedited."""

    id: int
    body_id: int
    body_name: Words
    lang: str
    text: str
    filed_at: datetime


def opinions(collectivity_id: int, consultation_id: int) -> tuple[OpinionRow, ...]:
    """Return the opinions that advisory bodies filed in a consultation, by body."""
    rows = db.session.execute(
        sa.select(Opinion, AdvisoryBody.name)
        .join(
            AdvisoryBody,
            sa.and_(same_collectivity(AdvisoryBody, Opinion), AdvisoryBody.id == Opinion.body_id),
        )
        .where(Opinion.collectivity_id == collectivity_id, Opinion.consultation_id == consultation_id)
        .order_by(AdvisoryBody.slug)
    )
    return tuple(OpinionRow(o.id, o.body_id, name, o.lang, o.text, o.filed_at) for o, name in rows)


@dataclass(frozen=True)
class BodyRow:
    """An advisory body of the collectivity."""

    id: int
    name: Words


def advisory_bodies(collectivity_id: int) -> tuple[BodyRow, ...]:
    """Return the advisory bodies of a collectivity."""
    rows = db.session.scalars(
        sa.select(AdvisoryBody)
        .where(AdvisoryBody.collectivity_id == collectivity_id)
        .order_by(AdvisoryBody.slug)
    )
    return tuple(BodyRow(row.id, row.name) for row in rows)
