"""What may be said with numbers."""

from itertools import combinations, product
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participate.rules.tallies import (
    Z95,
    AudienceTally,
    BaseTooSmallError,
    CountAboveBaseError,
    CountCell,
    Label,
    NegativeCountError,
    Share,
    StatementTallies,
    Tally,
    TooFew,
    benjamini_hochberg,
    floored,
    label_statements,
    newcombe,
    newcombe_p,
    safe_counts,
    safe_tallies,
    share,
    wilson,
)

parts = st.integers(0, 400).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
filled = st.integers(1, 400).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
tallies = st.builds(Tally, *[st.integers(0, 60)] * 3, st.just(0))


# --- Percentages ---


def test_nineteen_people_have_no_percentage_and_twenty_have_one():
    assert share(10, 19) == TooFew(10, 19)
    assert share(10, 20) == Share(10, 20)


def test_a_share_cannot_be_made_of_nineteen_people_by_any_path():
    with pytest.raises(BaseTooSmallError) as refused:
        Share(10, 19)
    assert (refused.value.count, refused.value.base) == (10, 19)


def test_what_is_too_few_has_no_percentage_to_read():
    assert not hasattr(TooFew(3, 5), "percent")
    assert not hasattr(TooFew(3, 5), "ratio")


def test_an_exact_half_percent_goes_up():
    assert Share(1, 200).percent == 1
    assert Share(123, 200).percent == 62
    assert Share(61, 200).percent == 31
    assert Share(99, 200).percent == 50


def test_a_part_above_the_whole_is_refused():
    with pytest.raises(CountAboveBaseError):
        share(21, 20)
    with pytest.raises(NegativeCountError):
        share(-1, 20)


def test_passes_count_in_n_but_not_in_support():
    tally = Tally(agree=30, disagree=10, passed=20, not_seen=40)
    assert (tally.n, tally.decided) == (60, 40)
    assert tally.support == Share(30, 40)
    assert tally.support_with_pass == Share(30, 60)


def test_the_base_of_support_is_those_who_decided_so_passes_do_not_make_a_percentage():
    assert Tally(10, 9, 100).support == TooFew(10, 19)
    assert Tally(10, 9, 100).support_with_pass == Share(10, 119)


def test_a_negative_count_is_refused_with_its_name():
    with pytest.raises(NegativeCountError) as refused:
        Tally(1, 1, -1)
    assert (refused.value.what, refused.value.count) == ("passed", -1)


def test_unknown_not_seen_stays_unknown_when_groups_join():
    assert (Tally(1, 1, 1, None) + Tally(1, 1, 1, 5)).not_seen is None
    assert (Tally(1, 1, 1, 2) + Tally(1, 1, 1, 5)).not_seen == 7


@given(tallies, tallies)
def test_a_group_joined_and_taken_away_leaves_the_other(one, two):
    assert one + two - two == one


# --- Floored participation ---


@pytest.mark.parametrize(("people", "shown"), [(0, 0), (9, 0), (10, 10), (19, 10), (20, 20), (1234, 1230)])
def test_live_counts_are_floored_to_ten(people, shown):
    assert floored(people).at_least == shown
    assert floored(people).fewer_than_ten == (people < 10)


@given(st.integers(0, 10**6))
def test_one_more_neighbour_is_seen_at_most_at_each_tenth(people):
    assert floored(people).at_least <= people < floored(people).at_least + 10


# --- Wilson, Newcombe, Benjamini–Hochberg ---


@pytest.mark.parametrize(
    ("count", "base", "lower", "upper"),
    [(10, 12, 55, 95), (30, 40, 60, 86), (161, 230, 64, 76)],
)
def test_wilson_gives_the_published_examples(count, base, lower, upper):
    interval = wilson(count, base)
    assert (round(interval.lower * 100), round(interval.upper * 100)) == (lower, upper)


