"""Pages of the network, in each language."""

import pytest
from flask import Flask

from participate.db import db, writing
from participate.rules.policy import Role
from tests import makers
from tests.clients import Client

NEWS = {
    "title_ar": "لقاء مفتوح",
    "title_fr": "Rencontre ouverte",
    "body_ar": "ندعوكم إلى لقاء مفتوح بدار الشباب.",
    "body_fr": "Nous vous invitons à une rencontre ouverte.",
    "slug": "rencontre-ouverte",
}


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
@pytest.mark.parametrize("page", ["members/", "members/?q=xyz", "charter"])
def test_pages_answer_in_every_language_without_any_data(client: Client, lang: str, page: str) -> None:
    assert client.get(f"/{lang}/{page}").status_code == 200


def test_a_reader_gets_no_session(client: Client) -> None:
    assert "Set-Cookie" not in client.get("/ar/members/").headers


def test_an_officer_publishes_news_once(app: Flask, client: Client) -> None:
    with writing():
        where = makers.a_collectivity("ville")
        officer = makers.staff(where, Role.OFFICER)
        db.session.commit()
    client.sign_in(officer)
    sent = client.submit("/fr/desk/ville/news/new", NEWS)
    assert sent.status_code == 303
    assert "Rencontre ouverte" in client.get(sent.location).get_data(as_text=True)
    assert "Rencontre ouverte" in client.get("/fr/ville/news/").get_data(as_text=True)
    again = client.submit("/fr/desk/ville/news/new", NEWS)
    assert again.status_code == 422


def test_what_was_typed_is_kept_when_something_is_missing(app: Flask, client: Client) -> None:
    with writing():
        where = makers.a_collectivity("ville")
        officer = makers.staff(where, Role.OFFICER)
        db.session.commit()
    client.sign_in(officer)
    sent = client.submit("/fr/desk/ville/news/new", {**NEWS, "slug": "Pas Bon"})
    assert sent.status_code == 422
    assert NEWS["body_fr"] in sent.get_data(as_text=True)


def test_unknown_news_is_not_found(app: Flask, client: Client) -> None:
    with writing():
        makers.a_collectivity("ville")
        db.session.commit()
    assert client.get("/fr/ville/news/rien").status_code == 404
