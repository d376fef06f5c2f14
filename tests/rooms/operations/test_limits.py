"""Who repeats too often waits, keeps their text, and blocks nobody else."""

import pytest
import sqlalchemy as sa

from participate.app import create_app
from participate.contributions.models import Comment
from participate.db import db, writing
from participate.positions.models import Position
from participate.web import limits
from tests import makers
from tests.conftest import running, settings
from tests.rooms.operations.makers import TEXT, WORDS, kept, token_of


@pytest.fixture
def app(database_url, keys_folder):
    """An application that counts, unlike that of other tests."""
    made = create_app(settings(database_url, keys_folder, extra={"RATELIMIT_ENABLED": True}))
    limits.limiter.reset()
    yield from running(made)


def test_an_account_that_writes_too_often_waits_keeps_its_text_and_blocks_nobody_else(
    client, app, plan, amal
):
    client.sign_in(amal)
    path = f"/ar{plan.path}/projects/1/comments/new"
    token = token_of(client, plan)
    bad = {**WORDS, "body": ""}

    def send(browser, token: str, fields):
        return browser.post(path, data={**fields, "csrf_token": token})

    for _ in range(8):
        assert send(client, token, bad).status_code == 422, "a mistake uses nothing up"
    for number in range(5):
        assert send(client, token, {**WORDS, "body": f"{TEXT} {number}"}).status_code == 303
    answer = send(client, token, WORDS)
    assert 1 <= kept(answer, 429) <= 600
    assert client.open(f"/ar{plan.path}/").status_code == 200
    with writing():
        other = makers.a_person()
        db.session.commit()
    neighbour = app.test_client()
    neighbour.sign_in(other)
    assert send(neighbour, token_of(neighbour, plan), WORDS).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Comment)) == 6


def test_one_account_at_ten_times_the_rate_does_not_finish(client, plan, amal):
    client.sign_in(amal)
    path = f"/fr{plan.path}/projects/1/position"
    fields = {"declared": "y", "csrf_token": token_of(client, plan)}
    said = [client.post(path, data={**fields, "value": [1, -1][n % 2]}).status_code for n in range(75)]
    assert said[:60] == [303] * 60
    assert set(said[60:]) == {429}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Position)) == 1
