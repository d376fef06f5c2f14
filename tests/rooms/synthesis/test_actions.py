"""Sealing: once, after the close, of everything that is public by then."""

import json

import pytest
import sqlalchemy as sa

from participate.db import clock, db, writing
from participate.journal.models import JournalEntry
from participate.journal.queries import verify as verify_journal
from participate.rules.lifecycle import Stage
from participate.synthesis import actions, bundle, queries
from participate.synthesis.models import Synthesis
from tests import makers
from tests.conftest import both_engines
from tests.rooms.synthesis.makers import a_full_review, take, voices


@pytest.fixture
def made(app) -> makers.APlan:
    with writing():
        plan = makers.a_plan(Stage.SYNTHESIS)
        a_full_review(plan)
        db.session.commit()
    return plan


def sealed(made: makers.APlan) -> queries.Sealed:
    with writing():
        actions.seal(None, made.review.id, clock())
        db.session.commit()
    found = queries.sealed(made.review.id)
    assert found is not None
    return found


@both_engines
def test_a_seal_holds_the_figures_their_hash_and_a_signature(made) -> None:
    found = sealed(made)
    text = bundle.bundle(
        found.snapshot, found.sha256, found.signature, found.public_key, "2023-09-11", found.entry_hash
    )
    assert found.holds
    assert bundle.verify(text, found.public_key).ok
    entry = db.session.scalar(sa.select(JournalEntry).where(JournalEntry.type == "synthesis:sealed"))
    assert entry.hash == found.entry_hash
    assert json.loads(entry.body)["public"] == {"sha256": found.sha256, "public_key": found.public_key}
    assert not any(verify_journal())


def test_what_is_sealed_is_what_was_read(made) -> None:
    reading = queries.reading(made.review.id)
    assert sealed(made).reading == reading


def test_after_the_seal_nothing_that_happens_changes_what_is_read(made) -> None:
    before = sealed(made)
    with writing():
        take(made, 2, voices(made, 5), -1)
        db.session.commit()
    after = queries.sealed(made.review.id)
    assert after.snapshot == before.snapshot
    assert queries.reading(made.review.id) != after.reading


def test_an_altered_snapshot_no_longer_holds(made) -> None:
    sealed(made)
    with writing():
        row = db.session.scalar(sa.select(Synthesis))
        row.snapshot = row.snapshot.replace('"participants":61', '"participants":62')
        db.session.commit()
    assert not queries.sealed(made.review.id).holds


@both_engines
def test_a_synthesis_is_sealed_once(made) -> None:
    sealed(made)
    with writing(), pytest.raises(actions.AlreadySealedError):
        actions.seal(None, made.review.id, clock())


def test_an_open_consultation_is_not_sealed(app) -> None:
    with writing():
        plan = makers.a_plan(Stage.CONSULTATION)
        db.session.commit()
        with pytest.raises(actions.NotClosedError):
            actions.seal(None, plan.review.id, clock())
