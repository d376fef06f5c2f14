"""Passwords, applications, recovery: each code works once, tries are counted first, two others decide."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from participate.config import Settings
from participate.db import aside, clock, db, is_writing, writing
from participate.journal.models import JournalEntry
from participate.people import actions, factor_queries, factors
from participate.people.models import (
    BrowserSession,
    FactorRecovery,
    NetworkAdministrator,
    Person,
    RecoveryCode,
    RoleGrant,
    SignInTry,
    StaffFactor,
)
from participate.rules.policy import Actor, RefusedError, Role
from tests import makers
from tests.conftest import both_engines
from tests.rooms.people.makers import at_once

NOON = datetime(2026, 5, 4, 12, 0, 5, tzinfo=UTC)


class Phone:
    """The machine's clock, as the application on a phone sees it."""

    def __init__(self) -> None:
        self.at = NOON

    def goes_on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def code(self, secret: str, off: int = 0) -> str:
        return factors.app_code(secret, self.at + timedelta(seconds=off))


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    made = Phone()
    monkeypatch.setattr(factors, "machine_time", lambda: made.at)
    return made


def officer() -> tuple[Person, str]:
    person = makers.staff(makers.a_collectivity(), Role.OFFICER)
    secret = makers.with_factors(person)
    db.session.commit()
    return person, secret


# --- codes of the application --------------------------------------------------------------------


@both_engines
def test_of_eight_threads_with_one_code_one_passes(app: Flask, phone: Phone) -> None:
    person, secret = officer()
    code, key = phone.code(secret), person.id
    answers = at_once(app, [lambda: actions.use_code(key, code)] * 8)
    assert sorted(answers) == [False] * 7 + [True]


@both_engines
def test_of_eight_threads_with_one_recovery_code_one_passes(app: Flask, phone: Phone) -> None:
    person, _secret = officer()
    code, key = actions.make_recovery_codes(makers.actor_of(person))[3], person.id
    db.session.commit()
    answers = at_once(app, [lambda: actions.use_code(key, code)] * 8)
    assert sorted(answers) == [False] * 7 + [True]


def test_a_code_works_once_and_an_older_one_not_after_it(app: Flask, phone: Phone) -> None:
    person, secret = officer()
    before, now = phone.code(secret, -30), phone.code(secret)
    assert actions.use_code(person.id, now)
    assert not actions.use_code(person.id, now)
    assert not actions.use_code(person.id, before)
    phone.goes_on(30)
    assert actions.use_code(person.id, phone.code(secret))


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_half_a_minute_off_either_way(app: Flask, phone: Phone, off: int, taken: bool) -> None:
    person, secret = officer()
    assert actions.use_code(person.id, phone.code(secret, off)) is taken


@pytest.mark.parametrize("typed", ["{0} {1}", "{0}-{1}", " {0}{1} "])
def test_blanks_in_a_code_do_no_harm(app: Flask, phone: Phone, typed: str) -> None:
    person, secret = officer()
    code = phone.code(secret)
    assert actions.use_code(person.id, typed.format(code[:3], code[3:]))


def test_arabic_digits_are_digits(app: Flask, phone: Phone) -> None:
    person, secret = officer()
    assert actions.use_code(
        person.id, phone.code(secret).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    )


def test_the_code_of_a_colleague_opens_nothing(app: Flask, phone: Phone) -> None:
    (person, _own), (_other, theirs) = officer(), officer()
    assert not actions.use_code(person.id, phone.code(theirs))
    assert not actions.use_code(0, phone.code(theirs))


def test_codes_live_by_the_machines_time_not_the_demos(app: Flask) -> None:
    person, secret = officer()
    assert clock().year == 2023
    assert actions.use_code(person.id, factors.app_code(secret, datetime.now(UTC)))


def test_a_new_application_counts_once_confirmed_and_ends_the_old_one(app: Flask, phone: Phone) -> None:
    person, old = officer()
    actor = makers.actor_of(person)
    codes = actions.make_recovery_codes(actor)
    new = actions.offer_app(actor)
    assert actions.offer_app(actor) == new, "the drawing stays the same until it is confirmed"
    assert not actions.confirm_app(actor, phone.code(old))
    assert actions.use_code(person.id, phone.code(old))
    phone.goes_on(90)
    code = phone.code(new)
    assert actions.confirm_app(actor, code)
    assert not actions.use_code(person.id, code), "the code that confirmed is used"
    phone.goes_on(30)
    assert not actions.use_code(person.id, phone.code(old))
    assert not actions.use_code(person.id, codes[0])
    assert actions.use_code(person.id, phone.code(new))


# --- what is kept --------------------------------------------------------------------------------


def test_no_secret_stands_in_the_database_as_it_is_typed(app: Flask, phone: Phone) -> None:
    person, secret = officer()
    codes = actions.make_recovery_codes(makers.actor_of(person))
    db.session.commit()
    row = db.session.get_one(StaffFactor, person.id)
    assert str(row.password_hash).startswith("$argon2id$")
    assert secret not in str(row.app_secret)
    kept = db.session.scalars(sa.select(RecoveryCode.code_hash)).all()
    assert len(kept) == len(set(codes)) == 10
    assert not set(codes) & set(kept)


