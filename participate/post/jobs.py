"""Sending what the outbox holds, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import current_app

from participate.config import Settings
from participate.db import clock, db, writing
from participate.post.models import Mail

MAX_TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
BATCH = 50
ERROR_CHARS = 300
TIMEOUT_SECONDS = 20
OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
SECRET_KINDS = frozenset({"sign_in"})
"""Letters that hold a secret: worth nothing after ten minutes, and erased once sent."""
SECRET_LIVES = timedelta(minutes=10)


@dataclass(frozen=True)
class Letter:
    """A mail to hand to the server."""

    id: int
    address: str
    lang: str
    subject: str
    body: str


def deliver_due() -> int:
    """Send the mails that are due and return how many left.

    Without an SMTP address nothing leaves: the outbox keeps them (the demo shows it). Each mail is
    taken in a short transaction that counts the try and sets the next one, sent outside any, then
    marked; a crash in between sends it once more, never loses it.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.smtp_url:
        return 0
    first = _take()
    if first is None:
        return 0
    sent = 0
    letter: Letter | None = first
    try:
        with connected(settings.smtp_url) as server:
            while letter is not None:
                sent += _hand_over(server, letter, settings)
                letter = _take() if sent < BATCH else None
    except (OSError, smtplib.SMTPException) as error:
        if letter is not None:
            _mark(letter.id, error)
        current_app.logger.warning("mail server: %s", error)
    return sent


def _take() -> Letter | None:
    """Claim the next due mail: its try is counted and its next one dated before it is sent."""
    with writing():
        now = clock()
        db.session.execute(
            sa.update(Mail)
            .where(
                Mail.kind.in_(SECRET_KINDS),
                Mail.sent_at.is_(None),
                Mail.cancelled_at.is_(None),
                Mail.created_at < now - SECRET_LIVES,
            )
            .values(cancelled_at=now, body="")
        )
        row = db.session.scalar(
            sa.select(Mail)
            .where(
                Mail.sent_at.is_(None),
                Mail.cancelled_at.is_(None),
                Mail.not_before <= now,
                Mail.tries < MAX_TRIES,
            )
            .order_by(Mail.not_before, Mail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            db.session.commit()
            return None
        row.not_before = now + min(FIRST_WAIT * 2**row.tries, LONGEST_WAIT)
        row.tries += 1
        db.session.commit()
        return Letter(row.id, row.address, row.lang, row.subject, row.body)


def _hand_over(server: smtplib.SMTP, letter: Letter, settings: Settings) -> bool:
    """Send one mail; a refused one waits for its next try and does not stop the others."""
    try:
        server.send_message(message(letter, settings))
    except (
        smtplib.SMTPRecipientsRefused,
        smtplib.SMTPDataError,
        smtplib.SMTPSenderRefused,
        ValueError,
    ) as error:
        _mark(letter.id, error)
        return False
    _mark(letter.id, None)
    return True


def _mark(mail_id: int, error: Exception | None) -> None:
    with writing():
        row = db.session.get(Mail, mail_id, populate_existing=True)
        if row is not None:
            if error is None:
                row.sent_at = clock()
                row.last_error = None
                if row.kind in SECRET_KINDS:
                    row.body = ""
            else:
                row.last_error = f"{type(error).__name__}: {error}"[:ERROR_CHARS]
        db.session.commit()


def message(letter: Letter, settings: Settings) -> EmailMessage:
    """Return the mail as it goes over the wire: UTF-8 plain text, the subject encoded for any script."""
    made = EmailMessage(policy=SMTP)
    made["From"] = settings.mail_from
    made["To"] = letter.address
    made["Subject"] = letter.subject
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain=parseaddr(settings.mail_from)[1].partition("@")[2] or None)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.body, charset="utf-8", cte="base64")  # not every server takes 8 bits
    made["Content-Language"] = letter.lang
    return made


@contextmanager
def connected(url: str) -> Iterator[smtplib.SMTP]:
    """Connect to smtp://user:password@host:port or smtps://…; elsewhere than here STARTTLS when offered."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        trusted = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=trusted
        )
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo()
        if parts.scheme == "smtp" and host not in OWN_MACHINE and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
    finally:
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()
