"""Publishing a version."""

from __future__ import annotations

from typing import Any

from flask import Response, flash
from flask_babel import gettext as _

from participate.db import db
from participate.plans import actions, queries
from participate.plans.forms import VersionForm, words_of
from participate.plans.views.around import desk_page
from participate.plans.views.blueprint import desk, here, keys
from participate.plans.views.words import field_words, milestone_line, missing_words
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ChangeCause, VersionKind
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import actor, allowed, guard
from participate.web.forms import first_reply, keep_reply

KIND_NOW = {stage: kind for kind, stage in actions.STAGE_OF_KIND.items() if kind is not VersionKind.ADOPTED}
"""Which kind of version officers publish at a stage; the adopted one is published by `lifecycle`."""


@desk.get("/plan/<cycle:cycle>/publish")
@guard(Act.PLAN_READ_WORKING, queries.plan_place)
def publish(place: Place) -> Any:
    """Show what the next version would change, and the note that goes with it."""
    return _publish_page(place, VersionForm())


@desk.post("/plan/<cycle:cycle>/publish")
@guard(Act.VERSION_PUBLISH, queries.plan_place)
def publish_now(place: Place) -> Any:
    """Publish the next version."""
    form = VersionForm()
    if not form.validate_on_submit():
        return _publish_page(place, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    plan = actions.locked_plan(*keys(place))
    version = actions.publish_version(actor(), plan, KIND_NOW[plan.stage], words_of(form, "note"))
    location = here("plans.version", place, number=version.number)
    keep_reply(form, location)
    db.session.commit()
    flash(_("Version %(number)s is public. Its words can no longer change.", number=version.number), "ok")
    return pages.see(location)


def _publish_page(place: Place, form: VersionForm, status: int = 200) -> Response:
    projects = [p for p in queries.working_projects(*keys(place)) if not p.removed]
    versions = queries.versions_of(*keys(place))
    kind = KIND_NOW.get(place.stage) if place.stage else None
    preview = queries.unpublished_differences(*keys(place), milestone_text=milestone_line)
    return desk_page(
        "plans/publish.html",
        place,
        "publish",
        status,
        form=form,
        kind=kind,
        drafting=place.stage in {Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS},
        projects=projects,
        incomplete=[p for p in projects if p.missing],
        missing_words=missing_words,
        uncaused=[
            p for p in projects if p.published and p.changed and p.change_cause is ChangeCause.NONE_STATED
        ],
        versions=versions,
        differences=preview,
        Status=queries.Status,
        field_words=field_words,
        may_publish=kind is not None
        and allowed(Act.VERSION_PUBLISH, place)
        and bool(projects)
        and (preview.any or not versions or versions[-1].kind is not kind),
    )
