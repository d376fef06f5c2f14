"""The review of the draft."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from participate.consultations import actions as consultations
from participate.consultations import queries as consulted
from participate.contributions import actions as contributions
from participate.contributions.models import Contribution
from participate.db import clock, db
from participate.demo.stories import moment
from participate.demo.story.call import Call
from participate.demo.story.steps import casablanca
from participate.people.models import AdvisoryBody
from participate.positions import actions as positions
from participate.positions.models import ProjectStatement
from participate.rules.outcomes import (
    READABLE_STATES,
    AgeBand,
    CommentKind,
    Gender,
    PublishState,
    Section,
    Stance,
)
from participate.rules.policy import Actor

# How a project is received: weights of support, opposition, undecided, and how many look at it at all.
MOODS: dict[int, tuple[float, float, float, float]] = {
    1: (0.74, 0.10, 0.16, 0.62),
    2: (0.80, 0.08, 0.12, 0.78),
    3: (0.70, 0.12, 0.18, 0.48),
    4: (0.66, 0.09, 0.25, 0.40),
    5: (0.52, 0.36, 0.12, 0.82),
    6: (0.40, 0.41, 0.19, 0.46),
    7: (0.77, 0.12, 0.11, 0.80),
    8: (0.90, 0.04, 0.06, 0.92),
    9: (0.83, 0.09, 0.08, 0.88),
    10: (0.60, 0.12, 0.28, 0.38),
    11: (0.49, 0.27, 0.24, 0.35),
    12: (0.68, 0.17, 0.15, 0.58),
}
WORDS_NOT_WORKS = frozenset({1, 3, 4, 6, 10, 11})
SCREENS = frozenset({2, 7, 12})


class Review(Call):
    """Visits, positions, comments and opinions on twelve projects."""

    def plan_review(self) -> None:
        """Plan what people write and choose between 25 July and 29 August."""
        for number, one in enumerate(self.told.comments):
            self.agenda.add(
                moment(one["date"]),
                partial(self.comment, one),
                "the review of the draft" if not number else "",
            )
        for number, idea in enumerate(self.told.ideas["late_idea"]):
            self.agenda.add(
                moment(idea["date"], f"{17 + number % 4}:2{number}"), partial(self.submit_idea, idea)
            )
        for one in self.told.people["person"]:
            self._plan_visit(one)
        for number, one in enumerate(self.told.people["association"]):
            at = casablanca(2023, 7, 27, 15) + timedelta(days=2 * number + 1, minutes=17 * number)
            self.agenda.add(at, partial(self.visit_of, one["key"]))
        opinion = self.told.cycle["advisory"]["opinion"]
        self.agenda.add(moment(opinion["date"], "16:20"), self.file_opinion)
        for one in self.told.cycle["report"]:
            self.agenda.add(moment(one["date"]), partial(self.report_text, one))
            self.agenda.add(moment(one["read"]), partial(self.read_report, one))
        for one in self.told.cycle["appeal"]:
            self.agenda.add(moment(one["date"]), partial(self.appeal, one))
            self.agenda.add(moment(one["answered"]), partial(self.answer_appeal, one))

    def _plan_visit(self, one: dict[str, Any]) -> None:
        days = self.draw.choices(
            range(35), weights=[9, 7, 5, 4, 3] + [2] * 14 + [3] * 10 + [2] * 2 + [3, 4, 5, 6]
        )[0]
        at = casablanca(2023, 7, 25, 8) + timedelta(days=days, minutes=self.draw.randint(0, 880))
        self.agenda.add(at, lambda: self.visit(one["key"], None, one))

    def comment(self, one: dict[str, Any]) -> None:
        """Write one comment; a reply waits until what it answers is public."""
        parent = None
        if one.get("reply_to"):
            parent = self.cast.contribution.get(one["reply_to"])
            row = db.session.get(Contribution, (self.collectivity, parent)) if parent else None
            if row is None or row.state not in READABLE_STATES:
                later = (self.agenda.now or clock()) + timedelta(hours=5)
                if later < casablanca(2023, 8, 29, 23):
                    self.agenda.add(later, lambda: self.comment(one))
                return
        association = one.get("association")
        key = self.cast.delegate[association] if association else one["author"]
        base = contributions.submit_comment(
            self.actor(key),
            self.where(),
            self.voice(key, association),
            project_id=self.project[one["project"]] if one["project"] and parent is None else None,
            section=Section(one["section"]),
            kind=CommentKind(one["kind"]),
            stance=Stance(one["stance"]),
            body=one["body"].strip(),
            amend_from=(one.get("amend_from") or "").strip() or None,
            amend_to=(one.get("amend_to") or "").strip() or None,
            parent_id=parent,
            lang=one["lang"],
            declared=association is None,
        )
        self.cast.contribution[one["key"]] = base.id
        self.moderate(base.id, key, one.get("moderation"))

    def visit_of(self, association: str) -> None:
        """Let an association look at the projects, by its delegate."""
        self.visit(self.cast.delegate[association], association)

    def visit(self, key: str, association: str | None, about: dict[str, Any] | None = None) -> None:
        """Let one voice look at some projects, take positions, choose priorities and react to comments."""
        actor, place, voice = self.actor(key), self.where(), self.voice(key, association)
        liked: list[tuple[int, int]] = []
        for number, statement in self._statements().items():
            value = self._opinion(number, about)
            if value is None:
                continue
            positions.take(actor, place, statement, value, voice, declared=association is None)
            if value > 0:
                liked.append((number, statement))
        if about is not None:
            self._facts(actor, about)
        wanted = self.draw.choices((0, 1, 2, 3), weights=(2, 1, 2, 5))[0]
        liked.sort(key=lambda pair: self.draw.random() / MOODS[pair[0]][3])
        for _number, statement in liked[:wanted]:
            positions.set_priority(
                actor, place, statement, on=True, voice=voice, declared=association is None
            )
        self._react_to_comments(key, association)

    def _statements(self) -> dict[int, int]:
        found = db.session.execute(
            sa.select(ProjectStatement.project_id, ProjectStatement.statement_id).where(
                ProjectStatement.collectivity_id == self.collectivity,
                ProjectStatement.consultation_id == self.review_id,
            )
        )
        by_project = {project: statement for project, statement in found}  # noqa: C416
        return {number: by_project[key] for number, key in self.project.items()}

    def _opinion(self, number: int, about: dict[str, Any] | None) -> int | None:
        """Draw what somebody thinks of a project; None when they do not look at it.

        Half the residents put works before papers; older ones trust screens less.
        """
        support, against, undecided, seen = MOODS[number]
        if about is None:
            support, against, seen = support + 0.15, against * 0.6, 0.8
        elif int(about["key"][1:]) % 5 in {1, 3} and number in WORDS_NOT_WORKS:
            support, against = support * 0.45, against * 2.6
        elif about["age"] in {"50-64", "65+"} and number in SCREENS:
            support, undecided = support * 0.7, undecided * 2.2
        if self.draw.random() > seen:
            return None
        return self.draw.choices((1, -1, 0), weights=(support, against, undecided))[0]

    def _facts(self, actor: Actor, about: dict[str, Any]) -> None:
        if self.draw.random() < 0.2:
            return
        row = consulted.lock_for_act(self.collectivity, self.review_id)
        consultations.set_facts(
            actor,
            row,
            neighbourhood_id=self.neighbourhood.get(about["neighbourhood"]),
            age_band=AgeBand(about["age"]),
            gender=Gender(about["gender"]),
        )

    def _react_to_comments(self, key: str, association: str | None) -> None:
        if association is not None:
            return
        public = db.session.scalars(
            sa.select(Contribution.id)
            .where(
                Contribution.collectivity_id == self.collectivity,
                Contribution.consultation_id == self.review_id,
                Contribution.state == PublishState.PUBLISHED,
                Contribution.statement_id.is_not(None),
            )
            .order_by(Contribution.id)
        ).all()
        own = {
            self.cast.contribution[one["key"]]
            for one in self.told.comments
            if one.get("author") == key and one["key"] in self.cast.contribution
        }
        others = [one for one in public if one not in own]
        for contribution_id in self.draw.sample(others, min(len(others), self.draw.randint(1, 6))):
            value = self.draw.choices((1, -1, 0), weights=(7, 2, 1))[0]
            self.cast.contribution[f"#{contribution_id}"] = contribution_id
            self.react(f"#{contribution_id}", key, value)

    def file_opinion(self) -> None:
        """File the advisory body's opinion on the draft."""
        body = db.session.scalar(
            sa.select(AdvisoryBody.id).where(AdvisoryBody.collectivity_id == self.collectivity)
        )
        assert body is not None, "entered with the space"
        contributions.file_opinion(
            self.actor("advisory1"),
            self.where(),
            body_id=body,
            text=self.told.cycle["advisory"]["opinion"]["text"]["ar"].strip(),
            lang="ar",
        )
