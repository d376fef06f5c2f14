"""Makers of what tests begin with: places, people, a plan at a stage. Everything has a default.

They write rows, not actions: a test of one room must not depend on another room's verbs.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.db import add, clock, db, new_id
from participate.journal import actions as journal
from participate.journal import keys
from participate.network.models import Collectivity, Region
from participate.people import factors
from participate.people.models import Association, Mandate, Person, RoleGrant, StaffFactor
from participate.plans.models import ActionPlan, Axis, PlanVersion, Project, ProjectRevision, VersionProject
from participate.positions.models import ProjectStatement, Statement
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    Accepts,
    CollectivityKind,
    ConsultationKind,
    ConsultationState,
    ParticipantKind,
    StatementKind,
    VersionKind,
)
from participate.rules.policy import EXCLUSIVE_GROUPS, Actor, Role
from participate.rules.text import skeleton

_count = itertools.count(1)
OPENED = datetime(2023, 7, 24, 23, 0, tzinfo=UTC)
"""Midnight of 25 July 2023 in Casablanca."""
CLOSES = datetime(2023, 8, 29, 23, 0, tzinfo=UTC)
"""Midnight of 30 August 2023 in Casablanca."""


def words(text: str) -> dict[str, str]:
    """Return a text in Arabic and French, each recognisable."""
    return {"ar": f"{text} (ع)", "fr": f"{text} (f)"}


def a_collectivity(slug: str | None = None, **changes: Any) -> Collectivity:
    """A commune with a space here."""
    number = next(_count)
    if db.session.get(Region, "BMK") is None:
        add(Region(code="BMK", position=1, name={"ar": "بني ملال-خنيفرة", "fr": "Béni Mellal-Khénifra"}))
    row = add(
        Collectivity(
            **{
                "id": new_id(),
                "slug": slug or f"commune-{number}",
                "code": "ABCDEFGHJK"[number % 10] + "XYZTUVWPQR"[(number // 10) % 10] + str(number % 10),
                "kind": CollectivityKind.COMMUNE,
                "name": {"ar": f"جماعة {number}", "fr": f"Commune {number}"},
                "description": words("a commune"),
                "region_code": "BMK",
                "hosted": True,
                **changes,
            }
        )
    )
    journal.open_chain(journal.of_collectivity(row.id))
    return row


def a_person(name: str | None = None, *, email: str | None = None, **changes: Any) -> Person:
    """Somebody with an account."""
    number = next(_count)
    values: dict[str, Any] = {
        "id": new_id(),
        "email": email or f"person{number}@example.test",
        "display_name": name or f"Person {number}",
        "lang": "fr",
        "level": 1,
        "created_at": clock() - timedelta(days=30),
        **changes,
    }
    values.setdefault("name_skeleton", skeleton(values["display_name"]) if values["display_name"] else None)
    return add(Person(**values))


def a_grant(person: Person, collectivity: Collectivity, role: Role) -> RoleGrant:
    """A role somebody holds."""
    return add(
        RoleGrant(
            collectivity_id=collectivity.id,
            id=new_id(),
            person_id=person.id,
            role=role,
            exclusive_group=EXCLUSIVE_GROUPS.get(role),
            granted_at=clock(),
        )
    )


def staff(collectivity: Collectivity, *roles: Role) -> Person:
    """Somebody who holds roles in a collectivity."""
    person = a_person()
    for role in roles:
        a_grant(person, collectivity, role)
    return person


STAFF_PASSWORD = "trois chaises sous le figuier"


def with_factors(person: Person, password: str = STAFF_PASSWORD) -> str:
    """Let somebody have a password and an application; return the secret of the application."""
    secret = factors.new_secret()
    now = factors.machine_time()
    add(
        StaffFactor(
            person_id=person.id,
            password_hash=factors.hash_password(password),
            password_at=now,
            app_secret=factors.wrapped(secret),
            app_at=now,
            last_step=0,
        )
    )
    return secret


def an_association(
    collectivity: Collectivity, delegate: Person | None = None, *, verified: bool = True
) -> Association:
    """An association, verified unless said otherwise, and its delegate's mandate."""
    number = next(_count)
    verifier = a_person() if verified else None
    row = add(
        Association(
            collectivity_id=collectivity.id,
            id=new_id(),
            ref=f"A{number:05d}",
            name={"ar": f"جمعية {number}", "fr": f"Association {number}"},
            name_skeleton=skeleton(f"Association {number}"),
            purpose=words("purpose"),
            verified_at=clock() if verified else None,
            verified_by=verifier.id if verifier else None,
            created_at=clock(),
        )
    )
    if delegate:
        add(
            Mandate(
                collectivity_id=collectivity.id,
                id=new_id(),
                association_id=row.id,
                person_id=delegate.id,
                started_at=clock(),
            )
        )
    return row


def actor_of(person: Person) -> Actor:
    """The actor a person is, read from the rows."""
    roles = db.session.execute(
        sa.select(RoleGrant.collectivity_id, RoleGrant.role).where(RoleGrant.person_id == person.id)
    )
    mandates = db.session.execute(
        sa.select(Mandate.collectivity_id, Mandate.association_id).where(
            Mandate.person_id == person.id, Mandate.ended_at.is_(None)
        )
    )
    return Actor(
        person.id,
        frozenset((c, r) for c, r in roles),
        frozenset((c, a) for c, a in mandates),
        level=person.level,
        suspended=person.suspended_at is not None,
        named=person.display_name is not None,
    )


