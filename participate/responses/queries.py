"""Reading answers: what still needs one, what was drafted, and what everybody may read.

The public reads published responses only; an idea's fate is public from the moment it is decided.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries import Author, FateView, shown, visible_to
from participate.db import Words, db
from participate.network.models import Collectivity
from participate.people.models import Association, Person
from participate.plans.models import (
    ActionPlan,
    Axis,
    PlanVersion,
    Project,
    ProjectRevision,
    VersionProject,
)
from participate.positions.models import ProjectStatement, Statement
from participate.responses.models import IdeaFate, Response, Theme, ThemeMember
from participate.rules.outcomes import (
    OUTCOMES_NEEDING_REASON,
    READABLE_STATES,
    CommentKind,
    ConsultationKind,
    ConsultationState,
    ContributionKind,
    Fate,
    Outcome,
    ParticipantKind,
    ResponseState,
    Section,
    Stance,
)
from participate.rules.policy import Place

GIVEN = (ResponseState.APPROVED, ResponseState.PUBLISHED)
"""States in which an answer counts: a second person has read it."""
PAGE_ROWS = 20
DESK_ROWS = 40
"""Texts shown at once while grouping: more than elsewhere, because they are ticked together."""
LIVE = (ConsultationState.ANNOUNCED, ConsultationState.OPEN, ConsultationState.CLOSED)
_READABLE = sorted(READABLE_STATES)


def _same(one: Any, two: Any) -> Any:
    """Return the condition that two rows belong to the same collectivity."""
    return one.collectivity_id == two.collectivity_id


# --- places ------------------------------------------------------------------------------------------


def response_place(slug: str, cycle: str, response_id: int, **_rest: object) -> Place:
    """Return the place of a response, with who wrote it. Raises NotFound.

    `ids` holds "plan", "consultation" and "response".
    """
    row = db.session.execute(
        sa.select(
            ActionPlan.collectivity_id,
            ActionPlan.id.label("plan_id"),
            ActionPlan.stage,
            Response.id,
            Response.consultation_id,
            Response.written_by,
            Response.state,
        )
        .join(Collectivity, Collectivity.id == ActionPlan.collectivity_id)
        .join(Consultation, _same(Consultation, ActionPlan) & (Consultation.plan_id == ActionPlan.id))
        .join(Response, _same(Response, Consultation) & (Response.consultation_id == Consultation.id))
        .where(Collectivity.slug == slug, ActionPlan.cycle == cycle, Response.id == response_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(
        collectivity_id=row.collectivity_id,
        plan_id=row.plan_id,
        stage=row.stage,
        consultation_id=row.consultation_id,
        written_by=row.written_by,
        settled=row.state is ResponseState.PUBLISHED,
        ids={"plan": row.plan_id, "consultation": row.consultation_id, "response": row.id},
        slug=slug,
        cycle=cycle,
    )


# --- rounds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Round:
    """A consultation whose contributions are answered."""

    id: int
    kind: ConsultationKind
    state: ConsultationState
    title: Words
    closes_at: datetime

    @property
    def closed(self) -> bool:
        """Whether directional figures may be seen."""
        return self.state in (ConsultationState.CLOSED, ConsultationState.ARCHIVED)


def rounds(collectivity_id: int, plan_id: int) -> tuple[Round, ...]:
    """Return the consultations of the plan's present round, the newest first."""
    rows = db.session.execute(
        sa.select(
            Consultation.id, Consultation.kind, Consultation.state, Consultation.title, Consultation.closes_at
        )
        .where(
            Consultation.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Consultation.state.in_(LIVE),
        )
        .order_by(Consultation.opens_at.desc(), Consultation.id.desc())
    )
    return tuple(Round(*row) for row in rows)


