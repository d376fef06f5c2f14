"""The operator's commands."""

from flask import Flask

from participate.db import db
from participate.people import queries
from participate.people.cli import person
from participate.rules.policy import Role
from tests import makers


def run(app: Flask, *words: str):
    answer = app.test_cli_runner().invoke(person, list(words))
    db.session.rollback()
    return answer


def test_the_operator_grants_the_first_role_and_may_repeat_it(app: Flask) -> None:
    here = makers.a_collectivity()
    db.session.commit()
    words = ("grant", "Amal@example.ma", "administrator", "--collectivity", here.slug)
    for answer in (run(app, *words), run(app, *words)):
        assert answer.exit_code == 0, answer.output
    key = queries.person_id_of("amal@example.ma")
    assert key is not None
    assert queries.actor_of(key).has(Role.ADMINISTRATOR, here.id)


def test_the_operator_is_told_what_cannot_be(app: Flask) -> None:
    here = makers.a_collectivity()
    db.session.commit()
    at = ("--collectivity", here.slug)
    assert run(app, "grant", "amal@example.ma", "officer", *at).exit_code == 0
    for words in (
        ("grant", "amal@example.ma", "auditor", *at),
        ("grant", "amal", "officer", *at),
        ("grant", "amal@example.ma", "officer", "--collectivity", "nowhere"),
        ("grant", "amal@example.ma", "king", *at),
    ):
        answer = run(app, *words)
        assert answer.exit_code != 0
        assert "Error" in answer.output


def test_the_operator_names_a_network_administrator(app: Flask) -> None:
    assert run(app, "administer-network", "amal@example.ma").exit_code == 0
    key = queries.person_id_of("amal@example.ma")
    assert key is not None
    assert queries.actor_of(key).network_administrator
