"""What templates show of a contribution: the shapes of `ui.comment` and `ui.idea_card`. Other rooms use them too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participate.contributions.queries import Author, CommentRow, IdeaRow, later
from participate.positions.pieces import small_positions
from participate.rules.outcomes import CommentKind, PublishState, Section
from participate.rules.policy import Act, Place
from participate.web import labels
from participate.web.access import refusal
from participate.web.i18n import moment, plain
from participate.web.pages import home_of

EXCERPT_CHARS = 200
_CONTEXT = 60
_LONG = 160


def author_name(author: Author) -> str:
    """Return the name to print: the association's, the one a person chose, or what kind of voice it is."""
    if author.association is not None:
        return plain(author.association)
    if author.name:
        return author.name
    return {
        "slip": _("A paper slip"),
        "imported": _("An imported voice"),
    }.get(author.kind, _("A resident"))


def author_url(author: Author, slug: str | None) -> str | None:
    """Return where an association's own page is; persons have none."""
    if author.association_ref is None:
        return None
    return home_of("association", slug=slug, ref=author.association_ref)


def tombstone(state: PublishState) -> str:
    """Return what stands in the place of a text that is not shown."""
    return {
        PublishState.WITHDRAWN: _("Its author withdrew this text."),
        PublishState.HIDDEN: _("A moderator hid this text. The reason is in the public moderation log."),
        PublishState.REMOVED: _(
            "This text was removed because the law forbids it. The reason is in the public moderation log."
        ),
        PublishState.MERGED: _("This text was joined to another that says the same."),
    }.get(state, _("This text is not public at the moment."))


def status_note(row: CommentRow | IdeaRow) -> str | None:
    """Return, to its author, what a text that is not public waits for."""
    if row.state is PublishState.WAITING:
        return _(
            "Only you can see this for now. A moderator reads it by %(moment)s at the latest.",
            moment=moment(row.due_at),
        )
    if row.state is PublishState.RETURNED:
        return _(
            "A moderator asks you to rewrite this. You can send it again until %(moment)s.",
            moment=moment(row.due_at),
        )
    return None


def shortened(tokens: tuple[tuple[str, str], ...] | None) -> list[tuple[str, str]] | None:
    """Return a comparison with its long unchanged stretches cut: what changes is what is read."""
    if tokens is None:
        return None
    found = []
    for place, (op, text) in enumerate(tokens):
        if op != "same" or len(text) <= _LONG:
            found.append((op, text))
            continue
        first = "" if place == 0 else text[:_CONTEXT].rsplit(" ", 1)[0] + " "
        last = "" if place == len(tokens) - 1 else " " + text[-_CONTEXT:].split(" ", 1)[-1]
        found.append((op, f"{first}[…]{last}"))
    return found


def comment_piece(
    row: CommentRow,
    slug: str,
    *,
    positions: Mapping[int, Any] | None = None,
    responses: Mapping[int, Any] | None = None,
    may_reply: bool = False,
    may_change: bool = False,
    may_report: bool = True,
    level_section: bool = True,
) -> dict[str, Any]:
    """Return a comment in the shape of `ui.comment`. `positions` is by statement, `responses` by comment."""
    is_stub = not row.readable
    mine = row.own and may_change
    return {
        "ref": row.ref,
        "url": url_for("contributions.one", slug=slug, ref=row.ref),
        "author": _("Text not shown") if is_stub else author_name(row.author),
        "author_kind": row.author.kind,
        "author_url": author_url(row.author, slug),
        "stance": row.stance.value,
        "kind": row.kind.value,
        "section_label": labels.section(row.section)
        if level_section and row.project_id and row.section is not Section.WHOLE and not row.parent_id
        else None,
        "at": row.at,
        "body": row.body,
        "lang": row.lang,
        "amend": shortened(row.amend),
        "status_note": status_note(row) if row.own else None,
        "reply_url": url_for("contributions.reply_form", slug=slug, ref=row.ref)
        if may_reply and row.public and row.parent_id is None
        else None,
        "position": (positions or {}).get(row.statement_id) if row.statement_id and row.public else None,
        "replies": [
            comment_piece(reply, slug, may_change=may_change, may_report=may_report) for reply in row.replies
        ],
        "response": (responses or {}).get(row.id),
        "edited": row.edited and row.readable,
        "late": row.late,
        "edit_url": url_for("contributions.edit_form", slug=slug, ref=row.ref)
        if mine
        and not row.touched
        and (row.public or row.state in {PublishState.WAITING, PublishState.RETURNED})
        else None,
        "withdraw_url": url_for("contributions.withdraw_form", slug=slug, ref=row.ref)
        if mine and (row.public or row.state in {PublishState.WAITING, PublishState.RETURNED})
        else None,
        "report_url": later.report_url(slug, row.ref) if may_report and row.public and not row.own else None,
        "withdrawn": tombstone(row.state) if is_stub else None,
    }


def possible(place: Place, act: Act) -> bool:
    """Whether the act is possible here, for the present reader or once they sign in."""
    return not set(refusal(act, place)) - {"signed_in"}


def positions_on(place: Place, statement_ids: Sequence[int]) -> dict[int, Any]:
    """Return the small position controls of some texts, by statement; they come back to this page."""
    assert place.collectivity_id is not None
    return small_positions(
        place.collectivity_id, place.slug, statement_ids, return_to=request.full_path.rstrip("?")
    )


def discussion(place: Place, rows: Sequence[CommentRow]) -> list[dict[str, Any]]:
    """Return comments with every control the present reader may use, positions and answers included.

    `place` holds the plan's present consultation (`consultations.queries.with_consultation`).
    """
    assert place.collectivity_id is not None
    answers = later.response_of(place.collectivity_id, [row.id for row in rows])
    panels = positions_on(place, [row.statement_id for row in rows if row.statement_id and row.public])
    can_reply = possible(place, Act.COMMENT_SUBMIT)
    return [
        comment_piece(
            row, place.slug, positions=panels, responses=answers, may_reply=can_reply, may_change=True
        )
        for row in rows
    ]


def idea_piece(row: IdeaRow, slug: str, *, fate: str | None = None, position: Any = None) -> dict[str, Any]:
    """Return an idea in the shape of `ui.idea_card`."""
    return {
        "url": url_for("contributions.idea", slug=slug, ref=row.ref),
        "ref": row.ref,
        "title": row.title if row.readable else tombstone(row.state),
        "lang": row.lang if row.readable else None,
        "excerpt": excerpt(row.proposal) if row.readable else None,
        "author": author_name(row.author) if row.readable else None,
        "at": row.at,
        "axis": plain(row.axis),
        "fate": fate if row.public else status_note(row),
        "comments_text": ngettext("%(num)d comment", "%(num)d comments", row.reply_count)
        if row.reply_count
        else None,
        "position": position,
    }


def excerpt(text: str, limit: int = EXCERPT_CHARS) -> str:
    """Return the beginning of a text, cut between two words."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit].rsplit(" ", 1)[0] + "…"


def kind_name(row: CommentRow) -> str:
    """Return what kind of text a comment is, as a heading says it."""
    if row.parent_id is not None:
        return _("Reply")
    return {
        CommentKind.OPINION: _("Comment"),
        CommentKind.AMENDMENT: _("Amendment"),
        CommentKind.QUESTION: _("Question"),
    }[row.kind]
