"""How long what is about people is kept, and from when it counts: the whole promise on one page.

Sources: law 09-08, article 3 (kept no longer than its purpose needs), and the privacy notice of the platform
(`/privacy`). Network addresses have no line: none is kept
by the platform; the proxy's own log is turned over by the operator (`deploy/`).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kept(StrEnum):
    """What is kept for a time."""

    CODES = "sign_in_codes"
    SESSIONS = "sessions"
    DRAFTS = "drafts"
    TRIES = "sign_in_tries"
    REPLIES = "form_replies"
    LETTERS = "letters"
    VOTER_KEYS = "voter_keys"
    REMOVED_UPLOADS = "removed_uploads"
    UNUSED_UPLOADS = "unused_uploads"


@dataclass(frozen=True)
class Rule:
    """One thing and its time: so many months and so much more, from a moment named in words."""

    kept: Kept
    since: str
    then: str
    months: int = 0
    more: timedelta = timedelta(0)

    def before(self, now: datetime) -> datetime:
        """Return the moment before which it must have begun to be over by `now`."""
        return months_back(now, self.months) - self.more


RULES: dict[Kept, Rule] = {
    rule.kept: rule
    for rule in (
        Rule(Kept.CODES, "the code's end", "deleted", more=timedelta(days=1)),
        Rule(Kept.SESSIONS, "its beginning, and its last use", "deleted", more=timedelta(days=30)),
        Rule(Kept.DRAFTS, "the last word typed", "deleted", more=timedelta(days=14)),
        Rule(Kept.TRIES, "the last try", "deleted", more=timedelta(days=1)),
        Rule(Kept.REPLIES, "the answer", "deleted", more=timedelta(hours=48)),
        Rule(Kept.LETTERS, "sending, or giving up", "body and address emptied", months=6),
        Rule(
            Kept.VOTER_KEYS,
            "adoption or withdrawal of the plan",
            "key destroyed, private side of positions deleted from the journal",
            months=6,
        ),
        Rule(
            Kept.REMOVED_UPLOADS,
            "removal, with no appeal open",
            "bytes and name emptied",
            more=timedelta(days=30),
        ),
        Rule(Kept.UNUSED_UPLOADS, "upload, when nothing holds it", "deleted", more=timedelta(days=2)),
    )
}


def months_back(moment: datetime, months: int) -> datetime:
    """Return the same day so many months earlier, or the last day of a shorter month."""
    months_since_zero = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(months_since_zero, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
