"""Pages of meetings: what is planned, who came and what was noted; and the desk where it is recorded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from icalendar import Calendar, Event

from participate.db import db
from participate.meetings import actions, queries
from participate.meetings.forms import MeetingForm, filled, part_name
from participate.meetings.queries import MeetingView
from participate.plans.queries import collectivity_place
from participate.rules.outcomes import MeetingAudience
from participate.rules.policy import Act, Place
from participate.web import errors, labels, pages
from participate.web.access import actor, allowed, guard, now
from participate.web.errors import Trouble
from participate.web.forms import first_reply, keep_reply
from participate.web.i18n import clock_time, plain, said

bp = Blueprint("meetings", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)

PUBLIC = "/<slug:slug>/meetings"
DESK = "/desk/<slug:slug>/meetings"
SAME_DAY = 9
"""Meetings of one day that get an address of their own."""


def _id(place: Place) -> int:
    """Return the collectivity of a place that has one."""
    assert place.collectivity_id is not None
    return place.collectivity_id


def _url(name: str, place: Place, **values: Any) -> str:
    return url_for(f"meetings.{name}", slug=place.slug, **values)


def _one(place: Place) -> MeetingView:
    return queries.meeting(_id(place), place.ids["meeting"])


def _hours(one: Any) -> str:
    """Return from when until when, in Casablanca."""
    return f"{clock_time(one.starts_at)} – {clock_time(one.ends_at)}"


# --- for everybody -------------------------------------------------------------------------------------


@bp.get(f"{PUBLIC}/")
@guard(Act.PUBLIC_READ, collectivity_place)
def index(place: Place) -> Response:
    """List the meetings: those to come, the next first, then those held."""
    rows = queries.meetings(_id(place))
    at = now()
    return pages.page(
        "meetings/index.html",
        coming=[_card(one, place, ics=True) for one in reversed(rows) if one.ends_at > at],
        held=[_card(one, place) for one in rows if one.ends_at <= at],
        desk_url=_url("desk", place) if allowed(Act.MEETING_EDIT, place) else None,
    )


def _card(one: queries.MeetingRow, place: Place, *, ics: bool = False) -> dict[str, Any]:
    """Shape a meeting for `ui.meeting_card`."""
    notes = [
        ngettext("%(num)d person came", "%(num)d people came", one.people) if one.people else "",
        _("with minutes") if one.has_minutes else "",
    ]
    return {
        "title": said(one.title),
        "at": one.starts_at,
        "place": said(one.venue),
        "url": _url("one", place, meeting=one.slug),
        "note": " · ".join(part for part in notes if part) or None,
        "ics": _url("event", place, meeting=one.slug) if ics else None,
    }


@bp.get(f"{PUBLIC}/<slug:meeting>")
@guard(Act.PUBLIC_READ, queries.meeting_place)
def one(place: Place) -> Response:
    """Show one meeting: agenda, groups, who came, what was noted, minutes."""
    view = _one(place)
    return pages.page(
        "meetings/one.html",
        meeting=view,
        title=said(view.title),
        hours=_hours(view),
        held=view.ends_at <= now(),
        slots=[
            {
                "hours": _hours(slot),
                "parallel": slot.parallel,
                "lines": [{"title": said(line.title), "group": line.group} for line in slot.lines],
            }
            for slot in view.slots
        ],
        groups=[
            {
                "number": group.number,
                "title": said(group.title),
                "projects": [_project(link, view, place) for link in group.projects],
                "notes": [_note(note, view, place) for note in group.notes],
            }
            for group in view.groups
        ],
        notes=[_note(note, view, place) for note in view.notes_of_all],
        attendance=_attendance(view),
        people=view.people,
        minutes=said(view.minutes) if view.minutes else None,
        ics_url=_url("event", place, meeting=view.slug),
        edit_url=_url("edit", place, meeting=view.slug) if allowed(Act.MEETING_EDIT, place) else None,
        plan_url=pages.home_of("plan", slug=place.slug, cycle=view.cycle)
        if view.cycle and pages.has_home("plan")
        else None,
        crumbs=[
            {"label": _("Meetings"), "url": _url("index", place)},
            {"label": said(view.title), "url": None},
        ],
    )


def _project(link: queries.ProjectLink, view: MeetingView, place: Place) -> dict[str, Any]:
    return {
        "number": link.number,
        "title": said(link.title) if link.title else None,
        "url": pages.home_of("project", slug=place.slug, cycle=view.cycle, number=link.number)
        if link.public and pages.has_home("project")
        else None,
    }


def _note(note: queries.NoteView, view: MeetingView, place: Place) -> dict[str, Any]:
    return {
        "text": note.text,
        "lang": note.lang,
        "project": _project(note.project, view, place) if note.project else None,
    }


def _attendance(view: MeetingView) -> dict[str, Any] | None:
    """Return the table of who came, with its totals; None when nobody was counted."""
    if not view.attendance:
        return None
    rows = [
        [labels.meeting_audience(one.audience), one.women, one.men, one.not_stated, one.total]
        for one in view.attendance
    ]
    total = [_("total"), *(sum(row[column] for row in rows) for column in range(1, 5))]  # type: ignore[misc]
    head = [_("Who came"), _("women"), _("men"), _("not stated"), _("total")]
    return {"head": head, "rows": [*rows, total] if len(rows) > 1 else rows}


@bp.get(f"{PUBLIC}/<slug:meeting>/event.ics")
@guard(Act.PUBLIC_READ, queries.meeting_place)
def event(place: Place) -> Response:
    """Give the meeting as an event for a calendar (RFC 5545)."""
    view = _one(place)
    calendar = Calendar()
    calendar.add("prodid", "-//Participate//meetings//")
    calendar.add("version", "2.0")
    entry = Event()
    entry.add("uid", f"meeting-{view.id}@{request.host.partition(':')[0]}")
    entry.add("dtstamp", now())
    entry.add("dtstart", view.starts_at)
    entry.add("dtend", view.ends_at)
    entry.add("summary", plain(view.title))
    entry.add("location", plain(view.venue))
    entry.add("url", url_for("meetings.one", slug=place.slug, meeting=view.slug, _external=True))
    calendar.add_component(entry)
    response = Response(calendar.to_ical(), mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{view.slug}.ics"'
    return response


# --- the desk ----------------------------------------------------------------------------------------------


@bp.get(f"{DESK}/")
@guard(Act.MEETING_EDIT, collectivity_place)
def desk(place: Place) -> Response:
    """List the meetings for those who record them."""
    at = now()
    return pages.page(
        "meetings/desk.html",
        rows=[
            {
                "title": said(row.title),
                "at": row.starts_at,
                "url": _url("edit", place, meeting=row.slug),
                "public_url": _url("one", place, meeting=row.slug),
                "people": row.people,
                "minutes": row.has_minutes,
                "held": row.ends_at <= at,
            }
            for row in queries.meetings(_id(place))
        ],
        new_url=_url("new", place),
        nav=_nav(place, "desk"),
    )


def _nav(place: Place, current: str) -> list[dict[str, Any]]:
    rows = [
        ("desk", _("Meetings"), _url("desk", place)),
        ("new", _("Record a meeting"), _url("new", place)),
        ("index", _("What people see"), _url("index", place)),
    ]
    if pages.has_home("desk"):
        rows.append(("whole", _("The whole desk"), pages.home_of("desk", slug=place.slug)))
    return [{"label": label, "url": url, "current": key == current} for key, label, url in rows]


@bp.get(f"{DESK}/new")
@guard(Act.MEETING_EDIT, collectivity_place)
def new(place: Place) -> Response:
    """Show the form of a new meeting."""
    plans = queries.plans_of(_id(place))
    form = MeetingForm(formdata=None, data={"plan": str(plans[0].id) if plans else ""})
    form.offer(plans)
    return _form_page(place, form)


def _form_page(
    place: Place, form: MeetingForm, view: MeetingView | None = None, status: int = 200
) -> Response:
    return pages.page(
        "meetings/form.html",
        status=status,
        form=form,
        view=view,
        to_mend=list(form.to_mend()),
        audiences=[labels.meeting_audience(one) for one in MeetingAudience],
        part_name=part_name,
        back_url=_url("desk", place),
        public_url=_url("one", place, meeting=view.slug) if view else None,
        remove_url=_url("ask_remove", place, meeting=view.slug) if view else None,
        nav=_nav(place, "edit" if view else "new"),
    )


@bp.post(f"{DESK}/new")
@guard(Act.MEETING_EDIT, collectivity_place)
def create(place: Place) -> Response:
    """Record a new meeting."""
    return _save(place, None)


@bp.get(f"{DESK}/<slug:meeting>/edit")
@guard(Act.MEETING_EDIT, queries.meeting_place)
def edit(place: Place) -> Response:
    """Show the form of a meeting with all its parts."""
    view = _one(place)
    form = MeetingForm(formdata=None, data=filled(view))
    form.offer(queries.plans_of(_id(place)))
    return _form_page(place, form, view)


@bp.post(f"{DESK}/<slug:meeting>/edit")
@guard(Act.MEETING_EDIT, queries.meeting_place)
def save(place: Place) -> Response:
    """Record a meeting again, with what changed."""
    return _save(place, _one(place))


def _save(place: Place, view: MeetingView | None) -> Response:
    form = MeetingForm()
    more = request.form.get("more", "")
    form.offer(queries.plans_of(_id(place)), blank=False)
    valid = not more and form.validate_on_submit()
    if not valid:
        form.offer(queries.plans_of(_id(place)), more=more)
        return _form_page(place, form, view, 200 if more else 422)
    if reply := first_reply(form):
        return pages.see(reply.location)
    try:
        row = _recorded(place, form, view)
    except actions.NoSuchProjectError as error:
        db.session.rollback()
        form.offer(queries.plans_of(_id(place)))
        _blame_project(form, int(error.args[0]))
        return _form_page(place, form, view, 422)
    location = _url("one", place, meeting=row.slug)
    keep_reply(form, location)
    db.session.commit()
    flash(_("The meeting is recorded; everybody can read it."), "ok")
    return pages.see(location)


def _recorded(place: Place, form: MeetingForm, view: MeetingView | None) -> Any:
    starts_at, ends_at = form.moments
    said_of_it: dict[str, Any] = {
        "title": form.title_words,
        "venue": form.venue_words,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "minutes": form.minutes_words,
        "agenda": form.agenda_rows(),
        "groups": form.group_rows(),
        "attendance": form.counts(),
        "inputs": form.note_rows(),
    }
    if view is not None:
        return actions.record_meeting(
            actor(),
            _id(place),
            form.plan_id,
            slug=view.slug,
            row_version=form.row_version.data,
            **said_of_it,
        )
    # The address of a meeting is its day; a second one of the same day gets a number.
    day = f"meeting-{form.day.data}"
    for slug in (day, *(f"{day}-{number}" for number in range(2, SAME_DAY + 1))):
        try:
            return actions.record_meeting(
                actor(), _id(place), form.plan_id, slug=slug, new=True, **said_of_it
            )
        except actions.MeetingExistsError:
            continue
    raise actions.MeetingExistsError(day)


def _blame_project(form: MeetingForm, number: int) -> None:
    words = _("The plan has no project %(number)s.", number=number)
    for row in form.groups:
        if str(number) in (row.form.projects.data or "").replace("،", ",").replace(" ", ",").split(","):
            row.form.projects.errors = [words]
            return
    for note in form.notes:
        if note.form.project.data == number:
            note.form.project.errors = [words]


@bp.get(f"{DESK}/<slug:meeting>/remove")
@guard(Act.MEETING_EDIT, queries.meeting_place)
def ask_remove(place: Place) -> Response:
    """Ask before a meeting is removed."""
    view = _one(place)
    return pages.page(
        "meetings/remove.html",
        title=said(view.title),
        at=view.starts_at,
        action=_url("remove", place, meeting=view.slug),
        back_url=_url("edit", place, meeting=view.slug),
        csrf=pages.needs_csrf(),
        nav=_nav(place, "edit"),
    )


@bp.post(f"{DESK}/<slug:meeting>/remove")
@guard(Act.MEETING_EDIT, queries.meeting_place)
def remove(place: Place) -> Response:
    """Remove a meeting recorded by mistake."""
    actions.remove_meeting(actor(), _id(place), place.ids["meeting"])
    db.session.commit()
    flash(_("The meeting was removed."), "ok")
    return pages.see(_url("desk", place))


# --- wiring --------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:  # noqa: ARG001
    """Say where meetings live and what our refusals mean."""
    pages.register_homes({"meeting": "meetings.one", "meetings": "meetings.index"})
    errors.explain(
        actions.MeetingExistsError,
        lambda _error: Trouble(
            409,
            _("Too many meetings on one day"),
            _("Change one of those already recorded for this day."),
        ),
    )
    errors.explain(
        actions.NoSuchMeetingError,
        lambda _error: Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )


__all__ = ["blueprints", "init_app"]
