"""Pages of consultations: the rules of taking part, and the optional facts asked once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.consultations import actions, queries, words
from participate.consultations.actions import FactsFrozenError, NotDeclaredError, NotYourVoiceError
from participate.consultations.forms import FactsForm
from participate.consultations.queries import ConsultationView
from participate.db import db
from participate.rules.policy import Act, Place
from participate.web import errors, forms, labels, pages
from participate.web.access import actor, guard, now
from participate.web.errors import Trouble
from participate.web.i18n import said

bp = Blueprint("consultations", __name__, url_prefix="/<lang:lang>/<slug:slug>/plans/<cycle:cycle>")
blueprints = (bp,)


def here(slug: str, cycle: str, **_rest: object) -> Place:
    """Return the place of the plan's present consultation. Raises NotFound."""
    return queries.consultation_place(slug, cycle, now=now())


def init_app(_app: Any) -> None:
    """Say in words what this room's refusals mean."""
    errors.explain(
        NotYourVoiceError,
        lambda _error: Trouble(
            403,
            _("You do not speak for this association"),
            _(
                "Its mandate has ended, or the association is not verified yet. You can still act in your own name."
            ),
        ),
    )
    errors.explain(
        NotDeclaredError,
        lambda _error: Trouble(
            422,
            _("One more step"),
            _("Please confirm that you live, work or study here, then send it again."),
        ),
    )
    errors.explain(
        FactsFrozenError,
        lambda _error: Trouble(
            409,
            _("These questions are asked once"),
            _("You have answered or skipped them, or the consultation has ended. Nothing was changed."),
        ),
    )


def crumbs(place: Place, last: str) -> list[dict[str, Any]]:
    """Return the way from the plan to one of its pages."""
    return [
        {"label": _("The plan"), "url": pages.home_of("plan", slug=place.slug, cycle=place.cycle)},
        {"label": last},
    ]


@bp.get("/participate")
@guard(Act.PUBLIC_READ, here)
def participate(place: Place) -> Any:
    """Show, in plain words, who may take part, until when, what is counted and when results are shown."""
    assert place.collectivity_id is not None
    assert place.plan_id is not None
    rows = queries.consultations_of(place.collectivity_id, place.plan_id)
    present = next((row for row in rows if row.id == place.consultation_id), None)
    return pages.page(
        "consultations/participate.html",
        place=place,
        present=present,
        title=said(present.title) if present else None,
        window=words.window(present) if present else None,
        moved=[
            {"date": one.at, "title": _("The deadline was moved"), "text": said(one.reason), "state": "done"}
            for one in (queries.extensions_of(place.collectivity_id, present.id) if present else [])
        ],
        rules=words.rules(present) if present else [],
        next_text=words.what_next(present, now()) if present else None,
        count_text=words.turnout(present) if present and present.opened_at else None,
        others=[_line(row) for row in rows if present is None or row.id != present.id],
        projects_url=pages.home_of("plan", slug=place.slug, cycle=place.cycle),
        crumbs=crumbs(place, _("How to take part")),
    )


def _line(row: ConsultationView) -> dict[str, Any]:
    return {
        "date": row.opens_at,
        "title": said(row.title),
        "text": f"{labels.consultation_state(row.state)} · {words.window(row)}",
        "state": "done" if row.ended else "todo",
    }


# --- optional facts ---------------------------------------------------------------------------------


@bp.get("/participate/about-me")
@guard(Act.ACCOUNT_USE, here)
def about_me(place: Place) -> Any:
    """Ask the optional questions, once, after the first receipt."""
    return _facts_page(place, forms.restored(FactsForm, neighbourhoods=_neighbourhoods(place)))


@bp.post("/participate/about-me")
@guard(Act.ACCOUNT_USE, here)
def keep_facts(place: Place) -> Any:
    """Keep the answers, or that they were skipped."""
    assert place.collectivity_id is not None
    if place.consultation_id is None:
        raise NotFound
    form = FactsForm(neighbourhoods=_neighbourhoods(place))
    if "skip" not in request.form and not form.validate_on_submit():
        return _facts_page(place, form, status=422)
    consultation = queries.lock_for_act(place.collectivity_id, place.consultation_id)
    actions.set_facts(actor(), consultation, **({} if "skip" in request.form else form.facts))
    db.session.commit()
    if "skip" not in request.form:
        flash(_("Thank you. It will be counted, never shown with your name."), "ok")
    return pages.see(pages.next_or(pages.home_of("plan", slug=place.slug, cycle=place.cycle)))


def _neighbourhoods(place: Place) -> list[queries.Choice]:
    assert place.collectivity_id is not None
    return queries.neighbourhoods_of(place.collectivity_id)


def _facts_page(place: Place, form: FactsForm, status: int = 200) -> Any:
    assert place.collectivity_id is not None
    mine = (
        queries.participant_of(place.collectivity_id, place.consultation_id, actor().person_id)
        if place.consultation_id is not None
        else None
    )
    is_open = place.window_open and place.consultation_state == "open"
    return pages.page(
        "consultations/about_me.html",
        status=status,
        form=form,
        can_answer=mine is not None and mine.facts_asked_at is None and is_open,
        asked=mine is not None and mine.facts_asked_at is not None,
        is_open=is_open,
        return_to=pages.next_or(""),
        back_url=pages.next_or(pages.home_of("plan", slug=place.slug, cycle=place.cycle)),
        rules_url=url_for("consultations.participate", slug=place.slug, cycle=place.cycle),
        crumbs=crumbs(place, _("Three optional questions")),
    )
