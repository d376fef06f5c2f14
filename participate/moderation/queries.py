"""Reading what moderators, authors and the public may know of moderation.

Nothing here returns an e-mail address; the public log returns neither text nor name.
"""

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
from participate.contributions.queries import typed_ref
from participate.db import Words, db
from participate.moderation.models import Appeal, ModerationDecision, Removal, Report
from participate.network.models import Collectivity
from participate.people.models import Association, Person
from participate.plans.models import ActionPlan, Axis, Project
from participate.positions.models import ProjectStatement
from participate.rules.moderation import (
    GRAVE,
    HOLDING,
    UNDO_SECONDS,
    AppealOutcome,
    Authorship,
    Decision,
    ReasonCode,
    Risk,
    notice_due,
)
from participate.rules.outcomes import (
    READABLE_STATES,
    CommentKind,
    ContributionKind,
    ParticipantKind,
    PublishState,
    Section,
    Stance,
)
from participate.rules.policy import Actor, Place
from participate.rules.windows import appeal_deadline

PAGE = 20
EXCERPT = 280
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HIDDEN_STATES = (PublishState.HIDDEN, PublishState.REMOVED)


class View(StrEnum):
    """The lists of the desk."""

    WAITING = "waiting"
    FLAGGED = "flagged"
    LATE = "late"


@dataclass(frozen=True)
class Subject:
    """What a contribution is about."""

    kind: ContributionKind
    comment_kind: CommentKind | None
    section: Section | None
    project_id: int | None
    project_number: int | None
    title: Words | str | None  # of the project, idea or axis


@dataclass(frozen=True)
class Row:
    """A text in the queue."""

    id: int
    ref: str
    state: PublishState
    stance: Stance
    author: Words | str | None
    author_kind: ParticipantKind
    subject: Subject
    body: str
    lang: str
    submitted_at: datetime
    due_at: datetime
    signals: tuple[str, ...]
    reports: int
    risk: Risk
    row_version: int
    own: bool
    removal_asked_by: int | None


