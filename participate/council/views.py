"""The council's page for everybody, and the secretary's desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from participate.council import actions, queries
from participate.council.forms import (
    DeliberationForm,
    SessionForm,
    SittingForm,
    amended,
    amendment_form,
    for_projects,
)
from participate.db import Words, db
from participate.plans.forms import MILESTONES_MAX, ProjectBase, data_of, rows_sent
from participate.plans.queries import WorkingProject, plan_head, plan_place
from participate.plans.views import field_words, section_titles
from participate.rules import council as law
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ProjectDecision
from participate.rules.policy import Act, Place
from participate.rules.windows import CASABLANCA, back_planning, casablanca_date
from participate.web import errors, i18n, labels, pages
from participate.web.access import actor, allowed, guard, now
from participate.web.forms import Form, first_reply, keep_reply

bp = Blueprint("council", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
desk = Blueprint(
    "council_desk", __name__, url_prefix="/<lang:lang>/desk/<slug:slug>/plan/<cycle:cycle>/council"
)
blueprints = (bp, desk)


def init_app(_app: Any) -> None:
    """Say where the council lives, and what refusals that no form shows mean."""
    pages.register_homes({"council": "council.show", "council_desk": "council_desk.desk"})
    errors.explain(
        actions.AlreadyFollowedError,
        lambda _error: errors.Trouble(
            409,
            _("This decision is final"),
            _("The plan has already followed it. A new decision needs a new sitting."),
        ),
    )
    errors.explain(
        actions.NoSuchSessionError,
        lambda _error: errors.Trouble(
            409,
            _("This session has changed"),
            _("Go back to the council's desk to see where it stands."),
        ),
    )
    errors.explain(
        actions.UnknownProjectError,
        lambda _error: errors.Trouble(
            409,
            _("The list of projects has changed"),
            _("Go back to the council's desk and open the form again."),
        ),
    )


def keys(place: Place) -> tuple[int, int]:
    """Return the collectivity and the plan of a place that has both."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    return place.collectivity_id, place.plan_id


def here(endpoint: str, place: Place, **values: Any) -> str:
    """Return the address of a page about the same plan."""
    return url_for(endpoint, slug=place.slug, cycle=place.cycle, **values)


def call_words(call: law.Call) -> str:
    """Return the words for a convocation."""
    return {
        law.Call.FIRST: _("first convocation"),
        law.Call.SECOND: _("second convocation"),
        law.Call.THIRD: _("third convocation"),
    }[call]


def kind_words(kind: str) -> str:
    """Return the words for a kind of session."""
    return _("ordinary session") if kind == law.SessionKind.ORDINARY else _("extraordinary session")


def _decision_of(
    session: queries.SessionView | None, decision: queries.DecisionView | None
) -> queries.DecisionView | None:
    """Return the decision if it was taken in this session: an earlier round has its own."""
    if session is None or decision is None:
        return None
    return decision if any(one.id == decision.sitting_id for one in session.sittings) else None


# --- for everybody -------------------------------------------------------------------------------------


@bp.get("/council/")
@guard(Act.PUBLIC_READ, plan_place)
def show(place: Place) -> Any:
    """Show what the council decides and when; afterwards each decision beside what people said."""
    session = queries.session_of(*keys(place))
    decision = _decision_of(session, queries.votes_of(*keys(place)))
    # A decision is public once the plan has followed it: until then the secretary may correct it.
    public = decision if decision is not None and decision.performed else None
    today = casablanca_date(now())
    return pages.page(
        "council/show.html",
        place=place,
        session=session,
        decision=public,
        rows=_rows(place, public),
        before=session is None or session.opens_on > today,
        calendar=_calendar(session) if session and public is None else [],
        today=today,
        summary=_summary(public, session),
        labels=labels,
        words={"call": call_words, "kind": kind_words},
        may_record=allowed(Act.SESSION_RECORD, place),
        results=pages.home_of("results", slug=place.slug, cycle=place.cycle),
    )


