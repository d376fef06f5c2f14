"""Small cells across time: an attacker who keeps what was public yesterday learns no suppressed cell today.

What protects is that there is one table, made after nothing moves any more; the attacker here is shown to win
where tables move, so that the tests would notice if there were two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from participate.consultations import actions as consultations
from participate.consultations.queries import lock_for_act
from participate.db import clock, db, set_clock, writing
from participate.journal.encoding import canonical
from participate.people.models import Person
from participate.positions.models import Position
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ConsultationState, Gender
from participate.rules.tallies import CountCell, CountTable, floored, safe_counts
from participate.synthesis import actions, queries, shapes
from tests import makers
from tests.rooms.synthesis.makers import a_full_review, a_neighbourhood, voices

View = tuple[Any, ...]


def table(cells: Iterable[int]) -> CountTable:
    return safe_counts([CountCell(str(place), people) for place, people in enumerate(cells)])


def known(cells: Iterable[int]) -> View:
    """What a table tells: its total and what is shown of each cell."""
    found = table(cells)
    return (found.total, *(cell.people for cell in found.cells))


def recovered(views: list[View], joined: int) -> set[tuple[int, int]]:
    """The attacker: every pair of days that fits all they saw, with `joined` people more on the second day.

    They know the rule and try every world. Returned are (place, people) of cells that are hidden on the first
    day and the same in each world that is left.
    """
    size, total = len(views[0]) - 1, views[0][0]
    worlds = []
    for first in product(range(total + 1), repeat=size - 1):
        last = total - sum(first)
        if last < 0 or known((*first, last)) != views[0]:
            continue
        cells = (*first, last)
        for where in product(range(joined + 1), repeat=size):
            later = tuple(one + more for one, more in zip(cells, where, strict=True))
            if sum(where) == joined and (len(views) == 1 or known(later) == views[1]):
                worlds.append(cells)
                break
    assert worlds, "what happened is one of the worlds"
    if not total:
        return set()  # nobody took part, and that is public
    hidden = [place for place in range(size) if views[0][place + 1] is None]
    return {(place, worlds[0][place]) for place in hidden if len({one[place] for one in worlds}) == 1}


def test_the_attacker_wins_where_a_table_is_given_out_on_two_days() -> None:
    """Nine and eleven hidden together; a day later the nine are ten, and yesterday's cell is told."""
    before, after = (9, 11, 20), (10, 11, 20)
    assert recovered([known(before)], 0) == set()
    assert (0, 9) in recovered([known(before), known(after)], 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 16), min_size=3, max_size=3))
def test_the_attacker_learns_no_cell_from_one_frozen_table_however_often_it_is_read(cells: list[int]) -> None:
    assert recovered([known(cells), known(cells)], 0) == set()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=3, max_size=3), st.integers(0, 2), st.integers(0, 2))
def test_live_counts_and_the_frozen_table_together_tell_no_cell(
    cells: list[int], place: int, joined: int
) -> None:
    """While it runs only the total is told, floored to ten; the last day's table is the only one."""
    before, after = list(cells), list(cells)
    after[place] += joined
    live = floored(sum(before)).at_least
    final = known(after)
    assert recovered([final], 0) == set()
    # the floored total of the day before fits every world of the table: it tells nothing of a cell
    assert live <= sum(before) <= final[0]
    assert live % 10 == 0


# --- the tables themselves, on the surfaces people read ---------------------------------------------------


class Review:
    """A closed review with small cells, before its seal."""

    def __init__(self) -> None:
        with writing():
            self.made = makers.a_plan(Stage.SYNTHESIS)
            a_full_review(self.made)
            for slug, count in (("a", 4), ("b", 23)):
                voices(self.made, count, neighbourhood_id=a_neighbourhood(self.made, slug).id)
            db.session.commit()

    def audiences(self) -> str:
        found = queries.reading(self.made.review.id)
        assert found is not None
        return canonical([shapes.plain(one) for one in found.audiences])

    def tables(self) -> str:
        found = queries.reading(self.made.review.id)
        assert found is not None
        return canonical([[shapes.plain(one) for one in project.audiences] for project in found.projects])

    def a_day_later(self) -> None:
        with writing():
            set_clock(clock() + timedelta(days=1))
            db.session.commit()


def test_what_people_do_after_the_close_moves_no_table(app) -> None:
    review = Review()
    before = (review.audiences(), review.tables())
    review.a_day_later()
    with writing():
        for person in db.session.query(Person).limit(40):
            person.level = 3  # seen at the desk
            person.email = person.display_name = None  # and gone
        db.session.commit()
    assert (review.audiences(), review.tables()) == before


def test_optional_facts_are_not_taken_any_more_after_the_close(app) -> None:
    review = Review()
    with writing():
        person = makers.a_person()
        makers.a_participant(review.made.review, person)
        db.session.commit()
    before = review.audiences()
    refused = False
    with writing():
        try:
            row = lock_for_act(review.made.collectivity.id, review.made.review.id)
            consultations.set_facts(makers.actor_of(person), row, gender=Gender.WOMAN)
            db.session.commit()
        except consultations.FactsFrozenError:
            refused = True
            db.session.rollback()
    assert refused
    assert review.audiences() == before


def test_the_sealed_tables_are_given_out_the_same_a_day_later_even_if_rows_moved(app, client) -> None:
    review = Review()
    with writing():
        actions.seal(None, review.made.review.id, clock())
        db.session.commit()
    paths = [f"/fr{review.made.path}/results/dossier.json", f"/fr{review.made.path}/results/projects.csv"]
    before = [client.get(path).get_data() for path in paths]
    review.a_day_later()
    with writing():
        gone = db.session.query(Position).first()
        db.session.delete(gone)
        db.session.commit()
    assert [client.get(path).get_data() for path in paths] == before


def test_while_a_consultation_runs_no_public_file_holds_a_table_of_traits(app, client) -> None:
    with writing():
        made = makers.a_plan()
        place = a_neighbourhood(made, "rare-place")
        voices(made, 12, neighbourhood_id=place.id, gender=Gender.WOMAN)
        db.session.commit()
    assert made.review.state is ConsultationState.OPEN
    pages = [client.get(f"/fr{made.path}/results/").get_data(as_text=True)]
    api = client.get(f"/api/v1/{made.collectivity.slug}/plans/{made.plan.cycle}/results.json")
    assert json.loads(api.get_data())["results"] is None
    pages.append(api.get_data(as_text=True))
    for page in pages:
        assert "rare-place" not in page
    assert client.get(f"/fr{made.path}/results/dossier.json").status_code == 404
