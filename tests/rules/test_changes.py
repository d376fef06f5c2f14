"""Counting changes by cause: nothing counted twice, nothing lost."""

from hypothesis import given
from hypothesis import strategies as st

from participate.rules.changes import FROM_CONTRIBUTIONS, WHOLE, Stated, count, stated_for
from participate.rules.outcomes import ChangeCause

stated = st.builds(
    Stated, st.sampled_from(list(ChangeCause)), st.lists(st.just("7Q4K-2RXF"), max_size=2).map(tuple)
)


@given(st.lists(stated))
def test_the_causes_sum_to_the_changes_and_people_are_a_part_of_them(changes):
    found = count(changes)
    assert found.total == len(changes) == sum(number for _, number in found.by_cause)
    assert 0 <= found.named <= found.from_contributions <= found.total
    assert found.from_contributions == sum(n for cause, n in found.by_cause if cause in FROM_CONTRIBUTIONS)
    assert all(number > 0 for _, number in found.by_cause)


@given(st.lists(stated), stated)
def test_one_change_more_is_counted_once_under_its_own_cause(changes, more):
    before, after = dict(count(changes).by_cause), dict(count([*changes, more]).by_cause)
    assert after.pop(more.cause) == before.pop(more.cause, 0) + 1
    assert after == before


@given(st.lists(stated).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_changes_does_not_matter(pair):
    assert count(pair[0]) == count(pair[1])


def test_a_field_has_its_own_cause_or_that_of_its_project():
    causes = {WHOLE: {"refs": ["A"]}, "budget_mad": {"cause": "financial", "refs": []}}
    assert stated_for("budget_mad", ChangeCause.CONTRIBUTION, causes) == Stated(ChangeCause.FINANCIAL)
    assert stated_for("solution", ChangeCause.CONTRIBUTION, causes) == Stated(
        ChangeCause.CONTRIBUTION, ("A",)
    )
    assert stated_for("solution", ChangeCause.NONE_STATED, None) == Stated(ChangeCause.NONE_STATED)


def test_a_workshop_is_not_counted_as_a_contribution_nor_is_silence():
    found = count([Stated(cause) for cause in ChangeCause])
    assert (found.total, found.from_contributions, found.named) == (len(ChangeCause), 2, 0)
