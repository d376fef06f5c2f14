"""Taking positions and choosing priorities, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from participate.consultations import actions as consultations
from participate.consultations.actions import NotDeclaredError, NotYourVoiceError
from participate.consultations.models import Consultation, Participant, Turnout
from participate.db import db, set_clock, writing
from participate.journal import queries as journal
from participate.journal.models import JournalDetail, JournalEntry
from participate.people.models import Mandate
from participate.positions import actions, queries
from participate.positions.models import Position, Priority, ProjectStatement, Receipt, Statement
from participate.post.models import Mail
from participate.rules.outcomes import Accepts, Channel, ConsultationState, StatementKind
from participate.rules.policy import RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.positions.makers import (
    OWN,
    as_association,
    counters,
    place_in,
    prioritise,
    recount,
    take,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def plan(app: Any) -> makers.APlan:
    """A plan whose review is open."""
    return committed(makers.a_plan)


def committed(make: Any, *args: Any, **values: Any) -> Any:
    with writing():
        made = make(*args, **values)
        db.session.commit()
    return made


def entries(kind: str) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        sa.select(JournalEntry).where(JournalEntry.type == kind).order_by(JournalEntry.seq)
    )
    return [json.loads(row.body)["public"] for row in rows]


def kept(kind, name):
    """Return a private detail of the entries of a kind, in their order."""
    rows = db.session.scalars(
        sa.select(JournalDetail)
        .join(
            JournalEntry,
            (JournalEntry.chain_id == JournalDetail.chain_id) & (JournalEntry.seq == JournalDetail.seq),
        )
        .where(JournalEntry.type == kind)
        .order_by(JournalEntry.seq)
    )
    return [json.loads(row.payload)[name] for row in rows]


def test_what_was_chosen_stands_nowhere_in_the_public_record(plan):
    """With a value in the body a receipt would prove a vote to whoever buys it."""
    people = [committed(makers.a_person) for _ in range(3)]
    for person, value in zip(people, (1, -1, 0), strict=True):
        take(person, plan.review, plan.statements[0], value)
    prioritise(people[0], plan.review, plan.statements[0], True)
    for entry in entries("position:taken") + entries("priority:set"):
        assert set(entry) == {"statement", "voter"}


@both_engines
def test_a_position_is_one_row_one_count_one_entry_and_a_receipt(plan):
    person = committed(makers.a_person)
    taken = take(person, plan.review, plan.statements[0], 1)
    assert counters()[plan.statements[0]] == (1, 0, 0) == recount()[plan.statements[0]]
    [entry] = entries("position:taken")
    assert entry["statement"] == plan.statements[0]
    assert "value" not in entry
    assert kept("position:taken", "value") == [1]
    receipt = db.session.scalars(sa.select(Receipt)).one()
    assert receipt.code == taken.code
    assert taken.code.startswith(plan.collectivity.code + "-")
    assert db.session.scalars(
        sa.select(JournalEntry.hash).where(JournalEntry.hash == receipt.entry_hash)
    ).one()
    assert not [fault for fault in journal.verify() if fault]


@both_engines
def test_the_row_is_bound_to_the_revision_that_was_read(plan):
    person = committed(makers.a_person)
    take(person, plan.review, plan.statements[1], -1)
    row = db.session.scalars(sa.select(Position)).one()
    assert row.revision_id == plan.revisions[1].id
    assert row.acting_person_id == person.id


@both_engines
def test_the_same_position_again_gives_the_same_receipt_and_records_nothing(plan):
    person = committed(makers.a_person)
    first = take(person, plan.review, plan.statements[0], 1)
    again = take(person, plan.review, plan.statements[0], 1)
    assert again.code == first.code
    assert not again.changed
    assert len(entries("position:taken")) == 1
    assert counters()[plan.statements[0]] == (1, 0, 0)


@both_engines
def test_a_changed_position_moves_the_counters_and_replaces_the_receipt(plan):
    person = committed(makers.a_person)
    first = take(person, plan.review, plan.statements[0], 1)
    second = take(person, plan.review, plan.statements[0], -1)
    third = take(person, plan.review, plan.statements[0], 0)
    assert (second.replaced, third.replaced) == (first.code, second.code)
    assert counters()[plan.statements[0]] == (0, 0, 1) == recount()[plan.statements[0]]
    rows = {row.code: row for row in db.session.scalars(sa.select(Receipt))}
    assert rows[first.code].replaced_by == rows[second.code].id
    assert rows[second.code].replaced_by == rows[third.code].id
    assert rows[third.code].replaced_by is None
    assert kept("position:taken", "value") == [1, -1, 0]


def test_back_to_an_earlier_position_gets_a_new_receipt(plan):
    person = committed(makers.a_person)
    codes = [take(person, plan.review, plan.statements[0], value).code for value in (1, -1, 1)]
    assert len(set(codes)) == 3


def test_two_voters_of_one_person_in_the_journal_cannot_be_joined(plan):
    person = committed(makers.a_person)
    for statement_id in plan.statements:
        take(person, plan.review, statement_id, 1)
    prioritise(person, plan.review, plan.statements[0], True)
    voters = [entry["voter"] for entry in entries("position:taken") + entries("priority:set")]
    assert len(set(voters)) == 4
    take(person, plan.review, plan.statements[0], -1)
    assert entries("position:taken")[-1]["voter"] == voters[0]


def test_the_public_side_of_the_journal_names_no_person(plan):
    person = committed(makers.a_person)
    take(person, plan.review, plan.statements[0], 1)
    row = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.type == "position:taken")).one()
    assert str(person.id) not in row.body
    private = db.session.scalars(
        sa.select(JournalDetail).where(JournalDetail.chain_id == row.chain_id, JournalDetail.seq == row.seq)
    ).one()
    assert str(person.id) in private.payload


@both_engines
def test_the_first_act_makes_one_participant_and_counts_one_person(plan):
    person = committed(makers.a_person, level=3)
    take(person, plan.review, plan.statements[0], 1)
    take(person, plan.review, plan.statements[1], 1)
    prioritise(person, plan.review, plan.statements[1], True)
    row = db.session.scalars(sa.select(Participant)).one()
    assert (row.level, row.declared) == (3, True)
    counts = db.session.scalars(sa.select(Turnout)).one()
    assert (counts.people, counts.associations) == (1, 0)


@both_engines
def test_a_first_act_that_another_tab_has_just_done_counts_nobody_twice(plan):
    person = committed(makers.a_person)
    for _ in range(2):  # the second tab looked for the participant before the first had made it
        committed(consultations._first_act, makers.actor_of(person), plan.review, OWN, True, Channel.WEB)
    assert len(db.session.scalars(sa.select(Participant)).all()) == 1
    assert db.session.scalars(sa.select(Turnout.people)).one() == 1


@both_engines
def test_a_code_that_another_receipt_has_records_nothing(plan, monkeypatch):
    one, two = committed(makers.a_person), committed(makers.a_person)
    code = take(one, plan.review, plan.statements[0], 1).code
    monkeypatch.setattr(actions.references, "receipt_of", lambda *_: code)
    with pytest.raises(actions.CodeTakenError):
        take(two, plan.review, plan.statements[0], 1)
    assert counters()[plan.statements[0]] == (1, 0, 0)


@both_engines
@pytest.mark.parametrize("seconds", [0, 1])
def test_nothing_is_taken_at_the_end_of_the_window_or_after_it(plan, seconds):
    person = committed(makers.a_person)
    early = place_in(plan.review)
    committed(set_clock, plan.review.closes_at + timedelta(seconds=seconds))
    with writing(), pytest.raises(RefusedError) as refused:
        actions.take(makers.actor_of(person), early, plan.statements[0], 1, OWN, declared=True)
    assert refused.value.unmet == ("window_open",)
    assert db.session.scalars(sa.select(Position)).all() == []
    assert db.session.scalars(sa.select(Participant)).all() == []


@both_engines
def test_nothing_is_taken_before_the_window_begins(plan):
    person = committed(makers.a_person)
    place = place_in(plan.review)
    committed(set_clock, plan.review.opens_at - timedelta(seconds=1))
    with writing(), pytest.raises(RefusedError) as refused:
        actions.take(makers.actor_of(person), place, plan.statements[0], 1, OWN, declared=True)
    assert refused.value.unmet == ("window_open",)


@both_engines
def test_a_page_that_still_says_open_does_not_open_a_closed_consultation(plan):
    person = committed(makers.a_person)
    stale = place_in(plan.review)

    def close() -> None:
        row = db.session.get(Consultation, (plan.review.collectivity_id, plan.review.id))
        row.state = ConsultationState.CLOSED
        row.closed_at = row.opens_at

    committed(close)
    with writing(), pytest.raises(RefusedError):
        actions.take(
            makers.actor_of(person),
            replace(stale, window_open=True),
            plan.statements[0],
            1,
            OWN,
            declared=True,
        )


def test_an_act_that_waits_past_the_end_for_its_turn_is_refused(plan, monkeypatch):
    person = committed(makers.a_person)
    real = actions.journal.record

    def slow(*args: Any, **values: Any) -> Any:
        set_clock(plan.review.closes_at)
        return real(*args, **values)

    monkeypatch.setattr(actions.journal, "record", slow)
    with pytest.raises(RefusedError):
        take(person, plan.review, plan.statements[0], 1)
    monkeypatch.undo()
    assert counters()[plan.statements[0]] == (0, 0, 0)


@pytest.mark.parametrize(
    "role", [Role.OFFICER, Role.MODERATOR, Role.DESK_AGENT, Role.SECRETARY, Role.ADMINISTRATOR]
)
def test_staff_take_no_position_in_their_own_collectivity(plan, role):
    person = committed(makers.staff, plan.collectivity, role)
    with pytest.raises(RefusedError) as refused:
        take(person, plan.review, plan.statements[0], 1)
    assert refused.value.unmet == ("may_take_position",)


@pytest.mark.parametrize("role", [Role.COUNCILLOR, Role.ADVISORY_MEMBER, Role.PRESIDENT])
def test_councillors_and_advisory_members_take_positions_as_citizens(plan, role):
    person = committed(makers.staff, plan.collectivity, role)
    assert take(person, plan.review, plan.statements[0], 1).code


def test_staff_of_one_collectivity_are_citizens_of_another(plan):
    other = committed(makers.a_collectivity)
    person = committed(makers.staff, other, Role.OFFICER)
    assert take(person, plan.review, plan.statements[0], 1).code


def test_a_first_act_needs_the_declaration_and_later_ones_do_not(plan):
    person = committed(makers.a_person)
    with pytest.raises(NotDeclaredError):
        take(person, plan.review, plan.statements[0], 1, declared=False)
    assert db.session.scalars(sa.select(Participant)).all() == []
    take(person, plan.review, plan.statements[0], 1)
    assert take(person, plan.review, plan.statements[0], -1, declared=False).code


def test_a_level_that_was_asked_for_is_needed(plan):
    def ask() -> None:
        db.session.get(Consultation, (plan.review.collectivity_id, plan.review.id)).min_level = 3

    committed(ask)
    low, high = committed(makers.a_person), committed(makers.a_person, level=3)
    with pytest.raises(RefusedError) as refused:
        take(low, plan.review, plan.statements[0], 1)
    assert refused.value.unmet == ("level_met",)
    assert take(high, plan.review, plan.statements[0], 1).code


def test_a_statement_of_another_consultation_cannot_be_reached_from_here(plan):
    other = committed(makers.a_plan)
    person = committed(makers.a_person)
    with pytest.raises(actions.NoSuchStatementError):
        take(person, plan.review, other.statements[0], 1)


def test_a_text_that_is_not_public_takes_no_position(plan):
    person = committed(makers.a_person)

    def hide() -> None:
        db.session.get(Statement, (plan.collectivity.id, plan.statements[0])).votable = False

    committed(hide)
    with pytest.raises(RefusedError) as refused:
        take(person, plan.review, plan.statements[0], 1)
    assert refused.value.unmet == ("votable",)


@pytest.mark.parametrize("value", [2, -2, 99])
def test_only_three_values_exist(plan, value):
    person = committed(makers.a_person)
    with pytest.raises(ValueError, match="PositionValue"):
        take(person, plan.review, plan.statements[0], value)


# --- voices ---------------------------------------------------------------------------------------


@both_engines
def test_a_delegate_keeps_two_voices(plan):
    person = committed(makers.a_person)
    association = committed(makers.an_association, plan.collectivity, person)
    take(person, plan.review, plan.statements[0], 1)
    take(
        person, plan.review, plan.statements[0], -1, voice=as_association(association, person), declared=False
    )
    assert counters()[plan.statements[0]] == (1, 1, 0) == recount()[plan.statements[0]]
    counts = db.session.scalars(sa.select(Turnout)).one()
    assert (counts.people, counts.associations) == (1, 1)


def test_the_later_of_two_delegates_wins_and_both_are_told(plan):
    one = committed(makers.a_person)
    two = committed(makers.a_person, lang="ar")
    association = committed(makers.an_association, plan.collectivity, one)

    def second() -> None:
        db.session.add(
            Mandate(
                collectivity_id=plan.collectivity.id,
                association_id=association.id,
                person_id=two.id,
                started_at=plan.review.opens_at,
            )
        )

    committed(second)
    first = take(one, plan.review, plan.statements[0], 1, voice=as_association(association, one))
    assert db.session.scalars(sa.select(Mail)).all() == []
    later = take(two, plan.review, plan.statements[0], -1, voice=as_association(association, two))
    assert later.replaced == first.code
    assert counters()[plan.statements[0]] == (0, 1, 0)
    mails = {mail.person_id: mail for mail in db.session.scalars(sa.select(Mail))}
    assert set(mails) == {one.id, two.id}
    assert mails[two.id].lang == "ar"
    assert later.code in mails[one.id].body
    row = db.session.scalars(sa.select(Position)).one()
    assert row.acting_person_id == two.id


def test_nobody_speaks_for_an_association_without_a_living_mandate(plan):
    delegate, stranger = committed(makers.a_person), committed(makers.a_person)
    association = committed(makers.an_association, plan.collectivity, delegate)
    voice = as_association(association, delegate)
    with pytest.raises(NotYourVoiceError):
        take(stranger, plan.review, plan.statements[0], 1, voice=voice)

    def end() -> None:
        db.session.scalars(sa.select(Mandate)).one().ended_at = plan.review.opens_at

    committed(end)
    with pytest.raises(NotYourVoiceError):
        take(delegate, plan.review, plan.statements[0], 1, voice=voice)


def test_an_association_that_nobody_verified_does_not_speak(plan):
    delegate = committed(makers.a_person)
    association = committed(makers.an_association, plan.collectivity, delegate, verified=False)
    with pytest.raises(NotYourVoiceError):
        take(delegate, plan.review, plan.statements[0], 1, voice=as_association(association, delegate))


# --- priorities -----------------------------------------------------------------------------------


@both_engines
def test_a_voice_chooses_as_many_priorities_as_the_consultation_allows(app):
    plan = committed(makers.a_plan, projects=5)
    person = committed(makers.a_person)
    for statement_id in plan.statements[:3]:
        chosen = prioritise(person, plan.review, statement_id, True)
    assert (chosen.used, chosen.limit) == (3, 3)
    with pytest.raises(actions.PrioritiesFullError) as full:
        prioritise(person, plan.review, plan.statements[3], True)
    assert set(full.value.chosen) == set(plan.statements[:3])
    assert len(db.session.scalars(sa.select(Priority)).all()) == 3


@both_engines
def test_one_priority_is_swapped_for_another_in_one_act(app):
    plan = committed(makers.a_plan, projects=5)
    person = committed(makers.a_person)
    for statement_id in plan.statements[:3]:
        prioritise(person, plan.review, statement_id, True)
    prioritise(person, plan.review, plan.statements[3], True, instead=plan.statements[1])
    chosen = set(db.session.scalars(sa.select(Priority.statement_id)))
    assert chosen == {plan.statements[0], plan.statements[2], plan.statements[3]}
    assert kept("priority:set", "on") == [True, True, True, False, True]


@both_engines
def test_a_priority_is_dropped_and_its_slot_is_free_again(plan):
    person = committed(makers.a_person)
    first = prioritise(person, plan.review, plan.statements[0], True)
    again = prioritise(person, plan.review, plan.statements[0], True)
    assert again.code == first.code
    off = prioritise(person, plan.review, plan.statements[0], False)
    assert off.used == 0
    assert off.code != first.code
    nothing = prioritise(person, plan.review, plan.statements[0], False)
    assert nothing.code is None
    assert len(entries("priority:set")) == 2
    assert db.session.scalars(sa.select(Priority)).all() == []
    old = db.session.scalars(sa.select(Receipt).where(Receipt.code == first.code)).one()
    assert old.replaced_by is not None


def test_only_projects_can_be_priorities(plan):
    person = committed(makers.a_person)
    text = committed(actions.new_statement, plan.collectivity.id, plan.review.id, StatementKind.COMMENT)
    with pytest.raises(RefusedError) as refused:
        prioritise(person, plan.review, text.id, True)
    assert refused.value.unmet == ("votable",)


def test_priorities_are_refused_where_the_consultation_takes_none(plan):
    def positions_only() -> None:
        row = db.session.get(Consultation, (plan.review.collectivity_id, plan.review.id))
        row.accepts = [Accepts.POSITION.value]

    committed(positions_only)
    person = committed(makers.a_person)
    with pytest.raises(RefusedError) as refused:
        prioritise(person, plan.review, plan.statements[0], True)
    assert refused.value.unmet == ("accepts_priority",)


# --- opening --------------------------------------------------------------------------------------


def test_opening_gives_each_project_of_the_version_one_statement_however_often(plan):
    def open_again() -> int:
        db.session.execute(
            sa.delete(ProjectStatement).where(ProjectStatement.project_id == plan.projects[0].id)
        )
        return actions.open_project_statements(plan.review, plan.version.id)

    assert committed(open_again) == 1
    assert committed(actions.open_project_statements, plan.review, plan.version.id) == 0
    rows = db.session.scalars(sa.select(ProjectStatement)).all()
    assert {row.project_id: row.revision_id for row in rows} == {
        project.id: revision.id for project, revision in zip(plan.projects, plan.revisions, strict=True)
    }


def test_the_statements_of_an_act_count(plan):
    """The budget: 8 statements of its own for a change, and the journal's five."""
    person = committed(makers.a_person)
    actor, place = makers.actor_of(person), place_in(plan.review)
    take(person, plan.review, plan.statements[0], 1)
    assert counted(lambda: actions.take(actor, place, plan.statements[1], 1, OWN)) == 7 + 5
    assert counted(lambda: actions.take(actor, place, plan.statements[0], -1, OWN)) == 8 + 5
    assert counted(lambda: actions.take(actor, place, plan.statements[0], 1, OWN)) <= 8 + 5


def test_the_same_position_again_costs_four_statements(plan):
    person = committed(makers.a_person)
    actor, place = makers.actor_of(person), place_in(plan.review)
    take(person, plan.review, plan.statements[0], 1)
    assert counted(lambda: actions.take(actor, place, plan.statements[0], 1, OWN)) == 4


def counted(act: Any) -> int:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            seen.append(statement)

    with writing():
        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            act()
            db.session.commit()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_a_panel_is_read_in_few_statements(plan):
    person = committed(makers.a_person)
    take(person, plan.review, plan.statements[0], 1)
    assert counted(lambda: queries.panel_for(plan.collectivity.id, plan.statements[0], person.id)) <= 5