@dataclass(frozen=True)
class Listing:
    """One page of the queue and the cursor of the next."""

    rows: tuple[Row, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Counts:
    """How many texts wait, in the desk's navigation."""

    waiting: int
    flagged: int
    late: int
    appeals: int


@dataclass(frozen=True)
class DecisionRow:
    """A decision, as moderators and the author see it. No name."""

    id: int
    ref: str
    contribution_ref: str
    contribution_state: PublishState
    decision: Decision
    reason: ReasonCode | None
    facts: str
    lang: str
    article: str
    source: str
    decided_by: int | None
    second_by: int | None
    decided_at: datetime
    undone_at: datetime | None
    appeal: str | None  # open, confirmed, reversed

    @property
    def appeal_outcome(self) -> AppealOutcome | None:
        """What became of the appeal, if it was decided."""
        return AppealOutcome(self.appeal) if self.appeal in set(AppealOutcome) else None


@dataclass(frozen=True)
class ReportRow:
    """What a citizen said when reporting. No name."""

    reason: ReasonCode
    note: str
    lang: str
    at: datetime


@dataclass(frozen=True)
class RemovalRow:
    """A removal that waits for a second person."""

    id: int
    reason: ReasonCode
    facts: str
    lang: str
    article: str
    asked_by: int
    asked_at: datetime


@dataclass(frozen=True)
class TextField:
    """One field of a contribution: what its author wrote and what is shown after redaction."""

    name: str
    text: str
    redacted: str | None


@dataclass(frozen=True)
class Case:
    """Everything a moderator may know of one contribution."""

    row: Row
    consultation_id: int
    fields: tuple[TextField, ...]
    author_level: int
    author_since: datetime | None
    published_before: int
    edited_at: datetime | None
    history: tuple[DecisionRow, ...]
    reports: tuple[ReportRow, ...]
    removal: RemovalRow | None
    has_open_appeal: bool


@dataclass(frozen=True)
class Target:
    """Somewhere a comment can be moved to."""

    project_id: int
    number: int
    title: Words


@dataclass(frozen=True)
class AppealRow:
    """An appeal on the moderators' list."""

    id: int
    decision: DecisionRow
    contribution_ref: str
    text: str
    lang: str
    filed_at: datetime
    due_at: datetime
    state: str
    explanation: str
    by_me: bool  # the reader took or confirmed the decision, or wrote the text: a colleague must answer


@dataclass(frozen=True)
class Appealable:
    """The decision an author may ask somebody else to look at again."""

    decision: DecisionRow
    notified_at: datetime
    deadline: datetime
    closes_at: datetime
    appeal: AppealRow | None
    title: str


@dataclass(frozen=True)
class LogRow:
    """One line of the public log: no text, no name."""

    ref: str
    at: datetime
    decision: Decision
    reason: ReasonCode | None
    by_due_action: bool
    two_people: bool
    source: str
    kind: ContributionKind
    lang: str
    delay: timedelta
    on_time: bool
    appeal: str | None


@dataclass(frozen=True)
class LogPage:
    """One page of the public log."""

    rows: tuple[LogRow, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Figures:
    """What moderation did in a collectivity, in numbers anybody may check."""

    by_reason: tuple[tuple[ReasonCode | None, tuple[tuple[Decision, int], ...], int], ...]
    actions: tuple[Decision, ...]
    total: int
    in_time: int
    by_due_action: int
    by_authority: int
    appeals: int
    appeals_decided: int
    reversed: int
    by_stance: tuple[tuple[Stance, int, int], ...]  # stance, texts, of which hidden or removed


# --- cursors ---------------------------------------------------------------------------------------


def cursor(*parts: int) -> str:
    """Return an opaque cursor."""
    return base64.urlsafe_b64encode(".".join(map(str, parts)).encode()).decode().rstrip("=")


def parts_of(text: str | None, count: int) -> tuple[int, ...] | None:
    """Return the numbers of a cursor; None if it is none of ours."""
    if not text or len(text) > 120:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        parts = tuple(int(part) for part in raw.split("."))
    except (ValueError, binascii.Error):
        return None
    if len(parts) != count or any(abs(part) >= 1 << 62 for part in parts):
        return None
    return parts


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return EPOCH


# --- the queue ---------------------------------------------------------------------------------------

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


def _joined(*columns: Any) -> sa.Select[Any]:
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


_ROW_COLUMNS = (
    Contribution,
    Participant,
    Comment,
    Idea,
    Axis.title.label("axis_title"),
    Project.id.label("project_id"),
    Project.number.label("project_number"),
    Project.title.label("project_title"),
    _ON_IDEA.title.label("idea_title"),
    Person.display_name,
    Person.created_at.label("person_since"),
    Association.name.label("association_name"),
    _OPEN_REMOVAL,
    risk_seen.label("risk"),
)


def _row(found: Any, actor: Actor) -> Row:
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
        _is_own(actor, contribution, participant),
        removal.asked_by if removal is not None else None,
    )


def _is_own(actor: Actor, contribution: Contribution, participant: Participant) -> bool:
    if actor.person_id is None:
        return False
    if actor.person_id in {contribution.acting_person_id, participant.person_id}:
        return True
    return (contribution.collectivity_id, participant.association_id) in actor.mandates


def queue(actor: Actor, collectivity_id: int, view: View, now: datetime, after: str | None = None) -> Listing:
    """Return what waits, oldest risk first: gravest, then oldest."""
    statement = _joined(*_ROW_COLUMNS).where(
        Contribution.collectivity_id == collectivity_id, _of_view(view, now)
    )
    at = parts_of(after, 3)
    if at is not None:
        risk, micros, last = at
        moment = _moment(micros)
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
    rows = tuple(_row(one, actor) for one in found[:PAGE])
    last_row = rows[-1] if len(found) > PAGE else None
    return Listing(
        rows,
        cursor(int(last_row.risk), _micros(last_row.submitted_at), last_row.id) if last_row else None,
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


# --- one case ------------------------------------------------------------------------------------------


def case(actor: Actor, collectivity_id: int, contribution_id: int) -> Case | None:
    """Return what a moderator may know of one contribution; four statements."""
    found = db.session.execute(
        _joined(*_ROW_COLUMNS).where(
            Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id
        )
    ).one_or_none()
    if found is None:
        return None
    contribution, participant, comment, idea, removal = found[0], found[1], found[2], found[3], found[12]
    others = aliased(Contribution)
    before = db.session.execute(
        sa.select(sa.func.count())
        .select_from(others)
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == others.collectivity_id, Participant.id == others.participant_id
            ),
        )
        .where(
            others.collectivity_id == collectivity_id,
            others.id != contribution_id,
            others.state.in_(sorted(READABLE_STATES)),
            Participant.person_id == participant.person_id
            if participant.person_id is not None
            else Participant.association_id == participant.association_id
            if participant.association_id is not None
            else Participant.id == participant.id,
        )
    ).scalar_one()
    history = decisions_on(collectivity_id, contribution_id)
    reports = tuple(
        ReportRow(r.reason, r.note, r.lang, r.at)
        for r in db.session.scalars(
            sa.select(Report)
            .where(Report.collectivity_id == collectivity_id, Report.contribution_id == contribution_id)
            .order_by(Report.at.desc())
            .limit(PAGE)
        )
    )
    return Case(
        row=_row(found, actor),
        consultation_id=contribution.consultation_id,
        fields=fields_of(comment, idea),
        author_level=participant.level,
        author_since=found.person_since,
        published_before=before,
        edited_at=contribution.edited_at,
        history=history,
        reports=reports,
        removal=RemovalRow(
            removal.id,
            removal.reason,
            removal.facts,
            removal.lang,
            removal.article,
            removal.asked_by,
            removal.asked_at,
        )
        if removal is not None
        else None,
        has_open_appeal=any(one.appeal == "open" for one in history),
    )


