"""The record: what cannot be changed, and what `verify` finds when somebody manages to."""

import pytest
import sqlalchemy as sa

from participate.db import db, writing
from participate.journal import events
from participate.journal.actions import NETWORK, ChainRef, checkpoint, of_collectivity, open_chain, record
from participate.journal.models import Chain, ChainKind, JournalDetail, JournalEntry
from participate.journal.queries import Fault, verify
from tests.conftest import both_engines

pytestmark = both_engines
LIFTED = {
    "sqlite": [f"DROP TRIGGER journal_entry_no_{verb}" for verb in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER journal_entry_append_only ON journal_entry"],
}


@pytest.fixture
def five_entries(app: object) -> ChainRef:
    """A chain of five entries."""
    del app
    with writing():
        open_chain(NETWORK)
        for number in range(5):
            record(None, "collectivity:opened", NETWORK, f"collectivity:{number}", {"slug": f"c{number}"})
        db.session.commit()
    return NETWORK


def faults() -> list[Fault]:
    """Return what verification finds."""
    db.session.expire_all()
    return [fault for fault in verify() if fault]


def tamper(*statements: str) -> None:
    """Change the record as somebody with the database's password would."""
    for statement in [*LIFTED[db.engine.dialect.name], *statements]:
        db.session.execute(sa.text(statement))
    db.session.commit()


def test_an_untouched_chain_holds(five_entries: ChainRef) -> None:
    assert faults() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET type = 'x'",
        "DELETE FROM journal_entry",
        "UPDATE journal_entry SET seq = seq + 10",
    ],
)
def test_the_database_refuses_to_change_an_entry(five_entries: ChainRef, statement: str) -> None:
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()
    assert faults() == []


def test_the_database_refuses_to_replace_an_entry_even_without_the_pragma(
    five_entries: ChainRef, engine_name: str
) -> None:
    if engine_name == "sqlite":
        db.session.execute(sa.text("PRAGMA recursive_triggers=OFF"))
        replace = "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry WHERE seq = 2"
    else:
        replace = (
            "INSERT INTO journal_entry SELECT * FROM journal_entry WHERE seq = 2 "
            "ON CONFLICT (collectivity_id, chain_id, seq) DO UPDATE SET type = 'x'"
        )
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        db.session.execute(sa.text(replace))
    db.session.rollback()


def test_the_database_refuses_to_truncate_the_journal(five_entries: ChainRef, engine_name: str) -> None:
    statement = "TRUNCATE journal_entry" if engine_name == "postgresql" else "DELETE FROM journal_entry"
    with pytest.raises(sa.exc.DatabaseError, match="append-only"):
        db.session.execute(sa.text(statement))
    db.session.rollback()


def test_an_altered_entry_is_named(five_entries: ChainRef) -> None:
    tamper("UPDATE journal_entry SET body = replace(body, 'c2', 'c9') WHERE seq = 3")
    assert [(f.seq, f.what) for f in faults()] == [(3, "altered")]


def test_a_missing_entry_is_named(five_entries: ChainRef) -> None:
    tamper("DELETE FROM journal_entry WHERE seq = 4")
    assert [(f.seq, f.what) for f in faults()] == [(4, "missing")]


def test_a_missing_last_entry_is_named(five_entries: ChainRef) -> None:
    tamper("DELETE FROM journal_entry WHERE seq = 5")
    assert [(f.seq, f.what) for f in faults()] == [(5, "missing")]


def test_reordered_entries_are_named(five_entries: ChainRef) -> None:
    tamper(
        "UPDATE journal_entry SET seq = 99 WHERE seq = 2",
        "UPDATE journal_entry SET seq = 2 WHERE seq = 3",
        "UPDATE journal_entry SET seq = 3 WHERE seq = 99",
    )
    assert [(f.seq, f.what) for f in faults()] == [(2, "reordered")]


def test_a_changed_private_detail_no_longer_fits_its_entry(five_entries: ChainRef) -> None:
    db.session.execute(sa.update(JournalDetail).where(JournalDetail.seq == 2).values(payload='{"actor":7}'))
    db.session.commit()
    assert [(f.seq, f.what) for f in faults()] == [(2, "detail")]


def test_an_erased_private_detail_leaves_the_chain_whole(five_entries: ChainRef) -> None:
    db.session.execute(sa.delete(JournalDetail).where(JournalDetail.seq == 2))
    db.session.commit()
    assert faults() == []


def test_a_chain_rebuilt_from_scratch_breaks_its_checkpoint(five_entries: ChainRef) -> None:
    with writing():
        checkpoint(five_entries, "participate.test")
        db.session.commit()
    tamper("DELETE FROM journal_entry", "DELETE FROM journal_detail")
    with writing():
        chain = db.session.scalars(sa.select(Chain).where(Chain.kind == ChainKind.NETWORK)).one()
        chain.seq, chain.head = 0, chain.birth
        for number in range(5):
            record(
                None,
                "collectivity:opened",
                five_entries,
                f"collectivity:{number}",
                {"slug": f"other{number}"},
            )
        db.session.commit()
    assert [f.what for f in faults()] == ["checkpoint"]


def test_a_child_chain_begins_on_its_parents_head(five_entries: ChainRef) -> None:
    with writing():
        child = open_chain(of_collectivity(7), NETWORK)
        db.session.commit()
    parent = db.session.scalars(sa.select(Chain).where(Chain.kind == ChainKind.NETWORK)).one()
    assert child.birth == parent.head


def test_an_undeclared_event_is_refused(five_entries: ChainRef) -> None:
    with writing(), pytest.raises(events.UnknownEventError):
        record(None, "position:guessed", NETWORK, "x:1")


def test_an_event_with_other_details_than_declared_is_refused(five_entries: ChainRef) -> None:
    with writing(), pytest.raises(events.WrongDetailsError):
        record(None, "collectivity:opened", NETWORK, "collectivity:1", {"slug": "a", "name": "Somebody"})


def test_an_act_that_is_rolled_back_leaves_no_entry(five_entries: ChainRef) -> None:
    with writing():
        record(None, "collectivity:opened", NETWORK, "collectivity:6", {"slug": "c6"})
        db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry)) == 5
    assert faults() == []


def test_an_end_cut_off_after_its_checkpoint_is_named(five_entries: ChainRef) -> None:
    with writing():
        checkpoint(five_entries, "participate.test")
        db.session.commit()
    tamper("DELETE FROM journal_entry WHERE seq = 5", "DELETE FROM journal_detail WHERE seq = 5")
    with writing():
        chain = db.session.scalars(sa.select(Chain).where(Chain.kind == ChainKind.NETWORK)).one()
        last = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.seq == 4)).one()
        chain.seq, chain.head = 4, last.hash
        db.session.commit()
    assert [(f.seq, f.what) for f in faults()] == [(5, "checkpoint")]
