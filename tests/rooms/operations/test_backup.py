"""A backup holds what was there, comes back whole, and is refused when it is not what was saved."""

import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from participate.app import create_app
from participate.db import add, clock, db, writing
from participate.files import actions as files
from participate.journal import keys
from participate.journal import queries as journal
from participate.journal.actions import NETWORK, checkpoint, open_chain, record
from participate.journal.models import Chain
from participate.operations import archive, restoring, saving, tools
from participate.operations.facts import gather
from participate.operations.restoring import NotRestoredError
from participate.people.models import BrowserSession, Person
from participate.rules.policy import Actor
from tests import makers
from tests.conftest import both_engines, settings
from tests.support import postgres

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def here(app, database_url, keys_folder):
    return settings(database_url, keys_folder)


@pytest.fixture
def elsewhere(engine_name, tmp_path, here):
    """Settings of an empty place to restore to."""
    if engine_name == "sqlite":
        yield replace(here, database_url=f"sqlite:///{tmp_path / 'new' / 'restored.sqlite'}")
        return
    yield replace(here, database_url=postgres.fresh_database("participate_restored"))
    postgres.drop_database("participate_restored")


def filled() -> None:
    """A plan, a person who is signed in, an upload, and a chain with a checkpoint."""
    with writing():
        plan = makers.a_plan()
        person = makers.a_person()
        files.keep(Actor(person_id=person.id), plan.collectivity.id, "notes.pdf", PDF)
        now = clock()
        add(BrowserSession(id_hash="a" * 64, person_id=person.id, body={}, created_at=now, last_seen=now))
        open_chain(NETWORK)
        for number in range(3):
            record(None, "collectivity:opened", NETWORK, f"collectivity:{number}", {"slug": f"c{number}"})
        checkpoint(NETWORK, "participate.test")
        db.session.commit()


def people_in(found) -> int:
    with create_app(found).app_context():
        count = db.session.scalar(sa.select(sa.func.count()).select_from(Person))
        db.session.remove()
        db.engine.dispose()
    return count


@both_engines
def test_what_was_saved_comes_back_whole_and_everybody_signs_in_again(here, elsewhere, tmp_path):
    filled()
    before = gather(db.session.connection())
    db.session.rollback()
    made = saving.backup(here, tmp_path / "backups")
    assert made.stat().st_mode & 0o077 == 0
    done = restoring.restore(elsewhere, made, create_app)
    assert done.manifest.chains == before.chains
    assert done.kept is None
    gone = {"browser_session": 0, "sign_in_code": 0}
    assert done.facts.counts == {**before.counts, **gone}
    assert done.facts.counts["stored_file"] == 1
    assert people_in(elsewhere) == before.counts["person"]


@both_engines
def test_a_full_database_is_replaced_only_when_told_and_kept_aside(here, elsewhere, tmp_path):
    filled()
    made = saving.backup(here, tmp_path / "backups")
    restoring.restore(elsewhere, made, create_app)
    with pytest.raises(NotRestoredError, match="--replace"):
        restoring.restore(elsewhere, made, create_app)
    done = restoring.restore(elsewhere, made, create_app, replacing=True)
    assert done.kept is not None
    if elsewhere.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(done.kept)) as kept:
            assert kept.execute("SELECT count(*) FROM person").fetchone()[0] > 0
    else:
        with saving.reading(elsewhere.database_url) as connection:
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {done.kept}.person")) > 0
    assert people_in(elsewhere) > 0


def repacked(made: Path, folder: Path, change) -> Path:
    """The archive with something changed in it, as a hand that knows the format would."""
    laid = folder / "laid"
    shutil.rmtree(laid, ignore_errors=True)
    laid.mkdir(parents=True)
    with tarfile.open(made) as tar:
        tar.extractall(laid, filter="data")
    change(laid)
    out = folder / "changed.tar.gz"
    with tarfile.open(out, "w:gz") as tar:
        for path in sorted(laid.iterdir()):
            tar.add(path, arcname=path.name)
    return out


def told(laid: Path, **changes) -> None:
    path = laid / archive.MANIFEST
    said = json.loads(path.read_text())
    copy = next(one for one in laid.iterdir() if one.name != archive.MANIFEST)
    said["files"] = [{"name": copy.name, "size": copy.stat().st_size, "sha256": archive.digest(copy)}]
    path.write_text(json.dumps({**said, **changes}))


def in_copy(statement: str):
    def change(laid: Path) -> None:
        with closing(sqlite3.connect(laid / saving.SQLITE_COPY)) as copy, copy:
            for trigger in ("update", "delete", "replace"):
                copy.execute(f"DROP TRIGGER IF EXISTS journal_entry_no_{trigger}")
            copy.execute(statement)
        told(laid)

    return change


