"""How long the papers of a dossier take: 40 projects, a thousand contributions, then ten thousand.

`python -m bench.papers [THOUSAND ...]` (1 and 10 if none are given) makes a review of that size in a database of its own
and prints, for each part, its seconds and its share of the whole. Nothing fails for being slow: the machine decides.
"""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from participate.app import create_app
from participate.contributions.models import Contribution
from participate.db import clock, db, set_clock, writing
from participate.network.models import Neighbourhood
from participate.plans.queries import plan_place
from participate.responses.models import Response
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import AgeBand, Gender, Stance
from participate.rules.policy import Role
from participate.synthesis import actions, queries
from participate.synthesis.papers import job, setting
from participate.synthesis.papers.content import content
from tests import makers
from tests.conftest import ANCHOR, settings
from tests.rooms.synthesis import makers as said

PROJECTS, THEMES, SEEN = 40, 4, 20
"""Projects, themes on each, positions that a person takes."""
CONTENT = Path(__file__).parents[1] / "participate" / "demo" / "content"


def vocabulary() -> list[str]:
    """Return the words that people use in the demo, both languages."""
    found: list[str] = []
    for path in sorted(CONTENT.glob("comments_*.toml")):
        found += re.findall(r"\w+", str(tomllib.loads(path.read_text("utf-8"))))
    return found


def a_review(contributions: int) -> makers.APlan:
    """Make a closed review: people with facts, positions, texts, themes with answers."""
    dice, words = random.Random(contributions), vocabulary()

    def text(count: int) -> str:
        return " ".join(dice.choice(words) for _ in range(count))

    made = makers.a_plan(Stage.SYNTHESIS, projects=PROJECTS)
    review = made.review
    assert review is not None
    places: list[Neighbourhood | None] = [said.a_neighbourhood(made, f"place-{n}", 10_000) for n in range(8)]
    people = [
        makers.a_participant(
            review,
            gender=dice.choice(list(Gender)),
            age_band=dice.choice(list(AgeBand)),
            neighbourhood_id=place.id if (place := dice.choice([*places, None])) else None,
        )
        for _ in range(max(400, contributions // 3))
    ]
    said.turnout(review, len(people))
    for one in people:
        for number in dice.sample(range(PROJECTS), SEEN):
            said.take(made, number, [one], dice.choice((1, 1, 1, 0, -1)))
    texts: list[list[Contribution]] = [[] for _ in range(PROJECTS)]
    stances = [Stance.FOR, Stance.AGAINST, Stance.UNDECIDED, Stance.NONE]
    for number in range(contributions):
        project = number % PROJECTS
        body, lang = text(dice.randint(15, 80)), dice.choice(("ar", "fr"))
        row = said.a_text(
            made, dice.choice(people), body, project=project, stance=dice.choice(stances), lang=lang,
            agree=dice.randint(0, 30), days=dice.randint(0, 9),
        )  # fmt: skip
        texts[project].append(row)
    for project, rows in enumerate(texts):
        for theme in range(THEMES):
            held = said.a_theme(made, rows[theme::THEMES], project=project, ref=f"T{project:02}{theme}")
            said.an_answer(made, theme_id=held.id)
    for answer in db.session.scalars(sa.select(Response)):
        answer.text = {"ar": text(70), "fr": text(70)}
    return made


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and seconds of processor, of children too: a busy machine only makes the first longer."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:6.2f} s, processor {self.processor:6.2f} s"


def timed(what: Callable[[], Any]) -> tuple[Took, Any]:
    """Return what something took, and what it returned."""
    began, spent = time.perf_counter(), sum(os.times()[:4])
    found = what()
    return Took(time.perf_counter() - began, sum(os.times()[:4]) - spent), found


def measured(contributions: int) -> None:
    """Print the table of one size."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(f"sqlite:///{folder}/bench.sqlite", Path(folder)))
        with app.app_context():
            upgrade()
            with writing():
                set_clock(ANCHOR)
                made = a_review(contributions)
                db.session.commit()
            _table(made, contributions)
            db.session.remove()
            db.engine.dispose()


def _table(made: makers.APlan, contributions: int) -> None:
    review = made.review
    assert review is not None
    rows: list[tuple[str, Took]] = []
    seconds, _ = timed(lambda: queries.reading(review.id))
    db.session.rollback()
    rows.append(("figures from the database", seconds))
    with writing():
        secretary = makers.actor_of(makers.staff(made.collectivity, Role.SECRETARY))
        actions.seal(None, review.id, clock())
        actions.ask_papers(secretary, plan_place(made.collectivity.slug, made.plan.cycle))
        db.session.commit()
    whole, done = timed(job.prepare_papers)
    assert done == 1, "the papers were not made"
    source = job.gathered(made.collectivity.id, review.id)
    for lang in ("ar", "fr"):
        seconds, words = timed(partial(content, source, lang))
        rows.append((f"words, {lang}", seconds))
        seconds, paper = timed(partial(setting.pdf, words))
        rows.append((f"typst, {lang} ({len(paper) // 1024} KB)", seconds))
        for kind in (setting.DOCX, setting.XLSX):
            seconds, _ = timed(partial(setting.paper, source, kind, lang))
            rows.append((f"{kind}, {lang}", seconds))
    print(f"{PROJECTS} projects, {contributions} contributions: the whole job {whole}")
    for name, seconds in rows:
        print(f"  {name:40} {seconds}  {seconds.processor / whole.processor:5.2f} of the whole")


def main() -> None:
    """Measure each size."""
    for thousands in [int(one) for one in sys.argv[1:]] or [1, 10]:
        measured(1000 * thousands)


if __name__ == "__main__":
    main()
