"""What the answers' templates show: contributions, themes, drafts and published answers, ready to print."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.contributions.pieces import author_name, excerpt, shortened
from participate.responses import queries
from participate.responses.queries import AnswerView, Point, ResponseView, ThemeView
from participate.rules.outcomes import (
    OUTCOMES_NEEDING_REASON,
    CommentKind,
    Outcome,
    ResponseState,
    Section,
)
from participate.rules.policy import Place
from participate.rules.text import word_diff
from participate.web import labels, pages
from participate.web.access import actor
from participate.web.i18n import plain, said, short_day


def address(place: Place, name: str, **values: Any) -> str:
    """Return the address of one of this room's pages about the same plan."""
    kept = {key: value for key, value in values.items() if value not in (None, "")}
    return url_for(f"responses.{name}", slug=place.slug, cycle=place.cycle, **kept)


def about_label(one: Point) -> str:
    """Return what a contribution is about, in few words."""
    if one.title:
        return f"{_('Idea')} · {plain(one.axis)}" if one.axis else _("Idea")
    if one.project_number is None:
        return _("the whole plan")
    name = _("Project %(number)s", number=one.project_number)
    if one.section is not None and one.section is not Section.WHOLE:
        return f"{name} · {labels.section(one.section)}"
    return name


def liked(agree: int | None, disagree: int | None) -> str:
    """Return how many support and oppose a text; nothing before the close."""
    if agree is None or disagree is None or not agree + disagree:
        return ""
    return _("%(agree)d for, %(disagree)d against", agree=agree, disagree=disagree)


def row_piece(
    one: Point, url: str, *, pick: str | None = None, why: str = "", current: bool = False
) -> dict[str, Any]:
    """Shape a contribution for `ui.queue_row`; `pick` is the form its checkbox belongs to."""
    text = excerpt(one.text, 320)
    return {
        "url": url,
        "ref": one.ref,
        "stance": "question" if one.comment_kind is CommentKind.QUESTION else one.stance.value,
        "author": author_name(one.author),
        "place": about_label(one),
        "body": f"{one.title}\n\n{text}" if one.title else text,
        "lang": one.lang,
        "due_text": short_day(one.at),
        "late": False,
        "why": " · ".join(part for part in (why, liked(one.agree, one.disagree)) if part) or None,
        "current": current,
        "pick": {"name": "pick", "value": one.id, "form": pick, "label": _("Tick %(ref)s", ref=one.ref)}
        if pick
        else None,
    }


def text_piece(one: Point, place: Place) -> dict[str, Any]:
    """Shape a contribution for reading it whole."""
    return {
        "ref": one.ref,
        "url": url_for(
            "contributions.idea" if one.title else "contributions.one", slug=place.slug, ref=one.ref
        ),
        "author": author_name(one.author),
        "author_kind": one.author.kind,
        "about": about_label(one),
        "title": one.title,
        "text": one.text,
        "amend": shortened(tuple((c.op.value, c.text) for c in word_diff(*one.amend))) if one.amend else None,
        "lang": one.lang,
        "at": one.at,
        "liked": liked(one.agree, one.disagree),
        "stance": "question" if one.comment_kind is CommentKind.QUESTION else one.stance.value,
    }


def fate_words(one: queries.IdeaPoint) -> str:
    """Return the state of an idea in one line: its fate, its project, its co-signatures."""
    parts = [
        ngettext("%(num)d co-signature", "%(num)d co-signatures", one.cosigners) if one.cosigners else ""
    ]
    if one.fate is None:
        parts.insert(0, _("no decision yet"))
    else:
        parts.insert(0, labels.fate(one.fate.fate))
        if one.fate.project_number:
            parts.insert(1, _("Project %(number)s", number=one.fate.project_number))
    return " · ".join(part for part in parts if part)


def theme_name(one: ThemeView) -> str:
    """Return a theme as a list to choose from names it."""
    title = plain(one.title)
    return f"{one.project_number} · {title}" if one.project_number else title


def theme_piece(one: ThemeView, place: Place, key: str | None = None) -> dict[str, Any]:
    """Shape a theme for the desk; `key` is the digit that fills it."""
    return {
        "id": one.id,
        "key": key,
        "ref": one.ref,
        "title": said(one.title),
        "url": address(place, "theme", theme_id=one.id),
        "about": _("Project %(number)s", number=one.project_number)
        if one.project_number
        else _("the whole plan"),
        "texts": one.texts,
        "count": ngettext("%(num)d text", "%(num)d texts", one.texts),
        "state": labels.response_state(one.response.state) if one.response else _("no answer yet"),
        "state_kind": state_kind(one.response),
        "outcome": labels.outcome(one.response.outcome) if one.response else None,
    }


