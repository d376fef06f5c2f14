"""Windows of time: when a consultation accepts, how long notice lasts, when a right ends.

All moments are aware and kept in UTC; all days are days of Africa/Casablanca, which is
UTC+1 and, in Ramadan, UTC+0. Nothing here asks what time it is.

Source: ``design/8-settled.md`` (Clock and calendar), LO 113-14 art. 35 and 38 through
``reference/domain.md`` §3 (the delays are settings: the articles were not read in full).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, unique
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

CASABLANCA: Final = ZoneInfo("Africa/Casablanca")

MIN_NOTICE_DAYS: Final = 14
"""Days between public notice and opening, unless a public override says why.

Source: OGP Participation and Co-Creation Standards 3.1 (two weeks)."""
MIN_WINDOW_DAYS: Final = 7
"""Full days a consultation must stay open. Source: ``design/8-settled.md``, Lifecycle."""
RECOMMENDED_WINDOW_DAYS: Final = 15
"""Full days below which the officer is warned. Source: ``design/1-mission-and-domain.md``."""
EXTENSION_STOPS: Final = timedelta(hours=48)
"""The deadline may move until this long before the end, so that nobody is surprised by it."""
PROMISE: Final = timedelta(hours=48)
"""How soon a moderator promises to decide. Source: ``reference/domain.md`` §5."""
APPEAL_DAYS: Final = timedelta(days=10)
"""How long an author may appeal, from the notice of the decision."""
APPEAL_AFTER_CLOSE: Final = timedelta(days=5)
"""How long after the close appeals still come in, so that the summary can be finished."""
APPEAL_DECISION_WORKING_DAYS: Final = 5
"""Working days in which an appeal is decided."""
SATURDAY: Final = 5


class NaiveMomentError(ValueError):
    """A moment came without its time zone, so nobody can say when it is."""

    def __init__(self, moment: datetime) -> None:
        """Hold the naive ``moment``."""
        super().__init__(moment)
        self.moment = moment


class EmptyWindowError(ValueError):
    """A window closes before, or at the moment when, it opens."""

    def __init__(self, opens_at: datetime, closes_at: datetime) -> None:
        """Hold both ends."""
        super().__init__(opens_at, closes_at)
        self.opens_at = opens_at
        self.closes_at = closes_at


class DelaysOutOfOrderError(ValueError):
    """The delays of a back-planning would put a later step before an earlier one."""

    def __init__(self, earlier: "Step", earlier_on: date, later: "Step", later_on: date) -> None:
        """Hold the two steps that crossed and their dates."""
        super().__init__(earlier, earlier_on, later, later_on)
        self.earlier = earlier
        self.earlier_on = earlier_on
        self.later = later
        self.later_on = later_on


def utc(moment: datetime) -> datetime:
    """Give ``moment`` in UTC.

    Raises ``NaiveMomentError`` if it carries no time zone.
    """
    if moment.utcoffset() is None:
        raise NaiveMomentError(moment)
    return moment.astimezone(UTC)


def casablanca_midnight(day: date) -> datetime:
    """Give the moment, in UTC, at which ``day`` begins in Casablanca (23:00 or 00:00 UTC)."""
    return datetime.combine(day, time.min, tzinfo=CASABLANCA).astimezone(UTC)


def casablanca_date(moment: datetime) -> date:
    """Give the calendar day in Casablanca that contains ``moment``."""
    return utc(moment).astimezone(CASABLANCA).date()


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time ``[opens_at, closes_at)``, both ends kept in UTC.

    Raises ``NaiveMomentError`` and ``EmptyWindowError``.
    """

    opens_at: datetime
    closes_at: datetime

    def __post_init__(self) -> None:
        """Refuse what is not a window and bring both ends to UTC."""
        object.__setattr__(self, "opens_at", utc(self.opens_at))
        object.__setattr__(self, "closes_at", utc(self.closes_at))
        if not self.opens_at < self.closes_at:
            raise EmptyWindowError(self.opens_at, self.closes_at)

    def contains(self, moment: datetime) -> bool:
        """Claim: an act at ``moment`` is in time."""
        return self.opens_at <= utc(moment) < self.closes_at

    def is_before(self, moment: datetime) -> bool:
        """Claim: the window has ended at ``moment``; an act then is late."""
        return self.closes_at <= utc(moment)

    def is_after(self, moment: datetime) -> bool:
        """Claim: the window has not begun at ``moment``; an act then is early."""
        return utc(moment) < self.opens_at

    @property
    def full_days(self) -> int:
        """Count the whole Casablanca days inside; a day cut at either end does not count."""
        first = casablanca_date(self.opens_at)
        if casablanca_midnight(first) < self.opens_at:
            first += timedelta(days=1)
        # closes_at is exclusive, so the day it stands in is never whole.
        return max(0, (casablanca_date(self.closes_at) - first).days)

    @property
    def last_day(self) -> date:
        """Give the last day on which an act is accepted, as posters print it."""
        return casablanca_date(self.closes_at - timedelta.resolution)


