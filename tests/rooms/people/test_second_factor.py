"""Signing in with password and application, setting them, showing them again: as a browser does it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from participate.db import db
from participate.people import actions, factor_queries, factors
from participate.people.cli import person as commands
from participate.people.models import BrowserSession, Person, RoleGrant, SignInTry, StaffFactor
from participate.people.sessions import device_of
from participate.post.models import Mail
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from tests import makers
from tests.clients import Client
from tests.rooms.people.makers import ask, code_of, last_mail

PASSWORD = makers.STAFF_PASSWORD


def page(answer) -> str:
    return answer.get_data(as_text=True)


def staff(role: Role = Role.OFFICER, **changes: object) -> tuple[Person, str, str]:
    """Somebody with a role and a second factor; the secret, and the address of the desk."""
    here = makers.a_collectivity()
    person = makers.a_person(**changes)
    makers.a_grant(person, here, role)
    secret = makers.with_factors(person)
    db.session.commit()
    return person, secret, f"/en/desk/{here.slug}/"


def by_mail(client: Client, email: str, next_path: str = "") -> str:
    """Sign in by mail code; return where that leads."""
    mail = ask(client, email, "en", next_path)
    answer = client.submit("/en/sign-in/code", {"code": code_of(mail)}, action="/sign-in/code")
    assert answer.status_code == 303, page(answer)
    return answer.location


def sign_in(client: Client, email: str, password: str, code: str, **fields: str):
    return client.submit("/en/sign-in/staff", {"email": email, "password": password, "code": code, **fields})


def grown_stale(hours: float = 1) -> None:
    """Time passes since proof was given, in every session."""
    then = datetime.now(UTC) - timedelta(hours=hours)
    db.session.execute(sa.update(BrowserSession).values(auth_at=then, strong_at=then))
    db.session.commit()


def a_fresh_step(person: Person) -> None:
    """Half a minute passes: the code that was used is not the present one any more."""
    db.session.execute(sa.update(StaffFactor).where(StaffFactor.person_id == person.id).values(last_step=0))
    db.session.commit()


# --- a mailbox alone -----------------------------------------------------------------------------


def test_a_mailbox_alone_opens_no_desk_and_everything_of_a_resident(client: Client) -> None:
    person, _secret, desk = staff()
    assert "/me/second" in by_mail(client, str(person.email))
    answer = client.get(desk)
    assert answer.status_code == 303
    assert "/me/second" in answer.location
    assert client.get("/en/me/settings").status_code == 200
    assert client.get("/en/me/").status_code == 200


def test_what_was_typed_at_the_desk_waits_until_the_second_factor_is_shown(client: Client) -> None:
    person, secret, desk = staff(Role.ADMINISTRATOR)
    by_mail(client, str(person.email))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page(client.get("/en/me/settings")))
    assert token
    sent = {"csrf_token": token.group(1), "email": "nadia@example.ma", "role": "officer"}
    answer = client.post(f"{desk}people", data=sent)
    assert "/me/second" in answer.location
    answer = client.submit(answer.location, {"password": PASSWORD, "code": factors.app_code(secret)})
    assert answer.location == f"{desk}people"
    assert "nadia@example.ma" in page(client.get(answer.location))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoleGrant)) == 1


def test_the_first_sign_in_leads_through_password_application_and_codes(client: Client) -> None:
    here = makers.a_collectivity(name={"ar": "دمنات", "fr": "Demnate"})
    person = makers.a_person(email="nadia@example.ma")
    makers.a_grant(person, here, Role.OFFICER)
    db.session.commit()
    desk = f"/en/desk/{here.slug}/"
    where = by_mail(client, "nadia@example.ma", desk)
    where = client.get(where).location
    assert "/me/factors/password" in where
    refused = client.submit(where, {"password": "a kasbah near Demnate"})
    assert refused.status_code == 422
    assert "Leave out your address" in page(refused)
    assert "kasbah near" not in page(refused), "a password is never sent back"
    where = client.submit(where, {"password": PASSWORD}).location
    assert "/me/factors/app" in where
    assert last_mail().kind == "sign_in_changed"
    assert client.get(desk).status_code == 303, "half of it opens nothing"
    shown = page(client.get(where))
    assert "<svg" in shown
    secret = re.search(r"secret=([A-Z2-7]{32})", shown)
    assert secret
    before = client.get_cookie("participate", domain="localhost")
    assert client.submit(where, {"code": "000000"}).status_code == 422
    where = client.submit(where, {"code": factors.app_code(secret.group(1))}).location
    after = client.get_cookie("participate", domain="localhost")
    assert before
    assert after
    assert before.value != after.value, "a new session at each rise"
    codes = client.submit(where, action="/factors/codes")
    assert len(set(re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", page(codes)))) == 10
    assert not re.search(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", page(client.get(where))), "shown once"
    assert client.get(desk).status_code == 200


def test_somebody_without_a_role_is_asked_for_none_of_this(client: Client) -> None:
    makers.a_person(email="fatima@example.ma")
    db.session.commit()
    assert by_mail(client, "fatima@example.ma") == "/en/me/"
    for path in ("second", "factors", "factors/password", "factors/app", "factors/codes", "lost"):
        assert client.get(f"/en/me/{path}").status_code == 403
    assert "Password and application" not in page(client.get("/en/me/settings"))


def test_a_mailbox_in_other_hands_replaces_neither_password_nor_application(client: Client) -> None:
    person, _secret, _desk = staff()
    by_mail(client, str(person.email))
    for path in ("password", "app", "codes"):
        assert "/me/second" in client.get(f"/en/me/factors/{path}").location


# --- password and application --------------------------------------------------------------------


def test_staff_sign_in_with_the_three_and_land_at_their_desk(client: Client) -> None:
    person, secret, desk = staff()
    answer = sign_in(client, str(person.email), PASSWORD, factors.app_code(secret))
    assert answer.status_code == 303
    assert answer.location == desk
    assert client.get(desk).status_code == 200
    assert "password and application" in page(client.get("/en/me/sessions"))


def test_a_code_seen_over_the_shoulder_signs_nobody_in_again(app: Flask, client: Client) -> None:
    person, secret, _desk = staff()
    code = factors.app_code(secret)
    assert sign_in(client, str(person.email), PASSWORD, code).status_code == 303
    assert sign_in(app.test_client(), str(person.email), PASSWORD, code).status_code == 422


def test_a_wrong_password_spends_no_code(app: Flask, client: Client) -> None:
    person, secret, _desk = staff()
    code = factors.app_code(secret)
    assert sign_in(client, str(person.email), "a wrong sentence altogether", code).status_code == 422
    assert sign_in(client, str(person.email), PASSWORD, code).status_code == 303


def test_known_and_unknown_addresses_get_the_same_answer_and_the_same_work(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff(email="known@example.ma")
    makers.a_person(email="citizen@example.ma")
    db.session.commit()
    hashed: list[str | None] = []
    right = factors.is_password
    monkeypatch.setattr(factors, "is_password", lambda typed, kept: hashed.append(kept) or right(typed, kept))
    seen = []
    statements: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for email in ("known@example.ma", "citizen@example.ma", "stranger@example.ma"):
        statements.clear()
        answer = sign_in(app.test_client(), email, "a wrong sentence altogether", "123456")
        words = re.sub(r'value="[^"]*"|hx-headers=\'[^\']*\'', "", page(answer).replace(email, "@"))
        seen.append((answer.status_code, words, [one.split(" ")[0] for one in statements]))
    assert seen[0] == seen[1] == seen[2]
    assert len(hashed) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SignInTry)) == 3


def test_after_five_tries_one_waits_and_the_owner_still_comes_in_by_the_mailbox(
    app: Flask, client: Client
) -> None:
    person, secret, desk = staff()
    attacker = app.test_client()
    for _ in range(5):
        assert (
            sign_in(attacker, str(person.email), "a wrong sentence altogether", "123456").status_code == 422
        )
    answer = sign_in(attacker, str(person.email), PASSWORD, factors.app_code(secret))
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert str(person.email) in page(answer), "what was typed stays"
    assert PASSWORD not in page(answer)
    where = by_mail(client, str(person.email), desk)
    answer = client.submit(where, {"password": PASSWORD, "code": factors.app_code(secret)})
    assert answer.status_code == 303
    assert client.get(desk).status_code == 200


def test_tries_behind_the_mailbox_are_counted_too(client: Client) -> None:
    person, secret, _desk = staff()
    where = by_mail(client, str(person.email))
    for _ in range(5):
        assert client.submit(where, {"password": PASSWORD, "code": "000000"}).status_code == 422
    answer = client.submit(where, {"password": PASSWORD, "code": factors.app_code(secret)})
    assert answer.status_code == 429


def test_a_recovery_code_stands_for_the_application_once(app: Flask, client: Client) -> None:
    person, _secret, _desk = staff()
    codes = actions.make_recovery_codes(makers.actor_of(person))
    db.session.commit()
    assert sign_in(client, str(person.email), PASSWORD, codes[0].lower()).status_code == 303
    assert sign_in(app.test_client(), str(person.email), PASSWORD, codes[0]).status_code == 422


@pytest.mark.parametrize("field", ["email", "password", "code"])
@pytest.mark.parametrize("value", ["", "\x00", "x" * 5000, "\u202e", "'\"><svg/onload=1>"])
def test_nothing_typed_there_breaks_the_page(client: Client, field: str, value: str) -> None:
    person, _secret, _desk = staff()
    fields = {"email": str(person.email), "password": PASSWORD, "code": "123456", field: value}
    assert client.submit("/en/sign-in/staff", fields).status_code == 422


def test_a_long_session_needs_the_second_factor_again_the_next_day(client: Client) -> None:
    person, secret, desk = staff()
    sign_in(client, str(person.email), PASSWORD, factors.app_code(secret))
    grown_stale(hours=11)
    assert client.get(desk).status_code == 200
    grown_stale(hours=13)
    assert "/me/second" in client.get(desk).location


# --- a moment ago --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["people", "recoveries"])
def test_power_over_others_asks_for_the_second_factor_again_after_a_quarter_of_an_hour(
    client: Client, path: str
) -> None:
    person, secret, desk = staff(Role.ADMINISTRATOR)
    client.sign_in(person)
    assert client.get(f"{desk}{path}").status_code == 200
    grown_stale()
    answer = client.get(f"{desk}{path}")
    assert "/me/second" in answer.location
    shown = page(client.get(answer.location))
    assert 'name="password"' not in shown, "it was typed when this session began"
    answer = client.submit(answer.location, {"code": factors.app_code(secret)})
    assert answer.location == f"{desk}{path}"
    assert client.get(answer.location).status_code == 200


def test_sealing_asks_for_the_second_factor_again_and_keeps_what_was_typed(client: Client) -> None:
    made = makers.a_plan(Stage.SYNTHESIS)
    president = makers.staff(made.collectivity, Role.PRESIDENT)
    makers.with_factors(president)
    db.session.commit()
    client.sign_in(president)
    desk = f"/en/desk/{made.collectivity.slug}/plan/{made.plan.cycle}/calendar"
    assert client.get(f"{desk}/withdraw").status_code == 200
    grown_stale()
    for act in ("withdraw", "transmit"):
        answer = client.get(f"{desk}/{act}")
        assert answer.status_code == 303
        assert "/me/second" in answer.location


def test_a_stale_browser_grants_no_role_by_sending_the_form_and_the_form_waits(client: Client) -> None:
    person, secret, desk = staff(Role.ADMINISTRATOR)
    client.sign_in(person)
    shown = client.get(f"{desk}people")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page(shown))
    assert token
    grown_stale()
    sent = {"csrf_token": token.group(1), "email": "nadia@example.ma", "role": "officer"}
    answer = client.post(f"{desk}people", data=sent)
    assert "/me/second" in answer.location
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoleGrant)) == 1
    answer = client.submit(answer.location, {"code": factors.app_code(secret)})
    assert "nadia@example.ma" in page(client.get(answer.location))


# --- sessions ------------------------------------------------------------------------------------


def test_a_new_password_ends_the_other_sessions_and_is_told(app: Flask, client: Client) -> None:
    person, _secret, _desk = staff()
    other = app.test_client().sign_in(person)
    client.sign_in(person)
    answer = client.submit("/en/me/factors/password", {"password": "six moutons sur la colline"})
    assert answer.status_code == 303
    assert other.get("/en/me/settings").status_code == 303
    assert client.get("/en/me/settings").status_code == 200
    assert last_mail().address == person.email


def test_a_role_given_or_taken_back_ends_sessions_and_both_are_told(app: Flask, client: Client) -> None:
    giver, _secret, desk = staff(Role.ADMINISTRATOR)
    person = makers.a_person(email="nadia@example.ma")
    db.session.commit()
    theirs = app.test_client().sign_in(person)
    client.sign_in(giver)
    assert client.submit(f"{desk}people", {"email": "nadia@example.ma", "role": "officer"}).status_code == 303
    assert theirs.get("/en/me/settings").status_code == 303
    theirs.sign_in(person)
    grant = db.session.scalar(sa.select(RoleGrant.id).where(RoleGrant.person_id == person.id))
    assert client.submit(f"{desk}people", {"grant": str(grant)}, action="/revoke").status_code == 303
    assert theirs.get("/en/me/settings").status_code == 303
    mails = db.session.execute(sa.select(Mail.address, Mail.kind).order_by(Mail.id)).all()
    assert [tuple(one) for one in mails] == [
        (giver.email, "role_done"),
        ("nadia@example.ma", "role"),
    ] * 2


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Linux; Android 13; SM-A146B) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Mobile/15E148 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox · Windows"),
        ("curl/8.4.0", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_two_words(agent: str, device: str | None) -> None:
    assert device_of(agent) == device


def test_sessions_name_the_device_and_no_address(client: Client) -> None:
    person, secret, _desk = staff()
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/121.0"
    client.environ_base["REMOTE_ADDR"] = "192.0.2.44"
    sign_in(client, str(person.email), PASSWORD, factors.app_code(secret))
    shown = page(client.get("/en/me/sessions"))
    assert "Firefox · Linux" in shown
    assert "with second factor" in shown
    row = db.session.execute(sa.select(BrowserSession.__table__)).one()
    assert "192.0.2.44" not in str(tuple(row))


# --- something is lost ---------------------------------------------------------------------------


def test_a_colleague_asks_two_approve_and_the_person_hears_at_each_step(app: Flask, client: Client) -> None:
    here = makers.a_collectivity()
    lost = makers.staff(here, Role.MODERATOR)
    makers.with_factors(lost)
    admins = [makers.staff(here, Role.ADMINISTRATOR) for _ in range(2)]
    db.session.commit()
    by_mail(client, str(lost.email))
    assert client.submit("/en/me/lost", {"where": here.slug}).status_code == 303
    assert "You have asked" in page(client.get("/en/me/lost"))
    told = set(db.session.scalars(sa.select(Mail.address).where(Mail.kind == "recovery")))
    assert told == {lost.email, *(one.email for one in admins)}
    desk = f"/en/desk/{here.slug}/recoveries"
    for number, one in enumerate(admins):
        browser = app.test_client().sign_in(one)
        short = browser.submit(desk, {"reason": "yes"}, action="/approve")
        assert short.status_code == 422
        assert "yes" in page(short)
        answer = browser.submit(desk, {"reason": "I saw them at the town hall"}, action="/approve")
        assert answer.status_code == 303, page(answer)
        assert last_mail().address == lost.email
        assert factor_queries.factors_of(lost.id).complete is (number == 0)
    assert client.get("/en/me/settings").status_code == 303, "all their sessions ended"
    assert "/me/factors/password" in client.get(by_mail(client, str(lost.email))).location


def test_an_administrator_who_doubts_refuses_with_a_reason_and_the_person_is_told(client: Client) -> None:
    here = makers.a_collectivity()
    lost, admin = makers.staff(here, Role.MODERATOR), makers.staff(here, Role.ADMINISTRATOR)
    row = actions.ask_recovery(makers.actor_of(lost), here.id)
    db.session.commit()
    client.sign_in(admin)
    desk = f"/en/desk/{here.slug}/recoveries"
    shown = page(client.get(desk))
    assert f'formaction="{desk}/refuse"' in shown
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
    assert token
    sent = {"csrf_token": token.group(1), "recovery": str(row.id), "reason": "short"}
    assert client.post(f"{desk}/refuse", data=sent).status_code == 422
    for wrong in ("", "x", "²", "9" * 30):
        assert client.post(f"{desk}/refuse", data={**sent, "recovery": wrong}).status_code == 404
    answer = client.post(f"{desk}/refuse", data={**sent, "reason": "the voice was not hers"})
    assert answer.status_code == 303
    assert last_mail().address == lost.email
    assert "Nobody waits" in page(client.get(desk))


def test_a_mailbox_alone_approves_nothing(client: Client) -> None:
    here = makers.a_collectivity()
    lost, admin = makers.staff(here, Role.MODERATOR), makers.staff(here, Role.ADMINISTRATOR)
    makers.with_factors(admin)
    db.session.commit()
    row = actions.ask_recovery(makers.actor_of(lost), here.id)
    db.session.commit()
    client.sign_in(admin, strong=False)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page(client.get("/en/me/settings")))
    assert token
    sent = {"csrf_token": token.group(1), "recovery": str(row.id), "reason": "I saw them at the town hall"}
    answer = client.post(f"/en/desk/{here.slug}/recoveries/approve", data=sent)
    assert "/me/second" in answer.location
    db.session.expire_all()
    assert row.first_by is None


def test_the_operator_lets_somebody_begin_anew_where_nobody_is_left(app: Flask) -> None:
    person, _secret, _desk = staff(email="alone@example.ma")
    answer = app.test_cli_runner().invoke(commands, ["reset-factors", "alone@example.ma"])
    assert answer.exit_code == 0, answer.output
    db.session.rollback()
    assert not factor_queries.factors_of(person.id).complete
    assert app.test_cli_runner().invoke(commands, ["reset-factors", "nobody@example.ma"]).exit_code == 1