def _rows(place: Place, decision: queries.DecisionView | None) -> list[dict[str, Any]]:
    """Return each project with what people said of it and, once decided, how the council voted."""
    votes = {vote.project_id: vote for vote in decision.votes} if decision else {}
    said = queries.positions_of(*keys(place))
    rewritten = queries.amendments_shown(*keys(place)) if decision else {}
    found = []
    for one in queries.before_the_council(*keys(place)):
        vote = votes.get(one.project_id)
        reading = said.get(one.number)
        found.append(
            {
                "number": one.number,
                "title": one.title,
                "budget": one.budget_mad,
                "url": pages.home_of(
                    "project_results", slug=place.slug, cycle=place.cycle, number=one.number
                ),
                "vote": vote,
                "changed": [field_words(one) for one in rewritten.get(one.number, ())]
                if vote and vote.decision is ProjectDecision.ADOPTED_AMENDED
                else [],
                "tally": reading.tally if reading else None,
                "against": queries.against_the_voices(vote.decision, reading.tally if reading else None)
                if vote
                else None,
            }
        )
    return found


def _calendar(session: queries.SessionView) -> list[dict[str, Any]]:
    """Return the days around a session to come, counted back from it."""
    words = {
        "agenda_to_governor": _("The agenda of the session goes to the governor"),
        "dossier_to_councillors": _("Councillors receive the dossier"),
        "session": _("The council's session opens"),
        "decisions_published": _("Last day to publish the council's decisions"),
    }
    today = casablanca_date(now())
    return [
        {
            "date": one.at_latest,
            "title": words[one.step.value],
            "state": "done" if one.at_latest < today else "now" if one.at_latest == today else "todo",
        }
        for one in back_planning(session.opens_on)
        if one.step.value in words
    ]


def _summary(decision: queries.DecisionView | None, session: queries.SessionView | None) -> str | None:
    """Return the decision in plain sentences, with its numbers."""
    if decision is None or session is None:
        return None
    sitting = next(one for one in session.sittings if one.id == decision.sitting_id)
    came = ngettext(
        "On %(day)s %(num)d of %(in_office)s members in office was present.",
        "On %(day)s %(num)d of %(in_office)s members in office were present.",
        sitting.present,
        day=i18n.day(sitting.held_at),
        in_office=i18n.number(sitting.in_office),
    )
    if decision.outcome == actions.RETURNED:
        did = _(
            "The council returned the plan to be prepared again (decision %(ref)s).", ref=decision.reference
        )
    else:
        did = ngettext(
            "The council adopted %(num)d project out of %(all)s (decision %(ref)s).",
            "The council adopted %(num)d projects out of %(all)s (decision %(ref)s).",
            decision.adopted,
            all=i18n.number(len(decision.votes)),
            ref=decision.reference,
        )
    return f"{came} {did}"


# --- the secretary's desk ---------------------------------------------------------------------------------


def _page(template: str, place: Place, status: int = 200, **context: Any) -> Any:
    return pages.page(
        template,
        status=status,
        place=place,
        plan=plan_head(*keys(place)),
        labels=labels,
        words={"call": call_words, "kind": kind_words},
        here=here,
        nav=_nav(place),
        **context,
    )


def _nav(place: Place) -> list[dict[str, Any]]:
    rows = [
        (_("The council's session"), here("council_desk.desk", place)),
        (_("The council’s dossier"), pages.home_of("results", slug=place.slug, cycle=place.cycle)),
        (_("The council (public page)"), here("council.show", place)),
        (_("The whole desk"), pages.home_of("desk", slug=place.slug)),
    ]
    return [{"label": label, "url": url, "current": url == request.path} for label, url in rows]


@desk.get("/", endpoint="desk")
@guard(Act.DOSSIER_READ_DRAFT, plan_place)
def desk_page(place: Place) -> Any:
    """Show where the session stands and the one thing to do next."""
    session = queries.session_of(*keys(place))
    decision = _decision_of(session, queries.votes_of(*keys(place)))
    return _page(
        "council/desk.html",
        place,
        session=session,
        decision=decision,
        amendments=[
            vote
            for vote in (decision.votes if decision else ())
            if vote.decision is ProjectDecision.ADOPTED_AMENDED
        ],
        may_record=allowed(Act.SESSION_RECORD, place),
        before_council=place.stage is Stage.COUNCIL,
        follow=_follow(place, decision),
    )


