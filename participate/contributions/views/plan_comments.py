"""Comments on the whole plan."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from participate.contributions import actions, pieces, queries
from participate.contributions.forms import CommentForm
from participate.contributions.views.around import (
    asks_name,
    crumbs_of,
    form_needs,
    next_page,
    outcome_told,
    performed_once,
    voice_chosen,
)
from participate.contributions.views.blueprint import PLAN, bp, collectivity_of, plan_id_of, plan_place
from participate.rules.outcomes import CommentKind, Stance
from participate.rules.policy import Act, Place
from participate.web import forms, pages
from participate.web.access import actor, guard
from participate.web.forms import Form


@bp.get(f"{PLAN}/comments/")
@guard(Act.PUBLIC_READ, plan_place)
def plan_comments(place: Place) -> Any:
    """Show what people say of the plan as a whole."""
    found = queries.comments_of_plan(
        collectivity_of(place), plan_id_of(place), actor=actor(), after=request.args.get("after")
    )
    return pages.page(
        "contributions/plan_comments.html",
        block="list",
        comments=pieces.discussion(place, found.rows),
        after=next_page(found.after),
        write_url=url_for("contributions.plan_comment_form", slug=place.slug, cycle=place.cycle)
        if pieces.possible(place, Act.COMMENT_SUBMIT)
        else None,
        crumbs=crumbs_of(place, (_("On the plan as a whole"), None)),
    )


@bp.get(f"{PLAN}/comments/new")
@guard(Act.PUBLIC_READ, plan_place)
def plan_comment_form(place: Place) -> Any:
    """Show the form of a comment on the plan as a whole."""
    return _plan_comment_page(place, forms.restored(CommentForm, sections=False, **form_needs(place)))


@bp.post(f"{PLAN}/comments/new")
@guard(Act.COMMENT_SUBMIT, plan_place)
def plan_comment(place: Place) -> Any:
    """Take a comment on the plan as a whole."""
    form = CommentForm(sections=False, **form_needs(place))
    if not form.validate_on_submit():
        return _plan_comment_page(place, form, status=422)
    if (elsewhere := asks_name(form)) is not None:
        return elsewhere

    def act() -> tuple[str, str | None]:
        made = actions.submit_comment(
            actor(),
            place,
            voice_chosen(form, place),
            declared=form.has_declared,
            kind=CommentKind(form.kind.data or CommentKind.OPINION),
            stance=Stance(form.stance.data or Stance.NONE),
            body=form.body.data or "",
            lang=form.lang.data or None,
        )
        return outcome_told(place, made, _("Your comment is published."))

    return performed_once(form, act)


def _plan_comment_page(place: Place, form: Form, status: int = 200) -> Any:
    above = url_for("contributions.plan_comments", slug=place.slug, cycle=place.cycle)
    return pages.page(
        "contributions/comment_form.html",
        block="form",
        status=status,
        form=form,
        words=None,
        amends=False,
        possible=pieces.possible(place, Act.COMMENT_SUBMIT),
        signed_in=actor().person_id is not None,
        section=None,
        section_label=None,
        original=None,
        kinds=[],
        title=_("The plan %(cycle)s", cycle=place.cycle),
        crumbs=crumbs_of(place, (_("On the plan as a whole"), above), (_("Write a comment"), None)),
        back=above,
        charter=pages.home_of("charter", slug=place.slug),
        body_chars=queries.BODY_CHARS,
        draft_key=f"comment-plan-{place.plan_id}",
    )