# --- coverage ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """How many contributions are owed an answer, how many have an approved one, and what it says.

    A count of texts: published ideas and published top-level comments.
    """

    answerable: int
    answered: int
    by_outcome: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """How many contributions still need an answer that a second person has read."""
        return self.answerable - self.answered

    @property
    def complete(self) -> bool:
        """Whether nobody is left without an answer."""
        return self.missing == 0


def answerable(contribution: Any = Contribution, comment: Any = Comment) -> Any:
    """Return the condition of a contribution that is owed an answer; the statement outer-joins Comment.

    Replies, withdrawn, hidden and merged texts are not. Source: design/8, Lifecycle, responses, council.
    """
    return contribution.state.in_(_READABLE) & comment.parent_id.is_(None)


def _own_answer() -> Any:
    own = aliased(Response)
    return (
        sa.select(own.outcome)
        .where(
            own.collectivity_id == Contribution.collectivity_id,
            own.contribution_id == Contribution.id,
            own.state.in_(GIVEN),
        )
        .limit(1)
        .correlate(Contribution)
        .scalar_subquery()
    )


def _theme_answer() -> Any:
    member, given = aliased(ThemeMember), aliased(Response)
    return (
        sa.select(given.outcome)
        .select_from(member)
        .join(given, _same(given, member) & (given.theme_id == member.theme_id))
        .where(
            member.collectivity_id == Contribution.collectivity_id,
            member.contribution_id == Contribution.id,
            given.state.in_(GIVEN),
        )
        .order_by(member.main.desc(), given.id)
        .limit(1)
        .correlate(Contribution)
        .scalar_subquery()
    )


def coverage(collectivity_id: int, *consultation_ids: int) -> Coverage:
    """Return the coverage of one or several consultations of a collectivity. One statement.

    A contribution is covered by its own approved response or by one of its themes' (its main theme's
    outcome is counted), never by the general answer to its project.
    """
    each = (
        sa.select(sa.func.coalesce(_own_answer(), _theme_answer()).label("outcome"))
        .select_from(Contribution)
        .outerjoin(Comment, _same(Comment, Contribution) & (Comment.id == Contribution.id))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id.in_(consultation_ids),
            answerable(),
        )
        .subquery()
    )
    rows = db.session.execute(sa.select(each.c.outcome, sa.func.count()).group_by(each.c.outcome)).all()
    counts = {Outcome(outcome) if outcome else None: int(count) for outcome, count in rows}
    by_outcome = {outcome: counts[outcome] for outcome in Outcome if outcome in counts}
    return Coverage(sum(counts.values()), sum(by_outcome.values()), by_outcome)


# --- fates, for everybody ------------------------------------------------------------------------------------


def fates(collectivity_id: int, idea_ids: Sequence[int]) -> dict[int, FateView]:
    """Return what became of ideas, by idea. One statement; public as soon as it is decided."""
    if not idea_ids:
        return {}
    target = aliased(Contribution)
    rows = db.session.execute(
        sa.select(IdeaFate, Project.number, target.ref)
        .outerjoin(Project, _same(Project, IdeaFate) & (Project.id == IdeaFate.project_id))
        .outerjoin(target, _same(target, IdeaFate) & (target.id == IdeaFate.merged_into))
        .where(IdeaFate.collectivity_id == collectivity_id, IdeaFate.contribution_id.in_(idea_ids))
        .execution_options(populate_existing=True)
    )
    return {
        row.contribution_id: FateView(row.fate, row.reason, row.decided_at, number, ref)
        for row, number, ref in rows
    }


def ids_with_fate(collectivity_id: int, fate: Fate) -> sa.Select[Any]:
    """Return the statement of the ideas with this fate."""
    return sa.select(IdeaFate.contribution_id).where(
        IdeaFate.collectivity_id == collectivity_id, IdeaFate.fate == fate
    )


# --- published answers, for everybody ----------------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerView:
    """A published response. `changed_version` is the version whose wording changed because of it."""

    id: int
    outcome: Outcome
    text: Words
    reason: Words | None
    changed: bool
    changed_version: int | None
    published_at: datetime
    signed: Words
    theme_id: int | None
    theme_title: Words | None
    project_number: int | None


def _published() -> Any:
    """Return the statement of published responses: Response, signer, theme's title, project, version."""
    pin, version = aliased(VersionProject), aliased(PlanVersion)
    first_version = (
        sa.select(sa.func.min(version.number))
        .select_from(pin)
        .join(version, _same(version, pin) & (version.id == pin.version_id))
        .where(pin.collectivity_id == Response.collectivity_id, pin.revision_id == Response.revision_id)
        .correlate(Response)
        .scalar_subquery()
    )
    return (
        sa.select(Response, Collectivity.name, Theme.title, Project.number, first_version)
        .join(Collectivity, Collectivity.id == Response.collectivity_id)
        .outerjoin(Theme, _same(Theme, Response) & (Theme.id == Response.theme_id))
        .outerjoin(
            Project,
            _same(Project, Response)
            & (Project.id == sa.func.coalesce(Response.project_id, Theme.project_id)),
        )
        .where(Response.state == ResponseState.PUBLISHED)
        .execution_options(populate_existing=True)
    )


