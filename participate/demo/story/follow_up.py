"""After adoption."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from participate.db import clock, db
from participate.demo.stories import moment, words
from participate.demo.story.steps import casablanca
from participate.demo.story.telling import CYCLE, Telling
from participate.monitoring import actions as monitoring
from participate.monitoring.models import Milestone
from participate.plans import queries as planned
from participate.rules.outcomes import MilestoneStatus
from participate.rules.policy import Place

STANDING = {
    "done": MilestoneStatus.COMPLETE,
    "partly_done": MilestoneStatus.SUBSTANTIAL,
    "late": MilestoneStatus.LIMITED,
}


class FollowUp(Telling):
    """Reports on milestones and what people observe."""

    def plan_follow_up(self) -> None:
        """Plan the reports on milestones and what residents saw."""
        for one in self.told.followup["milestone_status"]:
            if one["status"] in STANDING:
                at = max(moment(one.get("done_on") or one["due"], "17:00"), moment(one["due"], "17:00"))
                self.agenda.add(min(at, casablanca(2024, 6, 28, 12)), partial(self.report, one))
        self.agenda.add(casablanca(2024, 1, 8), lambda: None, "the plan is carried out")
        for one in self.told.followup["observation"]:
            self.agenda.add(moment(one["date"], "21:15"), partial(self.observe, one))

    def report(self, one: dict[str, Any]) -> None:
        """Report where a milestone stands; a late one says why."""
        rows = db.session.scalars(
            sa.select(Milestone)
            .where(
                Milestone.collectivity_id == self.collectivity,
                Milestone.project_id == self.project[one["project"]],
            )
            .order_by(Milestone.position)
        ).all()
        due = date.fromisoformat(one["due"])
        if not rows:
            return
        milestone = min(rows, key=lambda row: abs(row.ends_on - due))
        whole = self.told.followup["progress_report"]
        text = words(whole["text"]) if one["status"] == "late" else words(one["note"])
        monitoring.publish_progress(
            self.actor("officer1"),
            planned.project_place(self.slug, CYCLE, one["project"]),
            milestone.id,
            status=STANDING[one["status"]],
            text=text,
            delay_reason=words(one["note"]),
        )

    def observe(self, one: dict[str, Any]) -> None:
        """Let a resident say what they saw; a moderator publishes it the next day."""
        place = planned.project_place(self.slug, CYCLE, one["project"])
        row = monitoring.submit_observation(
            self.actor(one["author"]), place, text=one["text"], lang=one["lang"]
        )
        self.agenda.add(
            (self.agenda.now or clock()) + timedelta(hours=14),
            partial(self.read_observation, place, row.id),
        )

    def read_observation(self, place: Place, key: int) -> None:
        """Let a moderator publish an observation."""
        monitoring.decide_observation(self.actor("moderator2"), place, key, publish=True)
