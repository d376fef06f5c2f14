"""The record as people read it, the checkpoints of each hour, and the way of one receipt."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from participate.db import clock, db, set_clock, writing
from participate.journal import actions as journal
from participate.journal import keys
from participate.journal.encoding import entry_hash
from participate.journal.events import EVENTS
from participate.journal.models import Chain, ChainKind, Checkpoint
from participate.lifecycle import actions as lifecycle
from participate.opendata import actions, jobs, queries, words
from participate.rules.lifecycle import Stage
from tests import makers
from tests.conftest import both_engines
from tests.journal.test_archive import wrong
from tests.rooms.positions.makers import prioritise, take

HOUR = timedelta(hours=1)


@pytest.fixture
def plan(app):
    with writing():
        made = makers.a_plan(Stage.CONSULTATION)
        db.session.commit()
    return made


def person():
    with writing():
        made = makers.a_person()
        db.session.commit()
    return made


def closed(made):
    with writing():
        set_clock(made.review.closes_at)
        lifecycle.run_due(made.collectivity.id)
        db.session.commit()


def chain_id():
    return db.session.scalar(db.select(Chain.id).where(Chain.kind == ChainKind.CONSULTATION))


def page(made, path):
    return f"/ar/{made.collectivity.slug}{path}"


# --- checkpoints -------------------------------------------------------------------------------------


@both_engines
def test_a_chain_that_moved_gets_a_checkpoint_an_hour_and_one_that_stood_still_gets_none(plan, engine_name):
    del engine_name

    def signed():
        return db.session.scalar(db.select(db.func.count()).select_from(Checkpoint))

    take(person(), plan.review, plan.statements[0], 1)
    assert jobs.sign_checkpoints() >= 1
    before = signed()
    assert jobs.sign_checkpoints() == 0
    take(person(), plan.review, plan.statements[0], 1)
    assert jobs.sign_checkpoints() == 0  # the last one is not an hour old
    with writing():
        set_clock(clock() + HOUR)
        db.session.commit()
    assert jobs.sign_checkpoints() == 1
    assert signed() == before + 1
    with writing():
        set_clock(clock() + HOUR)
        db.session.commit()
    assert jobs.sign_checkpoints() == 0


def test_the_checkpoints_are_a_page_and_a_feed_with_the_notes_as_signed(plan, client):
    take(person(), plan.review, plan.statements[0], 1)
    jobs.sign_checkpoints()
    notes = set(db.session.scalars(db.select(Checkpoint.note)))
    feed = client.get(page(plan, "/transparency/checkpoints.atom"))
    assert feed.mimetype == "application/atom+xml"
    found = ET.fromstring(feed.get_data())  # our own
    given = {one.text for one in found.iter("{http://www.w3.org/2005/Atom}content")}
    assert given == notes
    assert all(keys.noted_by(note, queries_keys()) for note in given)
    text = client.get(page(plan, "/transparency/record/")).text
    assert all(note.splitlines()[2] in text for note in notes)
    assert keys.ring().public in text


def queries_keys():
    return [keys.ring().public]


# --- entries ------------------------------------------------------------------------------------------


def test_every_kind_of_entry_has_words(app):
    with app.test_request_context("/ar/"):
        assert set(words.entries()) == set(EVENTS)


def test_the_entries_of_a_chain_are_listed_a_page_at_a_time_and_can_be_reached_by_number(
    plan, client, monkeypatch
):
    monkeypatch.setattr("participate.opendata.queries.record.PAGE_LINES", 2)
    for _ in range(5):
        take(person(), plan.review, plan.statements[0], 1)
    head = queries.chain_head(plan.collectivity.id, chain_id())
    assert head.entries == 5
    seen, start = [], 1
    while start:
        lines = queries.entry_lines(head, start, 2)
        seen += [row.seq for row in lines.rows]
        start = lines.after
    assert seen == [1, 2, 3, 4, 5]
    assert queries.entry_lines(head, 4, 2).before == 2
    assert queries.entry_lines(head, 99, 2).rows[0].seq == 5
    address = page(plan, f"/transparency/record/{head.id}/")
    assert 'id="e1"' in client.get(address).text
    assert 'id="e4"' in client.get(f"{address}?start=4").text
    for odd in ("0", "-3", "x", "٣", "9" * 30, ""):
        assert client.get(f"{address}?start={odd}").status_code == 200


def test_while_the_consultation_is_open_no_page_says_on_what_somebody_acted(plan, client):
    take(person(), plan.review, plan.statements[0], 1)
    address = page(plan, f"/transparency/record/{chain_id()}/")
    shown = client.get(address).text
    assert str(plan.statements[0]) not in shown
    assert queries.entry_lines(queries.chain_head(plan.collectivity.id, chain_id()), 1).rows[0].hash in shown
    closed(plan)
    assert str(plan.statements[0]) in client.get(address).text


def test_another_communes_chain_is_not_here(plan, client):
    with writing():
        other = makers.a_collectivity("ailleurs")
        db.session.commit()
    take(person(), plan.review, plan.statements[0], 1)
    assert client.get(f"/ar/{other.slug}/transparency/record/{chain_id()}/").status_code == 404
    assert client.get(page(plan, f"/transparency/record/{2**70}/")).status_code == 404


# --- archives -------------------------------------------------------------------------------------------


def test_the_archive_is_downloaded_once_it_is_made_and_its_hash_is_in_the_record(plan, client):
    take(person(), plan.review, plan.statements[0], 1)
    prioritise(person(), plan.review, plan.statements[0], True)
    address = page(plan, f"/transparency/archives/{plan.review.id}.zip")
    assert client.get(address).status_code == 404
    closed(plan)
    assert address not in client.get(page(plan, "/transparency/record/")).text
    jobs.build_archives()
    shown = client.get(page(plan, "/transparency/record/")).text
    assert address in shown
    [row] = queries.archives_of(plan.collectivity.id)
    assert row.sha256 in shown
    response = client.get(address)
    assert response.mimetype == "application/zip"
    assert "attachment" in response.headers["Content-Disposition"]
    assert wrong(response.get_data(), keys.ring().public) is None
    entry = queries.entry_lines(queries.chain_head(plan.collectivity.id, chain_id()), 1).rows[-1]
    assert (entry.type, entry.public["sha256"]) == ("archive:built", row.sha256)


@both_engines
def test_an_archive_is_kept_once_however_often_it_is_made(plan, engine_name):
    del engine_name
    closed(plan)
    with writing():
        assert actions.keep(plan.collectivity.id, plan.review.id, b"first") is not None
        assert actions.keep(plan.collectivity.id, plan.review.id, b"second") is None
        db.session.commit()
    assert queries.content_of(plan.collectivity.id, plan.review.id) == b"first"


# --- the way of a receipt -----------------------------------------------------------------------------------


def test_the_steps_are_filled_in_for_a_receipt_and_lead_to_the_first_checkpoint_that_covers_it(plan, client):
    taken = take(person(), plan.review, plan.statements[0], 1)
    for _ in range(3):
        take(person(), plan.review, plan.statements[1], -1)
    how = page(plan, f"/receipts/how-to-check?code={taken.code}")
    assert queries.path_of(plan.collectivity.id, taken.code, False).note is None
    assert client.get(how).status_code == 200
    jobs.sign_checkpoints()
    take(person(), plan.review, plan.statements[1], 1)
    path = queries.path_of(plan.collectivity.id, taken.code, False)
    assert (path.seq, path.to) == (1, 4)
    assert [seq for seq, _ in path.links] == [2, 3, 4]
    assert path.note.splitlines()[2] == path.links[-1][1]
    shown = client.get(how).text
    assert path.hash in shown
    assert path.note.splitlines()[2] in shown
    assert f"--receipt {taken.code}" in shown


def test_the_line_itself_is_shown_to_its_own_person_before_the_close_and_gives_the_fingerprint(plan, client):
    owner = person()
    taken = take(owner, plan.review, plan.statements[0], 1)
    how = page(plan, f"/receipts/how-to-check?code={taken.code}")
    assert str(plan.statements[0]) not in client.get(how).text
    client.sign_in(owner)
    shown = client.get(how).text
    assert str(plan.statements[0]) in shown
    path = queries.path_of(plan.collectivity.id, taken.code, True)
    assert entry_hash(path.prev, path.body) == path.hash
    assert queries.path_of(plan.collectivity.id, taken.code, False).body is None


@pytest.mark.parametrize("code", ["", "x", "BM-0000-0000", "<svg onload=1>", "٣" * 70])
def test_an_unknown_receipt_leaves_the_steps_general(plan, client, code):
    response = client.get(page(plan, "/receipts/how-to-check"), query_string={"code": code})
    assert response.status_code == 200
    assert "<svg onload" not in response.text


def test_the_pages_of_receipts_and_of_transparency_lead_to_the_steps(plan, client):
    taken = take(person(), plan.review, plan.statements[0], 1)
    for address in ("/transparency/", "/receipts/", f"/receipts/{taken.code}"):
        assert "/receipts/how-to-check" in client.get(page(plan, address)).text
    assert f"how-to-check?code={taken.code}" in client.get(page(plan, f"/receipts/{taken.code}")).text


def test_the_network_has_checkpoints_too(plan):
    with writing():
        journal.record(None, "collectivity:opened", journal.NETWORK, "collectivity:9", {"slug": "x"})
        db.session.commit()
    jobs.sign_checkpoints()
    notes = list(db.session.scalars(db.select(Checkpoint.note).where(Checkpoint.collectivity_id == 0)))
    assert len(notes) == 1
    assert notes[0].startswith("participate/network/network/")
