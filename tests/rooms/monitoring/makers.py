"""An adopted plan with one milestone for each project."""

from __future__ import annotations

from datetime import date
from typing import Any

from participate.db import add, clock, db, new_id
from participate.monitoring.models import Milestone, Observation
from participate.people.models import Person
from participate.rules.lifecycle import Stage
from participate.rules.policy import Place
from tests import makers


def a_milestone(made: makers.APlan, project: int = 0, **changes: Any) -> Milestone:
    """A milestone of a project that ends in 2024."""
    return add(
        Milestone(
            **{
                "collectivity_id": made.collectivity.id,
                "id": new_id(),
                "plan_id": made.plan.id,
                "project_id": made.projects[project].id,
                "position": 1,
                "title": makers.words("milestone"),
                "indicator": makers.words("indicator"),
                "starts_on": date(2024, 1, 1),
                "ends_on": date(2024, 6, 30),
                **changes,
            }
        )
    )


def an_observation(made: makers.APlan, person: Person, text: str = "The works have begun.") -> Observation:
    """Something a resident saw, waiting for a moderator."""
    return add(
        Observation(
            collectivity_id=made.collectivity.id,
            id=new_id(),
            project_id=made.projects[0].id,
            person_id=person.id,
            lang="en",
            text=text,
            at=clock(),
        )
    )


def place_of(made: makers.APlan, stage: Stage = Stage.IMPLEMENTATION) -> Place:
    """The place of the plan's first project."""
    return Place(
        collectivity_id=made.collectivity.id,
        plan_id=made.plan.id,
        stage=stage,
        ids={"plan": made.plan.id, "project": made.projects[0].id},
        slug=made.collectivity.slug,
        cycle=made.plan.cycle,
    )


def an_adopted_plan(stage: Stage = Stage.IMPLEMENTATION) -> tuple[makers.APlan, Milestone]:
    """A plan being carried out, with a milestone of its first project."""
    made = makers.a_plan(stage)
    milestone = a_milestone(made)
    db.session.commit()
    return made, milestone