def fields_of(comment: Comment | None, idea: Idea | None) -> tuple[TextField, ...]:
    """Return the fields people wrote, in reading order."""
    if comment is not None:
        shown = comment.redacted or {}
        names: tuple[str, ...] = ("body", "amend_from", "amend_to")
        source: Any = comment
    else:
        assert idea is not None
        shown = idea.redacted or {}
        names = ("title", "problem", "proposal", "place")
        source = idea
    return tuple(
        TextField(name, getattr(source, name), shown.get(name)) for name in names if getattr(source, name)
    )


def _decision_columns() -> Any:
    return (
        sa.select(ModerationDecision, Contribution.ref, Contribution.state, Appeal.state)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == ModerationDecision.collectivity_id,
                Contribution.id == ModerationDecision.contribution_id,
            ),
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
    )


def _decision_row(found: Any) -> DecisionRow:
    made, contribution_ref, state, appeal = found
    return DecisionRow(
        made.id,
        made.ref,
        contribution_ref,
        state,
        made.decision,
        made.reason,
        made.facts,
        made.lang,
        made.article,
        made.source,
        made.decided_by,
        made.second_by,
        made.decided_at,
        made.undone_at,
        appeal,
    )


def decisions_on(collectivity_id: int, contribution_id: int) -> tuple[DecisionRow, ...]:
    """Return the decisions on a contribution, newest first."""
    found = db.session.execute(
        _decision_columns()
        .where(
            ModerationDecision.collectivity_id == collectivity_id,
            ModerationDecision.contribution_id == contribution_id,
        )
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc())
        .limit(PAGE)
    )
    return tuple(_decision_row(one) for one in found)