def flipped(laid: Path) -> None:
    path = laid / saving.SQLITE_COPY
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (flipped, "hash differs"),
        (in_copy("DELETE FROM person"), "not what its manifest says"),
        (in_copy("UPDATE journal_entry SET body = body || ' ' WHERE seq = 2"), "record does not hold"),
        (in_copy("UPDATE stored_file SET body = x'00'"), "not the file that was stored"),
        (lambda laid: told(laid, engine="postgresql"), "DATABASE_URL names sqlite"),
        (lambda laid: told(laid, format=9), "format is 9"),
        (lambda laid: told(laid, migration="0001"), "another migration"),
        (lambda laid: told(laid, public_key="other"), "keys here are not those"),
        (lambda laid: (laid / archive.MANIFEST).write_text("no"), "cannot be read"),
        (
            lambda laid: told(laid, files=[{"name": "../x", "size": 1, "sha256": "0"}]),
            "names a file outside itself",
        ),
    ],
)
def test_a_backup_that_is_not_what_was_saved_replaces_nothing(here, elsewhere, tmp_path, change, said):
    filled()
    made = saving.backup(here, tmp_path / "backups")
    good = restoring.restore(elsewhere, made, create_app)
    with pytest.raises(NotRestoredError, match=said):
        restoring.restore(elsewhere, repacked(made, tmp_path, change), create_app, replacing=True)
    assert people_in(elsewhere) == good.facts.counts["person"]
    folder = Path(elsewhere.database_url.removeprefix("sqlite:///")).parent
    assert {path.name for path in folder.iterdir()} <= {
        "restored.sqlite",
        "restored.sqlite-wal",
        "restored.sqlite-shm",
    }


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_dump_that_does_not_hold_leaves_the_old_database_where_it_was(here, elsewhere, tmp_path):
    filled()
    made = saving.backup(here, tmp_path / "backups")
    good = restoring.restore(elsewhere, made, create_app)
    with pytest.raises(NotRestoredError, match="not what its manifest says"):
        restoring.restore(
            elsewhere,
            repacked(made, tmp_path, lambda laid: told(laid, counts={})),
            create_app,
            replacing=True,
        )
    assert people_in(elsewhere) == good.facts.counts["person"]


def test_a_restored_chain_that_ends_before_a_published_checkpoint_names_what_is_lost(
    here, elsewhere, tmp_path
):
    filled()
    made = saving.backup(here, tmp_path / "backups")
    with writing():
        for number in range(2):
            record(None, "collectivity:opened", NETWORK, f"collectivity:{number}", {"slug": f"late{number}"})
        note = checkpoint(NETWORK, "participate.test").note
        db.session.commit()
    chain = db.session.scalars(sa.select(Chain).where(Chain.seq == 5)).one().id
    assert journal.behind(note) is None
    with pytest.raises(NotRestoredError, match=f"chain {chain} ends at entry 3 .* entries 4 to 5 are lost"):
        restoring.restore(elsewhere, made, create_app, notes=[note])
    with pytest.raises(NotRestoredError, match="not signed by the key"):
        restoring.restore(elsewhere, made, create_app, notes=[note.replace("\n5\n", "\n2\n")])
    with pytest.raises(NotRestoredError, match="not one of ours"):
        restoring.restore(elsewhere, made, create_app, notes=["hello"])


def test_only_the_newest_backups_are_kept_and_keys_lie_elsewhere(here, tmp_path):
    folder = tmp_path / "backups"
    made = [saving.backup(here, folder, keep=2) for _ in range(4)]
    assert archive.own_archives(folder) == made[2:]
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(saving.NoBackupError, match="one place"):
        saving.backup_keys(here, folder, folder)
    held = saving.backup_keys(here, tmp_path / "safe", folder)
    assert held.stat().st_mode & 0o077 == 0
    with tarfile.open(held) as tar:
        assert sorted(tar.getnames()) == ["master.key", "signing.key"]
    raw = keys.ring().master
    with tarfile.open(made[-1]) as tar:
        for member in tar.getmembers():
            assert raw not in tar.extractfile(member).read()


def test_without_room_there_is_no_backup_and_the_older_ones_stay(here, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    kept = saving.backup(here, folder, keep=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(saving.NoBackupError, match="make room"):
        saving.backup(here, folder, keep=1)
    assert list(folder.iterdir()) == [kept]


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_an_older_pg_dump_is_not_used_and_what_to_install_is_said(here, tmp_path, monkeypatch):
    monkeypatch.setenv(tools.FOLDERS, "")
    monkeypatch.setattr(tools, "_version", lambda _path: 9)
    with pytest.raises(saving.NoBackupError, match=r"apt-get install postgresql-client-\d+"):
        saving.backup(here, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