def test_recovery_codes_are_read_without_dashes_and_in_small_letters(app: Flask, phone: Phone) -> None:
    person, _secret = officer()
    codes = actions.make_recovery_codes(makers.actor_of(person))
    assert actions.use_code(person.id, codes[0].lower().replace("-", " "))
    assert not actions.use_code(person.id, codes[0])
    assert factor_queries.factors_of(person.id).codes_left == 9
    again = actions.make_recovery_codes(makers.actor_of(person))
    assert not actions.use_code(person.id, codes[1])
    assert actions.use_code(person.id, again[1])


def test_production_hashes_at_full_price_and_tests_at_none(app: Flask) -> None:
    assert "m=8,t=1" in factors.hash_password("trois chaises sous le figuier")
    assert not Settings(database_url="sqlite://", secret_key="x" * 32).cheap_passwords
    try:
        factors.use(cheap=False)
        kept = factors.hash_password("trois chaises sous le figuier")
        assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept
        assert factors.is_password("trois chaises sous le figuier", kept)
        assert not factors.is_password("trois chaises sous le figuiers", kept)
    finally:
        factors.use(cheap=True)


def test_somebody_unknown_costs_as_much_as_somebody_known(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    hasher = factors._hasher(cheap=True)
    monkeypatch.setattr(
        factors, "_hasher", lambda *, cheap: type("Noting", (), {
            "verify": staticmethod(lambda typed, kept: tried.append(kept) or hasher.verify(typed, kept)),
            "hash": hasher.hash,
        })
    )  # fmt: skip
    assert not factors.is_password("x" * 20, None)
    assert len(tried) == 1
    assert tried[0].startswith("$argon2id$")


def test_a_password_longer_than_anybody_types_is_cut_before_it_is_hashed(app: Flask) -> None:
    kept = factors.hash_password("y" * 128)
    assert factors.is_password("y" * 128, kept)
    assert not factors.is_password("y" * 1_000_000, kept)


@both_engines
def test_others_may_write_while_a_password_is_hashed(app: Flask) -> None:
    with writing():
        with aside():
            assert not is_writing()
            at_once(app, [lambda: makers.a_collectivity("meanwhile")])
        assert is_writing()
        found = db.session.scalar(sa.text("SELECT count(*) FROM collectivity WHERE slug = 'meanwhile'"))
    assert found == 1


# --- tries ---------------------------------------------------------------------------------------


@both_engines
def test_of_twenty_tries_at_once_the_first_five_are_looked_at(app: Flask, phone: Phone) -> None:
    answers = at_once(app, [lambda: actions.count_try("outside", "nadia@example.ma")] * 20)
    assert len([one for one in answers if one is None]) == 5
    assert all(isinstance(one, actions.TooSoonError) for one in answers if one is not None)
    assert db.session.scalar(sa.select(SignInTry.tries)) == 5


def test_each_wait_is_longer_and_none_lasts_more_than_a_quarter_of_an_hour(app: Flask, phone: Phone) -> None:
    for _ in range(5):
        actions.count_try("outside", "nadia@example.ma")
    waits = []
    for _ in range(9):
        with pytest.raises(actions.TooSoonError) as caught:
            actions.count_try("outside", "nadia@example.ma")
        waits.append(caught.value.wait)
        phone.goes_on(waits[-1])
        actions.count_try("outside", "nadia@example.ma")
    assert waits[:3] == [31, 61, 121]
    assert max(waits) == 901


def test_closing_the_door_outside_leaves_the_one_behind_the_mailbox_open(app: Flask, phone: Phone) -> None:
    person, _secret = officer()
    for _ in range(5):
        actions.count_try("outside", str(person.email))
    with pytest.raises(actions.TooSoonError):
        actions.count_try("outside", str(person.email))
    actions.count_try("inside", str(person.id))
    actions.forget_tries("outside", str(person.email))
    actions.count_try("outside", str(person.email))


# --- beginning anew ------------------------------------------------------------------------------


def a_desk(administrators: int = 2) -> tuple[Person, list[Person], int]:
    """A moderator with a second factor, and who administers the commune."""
    here = makers.a_collectivity()
    lost = makers.staff(here, Role.MODERATOR)
    makers.with_factors(lost)
    admins = [makers.staff(here, Role.ADMINISTRATOR) for _ in range(administrators)]
    db.session.commit()
    return lost, admins, here.id


def asked(lost: Person, where: int) -> int:
    row = actions.ask_recovery(makers.actor_of(lost), where)
    db.session.commit()
    return row.id


WHY = "called the number in our directory"


@both_engines
def test_two_administrators_let_a_colleague_begin_anew(app: Flask) -> None:
    lost, (one, two), where = a_desk()
    app.test_client().sign_in(lost)
    key = asked(lost, where)
    with writing():
        actions.approve_recovery(makers.actor_of(one), where, key, WHY)
        db.session.commit()
    assert factor_queries.factors_of(lost.id).complete, "one approval changes nothing"
    with writing():
        actions.approve_recovery(makers.actor_of(two), where, key, WHY)
        db.session.commit()
    assert factor_queries.factors_of(lost.id) == factor_queries.Factors()
    assert (
        db.session.scalars(sa.select(BrowserSession).where(BrowserSession.person_id == lost.id)).all() == []
    )
    bodies = db.session.scalars(
        sa.select(JournalEntry.body).where(JournalEntry.type.like("recovery:%")).order_by(JournalEntry.seq)
    ).all()
    assert len(bodies) == 3
    assert not any(str(lost.id) in body or WHY in body for body in bodies)


@both_engines
def test_nobody_approves_twice_or_for_themselves(app: Flask) -> None:
    _lost, (one, two), where = a_desk()
    key = asked(one, where)
    with pytest.raises(RefusedError):
        actions.approve_recovery(makers.actor_of(one), where, key, WHY)
    actions.approve_recovery(makers.actor_of(two), where, key, WHY)
    with pytest.raises(actions.RecoveryOverError):
        actions.approve_recovery(makers.actor_of(two), where, key, WHY)


@both_engines
@pytest.mark.parametrize(
    "values", [{"second_by": "one"}, {"first_by": "lost", "second_by": "one"}, {"second_by": "lost"}]
)
def test_the_database_itself_refuses_one_person_twice_and_the_subject(
    app: Flask, values: dict[str, str]
) -> None:
    lost, (one, _two), where = a_desk()
    key = asked(lost, where)
    ids = {"lost": lost.id, "one": one.id}
    wanted = {"first_by": one.id, "first_reason": WHY, "second_reason": WHY}
    wanted |= {name: ids[who] for name, who in values.items()}
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(FactorRecovery).where(FactorRecovery.id == key).values(wanted))
    db.session.rollback()


