"""Due work of the synthesis: after a close, looking for tendencies, once."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations.models import Consultation
from participate.db import add, clock, db, new_id, writing
from participate.journal.encoding import canonical
from participate.plans.models import ActionPlan
from participate.synthesis import child, opinions
from participate.synthesis.models import OpinionMap

REST_SECONDS = 3600.0
"""How long a consultation on which the engine failed is left alone."""
_rests: dict[int, float] = {}
_log = logging.getLogger(__name__)


def compute_maps() -> int:
    """Compute the tendencies of closed consultations that have none yet; return how many were kept.

    Positions are read and left before the engine starts: no lock is held while it works. Imported
    conversations have no page, and are computed when they are asked for.
    """
    return sum(_compute(key) for key in waiting() if time.monotonic() >= _rests.get(key, 0.0))


def waiting() -> list[int]:
    """Return the closed consultations without tendencies, or with those of an earlier schema. One statement."""
    found = list(
        db.session.scalars(
            sa.select(Consultation.id)
            .join(
                ActionPlan,
                (ActionPlan.collectivity_id == Consultation.collectivity_id)
                & (ActionPlan.id == Consultation.plan_id),
            )
            .outerjoin(
                OpinionMap,
                (OpinionMap.collectivity_id == Consultation.collectivity_id)
                & (OpinionMap.consultation_id == Consultation.id)
                & (OpinionMap.schema == opinions.SCHEMA),
            )
            .where(
                Consultation.state.in_(opinions.OVER), OpinionMap.id.is_(None), ActionPlan.shell.is_(False)
            )
            .order_by(Consultation.id)
        )
    )
    db.session.rollback()
    return found


def _compute(consultation_id: int) -> bool:
    try:
        return _computed(consultation_id)
    except child.NotComputedError as error:
        _rests[consultation_id] = time.monotonic() + REST_SECONDS
        _log.warning("the engine gave no answer for consultation %s: %s", consultation_id, error)
        return False


def _computed(consultation_id: int) -> bool:
    cast = opinions.gathered(consultation_id)
    db.session.rollback()
    if cast is None:
        return False
    return keep(consultation_id, cast, child.compute(opinions.order(cast, texts=False)))


def compute(consultation_id: int) -> bool:
    """Compute the tendencies of one closed consultation if it has none yet. Raises NotComputedError."""
    return consultation_id in waiting() and _computed(consultation_id)


def keep(consultation_id: int, cast: opinions.Cast, answer: dict[str, object]) -> bool:
    """Keep what the engine answered; False if another process was quicker."""
    with writing():
        row = db.session.scalars(sa.select(Consultation).where(Consultation.id == consultation_id)).one()
        db.session.execute(
            sa.delete(OpinionMap).where(
                OpinionMap.collectivity_id == row.collectivity_id,
                OpinionMap.consultation_id == row.id,
                OpinionMap.schema != opinions.SCHEMA,
            )
        )
        try:
            add(
                OpinionMap(
                    collectivity_id=row.collectivity_id,
                    id=new_id(),
                    consultation_id=row.id,
                    schema=opinions.SCHEMA,
                    input_sha256=cast.sha256,
                    document=canonical(opinions.kept(cast, answer)),
                    computed_at=clock(),
                )
            )
        except IntegrityError:
            db.session.rollback()
            return False
        db.session.commit()
    return True
