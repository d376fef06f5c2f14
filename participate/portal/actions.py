"""Leaving the platform, which several rooms have a part in."""

from __future__ import annotations

from participate.contributions import actions as contributions
from participate.contributions import queries as texts
from participate.council import actions as council
from participate.people import actions as people
from participate.portal import own_data
from participate.portal.own_data import OpenSeat
from participate.responses import actions as responses
from participate.rules.policy import Act, Actor, Place, require


class StillCountedError(Exception):
    """Somebody who takes part in an open consultation leaves; holds their seats, the last to close first."""

    def __init__(self, seats: tuple[OpenSeat, ...]) -> None:
        super().__init__(seats)
        self.seats = seats


class StillSuspendedError(Exception):
    """Somebody who is suspended leaves: with the same address they would be back at once, unknown."""


def leave(actor: Actor, *, take_back: bool) -> str:
    """Close a person's account; return the address that was theirs.

    `take_back` withdraws what they wrote in their own name and nobody has settled; the rest stays, by nobody. While
    a consultation counts them they stay: the address would be free for a second voice in it.

    Raises StillCountedError, StillSuspendedError or RolesToReturnError.
    """
    require(actor, Act.ACCOUNT_USE, Place())
    assert actor.person_id is not None
    person = people.locked_person(
        actor.person_id
    )  # before reading their seats: a first act elsewhere waits for this
    if person.suspended_at is not None:
        raise StillSuspendedError
    seats = own_data.open_seats(actor.person_id)
    if seats:
        raise StillCountedError(seats)
    if take_back:
        for where, contribution_id in own_data.own_texts(actor.person_id):
            contributions.withdraw(actor, texts.place_of_contribution(where, contribution_id))
    council.erase_notes(actor)
    responses.erase_notes(actor)
    return people.close_account(actor)
