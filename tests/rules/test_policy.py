"""Who may do what: examples for every act, tried by everybody, at every stage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.rules.lifecycle import Stage
from participate.rules.outcomes import Accepts, ConsultationState
from participate.rules.policy import (
    ANYBODY,
    EXCLUSIVE_GROUPS,
    POLICY,
    WITHOUT_POSITION,
    Act,
    Actor,
    Place,
    RefusedError,
    Role,
    may,
    require,
    waits_for_proof,
    why_not,
)

HERE, THERE, WRITER, ASSOCIATION = 1, 2, 7, 30


def holder(*roles: Role, where: int = HERE, person: int = 5, **changes: object) -> Actor:
    """Somebody with roles somewhere."""
    return Actor(person, frozenset((where, one) for one in roles), **changes)  # type: ignore[arg-type]


def place(**changes: object) -> Place:
    """An open consultation of a plan under review, with somebody else's text."""
    values: dict[str, object] = {
        "collectivity_id": HERE,
        "plan_id": 10,
        "stage": Stage.CONSULTATION,
        "consultation_id": 20,
        "consultation_state": ConsultationState.OPEN,
        "window_open": True,
        "accepts": frozenset(Accepts),
        "owner_person_id": WRITER,
        "written_by": WRITER,
        "decided_by": WRITER,
    }
    return Place(**{**values, **changes})  # type: ignore[arg-type]


CITIZEN = Actor(person_id=5)
AUTHOR = Actor(person_id=WRITER)
DELEGATE = Actor(person_id=6, mandates=frozenset({(HERE, ASSOCIATION)}))

ALL = frozenset(Stage)
DRAFTING = frozenset({Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS})