def state_kind(response: ResponseView | None) -> str:
    """Return the kind of tag for how far an answer is."""
    if response is None:
        return "warn"
    return "quiet" if response.state is ResponseState.DRAFT else "ok"


def draft_piece(response: ResponseView) -> dict[str, Any]:
    """Shape a response at the desk for `ui.response`, in both languages one after the other."""
    return {
        "outcome": labels.outcome(response.outcome),
        "kind": outcome_kind(response.outcome),
        "texts": [(lang, response.text[lang]) for lang in ("ar", "fr", "en") if lang in response.text],
        "reasons": [(lang, response.reason[lang]) for lang in ("ar", "fr", "en") if lang in response.reason],
        "changed": response.changed,
        "at": response.written_at,
        "approved_at": response.approved_at,
        "state": labels.response_state(response.state),
        "state_kind": state_kind(response),
    }


def outcome_kind(outcome: Outcome) -> str:
    """Return the kind of tag for an outcome."""
    return "quiet" if outcome in OUTCOMES_NEEDING_REASON else "ok"


def written_piece(one: queries.WrittenView, place: Place) -> dict[str, Any]:
    """Shape a response for the list of the second reader."""
    response = one.response
    if response.theme_id is not None:
        url, name = address(place, "theme", theme_id=response.theme_id), plain(one.theme_title)
        about = ngettext("%(num)d text", "%(num)d texts", one.texts)
    elif response.contribution_id is not None:
        url = address(place, "answer_text", ref=one.contribution_ref)
        name, about = excerpt(one.contribution_title or "", 90), _("one contribution")
    else:
        url = address(place, "answer_project", number=one.project_number)
        name, about = plain(one.project_title), _("Project %(number)s", number=one.project_number)
    return {
        "url": url,
        "name": name,
        "about": about,
        "outcome": labels.outcome(response.outcome),
        "kind": outcome_kind(response.outcome),
        "text": said(response.text),
        "at": response.written_at,
        "own": response.written_by == actor().person_id,
        "id": response.id,
    }


def point_piece(one: queries.PointView, place: Place) -> dict[str, Any]:
    """Shape a published answer with what it answers."""
    number = one.answer.project_number
    return {
        "id": f"answer-{one.answer.id}",
        "title": said(one.answer.theme_title) if one.answer.theme_title else one.title,
        "quote": excerpt(one.quote, 320) if one.quote else None,
        "lang": one.quote_lang,
        "project": {
            "label": _("Project %(number)s", number=number),
            "url": pages.home_of("project", slug=place.slug, cycle=place.cycle, number=number),
        }
        if number is not None and pages.has_home("project")
        else None,
        "texts": ngettext("%(num)d text", "%(num)d texts", one.texts),
        "agree": ngettext("%(num)d person supports it", "%(num)d people support it", one.agree)
        if one.agree
        else None,
        "refs": [(ref, url_for("contributions.one", slug=place.slug, ref=ref)) for ref in one.refs],
        "more": max(0, one.texts - len(one.refs)),
        "answer": answer_piece(one.answer, place.slug, place.cycle),
    }


def answer_piece(answer: AnswerView, slug: str, cycle: str | None = None) -> dict[str, Any]:
    """Return a published answer in the shape of `ui.response`."""
    return {
        "outcome": labels.outcome(answer.outcome),
        "kind": outcome_kind(answer.outcome),
        "text": said(answer.text),
        "reason": said(answer.reason) if answer.reason and answer.reason != answer.text else None,
        "changed": answer.changed,
        "changed_url": pages.home_of("plan_changes", slug=slug, cycle=cycle)
        if cycle and answer.changed_version and pages.has_home("plan_changes")
        else None,
        "at": answer.published_at,
        "signed": plain(answer.signed),
    }


def home(kind: str, place: Place) -> str | None:
    """Return the address of a page of another room, if some room has it."""
    if not pages.has_home(kind):
        return None
    if kind == "desk":
        return pages.home_of(kind, slug=place.slug)
    return pages.home_of(kind, slug=place.slug, cycle=place.cycle)
