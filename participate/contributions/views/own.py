"""The author's own changes."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from participate.contributions import actions, pieces, queries
from participate.contributions.forms import ConfirmForm, RewriteCommentForm, RewriteIdeaForm
from participate.contributions.queries import CommentRow, IdeaRow
from participate.contributions.views.around import axis_choices, crumbs_of, performed_once, reading_address
from participate.contributions.views.blueprint import (
    bp,
    collectivity_of,
    repeatable_place,
    seen_text,
    text_place,
)
from participate.rules.outcomes import READABLE_STATES, CommentKind, ContributionKind, PublishState, Stance
from participate.rules.policy import Act, Place, require
from participate.web import forms, pages
from participate.web.access import actor, guard
from participate.web.forms import Form
from participate.web.i18n import moment


def _rewrite_act(row: CommentRow | IdeaRow) -> Act:
    return Act.CONTRIBUTION_RESUBMIT if row.state is PublishState.RETURNED else Act.CONTRIBUTION_EDIT


def _rewrite_form(place: Place, row: CommentRow | IdeaRow) -> Any:
    if isinstance(row, IdeaRow):
        kind: dict[str, Any] = {"axes": axis_choices(place)}
        words = {name: getattr(row, name) for name in ("title", "problem", "proposal", "place", "lang")}
        words["axis_id"] = str(row.axis_id)
        form_class: type[Form] = RewriteIdeaForm
    else:
        kind = {"amends": row.kind is CommentKind.AMENDMENT, "reply": row.parent_id is not None}
        words = {"body": row.body, "amend_to": row.amend_to, "stance": row.stance.value, "lang": row.lang}
        form_class = RewriteCommentForm
    words["version"] = str(row.row_version)
    return forms.restored(form_class, data=words, **kind)


def _rewrite_page(place: Place, row: CommentRow | IdeaRow, form: Form, status: int = 200) -> Any:
    is_idea = isinstance(row, IdeaRow)
    back = url_for("contributions.idea" if is_idea else "contributions.one", slug=place.slug, ref=row.ref)
    return pages.page(
        "contributions/edit.html",
        block="form",
        status=status,
        form=form,
        row=row,
        is_idea=is_idea,
        returned=row.state is PublishState.RETURNED,
        reason=queries.later.reason_of(actor(), collectivity_of(place), row.id),
        original=row.amend_from if isinstance(row, CommentRow) and row.amend_from else None,
        back=back,
        body_chars=queries.BODY_CHARS,
        title_chars=queries.TITLE_CHARS,
        crumbs=crumbs_of(place, (row.ref, back), (_("Edit"), None)),
    )


@bp.get("/<slug:slug>/c/<ref:ref>/edit")
@guard(Act.CONTRIBUTION_WITHDRAW, text_place)
def edit_form(place: Place) -> Any:
    """Show one's words, to be changed while nobody has answered them, or rewritten after a return."""
    row = seen_text(place)
    require(actor(), _rewrite_act(row), place)
    return _rewrite_page(place, row, _rewrite_form(place, row))


@bp.post("/<slug:slug>/c/<ref:ref>/edit")
@guard(Act.CONTRIBUTION_RESUBMIT, text_place)
def edit(place: Place) -> Any:
    """Save the changed words, or send a returned text again."""
    row = seen_text(place)
    form = _rewrite_form(place, row)
    if not form.validate_on_submit():
        return _rewrite_page(place, row, form, status=422)
    words: dict[str, Any] = {
        name: form[name].data for name in ("title", "problem", "proposal", "body", "amend_to") if name in form
    }
    if "axis_id" in form:
        words.update(axis_id=int(form["axis_id"].data), location=form["place"].data or "")
    if "stance" in form:
        words["stance"] = Stance(form["stance"].data or Stance.NONE)
    if isinstance(row, CommentRow) and row.amend_from and words.get("amend_to") == row.amend_from:
        form["amend_to"].errors = [
            _("The wording is the same as before: change it, or write a comment instead.")
        ]
        return _rewrite_page(place, row, form, status=422)
    version = form["version"].data or ""

    def act() -> tuple[str, str | None]:
        verb = actions.resubmit if row.state is PublishState.RETURNED else actions.edit
        base = verb(
            actor(),
            place,
            row_version=int(version)
            if version.isascii() and version.isdigit() and len(version) < 12
            else None,
            lang=form["lang"].data or None,
            **words,
        )
        if base.state in READABLE_STATES:
            flash(_("Your changes are published. The earlier wording can still be read."), "ok")
        else:
            flash(
                _(
                    "Received. A moderator reads it before it is public, by %(moment)s at the latest.",
                    moment=moment(base.due_at),
                ),
                "info",
            )
        return reading_address(place, base), None

    return performed_once(form, act)


@bp.get("/<slug:slug>/c/<ref:ref>/withdraw")
@guard(Act.CONTRIBUTION_WITHDRAW, text_place)
def withdraw_form(place: Place) -> Any:
    """Ask before a text is taken back."""
    row = seen_text(place)
    is_idea = isinstance(row, IdeaRow)
    back = url_for("contributions.idea" if is_idea else "contributions.one", slug=place.slug, ref=row.ref)
    form = ConfirmForm()
    return pages.page(
        "contributions/withdraw.html",
        form=form,
        row=row,
        quoted=pieces.excerpt(row.title if isinstance(row, IdeaRow) else row.body, 400),
        back=back,
        crumbs=crumbs_of(place, (row.ref, back), (_("Withdraw"), None)),
    )


@bp.post("/<slug:slug>/c/<ref:ref>/withdraw")
@guard(Act.CONTRIBUTION_WITHDRAW, repeatable_place)
def withdraw(place: Place) -> Any:
    """Take a text back; a stub and its replies stay."""
    form = ConfirmForm()

    def act() -> tuple[str, str | None]:
        base = actions.withdraw(actor(), place)
        flash(_("Your text is withdrawn. Only a line saying so remains in its place."), "ok")
        is_idea = base.kind is ContributionKind.IDEA
        return url_for(
            "contributions.idea" if is_idea else "contributions.one", slug=place.slug, ref=base.ref
        ), None

    return performed_once(form, act)
