"""The desk: texts to group."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries import Author, shown, visible_to
from participate.db import Words, db
from participate.people.models import Association, Person
from participate.plans.models import Axis, Project
from participate.positions.models import Statement
from participate.responses.models import Response, ThemeMember
from participate.responses.queries.conditions import same_collectivity
from participate.responses.queries.owed import answerable
from participate.rules.outcomes import (
    CommentKind,
    ConsultationState,
    ContributionKind,
    ParticipantKind,
    Section,
    Stance,
)

DESK_ROWS = 40
"""Texts shown at once while grouping: more than elsewhere, because they are ticked together."""


@dataclass(frozen=True)
class Point:
    """A contribution at the answers' desk. `agree` and `disagree` are None before its consultation closes."""

    id: int
    ref: str
    kind: ContributionKind
    comment_kind: CommentKind | None
    section: Section | None
    stance: Stance
    author: Author
    title: str
    text: str
    amend: tuple[str, str] | None
    lang: str
    at: datetime
    project_number: int | None
    axis: Words | None
    agree: int | None
    disagree: int | None
    consultation_id: int


@dataclass(frozen=True)
class PointPage:
    """Some contributions and the cursor of the next ones."""

    rows: tuple[Point, ...]
    after: str | None


class About(StrEnum):
    """What the contributions of a list are about, when not one project."""

    PLAN = "plan"
    IDEAS = "ideas"


