"""The calendar of a plan for officers, its moves with their checklists, and the public timeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from participate.consultations import actions as consultations
from participate.db import db
from participate.lifecycle import actions, queries, words
from participate.lifecycle.forms import (
    AnnounceForm,
    ConfirmForm,
    ConsultationForm,
    DatesForm,
    ExtendForm,
    NoteForm,
    ReasonForm,
)
from participate.lifecycle.queries import Checklist, ConsultationRow
from participate.plans import queries as plan_queries
from participate.plans.queries import plan_place
from participate.rules import windows
from participate.rules.lifecycle import EXTENSION_HOURS, Facts, MoveName, MoveRefusedError, Need, Stage
from participate.rules.outcomes import (
    Accepts,
    ConsultationKind,
    ConsultationState,
    Eligibility,
    Level,
    ModerationMode,
)
from participate.rules.policy import Act, Actor, Place
from participate.web import errors, i18n, labels, pages
from participate.web.access import actor, allowed, guard, now
from participate.web.forms import Form, first_reply, keep_reply
from participate.web.hooks import hooks

bp = Blueprint("lifecycle", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
desk = Blueprint(
    "lifecycle_desk", __name__, url_prefix="/<lang:lang>/desk/<slug:slug>/plan/<cycle:cycle>/calendar"
)
blueprints = (bp, desk)


def init_app(_app: Any) -> None:
    """Perform due actions before each act, say what refusals mean, and where the calendar lives."""
    hooks.run_due = run_due
    pages.register_homes(
        {
            "plan_calendar": "lifecycle_desk.calendar",
            "plan_timeline": "lifecycle.timeline",
            "plan_transmit": "lifecycle_desk.transmit",
            "plan_adopt": "lifecycle_desk.adopt",
            "plan_return": "lifecycle_desk.return_to_preparation",
        }
    )
    errors.explain(MoveRefusedError, _refused)
    errors.explain(
        actions.NoReasonError,
        lambda _error: errors.Trouble(
            422,
            _("A reason is needed"),
            _("Everybody will ask why: write it in Arabic at least, then send again."),
        ),
    )
    errors.explain(
        actions.AlreadyOpenError,
        lambda _error: errors.Trouble(
            409,
            _("This consultation has moved on"),
            _("Its dates can be changed before it opens; once open, its deadline can only be extended."),
        ),
    )
    errors.explain(
        actions.NotAdoptedError,
        lambda _error: errors.Trouble(
            409,
            _("The council decided otherwise"),
            _(
                "The recorded decision of the council is a different one. Open the calendar to see what can follow it."
            ),
        ),
    )
    errors.explain(
        actions.NoSuchConsultationError,
        lambda _error: errors.Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )


def run_due(collectivity_id: int) -> None:
    """Perform what is due, and keep it whatever becomes of the request."""
    if actions.run_due(collectivity_id, now()):
        db.session.commit()


def _refused(error: MoveRefusedError) -> errors.Trouble:
    """Explain a refused move: every need that is not met, as a sentence."""
    unmet = error.unmet
    said = [words.need(need) for need in unmet.needs]
    if unmet.wrong_stage:
        said.insert(0, errors.refusal_words("during_"))
    if unmet.wrong_consultation:
        said.insert(0, _("The consultation is not at the step that this needs."))
    return errors.Trouble(
        409, _("This step is not possible yet"), _("What is still needed:") + " " + " ".join(said)
    )


def keys(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


@dataclass(frozen=True)
class Key:
    """A row by its key."""

    collectivity_id: int
    id: int


def here(endpoint: str, place: Place, **values: Any) -> str:
    """Return the address of a page about the same plan."""
    return url_for(endpoint, slug=place.slug, cycle=place.cycle, **values)


def _plan_key(place: Place) -> Key:
    return Key(*keys(place))


def _consultation_key(place: Place) -> Key:
    assert place.collectivity_id is not None
    assert place.consultation_id is not None
    return Key(place.collectivity_id, place.consultation_id)


def _page(template: str, place: Place, status: int = 200, **context: Any) -> Response:
    return pages.page(
        template,
        status=status,
        place=place,
        plan=plan_queries.plan_head(*keys(place)),
        labels=labels,
        words=words,
        nav=_nav(place),
        **context,
    )


def _nav(place: Place) -> list[dict[str, Any]]:
    """Return the links of the plan's desk that this reader may follow; the calendar is where we are."""
    calendar_url = here("lifecycle_desk.calendar", place)
    rows = [
        (Act.PLAN_READ_WORKING, _("The projects"), _home("plan_desk", place)),
        (Act.PLAN_READ_WORKING, _("The axes"), _home("plan_axes", place)),
        (Act.PLAN_READ_WORKING, _("Publish a version"), _home("plan_publish", place)),
        (Act.PLAN_READ_WORKING, _("Calendar and steps"), calendar_url),
        (Act.RESPONSE_READ_DRAFT, _("Ideas to assess"), _home("ideas_desk", place)),
        (Act.RESPONSE_READ_DRAFT, _("Answers"), _home("answers_desk", place)),
        (Act.DOSSIER_READ_DRAFT, _("Council"), _home("council_desk", place)),
        (Act.PUBLIC_READ, _("Timeline (public)"), here("lifecycle.timeline", place)),
        (Act.DESK_ENTER, _("The whole desk"), pages.home_of("desk", slug=place.slug)),
    ]
    return [
        {"label": label, "url": url, "current": url == calendar_url}
        for act, label, url in rows
        if url and allowed(act, place)
    ]