def test_wilson_gives_the_printed_digits_of_newcombe_1998():
    # Newcombe (1998), single proportion, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for count, base, lower, upper in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        interval = wilson(count, base)
        assert round(interval.lower, 4) == lower
        assert round(interval.upper, 4) == upper


@given(filled)
def test_wilson_ends_solve_the_score_equation(part):
    count, base = part
    interval = wilson(count, base)
    for end in (interval.lower, interval.upper):
        if 0 < end < 1:
            assert abs(abs(count / base - end) - Z95 * sqrt(end * (1 - end) / base)) < 1e-9


@given(parts)
def test_wilson_holds_the_share_and_stays_between_zero_and_one(part):
    count, base = part
    interval = wilson(count, base)
    assert 0 <= interval.lower <= interval.upper <= 1
    if base:
        assert interval.lower <= count / base <= interval.upper


@given(parts)
def test_wilson_is_the_same_seen_from_the_other_side(part):
    count, base = part
    one, other = wilson(count, base), wilson(base - count, base)
    assert abs(one.lower - (1 - other.upper)) < 1e-9


def test_nobody_asked_leaves_everything_possible():
    assert (wilson(0, 0).lower, wilson(0, 0).upper) == (0, 1)


def test_newcombe_gives_the_printed_digits_of_newcombe_1998_method_10():
    # Newcombe (1998), difference of proportions, table II: 56/70 − 48/80, 9/10 − 3/10, 10/10 − 0/20.
    for counts, lower, upper in [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
    ]:
        interval = newcombe(*counts)
        assert (round(interval.lower, 4), round(interval.upper, 4)) == (lower, upper)


@given(filled, filled)
def test_newcombe_turns_with_its_arguments(one, two):
    forth, back = newcombe(*one, *two), newcombe(*two, *one)
    assert abs(forth.lower + back.upper) < 1e-9
    assert abs(forth.upper + back.lower) < 1e-9


# Eighty bisections take a few milliseconds, more on a busy machine: no deadline.
@settings(deadline=None)
@given(filled, filled)
def test_p_below_five_percent_is_the_interval_excluding_zero(one, two):
    p_value = newcombe_p(*one, *two)
    assert 0 <= p_value <= 1
    if abs(p_value - 0.05) > 1e-9:
        assert (p_value < 0.05) == newcombe(*one, *two).excludes_zero()


def test_benjamini_hochberg_keeps_what_its_authors_kept():
    # Benjamini and Hochberg (1995), section 3.2: four of the fifteen stand at .05.
    p_values = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
        *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
    ]
    assert benjamini_hochberg(p_values) == (True,) * 4 + (False,) * 11


def test_a_small_p_lets_stand_a_larger_one_before_it_in_rank():
    assert benjamini_hochberg([0.04, 0.05]) == (True, True)
    assert benjamini_hochberg([0.04, 0.051]) == (False, False)


def test_no_finding_among_none():
    assert benjamini_hochberg([]) == ()


@given(st.lists(st.floats(0, 1), max_size=30))
def test_what_stands_is_never_weaker_than_what_falls(p_values):
    standing = benjamini_hochberg(p_values)
    kept = [p for p, stands in zip(p_values, standing, strict=True) if stands]
    lost = [p for p, stands in zip(p_values, standing, strict=True) if not stands]
    assert not kept or not lost or max(kept) <= min(lost)


# --- Labels ---


def statement(ref, **audiences):
    return StatementTallies(
        ref,
        tuple(AudienceTally(name, Tally(agree, against, 0)) for name, (agree, against) in audiences.items()),
    )


def only(*audiences_of_one):
    return label_statements(audiences_of_one)[0]


def test_consensual_when_even_the_lowest_audience_is_surely_above_half():
    found = only(statement("p1", citizens=(90, 10), associations=(20, 5)))
    assert found.label is Label.CONSENSUAL
    assert found.lowest_bound == wilson(20, 25).lower


