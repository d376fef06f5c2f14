"""What every form and page of a contribution shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from participate.consultations import queries as consultations
from participate.contributions import queries
from participate.contributions.forms import MYSELF, WrittenForm
from participate.contributions.models import Contribution
from participate.contributions.queries import CommentRow, IdeaRow
from participate.contributions.views.blueprint import collectivity_of, plan_id_of
from participate.db import db
from participate.people.queries import Voice, voices_of
from participate.rules.outcomes import READABLE_STATES, ContributionKind, PublishState
from participate.rules.policy import Act, Place, RefusedError
from participate.web import forms, pages
from participate.web.access import actor, allowed
from participate.web.forms import Form
from participate.web.hooks import hooks
from participate.web.i18n import moment, plain

# --- What forms share --------------------------------------------------


def _voices(place: Place) -> list[Voice]:
    person_id = actor().person_id
    return [] if person_id is None else list(voices_of(person_id, collectivity_of(place)))


def _voice_choices(place: Place) -> list[tuple[str, str]]:
    return [
        (
            str(voice.association_id or MYSELF),
            _("In the name of %(association)s", association=label_of(voice))
            if voice.association_id
            else _("In my own name"),
        )
        for voice in _voices(place)
    ]


def label_of(voice: Voice) -> str:
    """Return what to call a voice."""
    return voice.label if isinstance(voice.label, str) else plain(voice.label)


def form_needs(place: Place) -> dict[str, Any]:
    """Return what every written form is made with: voices, and whether the declaration is still owed."""
    return {
        "voices": _voice_choices(place),
        "declares": place.consultation_id is not None
        and consultations.needs_declaration(collectivity_of(place), place.consultation_id, actor().person_id),
    }


def voice_chosen(form: WrittenForm, place: Place) -> Voice:
    """Return the voice the form speaks with: the person's own, or an association they may speak for."""
    wanted = form.chosen_voice
    for voice in _voices(place):
        if str(voice.association_id or MYSELF) == wanted:
            return voice
    raise RefusedError(Act.COMMENT_SUBMIT, ("owner",))


def asks_name(form: WrittenForm) -> Any | None:
    """Return the way to choose a name, once, before the first text in one's own name; what is typed is kept."""
    if form.chosen_voice != MYSELF or actor().named:
        return None
    hooks.park_draft(request.path, form.fields_to_keep())
    return pages.see(url_for("people.name_form", next=request.path))


def performed_once(form: Form, act: Callable[[], tuple[str, str | None]]) -> Any:
    """Perform an act once however often its form is sent; a copy waits for the first and gets its answer."""
    before = forms.first_reply(form)
    if before is not None:
        return pages.see(before.location, receipt=before.receipt_code)
    location, receipt = act()
    forms.keep_reply(form, location, receipt)
    db.session.commit()
    return pages.see(location, receipt=receipt)


def outcome_told(place: Place, base: Contribution, published: str) -> tuple[str, str | None]:
    """Say what happened to a new text and return where its author goes next."""
    if base.state in READABLE_STATES:
        flash(published + " " + _("Your receipt: %(code)s", code=base.receipt_code), "ok")
    else:
        flash(
            _(
                "Received. A moderator reads it before it is public, by %(moment)s at the latest.",
                moment=moment(base.due_at),
            )
            + " "
            + _("Your receipt: %(code)s", code=base.receipt_code),
            "info",
        )
    return reading_address(place, base), base.receipt_code


def reading_address(place: Place, base: Contribution) -> str:
    """Return where a text is read: in its place once public, at its own address while it waits."""
    if base.kind is ContributionKind.IDEA:
        return url_for("contributions.idea", slug=place.slug, ref=base.ref)
    if base.state not in READABLE_STATES:
        return url_for("contributions.one", slug=place.slug, ref=base.ref)
    where = queries.address_of(base.collectivity_id, base.id)
    return subject_url(where, anchor=f"c-{base.ref}")


def subject_url(where: queries.Address, anchor: str | None = None) -> str:
    """Return the address of what a text is about: a project, an idea, the whole plan."""
    if where.project_number is not None:
        return pages.home_of(
            "project", slug=where.slug, cycle=where.cycle, number=where.project_number, anchor=anchor
        )
    if where.idea_ref is not None:
        return url_for("contributions.idea", slug=where.slug, ref=where.idea_ref, _anchor=anchor)
    return url_for("contributions.plan_comments", slug=where.slug, cycle=where.cycle, _anchor=anchor)


def crumbs_of(place: Place, *more: tuple[Any, str | None]) -> list[dict[str, Any]]:
    """Return the way from the plan to a page."""
    plan = {
        "label": _("The plan %(cycle)s", cycle=place.cycle),
        "url": pages.home_of("plan", slug=place.slug, cycle=place.cycle),
    }
    return [plan, *({"label": label, "url": url} for label, url in more)]


# --- Comments on the plan ----------------------------------------------


def next_page(cursor: str | None) -> str | None:
    """Return the address of this same list, going on after the cursor."""
    if cursor is None:
        return None
    kept = {name: value for name, value in request.args.items() if name != "after"}
    assert request.endpoint is not None
    return url_for(request.endpoint, **{**(request.view_args or {}), **kept, "after": cursor})


# --- Ideas -------------------------------------------------------------


def axis_choices(place: Place) -> list[tuple[str, str]]:
    """Return the plan's axes as choices of a form."""
    return [
        (str(axis.id), plain(axis.title))
        for axis in queries.axes_of(collectivity_of(place), plan_id_of(place))
    ]


def own_controls(place: Place, row: CommentRow | IdeaRow) -> dict[str, Any]:
    """Return the links by which an author changes or withdraws a text, when they still can."""
    live = row.own and (row.public or row.state in {PublishState.WAITING, PublishState.RETURNED})
    may_edit = live and (row.state is PublishState.RETURNED or allowed(Act.CONTRIBUTION_EDIT, place))
    return {
        "edit_url": url_for("contributions.edit_form", slug=place.slug, ref=row.ref) if may_edit else None,
        "withdraw_url": url_for("contributions.withdraw_form", slug=place.slug, ref=row.ref)
        if live
        else None,
    }


def earlier_wordings(row: CommentRow | IdeaRow) -> list[dict[str, Any]]:
    """Return the earlier wordings of a text that its reader may see; a masked one keeps its past masked too."""
    if not row.readable or not row.edited or row.state is PublishState.REDACTED:
        return []
    names = ("title", "problem", "proposal") if isinstance(row, IdeaRow) else ("body", "amend_to")
    return [
        {
            "at": one.at,
            "lang": one.before.get("lang"),
            "text": "\n\n".join(str(one.before.get(name) or "") for name in names).strip(),
        }
        for one in queries.edits_of(row.collectivity_id, row.id)
    ]
