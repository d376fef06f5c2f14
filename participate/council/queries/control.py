"""Where a council's act stands with the authority that controls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from participate.council.models import ActControl
from participate.db import Words, db
from participate.rules.control import Control


@dataclass(frozen=True)
class ControlView:
    """What is recorded of the control of one act."""

    state: Control
    sent_on: date
    settled_on: date | None
    reason: Words | None


def control_of(collectivity_id: int, deliberation_id: int) -> ControlView | None:
    """Return where an act stands; None before it was sent. One statement."""
    row = db.session.scalar(
        sa.select(ActControl)
        .where(ActControl.collectivity_id == collectivity_id, ActControl.deliberation_id == deliberation_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    return ControlView(Control(row.state), row.sent_on, row.settled_on, row.reason)
