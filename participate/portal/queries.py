"""Reading what the meeting pages show. One statement each, frozen rows, no object of the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participate.consultations.models import Consultation, Turnout
from participate.contributions.models import Contribution, Idea
from participate.db import Words, db
from participate.journal.models import Chain, ChainKind, Checkpoint, JournalEntry
from participate.lifecycle import queries as lifecycle
from participate.meetings.models import Meeting
from participate.moderation.models import ModerationDecision
from participate.network.models import Collectivity, Region
from participate.people.models import Draft, Person
from participate.plans.models import ActionPlan, Project, ProjectRevision
from participate.post.models import Mail
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    READABLE_STATES,
    ConsultationKind,
    ConsultationState,
    ContributionKind,
    PublishState,
)

PUBLIC_STATES = (ConsultationState.ANNOUNCED, ConsultationState.OPEN, ConsultationState.CLOSED)


@dataclass(frozen=True)
class PlanKey:
    """The plan a page is about: what `lifecycle.queries` asks for."""

    collectivity_id: int
    id: int
    cycle: str
    title: Words
    stage: Stage
    starts_on: date
    ends_on: date
    public: bool


@dataclass(frozen=True)
class Frame:
    """The collectivity around a page, and its plan: the one of the address, else the present one."""

    id: int
    slug: str
    code: str | None
    name: Words
    description: Words
    notice: Words | None
    region: Words
    plan: PlanKey | None
    reader: str | None = None
    steps: tuple[lifecycle.CycleStep, ...] = ()


Running = aliased(Consultation)


def frame_of(slug: str, cycle: str | None = None, person_id: int | None = None) -> Frame | None:
    """Return what surrounds the pages of a collectivity, with the reader's name. One statement.

    Without a cycle the plan is the one people take part in now, else the latest that is public: a plan
    that is only being prepared never takes the place of one that is under way.
    """
    reader = sa.select(Person.display_name).where(Person.id == (person_id or 0)).scalar_subquery()
    other = aliased(ActionPlan)
    latest = (
        sa.select(other.id)
        .where(
            other.collectivity_id == Collectivity.id,
            other.cycle == cycle if cycle is not None else other.stage != Stage.WITHDRAWN,
            other.shell.is_(False),
        )
        .order_by(
            sa.exists()
            .where(
                Running.collectivity_id == other.collectivity_id,
                Running.plan_id == other.id,
                Running.state == ConsultationState.OPEN,
            )
            .desc(),
            other.public_since.is_not(None).desc(),
            other.starts_on.desc(),
        )
        .limit(1)
        .correlate(Collectivity)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Collectivity, Region.name, ActionPlan, reader, Consultation, *lifecycle.session_and_draft())
        .join(Region, Region.code == Collectivity.region_code)
        .outerjoin(ActionPlan, (ActionPlan.collectivity_id == Collectivity.id) & (ActionPlan.id == latest))
        .outerjoin(
            Consultation,
            (Consultation.collectivity_id == ActionPlan.collectivity_id)
            & (Consultation.plan_id == ActionPlan.id)
            & (Consultation.state != ConsultationState.PLANNED),
        )
        .where(Collectivity.slug == slug, Collectivity.hosted)
        .order_by(Consultation.opens_at)
    ).all()
    if not rows:
        return None
    found, region, plan, name, _consultation, session, draft = rows[0]
    held = [row[4] for row in rows if row[4] is not None]
    return Frame(
        id=found.id,
        slug=found.slug,
        code=found.code,
        name=found.name,
        description=found.description,
        notice=found.notice,
        region=region,
        plan=_plan_key(plan) if plan is not None else None,
        reader=name,
        steps=lifecycle.steps_of(plan, held, session, draft) if plan is not None else (),
    )


def _plan_key(plan: ActionPlan) -> PlanKey:
    return PlanKey(
        plan.collectivity_id,
        plan.id,
        plan.cycle,
        plan.title,
        plan.stage,
        plan.starts_on,
        plan.ends_on,
        plan.public_since is not None,
    )


@dataclass(frozen=True)
class PlanRow:
    """A plan and where it lives."""

    slug: str
    name: Words
    cycle: str
    title: Words
    stage: Stage


def plans_of(collectivity_id: int) -> list[PlanRow]:
    """Return the plans of a collectivity, latest first."""
    rows = db.session.execute(
        sa.select(Collectivity.slug, Collectivity.name, ActionPlan.cycle, ActionPlan.title, ActionPlan.stage)
        .join(ActionPlan, ActionPlan.collectivity_id == Collectivity.id)
        .where(Collectivity.id == collectivity_id, ActionPlan.shell.is_(False))
        .order_by(ActionPlan.starts_on.desc())
    )
    return [PlanRow(*row) for row in rows]


def _turnout() -> sa.ColumnElement[bool]:
    return (Turnout.collectivity_id == Consultation.collectivity_id) & (
        Turnout.consultation_id == Consultation.id
    )


@dataclass(frozen=True)
class OpenRow:
    """A consultation that is open or announced somewhere, for the network's home."""

    slug: str
    name: Words
    cycle: str
    plan: Words
    kind: ConsultationKind
    state: ConsultationState
    opens_at: datetime
    closes_at: datetime
    people: int
    associations: int