def _home(kind: str, place: Place) -> str | None:
    return pages.home_of(kind, slug=place.slug, cycle=place.cycle) if pages.has_home(kind) else None


def _back(place: Place) -> str:
    """Return where a move's page leads back: the calendar, or the council's desk for its secretary."""
    if allowed(Act.PLAN_READ_WORKING, place):
        return here("lifecycle_desk.calendar", place)
    return _home("council_desk", place) or pages.home_of("desk", slug=place.slug)


# --- checklists ----------------------------------------------------------------------------------------


def check_rows(checklist: Checklist, known: Facts, place: Place) -> list[dict[str, Any]]:
    """Return a checklist as the page shows it: sentence, figures, and the way to what is missing."""
    rows: list[dict[str, Any]] = []
    for row in checklist.rows:
        text = words.detail(row.need, known)
        link = None if row.ok else _fix(row.need, place, known)
        detail: Any = text
        if link is not None:
            label, url = link
            detail = Markup("{} <a href='{}'>{}</a>").format(text or "", url, label)
        override = None
        if (
            row.need is Need.NOTICE_GIVEN
            and place.consultation_id is not None
            and known.announced_at is not None
        ):
            override = here("lifecycle_desk.notice", place, consultation_id=place.consultation_id)
        rows.append({"ok": row.ok, "label": words.need(row.need), "detail": detail, "override_url": override})
    return rows


ELSEWHERE: dict[Need, str] = {
    Need.NOTHING_PENDING: "moderation.queue",
    Need.NO_OPEN_APPEAL: "moderation.appeals",
    Need.EVERY_IDEA_HAS_FATE: "responses.ideas",
    Need.EVERY_PROJECT_HAS_RESPONSE: "responses.projects",
    Need.COVERAGE_COMPLETE: "responses.desk",
    Need.QUORUM_REACHED: "council_desk.desk",
    Need.EVERY_PROJECT_DECIDED: "council_desk.desk",
    Need.DELIBERATION_DATED: "council_desk.desk",
    Need.AMENDMENTS_WRITTEN: "council_desk.desk",
    Need.EVALUATION_RECORDED: "evaluation_desk.form",
}
"""The desk page of another room where a need can be met."""


