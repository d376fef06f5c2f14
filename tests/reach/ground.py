"""A copy of the demo at a step with a person for every kind of reader, and what its addresses can be made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from participate.app import create_app
from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Contribution, Idea
from participate.council.models import CouncilQuestion, CouncilSession, Sitting
from participate.db import add, clock, db, new_id, writing
from participate.files.models import StoredFile
from participate.letters.receipts import token_of
from participate.moderation.models import Appeal, ModerationDecision
from participate.network.models import Collectivity
from participate.people.models import FactorRecovery, Mandate, NetworkAdministrator, Person
from participate.people.sessions import DatabaseSessions
from participate.plans.models import ActionPlan, Project
from participate.positions.models import Receipt
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import PublishState
from participate.rules.policy import Role
from participate.web import pages
from tests import clients, makers
from tests.conftest import settings
from tests.reach.rights import ACCOUNTS, ROLES
from tests.support.demo import demo_at

DEMO_STEPS = {
    "call": "call_for_ideas",
    "review": "draft_review",
    "evaluation": "implementation",
}
"""Where our names for the steps are not the demo's; the evaluation is the plan's stage moved on."""
HERE = "beni-mellal"
ELSEWHERE = "elsewhere"
NEARLY_ALL = [role for role in Role if role not in {Role.DESK_AGENT, Role.AUDITOR}]
CANDIDATES = 60
SAFE = {"GET", "HEAD", "OPTIONS"}
Address = tuple[str, int | None]


@dataclass
class Ground:
    """The application at a step: a browser for each viewer, and values for the arguments of addresses."""

    step: str
    app: Flask
    people: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[tuple[str, int | None]]] = field(default_factory=dict)
    cookies: dict[int | None, str] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    """What a form must hold to act on something that is there, where its address does not name it."""

    def __post_init__(self) -> None:
        """Open the one browser that changes its cookie."""
        client = self.app.test_client()
        assert isinstance(client, clients.Client)
        client.inspects = False
        self.client = client

    def ask(self, person: int | None, method: str, path: str, **kwargs: object) -> TestResponse:
        """Send a request as somebody."""
        client = self.client
        client.delete_cookie("participate", domain="localhost")
        client.delete_cookie("participate_device", domain="localhost")
        if person is not None:
            if person not in self.cookies:
                client.sign_in(person, strong=person != self.people.get("unproved"))
                cookie = client.get_cookie("participate", domain="localhost")
                assert cookie
                self.cookies[person] = cookie.value
            client.set_cookie("participate", self.cookies[person], domain="localhost")
        return client.open(path, method=method, **kwargs)

    def addresses(self, rule: Rule) -> list[Address]:
        """Return addresses of a rule, made of rows that are there, with whoever wrote what they name."""
        names = sorted(rule.arguments)
        adapter = self.app.url_map.bind("localhost")
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        made = []
        for chosen in islice(product(*(self.values(rule, name) for name in names)), CANDIDATES):
            values = {name: value for name, (value, _) in zip(names, chosen, strict=True)}
            author = next((author for _, author in chosen if author), None)
            made.append((adapter.build(rule.endpoint, values, method), author))
        return made

    def values(self, rule: Rule, name: str) -> list[tuple[str, int | None]]:
        """Return what an argument of this rule can be."""
        return self.rows.get(f"{rule.endpoint}:{name}") or self.rows[name]


@contextmanager
def ground(step: str, folder: Path, *, tokens: bool = False) -> Iterator[Ground]:
    """Lay out the demo at a step, with everybody in it. Forms are taken without their token unless asked."""
    demo_at(DEMO_STEPS.get(step, step), folder)
    app = create_app(
        settings(
            f"sqlite:///{folder}/demo.sqlite",
            folder,
            testing=False,
            demo=True,
            extra={"RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": tokens, "PROPAGATE_EXCEPTIONS": True},
        )
    )
    app.test_client_class = clients.Client
    with app.app_context():
        made = Ground(step, app)
        with writing():
            if step == "evaluation":
                db.session.execute(sa.update(ActionPlan).values(stage=Stage.EVALUATION))
            _people(made)
            made.rows = rows_of(app)
            db.session.commit()
        authors = {author for values in made.rows.values() for _value, author in values if author}
        for person in [*made.people.values(), *sorted(authors)]:
            made.ask(person, "GET", "/healthz")
        yield made
        db.session.remove()
        db.engine.dispose()


def _people(made: Ground) -> None:
    """Give each kind of viewer a person who has written nothing yet."""
    here = db.session.scalars(db.select(Collectivity).where(Collectivity.slug == HERE)).one()
    stage = db.session.scalars(db.select(ActionPlan.stage)).one()
    away = makers.a_plan(Stage(stage), collectivity=makers.a_collectivity(ELSEWHERE), cycle="2024-2025")
    for name in sorted(ACCOUNTS):
        person = makers.a_person(level=4, email=f"{name}@reach.test")
        made.people[name] = person.id
        if name in ROLES:
            makers.a_grant(person, here, Role(name))
        if name in {"suspended_staff", "unproved", "elsewhere"}:
            for role in NEARLY_ALL:
                makers.a_grant(person, away.collectivity if name == "elsewhere" else here, role)
        if name.startswith("suspended"):
            person.suspended_at = clock()
        if name == "network":
            add(NetworkAdministrator(person_id=person.id, granted_at=clock()))
    _things(made, here)
    db.session.flush()


def _things(made: Ground, here: Collectivity) -> None:
    """Put there what the demo has not: something for each form to act on."""
    people = {name: db.session.get_one(Person, number) for name, number in made.people.items()}
    for consultation in db.session.scalars(
        db.select(Consultation).where(
            Consultation.collectivity_id == here.id, Consultation.opened_at.is_not(None)
        )
    ):
        makers.a_participant(consultation, people["citizen"])
    association = makers.an_association(here, people["delegate"])
    waiting = makers.an_association(here, verified=False)
    mandate = db.session.scalars(db.select(Mandate.id).where(Mandate.association_id == association.id)).one()
    spare = makers.a_grant(makers.a_person(), here, Role.AUDITOR)
    recovery = add(
        FactorRecovery(
            collectivity_id=here.id, id=new_id(), person_id=people["unproved"].id, asked_at=clock()
        )
    )
    made.fields = {
        "people.revoke_role": {"grant": str(spare.id)},
        "people.verify_association": {"association": str(waiting.id)},
        "people.grant_mandate": {"association": str(waiting.id), "email": "somebody@reach.test"},
        "people.end_mandate": {"mandate": str(mandate)},
        "people.approve_recovery": {"recovery": str(recovery.id), "reason": "nous nous connaissons"},
        "people.refuse_recovery": {"recovery": str(recovery.id), "reason": "personne ne la connaît"},
        "demo.sign_in": {"email": "citizen1@demo.test"},
    }
    idea = db.session.scalars(
        db.select(Idea)
        .join(Contribution, Contribution.id == Idea.id)
        .where(Idea.collectivity_id == here.id, Contribution.state == PublishState.PUBLISHED)
        .order_by(Contribution.submitted_at.desc())
    ).first()
    if idea is not None:
        body = b"%PDF-1.7 nothing"
        picture = add(
            StoredFile(
                collectivity_id=here.id, id=new_id(), ref="FILE0000", name="plan.pdf", size=len(body),
                media_type="application/pdf", sha256="0" * 64, body=body, uploaded_at=clock(),
                uploaded_by=people["citizen"].id,
            )
        )  # fmt: skip
        idea.file_id = picture.id
    if made.step == "council":
        _before_the_council(here, people["councillor"])


def _before_the_council(here: Collectivity, councillor: Person) -> None:
    """Ask a question that waits, and hold the sitting."""
    plan = db.session.scalars(db.select(ActionPlan).where(ActionPlan.collectivity_id == here.id)).one()
    project = db.session.scalars(db.select(Project).where(Project.plan_id == plan.id)).first()
    assert project is not None
    consultation = db.session.scalars(
        db.select(Consultation.id)
        .where(Consultation.plan_id == plan.id)
        .order_by(Consultation.opens_at.desc())
    ).first()
    assert consultation is not None
    add(
        CouncilQuestion(
            collectivity_id=here.id, id=new_id(), plan_id=plan.id, project_id=project.id, number=900,
            consultation_id=consultation, text="Qui entretiendra ?", lang="fr", asked_by=councillor.id,
            asked_at=clock(),
        )
    )  # fmt: skip
    session = db.session.scalars(db.select(CouncilSession).where(CouncilSession.plan_id == plan.id)).one()
    add(
        Sitting(
            collectivity_id=here.id, id=new_id(), session_id=session.id, call=1, held_at=clock(), in_office=35,
            present=27, excused=5, absent=3, quorum=True, recorded_by=councillor.id, recorded_at=clock(),
        )
    )  # fmt: skip


def rows_of(app: Flask) -> dict[str, list[tuple[str, int | None]]]:
    """For each argument of an address the values to try, with whoever wrote what they name."""
    tables = db.metadata.tables
    here = db.session.scalars(db.select(Collectivity.id).where(Collectivity.slug == HERE)).one()
    found: dict[str, list[tuple[str, int | None]]] = {"lang": [("fr", None)], "slug": [(HERE, None)]}

    def take(name: str, table: str, column: str, many: int = 8) -> None:
        at = tables[table].c
        statement = sa.select(at[column]).where(at.collectivity_id == here).distinct()
        ordered = statement.order_by(at[column].desc()).limit(many)
        found[name] = [(str(value), None) for value in db.session.scalars(ordered)]

    take("cycle", "action_plan", "cycle")
    take("number", "project", "number")
    take("meeting", "meeting", "slug")
    take("news", "press_release", "slug")
    take("chain", "chain", "id")
    take("consultation", "consultation", "id")
    take("question", "council_question", "number")
    for rule in app.url_map.iter_rules():
        for name in rule.arguments - set(found):
            if name.endswith("_id"):
                take(name, name.removesuffix("_id"), "id", 12)
    take("portal.association:ref", "association", "ref")
    take("plans.version:number", "plan_version", "number")
    found["council_desk.answer_form:number"] = found["council_desk.answer:number"] = found["question"]
    found["which"] = [("minutes", None), ("act", None)]
    found["kind"] = [("txt", None)]
    found["synthesis.paper:kind"], found["paper"] = [("pdf", None)], [("fr", None)]
    somebody = db.session.scalars(db.select(Person.id).order_by(Person.id)).first()
    assert somebody is not None
    found["proof"] = [(token_of(somebody), None)]
    found["filename"] = [("icons/favicon.svg", None)]
    found["token"] = [("no-such-token", None)]
    texts = list(_texts(here))
    decisions = _decisions(here)
    found["ref"] = [*texts, *decisions]
    found["moderation.undo:ref"] = decisions
    found["moderation.answer:ref"] = found["moderation.answer_post:ref"] = [
        (code, None) for code, _ in decisions
    ]
    codes = db.session.execute(
        db.select(Receipt.code, Participant.person_id)
        .join(Participant, Participant.id == Receipt.participant_id)
        .where(Participant.person_id.is_not(None), Receipt.replaced_by.is_(None))
        .limit(2)
    )
    found["code"] = [(code, person) for code, person in codes]
    found["positions.receipt:ref"] = found["positions.mail_receipt:ref"] = found["code"]
    return found


def _texts(here: int) -> Iterator[tuple[str, int | None]]:
    """Two texts of each kind and state, the public ones first, then what was appealed."""
    appealed = set(db.session.scalars(db.select(Appeal.contribution_id)))
    asked = db.select(Contribution).where(Contribution.collectivity_id == here)
    texts = list(db.session.scalars(asked.order_by(Contribution.submitted_at.desc())))
    seen: dict[tuple[object, ...], int] = {}
    for text in sorted(texts, key=lambda text: (text.state != "published", text.id not in appealed)):
        kind = (text.kind, text.state, text.reply_count > 0, text.id in appealed)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= 2:
            yield text.ref, text.acting_person_id


def _decisions(here: int) -> list[tuple[str, int | None]]:
    """What was appealed, newest first, then the newest decisions, with whoever took them."""
    asked = (
        db.select(ModerationDecision.ref, ModerationDecision.decided_by)
        .outerjoin(Appeal, Appeal.decision_id == ModerationDecision.id)
        .where(ModerationDecision.collectivity_id == here)
        .order_by(Appeal.filed_at.is_(None), Appeal.state != "open", ModerationDecision.decided_at.desc())
        .limit(24)
    )
    return [(code, decider) for code, decider in db.session.execute(asked)]


def rules_of(app: Flask) -> list[tuple[Rule, str]]:
    """Every address of the application with each method that somebody may send."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def refused(answer: TestResponse) -> bool:
    """Whether somebody may not come in here: told so, sent to prove who they are, or nothing is there."""
    location = answer.headers.get("Location", "")
    away = "/sign-in?" in location or "/me/prove?" in location or "/me/second?" in location
    return answer.status_code in {403, 404} or away


def keep_nothing(monkeypatch: pytest.MonkeyPatch, *, drawn: bool = False) -> None:
    """Let what requests do be undone when they end; unless asked draw no page: who may come in does not hang on it."""
    monkeypatch.setattr(db.session, "commit", db.session.flush)
    monkeypatch.setattr(DatabaseSessions, "save_session", lambda *_args: None)
    if drawn:
        return
    monkeypatch.setattr("jinja2.Template.render", lambda *_args, **_values: "")
    monkeypatch.setattr(pages, "frame", lambda: pages.Page("fr", "ltr", "/"))
