"""One signing key after another: what the old one signed still verifies, and no file is overwritten."""

import json

import pytest
from click.testing import CliRunner

from participate.cli import participate
from participate.db import db, writing
from participate.journal import actions, keys, queries, verifier
from participate.opendata import jobs
from participate.opendata import queries as opendata
from tests import conftest, makers
from tests.conftest import both_engines
from tests.journal.test_archive import OTHER, a_closed_review, files_of, wrong
from tests.rooms.positions.makers import take


@pytest.fixture
def folder(tmp_path):
    """Keys in a folder of their own."""
    path = tmp_path / "keys"
    keys.use(keys.load_or_create(path), lambda: keys.load_or_create(path))
    return path


def turned(folder):
    """Rotate as the command does; return the two public keys."""
    old = keys.ring().public
    with writing():
        following = keys.next_ring(folder / "signing.next")
        actions.rotate(following)
        db.session.commit()
    keys.put_in_place(folder, folder / "signing.next", old)
    return old, following.public


@both_engines
def test_old_checkpoints_verify_after_the_key_was_replaced_and_new_ones_carry_the_new_key(app, folder):
    with writing():
        made = makers.a_plan()
        person = makers.a_person()
        db.session.commit()
    take(person, made.review, made.statements[0], 1)
    chain = actions.of_consultation(made.collectivity.id, made.review.id)
    with writing():
        before = actions.checkpoint(chain, "participate/x").note
        db.session.commit()
    old, new = turned(folder)
    take(person, made.review, made.statements[1], 1)
    with writing():
        after = actions.checkpoint(chain, "participate/x").note  # the process reads its files again
        db.session.commit()
    assert keys.ring().public == new
    assert keys.noted_by(before, [old]) is not None
    assert keys.noted_by(before, [new]) is None
    assert keys.noted_by(after, [new]) is not None
    assert queries.signing_keys() == (old, new)
    assert not [fault for fault in queries.verify() if fault]


def test_the_archive_carries_every_key_it_needs(app, folder):
    with writing():
        made = makers.a_plan()
        person = makers.a_person()
        db.session.commit()
    take(person, made.review, made.statements[0], 1)
    with writing():
        actions.checkpoint(actions.of_consultation(made.collectivity.id, made.review.id), "participate/x")
        db.session.commit()
    first, second = turned(folder)
    a_closed_review(made)
    _, third = turned(folder)
    assert jobs.build_archives() == 1
    data = opendata.content_of(made.collectivity.id, made.review.id)
    found = json.loads(files_of(data)["keys.json"])
    assert found["keys"] == [first, second, third]
    assert wrong(data, first) is None
    assert wrong(data, third) is None
    # A key that somebody put before the first without its consent counts for nothing.
    found["keys"].insert(0, OTHER.public)
    found["turns"].insert(0, found["turns"][0])
    with pytest.raises(verifier.WrongError, match=r"keys.json: the turn to .* is not signed by old"):
        verifier.keys_in(json.dumps(found), None)


def test_a_replaced_key_signs_nothing_after_its_successor(app, folder):
    made = a_closed_review()
    chain = actions.of_consultation(made.collectivity.id, made.review.id)
    data = opendata.closed(made.collectivity.id, made.review.id)
    old, new = keys.ring(), OTHER
    turn = keys.turn(old, new)
    notes = list(data.notes)
    assert len(notes) == 2
    text, _, signature = notes[0].partition("\n\n")
    notes[0] = keys.note(signature.split(" ")[1], text + "\n", new)
    entries = [dict(zip(("prev", "hash", "body"), one, strict=True)) for one in data.entries]
    read = [json.loads(one["body"]) | {"hash": one["hash"]} for one in entries]
    with pytest.raises(verifier.WrongError, match="checkpoint 2: signed with a key that had been replaced"):
        verifier.notes_in(json.dumps(notes), read, [turn.old, turn.new])
    assert chain


