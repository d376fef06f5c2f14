"""Work that takes a while: asked for once, told step by step, taken up again after a crash, tried again after a failure."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from participate.db import clock, db, writing
from participate.files import making
from participate.files.models import MadeFile, Making
from tests import makers
from tests.conftest import both_engines

KIND, SUBJECT = "test", "thing:1"


@pytest.fixture
def here(app) -> int:
    with writing():
        found = makers.a_collectivity().id
        db.session.commit()
    return found


def asked(here: int, source: str = "a", steps: int = 3) -> bool:
    with writing():
        found = making.ask(here, KIND, SUBJECT, source, steps, clock())
        db.session.commit()
    return found


def claimed(later: timedelta = timedelta()) -> making.Claimed | None:
    with writing():
        found = making.claim(KIND, clock() + later)
        db.session.commit()
    return found


def finished(work: making.Claimed, source: str = "a") -> None:
    with writing():
        making.keep(work, "one.txt", "text/plain", b"one")
        making.finish(work, source, clock())
        db.session.commit()


def progress(here: int, source: str | None = None) -> making.Progress:
    found = making.progress(here, KIND, SUBJECT, source)
    assert found is not None
    return found


@both_engines
def test_a_work_goes_from_waiting_to_its_files(here: int) -> None:
    assert making.progress(here, KIND, SUBJECT) is None
    assert asked(here)
    assert progress(here).state == making.WAITING
    work = claimed()
    assert work is not None
    with writing():
        making.tell(work, 2, "second", clock())
        db.session.commit()
    found = progress(here)
    assert (found.running, found.step, found.steps, found.doing) == (True, 2, 3, "second")
    assert making.made(here, found.id, "one.txt") is None, "nothing is given out before it is whole"
    finished(work)
    found = progress(here)
    assert (found.done, found.step, dict(found.files)) == (True, 3, {"one.txt": 3})
    file = making.made(here, found.id, "one.txt")
    assert file is not None
    assert file.body == b"one"
    assert claimed() is None


def test_asking_again_asks_for_nothing_while_it_is_there_or_on_its_way(here: int) -> None:
    assert asked(here)
    assert not asked(here)
    work = claimed()
    assert work is not None
    assert not asked(here)
    finished(work)
    assert not asked(here)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Making)) == 1


def test_a_failed_work_gives_nothing_out_and_begins_anew_when_asked(here: int) -> None:
    asked(here)
    work = claimed()
    assert work is not None
    with writing():
        making.keep(work, "half.txt", "text/plain", b"half")
        making.fail(work, "x" * 999, clock())
        db.session.commit()
    found = progress(here)
    assert found.failed
    assert not found.files
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MadeFile)) == 0
    assert asked(here)
    again = progress(here)
    assert (again.id, again.state, again.step, again.ended_at) == (found.id, making.WAITING, 0, None)


def test_a_work_that_was_cut_off_is_taken_up_again_and_the_first_worker_is_told(here: int) -> None:
    asked(here)
    first = claimed()
    assert first is not None
    assert claimed(making.SILENT - timedelta(minutes=1)) is None, "it may still be at it"
    with writing():
        making.keep(first, "one.txt", "text/plain", b"left over")
        db.session.commit()
    second = claimed(making.SILENT + timedelta(minutes=1))
    assert second is not None
    finished(second)
    assert progress(here).files == {"one.txt": 3}
    with pytest.raises(making.LostError):
        making.tell(first, 1, "", clock())
    db.session.rollback()


def test_files_of_what_changed_since_give_way_but_not_work_in_hand(here: int) -> None:
    asked(here)
    work = claimed()
    assert work is not None
    assert asked(here, "b")
    assert progress(here, "a").running, "it is being made"
    finished(work)
    assert asked(here, "c")
    assert making.progress(here, KIND, SUBJECT, "a") is None
    assert making.progress(here, KIND, SUBJECT, "b") is None
    assert progress(here).source == "c"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(MadeFile)) == 0


def test_what_moved_on_while_it_was_made_is_kept_under_what_it_is(here: int) -> None:
    asked(here)
    work = claimed()
    assert work is not None
    finished(work, "b")
    assert making.progress(here, KIND, SUBJECT, "a") is None
    assert progress(here, "b").done


@both_engines
def test_the_database_refuses_more_steps_than_there_are(here: int) -> None:
    asked(here)
    work = claimed()
    assert work is not None
    refused = False
    with writing():
        try:
            making.tell(work, 4, "", clock())
            db.session.commit()
        except sa.exc.IntegrityError:
            db.session.rollback()
            refused = True
    assert refused