def _answer(row: Any) -> AnswerView:
    response, signed, theme_title, project_number, version = row
    return AnswerView(
        id=response.id,
        outcome=response.outcome,
        text=response.text,
        reason=response.reason,
        changed=response.changed,
        changed_version=version,
        published_at=response.published_at,
        signed=signed,
        theme_id=response.theme_id,
        theme_title=theme_title,
        project_number=project_number,
    )


def response_for(collectivity_id: int, contribution_ids: Sequence[int]) -> dict[int, AnswerView]:
    """Return the published answer of each contribution: its own, else its main theme's, else another's.

    One statement. A contribution whose answer is not published is left out.
    """
    if not contribution_ids:
        return {}
    wanted = sa.or_(
        Response.contribution_id.in_(contribution_ids), ThemeMember.contribution_id.in_(contribution_ids)
    )
    rows = db.session.execute(
        _published()
        .add_columns(
            sa.func.coalesce(Response.contribution_id, ThemeMember.contribution_id), ThemeMember.main
        )
        .outerjoin(
            ThemeMember,
            _same(ThemeMember, Response)
            & (ThemeMember.theme_id == Response.theme_id)
            & ThemeMember.contribution_id.in_(contribution_ids),
        )
        .where(Response.collectivity_id == collectivity_id, wanted)
        .order_by(
            Response.contribution_id.is_(None),
            sa.func.coalesce(ThemeMember.main, sa.false()).desc(),
            Response.id,
        )
    )
    found: dict[int, AnswerView] = {}
    for row in rows:
        found.setdefault(row[5], _answer(row[:5]))
    return found


def response_of_projects(collectivity_id: int, project_ids: Sequence[int]) -> dict[int, AnswerView]:
    """Return the latest published general answer of each project, by project. One statement."""
    if not project_ids:
        return {}
    rows = db.session.execute(
        _published()
        .where(Response.collectivity_id == collectivity_id, Response.project_id.in_(project_ids))
        .order_by(Response.published_at)
    )
    return {row[0].project_id: _answer(row) for row in rows}


@dataclass(frozen=True)
class PointView:
    """One line of the public answers: what was said, by how many, and what the commune answers.

    `texts` counts contributions; `agree` the most supported one's supporters (0 without positions);
    `refs` are of the contributions answered, main ones first, at most ten.
    """

    answer: AnswerView
    texts: int
    agree: int
    quote: str | None
    quote_lang: str | None
    title: str | None
    refs: tuple[str, ...]


