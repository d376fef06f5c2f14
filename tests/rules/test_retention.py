"""How long things are kept: one table, and calendar months."""

from datetime import UTC, datetime, timedelta

import pytest

from participate.rules.retention import RULES, Kept, months_back

NOW = datetime(2023, 8, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kept", "before"),
    [
        (Kept.CODES, NOW - timedelta(days=1)),
        (Kept.SESSIONS, NOW - timedelta(days=30)),
        (Kept.DRAFTS, NOW - timedelta(days=14)),
        (Kept.REPLIES, NOW - timedelta(hours=48)),
        (Kept.LETTERS, datetime(2023, 2, 28, 12, 0, tzinfo=UTC)),
        (Kept.VOTER_KEYS, datetime(2023, 2, 28, 12, 0, tzinfo=UTC)),
        (Kept.REMOVED_UPLOADS, NOW - timedelta(days=30)),
        (Kept.UNUSED_UPLOADS, NOW - timedelta(days=2)),
    ],
)
def test_each_thing_ends_after_the_time_that_was_promised(kept, before):
    assert RULES[kept].before(NOW) == before


def test_every_kind_has_one_rule_that_says_since_when_and_what_then():
    assert set(RULES) == set(Kept)
    assert all(rule.since and rule.then and (rule.months or rule.more) for rule in RULES.values())


@pytest.mark.parametrize(
    ("moment", "months", "earlier"),
    [
        (datetime(2024, 8, 31, tzinfo=UTC), 6, datetime(2024, 2, 29, tzinfo=UTC)),
        (datetime(2024, 1, 15, tzinfo=UTC), 1, datetime(2023, 12, 15, tzinfo=UTC)),
        (datetime(2024, 1, 15, tzinfo=UTC), 13, datetime(2022, 12, 15, tzinfo=UTC)),
        (datetime(2024, 7, 1, tzinfo=UTC), 0, datetime(2024, 7, 1, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(moment, months, earlier):
    assert months_back(moment, months) == earlier
