"""Who is told what: people and the facts of their letters. Addresses are read here to be written on envelopes."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries import typed_ref
from participate.council.models import CouncilQuestion, Deliberation, DossierAddendum, ProjectVote
from participate.db import Words, clock, db, for_share
from participate.moderation.models import Appeal, ModerationDecision
from participate.network.models import Collectivity
from participate.people.models import Person, RoleGrant
from participate.plans.models import ActionPlan, Project
from participate.post.models import Mail
from participate.responses.models import IdeaFate, Response, ThemeMember
from participate.rules.moderation import Decision, ReasonCode
from participate.rules.outcomes import (
    READABLE_STATES,
    Fate,
    Outcome,
    ProjectDecision,
    PublishState,
    ResponseState,
)
from participate.rules.policy import Role

PAGE = 20
EXCERPT = 90
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIGN_IN = "sign_in"


@dataclass(frozen=True)
class Addressee:
    """Somebody with an account and an address."""

    person_id: int
    email: str
    lang: str


@dataclass(frozen=True)
class DecisionNews:
    """What the letter about a decision says."""

    to: Addressee
    slug: str
    ref: str
    decision: Decision
    reason: ReasonCode | None
    facts: str
    article: str
    by_due_action: bool
    was_waiting: bool
    decided_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class AppealNews:
    """What the letter about an appeal says."""

    to: Addressee
    slug: str
    ref: str
    decision: Decision
    reversed: bool
    explanation: str
    public: bool = True


@dataclass(frozen=True)
class Became:
    """What became of one contribution."""

    ref: str
    excerpt: str
    state: PublishState
    outcome: Outcome | None
    fate: Fate | None
    answer: Words | None
    project: int | None = None
    decision: ProjectDecision | None = None


@dataclass(frozen=True)
class PlanNews:
    """What a letter about a plan says to one person."""

    to: Addressee
    became: tuple[Became, ...]


@dataclass(frozen=True)
class PlanFacts:
    """The plan a letter is about."""

    slug: str
    name: Words
    cycle: str
    title: Words


@dataclass(frozen=True)
class Adoption:
    """What the council decided."""

    reference: str
    decided_on: date
    decisions: tuple[tuple[ProjectDecision, int], ...]


@dataclass(frozen=True)
class Sent:
    """A letter a person got."""

    id: int
    subject: str
    body: str
    lang: str
    kind: str
    at: datetime


def _addressee(person: Person | None) -> Addressee | None:
    if person is None or person.email is None:
        return None
    return Addressee(person.id, person.email, person.lang)


def addressees(person_ids: Iterable[int]) -> dict[int, Addressee]:
    """Return those of these people who can be written to."""
    wanted = sorted(set(person_ids))
    found: dict[int, Addressee] = {}
    for start in range(0, len(wanted), 500):
        for person in db.session.scalars(
            sa.select(Person).where(Person.id.in_(wanted[start : start + 500]), Person.email.is_not(None))
        ):
            reader = _addressee(person)
            if reader is not None:
                found[person.id] = reader
    return found


def _author(contribution: Contribution, participant: Participant) -> Addressee | None:
    person_id = contribution.acting_person_id or participant.person_id
    return addressees([person_id]).get(person_id) if person_id is not None else None


def _with_author(contribution_where: sa.ColumnElement[bool]) -> Any:
    return (
        sa.select(Contribution, Participant, Collectivity.slug, Consultation.closes_at)
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .join(Collectivity, Collectivity.id == Contribution.collectivity_id)
        .join(
            Consultation,
            sa.and_(
                Consultation.collectivity_id == Contribution.collectivity_id,
                Consultation.id == Contribution.consultation_id,
            ),
        )
        .where(contribution_where)
    )


def decision_news(collectivity_id: int, decision_ref: str) -> DecisionNews | None:
    """Return what the author is told about a decision; None when it was undone or nobody can be told.

    The row is held FOR SHARE: an undo that is being committed is waited for and then seen.
    """
    made = db.session.scalars(
        for_share(
            sa.select(ModerationDecision).where(
                ModerationDecision.collectivity_id == collectivity_id, ModerationDecision.ref == decision_ref
            )
        ).execution_options(populate_existing=True)
    ).one_or_none()
    if made is None or made.undone_at is not None:
        return None
    found = db.session.execute(
        _with_author(
            sa.and_(Contribution.collectivity_id == collectivity_id, Contribution.id == made.contribution_id)
        )
    ).one_or_none()
    if found is None:
        return None
    contribution, participant, slug, closes_at = found
    reader = _author(contribution, participant)
    if reader is None:
        return None
    return DecisionNews(
        reader,
        slug,
        contribution.ref,
        made.decision,
        made.reason,
        made.facts,
        made.article,
        made.decided_by is None,
        made.state_before is PublishState.WAITING,
        made.decided_at,
        closes_at,
    )


def late_news(collectivity_id: int, contribution_ref: str) -> tuple[Addressee, str] | None:
    """Return whom to tell that a text was published without review, and the collectivity's slug."""
    found = db.session.execute(
        _with_author(
            sa.and_(
                Contribution.collectivity_id == collectivity_id,
                Contribution.ref == typed_ref(contribution_ref),
            )
        )
    ).one_or_none()
    if found is None:
        return None
    reader = _author(found[0], found[1])
    return (reader, found[2]) if reader is not None else None


