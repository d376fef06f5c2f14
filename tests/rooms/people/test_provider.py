"""Signing in by an identity provider, against one that runs here: what it attests, and what it may not."""

import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from participate.app import create_app
from participate.config import BadSettingError, Oidc, from_environment
from participate.db import db
from participate.people import factors, queries
from participate.people.models import BrowserSession, OidcIdentity, Person
from participate.rules.policy import Role
from tests import makers
from tests.clients import Client
from tests.conftest import running, settings

# The provider, not the platform, is built on what its libraries call outdated.
pytestmark = pytest.mark.filterwarnings("ignore")
STRONG = "https://id.example/strong"


class Provider:
    """A provider of identities in a thread, which notes what is sent to exchange a code."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import oidc_provider_mock as mock  # noqa: PLC0415  slow, and noisy where warnings are errors

        app: Flask = mock.app(
            require_nonce=True,
            user_claims=[
                mock.User(sub="fatima", claims={"email": "officer@example.ma"}),
                mock.User(sub="by-card", claims={"acr": STRONG}),
                mock.User(sub="by-key", claims={"amr": ["pwd", "hwk"]}),
            ],
        )
        self.exchanged: list[dict[str, str]] = []

        @app.before_request
        def noted() -> None:
            if flask.request.path == "/oauth2/token":
                self.exchanged.append(flask.request.form.to_dict())

        self._server = make_server("localhost", 0, app, threaded=True)
        self.issuer = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def attests(self, location: str, sub: str) -> str:
        """Be somebody at the provider; return the way back."""
        answer = requests.post(location, data={"sub": sub}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        assert back.netloc == "localhost"
        return f"{back.path}?{back.query}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def named(provider: Provider) -> Oidc:
    """What the installation says of its provider."""
    return Oidc(
        issuer=provider.issuer, client_id="participate", client_secret="s", name="Identité",
        citizens=True, staff=True, strong=(STRONG, "hwk"),
    )  # fmt: skip


@pytest.fixture
def app(database_url: str, keys_folder: Path, named: Oidc) -> Iterator[Flask]:
    yield from running(create_app(settings(database_url, keys_folder, oidc=named)))


def page(answer) -> str:
    return answer.get_data(as_text=True)


def going(client: Client, path: str = "/fr/sign-in/provider") -> str:
    """Set out for the provider; return its address."""
    answer = client.get(path)
    assert answer.status_code in {302, 303}, page(answer)
    return answer.location


def linked(client: Client, provider: Provider, person: Person, sub: str) -> None:
    """Link an identity to a person's account, and sign out."""
    client.sign_in(person)
    answer = client.get(provider.attests(going(client, "/fr/me/provider"), sub))
    assert answer.location.startswith("/fr/me/settings"), answer.location
    client.delete_cookie("participate", domain="localhost")


def a_citizen(**changes: object) -> Person:
    person = makers.a_person(**changes)
    db.session.commit()
    return person


def test_a_linked_citizen_signs_in_at_the_fourth_level_and_lands_where_they_were(
    client: Client, provider: Provider
) -> None:
    person = a_citizen()
    assert queries.account(person.id).level == 1
    linked(client, provider, person, "amina")
    assert queries.account(person.id).level == 4
    assert "Identité" in page(client.get("/fr/sign-in"))
    there = going(client, "/fr/sign-in/provider?next=/fr/members/")
    answer = client.get(provider.attests(there, "amina"))
    assert answer.location == "/fr/members/"
    assert "fournisseur d’identité" in page(client.get("/fr/me/sessions"))