# For each act that a role opens: who, and at which stages.
ROLES: dict[Act, tuple[set[Role], frozenset[Stage]]] = {
    Act.ROLE_MANAGE: ({Role.ADMINISTRATOR}, ALL),
    Act.RECOVERY_DECIDE: ({Role.ADMINISTRATOR}, ALL),
    Act.ASSOCIATION_VERIFY: ({Role.ADMINISTRATOR}, ALL),
    Act.MANDATE_MANAGE: ({Role.ADMINISTRATOR}, ALL),
    Act.PERSON_VERIFY: ({Role.DESK_AGENT}, ALL),
    Act.DESK_ENTER: (set(Role), ALL),
    Act.COLLECTIVITY_EDIT: ({Role.ADMINISTRATOR, Role.OFFICER}, ALL),
    Act.PLAN_READ_WORKING: ({Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT}, ALL),
    Act.PLAN_CREATE: ({Role.OFFICER, Role.ADMINISTRATOR}, ALL),
    Act.PLAN_EDIT: ({Role.OFFICER}, DRAFTING),
    Act.VERSION_PUBLISH: ({Role.OFFICER}, frozenset({Stage.PREPARATION, Stage.SYNTHESIS})),
    Act.CONSULTATION_PLAN: ({Role.OFFICER}, frozenset({Stage.PREPARATION})),
    Act.CONSULTATION_ANNOUNCE: ({Role.OFFICER}, frozenset({Stage.PREPARATION})),
    Act.CONSULTATION_OPEN: ({Role.OFFICER}, frozenset({Stage.PREPARATION})),
    Act.CONSULTATION_EXTEND: ({Role.OFFICER}, frozenset({Stage.PREPARATION, Stage.CONSULTATION})),
    Act.CONSULTATION_CLOSE: ({Role.OFFICER}, frozenset({Stage.PREPARATION, Stage.CONSULTATION})),
    Act.PLAN_TRANSMIT: ({Role.OFFICER, Role.PRESIDENT}, frozenset({Stage.SYNTHESIS})),
    Act.PLAN_ADOPT: ({Role.SECRETARY}, frozenset({Stage.COUNCIL})),
    Act.PLAN_RETURN: ({Role.SECRETARY}, frozenset({Stage.COUNCIL})),
    Act.PLAN_WITHDRAW: ({Role.PRESIDENT}, DRAFTING | {Stage.COUNCIL}),
    Act.EVALUATION_START: ({Role.OFFICER}, frozenset({Stage.IMPLEMENTATION})),
    Act.PLAN_CLOSE: ({Role.OFFICER}, frozenset({Stage.EVALUATION})),
    Act.OPINION_FILE: ({Role.ADVISORY_MEMBER}, frozenset({Stage.CONSULTATION, Stage.SYNTHESIS})),
    Act.CASE_READ: ({Role.MODERATOR}, ALL),
    Act.CASE_DECIDE: ({Role.MODERATOR}, ALL),
    Act.APPEAL_DECIDE: ({Role.MODERATOR}, ALL),
    Act.PERSON_SUSPEND: ({Role.MODERATOR}, ALL),
    Act.MEETING_EDIT: ({Role.OFFICER}, ALL),
    Act.IDEA_ASSESS: ({Role.OFFICER, Role.COMMITTEE_MEMBER}, DRAFTING),
    Act.THEME_EDIT: ({Role.OFFICER, Role.COMMITTEE_MEMBER}, DRAFTING),
    Act.RESPONSE_READ_DRAFT: ({Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT}, ALL),
    Act.RESPONSE_WRITE: ({Role.OFFICER, Role.COMMITTEE_MEMBER}, DRAFTING),
    Act.RESPONSE_APPROVE: ({Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT}, DRAFTING),
    Act.DOSSIER_READ_DRAFT: (
        {Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT, Role.SECRETARY, Role.COUNCILLOR},
        ALL,
    ),
    Act.SESSION_RECORD: ({Role.SECRETARY}, frozenset({Stage.SYNTHESIS, Stage.COUNCIL})),
    Act.COUNCIL_SET: ({Role.SECRETARY, Role.ADMINISTRATOR}, ALL),
    Act.CONTROL_RECORD: ({Role.SECRETARY}, ALL - {Stage.CLOSED, Stage.WITHDRAWN}),
    Act.PAPERS_PREPARE: ({Role.OFFICER, Role.SECRETARY}, ALL),
    Act.DOSSIER_STUDY: ({Role.COUNCILLOR}, ALL),
    Act.QUESTION_ASK: ({Role.COUNCILLOR}, frozenset({Stage.COUNCIL})),
    Act.QUESTION_ANSWER: ({Role.OFFICER, Role.PRESIDENT}, frozenset({Stage.COUNCIL})),
    Act.PROGRESS_PUBLISH: ({Role.OFFICER}, frozenset({Stage.IMPLEMENTATION, Stage.EVALUATION})),
    Act.OBSERVATION_DECIDE: ({Role.MODERATOR}, ALL),
    Act.EVALUATION_RECORD: ({Role.OFFICER, Role.COMMITTEE_MEMBER}, frozenset({Stage.EVALUATION})),
}

# Acts that an account, a voice or nobody's leave opens; tried one by one below.
OTHERS: dict[Act, tuple[Actor, Place]] = {
    Act.PUBLIC_READ: (ANYBODY, Place()),
    Act.ACCOUNT_SIGN_IN: (ANYBODY, Place()),
    Act.LETTER_CHOOSE: (ANYBODY, Place()),
    Act.RECEIPT_CHECK: (ANYBODY, Place()),
    Act.DEMO_PLAY: (ANYBODY, Place()),
    Act.ACCOUNT_USE: (CITIZEN, Place()),
    Act.FACTOR_USE: (holder(Role.OFFICER), Place()),
    Act.ASSOCIATION_REGISTER: (CITIZEN, Place(collectivity_id=HERE)),
    Act.POSITION_TAKE: (CITIZEN, place()),
    Act.PRIORITY_SET: (CITIZEN, place()),
    Act.IDEA_SUBMIT: (CITIZEN, place()),
    Act.IDEA_COSIGN: (CITIZEN, place()),
    Act.COMMENT_SUBMIT: (CITIZEN, place()),
    Act.CONTRIBUTION_EDIT: (AUTHOR, place()),
    Act.CONTRIBUTION_WITHDRAW: (AUTHOR, place()),
    Act.CONTRIBUTION_RESUBMIT: (AUTHOR, place()),
    Act.CONTRIBUTION_REPORT: (CITIZEN, place()),
    Act.DECISION_UNDO: (holder(Role.MODERATOR, person=WRITER), place()),
    Act.APPEAL_FILE: (AUTHOR, place()),
    Act.ANSWER_JUDGE: (AUTHOR, place(stage=Stage.COUNCIL)),
    Act.OBSERVATION_SUBMIT: (CITIZEN, place(stage=Stage.IMPLEMENTATION)),
}