def appeal_news(collectivity_id: int, decision_ref: str) -> AppealNews | None:
    """Return what the author is told about the answer to their appeal."""
    found = db.session.execute(
        sa.select(Appeal, ModerationDecision)
        .join(
            ModerationDecision,
            sa.and_(
                ModerationDecision.collectivity_id == Appeal.collectivity_id,
                ModerationDecision.id == Appeal.decision_id,
            ),
        )
        .where(Appeal.collectivity_id == collectivity_id, ModerationDecision.ref == decision_ref)
    ).one_or_none()
    if found is None or found[0].state == "open":
        return None
    asked, made = found
    author = db.session.execute(
        _with_author(
            sa.and_(Contribution.collectivity_id == collectivity_id, Contribution.id == asked.contribution_id)
        )
    ).one()
    readers = addressees([asked.filed_by]) if asked.filed_by else {}
    reader = readers.get(asked.filed_by or 0) or _author(author[0], author[1])
    if reader is None:
        return None
    return AppealNews(
        reader,
        author[2],
        author[0].ref,
        made.decision,
        asked.state == "reversed",
        asked.explanation,
        author[0].state in READABLE_STATES,
    )


def plan_facts(collectivity_id: int, plan_id: int) -> PlanFacts | None:
    """Return the plan a letter is about."""
    found = db.session.execute(
        sa.select(Collectivity.slug, Collectivity.name, ActionPlan.cycle, ActionPlan.title)
        .join(ActionPlan, ActionPlan.collectivity_id == Collectivity.id)
        .where(ActionPlan.collectivity_id == collectivity_id, ActionPlan.id == plan_id)
    ).one_or_none()
    return PlanFacts(*found) if found is not None else None


def adoption(collectivity_id: int, plan_id: int, reference: str) -> Adoption | None:
    """Return what the council decided about a plan."""
    made = db.session.scalars(
        sa.select(Deliberation)
        .where(
            Deliberation.collectivity_id == collectivity_id,
            Deliberation.plan_id == plan_id,
            Deliberation.reference == reference,
        )
        .order_by(Deliberation.recorded_at.desc())
        .limit(1)
    ).one_or_none()
    if made is None:
        return None
    votes = db.session.execute(
        sa.select(ProjectVote.decision, sa.func.count())
        .where(ProjectVote.collectivity_id == collectivity_id, ProjectVote.deliberation_id == made.id)
        .group_by(ProjectVote.decision)
    ).all()
    counted = {decision: int(count) for decision, count in votes}
    return Adoption(
        made.reference,
        made.decided_on,
        tuple((one, counted[one]) for one in ProjectDecision if one in counted),
    )


