"""The doctor finds what is wrong, says what to do, and ends with 1 only then."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from click.testing import CliRunner, Result
from flask_migrate import downgrade

from participate.app import create_app
from participate.cli import _refuse_shifted_clock, participate
from participate.config import BadSettingError, Settings, from_environment
from participate.db import add, clock, db, writing
from participate.journal import keys
from participate.operations import doctor
from participate.operations.doctor import Health
from participate.operations.tools import FOLDERS
from participate.post.models import Mail
from tests.conftest import both_engines, settings
from tests.support.ports import free_port

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def found(app, database_url, tmp_path) -> Settings:
    """Settings of an installation with nothing wrong but its plain address."""
    keys.create(tmp_path / "keys")
    with writing():
        db.session.execute(sa.text("DELETE FROM clock_offset"))
        db.session.commit()
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    server.start()
    made = settings(database_url, tmp_path, testing=False, base_url="https://participer.ma")
    yield replace(made, smtp_url=f"smtp://127.0.0.1:{server.port}")
    server.stop()


def examined(found: Settings) -> dict[str, list[doctor.Finding]]:
    by_name: dict[str, list[doctor.Finding]] = {}
    for one in doctor.examine(lambda: found, create_app):
        by_name.setdefault(one.what, []).append(one)
    return by_name


def bad(found: Settings) -> set[str]:
    return {
        what for what, all_of in examined(found).items() if any(one.health is Health.BAD for one in all_of)
    }


@both_engines
def test_a_sound_installation_has_nothing_bad_but_what_the_test_server_lacks(found, engine_name):
    wrong = bad(found)
    # The PostgreSQL of the tests runs without fsync, and the doctor says so.
    assert wrong == ({"database"} if engine_name == "postgresql" else set())
    assert set(examined(found)) == {
        "settings",
        "keys",
        "disk",
        "database",
        "clock",
        "record",
        "letters",
        "mail",
    }


def test_a_missing_key_a_readable_key_and_a_doubled_key_are_bad(found, tmp_path):
    master, signing = tmp_path / "keys" / "master.key", tmp_path / "keys" / "signing.key"
    master.chmod(0o644)
    assert "keys" in bad(found)
    master.chmod(0o600)
    assert "keys" not in bad(found)
    raw = master.read_bytes()
    master.write_bytes(signing.read_bytes())
    assert "keys" in bad(found)
    master.write_bytes(raw)
    assert "keys" in bad(replace(found, master_key="same" * 11, signing_key="same" * 11))
    master.unlink()
    assert "keys" in bad(found)
    assert not master.exists(), "looking makes no keys"


def test_a_shifted_clock_is_bad_and_no_server_starts_with_it(found):
    _refuse_shifted_clock(create_app(found), found)
    with writing():
        db.session.execute(sa.text("INSERT INTO clock_offset (id, microseconds) VALUES (1, 60000000)"))
        db.session.commit()
    assert bad(found) == {"clock"}
    with pytest.raises(BadSettingError, match="clock"):
        _refuse_shifted_clock(create_app(found), found)


def test_a_database_whose_clock_differs_from_the_machines_is_bad(found, monkeypatch):
    monkeypatch.setattr(doctor, "clock", lambda: clock() + timedelta(seconds=30))
    assert bad(found) == {"clock"}


def test_a_database_behind_its_migrations_is_bad(found):
    db.session.remove()
    downgrade(revision="-1")
    assert "database" in bad(found)
    assert any("db upgrade" in one.advice for one in examined(found)["database"])


def test_a_database_that_is_not_there_is_a_finding(found, tmp_path):
    wrong = replace(found, database_url=f"sqlite:///{tmp_path}/none/such.sqlite")
    assert {"database", "clock", "record"} <= bad(wrong)


def test_a_damaged_file_and_a_broken_chain_are_bad(found):
    path = Path(found.database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as there, there:
        there.execute(
            "INSERT INTO chain (id, collectivity_id, kind, ref, seq, head, birth) VALUES (1, 0, 'network', 0, 4, 'x', 'x')"
        )
    assert bad(found) == {"record"}
    with closing(sqlite3.connect(path)) as there, there:
        there.execute("PRAGMA writable_schema=ON")
        there.execute("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'ix_mail_due'")
    assert "database" in bad(found)


def test_a_mail_server_that_is_away_or_not_named_is_bad(found):
    assert bad(replace(found, smtp_url=f"smtp://127.0.0.1:{free_port()}")) == {"mail"}
    assert bad(replace(found, smtp_url=None)) == {"mail"}


def test_a_full_disk_is_bad(found, monkeypatch):
    usage = doctor.shutil.disk_usage("/")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage._replace(free=1 << 20))
    assert bad(found) == {"disk"}


def test_letters_that_were_given_up_are_a_warning(found):
    with writing():
        now = clock()
        row = Mail(address="a@b.ma", lang="ar", kind="decision", subject="s", body="b", tries=8)
        row.created_at = row.not_before = now
        add(row)
        db.session.commit()
    assert examined(found)["letters"][0].health is Health.WARNING
    assert bad(found) == set()


def test_a_bad_setting_is_the_only_finding():
    def refuse() -> Settings:
        raise BadSettingError("PARTICIPATE_SECRET_KEY", "give more")

    found = doctor.examine(refuse, create_app)
    assert [(one.what, one.health, one.advice) for one in found] == [("settings", Health.BAD, "give more")]


GOOD = {
    "PARTICIPATE_SECRET_KEY": SECRET,
    "DATABASE_URL": "sqlite:////tmp/none.sqlite",
    "PARTICIPATE_BASE_URL": "https://participer.ma",
}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, None),
        ({"PARTICIPATE_DEMO": "1"}, "PARTICIPATE_DEMO"),
        ({"PARTICIPATE_SECRET_KEY": ""}, "PARTICIPATE_SECRET_KEY"),
        ({"PARTICIPATE_SECRET_KEY": "short"}, "PARTICIPATE_SECRET_KEY"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"PARTICIPATE_BASE_URL": "http://participer.ma"}, "PARTICIPATE_BASE_URL"),
        ({"PARTICIPATE_MASTER_KEY": "x"}, "PARTICIPATE_SIGNING_KEY"),
        ({"PARTICIPATE_SIGNING_KEY": "x"}, "PARTICIPATE_MASTER_KEY"),
        ({"PARTICIPATE_MASTER_KEY": SECRET, "PARTICIPATE_SIGNING_KEY": "x"}, "PARTICIPATE_SECRET_KEY"),
    ],
)
def test_nothing_half_configured_goes_live(monkeypatch, changes, named):
    for name in [name for name in os.environ if name.startswith("PARTICIPATE_")]:
        monkeypatch.delenv(name)
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setenv(name, value)
    if named is None:
        assert from_environment().hosts == ["participer.ma"]
        return
    with pytest.raises(BadSettingError) as refused:
        from_environment()
    assert refused.value.args[0] == named


@pytest.mark.parametrize("change", ["missing", "readable", "short", "same"])
def test_no_application_is_made_without_good_keys(found, tmp_path, change):
    create_app(found)
    path = tmp_path / "keys" / "master.key"
    if change == "missing":
        path.unlink()
    elif change == "readable":
        path.chmod(0o640)
    elif change == "short":
        path.write_bytes(b"short")
    else:
        path.write_bytes((tmp_path / "keys" / "signing.key").read_bytes())
    with pytest.raises(BadSettingError, match="PARTICIPATE_INSTANCE"):
        create_app(found)
    with pytest.raises(BadSettingError):
        create_app(replace(found, master_key="AAAA", signing_key="AAAA"))


def test_an_operator_types_it_all_from_nothing_to_a_restored_backup(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PARTICIPATE_") and name != FOLDERS]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PARTICIPATE_SECRET_KEY", SECRET)
    monkeypatch.setenv("PARTICIPATE_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/db.sqlite")

    def typed(*words: str) -> Result:
        return CliRunner().invoke(participate, words)

    assert "participate keys create" in str(typed("serve", "--port", "1").exception)
    assert typed("keys", "create").exit_code == 0
    assert "participate doctor says more" in str(typed("serve", "--port", "1").exception)
    assert typed("db", "upgrade").exit_code == 0
    said = typed("doctor", "--json")
    assert said.exit_code == 1, "there is no mail server"
    assert [one["what"] for one in json.loads(said.stdout) if one["health"] == "bad"] == ["mail"]
    saved = typed("backup", str(tmp_path / "backups"), "--keys", str(tmp_path / "safe"))
    assert saved.exit_code == 0, saved.output
    (file,) = (tmp_path / "backups").iterdir()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/second.sqlite")
    back = typed("restore", str(file))
    assert (back.exit_code, "Restored" in back.output) == (0, True), back.output
    again = typed("restore", str(file), "--replace")
    assert again.exit_code == 0, again.output
