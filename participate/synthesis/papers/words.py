"""What the page of the papers says: which file is what, how large, and what is being done."""

from __future__ import annotations

from flask_babel import gettext as _

from participate.synthesis import words
from participate.web import i18n

KINDS = ("pdf", "docx", "xlsx")
MEGABYTE, KILOBYTE = 1024 * 1024, 1024


def parts(name: str) -> tuple[str, str]:
    """Return kind and language of `dossier-ar.pdf`."""
    stem, _dot, kind = name.rpartition(".")
    return kind, stem.rpartition("-")[2]


def order(name: str) -> tuple[int, str]:
    """Return where a file stands in a list: papers first, Arabic first."""
    kind, lang = parts(name)
    return (KINDS.index(kind) if kind in KINDS else len(KINDS), lang)


def file_label(name: str) -> str:
    """Return what a link to a file says: its kind and language."""
    kind, lang = parts(name)
    return _("%(kind)s, in %(language)s", kind=kind.upper(), language=_in(lang))


def _in(lang: str) -> str:
    return {"ar": _("Arabic"), "fr": _("French")}.get(lang, words.language(lang))


def what(name: str) -> str:
    """Return what a file holds and is good for."""
    return {
        "pdf": _("The whole dossier to print: one sheet first, a page for each project, the annex."),
        "docx": _("To paste from: the first sheet, the figures, the answers and the draft deliberation."),
        "xlsx": _("Every table as a sheet, to calculate with."),
    }.get(parts(name)[0], "")


def size(count: int) -> str:
    """Return a size in words."""
    if count >= MEGABYTE:
        return _("%(number)s MB", number=i18n.number(round(count / MEGABYTE, 1)))
    return _("%(number)s KB", number=i18n.number(max(1, round(count / KILOBYTE))))


def doing(state: str, step: str) -> str:
    """Return what is being done now, in a sentence."""
    if state == "waiting":
        return _("It waits for its turn; it begins within seconds.")
    kind, _colon, lang = step.partition(":")
    if kind in KINDS:
        return _("Now: %(file)s.", file=file_label(f"dossier-{lang}.{kind}"))
    return _("Now: the figures are read, and tendencies are looked for.")
