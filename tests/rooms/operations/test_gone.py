"""The database goes away in the middle of an act, at every point where it is asked something."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from participate.contributions.models import Comment
from participate.db import db
from tests.rooms.operations.makers import TEXT, WORDS, token_of

MOST = 200


class Cut:
    """Ends the server's side of a connection just before its `at`-th question; afterwards it is there again."""

    def __init__(self, at: int) -> None:
        self.at, self.asked = at, 0

    def ask(self, connection: sa.Connection) -> None:
        self.asked += 1
        if self.asked == self.at:
            _end(connection)


def _end(connection: sa.Connection) -> None:
    """As a crashed postmaster does it: the process on the other side is gone, and nobody was told."""
    process = connection.connection.dbapi_connection.info.backend_pid
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as other:
        other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (process,))


@contextmanager
def cut(at: int) -> Iterator[Cut]:
    made = Cut(at)
    other = []

    def statement(connection, _cursor, words, *_rest) -> None:
        if other or "pg_terminate_backend" in words:
            return
        other.append(1)
        try:
            made.ask(connection)
        finally:
            other.clear()

    def commit(connection) -> None:
        statement(connection, None, "")

    sa.event.listen(db.engine, "before_cursor_execute", statement)
    sa.event.listen(db.engine, "commit", commit)
    try:
        yield made
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", statement)
        sa.event.remove(db.engine, "commit", commit)


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
@pytest.mark.parametrize("act", ["read", "write", "refused"])
def test_wherever_the_database_goes_away_nobody_meets_an_error_that_keeps_nothing(
    app, client, plan, amal, act
):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client.sign_in(amal)
    token = token_of(client, plan)
    path = f"/fr{plan.path}/projects/1/comments/new"
    for at in range(1, MOST):
        db.session.remove()
        typed = {**WORDS, "body": f"{TEXT} {at}", "csrf_token": token if act == "write" else "old"}
        with cut(at) as made:
            answer = client.get(path) if act == "read" else client.open(path, method="POST", data=typed)
        if made.asked < at:
            break
        db.session.remove()
        whole = {"read": 200, "write": 303, "refused": 400}[act]
        assert answer.status_code in (whole, 503), f"question {at}: {answer.status_code}"
        if answer.status_code == 303:
            assert db.session.scalar(sa.select(sa.func.count()).where(Comment.id > 0)) > 0
        elif act != "read":
            assert "قنطرة جديدة فوق الوادي &lt;b&gt;" in answer.get_data(as_text=True)
    assert 1 < at < MOST - 1, at
