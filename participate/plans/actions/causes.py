"""Stating why each field of the working copy changes, with the contributions behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from participate.db import db, for_update
from participate.journal import actions as journal
from participate.plans.actions.beginning import locked_plan, place_of_plan
from participate.plans.models import Project
from participate.plans.queries import later
from participate.rules.changes import FROM_CONTRIBUTIONS
from participate.rules.outcomes import ChangeCause
from participate.rules.policy import Act, Actor, Place, require

REFS_MAX = 12
"""References behind one change, at most."""


@dataclass(frozen=True)
class CauseRow:
    """Why one field of one project changes; `refs` as typed."""

    project_id: int
    field: str
    cause: ChangeCause
    refs: tuple[str, ...] = ()


class UnknownReferenceError(Exception):
    """A reference that is no public contribution of this plan; holds the project, the field and what was typed."""

    def __init__(self, project_id: int, field: str, typed: str) -> None:
        super().__init__(project_id, field, typed)
        self.project_id = project_id
        self.field = field
        self.typed = typed


class ReferenceMissingError(Exception):
    """A change said to come from a contribution, without saying from which; holds the project and the field."""

    def __init__(self, project_id: int, field: str) -> None:
        super().__init__(project_id, field)
        self.project_id = project_id
        self.field = field


def state_causes(actor: Actor, place: Place, rows: Iterable[CauseRow]) -> int:
    """State the causes of single fields, in the place of those stated before; return how many.

    They are published with the next version. Raises UnknownReferenceError, ReferenceMissingError.
    """
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    plan = locked_plan(place.collectivity_id, place.plan_id)
    require(actor, Act.PLAN_EDIT, place_of_plan(plan))
    listed = list(rows)
    typed = sorted({ref for row in listed for ref in row.refs})
    known = later.known_refs(plan.collectivity_id, plan.id, typed) if typed else {}
    stated: dict[int, dict[str, Any]] = {}
    for row in listed:
        stated.setdefault(row.project_id, {})[row.field] = _checked(row, known)
    projects = db.session.scalars(
        for_update(
            sa.select(Project).where(
                Project.collectivity_id == plan.collectivity_id,
                Project.plan_id == plan.id,
                Project.id.in_(stated),
            )
        ).execution_options(populate_existing=True)
    ).all()
    for project in projects:
        if project.change_causes == stated[project.id]:
            continue
        project.change_causes = stated[project.id]
        db.session.flush()
        journal.record(
            actor.person_id,
            "causes:stated",
            journal.of_plan(plan.collectivity_id, plan.id),
            f"project:{project.id}",
            public={"number": project.number, "fields": sorted(stated[project.id])},
        )
    return len(listed)


def _checked(row: CauseRow, known: Mapping[str, str]) -> dict[str, Any]:
    if row.cause not in FROM_CONTRIBUTIONS:
        return {"cause": row.cause.value, "refs": []}
    if not row.refs:
        raise ReferenceMissingError(row.project_id, row.field)
    for ref in row.refs[:REFS_MAX]:
        if ref not in known:
            raise UnknownReferenceError(row.project_id, row.field, ref)
    return {
        "cause": row.cause.value,
        "refs": list(dict.fromkeys(known[ref] for ref in row.refs[:REFS_MAX])),
    }