def _fix(need: Need, place: Place, known: Facts) -> tuple[str, str] | None:
    """Return the link to the page where what is missing can be mended."""
    if need is Need.HAS_ARABIC_AXIS:
        return _("Add an axis"), pages.home_of("plan_axes", slug=place.slug, cycle=place.cycle)
    if need in (Need.HAS_PUBLISHED_DRAFT, Need.PROJECTS_COMPLETE):
        if known.incomplete_projects or need is Need.PROJECTS_COMPLETE:
            return _("Complete them, then publish a version"), pages.home_of(
                "plan_desk", slug=place.slug, cycle=place.cycle
            )
        return _("Publish a draft"), pages.home_of("plan_publish", slug=place.slug, cycle=place.cycle)
    if need is Need.REVISED_VERSION_READY:
        return _("Complete the projects"), pages.home_of("plan_desk", slug=place.slug, cycle=place.cycle)
    if need is Need.WINDOW_LONG_ENOUGH and place.consultation_id is not None:
        return _("Change the dates"), here(
            "lifecycle_desk.dates", place, consultation_id=place.consultation_id
        )
    if need in ELSEWHERE:
        return _("Go there"), _address(ELSEWHERE[need], place)
    return None


def _address(endpoint: str, place: Place) -> str:
    values: dict[str, Any] = {"slug": place.slug}
    if current_app.url_map.is_endpoint_expecting(endpoint, "cycle"):
        values["cycle"] = place.cycle
    return url_for(endpoint, **values)


# --- the calendar ------------------------------------------------------------------------------------------

PLAN_MOVES: tuple[tuple[Stage, MoveName, Act, str], ...] = (
    (Stage.SYNTHESIS, MoveName.TRANSMIT, Act.PLAN_TRANSMIT, "lifecycle_desk.transmit"),
    (Stage.COUNCIL, MoveName.ADOPT, Act.PLAN_ADOPT, "lifecycle_desk.adopt"),
    (Stage.COUNCIL, MoveName.RETURN, Act.PLAN_RETURN, "lifecycle_desk.return_to_preparation"),
    (Stage.IMPLEMENTATION, MoveName.START_EVALUATION, Act.EVALUATION_START, "lifecycle_desk.evaluation"),
    (Stage.EVALUATION, MoveName.CLOSE_PLAN, Act.PLAN_CLOSE, "lifecycle_desk.close_plan"),
)
"""Which moves of the whole plan the calendar offers at each stage."""


def consultation_acts(row: ConsultationRow, place: Place) -> list[tuple[str, str]]:
    """Return what can be done with a consultation now: words and address, the main act first."""
    found: list[tuple[Act, str, str]] = []
    if row.state is ConsultationState.PLANNED:
        found = [
            (Act.CONSULTATION_ANNOUNCE, words.move(MoveName.ANNOUNCE), "announce"),
            (Act.CONSULTATION_PLAN, _("Change the dates"), "dates"),
        ]
    if row.state is ConsultationState.ANNOUNCED:
        found = [
            (Act.CONSULTATION_OPEN, words.move(actions.OPENINGS[row.kind]), "open_now"),
            (Act.CONSULTATION_PLAN, _("Change the dates"), "dates"),
        ]
    if row.state is ConsultationState.OPEN:
        found = [
            (Act.CONSULTATION_EXTEND, words.move(MoveName.EXTEND), "extend"),
            (Act.CONSULTATION_CLOSE, words.move(actions.CLOSINGS[row.kind]), "close_now"),
        ]
    return [
        (label, here(f"lifecycle_desk.{endpoint}", place, consultation_id=row.id))
        for act, label, endpoint in found
        if allowed(act, place)
    ]


@desk.get("")
@guard(Act.PLAN_READ_WORKING, plan_place)
def calendar(place: Place) -> Any:
    """Show the consultations of a plan, the moves that come next, and the back-planning."""
    key = _plan_key(place)
    rows = queries.consultations_of(*keys(place))
    announced = queries.session_day(key)
    session = announced or _asked_day()
    moves = [
        {"label": words.move(name), "url": here(endpoint, place)}
        for stage, name, act, endpoint in PLAN_MOVES
        if stage is place.stage and allowed(act, place)
    ]
    return _page(
        "lifecycle/calendar.html",
        place,
        consultations=[(row, consultation_acts(row, place)) for row in rows],
        moves=moves,
        may_plan=allowed(Act.CONSULTATION_PLAN, place),
        may_withdraw=allowed(Act.PLAN_WITHDRAW, place),
        session=session,
        session_announced=announced is not None,
        back_planning=[(back_step(one.step), one.at_latest) for one in windows.back_planning(session)]
        if session
        else [],
        today=windows.casablanca_date(now()),
    )


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("session", ""))
    except ValueError:
        return None