def test_a_majority_that_another_few_voters_could_turn_is_not_a_consensus():
    assert wilson(30, 50).lower < 0.5 < 30 / 50
    assert only(statement("p1", citizens=(30, 20))).label is Label.UNCERTAIN


def test_one_audience_that_may_be_below_half_takes_the_consensus_away():
    found = only(statement("p1", citizens=(90, 10), associations=(14, 11)))
    assert found.label is not Label.CONSENSUAL


def test_divisive_when_two_audiences_surely_differ():
    found = only(statement("p1", citizens=(80, 20), associations=(5, 25)))
    assert found.label is Label.DIVISIVE
    assert (found.gap.higher, found.gap.lower) == ("citizens", "associations")
    assert found.gap.stands


def test_uncertain_when_neither_can_be_said():
    found = only(statement("p1", citizens=(15, 15), associations=(12, 10)))
    assert found.label is Label.UNCERTAIN
    assert not found.gap.stands


def test_consensual_stays_consensual_although_some_are_more_in_favour():
    found = only(statement("p1", citizens=(990, 10), associations=(70, 30)))
    assert found.label is Label.CONSENSUAL
    assert found.gap.stands


def test_an_audience_under_twenty_neither_makes_nor_breaks_a_label_and_is_named():
    found = only(statement("p1", citizens=(90, 10), youth=(0, 19)))
    assert found.label is Label.CONSENSUAL
    assert found.too_few == ("youth",)
    assert only(statement("p1", citizens=(90, 10), youth=(0, 20))).label is Label.DIVISIVE


def test_without_any_audience_of_twenty_all_is_uncertain():
    found = only(statement("p1", citizens=(19, 0)))
    assert (found.label, found.lowest_bound, found.gap) == (Label.UNCERTAIN, None, None)


def test_many_comparisons_ask_more_of_each():
    # p just under .05 alone; drowned among thirty comparisons that say nothing.
    doubtful = statement("p1", a=(30, 20), b=(20, 30))
    assert only(doubtful).gap.p_value < 0.05
    assert only(doubtful).label is Label.DIVISIVE
    quiet = [statement(f"q{n}", a=(25, 25), b=(25, 25)) for n in range(30)]
    assert label_statements([doubtful, *quiet])[0].label is Label.UNCERTAIN


def test_labels_do_not_depend_on_the_order_of_statements():
    rows = [
        statement("p1", a=(80, 20), b=(5, 25)),
        statement("p2", a=(90, 10), b=(90, 10)),
        statement("p3", a=(25, 25), b=(28, 22)),
    ]
    assert set(label_statements(rows)) == set(label_statements(rows[::-1]))


# --- Small cells ---


def counts(*people):
    return [CountCell(f"c{place}", n) for place, n in enumerate(people)]


def shown(*people, k=10):
    return [cell.people for cell in safe_counts(counts(*people), k).cells]


def test_cells_of_ten_are_published():
    assert shown(10, 10, 10) == [10, 10, 10]


def test_a_cell_of_nine_is_hidden_and_a_second_with_it():
    assert shown(9, 30, 40, 50) == [None, None, 40, 50]


def test_the_neighbour_is_hidden_and_not_the_smallest_which_would_tell_its_size():
    assert shown(60, 9, 50, 40) == [60, None, None, 40]
    assert shown(40, 50, 60, 9) == [None, 50, 60, None]


def test_small_cells_hide_a_third_until_twenty_are_hidden_together():
    assert shown(9, 9, 40, 50) == [None, None, None, 50]
    assert shown(9, 10, 10, 50) == [None, None, None, 50]
    assert shown(9, 11, 10, 50) == [None, None, 10, 50]


def test_two_empty_cells_are_not_told_by_subtraction():
    assert shown(0, 0, 40, 50) == [None, None, None, 50]


def test_a_cell_whose_complement_is_nine_is_hidden():
    assert shown(100, 9) == [None, None]
    assert shown(100, 10) == [100, 10]