def published_points(
    collectivity_id: int, plan_id: int, outcome: Outcome | None = None
) -> tuple[PointView, ...]:
    """Return a plan's published answers to themes and single contributions, in the public order.

    First what was not accepted, the most supported first: those readers look for it. Then the rest,
    likewise. One statement. Supporters are shown because the consultation is closed by then.
    """
    statement = (
        _published()
        .add_columns(Contribution.id, Contribution.ref, Contribution.lang, Statement.agree, Comment, Idea)
        .add_columns(Contribution.state, ThemeMember.main)
        .join(Consultation, _same(Consultation, Response) & (Consultation.id == Response.consultation_id))
        .outerjoin(ThemeMember, _same(ThemeMember, Response) & (ThemeMember.theme_id == Response.theme_id))
        .outerjoin(
            Contribution,
            _same(Contribution, Response)
            & (Contribution.id == sa.func.coalesce(Response.contribution_id, ThemeMember.contribution_id))
            & Contribution.state.in_(_READABLE),
        )
        .outerjoin(Comment, _same(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Idea, _same(Idea, Contribution) & (Idea.id == Contribution.id))
        .outerjoin(Statement, _same(Statement, Contribution) & (Statement.id == Contribution.statement_id))
        .where(
            Response.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Response.project_id.is_(None),
        )
        .order_by(Response.id, Contribution.submitted_at, Contribution.id)
    )
    if outcome is not None:
        statement = statement.where(Response.outcome == outcome)
    groups: dict[int, list[Any]] = {}
    for row in db.session.execute(statement):
        groups.setdefault(row[0].id, []).append(row)
    points = [_point(rows) for rows in groups.values()]
    return tuple(
        sorted(
            points,
            key=lambda p: (
                p.answer.outcome not in OUTCOMES_NEEDING_REASON,
                -max(p.agree, p.texts),
                -p.texts,
                p.answer.id,
            ),
        )
    )


def _point(rows: Sequence[Any]) -> PointView:
    members = [row for row in rows if row[5] is not None]
    members.sort(key=lambda row: (not row[12], -(row[8] or 0)))
    single = members[0] if members and rows[0][0].theme_id is None else None
    words = (single[9] or single[10]) if single else None
    return PointView(
        answer=_answer(rows[0][:5]),
        texts=len(members),
        agree=max((row[8] or 0 for row in members), default=0),
        quote=shown(words, single[11], "proposal" if single[10] else "body") if single and words else None,
        quote_lang=single[7] if single else None,
        title=shown(single[10], single[11], "title") if single and single[10] else None,
        refs=tuple(row[6] for row in members[:10]),
    )


# --- the desk: texts ------------------------------------------------------------------------------------------


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


def _points() -> Any:
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
            _same(Consultation, Contribution) & (Consultation.id == Contribution.consultation_id),
        )
        .join(Participant, _same(Participant, Contribution) & (Participant.id == Contribution.participant_id))
        .outerjoin(Person, Person.id == Participant.person_id)
        .outerjoin(
            Association, _same(Association, Participant) & (Association.id == Participant.association_id)
        )
        .outerjoin(Comment, _same(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Idea, _same(Idea, Contribution) & (Idea.id == Contribution.id))
        .outerjoin(Axis, _same(Axis, Idea) & (Axis.id == Idea.axis_id))
        .outerjoin(Project, _same(Project, Comment) & (Project.id == Comment.project_id))
        .outerjoin(Statement, _same(Statement, Contribution) & (Statement.id == Contribution.statement_id))
        .where(visible_to(), answerable())
        .execution_options(populate_existing=True)
    )