def full_days(window: Window) -> int:
    """Count the whole Casablanca days inside ``window``."""
    return window.full_days


def window_of_days(first_day: date, last_day: date) -> Window:
    """Make the window of whole days from ``first_day`` to ``last_day``, both included.

    19–25 June gives ``[19 June 00:00, 26 June 00:00)`` in Casablanca: 7 days.
    Raises ``EmptyWindowError`` if the last day comes before the first.
    """
    return Window(casablanca_midnight(first_day), casablanca_midnight(last_day + timedelta(days=1)))


def notice_days(announced_at: datetime, opens_at: datetime) -> int:
    """Count the days of public notice: the day of opening counts, that of the notice does not.

    A notice at any hour of 11 July for an opening on 25 July gives 14. Negative if the
    notice came after the opening.
    """
    return (casablanca_date(opens_at) - casablanca_date(announced_at)).days


@unique
class ExtensionRefusal(StrEnum):
    """Why a closing moment may not move."""

    ALREADY_CLOSED = "already_closed"
    TOO_CLOSE_TO_THE_END = "too_close_to_the_end"
    NOT_LATER = "not_later"


def may_extend(now: datetime, closes_at: datetime, new_closes_at: datetime) -> tuple[ExtensionRefusal, ...]:
    """List what forbids moving the close to ``new_closes_at``; nothing means it may move.

    Never shortening, and not within the last 48 h (exactly 48 h before is still allowed).
    The public reason is asked by the action. Source: ``design/8-settled.md``.
    """
    refusals: list[ExtensionRefusal] = []
    if utc(now) >= utc(closes_at):
        refusals.append(ExtensionRefusal.ALREADY_CLOSED)
    elif utc(closes_at) - utc(now) < EXTENSION_STOPS:
        refusals.append(ExtensionRefusal.TOO_CLOSE_TO_THE_END)
    if utc(new_closes_at) <= utc(closes_at):
        refusals.append(ExtensionRefusal.NOT_LATER)
    return tuple(refusals)


# --- Working days and appeals --------------------------------------------------------


def is_working_day(day: date, holidays: AbstractSet[date] = frozenset()) -> bool:
    """Claim: offices are open on ``day`` (Monday to Friday, public holidays given)."""
    return day.weekday() < SATURDAY and day not in holidays


def after_working_days(start: date, working_days: int, holidays: AbstractSet[date] = frozenset()) -> date:
    """Give the last of ``working_days`` working days after ``start``, which does not count."""
    day = start
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= is_working_day(day, holidays)
    return day


