"""The queue: what waits for a moderator, and deciding on several texts at once."""

from __future__ import annotations

from collections.abc import Collection

from flask import Response, flash, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from participate.db import db
from participate.moderation import actions, forms, queries
from participate.moderation.queries import View
from participate.moderation.views.blueprint import DESK, KEYS, bp, collectivity_of, space
from participate.moderation.views.desk import address, desk_around, queue_keys
from participate.moderation.views.shown import queue_row, title_of, typed_lang
from participate.rules.moderation import Decision, DecisionRefusedError
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import actor, guard, now
from participate.web.forms import first_reply, keep_reply


@bp.get(f"{DESK}/")
@guard(Act.CASE_READ, space)
def queue(place: Place) -> Response:
    """Show what waits for a decision, oldest risk first."""
    return _queue_page(place, forms.BulkForm(formdata=None), forms.view_of(request.args.get("view")))


def _queue_page(
    place: Place,
    form: forms.BulkForm,
    view: View,
    status: int = 200,
    picked: Collection[tuple[int, int]] = (),
) -> Response:
    pages.needs_csrf()
    form.view.data = view.value
    listing = queries.queue(actor(), collectivity_of(place), view, now(), request.args.get("after"))
    numbers = queries.counts(collectivity_of(place), now())
    return pages.page(
        "moderation/queue.html",
        status=status,
        title=title_of(view, numbers),
        rows=[queue_row(one, place, view, pick=True, picked=picked) for one in listing.rows],
        next_url=address(place, "queue", view=view.value, after=listing.next_cursor)
        if listing.next_cursor
        else None,
        form=form,
        choices=[
            {
                "value": one.value,
                "label": forms.decision_label(one),
                "key": KEYS[one],
                "checked": form.decision.data == one.value,
            }
            for one in forms.IN_BULK
        ],
        bulk_url=address(place, "bulk"),
        **desk_around(place, numbers, view.value, keys=queue_keys()),
    )


@bp.post(f"{DESK}/bulk")
@guard(Act.CASE_DECIDE, space)
def bulk(place: Place) -> Response:
    """Take one decision on all the texts ticked."""
    form = forms.BulkForm()
    view = forms.view_of(form.view.data)
    picked = _picked(request.form)
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate() or not picked:
        if not picked:
            form.form_errors.append(_("Tick at least one text first."))
        return _queue_page(place, form, view, 422, picked)
    chosen = Decision(form.decision.data)
    try:
        done = actions.decide_many(
            actor(),
            place,
            picked,
            chosen,
            form.reason_code if chosen is not Decision.PUBLISH else None,
            form.facts.data or "",
            lang=typed_lang(form.facts.data),
        )
    except DecisionRefusedError as error:
        db.session.rollback()
        form.blame(error.refusals)
        return _queue_page(place, form, view, 422, picked)
    if done.own:
        flash(_("Your own texts were left: a colleague decides on them."), "warn")
    if done.changed:
        flash(
            ngettext(
                "%(num)d text had changed meanwhile and was left: read it again.",
                "%(num)d texts had changed meanwhile and were left: read them again.",
                done.changed,
            ),
            "warn",
        )
    location = address(place, "queue", view=view.value)
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


def _picked(sent: MultiDict[str, str]) -> list[tuple[int, int]]:
    found = []
    for value in sent.getlist("pick")[: queries.PAGE * 10]:
        row_id, _dot, version = value.partition(".")
        if (
            row_id.isascii()
            and row_id.isdigit()
            and version.isascii()
            and version.isdigit()
            and len(value) < 40
        ):
            found.append((min(int(row_id), (1 << 63) - 1), min(int(version), (1 << 63) - 1)))
    return found