def back_step(step: windows.Step) -> str:
    """Return what must be done by a day counted back from the session."""
    return {
        windows.Step.NOTICE: _("The dates of the review are made public"),
        windows.Step.REVIEW_OPENS: _("The review of the draft opens"),
        windows.Step.REVIEW_CLOSES: _("The review of the draft is closed"),
        windows.Step.RESPONSES_APPROVED: _("Last day to approve the answers"),
        windows.Step.AGENDA_TO_GOVERNOR: _("The agenda of the session goes to the governor"),
        windows.Step.DOSSIER_TO_COUNCILLORS: _("Councillors receive the dossier"),
        windows.Step.SESSION: _("The council's session opens"),
        windows.Step.DECISIONS_PUBLISHED: _("Last day to publish the council's decisions"),
    }[step]


# --- planning a consultation ------------------------------------------------------------------------------


def _offer(form: ConsultationForm) -> ConsultationForm:
    form.kind.choices = [(k.value, labels.consultation_kind(k)) for k in ConsultationKind]
    form.accepts.choices = [(a.value, labels.accepts(a)) for a in Accepts]
    form.moderation.choices = [(m.value, labels.moderation_mode(m)) for m in ModerationMode]
    form.eligibility.choices = [(e.value, labels.eligibility(e)) for e in Eligibility]
    form.min_level.choices = [(level.value, labels.level(level.value)) for level in Level]
    return form


@desk.get("/new")
@guard(Act.CONSULTATION_PLAN, plan_place)
def new(place: Place) -> Any:
    """Show the form of a new consultation, beginning far enough ahead for its notice."""
    kind = ConsultationKind.CALL_FOR_IDEAS
    taken = {
        row.kind
        for row in queries.consultations_of(*keys(place))
        if row.state is not ConsultationState.ARCHIVED
    }
    if kind in taken:
        kind = ConsultationKind.DRAFT_REVIEW
    first = windows.casablanca_date(now()) + timedelta(days=windows.MIN_NOTICE_DAYS + 1)
    length = (
        windows.MIN_WINDOW_DAYS
        if kind is ConsultationKind.CALL_FOR_IDEAS
        else windows.RECOMMENDED_WINDOW_DAYS
    )
    form = ConsultationForm(
        data={
            "kind": kind.value,
            "first_day": first,
            "last_day": first + timedelta(days=length - 1),
            "moderation": ModerationMode.PRE_FIRST_THREE.value,
            "eligibility": Eligibility.DECLARES.value,
            "min_level": 1,
            "priorities_max": 3,
        }
    )
    return _page("lifecycle/consultation.html", place, form=_offer(form))


@desk.post("/new")
@guard(Act.CONSULTATION_PLAN, plan_place)
def plan_consultation(place: Place) -> Any:
    """Plan a consultation; it stays private until it is announced."""
    form = _offer(ConsultationForm())
    if not form.validate_on_submit():
        return _page("lifecycle/consultation.html", place, 422, form=form)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    window = _window(form)
    row = consultations.plan_consultation(
        actor(),
        *keys(place),
        ConsultationKind(form.kind.data),
        {lang: text for lang, text in (("ar", form.title_ar.data), ("fr", form.title_fr.data)) if text},
        window.opens_at,
        window.closes_at,
        # Nothing ticked: what this kind of consultation usually takes.
        accepts=[Accepts(value) for value in form.accepts.data] if form.accepts.data else None,
        moderation=ModerationMode(form.moderation.data),
        eligibility=Eligibility(form.eligibility.data),
        min_level=int(form.min_level.data),
        priorities_max=int(form.priorities_max.data or 0),
    )
    location = here("lifecycle_desk.announce", place, consultation_id=row.id)
    keep_reply(form, location)
    db.session.commit()
    flash(_("Planned. Nobody sees it before you make the dates public."), "ok")
    return pages.see(location)