def decision(collectivity_id: int, decision_id: int) -> DecisionRow | None:
    """Return one decision."""
    found = db.session.execute(
        _decision_columns().where(
            ModerationDecision.collectivity_id == collectivity_id, ModerationDecision.id == decision_id
        )
    ).one_or_none()
    return _decision_row(found) if found is not None else None


def my_decisions(
    person_id: int, collectivity_id: int, after: str | None = None
) -> tuple[tuple[DecisionRow, ...], str | None]:
    """Return a moderator's own decisions, newest first, and the cursor of the next page."""
    statement = _decision_columns().where(
        ModerationDecision.collectivity_id == collectivity_id, ModerationDecision.decided_by == person_id
    )
    statement = _before(statement, after)
    found = db.session.execute(
        statement.order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc()).limit(PAGE + 1)
    ).all()
    rows = tuple(_decision_row(one) for one in found[:PAGE])
    more = cursor(_micros(rows[-1].decided_at), rows[-1].id) if len(found) > PAGE else None
    return rows, more


def _before(statement: Any, after: str | None) -> Any:
    at = parts_of(after, 2)
    if at is None:
        return statement
    moment, last = _moment(at[0]), at[1]
    return statement.where(
        sa.or_(
            ModerationDecision.decided_at < moment,
            sa.and_(ModerationDecision.decided_at == moment, ModerationDecision.id < last),
        )
    )


def last_batch(person_id: int, collectivity_id: int, now: datetime) -> tuple[DecisionRow, ...]:
    """Return what this moderator decided last and may still take back: one decision, or one bulk of them."""
    since = now - timedelta(seconds=UNDO_SECONDS)
    found = [
        _decision_row(one)
        for one in db.session.execute(
            _decision_columns()
            .where(
                ModerationDecision.collectivity_id == collectivity_id,
                ModerationDecision.decided_by == person_id,
                ModerationDecision.decided_at > since,
                ModerationDecision.undone_at.is_(None),
            )
            .order_by(ModerationDecision.decided_at.desc())
        )
    ]
    return tuple(one for one in found if one.decided_at == found[0].decided_at)


def targets(collectivity_id: int, consultation_id: int) -> tuple[Target, ...]:
    """Return the projects of a consultation: where a comment can be moved to."""
    return tuple(
        Target(project_id, number, title)
        for project_id, number, title in db.session.execute(
            sa.select(Project.id, Project.number, Project.title)
            .join(
                ProjectStatement,
                sa.and_(
                    ProjectStatement.collectivity_id == Project.collectivity_id,
                    ProjectStatement.project_id == Project.id,
                ),
            )
            .where(
                Project.collectivity_id == collectivity_id,
                ProjectStatement.consultation_id == consultation_id,
            )
            .order_by(Project.number)
        )
    )


def axes(collectivity_id: int, consultation_id: int) -> tuple[tuple[int, Words], ...]:
    """Return the axes of a consultation's plan: where an idea can be moved to."""
    return tuple(
        (axis_id, title)
        for axis_id, title in db.session.execute(
            sa.select(Axis.id, Axis.title)
            .join(
                Consultation,
                sa.and_(
                    Consultation.collectivity_id == Axis.collectivity_id,
                    Consultation.plan_id == Axis.plan_id,
                ),
            )
            .where(Axis.collectivity_id == collectivity_id, Consultation.id == consultation_id)
            .order_by(Axis.position)
        )
    )


def contribution_id_of(collectivity_id: int, ref: str) -> int | None:
    """Return the id of a contribution from its public reference."""
    return db.session.scalar(
        sa.select(Contribution.id).where(
            Contribution.collectivity_id == collectivity_id, Contribution.ref == typed_ref(ref.strip())
        )
    )


# --- places ---------------------------------------------------------------------------------------------