def test_a_single_category_is_told_by_the_total_only():
    assert shown(100) == [None]


def test_the_total_is_always_the_true_one():
    assert safe_counts(counts(9, 30, 40)).total == 79


def test_a_negative_cell_is_refused():
    with pytest.raises(NegativeCountError):
        safe_counts(counts(-1, 10))


@given(st.lists(st.integers(0, 60), max_size=8))
def test_no_hidden_cell_is_recoverable_by_subtraction(people):
    table = safe_counts(counts(*people))
    hidden = [n for n, cell in zip(people, table.cells, strict=True) if cell.people is None]
    published = [cell.people for cell in table.cells if cell.people is not None]
    assert all(n >= 10 and table.total - n >= 10 for n in published)
    assert table.total - sum(published) == sum(hidden)
    # Whoever subtracts learns only a sum of at least two cells and twenty people.
    if published and hidden:
        assert len(hidden) >= 2
        assert sum(hidden) >= 20


def test_every_hidden_cell_could_have_been_something_else_even_for_one_who_knows_the_rule():
    # Exhaustive attack: all tables of one total that are published alike are put together;
    # among them every hidden cell takes several values.
    for k, width, most in [(2, 3, 13), (3, 3, 13), (2, 4, 10), (3, 4, 10)]:
        alike = {}
        for people in product(range(most + 1), repeat=width):
            if sum(people) <= most:
                alike.setdefault((sum(people), tuple(shown(*people, k=k))), []).append(people)
        attacked = [key for key in alike if None in key[1] and set(key[1]) != {None}]
        assert attacked
        for key in attacked:
            for place, cell in enumerate(key[1]):
                assert cell is not None or len({people[place] for people in alike[key]}) > 1, key


def rows(*cells):
    return [AudienceTally(f"a{place}", tally) for place, tally in enumerate(cells)]


def test_a_unanimous_group_is_hidden_although_it_is_large():
    table = safe_tallies(rows(Tally(50, 0, 0, 0), Tally(20, 20, 5, 0), Tally(40, 20, 5, 0)))
    assert [cell.tally is None for cell in table.cells] == [True, True, False]


def test_a_group_whose_complement_is_unanimous_is_hidden():
    table = safe_tallies(rows(Tally(30, 0, 0, 0), Tally(30, 0, 0, 0), Tally(20, 20, 0, 0)))
    assert all(cell.tally is None for cell in table.cells)


def test_mixed_groups_of_ten_are_published():
    table = safe_tallies(rows(Tally(5, 5, 0, 0), Tally(9, 1, 0, 0)))
    assert all(cell.tally is not None for cell in table.cells)
    assert table.total == Tally(14, 6, 0, 0)


@given(st.lists(tallies, max_size=7))
def test_no_hidden_tally_is_recoverable_by_subtraction(cells):
    table = safe_tallies(rows(*cells))
    hidden = [one for one, cell in zip(cells, table.cells, strict=True) if cell.tally is None]
    published = [cell.tally for cell in table.cells if cell.tally is not None]
    for one in published:
        rest = table.total - one
        assert one.n >= 10
        assert rest.n >= 10
        assert not one.unanimous
        assert not rest.unanimous
    if published and hidden:
        rest = table.total
        for one in published:
            rest -= one
        assert len(hidden) >= 2
        assert rest.n >= 20
        assert not rest.unanimous


@given(st.lists(tallies, min_size=2, max_size=5))
def test_any_union_of_published_groups_leaves_a_publishable_rest(cells):
    table = safe_tallies(rows(*cells))
    published = [cell.tally for cell in table.cells if cell.tally is not None]
    if len(published) == len(cells):
        return
    for size in range(1, len(published) + 1):
        for some in combinations(published, size):
            rest = table.total - sum(some, Tally(0, 0, 0, 0))
            assert rest.n >= 10
            assert not rest.unanimous
