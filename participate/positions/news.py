"""Letters of this room, each in its reader's language."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from participate.db import db
from participate.people.models import Association, Person
from participate.positions.models import Receipt
from participate.post import actions as post
from participate.rules.text import pick
from participate.rules.windows import CASABLANCA
from participate.web import labels
from participate.web.i18n import LOCALES


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Write in a reader's language, whatever language the page that caused it was in."""
    with force_locale(LOCALES.get(lang, LOCALES["ar"])):
        yield


def _addressed(person_ids: Collection[int | None]) -> list[Person]:
    rows = db.session.scalars(
        sa.select(Person).where(
            Person.id.in_([one for one in person_ids if one is not None]), Person.email.is_not(None)
        )
    )
    return list(rows)


def tell_delegates(
    collectivity_id: int, association_id: int, person_ids: Collection[int | None], code: str
) -> None:
    """Tell both delegates that the later one changed their association's position: the last act counts."""
    association = db.session.get(Association, (collectivity_id, association_id))
    assert association is not None, "a voice was checked against it"
    for person in _addressed(person_ids):
        with in_language(person.lang):
            name = pick(association.name, person.lang).text
            post.send(
                str(person.email),
                person.id,
                person.lang,
                "association_position",
                _("The position of %(association)s was changed", association=name),
                _(
                    "Two people speak for %(association)s, and the later one changed its position. The last"
                    " act is the one that counts. Its receipt is %(code)s.",
                    association=name,
                    code=code,
                ),
                key=f"association-position:{code}:{person.id}",
            )


def send_receipts(receipts: Sequence[Receipt], person: Person, place: str, url: str) -> None:
    """Mail all receipts of a person in one letter, for they asked for it; asking twice sends it once.

    It names neither the projects nor what was chosen: a mailbox is read by others.
    """
    with in_language(person.lang):
        listed = [
            f"{receipt.code}  {receipt.at.astimezone(CASABLANCA):%Y-%m-%d %H:%M}  {labels.receipt_kind(receipt.what)}"
            for receipt in receipts
        ]
        codes = hashlib.sha256(" ".join(receipt.code for receipt in receipts).encode()).hexdigest()[:16]
        post.send(
            str(person.email),
            person.id,
            person.lang,
            "receipt",
            _("Your receipts: %(place)s", place=place),
            "\n\n".join(
                [
                    _("Keep these receipts. They let you check, without us, that what you did was recorded."),
                    "\n".join(listed),
                    _("How to check them, step by step: %(url)s", url=url),
                ]
            ),
            key=f"receipts:{codes}:{person.id}",
        )