def test_state_nonce_and_a_verifier_go_along_and_come_back(client: Client, provider: Provider) -> None:
    linked(client, provider, a_citizen(), "amina")
    there = parse_qs(urlsplit(going(client)).query)
    assert there["code_challenge_method"] == ["S256"]
    assert all(len(there[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    assert there["scope"] == ["openid"], "nothing is asked for but who it is"
    assert len(provider.exchanged[-1]["code_verifier"]) >= 43


def test_an_answer_for_another_browser_or_sent_twice_signs_nobody_in(
    app: Flask, client: Client, provider: Provider
) -> None:
    linked(client, provider, a_citizen(), "amina")
    back = provider.attests(going(client), "amina")
    thief = app.test_client()
    for _ in range(2):
        assert "/sign-in" in thief.get(back).location
        going(thief)
    assert thief.get("/fr/me/settings").status_code == 303
    assert client.get(back).location == "/fr/me/"
    client.delete_cookie("participate", domain="localhost")
    assert "/sign-in" in client.get(back).location


def test_a_forged_state_signs_nobody_in(client: Client, provider: Provider) -> None:
    linked(client, provider, a_citizen(), "amina")
    back = provider.attests(going(client), "amina")
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert "/sign-in" in client.get(back.replace(state, "x" * len(state))).location
    assert client.get("/fr/me/settings").status_code == 303


def test_an_answer_to_another_question_signs_nobody_in(client: Client, provider: Provider) -> None:
    """The nonce: a code that was given for one question is worth nothing as the answer to a second."""
    linked(client, provider, a_citizen(), "amina")
    first = parse_qs(urlsplit(provider.attests(going(client), "amina")).query)
    second = provider.attests(going(client), "amina")
    mixed = second.replace(parse_qs(urlsplit(second).query)["code"][0], first["code"][0])
    assert "/sign-in" in client.get(mixed).location
    assert client.get("/fr/me/settings").status_code == 303


def test_an_identity_is_never_linked_by_its_address(client: Client, provider: Provider) -> None:
    a_citizen(email="officer@example.ma")
    answer = client.get(provider.attests(going(client), "fatima"))
    assert "/fr/sign-in" in answer.location
    assert db.session.scalars(sa.select(OidcIdentity)).all() == []
    assert client.get("/fr/me/settings").status_code == 303
    assert "liée à un compte" in page(client.get(answer.location))


def test_an_identity_belongs_to_one_account(client: Client, provider: Provider) -> None:
    linked(client, provider, a_citizen(), "amina")
    other = a_citizen()
    client.sign_in(other)
    client.get(provider.attests(going(client, "/fr/me/provider"), "amina"))
    assert db.session.scalar(sa.select(OidcIdentity.person_id)) != other.id
    assert queries.account(other.id).level == 1


def test_the_link_belongs_to_whoever_set_out_for_it(client: Client, provider: Provider) -> None:
    other = a_citizen()
    client.sign_in(a_citizen())
    back = provider.attests(going(client, "/fr/me/provider"), "amina")
    db.session.execute(sa.update(BrowserSession).values(person_id=other.id))
    db.session.commit()
    client.get(back)
    db.session.rollback()
    assert db.session.scalars(sa.select(OidcIdentity)).all() == []


def an_officer(client: Client, provider: Provider, sub: str) -> tuple[str, str]:
    """Somebody with a role whose identity is linked; the secret and the desk."""
    here = makers.a_collectivity()
    person = makers.staff(here, Role.OFFICER)
    secret = makers.with_factors(person)
    db.session.commit()
    linked(client, provider, person, sub)
    return secret, f"/fr/desk/{here.slug}/"


def test_for_staff_it_stands_for_the_password_and_the_code_is_still_asked_for(
    client: Client, provider: Provider
) -> None:
    secret, desk = an_officer(client, provider, "amina")
    where = client.get(provider.attests(going(client), "amina")).location
    assert "/me/second" in where
    assert "/me/second" in client.get(desk).location
    shown = page(client.get(where))
    assert 'name="password"' not in shown
    assert client.submit(where, {"code": factors.app_code(secret)}).status_code == 303
    assert client.get(desk).status_code == 200


@pytest.mark.parametrize("sub", ["by-card", "by-key"])
def test_a_means_the_installation_calls_strong_opens_the_desk_at_once(
    client: Client, provider: Provider, sub: str
) -> None:
    _secret, desk = an_officer(client, provider, sub)
    client.get(provider.attests(going(client), sub))
    assert client.get(desk).status_code == 200


def test_a_provider_of_citizens_only_opens_no_desk(
    database_url: str, keys_folder: Path, named: Oidc, provider: Provider
) -> None:
    made = create_app(settings(database_url, keys_folder, oidc=replace(named, staff=False)))
    for app in running(made):
        client = app.test_client()
        assert isinstance(client, Client)
        _secret, desk = an_officer(client, provider, "by-card")
        where = client.get(provider.attests(going(client), "by-card")).location
        assert "/me/second" in client.get(desk).location
        assert 'name="password"' in page(client.get(where))


def test_a_provider_out_of_reach_is_said_in_words(database_url: str, keys_folder: Path, named: Oidc) -> None:
    gone = replace(named, issuer="http://localhost:9")
    for app in running(create_app(settings(database_url, keys_folder, oidc=gone))):
        client = app.test_client()
        answer = client.get("/fr/sign-in/provider")
        assert "/fr/sign-in" in answer.location
        assert "ne vous a pas reconnu" in page(client.get(answer.location))


# --- not configured ------------------------------------------------------------------------------

PROBE = """
import sys
from pathlib import Path
from participate.app import create_app
from participate.config import Settings
create_app(Settings("sqlite://", "x" * 40, instance=Path(sys.argv[1]), testing=True))
sys.exit([name for name in sys.modules if name.split(".")[0] in {"authlib", "requests"}] != [])
"""


def test_without_a_provider_nothing_is_shown_and_nothing_is_imported(
    sqlite_app: Flask, database_url: str, tmp_path: Path
) -> None:
    for app in running(sqlite_app):
        client = app.test_client()
        assert "/sign-in/provider" not in client.get("/fr/sign-in").get_data(as_text=True)
        for path in ("sign-in/provider", "sign-in/provider/back"):
            assert client.get(f"/fr/{path}").status_code == 404
    subprocess.run([sys.executable, "-c", PROBE, str(tmp_path)], check=True)


@pytest.mark.parametrize(
    ("changes", "named_in"),
    [
        ({"PARTICIPATE_OIDC_ISSUER": "http://id.example"}, "PARTICIPATE_OIDC_ISSUER"),
        ({"PARTICIPATE_OIDC_CLIENT_SECRET": ""}, "PARTICIPATE_OIDC_CLIENT_SECRET"),
        ({"PARTICIPATE_OIDC_FOR": "everybody"}, "PARTICIPATE_OIDC_FOR"),
        ({}, None),
    ],
)
def test_half_a_provider_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named_in: str | None
) -> None:
    values = {
        "PARTICIPATE_SECRET_KEY": "x" * 40,
        "DATABASE_URL": "sqlite://",
        "PARTICIPATE_OIDC_ISSUER": "https://id.example/",
        "PARTICIPATE_OIDC_CLIENT_ID": "participate",
        "PARTICIPATE_OIDC_CLIENT_SECRET": "secret",
        "PARTICIPATE_OIDC_NAME": "Identité",
        "PARTICIPATE_OIDC_FOR": "citizens, staff",
        "PARTICIPATE_OIDC_STRONG": "hwk, mfa",
        **changes,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PARTICIPATE_DEMO", raising=False)
    if named_in:
        with pytest.raises(BadSettingError) as caught:
            from_environment()
        assert caught.value.args[0] == named_in
        return
    found = from_environment().oidc
    assert found is not None
    assert (found.issuer, found.strong) == ("https://id.example", ("hwk", "mfa"))
    assert found.citizens
    assert found.staff