def _window(form: DatesForm) -> windows.Window:
    first, last = form.first_day.data, form.last_day.data
    assert first is not None
    assert last is not None
    return windows.window_of_days(first, last)


def _row(place: Place) -> ConsultationRow:
    for row in queries.consultations_of(*keys(place)):
        if row.id == place.consultation_id:
            return row
    raise NotFound


@desk.get("/<int(max=9223372036854775807):consultation_id>/dates")
@guard(Act.CONSULTATION_PLAN, queries.consultation_place)
def dates(place: Place) -> Any:
    """Show the dates of a consultation that has not opened."""
    row = _row(place)
    form = DatesForm(data={"first_day": windows.casablanca_date(row.opens_at), "last_day": row.last_day})
    return _page("lifecycle/dates.html", place, form=form, row=row)


@desk.post("/<int(max=9223372036854775807):consultation_id>/dates")
@guard(Act.CONSULTATION_PLAN, queries.consultation_place)
def reschedule(place: Place) -> Any:
    """Give a consultation new dates; it must be announced again."""
    form = DatesForm()
    if not form.validate_on_submit():
        return _page("lifecycle/dates.html", place, 422, form=form, row=_row(place))
    window = _window(form)
    actions.reschedule(actor(), _consultation_key(place), window.opens_at, window.closes_at)
    db.session.commit()
    flash(_("New dates. Make them public again so that the notice counts."), "ok")
    return pages.see(here("lifecycle_desk.announce", place, consultation_id=place.consultation_id))


# --- moves of a consultation --------------------------------------------------------------------------------


def _known(place: Place) -> Facts:
    consultation = _consultation_key(place) if place.consultation_id is not None else None
    return queries.facts(_plan_key(place), consultation, now=now())


@dataclass(frozen=True)
class MovePage:
    """What a page says that asks before a move: a lead, the words of its button, whether it is grave."""

    move: MoveName
    lead: str
    button: str
    danger: bool = False


def _move_page(
    place: Place, said: MovePage, form: Form, *, known: Facts | None = None, status: int = 200, **context: Any
) -> Response:
    """Show a move with its checklist; the button is there when every need is met."""
    known = known or _known(place)
    checklist = queries.checklist(said.move, known)
    return _page(
        "lifecycle/move.html",
        place,
        status,
        said=said,
        title=words.move(said.move),
        form=form,
        checklist=checklist,
        rows=check_rows(checklist, known, place),
        warnings=[words.warning(one) for one in checklist.warnings],
        row=_row(place) if place.consultation_id is not None else None,
        back_url=_back(place),
        **context,
    )