def points_to_group() -> Any:
    """Return the statement that fetches texts with what the committee sees beside them."""
    return (
        sa.select(
            Contribution,
            Comment,
            Idea,
            Project.number,
            Axis.title,
            Statement.agree,
            Statement.disagree,
            Consultation.state,
            Participant.kind,
            Participant.association_id,
            Person.display_name,
            Association.name,
        )
        .join(
            Consultation,
            same_collectivity(Consultation, Contribution) & (Consultation.id == Contribution.consultation_id),
        )
        .join(
            Participant,
            same_collectivity(Participant, Contribution) & (Participant.id == Contribution.participant_id),
        )
        .outerjoin(Person, Person.id == Participant.person_id)
        .outerjoin(
            Association,
            same_collectivity(Association, Participant) & (Association.id == Participant.association_id),
        )
        .outerjoin(Comment, same_collectivity(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Idea, same_collectivity(Idea, Contribution) & (Idea.id == Contribution.id))
        .outerjoin(Axis, same_collectivity(Axis, Idea) & (Axis.id == Idea.axis_id))
        .outerjoin(Project, same_collectivity(Project, Comment) & (Project.id == Comment.project_id))
        .outerjoin(
            Statement,
            same_collectivity(Statement, Contribution) & (Statement.id == Contribution.statement_id),
        )
        .where(visible_to(), answerable())
        .execution_options(populate_existing=True)
    )


def point_of(row: Any) -> Point:
    """Return the text that a row of `points_to_group` holds."""
    base, comment, idea, number, axis, agree, disagree, state, kind, association_id, name, association = row[
        :12
    ]
    words = idea or comment
    ended = state in (ConsultationState.CLOSED, ConsultationState.ARCHIVED)
    if kind is ParticipantKind.ASSOCIATION:
        author = Author("association", None, association, association_id)
    elif kind is ParticipantKind.CITIZEN:
        author = Author("staff" if base.by_staff else "citizen", name)
    else:
        author = Author(kind.value)
    text = (
        "\n\n".join(shown(idea, base.state, part) for part in ("problem", "proposal"))
        if idea
        else shown(comment, base.state, "body")
    )
    amended = comment is not None and comment.kind is CommentKind.AMENDMENT
    return Point(
        id=base.id,
        ref=base.ref,
        kind=base.kind,
        comment_kind=comment.kind if comment else None,
        section=comment.section if comment else None,
        stance=comment.stance if comment else Stance.NONE,
        author=author,
        title=shown(idea, base.state, "title") if idea else "",
        text=text,
        amend=(shown(words, base.state, "amend_from"), shown(words, base.state, "amend_to"))
        if amended
        else None,
        lang=base.lang,
        at=base.published_at or base.submitted_at,
        project_number=number,
        axis=axis,
        agree=agree if ended else None,
        disagree=disagree if ended else None,
        consultation_id=base.consultation_id,
    )


def ungrouped(
    collectivity_id: int,
    consultation_id: int,
    *,
    project: int | None = None,
    about: About | None = None,
    after: str | None = None,
    limit: int = DESK_ROWS,
) -> PointPage:
    """Return contributions that are in no theme and have no answer of their own, oldest first.

    `project` is a number; `about` picks comments on the plan as a whole, or ideas. One statement.
    """
    member, own = aliased(ThemeMember), aliased(Response)
    statement = points_to_group().where(
        Contribution.collectivity_id == collectivity_id,
        Contribution.consultation_id == consultation_id,
        ~sa.exists()
        .where(same_collectivity(member, Contribution), member.contribution_id == Contribution.id)
        .correlate(Contribution),
        ~sa.exists()
        .where(same_collectivity(own, Contribution), own.contribution_id == Contribution.id)
        .correlate(Contribution),
    )
    if project is not None:
        statement = statement.where(Project.number == project)
    elif about is About.IDEAS:
        statement = statement.where(Contribution.kind == ContributionKind.IDEA)
    elif about is About.PLAN:
        statement = statement.where(
            Contribution.kind == ContributionKind.COMMENT,
            Comment.project_id.is_(None),
            Comment.idea_id.is_(None),
        )
    flag, at, last = read_cursor(after)
    rows = db.session.execute(
        statement.where(
            sa.true()
            if flag is None
            else sa.or_(
                Contribution.submitted_at > at,
                (Contribution.submitted_at == at) & (Contribution.id > last),
            )
        )
        .order_by(Contribution.submitted_at, Contribution.id)
        .limit(limit + 1)
    ).all()
    cursor = cursor_after(0, rows[limit - 1][0]) if len(rows) > limit else None
    return PointPage(tuple(point_of(row) for row in rows[:limit]), cursor)


def ungrouped_counts(collectivity_id: int, consultation_id: int) -> dict[int | About, int]:
    """Return how many contributions wait for a theme or an answer, by project number and by `About`.

    One statement. Comments on ideas are counted in no part, only on the page of everything.
    """
    member, own = aliased(ThemeMember), aliased(Response)
    rows = db.session.execute(
        sa.select(Contribution.kind, Project.number, Comment.idea_id.is_not(None), sa.func.count())
        .select_from(Contribution)
        .outerjoin(Comment, same_collectivity(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Project, same_collectivity(Project, Comment) & (Project.id == Comment.project_id))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id == consultation_id,
            answerable(),
            ~sa.exists()
            .where(same_collectivity(member, Contribution), member.contribution_id == Contribution.id)
            .correlate(Contribution),
            ~sa.exists()
            .where(same_collectivity(own, Contribution), own.contribution_id == Contribution.id)
            .correlate(Contribution),
        )
        .group_by(Contribution.kind, Project.number, Comment.idea_id.is_not(None))
    )
    found: dict[int | About, int] = {}
    for kind, number, on_idea, count in rows:
        if kind is ContributionKind.IDEA:
            found[About.IDEAS] = found.get(About.IDEAS, 0) + count
        elif number is not None:
            found[number] = found.get(number, 0) + count
        elif not on_idea:
            found[About.PLAN] = found.get(About.PLAN, 0) + count
    return found


def point(collectivity_id: int, plan_id: int, ref: str) -> Point | None:
    """Return one contribution of a plan that is owed an answer, by its written reference."""
    row = db.session.execute(
        points_to_group().where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.ref == ref,
            Consultation.plan_id == plan_id,
        )
    ).one_or_none()
    return point_of(row) if row is not None else None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_after(flag: int, base: Contribution) -> str:
    """Return the opaque cursor that stands after a text; see `read_cursor`."""
    micros = (base.submitted_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{flag}.{micros}.{base.id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[int | None, datetime, int]:
    """Return what a cursor holds; an unreadable one starts at the beginning (None)."""
    nothing = (None, _EPOCH, 0)
    if not cursor or len(cursor) > 100:
        return nothing
    try:
        flag, micros, last = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(".")
        found = int(flag), _EPOCH + timedelta(microseconds=int(micros)), int(last)
    except (ValueError, OverflowError, binascii.Error):
        return nothing
    return found if 0 <= found[2] < 2**63 and found[0] in (0, 1) else nothing
