"""Letters about one's own sign-in: each in the reader's language, and in the act's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, url_for

from participate.people import queries
from participate.post import actions as post
from participate.post import text


def tell(
    person_id: int,
    kind: str,
    subject: Callable[[], str],
    lines: Callable[[], Sequence[str]],
    endpoint: str = "people.sign_in",
    **values: Any,
) -> None:
    """Write to a person who can still be written to; the words are asked for in their language."""
    found = queries.languages_of([person_id]).get(person_id)
    if found is None:
        return
    address, lang = found
    with text.in_language(lang):
        link = current_app.config["BASE_URL"] + url_for(endpoint, lang=lang, **values)
        post.send(address, person_id, lang, kind, subject(), text.letter(lines(), link))