@both_engines
def test_one_administrator_in_eight_threads_is_still_one(app: Flask) -> None:
    lost, (one, _two), where = a_desk()
    key, actor = asked(lost, where), makers.actor_of(one)
    answers = at_once(app, [lambda: actions.approve_recovery(actor, where, key, WHY)] * 8)
    assert len([a for a in answers if isinstance(a, actions.RecoveryOverError)]) == 7
    assert factor_queries.factors_of(lost.id).complete


def test_the_network_decides_where_there_are_not_two_administrators(app: Flask) -> None:
    network = makers.a_person()
    db.session.add(NetworkAdministrator(person_id=network.id, granted_at=clock()))
    keeper = Actor(network.id, network_administrator=True)
    lost, (one,), where = a_desk(administrators=1)
    key = asked(lost, where)
    actions.approve_recovery(keeper, where, key, WHY)
    actions.approve_recovery(makers.actor_of(one), where, key, WHY)
    assert not factor_queries.factors_of(lost.id).complete
    busy, _admins, there = a_desk()
    other = asked(busy, there)
    with pytest.raises(RefusedError):
        actions.approve_recovery(keeper, there, other, WHY)


def test_a_commune_opens_no_door_of_the_network(app: Flask) -> None:
    lost, (one, _two), where = a_desk()
    db.session.add(NetworkAdministrator(person_id=lost.id, granted_at=clock()))
    key = asked(lost, where)
    with pytest.raises(RefusedError):
        actions.approve_recovery(makers.actor_of(one), where, key, WHY)


def test_one_who_doubts_is_enough_and_the_person_may_ask_again(app: Flask) -> None:
    lost, (one, two), where = a_desk()
    key = asked(lost, where)
    with pytest.raises(actions.RecoveryOpenError):
        actions.ask_recovery(makers.actor_of(lost), where)
    actions.approve_recovery(makers.actor_of(one), where, key, WHY)
    actions.refuse_recovery(makers.actor_of(two), where, key, WHY)
    assert factor_queries.factors_of(lost.id).complete
    with pytest.raises(actions.RecoveryOverError):
        actions.approve_recovery(makers.actor_of(two), where, key, WHY)
    assert asked(lost, where) != key


def test_somebody_of_another_commune_decides_nothing(app: Flask) -> None:
    lost, _admins, where = a_desk()
    _other, (stranger, _two), there = a_desk()
    key = asked(lost, where)
    with pytest.raises(RefusedError):
        actions.approve_recovery(makers.actor_of(stranger), where, key, WHY)
    with pytest.raises(actions.NotStaffError):
        actions.ask_recovery(makers.actor_of(lost), there)


# --- the last administrator ----------------------------------------------------------------------


@both_engines
def test_two_administrators_who_take_each_others_role_at_once_leave_one(app: Flask) -> None:
    _lost, (one, two), where = a_desk()
    grants = dict(
        db.session.execute(
            sa.select(RoleGrant.person_id, RoleGrant.id).where(RoleGrant.role == Role.ADMINISTRATOR)
        ).all()
    )
    acts = [(makers.actor_of(one), grants[two.id]), (makers.actor_of(two), grants[one.id])]
    answers = at_once(app, [lambda a=a, g=g: actions.revoke_role(a, where, g) for a, g in acts])
    assert sorted(type(one).__name__ for one in answers) == ["LastAdministratorError", "Role"]
    db.session.rollback()
    assert len(factor_queries.administrators(where)) == 1
