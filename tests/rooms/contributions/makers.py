"""Texts in every state, and the people who look at them."""

from __future__ import annotations

import itertools
from typing import Any

from participate.consultations.queries import place_of
from participate.contributions import actions
from participate.contributions.models import Contribution
from participate.db import clock, db
from participate.people.models import Person
from participate.people.queries import Voice, voices_of
from participate.rules.outcomes import PublishState
from participate.rules.policy import Place
from tests import makers

BODY = "Les lampadaires de la rue des Oliviers sont éteints depuis le printemps."


SENTENCES = itertools.cycle(
    (
        "Le carrefour de la gare routière manque de passages pour les piétons.",
        "Il faudrait ouvrir la bibliothèque le dimanche matin pour les élèves.",
        "Publiez chaque mois la liste des marchés signés par la commune.",
        "Les arbres du boulevard sont coupés sans que personne ne sache pourquoi.",
        "Mon fils attend le bus une heure devant le lycée, même en hiver.",
        "Une carte des fontaines et des toilettes serait utile aux visiteurs.",
        "Qui ramasse les gravats déposés la nuit derrière le marché aux légumes ?",
        "Le guichet ferme à midi : venez donc un jour travailler comme nous.",
    )
)


def here(made: makers.APlan) -> Place:
    """The place of the open review."""
    assert made.review is not None
    return place_of(made.review, made.plan.stage)


def myself(person: Person, made: makers.APlan) -> Voice:
    """Somebody's own voice."""
    return voices_of(person.id, made.collectivity.id)[0]


def trusted(name: str | None = None, **changes: Any) -> Person:
    """Somebody seen at the desk, whose texts are public at once."""
    return makers.a_person(name, level=3, **changes)


def a_comment(made: makers.APlan, person: Person | None = None, **changes: Any) -> Contribution:
    """A published comment on the first project."""
    person = person or trusted()
    values: dict[str, Any] = {"project_id": made.projects[0].id, "body": next(SENTENCES), **changes}
    if values.get("parent_id") or values.get("idea_id"):
        values.pop("project_id")
    row = actions.submit_comment(
        makers.actor_of(person), here(made), values.pop("voice", None) or myself(person, made), **values
    )
    db.session.commit()
    return row


def an_idea(made: makers.APlan, person: Person | None = None, **changes: Any) -> Contribution:
    """A published idea."""
    person = person or trusted()
    values: dict[str, Any] = {
        "title": f"Un marché couvert pour le quartier {person.id}",
        "problem": f"Les vendeurs travaillent au soleil et sur la chaussée {person.id}.",
        "proposal": "Couvrir la place du souk et y amener l'eau et la lumière.",
        "axis_id": made.axes[0].id,
        "location": "Souk",
        **changes,
    }
    row = actions.submit_idea(
        makers.actor_of(person), here(made), values.pop("voice", None) or myself(person, made), **values
    )
    db.session.commit()
    return row


def put(made: makers.APlan, base: Contribution, state: PublishState) -> Contribution:
    """Bring a text into a state, as a moderator or its author would."""
    target = a_comment(made).id if state is PublishState.MERGED else None
    names = ("body", "title", "problem", "proposal")
    redacted = dict.fromkeys(names, "[…] masqué") if state is PublishState.REDACTED else None
    base = db.session.merge(base)
    actions.set_state(base, state, clock(), merged_into=target, redacted=redacted)
    db.session.commit()
    return base
