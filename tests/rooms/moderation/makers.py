"""Texts in every state, written as rows, and the people around them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from participate.consultations.models import Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.db import add, clock, db, new_id
from participate.moderation import queries
from participate.people.models import Association, Person
from participate.positions.models import Statement
from participate.rules.outcomes import (
    READABLE_STATES,
    CommentKind,
    ContributionKind,
    ParticipantKind,
    PublishState,
    Section,
    Stance,
    StatementKind,
)
from participate.rules.policy import Actor, Place, Role
from participate.rules.references import grouped, reference_of
from tests import makers

HOSTILE = "<script>alert(1)</script>{{7*7}} اتصلوا بي على 0661223344 \u202eأو"


@dataclass
class Desk:
    """A plan under review, two moderators, an author and a waiting comment."""

    plan: makers.APlan
    first: Person
    second: Person
    author: Person
    text: Contribution

    @property
    def slug(self) -> str:
        """The collectivity's slug."""
        return self.plan.collectivity.slug

    @property
    def place(self) -> Place:
        """The place of the text."""
        return place_of(self, self.text)

    @property
    def path(self) -> str:
        """The desk, in French."""
        return f"/fr/desk/{self.slug}/moderation/"

    def case(self, text: Contribution | None = None) -> str:
        """The case page of a text."""
        return f"{self.path}{(text or self.text).ref}"


def place_of(desk: Desk, text: Contribution) -> Place:
    """The place of a text, as a guard finds it."""
    found = queries.contribution_place(desk.slug, text.ref)
    assert found is not None
    return found


def actor(person: Person) -> Actor:
    """The actor a person is."""
    return makers.actor_of(person)


def a_desk(body: str = HOSTILE, **changes: Any) -> Desk:
    """A desk with one waiting comment."""
    plan = makers.a_plan()
    first = makers.staff(plan.collectivity, Role.MODERATOR)
    second = makers.staff(plan.collectivity, Role.MODERATOR)
    author = makers.a_person("Zineb Auteure", email="zineb.secret@example.test", lang="fr")
    return Desk(plan, first, second, author, a_comment(plan, author, body, **changes))


def a_voice(
    plan: makers.APlan, person: Person | None = None, association: Association | None = None
) -> Participant:
    """A participant, found or made."""
    assert plan.review is not None
    for row in db.session.query(Participant).filter_by(
        collectivity_id=plan.collectivity.id,
        consultation_id=plan.review.id,
        person_id=person.id if person and not association else None,
        association_id=association.id if association else None,
    ):
        return row
    return add(
        Participant(
            collectivity_id=plan.collectivity.id,
            id=new_id(),
            consultation_id=plan.review.id,
            kind=ParticipantKind.ASSOCIATION if association else ParticipantKind.CITIZEN,
            person_id=None if association else (person.id if person else None),
            association_id=association.id if association else None,
            created_at=clock(),
        )
    )


def _base(
    plan: makers.APlan,
    voice: Participant,
    kind: ContributionKind,
    state: PublishState,
    person: Person | None,
    **changes: Any,
) -> Contribution:
    assert plan.review is not None
    submitted: datetime = changes.pop("submitted_at", clock() - timedelta(hours=3))
    statement = add(
        Statement(
            collectivity_id=plan.collectivity.id,
            id=new_id(),
            consultation_id=plan.review.id,
            kind=StatementKind(kind.value),
            votable=state in READABLE_STATES,
            created_at=submitted,
        )
    )
    return add(
        Contribution(
            **{
                "collectivity_id": plan.collectivity.id,
                "id": new_id(),
                "kind": kind,
                "ref": grouped(reference_of(secrets.token_bytes(5))),
                "consultation_id": plan.review.id,
                "participant_id": voice.id,
                "acting_person_id": person.id if person else None,
                "statement_id": statement.id,
                "state": state,
                "lang": "ar",
                "signals": [],
                "submitted_at": submitted,
                "due_at": submitted + timedelta(hours=48),
                "published_at": submitted if state in READABLE_STATES else None,
                **changes,
            }
        )
    )


def a_comment(
    plan: makers.APlan,
    person: Person,
    body: str = "نقترح إنارة الزقاق الخلفي للسوق.",
    *,
    state: PublishState = PublishState.WAITING,
    association: Association | None = None,
    stance: Stance = Stance.FOR,
    **changes: Any,
) -> Contribution:
    """A comment on the solution of the first project."""
    base = _base(plan, a_voice(plan, person, association), ContributionKind.COMMENT, state, person, **changes)
    add(
        Comment(
            collectivity_id=base.collectivity_id,
            id=base.id,
            project_id=plan.projects[0].id,
            revision_id=plan.revisions[0].id,
            section=Section.SOLUTION,
            kind=CommentKind.OPINION,
            stance=stance,
            body=body,
        )
    )
    return base


def an_idea(
    plan: makers.APlan, person: Person, *, state: PublishState = PublishState.PUBLISHED, **changes: Any
) -> Contribution:
    """An idea under the first axis."""
    base = _base(plan, a_voice(plan, person), ContributionKind.IDEA, state, person, **changes)
    add(
        Idea(
            collectivity_id=base.collectivity_id,
            id=base.id,
            title="خريطة الحفر",
            problem="الحفر تكثر بعد المطر.",
            proposal="خريطة يضع فيها الناس علامة.",
            axis_id=plan.axes[0].id,
        )
    )
    return base
