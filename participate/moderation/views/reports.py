"""What citizens report."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, request
from flask_babel import gettext as _

from participate.db import db
from participate.moderation import actions, forms, queries
from participate.moderation.views.blueprint import bp, case_place, collectivity_of
from participate.moderation.views.desk import address
from participate.moderation.views.shown import author_name, excerpt, typed_lang
from participate.rules.moderation import ReasonCode
from participate.rules.policy import Act, Actor, Place
from participate.web import i18n, pages
from participate.web.access import actor, guard
from participate.web.forms import first_reply, keep_reply, restored


@bp.get("/<slug:slug>/c/<ref:ref>/report")
@guard(Act.PUBLIC_READ, case_place)
def report(place: Place) -> Response:
    """Show the form by which anybody tells the moderators about a text."""
    return _report_page(place, restored(forms.ReportForm))


def _report_page(place: Place, form: Any, status: int = 200) -> Response:
    if not place.readable:
        abort(404)
    pages.needs_csrf()
    ref = (request.view_args or {})["ref"]
    found = queries.case(Actor(), collectivity_of(place), place.ids["contribution"]) or abort(404)
    form.form_path.data = request.path
    shown = "\n\n".join(one.redacted or one.text for one in found.fields)
    return pages.page(
        "moderation/report.html",
        status=status,
        form=form,
        ref=ref,
        author=author_name(found.row.author),
        text=excerpt(shown),
        text_lang=found.row.lang,
        back_url=f"/{i18n.lang()}/{place.slug}/c/{ref}",
        charter_url=address(place, "charter"),
    )


@bp.post("/<slug:slug>/c/<ref:ref>/report")
@guard(Act.CONTRIBUTION_REPORT, case_place)
def report_post(place: Place) -> Response:
    """Tell the moderators; once a person."""
    form = forms.ReportForm()
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate():
        return _report_page(place, form, 422)
    ref = (request.view_args or {})["ref"]
    location = f"/{i18n.lang()}/{place.slug}/c/{ref}"
    actions.report(
        actor(),
        place,
        place.ids["contribution"],
        ReasonCode(form.reason.data),
        form.note.data or "",
        typed_lang(form.note.data),
    )
    flash(_("Thank you. A moderator will look at it; the text stays public until then."), "ok")
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)
