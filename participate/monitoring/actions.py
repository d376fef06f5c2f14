"""What happens to an adopted plan: milestones followed, progress reported, observations heard."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from participate.db import Words, add, clock, db, new_id
from participate.journal.actions import of_plan, record
from participate.monitoring.models import Milestone, Observation, ProgressReport
from participate.rules.outcomes import MilestoneStatus
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.windows import casablanca_date


class NoSuchMilestoneError(Exception):
    """A milestone that is not in this plan."""


class DelayReasonMissingError(Exception):
    """A late milestone was reported without the reason of its delay."""


class NoSuchObservationError(Exception):
    """An observation that is not there or was already decided."""


def is_late(milestone: Milestone, status: MilestoneStatus, at: datetime) -> bool:
    """Whether the milestone's end has passed in Casablanca and it is not complete."""
    return status is not MilestoneStatus.COMPLETE and casablanca_date(at) > milestone.ends_on


def publish_progress(  # the report is public from the moment it is recorded
    actor: Actor,
    place: Place,
    milestone_id: int,
    *,
    status: MilestoneStatus,
    text: Words,
    delay_reason: Words | None = None,
) -> ProgressReport:
    """Report where a milestone stands.

    Raises NoSuchMilestoneError, or DelayReasonMissingError when it is late and no reason is given.
    """
    require(actor, Act.PROGRESS_PUBLISH, place)
    milestone = db.session.scalar(
        sa.select(Milestone)
        .where(
            Milestone.collectivity_id == place.collectivity_id,
            Milestone.plan_id == place.plan_id,
            Milestone.id == milestone_id,
        )
        .with_for_update()
    )
    if milestone is None or actor.person_id is None:
        raise NoSuchMilestoneError(milestone_id)
    at = clock()
    late = is_late(milestone, status, at)
    if late and not delay_reason:
        raise DelayReasonMissingError(milestone_id)
    report = add(
        ProgressReport(
            collectivity_id=milestone.collectivity_id,
            id=new_id(),
            milestone_id=milestone.id,
            status=status,
            text=text,
            late=late,
            delay_reason=delay_reason if late else None,
            published_by=actor.person_id,
            published_at=at,
        )
    )
    milestone.status = status
    record(
        actor.person_id,
        "progress:published",
        of_plan(milestone.collectivity_id, milestone.plan_id),
        f"progress:{report.id}",
        {"milestone": milestone.id, "status": status.value, "late": late},
    )
    return report


def submit_observation(actor: Actor, place: Place, *, text: str, lang: str) -> Observation:
    """Say what one saw of a project on the ground; a moderator reads it before it is public."""
    require(actor, Act.OBSERVATION_SUBMIT, place)
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    assert actor.person_id is not None
    row = add(
        Observation(
            collectivity_id=place.collectivity_id,
            id=new_id(),
            project_id=place.ids["project"],
            person_id=actor.person_id,
            lang=lang,
            text=text,
            at=clock(),
        )
    )
    record(
        actor.person_id,
        "observation:submitted",
        of_plan(place.collectivity_id, place.plan_id),
        f"observation:{row.id}",
        {"project": place.ids["project"]},
        {"person": actor.person_id},
    )
    return row


def decide_observation(actor: Actor, place: Place, observation_id: int, *, publish: bool) -> Observation:
    """Publish or hide an observation that waits. Raises NoSuchObservationError."""
    require(actor, Act.OBSERVATION_DECIDE, place)
    row = db.session.scalar(
        sa.select(Observation)
        .where(
            Observation.collectivity_id == place.collectivity_id,
            Observation.id == observation_id,
            Observation.state == "waiting",
        )
        .with_for_update()
    )
    if row is None or place.plan_id is None or row.person_id == actor.person_id:
        raise NoSuchObservationError(observation_id)
    row.state = "published" if publish else "hidden"
    record(
        actor.person_id,
        "observation:decided",
        of_plan(row.collectivity_id, place.plan_id),
        f"observation:{row.id}",
        {"observation": row.id, "state": row.state},
        {"person": row.person_id},
    )
    return row
