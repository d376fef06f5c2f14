"""The queue: what needs a decision, the most urgent first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.db import Words, db
from participate.moderation.models import Appeal, Removal
from participate.moderation.queries.paging import PAGE, cursor, micros_of, moment_of, parts_of
from participate.moderation.queries.shapes import Counts, Listing, Row, Subject, View
from participate.people.models import Association, Person
from participate.plans.models import Axis, Project, ProjectRevision
from participate.rules.moderation import GRAVE, HOLDING, Risk
from participate.rules.outcomes import READABLE_STATES, ContributionKind, PublishState, Stance
from participate.rules.policy import Actor

_SIGNALS = sa.cast(Contribution.signals, sa.Text)


def _has(kinds: frozenset[Any]) -> sa.ColumnElement[bool]:
    return sa.or_(*(_SIGNALS.like(f'%"{kind.value}"%') for kind in sorted(kinds)))


risk_seen = sa.case(
    (_has(GRAVE), int(Risk.GRAVE)),
    (sa.or_(_has(HOLDING), Contribution.reports > 0), int(Risk.SOME)),
    else_=int(Risk.NONE),
)
_OPEN_REMOVAL = aliased(Removal)
_ON_IDEA = aliased(Idea)


def _needs_decision() -> sa.ColumnElement[bool]:
    return sa.or_(
        Contribution.state == PublishState.WAITING,
        sa.and_(Contribution.state.in_(sorted(READABLE_STATES)), Contribution.reports > 0),
        sa.and_(_OPEN_REMOVAL.id.is_not(None), Contribution.state == PublishState.HIDDEN),
    )


def _of_view(view: View, now: datetime) -> sa.ColumnElement[bool]:
    if view is View.FLAGGED:
        return sa.and_(_needs_decision(), risk_seen > 0)
    if view is View.LATE:
        return sa.and_(Contribution.state == PublishState.WAITING, Contribution.due_at < now)
    return _needs_decision()


def joined(*columns: Any) -> sa.Select[Any]:
    """Select contributions with their words, author and subject in one statement."""

    def same(other: Any, key: Any, mine: Any) -> sa.ColumnElement[bool]:
        return sa.and_(other.collectivity_id == Contribution.collectivity_id, key == mine)

    return (
        sa.select(*columns)
        .select_from(Contribution)
        .join(Participant, same(Participant, Participant.id, Contribution.participant_id))
        .outerjoin(Comment, same(Comment, Comment.id, Contribution.id))
        .outerjoin(Idea, same(Idea, Idea.id, Contribution.id))
        .outerjoin(Axis, same(Axis, Axis.id, Idea.axis_id))
        .outerjoin(Project, same(Project, Project.id, Comment.project_id))
        .outerjoin(ProjectRevision, same(ProjectRevision, ProjectRevision.id, Comment.revision_id))
        .outerjoin(_ON_IDEA, same(_ON_IDEA, _ON_IDEA.id, Comment.idea_id))
        .outerjoin(Person, Person.id == Participant.person_id)
        .outerjoin(Association, same(Association, Association.id, Participant.association_id))
        .outerjoin(
            _OPEN_REMOVAL,
            sa.and_(
                same(_OPEN_REMOVAL, _OPEN_REMOVAL.contribution_id, Contribution.id),
                _OPEN_REMOVAL.state == "open",
            ),
        )
    )


ROW_COLUMNS = (
    Contribution,
    Participant,
    Comment,
    Idea,
    Axis.title.label("axis_title"),
    Project.id.label("project_id"),
    Project.number.label("project_number"),
    ProjectRevision.title.label("project_title"),  # the working copy is for those who prepare the plan
    _ON_IDEA.title.label("idea_title"),
    Person.display_name,
    Person.created_at.label("person_since"),
    Association.name.label("association_name"),
    _OPEN_REMOVAL,
    risk_seen.label("risk"),
)


def row_of(found: Any, actor: Actor) -> Row:
    """Return the row of a waiting text from `ROW_COLUMNS`."""
    contribution, participant, comment, idea = found[0], found[1], found[2], found[3]
    removal = found[12]
    if comment is not None:
        title: Words | str | None = found.project_title or found.idea_title
        body = comment.body
        if comment.amend_to:
            body = f"{comment.body}\n\n{comment.amend_to}"
        subject = Subject(
            ContributionKind.COMMENT,
            comment.kind,
            comment.section if comment.project_id else None,
            found.project_id,
            found.project_number,
            title,
        )
        stance = comment.stance
    else:
        body = f"{idea.title}\n\n{idea.problem}\n\n{idea.proposal}"
        subject = Subject(ContributionKind.IDEA, None, None, None, None, found.axis_title)
        stance = Stance.NONE
    if is_taken_back(actor, contribution, participant):
        body = ""
    return Row(
        contribution.id,
        contribution.ref,
        contribution.state,
        stance,
        found.association_name or found.display_name,
        participant.kind,
        subject,
        body,
        contribution.lang,
        contribution.submitted_at,
        contribution.due_at,
        tuple(contribution.signals or ()),
        contribution.reports,
        Risk(found.risk),
        contribution.row_version,
        is_own(actor, contribution, participant),
        removal.asked_by if removal is not None else None,
    )


def is_own(actor: Actor, contribution: Contribution, participant: Participant) -> bool:
    """Return whether the actor wrote a text, or holds a mandate of the association that did."""
    if actor.person_id is None:
        return False
    if actor.person_id in {contribution.acting_person_id, participant.person_id}:
        return True
    return (contribution.collectivity_id, participant.association_id) in actor.mandates


def is_taken_back(actor: Actor, contribution: Contribution, participant: Participant) -> bool:
    """Return whether the author withdrew a text: from then on nobody else reads it, moderators neither."""
    return contribution.state is PublishState.WITHDRAWN and not is_own(actor, contribution, participant)


def queue(actor: Actor, collectivity_id: int, view: View, now: datetime, after: str | None = None) -> Listing:
    """Return what waits, oldest risk first: gravest, then oldest."""
    statement = joined(*ROW_COLUMNS).where(
        Contribution.collectivity_id == collectivity_id, _of_view(view, now)
    )
    at = parts_of(after, 3)
    if at is not None:
        risk, micros, last = at
        moment = moment_of(micros)
        statement = statement.where(
            sa.or_(
                risk > risk_seen,
                sa.and_(risk_seen == risk, Contribution.submitted_at > moment),
                sa.and_(risk_seen == risk, Contribution.submitted_at == moment, Contribution.id > last),
            )
        )
    found = db.session.execute(
        statement.order_by(risk_seen.desc(), Contribution.submitted_at, Contribution.id).limit(PAGE + 1)
    ).all()
    rows = tuple(row_of(one, actor) for one in found[:PAGE])
    last_row = rows[-1] if len(found) > PAGE else None
    return Listing(
        rows,
        cursor(int(last_row.risk), micros_of(last_row.submitted_at), last_row.id) if last_row else None,
    )


def next_case(actor: Actor, collectivity_id: int, view: View, now: datetime) -> str | None:
    """Return the reference of the next text this moderator may decide on."""
    for row in queue(actor, collectivity_id, view, now).rows:
        if not row.own and row.removal_asked_by != actor.person_id:
            return row.ref
    return None


def counts(collectivity_id: int, now: datetime) -> Counts:
    """Return how many texts wait, one statement."""

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    appeals = (
        sa.select(sa.func.count())
        .select_from(Appeal)
        .where(Appeal.collectivity_id == collectivity_id, Appeal.state == "open")
        .scalar_subquery()
    )
    states = [PublishState.WAITING, PublishState.HIDDEN, *sorted(READABLE_STATES)]
    found = db.session.execute(
        sa.select(
            number(_needs_decision()),
            number(_of_view(View.FLAGGED, now)),
            number(_of_view(View.LATE, now)),
            appeals,
        )
        .select_from(Contribution)
        .outerjoin(
            _OPEN_REMOVAL,
            sa.and_(
                _OPEN_REMOVAL.collectivity_id == Contribution.collectivity_id,
                _OPEN_REMOVAL.contribution_id == Contribution.id,
                _OPEN_REMOVAL.state == "open",
            ),
        )
        .where(Contribution.collectivity_id == collectivity_id, Contribution.state.in_(states))
    ).one()
    return Counts(int(found[0]), int(found[1]), int(found[2]), int(found[3]))