def open_anywhere(now: datetime) -> list[OpenRow]:
    """Return what is open now anywhere, closing soonest first, then what is announced."""
    is_open = (Consultation.state == ConsultationState.OPEN) & (Consultation.closes_at > now)
    announced = (Consultation.state == ConsultationState.ANNOUNCED) & (Consultation.opens_at > now)
    rows = db.session.execute(
        sa.select(
            Collectivity.slug,
            Collectivity.name,
            ActionPlan.cycle,
            ActionPlan.title,
            Consultation.kind,
            Consultation.state,
            Consultation.opens_at,
            Consultation.closes_at,
            sa.func.coalesce(Turnout.people, 0),
            sa.func.coalesce(Turnout.associations, 0),
        )
        .join(Collectivity, Collectivity.id == Consultation.collectivity_id)
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .outerjoin(Turnout, _turnout())
        .where(is_open | announced)
        .order_by(sa.case((is_open, 0), else_=1), Consultation.closes_at)
        .limit(50)
    )
    return [OpenRow(*tuple(row)) for row in rows]


@dataclass(frozen=True)
class NetworkFigures:
    """The network in numbers. People are citizens who took part in a consultation."""

    communes: int
    spaces: int
    people: int
    texts: int


def network_figures() -> NetworkFigures:
    """Count communes, spaces, people who took part and published texts."""
    row = db.session.execute(
        sa.select(
            sa.select(sa.func.count()).select_from(Collectivity).scalar_subquery(),
            sa.select(sa.func.count()).select_from(Collectivity).where(Collectivity.hosted).scalar_subquery(),
            sa.select(sa.func.coalesce(sa.func.sum(Turnout.people), 0)).scalar_subquery(),
            sa.select(sa.func.count())
            .select_from(Contribution)
            .where(Contribution.state.in_(READABLE_STATES))
            .scalar_subquery(),
        )
    ).one()
    return NetworkFigures(*(int(value) for value in row))


@dataclass(frozen=True)
class BeforeCouncil:
    """A plan whose dossier a councillor can study."""

    slug: str
    cycle: str
    title: Words


def to_study(collectivity_ids: Iterable[int]) -> list[BeforeCouncil]:
    """Return the plans of these collectivities that are being summed up or before the council. One statement."""
    rows = db.session.execute(
        sa.select(Collectivity.slug, ActionPlan.cycle, ActionPlan.title)
        .join(ActionPlan, ActionPlan.collectivity_id == Collectivity.id)
        .where(
            ActionPlan.collectivity_id.in_(sorted(set(collectivity_ids))),
            ActionPlan.stage.in_((Stage.SYNTHESIS, Stage.COUNCIL)),
        )
        .order_by(ActionPlan.starts_on)
    )
    return [BeforeCouncil(*row) for row in rows]


@dataclass(frozen=True)
class MeetingRow:
    """A meeting as a card shows it."""

    slug: str
    title: Words
    venue: Words
    starts_at: datetime
    ends_at: datetime
    has_minutes: bool


