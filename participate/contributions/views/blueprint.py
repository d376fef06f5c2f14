"""Where contributions have their addresses, and the places their pages stand in."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.contributions import queries
from participate.contributions.models import Contribution
from participate.contributions.queries import CommentRow, IdeaRow
from participate.db import db
from participate.plans import queries as plans
from participate.rules.outcomes import PublishState
from participate.rules.policy import Place
from participate.web.access import actor

bp = Blueprint("contributions", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)
PROJECT = "/<slug:slug>/plans/<cycle:cycle>/projects/<int(max=99999):number>"
PLAN = "/<slug:slug>/plans/<cycle:cycle>"


def plan_place(slug: str, cycle: str, **_rest: object) -> Place:
    """Return the place of a plan and its present consultation. Raises NotFound."""
    return consultations.consultation_place(slug, cycle)


def project_place(slug: str, cycle: str, number: int, **_rest: object) -> Place:
    """Return the place of a project in the plan's present consultation. Raises NotFound."""
    project = plans.project_place(slug, cycle, number)
    if not project.readable:
        raise NotFound
    place = consultations.with_consultation(project)
    return replace(place, ids={**place.ids, "number": number})


def text_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of a contribution. Raises NotFound, also when its reader may not know of it."""
    place = queries.place_of(slug, ref)
    seen_text(place)
    return place


def reply_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of a text in its plan's present consultation: an idea of June is discussed in August."""
    return consultations.with_consultation(text_place(slug, ref))


def idea_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of an idea. Raises NotFound for anything else."""
    place = text_place(slug, ref)
    if not isinstance(seen_text(place), IdeaRow):
        raise NotFound
    return place


def repeatable_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of a text as it was before a form that may have been sent twice; the act looks again."""
    return replace(text_place(slug, ref), settled=False)


def seen_text(place: Place) -> CommentRow | IdeaRow:
    """Return the text of the place as the reader may see it; a text still held is unknown to others."""
    assert place.collectivity_id is not None
    base = db.session.get(Contribution, (place.collectivity_id, place.ids["contribution"]))
    if base is None:
        raise NotFound
    row = queries.seen(base, actor())
    held = row.state in {PublishState.WAITING, PublishState.RETURNED}
    if held and not row.readable:
        raise NotFound
    return row


def collectivity_of(place: Place) -> int:
    """Return the collectivity of a place that has one."""
    assert place.collectivity_id is not None
    return place.collectivity_id


def plan_id_of(place: Place) -> int:
    """Return the plan of a place that has one."""
    assert place.plan_id is not None
    return place.plan_id
