"""The archive of a closed consultation proves itself offline; whatever is changed in it is named."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from participate.db import clock, db, set_clock, writing
from participate.journal import keys, verifier
from participate.journal.archive import packed
from participate.journal.encoding import canonical, entry_hash, sha256
from participate.lifecycle import actions as lifecycle
from participate.opendata import actions, jobs, queries
from participate.opendata.queries.closing import NotAsClosedError
from participate.positions.models import Receipt
from participate.rules.lifecycle import Stage
from participate.synthesis.cli import verify
from tests import makers
from tests.conftest import both_engines
from tests.rooms.positions.makers import prioritise, take

OTHER = keys.from_text(base64.b64encode(bytes(32)).decode(), base64.b64encode(b"\x07" * 32).decode())
MADE: dict[str, object] = {}
PEOPLE = ((1, 1, 0), (1, -1, -1), (0, 1, 1), (-1, -1, 1), (1, 0, 0))


def a_closed_review(made=None):
    """A review in which five people took positions, one changed theirs and one gave a priority up."""
    with writing():
        made = made or makers.a_plan(Stage.CONSULTATION)
        people = [makers.a_person() for _ in PEOPLE]
        db.session.commit()
    for person, values in zip(people, PEOPLE, strict=True):
        for statement_id, value in zip(made.statements, values, strict=True):
            take(person, made.review, statement_id, value)
    with writing():
        actions.sign_moved(clock())
        db.session.commit()
    prioritise(people[0], made.review, made.statements[0], True)
    prioritise(people[1], made.review, made.statements[0], True)
    prioritise(people[1], made.review, made.statements[0], False)
    take(people[2], made.review, made.statements[1], -1)
    with writing():
        set_clock(made.review.closes_at)
        lifecycle.run_due(made.collectivity.id)
        db.session.commit()
    return made


@pytest.fixture
def archive(request):
    """The bytes of an archive, made once a worker, with the key that signed it and a receipt in it."""
    if not MADE:
        request.getfixturevalue("app")
        made = a_closed_review()
        assert jobs.build_archives() == 1
        MADE["bytes"] = queries.content_of(made.collectivity.id, made.review.id)
        MADE["key"] = keys.ring().public
        receipt = db.session.query(Receipt).order_by(Receipt.at).first()
        MADE["receipt"], MADE["receipt_hash"] = receipt.code, receipt.entry_hash
    return MADE["bytes"]


def wrong(data, key=None, receipt=None):
    """What the verifier says of some bytes; None if everything holds."""
    try:
        for _line in verifier.steps(io.BytesIO(data), key, receipt):
            pass
    except verifier.WrongError as error:
        return str(error)
    return None


def files_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            out.writestr(name, text)
    return made.getvalue()


# --- what holds -------------------------------------------------------------------------------------


@both_engines
def test_a_closed_consultation_makes_one_archive_that_holds(app, engine_name):
    del engine_name
    made = a_closed_review()
    assert jobs.build_archives() == 1
    assert jobs.build_archives() == 0
    data = queries.content_of(made.collectivity.id, made.review.id)
    assert wrong(data, keys.ring().public) is None
    [row] = queries.archives_of(made.collectivity.id)
    assert (row.sha256, row.size) == (hashlib.sha256(data).hexdigest(), len(data))


def test_two_makings_give_the_same_bytes(app):
    made = a_closed_review()
    key = (made.collectivity.id, made.review.id)
    first = packed(queries.closed(*key), keys.ring())
    jobs.build_archives()  # appends to the chain, after the closing
    assert packed(queries.closed(*key), keys.ring()) == first == queries.content_of(*key)


def test_the_program_in_the_archive_runs_alone_and_says_what_it_proves(archive, tmp_path):
    (tmp_path / "a.zip").write_bytes(archive)
    (tmp_path / "verify.py").write_text(files_of(archive)["verify.py"])
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "a.zip", "--key", MADE["key"], "--receipt", MADE["receipt"]],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Everything holds" in done.stdout
    assert "does not show who voted" in done.stdout
    assert "find your receipts" in done.stdout
    assert MADE["receipt_hash"] in done.stdout


def test_the_program_is_under_200_lines_and_needs_cryptography_only():
    text = Path(verifier.__file__).read_text("utf-8")
    assert len(text.splitlines()) < 200
    imported = {
        line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_the_command_line_accepts_an_archive_and_names_what_is_wrong(archive, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(archive)
    good = CliRunner().invoke(verify, [str(path), "--key", MADE["key"], "--receipt", MADE["receipt_hash"]])
    assert good.exit_code == 0, good.output
    path.write_bytes(zipped(files_of(archive) | {"README.txt": "other"}))
    bad = CliRunner().invoke(verify, [str(path)])
    assert bad.exit_code == 1
    assert "wrong: README.txt" in bad.output


def test_a_receipt_that_is_not_in_the_archive_is_said(archive):
    assert "no entry of this archive" in wrong(archive, None, "BM-0000-0000")


# --- the link from a person to a vote ----------------------------------------------------------------


def test_the_archive_holds_nothing_that_leads_from_a_person_to_a_vote(archive):
    files = files_of(archive)
    entries = [json.loads(json.loads(line)["body"]) for line in files["chain.jsonl"].splitlines()]
    acts = [one for one in entries if one["type"] in verifier.ACTS]
    assert len(acts) == 19
    for one in acts:
        assert set(one) == {"chain", "seq", "type", "at", "public", "commit"}
        assert set(one["public"]) == {"statement", "voter"}
    ballots = json.loads(files["ballots.json"])
    # No voter names two statements, so thirty acts are no fingerprint.
    pairs = {(one["public"]["voter"], one["public"]["statement"], one["type"]) for one in acts}
    assert len({voter for voter, _, _ in pairs}) == len(pairs)
    assert set(ballots) == {"method", "seed", "positions", "priorities"}


def test_the_order_of_the_ballots_depends_on_their_number_alone(archive):
    """Whoever voted first, the file is the same: the tally and the closing decide every byte of it."""
    files = files_of(archive)
    entries = verifier.chain_in(files["chain.jsonl"])
    shuffled = [*reversed(entries[:-1]), entries[-1]]
    tally = json.loads(files["tally.json"])
    assert canonical(verifier.ballots_of(tally, shuffled)) == files["ballots.json"]
    counted = {
        int(one): sorted(values) for one, values in json.loads(files["ballots.json"])["positions"].items()
    }
    assert counted == {
        one: sorted([1] * yes + [-1] * no + [0] * passed) for one, yes, no, passed in tally["statements"]
    }
    assert json.loads(files["ballots.json"])["priorities"].popitem()[1].count(1) == 1


# --- fifty changes, each named -------------------------------------------------------------------------


def line(number, change):
    """Change one entry of the chain, leaving its hash; `change` gets the record of the line."""

    def on(files):
        lines = files["chain.jsonl"].splitlines()
        record = json.loads(lines[number - 1])
        change(record)
        lines[number - 1] = canonical(record)
        return files | {"chain.jsonl": "\n".join(lines) + "\n"}

    return on


def lines(change):
    def on(files):
        found = files["chain.jsonl"].splitlines()
        change(found)
        return files | {"chain.jsonl": "\n".join(found) + "\n"}

    return on


def value(name, change):
    """Change what a JSON file holds."""

    def on(files):
        found = json.loads(files[name])
        found = change(found) or found
        return files | {name: canonical(found)}

    return on


def put(name, text):
    return lambda files: files | {name: text if isinstance(text, str) else text(files[name])}


def body(record, old, new):
    assert old in record["body"]
    record["body"] = record["body"].replace(old, new, 1)


def swap(found, a, b):
    found[a - 1], found[b - 1] = found[b - 1], found[a - 1]


def rebuilt(start, drop=None, change=None):
    """Forge the chain anew from entry `start`: every hash fits, as the holder of the database could do."""

    def on(files):
        records = [json.loads(one) for one in files["chain.jsonl"].splitlines()]
        if drop:
            del records[drop - 1]
        head = records[start - 2]["hash"] if start > 1 else records[0]["prev"]
        for number, record in enumerate(records[start - 1 :], start):
            inner = json.loads(record["body"]) | {"seq": number}
            if change and number == start:
                change(inner)
            if inner["type"] == "consultation:closed":
                inner["public"]["entries"] = number - 1
            record["prev"], record["body"] = head, canonical(inner)
            head = record["hash"] = entry_hash(head, record["body"])
        return files | {"chain.jsonl": "".join(canonical(one) + "\n" for one in records)}

    return on


def first(found):
    return next(one for one in sorted(found["positions"]))


def flip(found, kind="positions"):
    name = next(one for one in sorted(found[kind]) if len(set(found[kind][one])) > 1)
    values = found[kind][name]
    values[0] = next(one for one in values if one != values[0])


def reorder(found):
    for values in found["positions"].values():
        values.sort(reverse=values == sorted(values))


def renamed(old, new):
    return lambda files: {new if name == old else name: text for name, text in files.items()}


def without(name):
    return lambda files: {one: text for one, text in files.items() if one != name}


def renote(change, resign=None, number=0):
    """Change a checkpoint's lines; sign it again with `resign` if given."""

    def on(found):
        text, _, signature = found[number].partition("\n\n")
        rows = text.split("\n")
        change(rows)
        made = "\n".join(rows) + "\n"
        found[number] = keys.note("participate/x", made, resign) if resign else f"{made}\n{signature}"

    return value("checkpoints.json", on)