def space(slug: str) -> Place | None:
    """Return the place of a collectivity's desk and log."""
    found = db.session.scalar(
        sa.select(Collectivity.id).where(Collectivity.slug == slug, Collectivity.hosted.is_(True))
    )
    return Place(collectivity_id=found, slug=slug) if found is not None else None


def space_name(collectivity_id: int) -> Words:
    """Return the name of a collectivity."""
    return db.session.execute(
        sa.select(Collectivity.name).where(Collectivity.id == collectivity_id)
    ).scalar_one()


def contribution_place(slug: str, ref: str) -> Place | None:
    """Return the place of a contribution: whose it is, whether it is public."""
    found = db.session.execute(
        sa.select(Contribution, Participant, Consultation.plan_id, ActionPlan.stage, ActionPlan.cycle)
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .join(
            Consultation,
            sa.and_(
                Consultation.collectivity_id == Contribution.collectivity_id,
                Consultation.id == Contribution.consultation_id,
            ),
        )
        .join(
            ActionPlan,
            sa.and_(
                ActionPlan.collectivity_id == Contribution.collectivity_id,
                ActionPlan.id == Consultation.plan_id,
            ),
        )
        .where(Collectivity.slug == slug, Collectivity.hosted.is_(True), Contribution.ref == typed_ref(ref))
    ).one_or_none()
    if found is None:
        return None
    contribution, participant, plan_id, stage, cycle = found
    return Place(
        collectivity_id=contribution.collectivity_id,
        plan_id=plan_id,
        stage=stage,
        consultation_id=contribution.consultation_id,
        readable=contribution.state in READABLE_STATES,
        owner_person_id=contribution.acting_person_id or participant.person_id,
        owner_association_id=participant.association_id,
        ids={"contribution": contribution.id},
        slug=slug,
        cycle=cycle,
    )


def decision_place(slug: str, ref: str) -> Place | None:
    """Return the place of a decision: who took it."""
    found = db.session.execute(
        sa.select(ModerationDecision)
        .join(Collectivity, Collectivity.id == ModerationDecision.collectivity_id)
        .where(Collectivity.slug == slug, ModerationDecision.ref == typed_ref(ref))
    ).scalar_one_or_none()
    if found is None:
        return None
    return Place(
        collectivity_id=found.collectivity_id,
        decided_by=found.decided_by,
        settled=found.undone_at is not None,
        ids={"decision": found.id, "contribution": found.contribution_id},
        slug=slug,
    )


def appeal_place(slug: str, ref: str) -> Place | None:
    """Return the place of an appeal, by its decision's reference: who decided first, whose text it is."""
    found = db.session.execute(
        sa.select(Appeal, Contribution, Participant)
        .join(
            ModerationDecision,
            sa.and_(
                ModerationDecision.collectivity_id == Appeal.collectivity_id,
                ModerationDecision.id == Appeal.decision_id,
            ),
        )
        .join(Collectivity, Collectivity.id == Appeal.collectivity_id)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == Appeal.collectivity_id,
                Contribution.id == Appeal.contribution_id,
            ),
        )
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .where(Collectivity.slug == slug, ModerationDecision.ref == typed_ref(ref))
    ).one_or_none()
    if found is None:
        return None
    asked, contribution, participant = found
    return Place(
        collectivity_id=asked.collectivity_id,
        decided_by=asked.first_decided_by,
        owner_person_id=contribution.acting_person_id or participant.person_id,
        owner_association_id=participant.association_id,
        settled=asked.state != "open",
        ids={"appeal": asked.id, "decision": asked.decision_id, "contribution": asked.contribution_id},
        slug=slug,
    )


# --- authors and appeals --------------------------------------------------------------------------------


def authorship(collectivity_id: int, contribution_id: int) -> Authorship:
    """Return who wrote a contribution and for which association, as opaque ids for the rules."""
    person_id, acting_id, association_id = db.session.execute(
        sa.select(Participant.person_id, Contribution.acting_person_id, Participant.association_id)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == Participant.collectivity_id,
                Contribution.participant_id == Participant.id,
            ),
        )
        .where(Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id)
    ).one()
    person = acting_id or person_id
    return Authorship(
        str(person) if person is not None else None,
        str(association_id) if association_id is not None else None,
    )