def test_every_act_has_a_rule_and_is_tried_here():
    assert set(POLICY) == set(Act) == set(ROLES) | set(OTHERS)


@pytest.mark.parametrize("act", list(ROLES))
@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_an_act_at_its_stages_only(act, stage, role):
    people, stages = ROLES[act]
    expected = role in people and stage in stages
    assert may(holder(role), act, place(stage=stage)) is expected
    assert may(holder(role, where=THERE), act, place(stage=stage)) is False, (
        "a role ends at its commune's border"
    )
    assert may(holder(role, suspended=True), act, place(stage=stage)) is False


@pytest.mark.parametrize("act", list(ROLES))
@pytest.mark.parametrize("actor", [ANYBODY, CITIZEN], ids=["nobody", "citizen"])
def test_without_a_role_none_of_these_is_possible(act, actor):
    assert not may(actor, act, place())


@pytest.mark.parametrize("act", list(OTHERS))
def test_each_other_act_is_possible_for_its_people(act):
    actor, where = OTHERS[act]
    assert may(actor, act, where)
    require(actor, act, where)
    assert why_not(actor, act, where) == ()


@pytest.mark.parametrize(
    "act",
    sorted(
        set(OTHERS)
        - {Act.PUBLIC_READ, Act.ACCOUNT_SIGN_IN, Act.RECEIPT_CHECK, Act.LETTER_CHOOSE, Act.DEMO_PLAY}
    ),
)
def test_a_signed_out_reader_is_told_so(act):
    with pytest.raises(RefusedError) as caught:
        require(ANYBODY, act, OTHERS[act][1])
    assert set(caught.value.unmet) & {"signed_in", "has_account", "owner", "role_moderator"}


@pytest.mark.parametrize(
    "act",
    [
        Act.POSITION_TAKE,
        Act.PRIORITY_SET,
        Act.IDEA_SUBMIT,
        Act.COMMENT_SUBMIT,
        Act.IDEA_COSIGN,
        Act.CONTRIBUTION_EDIT,
    ],
)
@pytest.mark.parametrize("state", list(ConsultationState))
@pytest.mark.parametrize("window", [True, False])
def test_nothing_is_added_outside_an_open_window(act, state, window):
    actor = OTHERS[act][0]
    found = may(actor, act, place(consultation_state=state, window_open=window))
    assert found is (state is ConsultationState.OPEN and window)


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (Act.POSITION_TAKE, Accepts.POSITION),
        (Act.PRIORITY_SET, Accepts.PRIORITY),
        (Act.IDEA_SUBMIT, Accepts.IDEA),
        (Act.IDEA_COSIGN, Accepts.IDEA),
        (Act.COMMENT_SUBMIT, Accepts.COMMENT),
    ],
)
def test_a_consultation_takes_only_what_it_accepts(act, what):
    assert why_not(CITIZEN, act, place(accepts=frozenset(Accepts) - {what})) == (f"accepts_{what.value}",)