def resigned(data_files):
    """Everything signed again with another key, consistently: only the reader's own key tells."""
    notes = []
    for note in json.loads(data_files["checkpoints.json"]):
        text, _, signature = note.partition("\n\n")
        notes.append(keys.note(signature.split(" ")[1], text + "\n", OTHER))
    made = data_files | {
        "keys.json": canonical({"keys": [OTHER.public], "turns": []}),
        "checkpoints.json": canonical(notes),
    }
    made["manifest.json"] = canonical(
        {name: sha256(text) for name, text in made.items() if not name.startswith("manifest.")}
    )
    made["manifest.sig"] = OTHER.sign(made["manifest.json"].encode())
    return made


def tallied(change):
    """Change the tally and its hash in the closing: the chain then no longer fits the checkpoint."""

    def on(files):
        tally = json.loads(files["tally.json"])
        change(tally)
        text = canonical(tally)
        end = len(files["chain.jsonl"].splitlines())
        made = rebuilt(end, change=lambda inner: inner["public"].update(tally_sha256=sha256(text)))(files)
        return made | {"tally.json": text}

    return on


def bump(tally, place=1, by=1):
    tally["statements"][0][place] += by


def shift(tally):
    tally["statements"][0][1] += 1
    tally["statements"][0][2] -= 1


