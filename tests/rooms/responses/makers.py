"""Texts that are owed an answer, and the committee that gives it. Rows, not other rooms' verbs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from participate.consultations.models import Consultation
from participate.contributions.models import Comment, Contribution, Idea
from participate.db import add, clock, db, new_id
from participate.people.models import Person
from participate.positions.models import Statement
from participate.responses import actions
from participate.responses.actions import Subject
from participate.responses.models import Response, Theme
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    ContributionKind,
    Outcome,
    PublishState,
    StatementKind,
)
from participate.rules.policy import Actor, Role
from tests import makers

_count = itertools.count(1)
TEXT = {"ar": "جواب اللجنة.", "fr": "La réponse du comité."}
REASON = {"ar": "ليس من اختصاص الجماعة.", "fr": "Ce n'est pas la compétence de la commune."}


@dataclass
class Desk:
    """A plan whose review is closed, and the people who answer."""

    made: makers.APlan
    officer: Person
    member: Person
    president: Person

    @property
    def here(self) -> int:
        """Key of the collectivity."""
        return self.made.collectivity.id

    @property
    def review(self) -> Consultation:
        """The review of the draft."""
        assert self.made.review is not None
        return self.made.review

    @property
    def path(self) -> str:
        """Address of the plan's desk, in French."""
        return f"/fr/desk/{self.made.collectivity.slug}/plan/{self.made.plan.cycle}"

    def actor(self, person: Person | None = None) -> Actor:
        """The officer's actor, or somebody's."""
        return makers.actor_of(person or self.officer)


def a_desk(stage: Stage = Stage.SYNTHESIS) -> Desk:
    """A plan at a stage, an officer, a member of the committee and the president."""
    made = makers.a_plan(stage)
    found = Desk(
        made,
        makers.staff(made.collectivity, Role.OFFICER),
        makers.staff(made.collectivity, Role.COMMITTEE_MEMBER),
        makers.staff(made.collectivity, Role.PRESIDENT),
    )
    db.session.commit()
    return found


def a_text(desk: Desk, kind: ContributionKind = ContributionKind.COMMENT, **changes: Any) -> Contribution:
    """A published comment on the first project, or an idea; `state`, `parent_id`, `project`, `agree` … change it."""
    number = next(_count)
    consultation = changes.pop("consultation", desk.review)
    scope = {"collectivity_id": desk.here}
    now = clock()
    state = changes.pop("state", PublishState.PUBLISHED)
    parent = changes.pop("parent_id", None)
    project = changes.pop("project", 1)
    agree = changes.pop("agree", 0)
    words = changes.pop("words", f"texte numéro {number} des habitants")
    idea_id = changes.pop("idea_id", None)
    statement = (
        add(
            Statement(
                **scope,
                id=new_id(),
                consultation_id=consultation.id,
                kind=StatementKind(kind.value),
                agree=agree,
                created_at=now,
            )
        )
        if parent is None
        else None
    )
    row = add(
        Contribution(
            **{
                **scope,
                "id": new_id(),
                "kind": kind,
                "ref": f"AAAA-{number:04d}",
                "consultation_id": consultation.id,
                "participant_id": makers.a_participant(consultation).id,
                "statement_id": statement.id if statement else None,
                "state": state,
                "lang": "fr",
                "signals": [],
                "submitted_at": now,
                "due_at": now,
                "published_at": now,
                "withdrawn_at": now if state is PublishState.WITHDRAWN else None,
                **changes,
            }
        )
    )
    if kind is ContributionKind.IDEA:
        add(
            Idea(
                **scope,
                id=row.id,
                title=f"Idée {number}",
                problem=f"problème {number}",
                proposal=words,
                axis_id=desk.made.axes[number % 2].id,
            )
        )
    else:
        add(
            Comment(
                **scope,
                id=row.id,
                body=words,
                parent_id=parent,
                idea_id=idea_id,
                project_id=desk.made.projects[project - 1].id if project and not idea_id else None,
            )
        )
    db.session.commit()
    return row


def an_idea(desk: Desk, **changes: Any) -> Contribution:
    """A published idea."""
    return a_text(desk, ContributionKind.IDEA, **changes)


def a_theme(desk: Desk, *texts: Contribution, project: int | None = None) -> Theme:
    """A theme with contributions."""
    row = actions.save_theme(
        desk.actor(),
        desk.here,
        desk.review.id,
        makers.words(f"theme {next(_count)}"),
        project_id=desk.made.projects[project - 1].id if project else None,
    )
    if texts:
        actions.fill_theme(desk.actor(), desk.here, row.id, [one.id for one in texts])
    db.session.commit()
    return row


def about(desk: Desk, thing: Theme | Contribution | None = None, *, project: int = 0) -> Subject:
    """What a response answers."""
    keys: dict[str, int] = {}
    if isinstance(thing, Theme):
        keys["theme_id"] = thing.id
    elif isinstance(thing, Contribution):
        keys["contribution_id"] = thing.id
    else:
        keys["project_id"] = desk.made.projects[project - 1].id
    return Subject(desk.here, desk.review.id, **keys)


def a_response(
    desk: Desk,
    subject: Subject,
    outcome: Outcome = Outcome.ACCEPTED,
    *,
    approved: bool = False,
    **changes: Any,
) -> Response:
    """A draft by the officer, approved by the committee's member if asked."""
    row = actions.write_response(
        desk.actor(), subject, outcome, changes.pop("text", TEXT), changes.pop("reason", REASON), **changes
    )
    if approved:
        actions.approve(desk.actor(desk.member), desk.here, row.id)
    db.session.commit()
    return row
