"""How texts and decisions are shown to a moderator: names, excerpts, marks, time left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from participate.moderation import notices, queries
from participate.moderation.queries import View
from participate.moderation.views.desk import address
from participate.rules.moderation import AuthorFacts, screen
from participate.rules.outcomes import READABLE_STATES, CommentKind, ContributionKind, PublishState
from participate.rules.policy import Place
from participate.rules.text import guess_lang
from participate.web import i18n, labels
from participate.web.access import now

SETTLED = AuthorFacts(account_age=timedelta(days=365))


# --- the queue ---------------------------------------------------------


def title_of(view: View, numbers: queries.Counts) -> str:
    """Return the title of the queue: how many texts this view of it holds."""
    if view is View.FLAGGED:
        return ngettext("%(num)d flagged text", "%(num)d flagged texts", numbers.flagged)
    if view is View.LATE:
        return ngettext("%(num)d late text", "%(num)d late texts", numbers.late)
    return ngettext(
        "%(num)d contribution waits for a decision",
        "%(num)d contributions wait for a decision",
        numbers.waiting,
    )


def queue_row(
    row: queries.Row,
    place: Place,
    view: View,
    *,
    current: bool = False,
    pick: bool = False,
    picked: Collection[tuple[int, int]] = (),
) -> dict[str, Any]:
    """Shape a waiting text for `ui.queue_row`."""
    late = row.state is PublishState.WAITING and row.due_at < now()
    text = row.body if current else excerpt(row.body)
    return {
        "url": address(place, "case", ref=row.ref, view=view.value),
        "ref": row.ref,
        "stance": "question" if row.subject.comment_kind is CommentKind.QUESTION else row.stance.value,
        "author": author_name(row.author),
        "place": subject_line(row.subject),
        "body": marked(text, row.lang),
        "lang": row.lang,
        "late": late,
        "due_text": _due_text(row, late=late),
        "why": " · ".join(why_looked_at(row)) or None,
        "current": current,
        "pick": {
            "name": "pick",
            "value": f"{row.id}.{row.row_version}",
            "form": "bulk",
            "label": _("Tick %(ref)s", ref=row.ref),
            "checked": (row.id, row.row_version) in picked,
        }
        if pick and not row.own and row.removal_asked_by is None
        else None,
    }


def excerpt(text: str) -> str:
    """Return the beginning of a long text, cut between two words."""
    if len(text) <= queries.EXCERPT:
        return text
    return text[: queries.EXCERPT].rsplit(" ", 1)[0] + " …"


def author_name(author: Any) -> str:
    """Return the public name of an author."""
    if isinstance(author, Mapping):
        return i18n.plain(author)
    return author or _("Somebody without a name")


def subject_line(subject: queries.Subject) -> str:
    """Return what a text is about: an idea, a section of a project, the whole plan."""
    title = subject.title
    named = i18n.plain(title) if isinstance(title, Mapping) else (title or _("the whole plan"))
    if subject.kind is ContributionKind.IDEA:
        return f"{_('Idea')} · {named}"
    if subject.section is not None:
        return f"{named} · {labels.section(subject.section)}"
    return named


def _due_text(row: queries.Row, *, late: bool) -> str:
    if row.state is not PublishState.WAITING:
        return _("public") if row.state in READABLE_STATES else _("hidden")
    if late:
        return _("late by %(time)s", time=span(now() - row.due_at))
    return _("%(time)s left", time=i18n.until(row.due_at, now()))


def span(length: timedelta) -> str:
    """Return a length of time in words, in days or in whole hours."""
    if length.days >= 1:
        return ngettext("%(num)d day", "%(num)d days", length.days)
    hours = int(length.total_seconds() // 3600)
    if hours >= 1:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return _("less than an hour")


def why_looked_at(row: queries.Row) -> list[str]:
    """Return what a moderator should know at a glance."""
    found = [labels.signal(one) for one in row.signals]
    if row.reports:
        found.append(ngettext("%(num)d report", "%(num)d reports", row.reports))
    if row.removal_asked_by is not None:
        found.append(_("removal asked for: a second moderator must look"))
    if row.own:
        found.append(_("your own text: a colleague decides"))
    return found


def marked(text: str, lang: str | None) -> Markup:
    """Return people's words as paragraphs in which what screening noticed is marked."""
    spans = sorted((one.start, one.end) for one in screen(text, SETTLED) if one.end)
    made, at = [], 0
    for part in text.replace("\r\n", "\n").split("\n\n"):
        end = at + len(part)
        if part.strip():
            made.append(Markup('<p dir="auto">{}</p>').format(_with_marks(part, at, spans)))
        at = end + 2
    attribute = Markup(' lang="{}"').format(lang) if lang else Markup()
    return Markup('<div class="words"{} hx-disable>{}</div>').format(attribute, Markup().join(made))


def _with_marks(part: str, offset: int, spans: list[tuple[int, int]]) -> Markup:
    pieces, at = [], 0
    for first, last in spans:
        start, stop = max(first - offset, at), min(last - offset, len(part))
        if start >= stop:
            continue
        pieces += [escape(part[at:start]), Markup('<mark dir="auto">{}</mark>').format(part[start:stop])]
        at = stop
    return Markup().join([*pieces, escape(part[at:])])


def typed_lang(text: str | None) -> str:
    """Return the language a text seems to be typed in; the reader's own when there is no text."""
    return guess_lang(text) if text else i18n.lang()


# --- one case ----------------------------------------------------------


def history_row(one: queries.DecisionRow) -> dict[str, Any]:
    """Shape a decision for the history of a case."""
    lines = [notices.reason_line(one.reason), one.facts]
    if one.undone_at is not None:
        lines.append(_("taken back"))
    if one.appeal is not None:
        lines.append(_("appeal: %(outcome)s", outcome=labels.appeal_outcome(one.appeal_outcome)))
    return {
        "ref": one.ref,
        "at": one.decided_at,
        "action": labels.decision(one.decision),
        "reason": " · ".join(line for line in lines if line) or None,
        "by": _("published when the 48 hours had passed") if one.decided_by is None else None,
    }