def meetings_around(collectivity_id: int, now: datetime) -> tuple[MeetingRow | None, MeetingRow | None]:
    """Return the next meeting and the last one held."""
    coming = (
        sa.select(sa.func.min(Meeting.starts_at))
        .where(Meeting.collectivity_id == collectivity_id, Meeting.ends_at > now)
        .scalar_subquery()
    )
    held = (
        sa.select(sa.func.max(Meeting.starts_at))
        .where(Meeting.collectivity_id == collectivity_id, Meeting.ends_at <= now)
        .scalar_subquery()
    )
    rows = db.session.scalars(
        sa.select(Meeting)
        .where(
            Meeting.collectivity_id == collectivity_id,
            sa.or_(Meeting.starts_at == coming, Meeting.starts_at == held),
        )
        .order_by(Meeting.starts_at)
    ).all()
    views = [
        MeetingRow(r.slug, r.title, r.venue, r.starts_at, r.ends_at, r.minutes is not None) for r in rows
    ]
    ahead = [view for view in views if view.ends_at > now]
    past = [view for view in views if view.ends_at <= now]
    return (ahead[0] if ahead else None, past[-1] if past else None)


def ideas_published(collectivity_id: int, plan_id: int) -> int:
    """Count the ideas of a plan that everybody reads."""
    return int(
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Contribution)
            .join(
                Consultation,
                (Consultation.collectivity_id == Contribution.collectivity_id)
                & (Consultation.id == Contribution.consultation_id),
            )
            .where(
                Contribution.collectivity_id == collectivity_id,
                Consultation.plan_id == plan_id,
                Contribution.kind == ContributionKind.IDEA,
                Contribution.state.in_(READABLE_STATES),
            )
        )
        or 0
    )


@dataclass(frozen=True)
class MissingIdea:
    """An idea sent while the draft is read: a project that is missing."""

    ref: str
    title: str
    lang: str


def latest_ideas(collectivity_id: int, consultation_id: int, limit: int = 5) -> list[MissingIdea]:
    """Return the latest published ideas of one consultation."""
    rows = db.session.execute(
        sa.select(Contribution.ref, Idea.title, Contribution.lang)
        .join(
            Idea,
            (Idea.collectivity_id == Contribution.collectivity_id) & (Idea.id == Contribution.id),
        )
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id == consultation_id,
            Contribution.state.in_((PublishState.PUBLISHED, PublishState.PUBLISHED_LATE)),
        )
        .order_by(Contribution.submitted_at.desc(), Contribution.id.desc())
        .limit(limit)
    )
    return [MissingIdea(*row) for row in rows]


# --- one's own page ----------------------------------------------------------------------------------


def name_of(person_id: int) -> str | None:
    """Return the display name of an account."""
    return db.session.scalar(sa.select(Person.display_name).where(Person.id == person_id))


@dataclass(frozen=True)
class LetterRow:
    """A letter that was sent to me."""

    kind: str
    subject: str
    body: str
    lang: str
    at: datetime


def letters_to(person_id: int, now: datetime, limit: int = 30) -> list[LetterRow]:
    """Return the letters to a person, newest first; codes to sign in are no letters."""
    rows = db.session.execute(
        sa.select(Mail.kind, Mail.subject, Mail.body, Mail.lang, Mail.not_before)
        .where(
            Mail.person_id == person_id,
            Mail.kind.not_in(("sign_in", "code")),
            Mail.cancelled_at.is_(None),
            Mail.not_before <= now,
        )
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(limit)
    )
    return [LetterRow(*row) for row in rows]


@dataclass(frozen=True)
class DraftRow:
    """Something started in this browser and not sent."""

    path: str
    text: str
    at: datetime


def drafts_of(session_hashes: Sequence[str]) -> list[DraftRow]:
    """Return what this browser keeps, latest first; the longest field says what it is about."""
    if not session_hashes:
        return []
    rows = db.session.scalars(
        sa.select(Draft).where(Draft.session_hash.in_(session_hashes)).order_by(Draft.at.desc()).limit(20)
    )
    found = []
    for row in rows:
        texts = [value for value in row.fields.values() if isinstance(value, str)]
        found.append(DraftRow(row.form_key, max(texts, key=len, default=""), row.at))
    return [row for row in found if row.path.startswith("/")]


# --- transparency --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChainRow:
    """How long a chain of the journal is, and its head."""

    id: int
    kind: ChainKind
    entries: int
    head: str
    last_at: datetime | None
    checkpoint: str | None
    checkpoint_seq: int | None
    checkpoint_at: datetime | None


