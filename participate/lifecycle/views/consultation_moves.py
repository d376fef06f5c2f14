"""The moves of a consultation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import flash
from flask_babel import gettext as _

from participate.db import db
from participate.lifecycle import actions, queries
from participate.lifecycle.forms import AnnounceForm, ConfirmForm, ExtendForm, ReasonForm
from participate.lifecycle.views.around import consultation_key, desk_page, row_here
from participate.lifecycle.views.blueprint import desk, here
from participate.lifecycle.views.moving import MovePage, known_facts, move_page, perform
from participate.people.views.proving import fresh
from participate.rules import windows
from participate.rules.lifecycle import EXTENSION_HOURS, Facts, MoveName
from participate.rules.policy import Act, Actor, Place
from participate.web import pages
from participate.web.access import actor, guard, now


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
    return move_page(place, _announce_page(), AnnounceForm(), short_notice=_short_notice(place))


def _short_notice(place: Place) -> int | None:
    """Return the days of notice if announced now and fewer than the rule, else None."""
    given = windows.notice_days(now(), row_here(place).opens_at)
    return max(given, 0) if given < windows.MIN_NOTICE_DAYS else None


@desk.post("/<int(max=9223372036854775807):consultation_id>/announce")
@guard(Act.CONSULTATION_ANNOUNCE, queries.consultation_place)
def announce_now(place: Place) -> Any:
    """Make the dates public."""
    form = AnnounceForm(needs_reason=_short_notice(place) is not None)
    return perform(
        place,
        _announce_page(),
        form,
        lambda who: actions.announce(who, consultation_key(place), form.reason()),
        _("The dates are public."),
    )


@desk.get("/<int(max=9223372036854775807):consultation_id>/notice")
@guard(Act.CONSULTATION_ANNOUNCE, queries.consultation_place)
def notice(place: Place) -> Any:
    """Ask for the public reason of a short notice."""
    return desk_page("lifecycle/notice.html", place, form=ReasonForm(), row=row_here(place))


@desk.post("/<int(max=9223372036854775807):consultation_id>/notice")
@guard(Act.CONSULTATION_ANNOUNCE, queries.consultation_place)
def override_notice(place: Place) -> Any:
    """Accept a short notice with its public reason."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return desk_page("lifecycle/notice.html", place, 422, form=form, row=row_here(place))
    actions.override_notice(actor(), consultation_key(place), form.reason())
    db.session.commit()
    flash(_("The reason is public, beside the dates."), "ok")
    return pages.see(here("lifecycle_desk.open_now", place, consultation_id=place.consultation_id))


def _open_page(place: Place) -> MovePage:
    return MovePage(
        actions.OPENINGS[row_here(place).kind],
        _(
            "It opens by itself at midnight of its first day when everything below is ready. If something was missing then, open it here once it is mended."
        ),
        _("Open it now"),
    )


@desk.get("/<int(max=9223372036854775807):consultation_id>/open")
@guard(Act.CONSULTATION_OPEN, queries.consultation_place)
def open_now(place: Place) -> Any:
    """Show what the opening needs."""
    return move_page(place, _open_page(place), ConfirmForm())


@desk.post("/<int(max=9223372036854775807):consultation_id>/open")
@guard(Act.CONSULTATION_OPEN, queries.consultation_place)
def open_consultation(place: Place) -> Any:
    """Open a consultation."""
    return perform(
        place,
        _open_page(place),
        ConfirmForm(),
        lambda who: actions.open_(who, consultation_key(place)),
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
    form = ExtendForm(data={"last_day": row_here(place).last_day + timedelta(days=7)})
    return move_page(place, _extend_page(), form, known=_can_extend(known_facts(place)))


@desk.post("/<int(max=9223372036854775807):consultation_id>/extend")
@guard(Act.CONSULTATION_EXTEND, queries.consultation_place)
def extend_now(place: Place) -> Any:
    """Move the deadline later."""
    form = ExtendForm(after=row_here(place).last_day)

    def act(who: Actor) -> None:
        day = form.last_day.data
        assert day is not None
        new_end = windows.casablanca_midnight(day + timedelta(days=1))
        actions.extend(who, consultation_key(place), new_end, form.reason())

    return perform(
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
        actions.CLOSINGS[row_here(place).kind],
        _(
            "It closes by itself at the end of its last day. After that nothing is accepted, and the tally is hashed in the journal."
        ),
        _("Close it now"),
    )


@desk.get("/<int(max=9223372036854775807):consultation_id>/close")
@guard(Act.CONSULTATION_CLOSE, queries.consultation_place)
@fresh()
def close_now(place: Place) -> Any:
    """Show what the closing needs."""
    return move_page(place, _close_page(place), ConfirmForm())


@desk.post("/<int(max=9223372036854775807):consultation_id>/close")
@guard(Act.CONSULTATION_CLOSE, queries.consultation_place)
@fresh()
def close_consultation(place: Place) -> Any:
    """Close a consultation whose end has come."""
    return perform(
        place,
        _close_page(place),
        ConfirmForm(),
        lambda who: actions.close(who, consultation_key(place)),
        _("It is closed."),
    )
