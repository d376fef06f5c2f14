"""The card of a plan or of a project: what a link to its page shows elsewhere, and in which words.

No card counts positions: while a consultation is open the counts are withheld, and a picture that was shared
stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from participate.contributions.pieces import excerpt
from participate.council import queries as council
from participate.db import Words
from participate.lifecycle.queries import CycleStep
from participate.portal.queries import Frame
from participate.post.text import in_language
from participate.rules.lifecycle import Stage, Standing, Step, StepState, standing
from participate.rules.policy import Place
from participate.rules.text import Said
from participate.rules.windows import Window
from participate.web import i18n, labels, press
from participate.web.pages import Share

SHEET = "card"
TITLE_CHARS = 300
"""More than fits; what is drawn is cut to the place there is."""
NAME_CHARS = 24
DESCRIPTION_CHARS = 200
DIGEST_CHARS = 10
DECIDED = frozenset({Stage.COUNCIL, Stage.IMPLEMENTATION, Stage.EVALUATION, Stage.CLOSED})
"""Stages in which the council may have decided."""


@dataclass(frozen=True)
class Card:
    """What one card shows, in the language `lang`. `number` is the project's, None for the plan's own card; `kicker` stands over the title."""

    lang: str
    slug: str
    cycle: str
    number: int | None
    kicker: str | None
    commune: Said
    plan: str
    title: Said
    state: str
    steps: tuple[StepState, ...]

    @property
    def name(self) -> str:
        """Under which the picture is kept: one for each address."""
        about = "plan" if self.number is None else str(self.number)
        return f"{self.slug}.{self.cycle}.{about}.{self.lang}"

    @property
    def content(self) -> dict[str, Any]:
        """What the sheet is given."""
        return {
            "lang": self.lang,
            "dir": i18n.DIRECTIONS[self.lang],
            "commune": _line(self.commune),
            "plan": self.plan,
            "kicker": self.kicker,
            "title": _unbroken(_line(self.title), self.commune.text),
            "state": {"text": self.state, "lang": self.lang, "dir": i18n.DIRECTIONS[self.lang]},
            "steps": [state.value for state in self.steps],
        }

    @property
    def digest(self) -> str:
        """The hash of the picture."""
        return press.digest(SHEET, self.content)

    @property
    def alt(self) -> str:
        """What the picture shows, for those who do not see it."""
        parts = (self.kicker, self.title.text, self.commune.text, self.plan, self.state)
        return " · ".join(part for part in parts if part)


def _line(said: Said) -> dict[str, str]:
    return {"text": excerpt(said.text, TITLE_CHARS), "lang": said.lang, "dir": said.direction}


def _unbroken(line: dict[str, str], name: str) -> dict[str, str]:
    """Keep the commune's name on one line where a title holds it: بني ملال."""
    if not name or len(name) > NAME_CHARS:
        return line
    return {**line, "text": line["text"].replace(name, name.replace(" ", "\N{NO-BREAK SPACE}"))}


def decision_on(place: Place) -> council.DecisionView | None:
    """Return what the council decided on the plan of a place, once the plan is so far."""
    if place.stage not in DECIDED or place.collectivity_id is None or place.plan_id is None:
        return None
    return council.votes_of(place.collectivity_id, place.plan_id)


def card(
    around: Frame,
    place: Place,
    title: Words,
    decision: council.DecisionView | None,
    now: datetime,
    *,
    number: int | None = None,
) -> Card:
    """Return the card of a plan, or of one of its projects, in the language of the page.

    A Tamazight page is an Arabic page, so its card is the Arabic one.
    """
    assert place.stage is not None
    lang = {"zgh": "ar"}.get(i18n.lang(), i18n.lang())
    with in_language(lang):
        return Card(
            lang=lang,
            slug=place.slug,
            cycle=place.cycle,
            number=number,
            kicker=None if number is None else _("Project %(number)s", number=number),
            commune=i18n.said(around.name),
            plan=f"{_('Openness action plan')} {place.cycle.replace('-', '–')}",
            title=i18n.said(title),
            state=_decided(decision, number) or _standing(place.stage, around.steps, now),
            steps=tuple(step.state for step in around.steps),
        )


def share(shown: Card, summary: Words) -> Share:
    """Return what the head of a page says of its card."""
    endpoint = "portal.plan_card" if shown.number is None else "portal.project_card"
    number: dict[str, Any] = {} if shown.number is None else {"number": shown.number}
    # The hash lets a site that keeps pictures by their address fetch the new one when the state has changed.
    address = url_for(
        endpoint,
        lang=shown.lang,
        slug=shown.slug,
        cycle=shown.cycle,
        v=shown.digest[:DIGEST_CHARS],
        **number,
    )
    told = " · ".join(part for part in (shown.state, i18n.plain(summary)) if part)
    return Share(excerpt(told, DESCRIPTION_CHARS), current_app.config["BASE_URL"] + address, shown.alt)


def _decided(decision: council.DecisionView | None, number: int | None) -> str | None:
    """Return what the council decided, once its decision is carried out; None before."""
    if decision is None or not decision.performed or decision.outcome != "adopted":
        return None
    day = i18n.day(decision.decided_on)
    if number is not None:
        vote = next((one for one in decision.votes if one.number == number), None)
        if vote is None:
            return None
        words = _("The council: %(decision)s", decision=labels.project_decision(vote.decision))
        return f"{words} · {day}"
    return _("Adopted by the council on %(day)s", day=day)


def _standing(stage: Stage, steps: Sequence[CycleStep], now: datetime) -> str:
    """Return how the plan stands, with the day that matters."""
    found, window = standing(stage, _windows(steps, now), now)
    if found is Standing.OPEN and window is not None:
        return _("Open until %(day)s", day=i18n.day(window.last_day))
    if found is Standing.ANNOUNCED and window is not None:
        return _("Opens on %(day)s", day=i18n.day(window.opens_at))
    if found is Standing.CLOSED and window is not None:
        return _("Consultation closed on %(day)s", day=i18n.day(window.last_day))
    if found is Standing.BEFORE_COUNCIL:
        session = next((step.day for step in steps if step.key is Step.COUNCIL), None)
        if session is not None:
            return _("Before the council in %(month)s", month=i18n.month(session))
        return _("Before the council")
    return {
        Standing.ADOPTED: _("Adopted by the council"),
        Standing.WITHDRAWN: _("The plan is withdrawn"),
    }.get(found, _("In preparation"))


def _windows(steps: Sequence[CycleStep], now: datetime) -> list[Window]:
    """Return the windows of the present round: one that ended before a step to come is of a round before."""
    return [
        Window(step.starts, step.ends)
        for step in steps
        if step.key in {Step.IDEAS, Step.REVIEW}
        and step.starts is not None
        and step.ends is not None
        and not (step.state is StepState.TODO and step.ends <= now)
    ]