def _point_of(row: Any) -> Point:
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
    statement = _points().where(
        Contribution.collectivity_id == collectivity_id,
        Contribution.consultation_id == consultation_id,
        ~sa.exists()
        .where(_same(member, Contribution), member.contribution_id == Contribution.id)
        .correlate(Contribution),
        ~sa.exists()
        .where(_same(own, Contribution), own.contribution_id == Contribution.id)
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
    flag, at, last = _read_cursor(after)
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
    cursor = _cursor(0, rows[limit - 1][0]) if len(rows) > limit else None
    return PointPage(tuple(_point_of(row) for row in rows[:limit]), cursor)


def ungrouped_counts(collectivity_id: int, consultation_id: int) -> dict[int | About, int]:
    """Return how many contributions wait for a theme or an answer, by project number and by `About`.

    One statement. Comments on ideas are counted in no part, only on the page of everything.
    """
    member, own = aliased(ThemeMember), aliased(Response)
    rows = db.session.execute(
        sa.select(Contribution.kind, Project.number, Comment.idea_id.is_not(None), sa.func.count())
        .select_from(Contribution)
        .outerjoin(Comment, _same(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Project, _same(Project, Comment) & (Project.id == Comment.project_id))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id == consultation_id,
            answerable(),
            ~sa.exists()
            .where(_same(member, Contribution), member.contribution_id == Contribution.id)
            .correlate(Contribution),
            ~sa.exists()
            .where(_same(own, Contribution), own.contribution_id == Contribution.id)
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
        _points().where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.ref == ref,
            Consultation.plan_id == plan_id,
        )
    ).one_or_none()
    return _point_of(row) if row is not None else None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _cursor(flag: int, base: Contribution) -> str:
    micros = (base.submitted_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{flag}.{micros}.{base.id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[int | None, datetime, int]:
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


# --- the desk: ideas ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FateDraft:
    """The decision on an idea, as the committee edits it."""

    fate: Fate
    reason: Words
    project_number: int | None
    merged_ref: str | None
    decided_at: datetime
    row_version: int


@dataclass(frozen=True)
class IdeaPoint:
    """An idea of the triage board, with its decision if it has one."""

    point: Point
    axis_slug: str
    cosigners: int
    fate: FateDraft | None


@dataclass(frozen=True)
class IdeaPointPage:
    """Some ideas and the cursor of the next ones."""

    rows: tuple[IdeaPoint, ...]
    after: str | None


def _idea_points(collectivity_id: int, plan_id: int) -> Any:
    target, joined = aliased(Contribution), aliased(Project)
    return (
        _points()
        .add_columns(Axis.slug, IdeaFate, joined.number, target.ref)
        .outerjoin(IdeaFate, _same(IdeaFate, Contribution) & (IdeaFate.contribution_id == Contribution.id))
        .outerjoin(joined, _same(joined, IdeaFate) & (joined.id == IdeaFate.project_id))
        .outerjoin(target, _same(target, IdeaFate) & (target.id == IdeaFate.merged_into))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.kind == ContributionKind.IDEA,
            Consultation.plan_id == plan_id,
            Consultation.state.in_(LIVE),
        )
    )


def _idea_point(row: Any) -> IdeaPoint:
    slug, fate, number, ref = row[12:16]
    return IdeaPoint(
        _point_of(row),
        slug,
        row[2].cosigner_count,
        FateDraft(fate.fate, fate.reason or {}, number, ref, fate.decided_at, fate.row_version)
        if fate
        else None,
    )


def ideas(
    collectivity_id: int,
    plan_id: int,
    *,
    axis: str | None = None,
    fate: Fate | None = None,
    undecided: bool = False,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> IdeaPointPage:
    """Return the ideas of a plan's present round: without a fate first, then the oldest first.

    One statement. `axis` is a slug; `undecided` leaves out those with a fate.
    """
    statement = _idea_points(collectivity_id, plan_id)
    if axis:
        statement = statement.where(Axis.slug == axis)
    if undecided:
        statement = statement.where(IdeaFate.fate.is_(None))
    elif fate is not None:
        statement = statement.where(IdeaFate.fate == fate)
    decided = sa.case((IdeaFate.fate.is_(None), 0), else_=1)
    flag, at, last = _read_cursor(after)
    if flag is not None:
        later = sa.or_(
            Contribution.submitted_at > at, (Contribution.submitted_at == at) & (Contribution.id > last)
        )
        statement = statement.where(sa.or_(decided > flag, (decided == flag) & later))
    rows = db.session.execute(
        statement.order_by(decided, Contribution.submitted_at, Contribution.id).limit(limit + 1)
    ).all()
    end = rows[limit - 1] if len(rows) > limit else None
    cursor = _cursor(1 if end[13] else 0, end[0]) if end is not None else None
    return IdeaPointPage(tuple(_idea_point(row) for row in rows[:limit]), cursor)


def idea(collectivity_id: int, plan_id: int, ref: str) -> IdeaPoint | None:
    """Return one idea of the present round by its written reference."""
    row = db.session.execute(
        _idea_points(collectivity_id, plan_id).where(Contribution.ref == ref)
    ).one_or_none()
    return _idea_point(row) if row is not None else None


def next_undecided(collectivity_id: int, plan_id: int, axis: str | None = None) -> str | None:
    """Return the reference of the oldest idea without a fate."""
    found = ideas(collectivity_id, plan_id, axis=axis, undecided=True, limit=1).rows
    return found[0].point.ref if found else None


def idea_counts(collectivity_id: int, plan_id: int) -> dict[Fate | None, int]:
    """Return how many ideas of the present round have each fate; None: no fate yet. One statement."""
    rows = db.session.execute(
        sa.select(IdeaFate.fate, sa.func.count())
        .select_from(Contribution)
        .join(
            Consultation,
            _same(Consultation, Contribution) & (Consultation.id == Contribution.consultation_id),
        )
        .outerjoin(IdeaFate, _same(IdeaFate, Contribution) & (IdeaFate.contribution_id == Contribution.id))
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.kind == ContributionKind.IDEA,
            Contribution.state.in_(_READABLE),
            Consultation.plan_id == plan_id,
            Consultation.state.in_(LIVE),
        )
        .group_by(IdeaFate.fate)
    )
    return {fate: int(count) for fate, count in rows}


# --- the desk: themes --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ResponseView:
    """A response at the desk, in any state."""

    id: int
    state: ResponseState
    outcome: Outcome
    text: Words
    reason: Words
    changed: bool
    written_by: int
    written_at: datetime
    approved_by: int | None
    approved_at: datetime | None
    row_version: int
    consultation_id: int
    theme_id: int | None = None
    contribution_id: int | None = None
    project_id: int | None = None


def _response_view(row: Response | None) -> ResponseView | None:
    if row is None:
        return None
    return ResponseView(
        row.id,
        row.state,
        row.outcome,
        row.text,
        row.reason or {},
        row.changed,
        row.written_by,
        row.written_at,
        row.approved_by,
        row.approved_at,
        row.row_version,
        row.consultation_id,
        row.theme_id,
        row.contribution_id,
        row.project_id,
    )


@dataclass(frozen=True)
class ThemeView:
    """A theme, how many published contributions it holds, and its answer so far."""

    id: int
    ref: str
    title: Words
    project_number: int | None
    consultation_id: int
    texts: int
    row_version: int
    response: ResponseView | None


def _themes(collectivity_id: int) -> Any:
    member, text = aliased(ThemeMember), aliased(Contribution)
    texts = (
        sa.select(sa.func.count())
        .select_from(member)
        .join(text, _same(text, member) & (text.id == member.contribution_id))
        .where(
            member.collectivity_id == Theme.collectivity_id,
            member.theme_id == Theme.id,
            text.state.in_(_READABLE),
        )
        .correlate(Theme)
        .scalar_subquery()
    )
    return (
        sa.select(Theme, Project.number, texts, Response)
        .outerjoin(Project, _same(Project, Theme) & (Project.id == Theme.project_id))
        .outerjoin(Response, _same(Response, Theme) & (Response.theme_id == Theme.id))
        .where(Theme.collectivity_id == collectivity_id)
        .execution_options(populate_existing=True)
    )


def _theme_view(row: Any) -> ThemeView:
    theme, number, texts, response = row
    return ThemeView(
        theme.id,
        theme.ref,
        theme.title,
        number,
        theme.consultation_id,
        int(texts),
        theme.row_version,
        _response_view(response),
    )


def themes(collectivity_id: int, consultation_id: int) -> tuple[ThemeView, ...]:
    """Return the themes of a consultation in the order they were begun. One statement."""
    rows = db.session.execute(
        _themes(collectivity_id).where(Theme.consultation_id == consultation_id).order_by(Theme.ref)
    )
    return tuple(_theme_view(row) for row in rows)


def theme(collectivity_id: int, plan_id: int, theme_id: int) -> ThemeView | None:
    """Return one theme of a plan."""
    row = db.session.execute(
        _themes(collectivity_id)
        .join(Consultation, _same(Consultation, Theme) & (Consultation.id == Theme.consultation_id))
        .where(Theme.id == theme_id, Consultation.plan_id == plan_id)
    ).one_or_none()
    return _theme_view(row) if row is not None else None


def members(collectivity_id: int, theme_id: int) -> tuple[tuple[Point, bool], ...]:
    """Return the published contributions of a theme, oldest first, with whether it is their main theme."""
    rows = db.session.execute(
        _points()
        .add_columns(ThemeMember.main)
        .join(
            ThemeMember,
            _same(ThemeMember, Contribution) & (ThemeMember.contribution_id == Contribution.id),
        )
        .where(Contribution.collectivity_id == collectivity_id, ThemeMember.theme_id == theme_id)
        .order_by(Contribution.submitted_at, Contribution.id)
    )
    return tuple((_point_of(row), bool(row[12])) for row in rows)


# --- the desk: responses ---------------------------------------------------------------------------------------------


def response_on(
    collectivity_id: int,
    consultation_id: int,
    *,
    contribution_id: int | None = None,
    project_id: int | None = None,
) -> ResponseView | None:
    """Return the response to one contribution or one project of a consultation, in any state."""
    about = (
        Response.contribution_id == contribution_id
        if contribution_id is not None
        else Response.project_id == project_id
    )
    return _response_view(
        db.session.scalar(
            sa.select(Response)
            .where(
                Response.collectivity_id == collectivity_id,
                Response.consultation_id == consultation_id,
                about,
            )
            .execution_options(populate_existing=True)
        )
    )


@dataclass(frozen=True)
class ProjectPoint:
    """A project of the draft under review and its general answer so far. Figures are None before the close."""

    id: int
    number: int
    title: Words
    texts: int
    agree: int | None
    disagree: int | None
    response: ResponseView | None


def projects(collectivity_id: int, consultation_id: int) -> tuple[ProjectPoint, ...]:
    """Return the projects that a review is about, by number, with their general answers. One statement."""
    text, words = aliased(Contribution), aliased(Comment)
    texts = (
        sa.select(sa.func.count())
        .select_from(text)
        .join(words, _same(words, text) & (words.id == text.id))
        .where(
            text.collectivity_id == Consultation.collectivity_id,
            text.consultation_id == Consultation.id,
            text.state.in_(_READABLE),
            words.project_id == Project.id,
            words.parent_id.is_(None),
        )
        .correlate(Consultation, Project)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            Project.id,
            Project.number,
            ProjectRevision.title,
            texts,
            Statement.agree,
            Statement.disagree,
            Consultation.state,
            Response,
        )
        .select_from(Consultation)
        .join(
            VersionProject,
            _same(VersionProject, Consultation) & (VersionProject.version_id == Consultation.version_id),
        )
        .join(Project, _same(Project, VersionProject) & (Project.id == VersionProject.project_id))
        .join(
            ProjectRevision,
            _same(ProjectRevision, VersionProject) & (ProjectRevision.id == VersionProject.revision_id),
        )
        .outerjoin(
            ProjectStatement,
            _same(ProjectStatement, Consultation)
            & (ProjectStatement.consultation_id == Consultation.id)
            & (ProjectStatement.project_id == Project.id),
        )
        .outerjoin(
            Statement, _same(Statement, ProjectStatement) & (Statement.id == ProjectStatement.statement_id)
        )
        .outerjoin(
            Response,
            _same(Response, Consultation)
            & (Response.consultation_id == Consultation.id)
            & (Response.project_id == Project.id),
        )
        .where(Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id)
        .order_by(Project.number)
        .execution_options(populate_existing=True)
    )
    found = []
    for key, number, title, count, agree, disagree, state, response in rows:
        ended = state in (ConsultationState.CLOSED, ConsultationState.ARCHIVED)
        found.append(
            ProjectPoint(
                key,
                number,
                title,
                int(count),
                agree if ended else None,
                disagree if ended else None,
                _response_view(response),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class WrittenView:
    """A response in the list of the second reader, with what it answers."""

    response: ResponseView
    theme_title: Words | None
    texts: int
    contribution_ref: str | None
    contribution_title: str | None
    project_number: int | None
    project_title: Words | None


def written(
    collectivity_id: int, consultation_ids: Sequence[int], state: ResponseState
) -> tuple[WrittenView, ...]:
    """Return responses in one state, the oldest first, with what each answers. One statement."""
    member, text = aliased(ThemeMember), aliased(Contribution)
    texts = (
        sa.select(sa.func.count())
        .select_from(member)
        .join(text, _same(text, member) & (text.id == member.contribution_id))
        .where(
            member.collectivity_id == Response.collectivity_id,
            member.theme_id == Response.theme_id,
            text.state.in_(_READABLE),
        )
        .correlate(Response)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            Response,
            Theme.title,
            texts,
            Contribution.ref,
            Contribution.state,
            Comment,
            Idea,
            Project.number,
            Project.title,
        )
        .outerjoin(Theme, _same(Theme, Response) & (Theme.id == Response.theme_id))
        .outerjoin(
            Contribution, _same(Contribution, Response) & (Contribution.id == Response.contribution_id)
        )
        .outerjoin(Comment, _same(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(Idea, _same(Idea, Contribution) & (Idea.id == Contribution.id))
        .outerjoin(Project, _same(Project, Response) & (Project.id == Response.project_id))
        .where(
            Response.collectivity_id == collectivity_id,
            Response.consultation_id.in_(consultation_ids),
            Response.state == state,
        )
        .order_by(Response.written_at, Response.id)
        .execution_options(populate_existing=True)
    )
    found = []
    for response, theme_title, count, ref, text_state, comment, idea_words, number, title in rows:
        view = _response_view(response)
        assert view is not None
        quoted = None
        if idea_words is not None:
            quoted = shown(idea_words, text_state, "title")
        elif comment is not None:
            quoted = shown(comment, text_state, "body")
        found.append(
            WrittenView(
                view,
                theme_title,
                int(count),
                ref,
                quoted if text_state in READABLE_STATES else None,
                number,
                title,
            )
        )
    return tuple(found)


def response_counts(collectivity_id: int, consultation_ids: Sequence[int]) -> dict[ResponseState, int]:
    """Return how many responses are in each state. One statement."""
    rows = db.session.execute(
        sa.select(Response.state, sa.func.count())
        .where(Response.collectivity_id == collectivity_id, Response.consultation_id.in_(consultation_ids))
        .group_by(Response.state)
    )
    return {state: int(count) for state, count in rows}


__all__ = [
    "GIVEN",
    "About",
    "AnswerView",
    "Coverage",
    "FateDraft",
    "IdeaPoint",
    "Point",
    "PointView",
    "ProjectPoint",
    "ResponseView",
    "Round",
    "ThemeView",
    "coverage",
    "fates",
    "idea",
    "idea_counts",
    "ideas",
    "ids_with_fate",
    "members",
    "next_undecided",
    "point",
    "projects",
    "published_points",
    "response_counts",
    "response_for",
    "response_of_projects",
    "response_on",
    "response_place",
    "rounds",
    "theme",
    "themes",
    "ungrouped",
    "ungrouped_counts",
    "written",
]
