"""What tests of people begin with."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import sqlalchemy as sa
from flask import Flask

from participate.db import db, writing
from participate.post.models import Mail
from tests.clients import Client


def last_mail() -> Mail:
    """The newest mail of the outbox."""
    db.session.rollback()
    found = db.session.scalars(sa.select(Mail).order_by(Mail.id.desc()).limit(1)).first()
    assert found is not None, "no mail"
    return found


def code_of(mail: Mail) -> str:
    found = re.search(r"\b\d{8}\b", mail.body)
    assert found, mail.body
    return found.group()


def link_of(mail: Mail) -> str:
    found = re.search(r"http://localhost(/\S+/sign-in/link/\S+)", mail.body)
    assert found, mail.body
    return found.group(1)


def another(code: str) -> str:
    """A code that is certainly wrong."""
    return f"{(int(code) + 1) % 10**8:08d}"


def ask(client: Client, email: str, lang: str = "fr", next_path: str = "") -> Mail:
    """Ask for a code in a browser."""
    answer = client.submit(f"/{lang}/sign-in?next={next_path}", {"email": email})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return last_mail()


def at_once(app: Flask, works: list[Callable[[], Any]]) -> list[Any]:
    """Run each in a thread and a transaction of its own, all let go together; return answers or errors."""
    gate = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(index: int) -> None:
        with app.app_context():
            # One process queues its writers; several processes meet only in the database.
            alone = writing() if db.engine.dialect.name == "sqlite" else nullcontext()
            gate.wait()
            try:
                with alone:
                    answers[index] = works[index]()
                    db.session.commit()
            except Exception as error:  # noqa: BLE001
                answers[index] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