def test_a_turn_that_only_one_key_signed_counts_for_nothing(app, folder):
    forged = keys.turn(OTHER, keys.ring())
    with writing():
        actions.record(
            None, "key:rotated", actions.NETWORK, "key:x",
            {"old": forged.old, "new": forged.new, "signed_by_old": forged.signed_by_old, "signed_by_new": forged.signed_by_old},
        )  # fmt: skip
        db.session.commit()
    assert queries.signing_keys() == (keys.ring().public,)


def test_a_process_with_a_replaced_key_from_the_environment_signs_nothing(app, folder):
    with writing():
        actions.rotate(OTHER)
        db.session.commit()
    with pytest.raises(keys.ReplacedKeyError), writing():
        actions.checkpoint(actions.NETWORK, "participate/network")


# --- the command -----------------------------------------------------------------------------------------


@pytest.fixture
def site(app, tmp_path, monkeypatch):
    """The command line on a database of its own, with keys in files."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    for name, value in {
        "DATABASE_URL": url,
        "PARTICIPATE_SECRET_KEY": conftest.SECRET,
        "PARTICIPATE_INSTANCE": str(tmp_path / "instance"),
    }.items():
        monkeypatch.setenv(name, value)
    db.session.remove()
    made = run("keys", "create")
    assert made.exit_code == 0, made.output
    return tmp_path / "instance" / "keys"


def run(*words):
    return CliRunner().invoke(participate, list(words))


def test_the_command_replaces_the_key_and_puts_the_old_one_aside(site):
    first = run("keys", "list").output.split()[-1]
    done = run("keys", "rotate")
    assert done.exit_code == 0, done.output
    publics = [line.split()[-1] for line in run("keys", "list").output.splitlines()]
    assert publics[0] == first
    assert len(publics) == 2
    retired = keys.retired(site, first)
    assert retired.stat().st_mode & 0o077 == 0
    assert (site / "signing.key").stat().st_mode & 0o077 == 0
    assert keys.read_ring(retired).public == first
    assert not (site / "signing.next").exists()
    assert "Private" not in done.output
    assert run("journal", "verify").exit_code == 0


@pytest.mark.parametrize("which", ["signing.next", "retired"])
def test_the_command_overwrites_no_file(site, which):
    first = run("keys", "list").output.split()[-1]
    path = keys.retired(site, first) if which == "retired" else site / which
    path.write_bytes(b"\x01" * 32)
    done = run("keys", "rotate")
    assert done.exit_code == 1
    assert "nothing was replaced" in done.output
    assert path.read_bytes() == b"\x01" * 32
    assert queries.signing_key() is None  # nothing went into the record either
    assert run("keys", "list").output.split()[-1] == first


def _no_power(*_args):
    raise OSError


def test_a_rotation_that_stopped_before_the_files_moved_is_finished(site, monkeypatch):
    first = run("keys", "list").output.split()[-1]
    with monkeypatch.context() as cut:
        cut.setattr(keys, "put_in_place", _no_power)
        assert run("keys", "rotate").exit_code == 1
    assert (site / "signing.next").exists()
    done = run("keys", "rotate")
    assert done.exit_code == 0, done.output
    publics = [line.split()[-1] for line in run("keys", "list").output.splitlines()]
    assert publics[0] == first
    assert len(publics) == 2


def test_a_key_from_the_environment_is_written_where_one_says(site, tmp_path, monkeypatch):
    monkeypatch.setenv("PARTICIPATE_MASTER_KEY", "A" * 43 + "=")
    monkeypatch.setenv("PARTICIPATE_SIGNING_KEY", "B" * 42 + "A=")
    assert run("keys", "rotate").exit_code == 2
    path = tmp_path / "next.txt"
    done = run("keys", "rotate", "--to", str(path))
    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o077 == 0
    text = path.read_text().strip()
    assert text not in done.output
    assert run("keys", "rotate", "--to", str(path)).exit_code == 1
    monkeypatch.setenv("PARTICIPATE_SIGNING_KEY", text)
    assert len(run("keys", "list").output.splitlines()) == 2
