"""What every move has in common: its page, its checklist, its being performed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, flash

from participate.db import db
from participate.lifecycle import queries, words
from participate.lifecycle.views.around import consultation_key, desk_page, plan_key, row_here, way_back
from participate.lifecycle.views.blueprint import here
from participate.lifecycle.views.checklists import check_rows
from participate.rules.lifecycle import Facts, MoveName, MoveRefusedError
from participate.rules.policy import Actor, Place
from participate.web import pages
from participate.web.access import actor, now
from participate.web.forms import Form, first_reply, keep_reply

# --- moves of a consultation -------------------------------------------


def known_facts(place: Place) -> Facts:
    """Return what is known of the plan, and of the consultation when the place has one."""
    consultation = consultation_key(place) if place.consultation_id is not None else None
    return queries.facts(plan_key(place), consultation, now=now())


@dataclass(frozen=True)
class MovePage:
    """What a page says that asks before a move: a lead, the words of its button, whether it is grave."""

    move: MoveName
    lead: str
    button: str
    danger: bool = False


def move_page(
    place: Place, said: MovePage, form: Form, *, known: Facts | None = None, status: int = 200, **context: Any
) -> Response:
    """Show a move with its checklist; the button is there when every need is met."""
    known = known or known_facts(place)
    checklist = queries.checklist(said.move, known)
    return desk_page(
        "lifecycle/move.html",
        place,
        status,
        said=said,
        title=words.move(said.move),
        form=form,
        checklist=checklist,
        rows=check_rows(checklist, known, place),
        warnings=[words.warning(one) for one in checklist.warnings],
        row=row_here(place) if place.consultation_id is not None else None,
        back_url=way_back(place),
        **context,
    )


def perform(
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
        return move_page(place, said, form, known=(once_filled or assume)(known_facts(place)), status=422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    try:
        act(actor())
    except MoveRefusedError:
        db.session.rollback()
        return move_page(place, said, form, known=assume(known_facts(place)), status=409)
    location = to or here("lifecycle_desk.calendar", place)
    keep_reply(form, location)
    db.session.commit()
    flash(done, "ok")
    return pages.see(location)


# --- moves of the plan -------------------------------------------------


def with_reason(known: Facts) -> Facts:
    """Return the facts as they will be once the public reason is written."""
    return replace(known, public_reason=True)
