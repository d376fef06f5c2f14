"""The outbox: enqueued once, taken back, sent with retries, Arabic whole."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa
from flask import Flask

from participate.db import clock, db, set_clock, writing
from participate.post import actions, text
from participate.post.jobs import MAX_TRIES, deliver_due
from participate.post.models import Mail
from participate.web.i18n import plain
from tests.conftest import both_engines


@dataclass
class Server:
    """A mail server that keeps what it gets and refuses the addresses it is told to."""

    port: int
    got: list[bytes] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """The smallest mail server there is, on loopback."""
    found = Server(0)

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line.split(" ", 1)[0].upper()
                if verb == "QUIT":
                    self.say("221 bye")
                    return
                if verb == "RCPT" and any(f"<{one}>" in line for one in found.refuses):
                    self.say("550 nobody of that name")
                elif verb == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        lines.append(part)
                    found.got.append(b"".join(lines))
                    self.say("250 kept")
                else:
                    self.say("250 well")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as listening:
        listening.daemon_threads = True
        found.port = listening.server_address[1]
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        app.config["SETTINGS"] = replace(
            app.config["SETTINGS"],
            smtp_url=f"smtp://127.0.0.1:{found.port}",
            mail_from="Participate <no-reply@example.ma>",
        )
        yield found
        listening.shutdown()


def enqueue(address: str = "fatima@example.ma", *, kind: str = "decision", **changes) -> None:
    with writing():
        actions.send(address, None, "ar", kind, "نُشر تعليقك حول المشروع", "السلام عليكم\n\nنص", **changes)
        db.session.commit()


def rows() -> list[Mail]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Mail).order_by(Mail.id)))


def later(span: timedelta) -> None:
    with writing():
        set_clock(clock() + span)
        db.session.commit()


@both_engines
def test_the_same_news_is_enqueued_once(app: Flask) -> None:
    for _time in range(3):
        enqueue(key="decision:1")
    enqueue()
    enqueue()
    assert [row.key for row in rows()] == ["decision:1", None, None]


def test_a_letter_of_a_refused_act_never_existed(app: Flask) -> None:
    actions.send("a@example.ma", None, "ar", "decision", "s", "b")
    db.session.rollback()
    assert rows() == []


def test_only_letters_of_that_name_that_have_not_left_are_taken_back(app: Flask, server: Server) -> None:
    enqueue(key="decision:1:author")
    assert deliver_due() == 1
    enqueue(key="decision:1:moderator")
    enqueue(key="decision:12:author")
    enqueue(key="decision%")
    with writing():
        assert actions.cancel("decision:1:") == 1
        assert actions.cancel("decision%") == 1
        db.session.commit()
    assert deliver_due() == 1
    assert [row.sent_at is not None for row in rows()] == [True, False, True, False]


def test_a_letter_arrives_with_its_arabic_whole(app: Flask, server: Server) -> None:
    enqueue()
    assert deliver_due() == 1
    mail = message_from_bytes(server.got[0], policy=default)
    assert mail["Subject"] == "نُشر تعليقك حول المشروع"
    assert mail["To"] == "fatima@example.ma"
    assert mail["Content-Language"] == "ar"
    assert mail["Message-ID"].endswith("@example.ma>")
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n").strip() == "السلام عليكم\n\nنص"
    assert all(line.isascii() for line in server.got[0].splitlines()), "the wire carries plain ASCII"


def test_a_letter_leaves_once(app: Flask, server: Server) -> None:
    enqueue()
    assert [deliver_due(), deliver_due()] == [1, 0]
    assert len(server.got) == 1


def test_a_letter_waits_for_its_moment(app: Flask, server: Server) -> None:
    enqueue(not_before=clock() + timedelta(seconds=10))
    assert deliver_due() == 0
    later(timedelta(seconds=11))
    assert deliver_due() == 1


def test_a_refused_letter_is_tried_later_and_holds_up_nobody(app: Flask, server: Server) -> None:
    server.refuses.add("gone@example.ma")
    enqueue("gone@example.ma")
    enqueue("fatima@example.ma")
    assert deliver_due() == 1
    refused = rows()[0]
    assert refused.sent_at is None
    assert "nobody of that name" in str(refused.last_error)
    assert deliver_due() == 0
    server.refuses.clear()
    later(timedelta(minutes=2))
    assert deliver_due() == 1
    assert rows()[0].last_error is None


def test_tries_grow_rare_and_end(app: Flask, server: Server) -> None:
    server.refuses.add("gone@example.ma")
    enqueue("gone@example.ma")
    waits = []
    for _time in range(MAX_TRIES + 2):
        before = clock()
        deliver_due()
        waits.append(rows()[0].not_before - before)
        later(timedelta(hours=7))
    assert rows()[0].tries == MAX_TRIES
    assert timedelta(minutes=1) <= waits[0] < waits[1] < waits[2]


def test_nothing_is_lost_while_the_server_is_down(app: Flask, server: Server) -> None:
    enqueue()
    there = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(there, smtp_url="smtp://127.0.0.1:1")
    assert deliver_due() == 0
    assert rows()[0].last_error
    app.config["SETTINGS"] = there
    later(timedelta(minutes=2))
    assert deliver_due() == 1


def test_without_a_mail_server_letters_stay_in_the_outbox(app: Flask) -> None:
    enqueue()
    assert deliver_due() == 0
    assert rows()[0].tries == 0


def test_a_code_is_erased_once_sent_and_not_sent_once_worthless(app: Flask, server: Server) -> None:
    enqueue(kind="sign_in")
    assert deliver_due() == 1
    enqueue(kind="sign_in")
    later(timedelta(minutes=11))
    assert deliver_due() == 0
    assert [row.body for row in rows()] == ["", ""]
    assert [row.cancelled_at is None for row in rows()] == [True, False]


def test_a_letter_speaks_the_readers_language_and_gives_it_back(app: Flask) -> None:
    with app.test_request_context("/fr/"):
        written = {}
        for lang in ("ar", "fr", "en"):
            with text.in_language(lang):
                written[lang] = text.letter([plain({"ar": "نص", "fr": "texte", "en": "text"})], "http://x/y")
        assert "نص" in written["ar"]
        assert "texte" in written["fr"]
        assert "\n\nhttp://x/y\n\n" in written["en"]
        assert written["en"].startswith("Hello,")
        with text.in_language("ar"), text.in_language("en"):
            assert plain({"ar": "نص", "en": "text"}) == "text"


def test_a_letter_can_be_written_outside_any_request(app: Flask) -> None:
    with text.in_language("en"):
        assert text.letter(["One.", "", "Two."], name="Fatima").startswith(
            "Hello Fatima,\n\nOne.\n\nTwo.\n\n--\n"
        )


def test_a_subject_is_one_line(app: Flask) -> None:
    with writing():
        actions.send("a@example.ma", None, "fr", "decision", "One\r\nBcc: x@example.ma", "b")
        db.session.commit()
    assert rows()[0].subject == "One Bcc: x@example.ma"
    assert rows()[0].created_at < datetime(2024, 1, 1, tzinfo=UTC)