def _follow(place: Place, decision: queries.DecisionView | None) -> dict[str, str] | None:
    """Return the way to the page where the plan follows the decision; it belongs to a later room."""
    if decision is None or decision.performed or place.stage is not Stage.COUNCIL:
        return None
    if decision.outcome == actions.RETURNED:
        if not allowed(Act.PLAN_RETURN, place):
            return None
        url = pages.home_of("plan_return", slug=place.slug, cycle=place.cycle)
        return {"url": url, "label": _("Return the plan to preparation")}
    if not allowed(Act.PLAN_ADOPT, place):
        return None
    url = pages.home_of("plan_adopt", slug=place.slug, cycle=place.cycle)
    return {"url": url, "label": _("Publish the adopted plan")}


def _done(form: Form, place: Place, said: str) -> Any:
    location = here("council_desk.desk", place)
    keep_reply(form, location)
    db.session.commit()
    flash(said, "ok")
    return pages.see(location)


def _words(arabic: str | None, french: str | None) -> Words | None:
    found = {lang: text for lang, text in (("ar", arabic), ("fr", french)) if text}
    return found or None


@desk.get("/session")
@guard(Act.SESSION_RECORD, plan_place)
def session_form(place: Place) -> Any:
    """Show the form of a session."""
    return _page("council/session.html", place, form=SessionForm())


@desk.post("/session")
@guard(Act.SESSION_RECORD, plan_place)
def announce(place: Place) -> Any:
    """Announce a session."""
    form = SessionForm()
    if not form.validate_on_submit():
        return _page("council/session.html", place, 422, form=form)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    opens_on = form.opens_on.data
    assert opens_on is not None
    try:
        actions.announce_session(
            actor(), place, form.kind.data, opens_on, _words(form.agenda_ar.data, form.agenda_fr.data)
        )
    except law.SessionOutsideCalendarError:
        trouble = _(
            "An ordinary session opens in February, May or October. Choose another day, or an extraordinary session."
        )
    except actions.InThePastError:
        trouble = _("This day has passed: a session is announced before it opens.")
    except actions.SessionExistsError:
        trouble = _("A session on this day is already announced.")
    else:
        return _done(form, place, _("The session is announced. Its date is public."))
    db.session.rollback()
    form.opens_on.errors = [trouble]
    return _page("council/session.html", place, 422, form=form)


def _open_session(place: Place) -> queries.SessionView:
    found = queries.session_of(*keys(place))
    if found is None:
        raise NotFound
    return found


@desk.get("/sitting")
@guard(Act.SESSION_RECORD, plan_place)
def sitting_form(place: Place) -> Any:
    """Show the form of the next sitting."""
    session = _open_session(place)
    last = session.sittings[-1] if session.sittings else None
    local = now().astimezone(CASABLANCA)
    form = SittingForm(
        data={
            "call": (session.next_call or law.Call.FIRST).value,
            "held_on": local.date(),
            "held_at": local.time().replace(second=0, microsecond=0),
            "in_office": last.in_office if last else None,
            "excused": 0,
        }
    )
    return _page("council/sitting.html", place, form=form, session=session)


@desk.post("/sitting")
@guard(Act.SESSION_RECORD, plan_place)
def record_sitting(place: Place) -> Any:
    """Record a sitting, with or without its quorum."""
    session = _open_session(place)
    form = SittingForm()
    if not form.validate_on_submit():
        return _page("council/sitting.html", place, 422, form=form, session=session)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    trouble = _sit(form, place, session)
    if trouble is None:
        found = queries.session_of(*keys(place))
        said = (
            _("The quorum is reached: the council can decide.")
            if found and found.sitting
            else _("Recorded without quorum: the council could not decide.")
        )
        return _done(form, place, said)
    db.session.rollback()
    name, words = trouble
    form[name].errors = [words]
    return _page("council/sitting.html", place, 422, form=form, session=session)


def _sit(form: SittingForm, place: Place, session: queries.SessionView) -> tuple[str, str] | None:
    """Record the sitting; return the field and the sentence of what stands in the way."""
    day, hour = form.held_on.data, form.held_at.data
    assert day is not None
    assert hour is not None
    try:
        actions.record_sitting(
            actor(),
            place,
            session.id,
            form.call.data,
            datetime.combine(day, hour, CASABLANCA),
            form.in_office.data or 0,
            form.present.data or 0,
            form.excused.data or 0,
        )
    except law.PresentExceedInOfficeError:
        return "present", _("More members present than in office.")
    except actions.CountsError:
        return "excused", _("Present and excused together are more than the members in office.")
    except actions.CallOutOfOrderError as error:
        if error.expected is None:
            return "call", _("The council could already decide, or no convocation is left.")
        return "call", _("The next one is the %(call)s.", call=call_words(error.expected))
    except actions.WrongDayError as error:
        return "held_on", _day_words(error.days)
    except actions.NotYetHeldError:
        return "held_on", _("This day has not come yet.")
    return None