@dataclass
class APlan:
    """What `a_plan` made."""

    collectivity: Collectivity
    plan: ActionPlan
    axes: list[Axis]
    projects: list[Project]
    revisions: list[ProjectRevision]
    version: PlanVersion | None
    review: Consultation | None
    call: Consultation | None
    statements: list[int]

    @property
    def path(self) -> str:
        """Address of the plan without its language."""
        return f"/{self.collectivity.slug}/plans/{self.plan.cycle}"


TEXT_FIELDS = ("title", "summary", "problem", "solution", "expected_result", "lead", "partners")


def project_values(number: int, axis: Axis) -> dict[str, Any]:
    """Return complete texts of a project."""
    return {
        **{name: words(f"{name} of project {number}") for name in TEXT_FIELDS},
        "principles": ["transparency"],
        "budget_mad": 100_000 * number,
        "milestones": [
            {
                "title": words(f"milestone {number}"),
                "starts": "2024-03-01",
                "ends": "2024-03-31",
                "indicator": words("i"),
            }
        ],
        "axis_id": axis.id,
    }


def a_plan(
    stage: Stage = Stage.CONSULTATION,
    *,
    collectivity: Collectivity | None = None,
    projects: int = 3,
    cycle: str = "2024-2025",
    public: bool = True,
) -> APlan:
    """A plan at a stage: axes, projects, and from `consultation` on a draft version under review.

    In `consultation` the review is open at the anchor; in later stages it is closed. A plan in
    preparation is known to everybody unless `public` says otherwise.
    """
    where = collectivity or a_collectivity()
    scope = {"collectivity_id": where.id}
    now = clock()
    plan = add(
        ActionPlan(
            **scope,
            id=new_id(),
            cycle=cycle,
            title=words("plan"),
            summary=words("summary"),
            stage=stage,
            stage_since=now,
            starts_on=date(2024, 1, 1),
            ends_on=date(2025, 12, 31),
            public_since=now if public else None,
        )
    )
    journal.open_chain(journal.of_plan(where.id, plan.id))
    axes = [
        add(
            Axis(
                **scope,
                id=new_id(),
                plan_id=plan.id,
                slug=f"axis-{i}",
                position=i,
                title=words(f"axis {i}"),
                description=words("d"),
            )
        )
        for i in (1, 2)
    ]
    made = [
        add(
            Project(
                **scope,
                id=new_id(),
                plan_id=plan.id,
                number=n,
                updated_at=now,
                **project_values(n, axes[n % 2]),
            )
        )
        for n in range(1, projects + 1)
    ]
    result = APlan(where, plan, axes, made, [], None, None, None, [])
    if stage is Stage.PREPARATION:
        return result
    result.version = add(
        PlanVersion(
            **scope,
            id=new_id(),
            plan_id=plan.id,
            number=1,
            kind=VersionKind.DRAFT,
            published_at=OPENED - timedelta(days=14),
        )
    )
    for project in made:
        revision = add(
            ProjectRevision(
                **scope,
                id=new_id(),
                project_id=project.id,
                number=1,
                published_at=result.version.published_at,
                **project_values(project.number, axes[project.number % 2]),
            )
        )
        result.revisions.append(revision)
        add(
            VersionProject(
                **scope, version_id=result.version.id, project_id=project.id, revision_id=revision.id
            )
        )
    opened = stage is Stage.CONSULTATION
    result.review = a_consultation(result, ConsultationKind.DRAFT_REVIEW, closed=not opened)
    for project, revision in zip(made, result.revisions, strict=True):
        statement = add(
            Statement(
                **scope,
                id=new_id(),
                consultation_id=result.review.id,
                kind=StatementKind.PROJECT,
                created_at=OPENED,
            )
        )
        add(
            ProjectStatement(
                **scope,
                consultation_id=result.review.id,
                project_id=project.id,
                revision_id=revision.id,
                statement_id=statement.id,
            )
        )
        result.statements.append(statement.id)
    return result


def a_consultation(
    made: APlan, kind: ConsultationKind, *, closed: bool = False, **changes: Any
) -> Consultation:
    """A consultation of a plan, open at the anchor unless closed."""
    review = kind is ConsultationKind.DRAFT_REVIEW
    row = add(
        Consultation(
            **{
                "collectivity_id": made.collectivity.id,
                "id": new_id(),
                "plan_id": made.plan.id,
                "kind": kind,
                "state": ConsultationState.CLOSED if closed else ConsultationState.OPEN,
                "title": words("consultation"),
                "announced_at": OPENED - timedelta(days=14),
                "opens_at": OPENED,
                "closes_at": CLOSES if not closed else clock() - timedelta(days=1),
                "opened_at": OPENED,
                "closed_at": clock() - timedelta(days=1) if closed else None,
                "accepts": [a.value for a in Accepts]
                if review
                else [Accepts.IDEA, Accepts.COMMENT, Accepts.POSITION],
                "version_id": made.version.id if review and made.version else None,
                "key_wrapped": keys.new_consultation_key(),
                **changes,
            }
        )
    )
    journal.open_chain(journal.of_consultation(made.collectivity.id, row.id))
    return row


def a_participant(consultation: Consultation, person: Person | None = None, **changes: Any) -> Participant:
    """A voice in a consultation."""
    person = person or a_person()
    return add(
        Participant(
            **{
                "collectivity_id": consultation.collectivity_id,
                "id": new_id(),
                "consultation_id": consultation.id,
                "kind": ParticipantKind.CITIZEN,
                "person_id": person.id,
                "level": person.level,
                "declared": True,
                "created_at": clock(),
                **changes,
            }
        )
    )
