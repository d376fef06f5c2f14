"""From ideas to a draft."""

from __future__ import annotations

from typing import Any

from participate.consultations import actions as consultations
from participate.contributions.models import Contribution
from participate.db import db
from participate.demo.stories import words
from participate.demo.story.steps import casablanca
from participate.demo.story.telling import Telling
from participate.lifecycle import actions as lifecycle
from participate.plans import actions as plans
from participate.plans import queries as planned
from participate.responses import actions as responses
from participate.rules.outcomes import READABLE_STATES, ConsultationKind, Fate, VersionKind


class Draft(Telling):
    """What becomes of ideas, and the projects officers write."""

    def assess_ideas(self) -> None:
        """Decide what becomes of each idea of June, once the projects it led to are written."""
        for idea in self.told.ideas["idea"]:
            self.assess(idea)

    def assess(self, idea: dict[str, Any]) -> None:
        """Decide what becomes of one idea, with the reason the author reads."""
        key = self.cast.contribution.get(idea["key"])
        row = db.session.get(Contribution, (self.collectivity, key)) if key else None
        if row is None or row.state not in READABLE_STATES:
            return
        responses.assess_idea(
            self.actor("committee1"),
            self.collectivity,
            row.id,
            Fate(idea["fate"]),
            reason=words(idea["fate_reason"]),
            project_id=self.project.get(idea.get("project", 0)),
        )

    def write_projects(self) -> None:
        """Write the working copies of the twelve projects, and say which ideas they came from."""
        officer = self.actor("officer1")
        for one in self.told.projects["project"]:
            self.project[one["number"]] = plans.create_project(
                officer,
                self.collectivity,
                self.plan_id,
                self.axis[one["axis"]],
                {**self._texts(one), "milestones": self._milestones(one["milestone"])},
                number=one["number"],
            ).id

    def _texts(self, one: dict[str, Any]) -> dict[str, Any]:
        texts: dict[str, Any] = {name: words(one[name]) for name in planned.TEXTS}
        return {**texts, "principles": list(one["principles"]), "budget_mad": one["budget_mad"]}

    def _milestones(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "title": words(row["title"]),
                "starts": row["starts"],
                "ends": row["ends"],
                "indicator": words(row["indicator"]),
            }
            for row in rows
        ]

    def publish_draft(self) -> None:
        """Publish draft version 1 and announce its review: 25 July to 29 August."""
        officer = self.actor("officer1")
        plans.publish_version(
            officer,
            self.plan(),
            VersionKind.DRAFT,
            {
                "ar": "المسودة المعروضة على السكان بعد الورشة الثانية.",
                "fr": "Le texte soumis aux habitants après le deuxième atelier.",
                "en": "The draft put to residents after the second workshop.",
            },
        )
        row = consultations.plan_consultation(
            officer,
            self.collectivity,
            self.plan_id,
            ConsultationKind.DRAFT_REVIEW,
            {"ar": "مناقشة المسودة", "fr": "Discussion du projet de programme", "en": "Review of the draft"},
            casablanca(2023, 7, 25, 0),
            casablanca(2023, 8, 30, 0),
        )
        self.review_id = row.id
        lifecycle.announce(officer, row)