def appealable(collectivity_id: int, contribution_id: int, now: datetime) -> Appealable | None:
    """Return the last decision against a contribution that its author was told about, and its appeal if any."""
    found = db.session.execute(
        sa.select(ModerationDecision, Contribution, Appeal, Consultation.closes_at, Idea.title)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == ModerationDecision.collectivity_id,
                Contribution.id == ModerationDecision.contribution_id,
            ),
        )
        .join(
            Consultation,
            sa.and_(
                Consultation.collectivity_id == Contribution.collectivity_id,
                Consultation.id == Contribution.consultation_id,
            ),
        )
        .outerjoin(
            Idea, sa.and_(Idea.collectivity_id == Contribution.collectivity_id, Idea.id == Contribution.id)
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
        .where(
            ModerationDecision.collectivity_id == collectivity_id,
            ModerationDecision.contribution_id == contribution_id,
            ModerationDecision.undone_at.is_(None),
            ModerationDecision.decision != Decision.PUBLISH,
            ModerationDecision.decided_at <= now - timedelta(seconds=UNDO_SECONDS),
        )
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    made, contribution, asked, closes_at, title = found
    row = _decision_row((made, contribution.ref, contribution.state, asked.state if asked else None))
    notified = notice_due(made.decided_at)
    return Appealable(
        row,
        notified,
        appeal_deadline(notified, closes_at),
        closes_at,
        _appeal_row(asked, row, by_me=False) if asked is not None else None,
        title or contribution.ref,
    )


def _appeal_row(asked: Appeal, made: DecisionRow, *, by_me: bool) -> AppealRow:
    return AppealRow(
        asked.id,
        made,
        made.contribution_ref,
        asked.text,
        asked.lang,
        asked.filed_at,
        asked.due_at,
        asked.state,
        asked.explanation,
        by_me,
    )


def appeals(
    actor: Actor, collectivity_id: int, *, appeal_id: int | None = None, after: str | None = None
) -> tuple[tuple[AppealRow, ...], str | None]:
    """Return open appeals, oldest first (or the one asked for), and the cursor of the next page."""
    statement = (
        sa.select(Appeal, ModerationDecision, Contribution, Participant)
        .join(
            ModerationDecision,
            sa.and_(
                ModerationDecision.collectivity_id == Appeal.collectivity_id,
                ModerationDecision.id == Appeal.decision_id,
            ),
        )
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == Appeal.collectivity_id,
                Contribution.id == Appeal.contribution_id,
            ),
        )
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .where(Appeal.collectivity_id == collectivity_id)
    )
    if appeal_id is not None:
        statement = statement.where(Appeal.id == appeal_id)
    else:
        statement = statement.where(Appeal.state == "open")
        at = parts_of(after, 2)
        if at is not None:
            moment, last = _moment(at[0]), at[1]
            statement = statement.where(
                sa.or_(Appeal.filed_at > moment, sa.and_(Appeal.filed_at == moment, Appeal.id > last))
            )
    found = db.session.execute(statement.order_by(Appeal.filed_at, Appeal.id).limit(PAGE + 1)).all()
    rows = tuple(
        _appeal_row(
            asked,
            _decision_row((made, contribution.ref, contribution.state, asked.state)),
            by_me=actor.person_id in {asked.first_decided_by, asked.first_second_by}
            or _is_own(actor, contribution, participant),
        )
        for asked, made, contribution, participant in found[:PAGE]
    )
    more = cursor(_micros(rows[-1].filed_at), rows[-1].id) if len(found) > PAGE else None
    return rows, more


# --- the public log -------------------------------------------------------------------------------------


