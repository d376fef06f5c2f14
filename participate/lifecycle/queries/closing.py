"""What a consultation came to: the texts whose hashes its last entry holds."""

from __future__ import annotations

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.contributions.models import Contribution
from participate.db import db
from participate.journal.encoding import canonical
from participate.plans.models import Project
from participate.positions.models import Priority, ProjectStatement, Statement


def _counted(consultation: Consultation) -> tuple[sa.ColumnElement[bool], ...]:
    """Say which statements count: a text that came in after the close has one of its own, and none."""
    mine = (
        Statement.collectivity_id == consultation.collectivity_id,
        Statement.consultation_id == consultation.id,
    )
    if consultation.closed_at is None:
        return mine
    return (*mine, Statement.created_at <= consultation.closed_at)


def final_tally(consultation: Consultation) -> str:
    """Return the tally of a consultation as canonical JSON.

    {"statements": [[id, agree, disagree, passed] …], "priorities": [[statement, count] …]}, by id.
    """
    statements = db.session.execute(
        sa.select(Statement.id, Statement.agree, Statement.disagree, Statement.passed)
        .where(*_counted(consultation))
        .order_by(Statement.id)
    )
    priorities = db.session.execute(
        sa.select(Priority.statement_id, sa.func.count())
        .where(
            Priority.collectivity_id == consultation.collectivity_id,
            Priority.consultation_id == consultation.id,
        )
        .group_by(Priority.statement_id)
        .order_by(Priority.statement_id)
    )
    return canonical(
        {"statements": [list(row) for row in statements], "priorities": [list(row) for row in priorities]}
    )


def final_statements(consultation: Consultation) -> str:
    """Return what each statement was about, as canonical JSON: [[id, kind, number or reference] …], by id.

    Without it somebody could keep every sum and give the figures of one project to another.
    """
    rows = db.session.execute(
        sa.select(Statement.id, Statement.kind, Project.number, Contribution.ref)
        .outerjoin(
            ProjectStatement,
            (ProjectStatement.collectivity_id == Statement.collectivity_id)
            & (ProjectStatement.statement_id == Statement.id),
        )
        .outerjoin(
            Project,
            (Project.collectivity_id == Statement.collectivity_id)
            & (Project.id == ProjectStatement.project_id),
        )
        .outerjoin(
            Contribution,
            (Contribution.collectivity_id == Statement.collectivity_id)
            & (Contribution.statement_id == Statement.id),
        )
        .where(*_counted(consultation))
        .order_by(Statement.id)
    )
    return canonical([[key, kind, number if ref is None else ref] for key, kind, number, ref in rows])
