"""A council's settings, read from their row."""

from __future__ import annotations

from dataclasses import replace

from participate.council.models import CouncilSetting
from participate.rules.council import MajorityRule
from participate.rules.session_calendar import CALLS, COUNCIL_RULES, DELAYS, CouncilRules
from participate.rules.windows import Delays


def rules_from(row: CouncilSetting | None) -> CouncilRules:
    """Return a council's settings, or the rules' own where it has none."""
    if row is None:
        return COUNCIL_RULES
    return CouncilRules(
        delays=Delays(**{name: getattr(row, name) for name in DELAYS}),
        quorum=replace(COUNCIL_RULES.quorum, **{name: getattr(row, name) for name in CALLS}),
        majority=MajorityRule(row.majority),
        sources=dict(row.sources),
        verified=frozenset(row.verified),
    )
