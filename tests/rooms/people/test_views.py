"""Signing in and out as a browser does it, and the pages of people."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from participate.app import create_app
from participate.db import db, set_clock, writing
from participate.people import actions, queries
from participate.people.models import Association, BrowserSession, Draft, Person, RoleGrant
from participate.people.sessions import hash_of
from participate.post.models import Mail
from participate.rules.policy import Role
from tests import makers
from tests.clients import Client
from tests.conftest import both_engines, running, settings
from tests.rooms.people.makers import another, ask, code_of, last_mail, link_of


def cookie(client: Client) -> str | None:
    found = client.get_cookie("participate", domain="localhost")
    return found.value if found else None


def page(answer) -> str:
    return answer.get_data(as_text=True)


def token_of(shown: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
    assert found, shown
    return found.group(1)


def sign_out(client: Client):
    return client.post("/fr/sign-out", data={"csrf_token": token_of(page(client.get("/fr/sign-out")))})


def signed_in(client: Client, email: str = "fatima@example.ma", lang: str = "fr") -> Client:
    mail = ask(client, email, lang)
    answer = client.submit(f"/{lang}/sign-in/code", {"code": code_of(mail)}, action="/sign-in/code")
    assert answer.status_code == 303, page(answer)
    return client


# --- signing in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_a_person_signs_in_by_code_and_lands_where_they_were_going(client: Client, lang: str) -> None:
    mail = ask(client, "Fatima@Example.ma", lang, f"/{lang}/members/")
    assert mail.address == "fatima@example.ma"
    assert mail.lang == {"zgh": "ar"}.get(lang, lang)
    answer = client.submit(f"/{lang}/sign-in/code", {"code": code_of(mail)}, action="/sign-in/code")
    assert answer.status_code == 303
    assert answer.location == f"/{lang}/members/"
    assert client.get(f"/{lang}/me/settings").status_code == 200
    person = db.session.scalars(sa.select(Person)).one()
    assert person.lang == mail.lang
    assert person.level == 1


@both_engines
def test_the_session_gets_a_new_id_at_sign_in_and_the_old_one_is_dead(app: Flask, client: Client) -> None:
    mail = ask(client, "fatima@example.ma")
    before = cookie(client)
    client.submit("/fr/sign-in/code", {"code": code_of(mail)}, action="/sign-in/code")
    after = cookie(client)
    assert before
    assert after
    assert before != after
    rows = db.session.scalars(sa.select(BrowserSession.id_hash)).all()
    assert rows == [hash_of(after)]
    thief = app.test_client()
    thief.set_cookie("participate", before, domain="localhost")
    assert thief.get("/fr/me/settings").status_code == 303


@both_engines
def test_a_copied_cookie_is_dead_after_sign_out(app: Flask, client: Client) -> None:
    signed_in(client)
    copy = cookie(client)
    assert copy
    thief = app.test_client()
    thief.set_cookie("participate", copy, domain="localhost")
    assert thief.get("/fr/me/settings").status_code == 200
    answer = sign_out(client)
    assert answer.status_code == 303
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert cookie(client) in (None, "")
    assert thief.get("/fr/me/settings").status_code == 303
    assert db.session.scalars(sa.select(BrowserSession)).all() == []
    assert client.get(answer.location).status_code == 200


def test_signing_out_takes_a_post(client: Client) -> None:
    signed_in(client)
    assert client.get("/fr/sign-out").status_code == 200
    assert client.get("/fr/me/settings").status_code == 200


def test_known_and_unknown_addresses_get_the_same_page_and_one_mail_each(app: Flask) -> None:
    makers.a_person(email="known@example.ma")
    db.session.commit()
    seen = []
    for email in ("known@example.ma", "stranger@example.ma"):
        browser = app.test_client()
        asked = browser.submit("/fr/sign-in", {"email": email})
        shown = browser.get(asked.location)
        words = re.sub(r'value="[^"]*"|hx-headers=\'[^\']*\'', "", page(shown).replace(email, "@"))
        seen.append((asked.status_code, asked.location, shown.status_code, words))
    assert seen[0] == seen[1]
    mails = db.session.scalars(sa.select(Mail).order_by(Mail.id)).all()
    assert [m.address for m in mails] == ["known@example.ma", "stranger@example.ma"]
    bodies = [re.sub(r"[0-9a-f]{32}|\d{8}", "…", m.body) for m in mails]
    assert bodies[0] == bodies[1]
    assert mails[0].person_id is mails[1].person_id is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


def test_a_wrong_code_says_how_many_tries_are_left_and_the_fifth_closes_it(client: Client) -> None:
    code = code_of(ask(client, "fatima@example.ma", "en"))
    for left in (4, 3, 2, 1):
        answer = client.submit("/en/sign-in/code", {"code": another(code)}, action="/sign-in/code")
        assert answer.status_code == 422
        assert f"You have {left} tr" in page(answer)
    answer = client.submit("/en/sign-in/code", {"code": another(code)}, action="/sign-in/code")
    assert "Five tries were wrong" in page(answer)
    answer = client.submit("/en/sign-in/code", {"code": code}, action="/sign-in/code")
    assert answer.status_code == 422
    assert "Send a new code" in page(answer)


def test_a_mistyped_code_costs_no_try(client: Client) -> None:
    code = code_of(ask(client, "fatima@example.ma", "en"))
    answer = client.submit("/en/sign-in/code", {"code": "1234"}, action="/sign-in/code")
    assert answer.status_code == 422
    assert "The code has 8 digits" in page(answer)
    answer = client.submit("/en/sign-in/code", {"code": another(code)}, action="/sign-in/code")
    assert "You have 4 tries left" in page(answer)


def test_an_old_code_says_so_and_a_new_one_is_one_button_away(client: Client) -> None:
    code = code_of(ask(client, "fatima@example.ma", "en", "/en/members/"))
    with writing():
        set_clock(datetime(2023, 8, 22, 9, 11, tzinfo=UTC))
        db.session.commit()
    answer = client.submit("/en/sign-in/code", {"code": code}, action="/sign-in/code")
    assert answer.status_code == 422
    assert "more than ten minutes old" in page(answer)
    again = re.search(r'name="csrf_token" value="([^"]+)"><input type="hidden" name="email"', page(answer))
    assert again
    answer = client.post(
        "/en/sign-in",
        data={"csrf_token": again.group(1), "email": "fatima@example.ma", "next": "/en/members/"},
    )
    assert answer.status_code == 303
    answer = client.submit("/en/sign-in/code", {"code": code_of(last_mail())}, action="/sign-in/code")
    assert answer.location == "/en/members/"


def test_the_link_shows_a_button_and_only_the_button_signs_in(app: Flask, client: Client) -> None:
    link = link_of(ask(client, "fatima@example.ma", "fr", "/fr/members/"))
    for _scanner in range(3):
        assert client.get(link).status_code == 200
    elsewhere = app.test_client()
    shown = elsewhere.get(link)
    assert shown.status_code == 200
    assert "Set-Cookie" not in shown.headers
    assert '<form method="post"' not in page(shown)
    answer = client.submit(link)
    assert answer.status_code == 303
    assert answer.location == "/fr/members/"
    assert client.get("/fr/me/settings").status_code == 200


def test_the_link_of_another_browser_signs_nobody_in(app: Flask, client: Client) -> None:
    link = link_of(ask(client, "fatima@example.ma", "en"))
    other = app.test_client()
    ask(other, "other@example.ma", "en")
    token = token_of(page(other.get("/en/sign-in/code")))
    answer = other.post(link, data={"csrf_token": token})
    assert answer.status_code == 422
    assert other.get("/en/me/settings").status_code == 303


def test_a_code_does_not_work_in_another_browser(app: Flask, client: Client) -> None:
    code = code_of(ask(client, "fatima@example.ma", "en"))
    other = app.test_client()
    assert other.get("/en/sign-in/code").location == "/en/sign-in"
    token = token_of(page(other.get("/en/sign-in")))
    answer = other.post("/en/sign-in/code", data={"csrf_token": token, "code": code})
    assert answer.status_code == 422
    assert "No code was asked for in this browser" in page(answer)


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_sign_in_never_leads_to_another_site(client: Client, path: str) -> None:
    mail = ask(client, "fatima@example.ma", "fr", path)
    answer = client.submit("/fr/sign-in/code", {"code": code_of(mail)}, action="/sign-in/code")
    assert answer.status_code == 303
    assert answer.location.startswith("/fr/me")


@pytest.mark.parametrize("email", ["", "fatima", "a b@example.ma", "a@b", "x" * 400])
def test_what_is_no_address_is_kept_in_the_field_and_explained(client: Client, email: str) -> None:
    answer = client.submit("/en/sign-in", {"email": email})
    assert answer.status_code == 422
    assert "Write a whole e-mail address" in page(answer)
    assert f'value="{email}"' in page(answer)
    assert db.session.scalars(sa.select(Mail)).all() == []


def test_a_signed_out_reader_gets_no_cookie_from_a_page_to_read(client: Client) -> None:
    here = makers.a_collectivity()
    db.session.commit()
    for path in (f"/fr/{here.slug}/associations/", "/fr/signed-out"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


def test_the_demo_says_where_the_code_is_and_others_do_not(app: Flask, client: Client) -> None:
    assert "/dev/mail" not in page(client.get("/fr/sign-in"))
    app.config["DEMO"] = True
    assert "/dev/mail" in page(client.get("/fr/sign-in"))


# --- too often -------------------------------------------------------------------------------------------


@pytest.fixture
def limited(database_url: str, keys_folder: Path) -> Iterator[Flask]:
    """An application that counts attempts."""
    yield from running(create_app(settings(database_url, keys_folder, extra={"RATELIMIT_ENABLED": True})))


def test_asking_too_often_keeps_what_was_typed_and_says_how_long_to_wait(limited: Flask) -> None:
    client = limited.test_client()
    for _time in range(5):
        ask(client, "fatima@example.ma", "en")
    answer = client.submit("/en/sign-in", {"email": "fatima@example.ma"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert 'value="fatima@example.ma"' in page(answer)
    assert "Wait 15 minutes" in page(answer)
    assert client.submit("/en/sign-in", {"email": "other@example.ma"}).status_code == 303


def test_an_address_is_protected_from_many_browsers(limited: Flask) -> None:
    for _browser in range(20):
        ask(limited.test_client(), "fatima@example.ma", "en")
    assert limited.test_client().submit("/en/sign-in", {"email": "fatima@example.ma"}).status_code == 429


# --- drafts ----------------------------------------------------------------------------------------------


TYPED = {
    "name_ar": "جمعية الأطلس الأخضر",
    "name_fr": "Atlas Vert",
    "purpose_ar": "الماء والأشجار في الأحياء والمدارس",
    "purpose_fr": "L’eau et les arbres",
}


@both_engines
def test_what_was_typed_before_signing_in_waits_behind_one_button(client: Client) -> None:
    here = makers.a_collectivity()
    db.session.commit()
    form = f"/ar/{here.slug}/associations/new"
    parked = client.submit(form, TYPED)
    assert parked.status_code == 303
    assert parked.location.startswith("/ar/sign-in?next=")
    shown = page(client.get(parked.location))
    assert "notice info" in shown
    client.submit(parked.location, {"email": "fatima@example.ma"})
    landed = client.submit("/ar/sign-in/code", {"code": code_of(last_mail())}, action="/sign-in/code")
    assert landed.location == form
    shown = page(client.get(landed.location))
    assert all(text in shown for text in TYPED.values())
    assert "Atlas Vert" in page(client.get(form.replace("/ar/", "/fr/")))
    sent = client.submit(form)
    assert sent.status_code == 303, page(sent)
    assert client.get(sent.location).status_code == 200
    found = db.session.scalars(sa.select(Association)).one()
    assert found.name["fr"] == "Atlas Vert"
    assert found.verified_at is None
    assert db.session.scalars(sa.select(Draft)).all() == []
    assert "Atlas Vert" not in page(client.get(form))


@both_engines
def test_a_form_sent_twice_is_answered_once(client: Client) -> None:
    here = makers.a_collectivity()
    client.sign_in(makers.a_person())
    form = f"/fr/{here.slug}/associations/new"
    shown = page(client.get(form))
    hidden = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]+)"', shown))
    answers = [client.post(form, data={**hidden, **TYPED}) for _time in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert len(db.session.scalars(sa.select(Association)).all()) == 1


def test_a_draft_survives_the_session_it_was_begun_in(client: Client) -> None:
    here = makers.a_collectivity()
    db.session.commit()
    form = f"/fr/{here.slug}/associations/new"
    client.submit(form, TYPED)
    with writing():
        old = datetime.now(UTC) - timedelta(days=31)
        db.session.execute(sa.update(BrowserSession).values(created_at=old, last_seen=old))
        db.session.commit()
    assert "Atlas Vert" in page(client.get(form))
    signed_in(client)
    assert "Atlas Vert" in page(client.get(form))


def test_a_session_that_ends_while_one_writes_loses_no_word(client: Client) -> None:
    here = makers.a_collectivity()
    client.sign_in(makers.a_person())
    form = f"/fr/{here.slug}/associations/new"
    shown = page(client.get(form))
    hidden = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]+)"', shown))
    with writing():
        db.session.execute(sa.delete(BrowserSession))
        db.session.commit()
    answer = client.post(form, data={**hidden, **TYPED})
    assert answer.status_code == 400
    assert TYPED["purpose_ar"] in page(answer)
    token = token_of(page(answer))
    again = client.post(form, data={**TYPED, "csrf_token": token})
    assert again.status_code == 303
    assert "/sign-in?next=" in again.location
    assert TYPED["purpose_ar"] in page(client.get(form))


def test_another_person_in_the_same_browser_does_not_see_my_draft(client: Client) -> None:
    here = makers.a_collectivity()
    one, two = makers.a_person(), makers.a_person(email="two@example.ma")
    client.sign_in(one)
    form = f"/fr/{here.slug}/associations/new"
    with writing():
        actions.keep_draft(hash_of(cookie(client) or ""), f"/{here.slug}/associations/new", TYPED)
        db.session.commit()
    assert "Atlas Vert" in page(client.get(form))
    code = actions.request_code("two@example.ma", hash_of(cookie(client) or ""), None).code
    db.session.commit()
    token = token_of(page(client.get(form)))
    assert client.post("/fr/sign-in/code", data={"code": code, "csrf_token": token}).status_code == 303
    assert db.session.scalar(sa.select(BrowserSession.person_id)) == two.id
    assert "Atlas Vert" not in page(client.get(form))


def test_signing_out_removes_what_was_begun(client: Client) -> None:
    here = makers.a_collectivity()
    client.sign_in(makers.a_person())
    with writing():
        actions.keep_draft(hash_of(cookie(client) or ""), f"/{here.slug}/associations/new", TYPED)
        db.session.commit()
    sign_out(client)
    assert db.session.scalars(sa.select(Draft)).all() == []


# --- one's account ---------------------------------------------------------------------------------------


def test_a_session_is_listed_and_ended_from_another_browser(app: Flask, client: Client) -> None:
    person = makers.a_person()
    client.sign_in(person)
    other = app.test_client()
    other.sign_in(person)
    shown = page(client.get("/en/me/sessions"))
    assert shown.count("End this session") == 2
    assert "End all other sessions" in shown
    token = token_of(shown)
    ref = hash_of(cookie(other) or "")[: queries.REF_CHARS]
    answer = client.post("/en/me/sessions", data={"csrf_token": token, "session": ref})
    assert answer.status_code == 303
    assert other.get("/en/me/sessions").status_code == 303
    assert "1 session has ended" in page(client.get("/en/me/sessions"))


def test_nobody_ends_somebody_elses_session(app: Flask, client: Client) -> None:
    client.sign_in(makers.a_person())
    other = app.test_client()
    other.sign_in(makers.a_person())
    token = token_of(page(client.get("/en/me/sessions")))
    for ref in (hash_of(cookie(other) or "")[: queries.REF_CHARS], "", "%", "others"):
        client.post("/en/me/sessions", data={"csrf_token": token, "session": ref})
    assert other.get("/en/me/sessions").status_code == 200
    assert client.get("/en/me/sessions").status_code == 200


def test_ending_the_present_session_signs_out(client: Client) -> None:
    client.sign_in(makers.a_person())
    ref = hash_of(cookie(client) or "")[: queries.REF_CHARS]
    answer = client.submit("/en/me/sessions", {"session": ref})
    assert answer.location == "/en/signed-out"
    assert client.get("/en/me/sessions").status_code == 303


def test_a_name_is_asked_for_and_leads_back(client: Client) -> None:
    person = makers.a_person(display_name=None)
    client.sign_in(person)
    answer = client.submit("/fr/me/name?next=/fr/members/", {"name": "Fatima de la médina"})
    assert answer.location == "/fr/members/"
    db.session.expire_all()
    assert queries.names_of([person.id]) == {person.id: "Fatima de la médina"}
    refused = client.submit("/en/me/name", {"name": "Président du Conseil"})
    assert refused.status_code == 422
    assert "looks like" in page(refused)
    assert "Président du Conseil" in page(refused)


def test_settings_that_changed_meanwhile_are_not_overwritten(client: Client) -> None:
    person = makers.a_person()
    client.sign_in(person)
    assert client.submit("/fr/me/settings", {"lang": "ar"}).status_code == 303
    assert queries.account(person.id).lang == "ar"
    assert client.submit("/fr/me/settings", {"lang": "en", "row_version": "1"}).status_code == 409
    assert queries.account(person.id).lang == "ar"
    assert client.submit("/fr/me/settings", {"lang": "xx"}).status_code == 422


# --- the desk --------------------------------------------------------------------------------------------


def test_an_administrator_grants_and_takes_back_a_role_and_the_person_is_told(client: Client) -> None:
    here = makers.a_collectivity()
    administrator = makers.staff(here, Role.ADMINISTRATOR)
    person = makers.a_person("Nadia", email="nadia@example.ma", lang="ar")
    client.sign_in(administrator)
    desk = f"/en/desk/{here.slug}/people"
    answer = client.submit(desk, {"email": "NADIA@example.ma", "role": "officer"}, action="/people")
    assert answer.status_code == 303, page(answer)
    mail = last_mail()
    assert (mail.address, mail.lang, mail.kind) == ("nadia@example.ma", "ar", "role")
    assert "/ar/sign-in" in mail.body
    shown = page(client.get(desk))
    assert "Nadia" in shown
    refused = client.submit(desk, {"email": "nadia@example.ma", "role": "auditor"}, action="/people")
    assert refused.status_code == 422
    assert "Nobody may be both plan officer and auditor" in page(refused)
    assert 'value="nadia@example.ma"' in page(refused)
    assert client.submit(desk, {"email": "nadia@example.ma", "role": "officer"}).status_code == 422
    grant = db.session.scalar(sa.select(RoleGrant.id).where(RoleGrant.person_id == person.id))
    answer = client.submit(desk, {"grant": str(grant)}, action="/revoke")
    assert answer.status_code == 303
    assert db.session.scalar(sa.select(RoleGrant.id).where(RoleGrant.person_id == person.id)) is None


def test_the_desk_of_another_commune_stays_closed(client: Client) -> None:
    here, there = makers.a_collectivity(), makers.a_collectivity()
    client.sign_in(makers.staff(here, Role.ADMINISTRATOR))
    for room in ("people", "associations", "associations/new", "verify"):
        assert client.get(f"/fr/desk/{there.slug}/{room}").status_code == 403
        assert client.get(f"/fr/desk/nowhere/{room}").status_code == 404


def test_a_moderator_grants_no_role(client: Client) -> None:
    here = makers.a_collectivity()
    client.sign_in(makers.staff(here, Role.MODERATOR))
    assert client.get(f"/fr/desk/{here.slug}/people").status_code == 403


def test_an_association_is_entered_verified_and_gets_its_delegates(client: Client) -> None:
    here = makers.a_collectivity()
    client.sign_in(makers.staff(here, Role.ADMINISTRATOR))
    desk = f"/fr/desk/{here.slug}/associations"
    assert client.get(desk).status_code == 200
    answer = client.submit(f"{desk}/new", {**TYPED, "email": "delegate@example.ma"})
    assert answer.status_code == 303, page(answer)
    row = db.session.scalars(sa.select(Association)).one()
    public = f"/fr/{here.slug}/associations/{row.ref}"
    assert client.get(public).status_code == 404
    assert client.submit(desk, action="/verify").status_code == 303
    shown = client.get(public)
    assert shown.status_code == 200
    assert "Atlas Vert" in page(shown)
    assert "delegate@example.ma" not in page(shown)
    assert "Atlas Vert" in page(client.get(f"/fr/{here.slug}/associations/"))
    assert client.submit(desk, action="/mandates/end").status_code == 303
    token = token_of(page(client.get(desk)))
    fields = {"csrf_token": token, "association": str(row.id), "email": "delegate@example.ma"}
    assert client.post(f"{desk}/mandates", data=fields).status_code == 303
    assert "peut maintenant parler au nom de l’association" in page(client.get(desk))
    refused = client.post(f"{desk}/mandates", data=fields)
    assert refused.status_code == 422
    assert client.post(f"{desk}/mandates", data={**fields, "email": "nobody"}).status_code == 422
    assert client.post(f"{desk}/mandates", data={**fields, "association": "1"}).status_code == 404
    assert client.post(f"{desk}/mandates", data={**fields, "association": "x"}).status_code == 404


def test_a_second_association_of_that_name_is_refused_with_a_sentence(client: Client) -> None:
    here = makers.a_collectivity()
    client.sign_in(makers.staff(here, Role.ADMINISTRATOR))
    desk = f"/en/desk/{here.slug}/associations/new"
    assert client.submit(desk, TYPED).status_code == 303
    refused = client.submit(desk, TYPED)
    assert refused.status_code == 422
    assert "is here already" in page(refused)
    assert TYPED["purpose_ar"] in page(refused)


def test_a_desk_agent_raises_a_level_by_address_and_not_their_own(client: Client) -> None:
    here = makers.a_collectivity()
    agent = makers.staff(here, Role.DESK_AGENT)
    person = makers.a_person(email="fatima@example.ma")
    client.sign_in(agent)
    desk = f"/en/desk/{here.slug}/verify"
    answer = client.submit(desk, {"email": "Fatima@example.ma"})
    assert answer.status_code == 303, page(answer)
    assert queries.actor_of(person.id).level == 3
    assert "Noted: fatima@example.ma" in page(client.get(desk))
    refused = client.submit(desk, {"email": agent.email})
    assert refused.status_code == 422
    assert "You cannot verify yourself" in page(refused)


# --- bad input -------------------------------------------------------------------------------------------

HOSTILE = [
    "",
    "\x00",
    "a\x00b@example.ma",
    "\"'><svg/onload=1>{{7*7}}",
    "\u202e\u200b",
    "\ufdfa" * 60,
    "9" * 400,
    "/" + "x" * 900,
]


@both_engines
def test_no_field_of_any_form_breaks_a_page(client: Client) -> None:
    here = makers.a_collectivity()
    client.sign_in(makers.staff(here, Role.ADMINISTRATOR, Role.DESK_AGENT))
    desk, public = f"/fr/desk/{here.slug}", f"/fr/{here.slug}"
    fields = {
        "/fr/me/name": ("name", "next"),
        "/fr/me/settings": ("lang", "row_version"),
        "/fr/me/sessions": ("session",),
        f"{desk}/people": ("email", "role"),
        f"{desk}/people/revoke": ("grant",),
        f"{desk}/associations/new": ("name_ar", "name_fr", "purpose_ar", "email"),
        f"{desk}/associations/verify": ("association",),
        f"{desk}/associations/mandates": ("association", "email"),
        f"{desk}/associations/mandates/end": ("mandate",),
        f"{desk}/verify": ("email",),
        f"{public}/associations/new": ("name_ar", "name_fr", "purpose_fr"),
        "/fr/sign-in": ("email", "next"),
        "/fr/sign-in/code": ("code",),
    }
    good = {
        **TYPED,
        "email": "x@example.ma",
        "role": "officer",
        "name": "Fatima",
        "lang": "fr",
        "code": "12345678",
    }
    token = token_of(page(client.get("/fr/me/name")))
    client.inspects = db.engine.dialect.name == "sqlite"  # looking at the same pages once is enough
    for path, names in fields.items():
        for name in names:
            for value in HOSTILE:
                sent = {**good, "csrf_token": token, name: value, "key": value}
                answer = client.post(path, data=sent)
                assert answer.status_code in {303, 403, 404, 409, 422}, (
                    path,
                    name,
                    value,
                    answer.status_code,
                )


@both_engines
def test_a_hostile_draft_is_kept_and_shown_as_text(client: Client) -> None:
    here = makers.a_collectivity()
    db.session.commit()
    form = f"/fr/{here.slug}/associations/new"
    for value in HOSTILE:
        answer = client.submit(form, {**TYPED, "name_fr": value, "form_path": value, "next": value})
        assert answer.status_code == 303
        assert answer.location.startswith("/fr/sign-in")
    assert client.get(form).status_code == 200
