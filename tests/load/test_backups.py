"""The drill: backups while people vote through HTTP, each restored and checked."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from participate.app import create_app
from participate.db import db, writing
from participate.journal import keys
from participate.journal.actions import checkpoint, of_consultation
from participate.journal.models import Chain
from participate.operations import restoring, saving
from participate.positions.models import Receipt
from tests import makers
from tests.conftest import both_engines, settings
from tests.load.conftest import a_voter
from tests.load.killed import Ledger, Served, crowd
from tests.support import postgres
from tests.support.postgres_tools import name_folder
from tests.support.soak import much

pytestmark = pytest.mark.load
BACKUPS = much(2, 25)


@both_engines
@pytest.mark.timeout(much(180, 3600))
def test_every_backup_under_writes_comes_back_with_all_that_was_acknowledged_before_it(
    app, engine_name, database_url, keys_folder, tmp_path, monkeypatch, figures
):
    name_folder()
    monkeypatch.setattr(keys, "_ring", keys._ring)
    with writing():
        plan = makers.a_plan()
        voters = [a_voter() for _ in range(60)]
        db.session.commit()
    chain = of_consultation(plan.collectivity.id, plan.review.id)
    here = settings(database_url, keys_folder)
    served = Served(database_url, keys_folder, tmp_path / "served.log")
    served.start()
    ledger, over = Ledger(), threading.Event()
    pool = crowd(served.port, f"/fr{plan.path}", voters, ledger, over, 3)
    made = []
    try:
        for _ in range(BACKUPS):
            more = ledger.answers["303"] + 3
            while ledger.answers["303"] < more:
                threading.Event().wait(0.02)
            with writing():
                note = checkpoint(chain, "participate.test").note
                db.session.commit()
            with ledger.turn:
                told = set(ledger.receipts)
            made.append((saving.backup(here, tmp_path / "backups"), note, told))
    finally:
        over.set()
        pool.shutdown(wait=True)
        served.stop()
    good = 0
    for number, (file, note, told) in enumerate(made):
        url = f"sqlite:///{tmp_path}/{number}.sqlite"
        if engine_name == "postgresql":
            url = postgres.fresh_database("participate_drill")
        restoring.restore(replace(here, database_url=url), file, create_app, notes=[note])
        with saving.reading(url) as connection:
            held = set(connection.scalars(sa.select(Receipt.code)))
            seq = connection.scalar(sa.select(Chain.seq).where(Chain.ref == plan.review.id))
        assert told <= held, "acknowledged before the backup, and not in it"
        good += seq >= int(note.splitlines()[1])
    if engine_name == "postgresql":
        postgres.drop_database("participate_drill")
    figures("backups under writes, restored", backups=BACKUPS, good=good, acknowledged=ledger.answers["303"])
    assert good == BACKUPS
