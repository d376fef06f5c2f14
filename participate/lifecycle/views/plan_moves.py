"""The moves of the plan."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from participate.lifecycle import actions
from participate.lifecycle.forms import ConfirmForm, NoteForm, ReasonForm
from participate.lifecycle.views.around import plan_key
from participate.lifecycle.views.blueprint import desk, here
from participate.lifecycle.views.moving import MovePage, known_facts, move_page, perform, with_reason
from participate.people.views.proving import fresh
from participate.plans.queries import plan_place
from participate.rules.lifecycle import MoveName
from participate.rules.policy import Act, Place
from participate.web import pages
from participate.web.access import guard


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
@fresh()
def transmit(place: Place) -> Any:
    """Show what sending the plan to the council needs."""
    return move_page(place, _transmit_page(), NoteForm())


@desk.post("/transmit")
@guard(Act.PLAN_TRANSMIT, plan_place)
@fresh()
def transmit_now(place: Place) -> Any:
    """Send the plan to the council."""
    form = NoteForm()
    return perform(
        place,
        _transmit_page(),
        form,
        lambda who: actions.transmit(who, plan_key(place), form.reason()),
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
@fresh()
def adopt(place: Place) -> Any:
    """Show what following the council's adoption needs."""
    return move_page(place, _adopt_page(), NoteForm())


@desk.post("/adopt")
@guard(Act.PLAN_ADOPT, plan_place)
@fresh()
def adopt_now(place: Place) -> Any:
    """Follow the council's adoption."""
    form = NoteForm()
    return perform(
        place,
        _adopt_page(),
        form,
        lambda who: actions.adopt(who, plan_key(place), form.reason()),
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
    return move_page(place, _return_page(), ConfirmForm())


@desk.post("/return")
@guard(Act.PLAN_RETURN, plan_place)
def return_now(place: Place) -> Any:
    """Follow the council's decision to return the plan."""
    return perform(
        place,
        _return_page(),
        ConfirmForm(),
        lambda who: actions.return_(who, plan_key(place)),
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
    return move_page(place, _evaluation_page(), ConfirmForm())


@desk.post("/evaluation")
@guard(Act.EVALUATION_START, plan_place)
def start_evaluation(place: Place) -> Any:
    """Begin the evaluation."""
    return perform(
        place,
        _evaluation_page(),
        ConfirmForm(),
        lambda who: actions.start_evaluation(who, plan_key(place)),
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
@fresh()
def close_plan(place: Place) -> Any:
    """Show what closing the plan needs."""
    return move_page(place, _close_plan_page(), ConfirmForm())


@desk.post("/close")
@guard(Act.PLAN_CLOSE, plan_place)
@fresh()
def close_plan_now(place: Place) -> Any:
    """Close the plan."""
    return perform(
        place,
        _close_plan_page(),
        ConfirmForm(),
        lambda who: actions.close_plan(who, plan_key(place)),
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


@desk.get("/withdraw")
@guard(Act.PLAN_WITHDRAW, plan_place)
@fresh()
def withdraw(place: Place) -> Any:
    """Ask for the reason, and whether one is sure."""
    return move_page(place, _withdraw_page(), ReasonForm(), known=with_reason(known_facts(place)))


@desk.post("/withdraw")
@guard(Act.PLAN_WITHDRAW, plan_place)
@fresh()
def withdraw_now(place: Place) -> Any:
    """Withdraw the plan."""
    form = ReasonForm()
    return perform(
        place,
        _withdraw_page(),
        form,
        lambda who: actions.withdraw(who, plan_key(place), form.reason()),
        _("The plan is withdrawn."),
        to=here("lifecycle.timeline", place),
        assume=with_reason,
    )