def _day_words(days: law.MeetingDays) -> str:
    if days.last is None:
        return _("This sitting can be held from %(day)s on.", day=i18n.day(days.first))
    return _(
        "This sitting can be held from %(first)s to %(last)s.",
        first=i18n.day(days.first),
        last=i18n.day(days.last),
    )


# --- the decision -----------------------------------------------------------------------------------------


def _sitting(place: Place) -> tuple[queries.SessionView, queries.SittingView]:
    session = _open_session(place)
    if session.sitting is None:
        raise NotFound
    return session, session.sitting


def _offered(form: DeliberationForm) -> DeliberationForm:
    form.outcome.choices = [
        (actions.ADOPTED, _("It decided project by project")),
        (actions.RETURNED, _("It returned the whole plan to be prepared again")),
    ]
    for one in form.projects:
        form.of("decision", one.number).choices = [
            (decision.value, labels.project_decision(decision)) for decision in ProjectDecision
        ]
    return form


def _filled(decision: queries.DecisionView | None, today: Any) -> dict[str, Any]:
    """Return what the form begins with: the decision recorded before, if it may still be corrected."""
    if decision is None:
        return {"outcome": actions.ADOPTED, "decided_on": today}
    data: dict[str, Any] = {
        "outcome": decision.outcome,
        "reference": decision.reference,
        "decided_on": decision.decided_on,
        "reason_ar": (decision.reason or {}).get("ar"),
        "reason_fr": (decision.reason or {}).get("fr"),
    }
    for vote in decision.votes:
        data |= {
            f"decision_{vote.number}": vote.decision.value,
            f"in_favour_{vote.number}": vote.in_favour,
            f"against_{vote.number}": vote.against,
            f"abstain_{vote.number}": vote.abstain,
            **{
                f"{name}_{lang}_{vote.number}": (words or {}).get(lang)
                for name, words in (("reason", vote.reason), ("amendment", vote.amendment))
                for lang in ("ar", "fr")
            },
        }
    return data


def _deliberation_page(place: Place, form: DeliberationForm, status: int = 200) -> Any:
    session, sitting = _sitting(place)
    return _page(
        "council/deliberation.html",
        place,
        status,
        form=form,
        session=session,
        sitting=sitting,
        said=queries.positions_of(*keys(place)),
    )


@desk.get("/deliberation")
@guard(Act.SESSION_RECORD, plan_place)
def deliberation_form(place: Place) -> Any:
    """Show the form of the decision, project by project."""
    session, _sat = _sitting(place)
    decision = _decision_of(session, queries.votes_of(*keys(place)))
    if decision is not None and decision.performed:
        raise actions.AlreadyFollowedError
    made = for_projects(queries.before_the_council(*keys(place)))
    return _deliberation_page(place, _offered(made(data=_filled(decision, casablanca_date(now())))))


