"""Codes, names, roles, associations: what the database refuses, it refuses under a race too."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from participate.db import clock, db, set_clock
from participate.journal.models import JournalEntry
from participate.people import actions, queries
from participate.people.actions import CodeProblem
from participate.people.addresses import BadAddressError, clean_email, digits_of
from participate.people.models import (
    BrowserSession,
    Draft,
    FormReply,
    Person,
    ReservedName,
    RoleGrant,
    SignInCode,
)
from participate.rules.policy import Actor, RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.people.makers import another, at_once

BROWSER = "b" * 64


def asked(email: str = "fatima@example.ma", browser: str = BROWSER) -> actions.Asked:
    made = actions.request_code(email, browser, "/fr/members/")
    db.session.commit()
    return made


# --- codes ---------------------------------------------------------------------------------------------


@both_engines
def test_eight_threads_with_wrong_codes_never_get_more_than_five_tries(app: Flask) -> None:
    code = asked().code
    wrong = another(code)
    answers = at_once(app, [lambda: actions.redeem(BROWSER, "fr", code=wrong)] * 8)
    tried = [a for a in answers if a.problem is CodeProblem.WRONG]
    assert len(tried) == 4
    assert {a.tries_left for a in tried} == {4, 3, 2, 1}
    assert all(a.problem is CodeProblem.TOO_MANY_TRIES for a in answers if a not in tried)
    assert db.session.scalar(sa.select(SignInCode.tries)) == 5
    assert actions.redeem(BROWSER, "fr", code=code).problem is CodeProblem.TOO_MANY_TRIES


@both_engines
def test_the_database_itself_refuses_a_sixth_try(app: Flask) -> None:
    asked()
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(SignInCode).values(tries=6))
    db.session.rollback()


@both_engines
def test_a_code_signs_in_once_however_many_come_with_it(app: Flask) -> None:
    code = asked().code
    answers = at_once(app, [lambda: actions.redeem(BROWSER, "fr", code=code)] * 8)
    assert sum(a.person_id is not None for a in answers) == 1
    assert {a.problem for a in answers if a.person_id is None} == {CodeProblem.USED}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


@both_engines
def test_two_first_sign_ins_of_one_address_make_one_account(app: Flask) -> None:
    answers = at_once(app, [lambda: actions.person_by_email("Salma@Example.ma", "ar").id] * 6)
    assert len(set(answers)) == 1
    assert db.session.scalars(sa.select(Person.email)).all() == ["salma@example.ma"]


def test_a_code_works_only_in_the_browser_that_asked(app: Flask) -> None:
    code = asked().code
    assert actions.redeem("c" * 64, "fr", code=code).problem is CodeProblem.NONE_ASKED
    assert actions.redeem(BROWSER, "fr", code=code).next_path == "/fr/members/"


def test_only_the_newest_code_of_a_browser_works(app: Flask) -> None:
    first = asked().code
    second = asked().code
    if first != second:
        assert actions.redeem(BROWSER, "fr", code=first).problem is CodeProblem.WRONG
    assert actions.redeem(BROWSER, "fr", code=second).person_id is not None


def test_somebody_elses_request_for_an_address_does_not_end_its_owners_code(app: Flask) -> None:
    code = asked().code
    asked(browser="d" * 64)
    assert actions.redeem(BROWSER, "fr", code=code).person_id is not None


def test_a_code_lives_ten_minutes_and_not_one_moment_longer(app: Flask) -> None:
    code = asked().code
    end = db.session.scalars(sa.select(SignInCode.expires_at)).one()
    assert end - clock() <= timedelta(minutes=10)
    set_clock(end)
    assert actions.redeem(BROWSER, "fr", code=code).problem is CodeProblem.EXPIRED


def test_code_and_link_are_kept_as_hashes_only(app: Flask) -> None:
    made = asked()
    row = db.session.scalars(sa.select(SignInCode)).one()
    kept = " ".join(str(value) for value in vars(row).values())
    assert made.code not in kept
    assert made.link_token not in kept


def test_the_link_counts_as_a_try_and_signs_in_once(app: Flask) -> None:
    made = asked()
    assert actions.redeem(BROWSER, "fr", link_token="0" * 32).tries_left == 4
    assert actions.redeem(BROWSER, "fr", link_token=made.link_token).person_id is not None
    assert actions.redeem(BROWSER, "fr", code=made.code).problem is CodeProblem.USED


@pytest.mark.parametrize("typed", ["1234 5678", "1234-5678", "١٢٣٤٥٦٧٨", "\u200f12345678 "])
def test_a_code_may_be_typed_as_people_type_it(typed: str) -> None:
    assert digits_of(typed) == "12345678"


@pytest.mark.parametrize("typed", ["  Fatima@Example.MA ", "\u202afatima@example.ma\u202c"])
def test_an_address_is_kept_in_one_form(typed: str) -> None:
    assert clean_email(typed) == "fatima@example.ma"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "fatima",
        "@example.ma",
        "a@b",
        "a b@example.ma",
        "a@example..ma",
        "a@ex.ma\nBcc: x@y.ma z",
        "a" * 300,
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadAddressError):
        clean_email(typed)


# --- drafts and replies ----------------------------------------------------------------------------------


@both_engines
def test_a_form_sent_twice_at_once_acts_once(app: Flask) -> None:
    acts: list[int] = []

    def act() -> str:
        found = actions.claim_reply(BROWSER, "key", "hash")
        if found is None:
            acts.append(1)
            actions.keep_reply(BROWSER, "key", "hash", "/fr/done", "BM-1")
            return "acted"
        return found[0]

    answers = at_once(app, [act] * 6)
    assert sorted(answers) == ["/fr/done"] * 5 + ["acted"]
    assert len(acts) == 1


def test_a_refused_form_consumes_nothing(app: Flask) -> None:
    assert actions.claim_reply(BROWSER, "key", "hash") is None
    db.session.rollback()
    assert db.session.scalars(sa.select(FormReply)).all() == []


def test_a_claim_that_was_never_answered_can_be_claimed_again(app: Flask) -> None:
    actions.claim_reply(BROWSER, "key", "hash")
    db.session.commit()
    assert actions.claim_reply(BROWSER, "key", "hash") is None


def test_the_same_key_with_other_words_is_a_new_act(app: Flask) -> None:
    actions.keep_reply(BROWSER, "key", "hash", "/fr/done", None)
    assert actions.claim_reply(BROWSER, "key", "other") is None


@both_engines
def test_a_draft_is_replaced_not_doubled(app: Flask) -> None:
    actions.keep_draft(BROWSER, "/x", {"body": "one"})
    actions.keep_draft(BROWSER, "/x", {"body": "two"})
    db.session.commit()
    assert queries.draft([BROWSER], "/x") == {"body": "two"}
    assert len(db.session.scalars(sa.select(Draft)).all()) == 1


# --- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Commune 1",
        "commune  1",
        "Cоmmune 1",
        "Conseil de Béni Mellal",
        "Le Président",
        "رئيس المجلس",
        "جماعة بني ملال",
    ],
)
def test_a_name_that_imitates_an_authority_is_refused(app: Flask, name: str) -> None:
    makers.a_collectivity(name={"ar": "بني ملال", "fr": "Béni Mellal"})
    makers.a_collectivity(name={"ar": "جماعة 1", "fr": "Commune 1"})
    person = makers.a_person(None)
    with pytest.raises(actions.LookAlikeError):
        actions.choose_name(makers.actor_of(person), person.id, name)


def test_a_name_that_imitates_staff_is_refused_but_staff_keep_their_own(app: Flask) -> None:
    here = makers.a_collectivity()
    administrator = makers.staff(here, Role.ADMINISTRATOR)
    officer = makers.a_person("Rachid Amrani")
    actions.grant_role(makers.actor_of(administrator), here.id, officer.id, Role.OFFICER)
    other = makers.a_person()
    with pytest.raises(actions.LookAlikeError):
        actions.choose_name(makers.actor_of(other), other.id, "Rach1d  Arnrani".replace("rn", "m"))
    assert actions.choose_name(makers.actor_of(officer), officer.id, "Rachid AMRANI") == "Rachid AMRANI"


def test_a_name_is_free_again_when_its_holder_has_no_role_any_more(app: Flask) -> None:
    here = makers.a_collectivity()
    administrator = makers.staff(here, Role.ADMINISTRATOR)
    officer = makers.a_person("Rachid Amrani")
    grant = actions.grant_role(makers.actor_of(administrator), here.id, officer.id, Role.OFFICER)
    assert db.session.scalars(sa.select(ReservedName.holder)).all() == [f"person:{officer.id}"]
    actions.revoke_role(makers.actor_of(administrator), here.id, grant.id)
    other = makers.a_person()
    assert actions.choose_name(makers.actor_of(other), other.id, "Rachid Amrani")


def test_two_neighbours_may_have_the_same_name(app: Flask) -> None:
    makers.a_person("Fatima")
    other = makers.a_person()
    assert actions.choose_name(makers.actor_of(other), other.id, "Fatima") == "Fatima"


@pytest.mark.parametrize("name", ["", " ", ".", "a", "\u200b\u200b", "me@example.ma"])
def test_a_name_needs_two_letters_and_is_no_address(app: Flask, name: str) -> None:
    person = makers.a_person()
    with pytest.raises(actions.NameTooShortError):
        actions.choose_name(makers.actor_of(person), person.id, name)


def test_nobody_names_somebody_else(app: Flask) -> None:
    one, two = makers.a_person(), makers.a_person()
    with pytest.raises(RefusedError):
        actions.choose_name(makers.actor_of(one), two.id, "Fatima")


# --- roles -----------------------------------------------------------------------------------------------


@both_engines
@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Role.MODERATOR, Role.DESK_AGENT),
        (Role.DESK_AGENT, Role.MODERATOR),
        (Role.OFFICER, Role.AUDITOR),
        (Role.AUDITOR, Role.OFFICER),
    ],
)
def test_exclusive_roles_are_refused_by_the_constraint(app: Flask, held: Role, wanted: Role) -> None:
    here, there = makers.a_collectivity(), makers.a_collectivity()
    administrator = makers.staff(here, Role.ADMINISTRATOR)
    makers.a_grant(administrator, there, Role.ADMINISTRATOR)
    person = makers.a_person()
    actor = makers.actor_of(administrator)
    actions.grant_role(actor, here.id, person.id, held)
    with pytest.raises(actions.ExclusiveRolesError) as refused:
        actions.grant_role(actor, here.id, person.id, wanted)
    assert (refused.value.held, refused.value.wanted) == (held, wanted)
    assert actions.grant_role(actor, there.id, person.id, wanted)
    assert actions.grant_role(actor, here.id, person.id, Role.COUNCILLOR)


@both_engines
def test_of_two_exclusive_roles_granted_at_once_one_is_held(app: Flask) -> None:
    here = makers.a_collectivity()
    administrator = makers.actor_of(makers.staff(here, Role.ADMINISTRATOR))
    person = makers.a_person()
    db.session.commit()
    answers = at_once(
        app,
        [
            lambda: actions.grant_role(administrator, here.id, person.id, Role.MODERATOR).role,
            lambda: actions.grant_role(administrator, here.id, person.id, Role.DESK_AGENT).role,
        ],
    )
    assert sum(isinstance(a, actions.ExclusiveRolesError) for a in answers) == 1, answers
    held = db.session.scalars(sa.select(RoleGrant.role).where(RoleGrant.person_id == person.id)).all()
    assert len(held) == 1


def test_a_role_is_granted_once_and_recorded_without_the_person(app: Flask) -> None:
    here = makers.a_collectivity()
    actor = makers.actor_of(makers.staff(here, Role.ADMINISTRATOR))
    person = makers.a_person()
    actions.grant_role(actor, here.id, person.id, Role.OFFICER)
    with pytest.raises(actions.RoleHeldError):
        actions.grant_role(actor, here.id, person.id, Role.OFFICER)
    entry = db.session.scalars(sa.select(JournalEntry)).one()
    assert entry.type == "role:granted"
    assert str(person.id) not in entry.body


def test_a_change_of_roles_ends_the_persons_sessions(app: Flask) -> None:
    here = makers.a_collectivity()
    actor = makers.actor_of(makers.staff(here, Role.ADMINISTRATOR))
    person = makers.a_person()
    now = datetime.now(UTC)
    db.session.add(BrowserSession(id_hash="h", person_id=person.id, body={}, created_at=now, last_seen=now))
    db.session.flush()
    actions.grant_role(actor, here.id, person.id, Role.OFFICER)
    assert queries.sessions_of(person.id, None) == []


def test_nobody_changes_their_own_roles(app: Flask) -> None:
    here = makers.a_collectivity()
    person = makers.a_person()
    grant = makers.a_grant(person, here, Role.ADMINISTRATOR)
    with pytest.raises(actions.OwnRolesError):
        actions.grant_role(makers.actor_of(person), here.id, person.id, Role.OFFICER)
    with pytest.raises(actions.OwnRolesError):
        actions.revoke_role(makers.actor_of(person), here.id, grant.id)


def test_an_administrator_elsewhere_grants_nothing_here(app: Flask) -> None:
    here, there = makers.a_collectivity(), makers.a_collectivity()
    person = makers.a_person()
    with pytest.raises(RefusedError):
        actions.grant_role(
            makers.actor_of(makers.staff(there, Role.ADMINISTRATOR)), here.id, person.id, Role.OFFICER
        )


def test_the_network_grants_the_first_administrator(app: Flask) -> None:
    here = makers.a_collectivity()
    person = makers.a_person()
    assert actions.grant_role(Actor(network_administrator=True), here.id, person.id, Role.ADMINISTRATOR)


# --- the desk and associations ---------------------------------------------------------------------------


def test_being_seen_at_the_desk_raises_the_level_and_never_lowers_it(app: Flask) -> None:
    here = makers.a_collectivity()
    agent = makers.actor_of(makers.staff(here, Role.DESK_AGENT))
    person, known = makers.a_person(), makers.a_person(level=4)
    assert actions.see_at_desk(agent, here.id, person.id) == 3
    assert actions.see_at_desk(agent, here.id, known.id) == 4


def test_a_desk_agent_does_not_verify_themselves_nor_elsewhere(app: Flask) -> None:
    here, there = makers.a_collectivity(), makers.a_collectivity()
    agent = makers.staff(here, Role.DESK_AGENT)
    with pytest.raises(RefusedError):
        actions.see_at_desk(makers.actor_of(agent), here.id, agent.id)
    with pytest.raises(RefusedError):
        actions.see_at_desk(makers.actor_of(agent), there.id, makers.a_person().id)


def registered(name: str = "Jeunes du quartier") -> tuple[Actor, int, int]:
    here = makers.a_collectivity()
    administrator = makers.actor_of(makers.staff(here, Role.ADMINISTRATOR))
    row = actions.register_association(administrator, here.id, {"fr": name}, makers.words("purpose"))
    return administrator, here.id, row.id


def test_an_association_speaks_once_it_is_verified(app: Flask) -> None:
    administrator, here, key = registered()
    person = makers.a_person()
    actions.grant_mandate(administrator, here, key, person.id)
    assert [v.association_id for v in queries.voices_of(person.id, here)] == [None]
    actions.verify_association(administrator, here, key)
    assert [v.association_id for v in queries.voices_of(person.id, here)] == [None, key]
    with pytest.raises(actions.AlreadyVerifiedError):
        actions.verify_association(administrator, here, key)


@both_engines
def test_two_associations_may_not_look_alike(app: Flask) -> None:
    administrator, here, _key = registered("Jeunes du quartier")
    with pytest.raises(actions.LookAlikeError):
        actions.register_association(administrator, here, {"fr": "Jeunes  du Quarti3r".replace("3", "e")}, {})
    db.session.commit()
    answers = at_once(
        app,
        [lambda: actions.register_association(administrator, here, {"fr": "Atlas Vert"}, {}).ref] * 3,
    )
    assert sum(isinstance(a, actions.LookAlikeError) for a in answers) == 2, answers


def test_a_person_may_not_take_an_associations_name(app: Flask) -> None:
    registered("Jeunes du quartier")
    person = makers.a_person()
    with pytest.raises(actions.LookAlikeError):
        actions.choose_name(makers.actor_of(person), person.id, "jeunes du quartier.")


def test_a_mandate_is_given_once_ended_and_given_again(app: Flask) -> None:
    administrator, here, key = registered()
    actions.verify_association(administrator, here, key)
    person = makers.a_person()
    mandate = actions.grant_mandate(administrator, here, key, person.id)
    with pytest.raises(actions.MandateHeldError):
        actions.grant_mandate(administrator, here, key, person.id)
    actions.end_mandate(administrator, here, mandate.id)
    assert len(queries.voices_of(person.id, here)) == 1
    assert queries.actor_of(person.id).mandates == frozenset()
    assert actions.grant_mandate(administrator, here, key, person.id)


def test_a_delegate_manages_mandates_of_their_own_association_only(app: Flask) -> None:
    administrator, here, key = registered()
    delegate, friend = makers.a_person(), makers.a_person()
    actions.grant_mandate(administrator, here, key, delegate.id)
    other = actions.register_association(administrator, here, {"fr": "Autre nom"}, {})
    assert actions.grant_mandate(queries.actor_of(delegate.id), here, key, friend.id)
    with pytest.raises(RefusedError):
        actions.grant_mandate(queries.actor_of(delegate.id), here, other.id, friend.id)