CHANGES = {
    # the chain
    "a voter altered": (line(3, lambda r: body(r, '"voter":"', '"voter":"0')), "chain.jsonl, entry 3"),
    "a statement altered": (line(5, lambda r: body(r, '"statement":', '"statement":1')), "chain.jsonl, entry 5"),
    "a moment altered": (line(2, lambda r: body(r, '"at":"2023', '"at":"2022')), "chain.jsonl, entry 2"),
    "a type altered": (line(4, lambda r: body(r, "position:taken", "priority:set")), "chain.jsonl, entry 4"),
    "a commitment altered": (line(6, lambda r: body(r, '"commit":"', '"commit":"0')), "chain.jsonl, entry 6"),
    "the first entry altered": (line(1, lambda r: body(r, '"voter":"', '"voter":"1')), "chain.jsonl, entry 1"),
    "a hash changed": (line(7, lambda r: r.update(hash="0" * 64)), "chain.jsonl, entry 7"),
    "a link changed": (line(8, lambda r: r.update(prev="0" * 64)), "chain.jsonl, entry 8"),
    "body and hash changed": (
        line(9, lambda r: (body(r, '"voter":"', '"voter":"2'), r.update(hash=entry_hash(r["prev"], r["body"])))),
        "chain.jsonl, entry 10",
    ),
    "two entries swapped": (lines(lambda f: swap(f, 4, 5)), "chain.jsonl, entry 4"),
    "first and last swapped": (lines(lambda f: swap(f, 1, 20)), "chain.jsonl, entry 1"),
    "an entry removed": (lines(lambda f: f.pop(6)), "chain.jsonl, entry 7"),
    "the first entry removed": (lines(lambda f: f.pop(0)), "chain.jsonl, entry 1"),
    "the closing removed": (lines(lambda f: f.pop()), "chain.jsonl: the closing"),
    "the last two removed": (lines(lambda f: (f.pop(), f.pop())), "chain.jsonl: the closing"),
    "an entry doubled": (lines(lambda f: f.insert(3, f[2])), "chain.jsonl, entry 4"),
    "the closing doubled": (lines(lambda f: f.append(f[-1])), "chain.jsonl, entry 21"),
    "an entry put in": (lines(lambda f: f.insert(3, canonical({"body": "{}", "hash": "", "prev": ""}))), "chain.jsonl, entry 4"),
    "an empty line": (lines(lambda f: f.insert(2, "")), "chain.jsonl, entry 3"),
    "a line that is no JSON": (lines(lambda f: f.insert(1, "nonsense")), "chain.jsonl, entry 2"),
    "a line written otherwise": (lines(lambda f: f.__setitem__(1, f[1].replace(":", ": ", 1))), "chain.jsonl, entry 2"),
    "a field more in a line": (line(3, lambda r: r.update(note="x")), "chain.jsonl, entry 3"),
    "the chain emptied": (put("chain.jsonl", ""), "chain.jsonl, entry 1"),
    "the last line cut": (put("chain.jsonl", lambda t: t[:-40]), "chain.jsonl, entry 20"),
    # the chain forged anew
    "the chain rebuilt from entry 1": (rebuilt(1, change=lambda b: b["public"].update(voter="f" * 64)), "checkpoints.json, checkpoint 1"),
    "the chain rebuilt after the first checkpoint": (rebuilt(17, change=lambda b: b["public"].update(voter="f" * 64)), "checkpoints.json, checkpoint 2"),
    "an entry dropped and the chain rebuilt": (rebuilt(3, drop=3), "checkpoints.json, checkpoint 1"),
    # checkpoints
    "a root changed": (renote(lambda r: r.__setitem__(2, "0" * 64)), "checkpoints.json, checkpoint 1"),
    "a size changed": (renote(lambda r: r.__setitem__(1, "14")), "checkpoints.json, checkpoint 1"),
    "a size beyond the end": (renote(lambda r: r.__setitem__(1, "999")), "checkpoints.json, checkpoint 1"),
    "an origin changed": (renote(lambda r: r.__setitem__(0, "participate/other/consultation/1")), "checkpoints.json, checkpoint 1"),
    "a signature changed": (value("checkpoints.json", lambda f: f.__setitem__(0, f[0][:-6] + "AAAA=\n")), "checkpoints.json, checkpoint 1"),
    "a checkpoint signed by another key": (
        value("checkpoints.json", lambda f: f.__setitem__(1, keys.note(f[1].split("— ")[1].split(" ")[0], f[1].partition("\n\n")[0] + "\n", OTHER))),
        "checkpoints.json, checkpoint 2",
    ),
    "two checkpoints swapped": (value("checkpoints.json", lambda f: swap(f, 1, 2)), "checkpoints.json, checkpoint 2"),
    "the checkpoint of the closing removed": (value("checkpoints.json", lambda f: f[:-1]), "checkpoints.json: "),
    "no checkpoint at all": (put("checkpoints.json", "[]"), "checkpoints.json: "),
    "a checkpoint doubled": (value("checkpoints.json", lambda f: [f[0], *f]), "checkpoints.json, checkpoint 2"),
    "checkpoints that are no list": (put("checkpoints.json", "7"), "checkpoints.json: "),
    # keys
    "another key": (put("keys.json", canonical({"keys": [OTHER.public], "turns": []})), "checkpoints.json, checkpoint 1"),
    "a key more, which nobody handed on": (value("keys.json", lambda f: f["keys"].append(OTHER.public)), "keys.json"),
    "a turn that no key signed": (
        value("keys.json", lambda f: f["keys"].insert(0, OTHER.public) or f["turns"].append({"signed_by_old": "", "signed_by_new": ""})),
        "keys.json",
    ),
    "no key": (put("keys.json", canonical({"keys": [], "turns": []})), "keys.json"),
    "a key cut": (value("keys.json", lambda f: f["keys"].__setitem__(0, f["keys"][0][:-8])), "keys.json"),
    # the tally
    "a vote more in the tally": (value("tally.json", bump), "tally.json"),
    "a vote moved in the tally": (value("tally.json", shift), "tally.json"),
    "a statement out of the tally": (value("tally.json", lambda f: f["statements"].pop(0) and None), "tally.json"),
    "a priority more": (value("tally.json", lambda f: f["priorities"][0].__setitem__(1, 5)), "tally.json"),
    "the tally written otherwise": (put("tally.json", lambda t: t.replace(",", ", ")), "tally.json"),
    "the tally and the closing changed": (tallied(shift), "checkpoints.json, checkpoint 2"),
    "the figures of one project given to another": (
        value("statements.json", lambda f: f[0].__setitem__(2, 2) or f[1].__setitem__(2, 1)), "statements.json",
    ),
    # ballots
    "a ballot added": (value("ballots.json", lambda f: f["positions"][first(f)].append(1)), "ballots.json, positions on"),
    "a ballot removed": (value("ballots.json", lambda f: f["positions"][first(f)].pop() and None), "ballots.json, positions on"),
    "a ballot flipped": (value("ballots.json", flip), "ballots.json, positions on"),
    "a priority flipped": (value("ballots.json", lambda f: flip(f, "priorities")), "ballots.json, priorities on"),
    "the ballots of a statement removed": (value("ballots.json", lambda f: f["positions"].pop(first(f)) and None), "ballots.json, positions on"),
    "ballots of no statement": (value("ballots.json", lambda f: f["positions"].update({"7": [1]})), "ballots.json, positions on 7"),
    "the ballots in another order": (value("ballots.json", reorder), "ballots.json, positions on"),
    "another seed": (value("ballots.json", lambda f: f.update(seed="0" * 64)), "ballots.json"),
    "another method": (value("ballots.json", lambda f: f.update(method="as they came")), "ballots.json"),
    # files
    "a README changed": (put("README.txt", lambda t: t + "\nAll is well."), "README.txt"),
    "a program changed": (put("verify.py", "print('Everything holds.')"), "verify.py"),
    "a list of files changed": (value("manifest.json", lambda f: f.update({"README.txt": "0" * 64})), "manifest.json"),
    "a signature of the files changed": (put("manifest.sig", lambda t: "A" + t[1:] if t[0] != "A" else "B" + t[1:]), "manifest."),
    "a signature written otherwise": (put("manifest.sig", lambda t: t[:-3] + chr(ord(t[-3]) + 1) + "=="), "manifest.json"),
    "a file renamed": (renamed("ballots.json", "ballot.json"), "ballot.json"),
    "a file removed": (without("tally.json"), "tally.json"),
    "a file added": (put("votes.csv", "person,vote"), "votes.csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_archive_is_refused_and_the_first_bad_thing_is_named(archive, name):
    change, where = CHANGES[name]
    files = files_of(archive)
    changed = change(dict(files))
    assert changed != files
    said = wrong(zipped(changed))
    assert said is not None
    assert said.startswith(where), said


def test_at_least_fifty_changes_are_tried():
    assert len(CHANGES) >= 50


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_archive_is_refused(archive, kept):
    assert wrong(archive[: int(len(archive) * kept)]).startswith("the archive")


def test_a_file_in_it_twice_is_refused(archive):
    made = io.BytesIO(archive)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "a") as out:
        out.writestr("tally.json", "{}")
    assert wrong(made.getvalue()).startswith("tally.json")


def test_an_archive_signed_anew_with_another_key_is_told_by_the_key_one_knows(archive):
    forged = zipped(resigned(files_of(archive)))
    assert wrong(forged) is None  # nothing inside tells: the reader's own key does
    assert wrong(forged, MADE["key"]).startswith("keys.json")


def test_a_vote_put_into_the_tally_by_the_holder_of_the_key_has_no_pseudonym(archive):
    """Every hash and signature fits: only counting the pseudonyms tells."""
    files = tallied(bump)(files_of(archive))
    entries = [json.loads(one) for one in files["chain.jsonl"].splitlines()]
    notes = json.loads(files["checkpoints.json"])
    rows = notes[-1].split("\n")
    rows[2] = entries[-1]["hash"]
    files["checkpoints.json"] = canonical([*notes[:-1], "\n".join(rows)])
    said = wrong(zipped(resigned(files)))
    assert said.startswith("tally.json: positions on")
    assert "6, but 5 pseudonyms" in said


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), name=st.sampled_from(verifier.FILES))
def test_one_flipped_bit_anywhere_is_noticed(archive, where, bit, name):
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        raw = {one: found.read(one) for one in found.namelist()}
    data = bytearray(raw[name])
    data[int(where * len(data))] ^= 1 << bit
    said = wrong(zipped(raw | {name: bytes(data)}))
    assert said is not None


# --- an archive is not made of what changed ---------------------------------------------------------------


def test_no_archive_is_given_out_once_a_counter_was_changed_after_the_close(app):
    made = a_closed_review()
    with writing():
        db.session.execute(
            db.text("UPDATE statement SET agree = agree + 1 WHERE id = :id"), {"id": made.statements[0]}
        )
        db.session.commit()
    with pytest.raises(NotAsClosedError, match="tally"):
        queries.closed(made.collectivity.id, made.review.id)
    jobs._refused.clear()
    assert jobs.build_archives() == 0
    [row] = queries.archives_of(made.collectivity.id)
    assert row.sha256 is None
