"""Composing letters: plain text, one idea a paragraph, the link on a line of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _

from participate.web import i18n


@contextmanager
def in_language(lang: str) -> Iterator[None]:
    """Write in the reader's language: inside, gettext, dates and `plain()` speak `lang`."""
    before = g.get("lang")
    g.lang = lang if lang in i18n.LOCALES else "ar"
    try:
        with force_locale(i18n.LOCALES[g.lang]):
            yield
    finally:
        if before is None:
            g.pop("lang", None)
        else:
            g.lang = before


def letter(lines: Sequence[str], link: str | None = None, *, name: str | None = None) -> str:
    """Return the body of a letter in the language of `in_language`: greeting, paragraphs, link, footer.

    `link` is a whole address; empty lines are left out.
    """
    greeting = _("Hello %(name)s,", name=name) if name else _("Hello,")
    footer = "\n".join(
        (
            "--",
            _("Platform of the Moroccan Network of Open Territorial Collectivities"),
            _("This letter was written by the platform. Nobody reads answers to it."),
        )
    )
    paragraphs = [greeting, *(line.strip() for line in lines), link or "", footer]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"