def appeal_deadline(notified_at: datetime, closes_at: datetime | None = None) -> datetime:
    """Give the moment (exclusive, UTC) until which an author may appeal.

    The earlier of ten days after the notice and five days after the close of the
    consultation (``closes_at``; None outside one). A notice sent later than the promise
    of 48 h after the close would eat the right itself, so it never leaves less than a
    timely one would: 5 days − 48 h = three days.

    Source: ``design/8-settled.md``, "appeal window (min(10 days, 5 days after close))".
    """
    notified = utc(notified_at)
    deadline = notified + APPEAL_DAYS
    if closes_at is not None:
        deadline = min(deadline, utc(closes_at) + APPEAL_AFTER_CLOSE)
    return max(deadline, notified + APPEAL_AFTER_CLOSE - PROMISE)


def appeal_window_runs(now: datetime, notified_at: datetime, closes_at: datetime | None = None) -> bool:
    """Claim: the author may still appeal at ``now``, so the plan cannot be transmitted."""
    return utc(now) < appeal_deadline(notified_at, closes_at)


def appeal_decision_due(filed_at: datetime, holidays: AbstractSet[date] = frozenset()) -> datetime:
    """Give the end (exclusive, UTC) of the fifth working day after an appeal was filed."""
    last = after_working_days(casablanca_date(filed_at), APPEAL_DECISION_WORKING_DAYS, holidays)
    return casablanca_midnight(last + timedelta(days=1))


# --- Back-planning from the council's session ----------------------------------------


@unique
class Step(StrEnum):
    """The dated steps between the public notice of a review and the published decision."""

    NOTICE = "notice"
    REVIEW_OPENS = "review_opens"
    REVIEW_CLOSES = "review_closes"
    RESPONSES_APPROVED = "responses_approved"
    AGENDA_TO_GOVERNOR = "agenda_to_governor"
    DOSSIER_TO_COUNCILLORS = "dossier_to_councillors"
    SESSION = "session"
    DECISIONS_PUBLISHED = "decisions_published"


@dataclass(frozen=True, slots=True)
class Delays:
    """The delays of a collectivity, in calendar days; settings, because laws change.

    Source: LO 113-14 art. 35 (dossier, 10 days) and 38 (agenda to the governor, 20 days),
    both to be confirmed by a jurist; the rest is the practice of ``reference/domain.md`` §3.
    """

    agenda_to_governor: int = 20
    dossier_to_councillors: int = 10
    responses_approved: int = 21
    review_closes: int = 30
    review_lasts: int = RECOMMENDED_WINDOW_DAYS
    notice: int = MIN_NOTICE_DAYS
    decisions_published: int = 8


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step and the latest Casablanca day for it; ``days_before`` the session, < 0 after it.

    ``REVIEW_CLOSES`` names the day at whose first moment the review ends.
    """

    step: Step
    at_latest: date
    days_before: int


def back_planning(session_date: date, delays: Delays | None = None) -> tuple[PlannedStep, ...]:
    """List the steps before ``session_date``, earliest first, each with its latest day.

    Raises ``DelaysOutOfOrderError`` if the delays make two steps cross.
    """
    chosen = delays if delays is not None else Delays()
    opens = chosen.review_closes + chosen.review_lasts
    steps = (
        (Step.NOTICE, opens + chosen.notice),
        (Step.REVIEW_OPENS, opens),
        (Step.REVIEW_CLOSES, chosen.review_closes),
        (Step.RESPONSES_APPROVED, chosen.responses_approved),
        (Step.AGENDA_TO_GOVERNOR, chosen.agenda_to_governor),
        (Step.DOSSIER_TO_COUNCILLORS, chosen.dossier_to_councillors),
        (Step.SESSION, 0),
        (Step.DECISIONS_PUBLISHED, -chosen.decisions_published),
    )
    planned = tuple(
        PlannedStep(step, session_date - timedelta(days=before), before) for step, before in steps
    )
    for earlier, later in pairwise(planned):
        if earlier.at_latest > later.at_latest:
            raise DelaysOutOfOrderError(earlier.step, earlier.at_latest, later.step, later.at_latest)
    return planned
