"""Building the demo: an empty database, the story performed up to a step, the clock put right."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask_migrate import downgrade, upgrade

from participate.config import Settings
from participate.db import db, set_clock, writing
from participate.demo.agenda import Agenda
from participate.demo.story import ANCHORS, Step, Story
from participate.journal import queries as record
from participate.opendata import jobs as opendata
from participate.synthesis import jobs as synthesis
from participate.synthesis.papers import job as papers

DEFAULT = Step.DRAFT_REVIEW
STEP_FILE = "demo-step"


class NoSuchStepError(Exception):
    """The demo has no step of this name; holds the name."""


def prepare(
    app: Flask,
    settings: Settings,
    *,
    reset: bool = False,
    step: str | None = None,
    say: Callable[[str], None] = print,
) -> bool:
    """Make sure the demo is there, and put its clock right; return whether it was built just now.

    What is there is kept: a restart goes on at the later of the step's day and the last act.
    """
    wanted = _step(step)
    note = settings.instance / STEP_FILE
    with app.app_context():
        if reset:
            _forget(settings)
        upgrade()
        there = record.last_moment()
        if there is None:
            build(wanted or DEFAULT, say)
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text((wanted or DEFAULT).value)
            return True
        stands = _step(note.read_text().strip()) if note.exists() else DEFAULT
        if wanted and wanted is not stands:
            say(
                f"The demo stands at {stands}. To begin again at {wanted}: participate demo --reset --at={wanted}"
            )
        resume(stands or DEFAULT, there)
        return False


def _step(name: str | None) -> Step | None:
    if not name:
        return None
    try:
        return Step(name)
    except ValueError:
        raise NoSuchStepError(name) from None


def _forget(settings: Settings) -> None:
    """Empty the database: on SQLite its files go, elsewhere the migrations go down."""
    if settings.database_url.startswith("sqlite:///"):
        db.session.remove()
        db.engine.dispose()
        path = settings.database_url.removeprefix("sqlite:///")
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)
        return
    downgrade(revision="base")


def build(step: Step, say: Callable[[str], None]) -> None:
    """Perform the story up to a step, in the present database."""
    began = time.monotonic()
    agenda = Agenda(say)
    story = Story(agenda)
    with writing():
        story.plan_everything()
        agenda.perform_until(ANCHORS[step])
    settle()
    say(
        f"{agenda.performed} acts in {time.monotonic() - began:.0f} s; it is {ANCHORS[step]:%A %d %B %Y, %H:%M}."
    )


def settle() -> None:
    """Do what the worker would have done by now: checkpoints, archives of what closed, tendencies, papers asked for."""
    opendata.sign_checkpoints()
    opendata.build_archives()
    synthesis.compute_maps()
    papers.prepare_papers()


def resume(step: Step, last: datetime) -> None:
    """Put the clock to the later of the step's moment and the last act."""
    with writing():
        set_clock(max(ANCHORS[step], last))
        db.session.commit()


__all__ = ["NoSuchStepError", "Step", "build", "prepare", "resume"]
