"""Keys made without asking the database."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from participate.db import new_id


def test_a_process_never_makes_a_key_twice_within_a_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    with ThreadPoolExecutor(4) as hands:
        keys = [
            key for some in hands.map(lambda _: [new_id() for _ in range(5_000)], range(4)) for key in some
        ]
    assert len(set(keys)) == len(keys)


def test_keys_grow_so_that_lists_by_key_are_in_the_order_of_writing() -> None:
    keys = [new_id() for _ in range(5_000)]
    assert keys == sorted(keys)
    assert 0 < keys[-1] < 2**63