def _perform(
    place: Place,
    said: MovePage,
    form: Form,
    act: Callable[[Actor], Any],
    done: str,
    to: str | None = None,
    assume: Callable[[Facts], Facts] = lambda known: known,
    once_filled: Callable[[Facts], Facts] | None = None,
) -> Any:
    """Perform a move: once, or say with its checklist what stands in the way.

    `assume` reads the form into the facts; `once_filled` is how they will be when the form is filled as it
    should be, so that a form with a mistake stays on the page with what was typed.
    """
    if not form.validate_on_submit():
        return _move_page(place, said, form, known=(once_filled or assume)(_known(place)), status=422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        act(actor())
    except MoveRefusedError:
        db.session.rollback()
        return _move_page(place, said, form, known=assume(_known(place)), status=409)
    location = to or here("lifecycle_desk.calendar", place)
    keep_reply(form, location)
    db.session.commit()
    flash(done, "ok")
    return pages.see(location)


def _announce_page() -> MovePage:
    return MovePage(
        MoveName.ANNOUNCE,
        _(
            "From this moment everybody sees the dates, and the notice counts. Two weeks are the rule before an opening."
        ),
        _("Make the dates public"),
    )


@desk.get("/<int(max=9223372036854775807):consultation_id>/announce")
@guard(Act.CONSULTATION_ANNOUNCE, queries.consultation_place)
def announce(place: Place) -> Any:
    """Ask before making the dates public; a short notice asks for its reason."""
    return _move_page(place, _announce_page(), AnnounceForm(), short_notice=_short_notice(place))


def _short_notice(place: Place) -> int | None:
    """Return the days of notice if announced now and fewer than the rule, else None."""
    given = windows.notice_days(now(), _row(place).opens_at)
    return max(given, 0) if given < windows.MIN_NOTICE_DAYS else None


@desk.post("/<int(max=9223372036854775807):consultation_id>/announce")
@guard(Act.CONSULTATION_ANNOUNCE, queries.consultation_place)
def announce_now(place: Place) -> Any:
    """Make the dates public."""
    form = AnnounceForm(needs_reason=_short_notice(place) is not None)
    return _perform(
        place,
        _announce_page(),
        form,
        lambda who: actions.announce(who, _consultation_key(place), form.reason()),
        _("The dates are public."),
    )


@desk.get("/<int(max=9223372036854775807):consultation_id>/notice")
@guard(Act.CONSULTATION_ANNOUNCE, queries.consultation_place)
def notice(place: Place) -> Any:
    """Ask for the public reason of a short notice."""
    return _page("lifecycle/notice.html", place, form=ReasonForm(), row=_row(place))


@desk.post("/<int(max=9223372036854775807):consultation_id>/notice")
@guard(Act.CONSULTATION_ANNOUNCE, queries.consultation_place)
def override_notice(place: Place) -> Any:
    """Accept a short notice with its public reason."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page("lifecycle/notice.html", place, 422, form=form, row=_row(place))
    actions.override_notice(actor(), _consultation_key(place), form.reason())
    db.session.commit()
    flash(_("The reason is public, beside the dates."), "ok")
    return pages.see(here("lifecycle_desk.open_now", place, consultation_id=place.consultation_id))


def _open_page(place: Place) -> MovePage:
    return MovePage(
        actions.OPENINGS[_row(place).kind],
        _(
            "It opens by itself at midnight of its first day when everything below is ready. If something was missing then, open it here once it is mended."
        ),
        _("Open it now"),
    )


@desk.get("/<int(max=9223372036854775807):consultation_id>/open")
@guard(Act.CONSULTATION_OPEN, queries.consultation_place)
def open_now(place: Place) -> Any:
    """Show what the opening needs."""
    return _move_page(place, _open_page(place), ConfirmForm())


@desk.post("/<int(max=9223372036854775807):consultation_id>/open")
@guard(Act.CONSULTATION_OPEN, queries.consultation_place)
def open_consultation(place: Place) -> Any:
    """Open a consultation."""
    return _perform(
        place,
        _open_page(place),
        ConfirmForm(),
        lambda who: actions.open_(who, _consultation_key(place)),
        _("It is open: everybody can take part."),
    )


def _extend_page() -> MovePage:
    return MovePage(
        MoveName.EXTEND,
        _(
            "A deadline can move later until %(hours)s hours before the end, never earlier. The reason is public.",
            hours=EXTENSION_HOURS,
        ),
        _("Extend the deadline"),
    )


def _assume_extension(form: ExtendForm) -> Callable[[Facts], Facts]:
    def assume(known: Facts) -> Facts:
        day = form.last_day.data
        new_end = windows.casablanca_midnight(day + timedelta(days=1)) if day else None
        return replace(known, new_closes_at=new_end, public_reason=bool(form.reason_ar.data))

    return assume


def _can_extend(known: Facts) -> Facts:
    """Show the checklist as if the form were filled: only the 48 hours can stand in the way."""
    assert known.closes_at is not None
    return replace(known, new_closes_at=known.closes_at + timedelta(days=1), public_reason=True)


@desk.get("/<int(max=9223372036854775807):consultation_id>/extend")
@guard(Act.CONSULTATION_EXTEND, queries.consultation_place)
def extend(place: Place) -> Any:
    """Ask for the new last day and its reason."""
    form = ExtendForm(data={"last_day": _row(place).last_day + timedelta(days=7)})
    return _move_page(place, _extend_page(), form, known=_can_extend(_known(place)))


@desk.post("/<int(max=9223372036854775807):consultation_id>/extend")
@guard(Act.CONSULTATION_EXTEND, queries.consultation_place)
def extend_now(place: Place) -> Any:
    """Move the deadline later."""
    form = ExtendForm(after=_row(place).last_day)

    def act(who: Actor) -> None:
        day = form.last_day.data
        assert day is not None
        new_end = windows.casablanca_midnight(day + timedelta(days=1))
        actions.extend(who, _consultation_key(place), new_end, form.reason())

    return _perform(
        place,
        _extend_page(),
        form,
        act,
        _("The new deadline is public, with its reason."),
        assume=_assume_extension(form),
        once_filled=_can_extend,
    )


def _close_page(place: Place) -> MovePage:
    return MovePage(
        actions.CLOSINGS[_row(place).kind],
        _(
            "It closes by itself at the end of its last day. After that nothing is accepted, and the tally is hashed in the journal."
        ),
        _("Close it now"),
    )


@desk.get("/<int(max=9223372036854775807):consultation_id>/close")
@guard(Act.CONSULTATION_CLOSE, queries.consultation_place)
def close_now(place: Place) -> Any:
    """Show what the closing needs."""
    return _move_page(place, _close_page(place), ConfirmForm())


@desk.post("/<int(max=9223372036854775807):consultation_id>/close")
@guard(Act.CONSULTATION_CLOSE, queries.consultation_place)
def close_consultation(place: Place) -> Any:
    """Close a consultation whose end has come."""
    return _perform(
        place,
        _close_page(place),
        ConfirmForm(),
        lambda who: actions.close(who, _consultation_key(place)),
        _("It is closed."),
    )


# --- moves of the plan ----------------------------------------------------------------------------------------


def _transmit_page() -> MovePage:
    return MovePage(
        MoveName.TRANSMIT,
        _(
            "At once and for everybody: all answers are published, the revised version is published, and the summary is sealed for the council."
        ),
        _("Send the plan to the council"),
    )


@desk.get("/transmit")
@guard(Act.PLAN_TRANSMIT, plan_place)
def transmit(place: Place) -> Any:
    """Show what sending the plan to the council needs."""
    return _move_page(place, _transmit_page(), NoteForm())


@desk.post("/transmit")
@guard(Act.PLAN_TRANSMIT, plan_place)
def transmit_now(place: Place) -> Any:
    """Send the plan to the council."""
    form = NoteForm()
    return _perform(
        place,
        _transmit_page(),
        form,
        lambda who: actions.transmit(who, _plan_key(place), form.reason()),
        _("The plan is before the council. Everybody can read the answers and the sealed dossier."),
    )


def _adopt_page() -> MovePage:
    return MovePage(
        MoveName.ADOPT,
        _(
            "Publishes the adopted version: the projects the council adopted, with their amendments. Their milestones are followed from now on."
        ),
        _("Publish the adopted plan"),
    )


@desk.get("/adopt")
@guard(Act.PLAN_ADOPT, plan_place)
def adopt(place: Place) -> Any:
    """Show what following the council's adoption needs."""
    return _move_page(place, _adopt_page(), NoteForm())


@desk.post("/adopt")
@guard(Act.PLAN_ADOPT, plan_place)
def adopt_now(place: Place) -> Any:
    """Follow the council's adoption."""
    form = NoteForm()
    return _perform(
        place,
        _adopt_page(),
        form,
        lambda who: actions.adopt(who, _plan_key(place), form.reason()),
        _("The adopted plan is public."),
        to=pages.home_of("plan_changes", slug=place.slug, cycle=place.cycle),
    )


def _return_page() -> MovePage:
    return MovePage(
        MoveName.RETURN,
        _(
            "The council asked for another plan. Its consultations are archived and stay public; a new draft and a new review follow."
        ),
        _("Take the plan back into preparation"),
        danger=True,
    )


@desk.get("/return")
@guard(Act.PLAN_RETURN, plan_place)
def return_to_preparation(place: Place) -> Any:
    """Show what following the council's return needs."""
    return _move_page(place, _return_page(), ConfirmForm())


@desk.post("/return")
@guard(Act.PLAN_RETURN, plan_place)
def return_now(place: Place) -> Any:
    """Follow the council's decision to return the plan."""
    return _perform(
        place,
        _return_page(),
        ConfirmForm(),
        lambda who: actions.return_(who, _plan_key(place)),
        _("The plan is in preparation again."),
        to=here("lifecycle.timeline", place),
    )


def _evaluation_page() -> MovePage:
    return MovePage(
        MoveName.START_EVALUATION,
        _("The plan has ended: the commune and civil society look back at it together."),
        _("Begin the evaluation"),
    )


@desk.get("/evaluation")
@guard(Act.EVALUATION_START, plan_place)
def evaluation(place: Place) -> Any:
    """Show what the evaluation needs to begin."""
    return _move_page(place, _evaluation_page(), ConfirmForm())


@desk.post("/evaluation")
@guard(Act.EVALUATION_START, plan_place)
def start_evaluation(place: Place) -> Any:
    """Begin the evaluation."""
    return _perform(
        place,
        _evaluation_page(),
        ConfirmForm(),
        lambda who: actions.start_evaluation(who, _plan_key(place)),
        _("The evaluation has begun."),
    )


def _close_plan_page() -> MovePage:
    return MovePage(
        MoveName.CLOSE_PLAN,
        _("Everything stays public and nothing more is added. The next plan can begin."),
        _("Close the plan"),
    )


@desk.get("/close")
@guard(Act.PLAN_CLOSE, plan_place)
def close_plan(place: Place) -> Any:
    """Show what closing the plan needs."""
    return _move_page(place, _close_plan_page(), ConfirmForm())


@desk.post("/close")
@guard(Act.PLAN_CLOSE, plan_place)
def close_plan_now(place: Place) -> Any:
    """Close the plan."""
    return _perform(
        place,
        _close_plan_page(),
        ConfirmForm(),
        lambda who: actions.close_plan(who, _plan_key(place)),
        _("The plan is closed."),
    )


def _withdraw_page() -> MovePage:
    return MovePage(
        MoveName.WITHDRAW,
        _(
            "The plan stops here. Open consultations close at once; everything that was published stays public, with your reason. This cannot be undone."
        ),
        _("Withdraw the plan"),
        danger=True,
    )


def _with_reason(known: Facts) -> Facts:
    return replace(known, public_reason=True)


@desk.get("/withdraw")
@guard(Act.PLAN_WITHDRAW, plan_place)
def withdraw(place: Place) -> Any:
    """Ask for the reason, and whether one is sure."""
    return _move_page(place, _withdraw_page(), ReasonForm(), known=_with_reason(_known(place)))


@desk.post("/withdraw")
@guard(Act.PLAN_WITHDRAW, plan_place)
def withdraw_now(place: Place) -> Any:
    """Withdraw the plan."""
    form = ReasonForm()
    return _perform(
        place,
        _withdraw_page(),
        form,
        lambda who: actions.withdraw(who, _plan_key(place), form.reason()),
        _("The plan is withdrawn."),
        to=here("lifecycle.timeline", place),
        assume=_with_reason,
    )


# --- public --------------------------------------------------------------------------------------------------


@bp.get("/timeline/")
@guard(Act.PUBLIC_READ, plan_place)
def timeline(place: Place) -> Any:
    """Show the dated life of a plan: what was done, what is to come."""
    found = queries.timeline(_plan_key(place), now())
    today = windows.casablanca_date(now())
    return pages.page(
        "lifecycle/timeline.html",
        place=place,
        plan=plan_queries.plan_head(*keys(place)),
        labels=labels,
        events=[_line(event, today, place) for event in found],
    )


def _line(event: queries.TimelineEvent, today: date, place: Place) -> dict[str, Any]:
    state = "done" if event.done else "now" if event.day == today else "todo"
    url = None
    if event.event is queries.Event.VERSION:
        url = pages.home_of("plan_version", slug=place.slug, cycle=place.cycle, number=event.version)
    text = i18n.plain(event.note) if event.note else None
    if event.planned:
        text = _("Counted back from the session, as the law's delays ask.")
    return {"date": event.day, "title": words.event(event), "text": text, "state": state, "url": url}


__all__ = ["blueprints", "init_app"]
