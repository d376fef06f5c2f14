"""What the forms offer and compare with: axes, revisions, versions."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.contributions.queries.rows import same_collectivity
from participate.db import Words, db
from participate.plans.models import Axis, ProjectRevision, VersionProject


@dataclass(frozen=True)
class AxisRow:
    """An axis of a plan."""

    id: int
    slug: str
    title: Words


def axes_of(collectivity_id: int, plan_id: int) -> tuple[AxisRow, ...]:
    """Return the axes of a plan in their order."""
    rows = db.session.scalars(
        sa.select(Axis)
        .where(Axis.collectivity_id == collectivity_id, Axis.plan_id == plan_id)
        .order_by(Axis.position)
    )
    return tuple(AxisRow(row.id, row.slug, row.title) for row in rows)


def revision_read(collectivity_id: int, version_id: int | None, project_id: int) -> ProjectRevision | None:
    """Return the words of a project that a consultation's version shows; None when it holds no such project."""
    if version_id is None:
        return None
    return db.session.scalar(
        sa.select(ProjectRevision)
        .join(
            VersionProject,
            sa.and_(
                same_collectivity(VersionProject, ProjectRevision),
                VersionProject.revision_id == ProjectRevision.id,
            ),
        )
        .where(
            VersionProject.collectivity_id == collectivity_id,
            VersionProject.version_id == version_id,
            VersionProject.project_id == project_id,
        )
    )


def version_under(collectivity_id: int, consultation_id: int | None) -> int | None:
    """Return the plan version a consultation is about."""
    return db.session.scalar(
        sa.select(Consultation.version_id).where(
            Consultation.collectivity_id == collectivity_id, Consultation.id == (consultation_id or 0)
        )
    )


def last_revision(collectivity_id: int, project_id: int) -> ProjectRevision | None:
    """Return the latest published words of a project."""
    return db.session.scalar(
        sa.select(ProjectRevision)
        .where(ProjectRevision.collectivity_id == collectivity_id, ProjectRevision.project_id == project_id)
        .order_by(ProjectRevision.number.desc())
        .limit(1)
    )