def _public(collectivity_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Return what the public may count: decisions that stand and can no longer be undone."""
    return sa.and_(
        ModerationDecision.collectivity_id == collectivity_id,
        ModerationDecision.undone_at.is_(None),
        ModerationDecision.decided_at <= now - timedelta(seconds=UNDO_SECONDS),
    )


def log(collectivity_id: int, now: datetime, after: str | None = None) -> LogPage:
    """Return the public log, newest first."""
    statement: Any = (
        sa.select(
            ModerationDecision,
            Contribution.kind,
            Contribution.lang,
            Appeal.state,
        )
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == ModerationDecision.collectivity_id,
                Contribution.id == ModerationDecision.contribution_id,
            ),
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
        .where(_public(collectivity_id, now))
    )
    found = db.session.execute(
        _before(statement, after)
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc())
        .limit(PAGE + 1)
    ).all()
    rows = tuple(
        LogRow(
            made.ref,
            made.decided_at,
            made.decision,
            made.reason,
            made.decided_by is None,
            made.second_by is not None,
            made.source,
            kind,
            lang,
            made.decided_at - made.received_at,
            made.in_time,
            appeal,
        )
        for made, kind, lang, appeal in found[:PAGE]
    )
    more = None
    if len(found) > PAGE:
        last = found[PAGE - 1][0]
        more = cursor(_micros(last.decided_at), last.id)
    return LogPage(rows, more)


def figures(collectivity_id: int, now: datetime) -> Figures:
    """Return what moderation did in numbers; two statements."""

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    rows = db.session.execute(
        sa.select(
            ModerationDecision.reason,
            ModerationDecision.decision,
            sa.func.count(),
            number(ModerationDecision.in_time.is_(True)),
            number(ModerationDecision.decided_by.is_(None)),
            number(ModerationDecision.source == "authority"),
            number(Appeal.id.is_not(None)),
            number(Appeal.state.in_(["confirmed", "reversed"])),
            number(Appeal.state == "reversed"),
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
        .where(_public(collectivity_id, now))
        .group_by(ModerationDecision.reason, ModerationDecision.decision)
    ).all()
    stances = db.session.execute(
        sa.select(
            Comment.stance,
            sa.func.count(),
            number(Contribution.state.in_(HIDDEN_STATES)),
        )
        .join(
            Contribution,
            sa.and_(Contribution.collectivity_id == Comment.collectivity_id, Contribution.id == Comment.id),
        )
        .where(
            Comment.collectivity_id == collectivity_id,
            Contribution.state.not_in([PublishState.WAITING, PublishState.WITHDRAWN]),
        )
        .group_by(Comment.stance)
    ).all()
    return _figures(rows, stances)


def _figures(rows: Any, stances: Any) -> Figures:
    table: dict[ReasonCode | None, dict[Decision, int]] = {}
    for reason, made, count, *_rest in rows:
        table.setdefault(reason, {})[made] = count
    actions = tuple(one for one in Decision if any(one in cells for cells in table.values()))
    order: list[ReasonCode | None] = [None, *ReasonCode]
    found = {stance: (count, hidden) for stance, count, hidden in stances}
    return Figures(
        by_reason=tuple(
            (
                reason,
                tuple((one, table[reason].get(one, 0)) for one in actions),
                sum(table[reason].values()),
            )
            for reason in order
            if reason in table
        ),
        actions=actions,
        total=sum(row[2] for row in rows),
        in_time=sum(int(row[3] or 0) for row in rows),
        by_due_action=sum(int(row[4] or 0) for row in rows),
        by_authority=sum(int(row[5] or 0) for row in rows),
        appeals=sum(int(row[6] or 0) for row in rows),
        appeals_decided=sum(int(row[7] or 0) for row in rows),
        reversed=sum(int(row[8] or 0) for row in rows),
        by_stance=tuple((one, found[one][0], int(found[one][1] or 0)) for one in Stance if one in found),
    )
