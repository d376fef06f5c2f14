"""What every chapter of the story is told with: who is who, and who acts."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from participate.consultations import queries as consulted
from participate.db import db
from participate.demo.agenda import Agenda
from participate.demo.stories import Stories, told
from participate.people import queries as known
from participate.people.queries import Voice
from participate.plans.models import ActionPlan
from participate.rules.policy import Actor, Place

CYCLE = "2024-2025"
SEED = 20230822


@dataclass
class Cast:
    """Who is who, by their keys in the files."""

    person: dict[str, int] = field(default_factory=dict)
    association: dict[str, int] = field(default_factory=dict)
    delegate: dict[str, str] = field(default_factory=dict)
    contribution: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    voices: dict[tuple[str, str | None], Voice] = field(default_factory=dict)
    place: dict[str, int] = field(default_factory=dict)
    theme: dict[str, int] = field(default_factory=dict)


class Telling:
    """One performance: its agenda, its cast and its plan."""

    def __init__(self, agenda: Agenda) -> None:
        self.agenda = agenda
        self.told: Stories = told()
        self.cast = Cast()
        self.draw = random.Random(SEED)
        self.collectivity = 0
        self.plan_id = 0
        self.review_id = 0
        self.call_id = 0
        self.axis: dict[str, int] = {}
        self.project: dict[int, int] = {}
        self.neighbourhood: dict[str, int] = {}
        self.slug: str = self.told.cycle["collectivity"]["slug"]

    def actor(self, key: str) -> Actor:
        """Return what somebody may do; asked once a batch of roles was given."""
        if key not in self.cast.actors:
            self.cast.actors[key] = known.actor_of(self.cast.person[key])
        return self.cast.actors[key]

    def voice(self, key: str, association: str | None = None) -> Voice:
        """Return a person's own voice, or that of an association they hold a mandate of."""
        found = self.cast.voices.get((key, association))
        if found is None:
            wanted = self.cast.association[association] if association else None
            voices = known.voices_of(self.cast.person[key], self.collectivity)
            found = next(voice for voice in voices if voice.association_id == wanted)
            self.cast.voices[key, association] = found
        return found

    def plan(self) -> ActionPlan:
        """Return the plan's row."""
        return db.session.get_one(ActionPlan, (self.collectivity, self.plan_id))

    def where(self) -> Place:
        """Return the place of the plan's present consultation."""
        return consulted.consultation_place(self.slug, CYCLE)
