"""A returned plan goes through a second round, and two plans of one collectivity do not mix: with the verbs alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from participate.council import actions as council
from participate.council import queries as decided
from participate.council.actions import VoteRow
from participate.db import clock, db, set_clock, writing
from participate.letters import jobs as letters
from participate.lifecycle import actions
from participate.plans import actions as plans
from participate.plans import queries as published
from participate.post.models import Mail
from participate.responses import actions as responses
from participate.responses.actions import Subject
from participate.rules.council import SessionKind
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    ChangeCause,
    ConsultationState,
    Outcome,
    ProjectDecision,
    VersionKind,
)
from participate.rules.policy import Role
from participate.rules.windows import casablanca_date
from participate.synthesis import actions as synthesis
from participate.synthesis import queries as dossiers
from tests import makers
from tests.conftest import both_engines
from tests.rooms.contributions.makers import a_comment
from tests.rooms.lifecycle import makers as own
from tests.rooms.synthesis.makers import a_full_review, take, voices

pytestmark = pytest.mark.usefixtures("app")
WHY = {"ar": "طلب المجلس إعادة التشاور حول الميزانية"}


class Cycle:
    """One plan with the people who work on it."""

    def __init__(self, made: makers.APlan) -> None:
        self.made = made
        self.person = {
            role: makers.staff(made.collectivity, role)
            for role in (Role.OFFICER, Role.SECRETARY, Role.PRESIDENT, Role.COUNCILLOR)
        }

    def who(self, role: Role):
        return makers.actor_of(self.person[role])

    @property
    def place(self):
        return published.plan_place(self.made.collectivity.slug, self.made.plan.cycle)

    def do(self, verb, *args, **values):
        with writing():
            found = verb(*args, **values)
            db.session.commit()
        return found

    def sitting(self, calls: int) -> int:
        """Announce a session of today and sit until the call that decides; those before fail."""
        secretary, today = self.who(Role.SECRETARY), casablanca_date(clock())
        session = self.do(
            council.announce_session, secretary, self.place, SessionKind.EXTRAORDINARY.value, today
        )
        for call in range(1, calls + 1):
            seen = decided.session_of(self.made.collectivity.id, self.made.plan.id)
            days = seen.next_days
            if days.first > casablanca_date(clock()):
                later(days.first - casablanca_date(clock()))
            present = 7 if call < calls or call == 3 else 30
            row = self.do(
                council.record_sitting, secretary, self.place, session.id, call, clock(), 39, present, 2
            )
        assert row.quorum
        return row.id

    def votes(self, in_favour: int) -> list[VoteRow]:
        rows = decided.before_the_council(self.made.collectivity.id, self.made.plan.id)
        return [
            VoteRow(one.project_id, ProjectDecision.ADOPTED, in_favour, 1, 0, reason={"ar": "سبب"})
            for one in rows
        ]

    def decide(self, sitting: int, outcome: str, reference: str, in_favour: int = 20) -> None:
        self.do(
            council.record_deliberation, self.who(Role.SECRETARY), self.place, sitting, reference,
            casablanca_date(clock()), outcome, self.votes(in_favour) if outcome == "adopted" else [], WHY,
        )  # fmt: skip


def later(by: timedelta) -> None:
    with writing():
        set_clock(clock() + by)
        db.session.commit()


@both_engines
def test_a_returned_plan_is_consulted_on_again_and_adopted_at_the_third_call() -> None:
    with writing():
        made = makers.a_plan(Stage.COUNCIL)
        a_full_review(made)
        synthesis.seal(None, made.review.id, clock())
        cycle = Cycle(made)
        db.session.commit()
    here, plan_id, first = made.collectivity.id, made.plan.id, made.review
    cycle.do(council.ask, cycle.who(Role.COUNCILLOR), cycle.place, made.projects[0].id, "Qui paie ?")
    cycle.do(council.answer, cycle.who(Role.OFFICER), cycle.place, 1, "La commune.")
    cycle.decide(cycle.sitting(1), "returned", "1/2023")
    cycle.do(actions.return_, cycle.who(Role.SECRETARY), made.plan)
    assert cycle.place.stage is Stage.PREPARATION
    letters.post_news()
    told = mails()
    assert told
    assert all("1/2023" in mail.body for mail in told)

    # The second round: another draft, its review, a comment, the answers, a change because of the comment.
    later(timedelta(days=1))
    officer = cycle.who(Role.OFFICER)
    project = made.projects[0]
    cycle.do(
        plans.save_project, officer, cycle.place, project.id, refreshed(project).row_version,
        {"budget_mad": 1_000, "change_cause": ChangeCause.COUNCIL},
    )  # fmt: skip
    cycle.do(plans.publish_version, officer, made.plan, VersionKind.DRAFT)
    with writing():
        made.review = own.planned(made)
        db.session.commit()
    cycle.do(actions.announce, officer, made.review)
    later(made.review.opens_at - clock())
    cycle.do(actions.run_due, here)
    db.session.expire_all()
    with writing():
        comment = a_comment(made)
        db.session.commit()
    later(made.review.closes_at - clock())
    cycle.do(actions.run_due, here)
    assert cycle.place.stage is Stage.SYNTHESIS
    subjects = [Subject(here, made.review.id, project_id=one.id) for one in made.projects]
    subjects.append(Subject(here, made.review.id, contribution_id=comment.id))
    for subject in subjects:
        row = cycle.do(responses.write_response, officer, subject, Outcome.ACCEPTED, makers.words("answer"))
        cycle.do(responses.approve, cycle.who(Role.PRESIDENT), here, row.id)
    cycle.do(
        plans.save_project, officer, cycle.place, project.id, refreshed(project).row_version,
        {"solution": makers.words("what the comment asked for")},
    )  # fmt: skip
    cycle.do(
        plans.state_causes, officer, cycle.place,
        [plans.CauseRow(project.id, "solution", ChangeCause.CONTRIBUTION, (comment.ref,))],
    )  # fmt: skip
    cycle.do(actions.transmit, officer, made.plan)

    head = dossiers.head(here, plan_id)
    assert head.id == made.review.id
    assert head.sealed.holds
    assert decided.addenda_of(here, made.review.id) == [], (
        "an addendum stays with the dossier it was asked about"
    )
    assert [one.answer for one in decided.addenda_of(here, first.id)] == ["La commune."]
    assert refreshed(first).state is ConsultationState.ARCHIVED

    cycle.decide(cycle.sitting(3), "adopted", "2/2023", in_favour=6)
    cycle.do(actions.adopt, cycle.who(Role.SECRETARY), made.plan)
    assert cycle.place.stage is Stage.IMPLEMENTATION
    kinds = [one.kind for one in published.versions_of(here, plan_id)]
    assert kinds == [VersionKind.DRAFT, VersionKind.DRAFT, VersionKind.REVISED, VersionKind.ADOPTED]
    causes = [(one.field, one.stated.cause) for one in published.caused_changes(here, plan_id).changes]
    assert causes == [("budget_mad", ChangeCause.COUNCIL), ("solution", ChangeCause.CONTRIBUTION)]
    session = decided.session_of(here, plan_id)
    assert [one.quorum.reached for one in session.sittings] == [False, False, True]
    assert decided.votes_of(here, plan_id).reference == "2/2023"
    letters.post_news()
    about = [mail for mail in mails() if "2/2023" in mail.body]
    people = [mail.person_id for mail in about]
    assert len(people) == len(set(people))
    assert set(people) == {mail.person_id for mail in told} | {comment.acting_person_id}


def refreshed(row):
    db.session.refresh(row)
    return row


def mails() -> list[Mail]:
    return list(db.session.scalars(sa.select(Mail).where(Mail.kind == "adoption")))


def test_two_plans_of_one_collectivity_are_decided_each_by_its_own() -> None:
    with writing():
        where = makers.a_collectivity()
        cycles = []
        for years in ("2024-2025", "2026-2027"):
            made = makers.a_plan(Stage.COUNCIL, collectivity=where, cycle=years)
            take(made, 0, voices(made, 3), 1)
            synthesis.seal(None, made.review.id, clock())
            cycles.append(Cycle(made))
        db.session.commit()
    for number, cycle in enumerate(cycles, start=1):
        project = cycle.made.projects[0]
        cycle.do(council.save_note, cycles[0].who(Role.COUNCILLOR), cycle.place, project.id, f"note {number}")
        cycle.do(council.ask, cycle.who(Role.COUNCILLOR), cycle.place, project.id, f"question {number}")
        cycle.do(council.answer, cycle.who(Role.OFFICER), cycle.place, 1, f"answer {number}")
    other = cycles[1].made.projects[0].id
    with pytest.raises(council.NoSuchProjectError):
        cycles[0].do(council.save_note, cycles[0].who(Role.COUNCILLOR), cycles[0].place, other, "x")
    db.session.rollback()
    reader = cycles[0].person[Role.COUNCILLOR].id
    for number, cycle in enumerate(cycles, start=1):
        notes = decided.notes_of(reader, where.id, cycle.made.plan.id)
        assert [one.body for one in notes.values()] == [f"note {number}"]
        assert [one.answer for one in decided.addenda_of(where.id, cycle.made.review.id)] == [
            f"answer {number}"
        ]
    sittings = [cycle.sitting(1) for cycle in cycles]
    with pytest.raises(council.NoSuchSessionError):
        cycles[0].decide(sittings[1], "returned", "12/2023")
    db.session.rollback()
    cycles[0].decide(sittings[0], "adopted", "10/2023")
    cycles[1].decide(sittings[1], "returned", "11/2023")
    cycles[0].do(actions.adopt, cycles[0].who(Role.SECRETARY), cycles[0].made.plan)
    assert [cycle.place.stage for cycle in cycles] == [Stage.IMPLEMENTATION, Stage.COUNCIL]
    cycles[1].do(actions.return_, cycles[1].who(Role.SECRETARY), cycles[1].made.plan)
    found = [decided.votes_of(where.id, cycle.made.plan.id) for cycle in cycles]
    assert [(one.reference, one.outcome, one.performed) for one in found] == [
        ("10/2023", "adopted", True),
        ("11/2023", "returned", True),
    ]
    letters.post_news()
    by_plan = {
        reference: [m.person_id for m in mails() if reference in m.body]
        for reference in ("10/2023", "11/2023")
    }
    assert all(people and len(people) == len(set(people)) for people in by_plan.values())
