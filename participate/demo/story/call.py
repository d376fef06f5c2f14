"""The call for ideas."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from participate.consultations import actions as consultations
from participate.contributions import actions as contributions
from participate.contributions import queries as contributed
from participate.contributions.models import Contribution
from participate.db import db
from participate.demo.stories import moment
from participate.demo.story.moderated import Moderated
from participate.demo.story.steps import casablanca
from participate.lifecycle import actions as lifecycle
from participate.positions import actions as positions
from participate.rules.outcomes import ConsultationKind
from participate.rules.policy import Act, may


class Call(Moderated):
    """Ideas, and how they are received."""

    def announce_call(self) -> None:
        """Plan and announce the call for ideas: 19 to 25 June."""
        row = consultations.plan_consultation(
            self.actor("officer1"),
            self.collectivity,
            self.plan_id,
            ConsultationKind.CALL_FOR_IDEAS,
            {"ar": "الدعوة إلى تقديم المقترحات", "fr": "Appel à idées", "en": "Call for ideas"},
            casablanca(2023, 6, 19, 0),
            casablanca(2023, 6, 26, 0),
        )
        self.call_id = row.id
        lifecycle.announce(self.actor("officer1"), row)

    def plan_call(self) -> None:
        """Plan the ideas of June, each read by a moderator, then supported or opposed by others."""
        for number, idea in enumerate(self.told.ideas["idea"]):
            at = moment(idea["date"]) + timedelta(minutes=37 * number % 660)
            self.agenda.add(at, partial(self.submit_idea, idea), "the call for ideas" if not number else "")

    def submit_idea(self, idea: dict[str, Any]) -> None:
        """Submit one idea; a moderator reads it within hours, and people react in the days after."""
        association = idea.get("association")
        key = self.cast.delegate[association] if association else idea["author"]
        base = contributions.submit_idea(
            self.actor(key),
            self.where(),
            self.voice(key, association),
            title=idea["title"],
            problem=idea["problem"],
            proposal=idea["proposal"],
            axis_id=self.axis[idea["axis"]],
            location=idea["place"],
            lang=idea["lang"],
            declared=association is None,
        )
        self.cast.contribution[idea["key"]] = base.id
        read = self.moderate(base.id, key, None)
        last = casablanca(2023, 6, 25, 23) if str(idea["date"]) < "2023-07" else casablanca(2023, 8, 29, 22)
        self._reactions(idea, key, read, last)

    def _reactions(self, idea: dict[str, Any], author: str, read: datetime, last: datetime) -> None:
        crowd = [one["key"] for one in self.told.people["person"] if one["key"] != author]
        who = self.draw.sample(crowd, min(len(crowd), idea["supporters"] + idea["against"]))
        for number, key in enumerate(who):
            value = 1 if number < idea["supporters"] else -1
            span = max(last - read, timedelta(hours=2))
            at = min(read + span * self.draw.random(), last + timedelta(minutes=number))
            self.agenda.add(at, partial(self.react, idea["key"], key, value, cosign=value > 0))

    def react(self, subject: str, key: str, value: int, *, cosign: bool = False) -> None:
        """Take a position on somebody's text; some who agree with an idea put their name under it."""
        row = db.session.get(Contribution, (self.collectivity, self.cast.contribution[subject]))
        if row is None or row.statement_id is None:
            return
        place = contributed.place_of_contribution(self.collectivity, row.id)
        actor = self.actor(key)
        if not may(actor, Act.POSITION_TAKE, place):
            return
        positions.take(actor, place, row.statement_id, value, self.voice(key), declared=True)
        if cosign and self.draw.random() < 0.35 and may(actor, Act.IDEA_COSIGN, place):
            contributions.cosign(actor, place, self.voice(key))