@desk.post("/deliberation")
@guard(Act.SESSION_RECORD, plan_place)
def record_deliberation(place: Place) -> Any:
    """Record the decision."""
    _session, sitting = _sitting(place)
    form = _offered(for_projects(queries.before_the_council(*keys(place)))())
    if not form.validate_on_submit():
        return _deliberation_page(place, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    trouble = _decide(form, place, sitting)
    if trouble is None:
        return _done(form, place, _("Recorded. Read it once more, then let the plan follow it."))
    db.session.rollback()
    name, words = trouble
    form[name].errors = [words]
    return _deliberation_page(place, form, 422)


# --- what the council rewrote -------------------------------------------------------------------------------


def _amended(place: Place) -> tuple[WorkingProject, queries.VoteView]:
    found = queries.amended_project(*keys(place), (request.view_args or {})["number"])
    if found is None:
        raise NotFound
    return found


def _amendment_page(
    place: Place, project: WorkingProject, vote: queries.VoteView, form: ProjectBase, status: int = 200
) -> Any:
    return _page(
        "council/amendment.html",
        place,
        status,
        project=project,
        vote=vote,
        form=form,
        titles=section_titles(),
    )


@desk.get("/amendments/<int(max=99999):number>")
@guard(Act.SESSION_RECORD, plan_place)
def amendment(place: Place) -> Any:
    """Show the form of what the council made of a project it adopted with an amendment."""
    project, vote = _amended(place)
    rows = min(len(project.milestones) + 1, MILESTONES_MAX)
    return _amendment_page(place, project, vote, amendment_form(rows, data=data_of(project)))


@desk.post("/amendments/<int(max=99999):number>")
@guard(Act.SESSION_RECORD, plan_place)
def write_amendment(place: Place) -> Any:
    """Keep what the council rewrote: the adopted version takes it over."""
    project, vote = _amended(place)
    form = amendment_form(rows_sent(request.form))
    if not form.validate_on_submit() or not form.require_milestones(
        title=_("Write this milestone in Arabic."),
        dates=_("Give this milestone its two days."),
        order=_("The last day comes after the first."),
    ):
        return _amendment_page(place, project, vote, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        actions.write_amendment(actor(), place, project.id, amended(form))
    except actions.NothingAmendedError:
        db.session.rollback()
        form.form_errors.append(
            _(
                "Nothing differs from what the council received. Change the text, the budget or the milestones."
            )
        )
        return _amendment_page(place, project, vote, form, 422)
    return _done(form, place, _("The amended text is kept. The adopted version takes it over."))


def _votes(form: DeliberationForm) -> list[actions.VoteRow]:
    found = []
    for one in form.projects:

        def field(name: str, number: int = one.number) -> Any:
            return form.of(name, number).data

        found.append(
            actions.VoteRow(
                one.project_id,
                ProjectDecision(field("decision")),
                field("in_favour") or 0,
                field("against") or 0,
                field("abstain") or 0,
                _words(field("reason_ar"), field("reason_fr")),
                _words(field("amendment_ar"), field("amendment_fr")),
            )
        )
    return found


def _decide(form: DeliberationForm, place: Place, sitting: queries.SittingView) -> tuple[str, str] | None:
    """Record the decision; return the field and the sentence of what stands in the way."""
    day = form.decided_on.data
    assert day is not None
    try:
        actions.record_deliberation(
            actor(),
            place,
            sitting.id,
            form.reference.data or "",
            day,
            form.outcome.data,
            _votes(form) if form.outcome.data == actions.ADOPTED else [],
            _words(form.reason_ar.data, form.reason_fr.data),
        )
    except actions.NoReasonGivenError:
        return "reason_ar", _("The people who took part will ask why: write the reason.")
    except actions.NotYetHeldError:
        return "decided_on", _("This day has not come yet.")
    except actions.ProjectVoteError as error:
        return _vote_trouble(error)
    return None


def _vote_trouble(error: actions.ProjectVoteError) -> tuple[str, str]:
    """Return the field and the sentence of a decision on a project that cannot stand."""
    number, cause = error.number, error.cause
    if error.amendment_missing:
        return f"amendment_ar_{number}", _(
            "Project %(number)s: write the words of the amendment.", number=number
        )
    if error.contradicts == "support":
        return f"reason_ar_{number}", _(
            "Project %(number)s: most people who took part support it. Write why the council decided otherwise.",
            number=number,
        )
    if error.contradicts == "opposition":
        return f"reason_ar_{number}", _(
            "Project %(number)s: most people who took part oppose it. Write why the council decided otherwise.",
            number=number,
        )
    if isinstance(cause, law.VotesExceedPresentError):
        return f"in_favour_{number}", _(
            "Project %(number)s: %(votes)s votes, but only %(present)s members present.",
            number=number,
            votes=cause.votes,
            present=cause.present,
        )
    if isinstance(cause, law.AdoptedWithoutMajorityError):
        return f"decision_{number}", _(
            "Project %(number)s: it needs %(needed)s votes for to be adopted.",
            number=number,
            needed=cause.needed,
        )
    if isinstance(cause, law.RejectedWithMajorityError):
        return f"decision_{number}", _(
            "Project %(number)s: a majority voted for it, so it is not rejected.", number=number
        )
    return f"reason_ar_{number}", _(
        "Project %(number)s: the people who took part will ask why. Write the reason.", number=number
    )