@pytest.mark.parametrize("role", list(Role))
def test_staff_take_no_position_and_may_still_comment(role):
    assert may(holder(role), Act.POSITION_TAKE, place()) is (role not in WITHOUT_POSITION)
    assert may(holder(role), Act.COMMENT_SUBMIT, place())
    assert may(holder(role, where=THERE), Act.POSITION_TAKE, place()), (
        "elsewhere they are residents like others"
    )


@pytest.mark.parametrize("act", [Act.POSITION_TAKE, Act.IDEA_SUBMIT, Act.COMMENT_SUBMIT])
def test_a_consultation_may_ask_for_a_verified_account(act):
    assert why_not(CITIZEN, act, place(min_level=3)) == ("level_met",)
    assert may(Actor(person_id=5, level=3), act, place(min_level=3))


@pytest.mark.parametrize("act", [Act.CASE_DECIDE, Act.APPEAL_DECIDE, Act.OBSERVATION_DECIDE])
def test_nobody_decides_on_their_own_text(act):
    own = holder(Role.MODERATOR, person=WRITER)
    assert "not_own" in why_not(own, act, place(decided_by=None))
    associate = holder(Role.MODERATOR, mandates=frozenset({(HERE, ASSOCIATION)}))
    assert "not_own" in why_not(associate, act, place(owner_person_id=None, owner_association_id=ASSOCIATION))


def test_an_appeal_is_heard_by_somebody_else_and_once():
    first = holder(Role.MODERATOR, person=5)
    assert why_not(first, Act.APPEAL_DECIDE, place(decided_by=5)) == ("another_decider",)
    assert why_not(first, Act.APPEAL_DECIDE, place(decided_by=8, settled=True)) == ("not_settled",)


def test_only_the_one_who_decided_undoes():
    assert not may(holder(Role.MODERATOR, person=5), Act.DECISION_UNDO, place(decided_by=8))
    assert not may(holder(Role.MODERATOR, person=5), Act.DECISION_UNDO, place(decided_by=None))


def test_a_second_person_approves_a_response():
    assert why_not(holder(Role.OFFICER, person=WRITER), Act.RESPONSE_APPROVE, place()) == ("another_writer",)


def test_a_delegate_owns_what_the_association_wrote_in_its_own_commune_only():
    text = place(owner_person_id=None, owner_association_id=ASSOCIATION)
    assert may(DELEGATE, Act.CONTRIBUTION_WITHDRAW, text)
    elsewhere = place(collectivity_id=THERE, owner_person_id=None, owner_association_id=ASSOCIATION)
    assert not may(DELEGATE, Act.CONTRIBUTION_WITHDRAW, elsewhere)


def test_a_text_somebody_answered_is_withdrawn_not_edited():
    assert why_not(AUTHOR, Act.CONTRIBUTION_EDIT, place(untouched=False)) == ("untouched",)
    assert may(AUTHOR, Act.CONTRIBUTION_WITHDRAW, place(untouched=False))


def test_a_suspended_person_keeps_their_own_things_and_adds_nothing():
    suspended = Actor(person_id=WRITER, suspended=True)
    for act in (Act.ACCOUNT_USE, Act.CONTRIBUTION_WITHDRAW, Act.APPEAL_FILE):
        assert may(suspended, act, place()), act
    for act in (Act.POSITION_TAKE, Act.COMMENT_SUBMIT, Act.IDEA_SUBMIT, Act.CONTRIBUTION_EDIT):
        assert not may(suspended, act, place()), act


@pytest.mark.parametrize("act", list(Act))
def test_a_network_administrator_has_no_part_in_content(act):
    keeper = Actor(person_id=9, network_administrator=True)
    allowed = {Act.ROLE_MANAGE, Act.DESK_ENTER, Act.RECOVERY_DECIDE}
    if act in ROLES:
        assert may(keeper, act, place()) is (act in allowed)


