"""The control of an act: awaited, then enforceable or refused, and final."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.rules.control import Control, ControlFacts, ControlTrouble, trouble

DECIDED, TODAY = date(2023, 10, 2), date(2023, 11, 30)
days = st.dates(date(2023, 9, 1), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("before", "state", "sent", "settled", "reason", "expected"),
    [
        (None, Control.AWAITING, DECIDED, None, False, None),
        (None, Control.AWAITING, DECIDED - timedelta(days=1), None, False, ControlTrouble.SENT_BEFORE_DECIDED),
        (Control.AWAITING, Control.ENFORCEABLE, DECIDED, DECIDED, False, None),
        (Control.AWAITING, Control.ENFORCEABLE, DECIDED, None, False, ControlTrouble.SETTLED_MISSING),
        (Control.AWAITING, Control.REFUSED, DECIDED, DECIDED, False, ControlTrouble.REASON_MISSING),
        (Control.AWAITING, Control.REFUSED, DECIDED, DECIDED, True, None),
        (Control.REFUSED, Control.ENFORCEABLE, DECIDED, DECIDED, False, ControlTrouble.SETTLED),
        (Control.ENFORCEABLE, Control.ENFORCEABLE, DECIDED, DECIDED, False, ControlTrouble.SETTLED),
        (None, Control.AWAITING, TODAY + timedelta(days=1), None, False, ControlTrouble.IN_THE_FUTURE),
        (None, Control.ENFORCEABLE, date(2023, 10, 5), date(2023, 10, 4), False, ControlTrouble.SETTLED_TOO_EARLY),
    ],
)  # fmt: skip
def test_each_control_is_recorded_or_refused_for_its_reason(before, state, sent, settled, reason, expected):
    assert trouble(before, ControlFacts(state, sent, settled, reason), DECIDED, TODAY) is expected


@given(
    state=st.sampled_from(list(Control)), sent=days, settled=st.none() | days, reason=st.booleans(),
    before=st.none() | st.sampled_from(list(Control)),
)  # fmt: skip
def test_what_is_recorded_is_in_order_and_a_refusal_says_why(state, sent, settled, reason, before):
    if trouble(before, ControlFacts(state, sent, settled, reason), DECIDED, TODAY) is None:
        assert before in {None, Control.AWAITING}
        assert DECIDED <= sent <= TODAY
        if state is not Control.AWAITING:
            assert sent <= settled <= TODAY
        assert state is not Control.REFUSED or reason
