"""One text at its own address, and replying to it."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.contributions import actions, pieces, queries
from participate.contributions.forms import CommentForm, ReplyForm
from participate.contributions.queries import CommentRow, IdeaRow
from participate.contributions.views.around import (
    asks_name,
    crumbs_of,
    earlier_wordings,
    form_needs,
    outcome_told,
    own_controls,
    performed_once,
    subject_url,
    voice_chosen,
)
from participate.contributions.views.blueprint import bp, collectivity_of, reply_place, seen_text, text_place
from participate.rules.outcomes import CommentKind, PublishState, Stance
from participate.rules.policy import Act, Place
from participate.web import forms, pages
from participate.web.access import actor, guard
from participate.web.forms import Form
from participate.web.i18n import said


@bp.get("/<slug:slug>/c/<ref:ref>")
@guard(Act.PUBLIC_READ, text_place)
def one(place: Place) -> Any:
    """Show one text at its own address, with its replies and, to its author, where it stands."""
    row = seen_text(place)
    if isinstance(row, IdeaRow):
        return pages.see(url_for("contributions.idea", slug=place.slug, ref=row.ref))
    where = queries.address_of(collectivity_of(place), row.id)
    if row.state is PublishState.MERGED and where.merged_ref and not row.own:
        return pages.see(url_for("contributions.one", slug=place.slug, ref=where.merged_ref))
    about: Any
    if where.project_number is not None:
        about = said(where.project_title)
    else:
        about = where.idea_title or _("The plan %(cycle)s", cycle=place.cycle)
    talk = consultations.with_consultation(place)
    piece = pieces.discussion(talk, (row,))[0]
    return pages.page(
        "contributions/one.html",
        comment={**piece, **own_controls(place, row), "status_note": None},
        row=row,
        heading=pieces.kind_name(row),
        about=about,
        about_url=subject_url(where, anchor=f"c-{where.parent_ref or row.ref}" if row.public else None),
        parent_url=url_for("contributions.one", slug=place.slug, ref=where.parent_ref)
        if where.parent_ref
        else None,
        merged_url=url_for("contributions.one", slug=place.slug, ref=where.merged_ref)
        if where.merged_ref
        else None,
        state=row.state.value,
        reason=queries.later.reason_of(actor(), collectivity_of(place), row.id) if row.own else None,
        judge=queries.later.to_judge(place, row.id) if row.own else None,
        earlier=earlier_wordings(row),
        crumbs=crumbs_of(place, (about, subject_url(where)), (f"{pieces.kind_name(row)} {row.ref}", None)),
    )


@bp.get("/<slug:slug>/c/<ref:ref>/reply")
@guard(Act.PUBLIC_READ, reply_place)
def reply_form(place: Place) -> Any:
    """Show the form of a reply to a comment, or of a comment on an idea."""
    row = seen_text(place)
    if not row.public:
        raise NotFound
    made: type[Any] = CommentForm if isinstance(row, IdeaRow) else ReplyForm
    more = {"sections": False} if made is CommentForm else {}
    return _reply_page(place, row, forms.restored(made, **more, **form_needs(place)))


def _reply_page(place: Place, row: CommentRow | IdeaRow, form: Form, status: int = 200) -> Any:
    where = queries.address_of(collectivity_of(place), row.id)
    if isinstance(row, IdeaRow):
        back = url_for("contributions.idea", slug=place.slug, ref=row.ref)
        about, quoted = row.title, row.problem
    else:
        back = url_for("contributions.one", slug=place.slug, ref=row.ref)
        about, quoted = f"{pieces.kind_name(row)} {row.ref}", row.body
    return pages.page(
        "contributions/reply_form.html",
        block="form",
        status=status,
        form=form,
        row=row,
        on_idea=isinstance(row, IdeaRow),
        about=about,
        quoted=pieces.excerpt(quoted, 400),
        author=pieces.author_name(row.author),
        possible=pieces.possible(place, Act.COMMENT_SUBMIT),
        signed_in=actor().person_id is not None,
        back=back,
        charter=pages.home_of("charter", slug=place.slug),
        body_chars=queries.BODY_CHARS,
        draft_key=f"reply-{row.ref}",
        crumbs=crumbs_of(place, (about, back), (_("Reply"), None))
        if isinstance(row, IdeaRow)
        else crumbs_of(place, (_("In its place"), subject_url(where)), (about, back), (_("Reply"), None)),
    )


@bp.post("/<slug:slug>/c/<ref:ref>/reply")
@guard(Act.COMMENT_SUBMIT, reply_place)
def reply(place: Place) -> Any:
    """Take a reply to a comment, or a comment on an idea."""
    row = seen_text(place)
    on_idea = isinstance(row, IdeaRow)
    form: Any = (
        CommentForm(sections=False, **form_needs(place)) if on_idea else ReplyForm(**form_needs(place))
    )
    if not form.validate_on_submit():
        return _reply_page(place, row, form, status=422)
    if (elsewhere := asks_name(form)) is not None:
        return elsewhere

    def act() -> tuple[str, str | None]:
        about: dict[str, Any] = (
            {
                "idea_id": row.id,
                "kind": CommentKind(form.kind.data or CommentKind.OPINION),
                "stance": Stance(form.stance.data or Stance.NONE),
            }
            if on_idea
            else {"parent_id": row.id}
        )
        made = actions.submit_comment(
            actor(),
            place,
            voice_chosen(form, place),
            declared=form.has_declared,
            body=form.body.data,
            lang=form.lang.data or None,
            **about,
        )
        return outcome_told(
            place, made, _("Your comment is published.") if on_idea else _("Your reply is published.")
        )

    return performed_once(form, act)
