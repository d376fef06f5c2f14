"""Answers to what was said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from participate.contributions.models import Contribution
from participate.db import db
from participate.demo.stories import moment, words
from participate.demo.story.draft import Draft
from participate.demo.story.steps import casablanca
from participate.demo.story.telling import CYCLE
from participate.plans import actions as plans
from participate.plans import queries as planned
from participate.plans.models import Project
from participate.responses import actions as responses
from participate.responses.models import Response
from participate.rules.changes import FROM_CONTRIBUTIONS
from participate.rules.outcomes import (
    OUTCOMES_NEEDING_REASON,
    READABLE_STATES,
    ChangeCause,
    Fate,
    Outcome,
    ResponseState,
)

OUTCOME_OF = {
    Fate.RETAINED: Outcome.ACCEPTED,
    Fate.MERGED: Outcome.PARTLY_ACCEPTED,
    Fate.DEFERRED: Outcome.DEFERRED,
    Fate.DECLINED: Outcome.DECLINED,
    Fate.OUTSIDE_COMPETENCE: Outcome.OUTSIDE_COMPETENCE,
}


class Answers(Draft):
    """Themes, answers, revised projects and their second reader."""

    def plan_answers(self) -> None:
        """Plan themes, answers, the second reader and the revised words: 31 August to 20 September."""
        self.agenda.add(casablanca(2023, 8, 31), self.group_in_themes, "contributions are grouped in themes")
        answers: list[Callable[[], None]] = [
            *((partial(self.answer_theme, one)) for one in self.told.themes),
            *((partial(self.answer_project, one)) for one in self.told.projects["project"]),
            *((partial(self.answer_idea, one)) for one in self.told.ideas["idea"]),
        ]
        for number, answer in enumerate(answers):
            self.agenda.add(casablanca(2023, 9, 4, 9) + timedelta(minutes=37 * number), answer)
        for number, one in enumerate(self.told.projects["project"]):
            if one.get("revised"):
                self.agenda.add(casablanca(2023, 9, 6, 14, number), partial(self.revise, one))
        for idea in self.told.ideas["late_idea"]:
            self.agenda.add(moment(idea["decided"], "15:30"), partial(self.assess, idea))
            self.agenda.add(moment(idea["decided"], "16:30"), partial(self.answer_idea, idea))
        self.agenda.add(
            casablanca(2023, 9, 7, 16), lambda: self.approve(half=True), "a second reader approves"
        )
        self.agenda.add(casablanca(2023, 9, 11, 15), lambda: self.approve(half=False))

    def group_in_themes(self) -> None:
        """Group what was published by its theme."""
        officer = self.actor("officer1")
        for one in self.told.themes:
            row = responses.save_theme(
                officer,
                self.collectivity,
                self.review_id,
                words(one["title"]),
                project_id=self.project.get(one["project"]),
            )
            self.cast.theme[one["key"]] = row.id
            inside = [
                self.cast.contribution[comment["key"]]
                for comment in self.told.comments
                if comment.get("theme") == one["key"] and comment["key"] in self.cast.contribution
            ]
            responses.fill_theme(officer, self.collectivity, row.id, inside)

    def _answer(self, subject: responses.Subject, told_: dict[str, Any]) -> None:
        responses.write_response(
            self.actor("officer1"),
            subject,
            Outcome(told_["outcome"]),
            words(told_["text"]),
            words(told_["reason"]) if told_.get("reason") else None,
            bool(told_.get("changed", False)),
        )

    def answer_theme(self, one: dict[str, Any]) -> None:
        """Answer what a theme says."""
        subject = responses.Subject(self.collectivity, self.review_id, theme_id=self.cast.theme[one["key"]])
        self._answer(subject, one["response"])

    def answer_project(self, one: dict[str, Any]) -> None:
        """Answer, for a project as a whole, what people thought of it."""
        subject = responses.Subject(self.collectivity, self.review_id, project_id=self.project[one["number"]])
        told_ = dict(one["response"])
        if Outcome(told_["outcome"]) in OUTCOMES_NEEDING_REASON and "reason" not in told_:
            told_["reason"] = told_["text"]
        self._answer(subject, told_)

    def answer_idea(self, idea: dict[str, Any]) -> None:
        """Answer who sent an idea with what became of it."""
        row = db.session.get(Contribution, (self.collectivity, self.cast.contribution.get(idea["key"], 0)))
        if row is None or row.state not in READABLE_STATES:
            return
        outcome = OUTCOME_OF[Fate(idea["fate"])]
        text = words(idea["fate_reason"])
        responses.write_response(
            self.actor("officer1"),
            responses.Subject(self.collectivity, row.consultation_id, contribution_id=row.id),
            outcome,
            text,
            text if outcome in OUTCOMES_NEEDING_REASON else None,
        )

    def revise(self, one: dict[str, Any]) -> None:
        """Write the revised words of a project, with what caused them."""
        revised = one["revised"]
        project = db.session.get_one(Project, (self.collectivity, self.project[one["number"]]))
        texts: dict[str, Any] = {
            "change_cause": ChangeCause(revised["cause"]),
            "change_note": words(revised["why"]),
        }
        if "solution" in revised:
            texts["solution"] = words(revised["solution"])
        if "budget_mad" in revised:
            texts["budget_mad"] = revised["budget_mad"]
        if "milestones" in revised:
            texts["milestones"] = self._milestones(revised["milestones"])
        place = planned.plan_place(self.slug, CYCLE)
        plans.save_project(self.actor("officer1"), place, project.id, project.row_version, texts)
        behind = self._behind(one["number"]) if texts["change_cause"] in FROM_CONTRIBUTIONS else ()
        if behind:
            fields = [name for name in ("solution", "budget_mad", "milestones") if name in texts]
            plans.state_causes(
                self.actor("officer1"),
                place,
                [plans.CauseRow(project.id, name, texts["change_cause"], behind) for name in fields],
            )

    def _behind(self, number: int) -> tuple[str, ...]:
        """Return the references of the contributions that asked for other words in a project: up to two."""
        keys = [
            self.cast.contribution[comment["key"]]
            for comment in self.told.comments
            if comment["project"] == number
            and comment["kind"] == "amendment"
            and comment["key"] in self.cast.contribution
        ]
        rows = [db.session.get(Contribution, (self.collectivity, key)) for key in keys]
        return tuple(row.ref for row in rows if row is not None and row.state in READABLE_STATES)[:2]

    def approve(self, *, half: bool) -> None:
        """Let the second reader approve half of the answers, then the rest."""
        rows = db.session.scalars(
            sa.select(Response.id)
            .where(
                Response.collectivity_id == self.collectivity,
                Response.state == ResponseState.DRAFT,
            )
            .order_by(Response.written_at, Response.id)
        ).all()
        for key in rows[: len(rows) // 2] if half else rows:
            responses.approve(self.actor("officer2"), self.collectivity, key)
