"""Pages of the follow-up: what was adopted, where it stands, what residents saw."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.db import db
from participate.monitoring import actions, queries
from participate.monitoring.forms import DecideForm, ObservationForm, ProgressForm
from participate.plans.models import ActionPlan
from participate.plans.queries import plan_place, project_place
from participate.rules.outcomes import MilestoneStatus
from participate.rules.policy import Act, Place
from participate.rules.text import guess_lang
from participate.rules.windows import casablanca_date
from participate.web import errors, i18n, labels, pages
from participate.web.access import actor, allowed, guard, now
from participate.web.forms import first_reply, keep_reply, restored

bp = Blueprint("monitoring", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
desk = Blueprint("monitoring_desk", __name__, url_prefix="/<lang:lang>/desk/<slug:slug>/plan/<cycle:cycle>")
blueprints = (bp, desk)


def init_app(_app: Any) -> None:
    """Say what this room's refusals mean."""
    errors.explain(
        actions.NoSuchMilestoneError,
        lambda _error: errors.Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )
    errors.explain(
        actions.NoSuchObservationError,
        lambda _error: errors.Trouble(
            409, _("This observation was already decided"), _("Go back to the list to see what waits.")
        ),
    )


def address(place: Place, endpoint: str = "monitoring.follow_up", **values: Any) -> str:
    """Return the address of one of this room's pages for the same plan."""
    return url_for(endpoint, slug=place.slug, cycle=place.cycle, **values)


@bp.get("/follow-up/")
@guard(Act.PUBLIC_READ, plan_place)
def follow_up(place: Place) -> Any:
    """Show every adopted project with its milestones."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    projects = queries.follow_up(place.collectivity_id, place.plan_id)
    today = casablanca_date(now())
    return pages.page(
        "monitoring/follow_up.html",
        schedule=_schedule(projects, today),
        plan=db.session.get(ActionPlan, (place.collectivity_id, place.plan_id)),
        projects=projects,
        total=sum(len(p.milestones) for p in projects),
        complete=sum(p.complete for p in projects),
        today=today,
        labels=labels,
        may_report=allowed(Act.PROGRESS_PUBLISH, place),
        place=place,
    )


def _schedule(projects: list[queries.FollowedProject], today: date) -> dict[str, Any] | None:
    """Return every milestone on one line of time, as `ui.schedule` takes it; nothing if there is none."""
    milestones = [m for project in projects for m in project.milestones]
    if not milestones:
        return None
    rows = [
        {
            "label": i18n.said(project.title),
            "url": f"#project-{project.number}",
            "spans": [
                {"starts": m.starts_on, "ends": m.ends_on, "at": m.at(today)} for m in project.milestones
            ],
        }
        for project in projects
    ]
    return {
        "rows": rows,
        "first": min(m.starts_on for m in milestones),
        "last": max(m.ends_on for m in milestones),
        "today": today,
    }


@bp.get("/projects/<int:number>/observations/new")
@guard(Act.PUBLIC_READ, project_place)
def new_observation(place: Place) -> Any:
    """Show the form; it can be filled before signing in."""
    return pages.page(
        "monitoring/observe.html", form=restored(ObservationForm), place=place, **_project(place)
    )


@bp.post("/projects/<int:number>/observations/new")
@guard(Act.OBSERVATION_SUBMIT, project_place)
def submit_observation(place: Place) -> Any:
    """Take an observation in."""
    form = ObservationForm()
    if not form.validate_on_submit():
        return pages.page("monitoring/observe.html", status=422, form=form, place=place, **_project(place))
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    actions.submit_observation(
        actor(), place, text=form.text.data or "", lang=guess_lang(form.text.data or "")
    )
    location = address(place)
    keep_reply(form, location)
    db.session.commit()
    flash(_("Thank you. A moderator reads it within 48 hours, then everybody can."), "ok")
    return pages.see(location)


def _project(place: Place) -> dict[str, Any]:
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    number = (request.view_args or {})["number"]
    for project in queries.follow_up(place.collectivity_id, place.plan_id):
        if project.number == number:
            return {"project": project}
    raise NotFound


@desk.get("/follow-up/<int:milestone_id>")
@guard(Act.PROGRESS_PUBLISH, plan_place)
def report_form(place: Place) -> Any:
    """Show the report form of one milestone, from where it stands."""
    assert place.collectivity_id is not None
    milestone = queries.milestone(place.collectivity_id, _milestone_id())
    return _report_page(place, ProgressForm(data={"status": milestone.status.value} if milestone else None))


@desk.post("/follow-up/<int:milestone_id>")
@guard(Act.PROGRESS_PUBLISH, plan_place)
def publish_report(place: Place) -> Any:
    """Publish a report."""
    form = ProgressForm()
    _offer(form)
    if not form.validate_on_submit():
        return _report_page(place, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    reason = _words(form.delay_ar.data, form.delay_fr.data)
    try:
        actions.publish_progress(
            actor(),
            place,
            _milestone_id(),
            status=MilestoneStatus(form.status.data),
            text=_words(form.text_ar.data, form.text_fr.data) or {},
            delay_reason=reason,
        )
    except actions.DelayReasonMissingError:
        db.session.rollback()
        form.delay_ar.errors = [_("This milestone is past its date: say why, so that residents know.")]
        return _report_page(place, form, 422)
    location = address(place)
    keep_reply(form, location)
    db.session.commit()
    flash(_("The report is public."), "ok")
    return pages.see(location)


def _words(arabic: str | None, french: str | None) -> dict[str, str] | None:
    found = {lang: text for lang, text in (("ar", arabic), ("fr", french)) if text}
    return found or None


def _milestone_id() -> int:
    return int((request.view_args or {})["milestone_id"])


def _offer(form: ProgressForm) -> None:
    form.offer([(status, labels.milestone_status(status)) for status in MilestoneStatus])


def _report_page(place: Place, form: ProgressForm, status: int = 200) -> Any:
    assert place.collectivity_id is not None
    milestone = queries.milestone(place.collectivity_id, _milestone_id())
    if milestone is None or milestone.plan_id != place.plan_id:
        abort(404)
    _offer(form)
    return pages.page(
        "monitoring/report.html",
        status=status,
        form=form,
        milestone=milestone,
        late=casablanca_date(now()) > milestone.ends_on,
        place=place,
    )


@desk.get("/observations/")
@guard(Act.OBSERVATION_DECIDE, plan_place)
def waiting(place: Place) -> Any:
    """List observations that wait for a moderator."""
    assert place.collectivity_id is not None
    return pages.page(
        "monitoring/observations.html",
        rows=queries.observations(place.collectivity_id, "waiting", plan_id=place.plan_id),
        csrf=pages.needs_csrf(),
        place=place,
    )


@desk.post("/observations/<int:observation_id>")
@guard(Act.OBSERVATION_DECIDE, plan_place)
def decide(place: Place) -> Any:
    """Publish or hide one observation."""
    form = DecideForm()
    if not form.validate_on_submit():
        abort(400)
    actions.decide_observation(
        actor(),
        place,
        int((request.view_args or {})["observation_id"]),
        publish=request.form.get("decision") == "publish",
    )
    db.session.commit()
    return pages.see(address(place, "monitoring_desk.waiting"))


__all__ = ["blueprints", "init_app"]