def chains_of(collectivity_id: int) -> list[ChainRow]:
    """Return the chains of a collectivity with their latest checkpoint. One statement."""
    last = (
        sa.select(Checkpoint.chain_id, sa.func.max(Checkpoint.seq).label("seq"))
        .group_by(Checkpoint.chain_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Chain, JournalEntry.at, Checkpoint)
        .outerjoin(
            JournalEntry,
            (JournalEntry.collectivity_id == Chain.collectivity_id)
            & (JournalEntry.chain_id == Chain.id)
            & (JournalEntry.seq == Chain.seq),
        )
        .outerjoin(last, last.c.chain_id == Chain.id)
        .outerjoin(Checkpoint, (Checkpoint.chain_id == Chain.id) & (Checkpoint.seq == last.c.seq))
        .where(Chain.collectivity_id == collectivity_id)
        .order_by(Chain.id)
    )
    return [
        ChainRow(
            chain.id,
            chain.kind,
            chain.seq,
            chain.head,
            at,
            mark.note if mark else None,
            mark.seq if mark else None,
            mark.at if mark else None,
        )
        for chain, at, mark in rows
    ]


@dataclass(frozen=True)
class ConsultationFigures:
    """A consultation in numbers: who took part, how many texts."""

    kind: ConsultationKind
    cycle: str
    state: ConsultationState
    opens_at: datetime
    closes_at: datetime
    people: int
    associations: int
    published: int
    not_published: int


def figures_of(collectivity_id: int) -> list[ConsultationFigures]:
    """Return every public consultation of a collectivity with its figures. One statement."""

    def texts(public: bool) -> sa.ScalarSelect[int]:
        wanted = Contribution.state.in_(READABLE_STATES)
        return (
            sa.select(sa.func.count())
            .where(
                Contribution.collectivity_id == Consultation.collectivity_id,
                Contribution.consultation_id == Consultation.id,
                wanted if public else sa.not_(wanted),
            )
            .correlate(Consultation)
            .scalar_subquery()
        )

    rows = db.session.execute(
        sa.select(
            Consultation.kind,
            ActionPlan.cycle,
            Consultation.state,
            Consultation.opens_at,
            Consultation.closes_at,
            sa.func.coalesce(Turnout.people, 0),
            sa.func.coalesce(Turnout.associations, 0),
            texts(public=True),
            texts(public=False),
        )
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Consultation.collectivity_id)
            & (ActionPlan.id == Consultation.plan_id),
        )
        .outerjoin(Turnout, _turnout())
        .where(Consultation.collectivity_id == collectivity_id, Consultation.state.in_(PUBLIC_STATES))
        .order_by(Consultation.opens_at)
    )
    return [ConsultationFigures(*row) for row in rows]


# --- the desk's door -----------------------------------------------------------------------------------


def decisions_made(collectivity_id: int) -> int:
    """Count the decisions of moderators, for the figures."""
    return int(
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(ModerationDecision)
            .where(
                ModerationDecision.collectivity_id == collectivity_id, ModerationDecision.undone_at.is_(None)
            )
        )
        or 0
    )


@dataclass(frozen=True)
class ProjectAddress:
    """A project by its last published title, and where its page is."""

    number: int
    cycle: str
    title: Words


def project_addresses(collectivity_id: int, project_ids: Sequence[int]) -> dict[int, ProjectAddress]:
    """Return the addresses of some projects by their ids. One statement, none for no ids."""
    if not project_ids:
        return {}
    newer = aliased(ProjectRevision)
    rows = db.session.execute(
        sa.select(Project.id, Project.number, ActionPlan.cycle, ProjectRevision.title)
        .join(
            ActionPlan,
            (ActionPlan.collectivity_id == Project.collectivity_id) & (ActionPlan.id == Project.plan_id),
        )
        .join(
            ProjectRevision,
            (ProjectRevision.collectivity_id == Project.collectivity_id)
            & (ProjectRevision.project_id == Project.id),
        )
        .where(
            Project.collectivity_id == collectivity_id,
            Project.id.in_(set(project_ids)),
            ~sa.exists().where(
                newer.collectivity_id == ProjectRevision.collectivity_id,
                newer.project_id == ProjectRevision.project_id,
                newer.number > ProjectRevision.number,
            ),
        )
    )
    return {key: ProjectAddress(number, cycle, title) for key, number, cycle, title in rows}