def test_what_is_not_public_takes_no_position_and_no_comment():
    for act in (Act.POSITION_TAKE, Act.COMMENT_SUBMIT, Act.IDEA_COSIGN, Act.CONTRIBUTION_REPORT):
        assert "readable" in why_not(CITIZEN, act, place(readable=False))
    assert why_not(CITIZEN, Act.POSITION_TAKE, place(votable=False)) == ("votable",)


def test_moderators_are_not_desk_agents_and_officers_not_auditors():
    assert EXCLUSIVE_GROUPS[Role.MODERATOR] == EXCLUSIVE_GROUPS[Role.DESK_AGENT]
    assert EXCLUSIVE_GROUPS[Role.OFFICER] == EXCLUSIVE_GROUPS[Role.AUDITOR]


ACTORS = st.builds(
    Actor,
    person_id=st.sampled_from([None, 5, WRITER]),
    roles=st.frozensets(st.tuples(st.sampled_from([HERE, THERE]), st.sampled_from(Role)), max_size=3),
    mandates=st.frozensets(st.tuples(st.sampled_from([HERE, THERE]), st.just(ASSOCIATION)), max_size=1),
    network_administrator=st.booleans(),
    level=st.integers(1, 4),
    suspended=st.booleans(),
)
PLACES = st.builds(
    Place,
    collectivity_id=st.sampled_from([None, HERE, THERE]),
    stage=st.sampled_from([None, *Stage]),
    consultation_state=st.sampled_from([None, *ConsultationState]),
    window_open=st.booleans(),
    accepts=st.frozensets(st.sampled_from(Accepts)),
    min_level=st.integers(1, 4),
    votable=st.booleans(),
    readable=st.booleans(),
    owner_person_id=st.sampled_from([None, WRITER]),
    owner_association_id=st.sampled_from([None, ASSOCIATION]),
    untouched=st.booleans(),
    decided_by=st.sampled_from([None, 5]),
    written_by=st.sampled_from([None, WRITER]),
    settled=st.booleans(),
)


@given(actor=ACTORS, act=st.sampled_from(Act), where=PLACES)
def test_the_answer_and_the_reason_always_agree(actor, act, where):
    assert may(actor, act, where) is (why_not(actor, act, where) == ())


@given(act=st.sampled_from(Act), where=PLACES)
def test_nobody_signed_out_changes_anything(act, where):
    open_to_all = {
        Act.PUBLIC_READ,
        Act.ACCOUNT_SIGN_IN,
        Act.RECEIPT_CHECK,
        Act.DEMO_PLAY,
    }
    assert may(ANYBODY, act, where) is (act in open_to_all)


# --- roles that a browser has not proved ---------------------------------------------------------


@pytest.mark.parametrize("act", list(ROLES))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_is_not_proved_opens_nothing_and_proof_is_all_that_lacks(act, role):
    stages = ROLES[act][1]
    where = place(stage=next(iter(stages)))
    proved = holder(role)
    unproved = proved.with_roles_unproved()
    assert not may(unproved, act, where)
    assert waits_for_proof(unproved, act, where) is may(proved, act, where)
    assert unproved.with_roles_proved() == proved


@pytest.mark.parametrize("act", [Act.POSITION_TAKE, Act.PRIORITY_SET, Act.IDEA_COSIGN])
def test_a_role_that_is_not_proved_still_bars_from_positions(act):
    officer = holder(Role.OFFICER).with_roles_unproved()
    assert not may(officer, act, place())
    assert not waits_for_proof(officer, act, place())
    assert may(officer, Act.COMMENT_SUBMIT, place())


def test_a_network_administrator_proves_too():
    administrator = Actor(person_id=5, network_administrator=True)
    unproved = administrator.with_roles_unproved()
    assert not may(unproved, Act.ROLE_MANAGE, place())
    assert waits_for_proof(unproved, Act.ROLE_MANAGE, place())
    assert may(unproved, Act.FACTOR_USE, Place())
    assert not may(CITIZEN, Act.FACTOR_USE, Place())