@dataclass(frozen=True)
class QuestionNews:
    """A councillor's question and where it stands. `by`: who asked, if they can be written to."""

    number: int
    project: int
    text: str
    waits: bool
    answer: str
    by: Addressee | None


def question_news(collectivity_id: int, plan_id: int, number: int) -> QuestionNews | None:
    """Return what the letters about a question say; None when it was withdrawn."""
    found = db.session.execute(
        sa.select(CouncilQuestion, Project.number, DossierAddendum.answer)
        .join(
            Project,
            sa.and_(
                Project.collectivity_id == CouncilQuestion.collectivity_id,
                Project.id == CouncilQuestion.project_id,
            ),
        )
        .outerjoin(
            DossierAddendum,
            sa.and_(
                DossierAddendum.collectivity_id == CouncilQuestion.collectivity_id,
                DossierAddendum.question_id == CouncilQuestion.id,
            ),
        )
        .where(
            CouncilQuestion.collectivity_id == collectivity_id,
            CouncilQuestion.plan_id == plan_id,
            CouncilQuestion.number == number,
            CouncilQuestion.withdrawn_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    asked, project, answer = found
    return QuestionNews(
        asked.number,
        project,
        asked.text,
        answer is None,
        answer or "",
        addressees([asked.asked_by]).get(asked.asked_by),
    )


def holders_of(collectivity_id: int, role: Role) -> tuple[Addressee, ...]:
    """Return who holds a role in a collectivity and can be written to."""
    held = db.session.scalars(
        sa.select(RoleGrant.person_id).where(
            RoleGrant.collectivity_id == collectivity_id, RoleGrant.role == role
        )
    )
    found = addressees(held)
    return tuple(found[one] for one in sorted(found))


def authors_of(collectivity_id: int, plan_id: int) -> tuple[PlanNews, ...]:
    """Return everybody who wrote in a plan's consultations, with what became of each of their texts."""
    became = _became(collectivity_id, plan_id)
    readers = addressees(became)
    return tuple(PlanNews(readers[one], tuple(became[one])) for one in sorted(became) if one in readers)


def participants_of(collectivity_id: int, plan_id: int) -> tuple[PlanNews, ...]:
    """Return everybody with an account who took part in a plan's consultations, authors or not."""
    became = _became(collectivity_id, plan_id)
    people = set(
        db.session.scalars(
            sa.select(Participant.person_id)
            .join(
                Consultation,
                sa.and_(
                    Consultation.collectivity_id == Participant.collectivity_id,
                    Consultation.id == Participant.consultation_id,
                ),
            )
            .where(
                Participant.collectivity_id == collectivity_id,
                Consultation.plan_id == plan_id,
                Participant.person_id.is_not(None),
            )
            .distinct()
        )
    )
    readers = addressees({one for one in people if one is not None} | set(became))
    return tuple(PlanNews(readers[one], tuple(became.get(one, ()))) for one in sorted(readers))


def _became(collectivity_id: int, plan_id: int) -> dict[int, list[Became]]:
    """Return what became of each text, by the person who wrote it; four statements."""
    rows = db.session.execute(
        sa.select(
            Contribution,
            Participant.person_id,
            Comment.body,
            Idea.title,
            IdeaFate.fate,
            Comment.project_id,
            IdeaFate.project_id,
        )
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
        .outerjoin(
            Comment,
            sa.and_(Comment.collectivity_id == Contribution.collectivity_id, Comment.id == Contribution.id),
        )
        .outerjoin(
            Idea, sa.and_(Idea.collectivity_id == Contribution.collectivity_id, Idea.id == Contribution.id)
        )
        .outerjoin(
            IdeaFate,
            sa.and_(
                IdeaFate.collectivity_id == Contribution.collectivity_id,
                IdeaFate.contribution_id == Contribution.id,
            ),
        )
        .where(
            Contribution.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Contribution.state != PublishState.WITHDRAWN,
        )
        .order_by(Contribution.submitted_at, Contribution.id)
    ).all()
    answers = _answers(collectivity_id)
    found: dict[int, list[Became]] = defaultdict(list)
    decided = _decided(collectivity_id, plan_id)
    for contribution, person_id, body, title, fate, project_id, fate_project in rows:
        who = contribution.acting_person_id or person_id
        if who is None:
            continue
        answer = answers.get(contribution.id)
        text = " ".join((title or body or "").split())
        found[who].append(
            Became(
                contribution.ref,
                text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " …",
                contribution.state,
                answer[0] if answer else None,
                fate,
                answer[1] if answer else None,
                *decided.get(project_id or fate_project or 0, (None, None)),
            )
        )
    return dict(found)


def _decided(collectivity_id: int, plan_id: int) -> dict[int, tuple[int, ProjectDecision]]:
    """Return what the council decided on each project, once the plan has followed it. One statement."""
    latest = (
        sa.select(Deliberation.id)
        .where(
            Deliberation.collectivity_id == collectivity_id,
            Deliberation.plan_id == plan_id,
            Deliberation.performed_at.is_not(None),
        )
        .order_by(Deliberation.recorded_at.desc(), Deliberation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Project.id, Project.number, ProjectVote.decision)
        .join(
            ProjectVote,
            sa.and_(
                ProjectVote.collectivity_id == Project.collectivity_id, ProjectVote.project_id == Project.id
            ),
        )
        .where(Project.collectivity_id == collectivity_id, ProjectVote.deliberation_id == latest)
    )
    return {key: (number, decision) for key, number, decision in rows}


def _answers(collectivity_id: int) -> dict[int, tuple[Outcome, Words]]:
    """Return the published answer of each contribution: its own, else its main theme's."""
    published = (
        Response.collectivity_id == collectivity_id,
        Response.state == ResponseState.PUBLISHED,
    )
    themed = db.session.execute(
        sa.select(ThemeMember.contribution_id, Response.outcome, Response.text)
        .join(
            Response,
            sa.and_(
                Response.collectivity_id == ThemeMember.collectivity_id,
                Response.theme_id == ThemeMember.theme_id,
            ),
        )
        .where(*published)
        .order_by(ThemeMember.main)
    )
    own = db.session.execute(
        sa.select(Response.contribution_id, Response.outcome, Response.text).where(
            *published, Response.contribution_id.is_not(None)
        )
    )
    return {row[0]: (row[1], row[2]) for row in [*themed, *own]}


# --- my letters -------------------------------------------------------------------------------------------


def letters_of(person_id: int, after: str | None = None) -> tuple[tuple[Sent, ...], str | None]:
    """Return the letters written to a person, newest first, without sign-in codes; and the next cursor.

    They are shown once they may leave, so that somebody whose mail fails still reads them here.
    """
    statement = sa.select(Mail).where(
        Mail.person_id == person_id,
        Mail.kind != SIGN_IN,
        Mail.not_before <= clock(),
        Mail.cancelled_at.is_(None),
    )
    at = _parts(after)
    if at is not None:
        moment, last = at
        statement = statement.where(
            sa.or_(Mail.created_at < moment, sa.and_(Mail.created_at == moment, Mail.id < last))
        )
    found = db.session.scalars(
        statement.order_by(Mail.created_at.desc(), Mail.id.desc()).limit(PAGE + 1)
    ).all()
    rows = tuple(
        Sent(one.id, one.subject, one.body, one.lang, one.kind, one.created_at) for one in found[:PAGE]
    )
    more = None
    if len(found) > PAGE and rows:
        micros = (rows[-1].at - EPOCH) // timedelta(microseconds=1)
        more = base64.urlsafe_b64encode(f"{micros}.{rows[-1].id}".encode()).decode().rstrip("=")
    return rows, more


def _parts(text: str | None) -> tuple[datetime, int] | None:
    if not text or len(text) > 120:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        micros, row_id = (int(part) for part in raw.split("."))
        moment = EPOCH + timedelta(microseconds=micros)
    except (ValueError, binascii.Error, OverflowError):
        return None
    return (moment, row_id) if abs(row_id) < 1 << 63 else None
