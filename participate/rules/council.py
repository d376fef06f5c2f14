"""The council's arithmetic: session, quorum, majority, and decisions that agree with votes.

Source: LO 113-14 art. 33 (sessions), 42 (quorum), 43–44 (majority), through
``reference/domain.md`` §3. Articles 42–44 are general knowledge not yet confirmed on the
text, so every number is a setting that carries its source note.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum, unique
from typing import Final

from participate.rules.outcomes import (
    DECISIONS_ADOPTING,
    DECISIONS_NEEDING_REASON,
    ProjectDecision,
)
from participate.rules.windows import after_working_days

FEBRUARY: Final = 2
MAY: Final = 5
OCTOBER: Final = 10


class CouncilError(ValueError):
    """A fact of a session that cannot be, or a decision that its votes do not carry."""


# --- Session -------------------------------------------------------------------------


@unique
class SessionKind(StrEnum):
    """دورة عادية or دورة استثنائية; a session has one or more sittings (جلسة)."""

    ORDINARY = "ordinary"
    EXTRAORDINARY = "extraordinary"


class SessionOutsideCalendarError(CouncilError):
    """An ordinary session opens in a month that has none."""

    def __init__(self, opens_on: date, months: tuple[int, ...]) -> None:
        """Hold the day and the ``months`` (1–12) that have an ordinary session."""
        super().__init__(opens_on, months)
        self.opens_on = opens_on
        self.months = months


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """When ordinary sessions open: ``months`` 1–12, and the last day of the "first week"."""

    months: tuple[int, ...] = (FEBRUARY, MAY, OCTOBER)
    first_week_ends: int = 7
    source: str = "LO 113-14 art. 33"


SESSION_SETTINGS: Final = SessionSettings()


def require_session(kind: SessionKind, opens_on: date, settings: SessionSettings = SESSION_SETTINGS) -> None:
    """Refuse an ordinary session outside its months; raises ``SessionOutsideCalendarError``."""
    if kind is SessionKind.ORDINARY and opens_on.month not in settings.months:
        raise SessionOutsideCalendarError(opens_on, settings.months)


def opens_in_first_week(opens_on: date, settings: SessionSettings = SESSION_SETTINGS) -> bool:
    """Claim: the session opens in the first week of its month (a warning when false)."""
    return opens_on.day <= settings.first_week_ends


# --- Quorum --------------------------------------------------------------------------


@unique
class Call(IntEnum):
    """Which convocation of the council this sitting follows."""

    FIRST = 1
    SECOND = 2
    THIRD = 3


class NegativeMembersError(CouncilError):
    """A count of members or votes is below zero."""

    def __init__(self, what: str, count: int) -> None:
        """Hold ``what`` was counted and the ``count``."""
        super().__init__(what, count)
        self.what = what
        self.count = count


class PresentExceedInOfficeError(CouncilError):
    """More members present than in office."""

    def __init__(self, present: int, in_office: int) -> None:
        """Hold both counts of members."""
        super().__init__(present, in_office)
        self.present = present
        self.in_office = in_office


class NoQuorumError(CouncilError):
    """A decision was recorded at a sitting that could not deliberate."""

    def __init__(self, call: Call, present: int, needed: int) -> None:
        """Hold the call and the members present and needed."""
        super().__init__(call, present, needed)
        self.call = call
        self.present = present
        self.needed = needed


@dataclass(frozen=True, slots=True)
class QuorumSettings:
    """The quorum of a collectivity.

    ``needs_more_than_half``: calls at which more than half of the members in office must be
    present. At other calls any number may deliberate. Second call ``second_from`` to
    ``second_to`` calendar days after the first; third from ``third_after`` working days on.
    """

    needs_more_than_half: frozenset[Call] = field(
        default_factory=lambda: frozenset({Call.FIRST, Call.SECOND})
    )
    second_from: int = 3
    second_to: int = 5
    third_after: int = 3
    source: str = "LO 113-14 art. 42 (to be confirmed by a jurist)"


QUORUM_SETTINGS: Final = QuorumSettings()


@dataclass(frozen=True, slots=True)
class Quorum:
    """What the secretary counted at the opening of a sitting; a failed one is kept too."""

    call: Call
    in_office: int
    present: int
    needed: int

    @property
    def reached(self) -> bool:
        """Claim: the sitting may deliberate."""
        return self.present >= self.needed

    def require(self) -> None:
        """Refuse to deliberate without it; raises ``NoQuorumError``."""
        if not self.reached:
            raise NoQuorumError(self.call, self.present, self.needed)


def quorum(call: Call, in_office: int, present: int, settings: QuorumSettings = QUORUM_SETTINGS) -> Quorum:
    """Say how many members the sitting needs and whether they came.

    More than half of 41 is 21, of 40 is 21. "Any number" is at least one: nobody cannot
    deliberate. Raises ``NegativeMembersError`` and ``PresentExceedInOfficeError``.
    """
    _members(present=present, in_office=in_office)
    more_than_half = in_office // 2 + 1
    needed = more_than_half if call in settings.needs_more_than_half else 1
    return Quorum(call, in_office, present, needed)


@dataclass(frozen=True, slots=True)
class MeetingDays:
    """The days on which a repeated call may meet, both included; ``last`` None for no limit."""

    first: date
    last: date | None

    def contains(self, day: date) -> bool:
        """Claim: the council may meet on ``day``."""
        return self.first <= day and (self.last is None or day <= self.last)


def meeting_days(
    call: Call,
    previous_on: date,
    holidays: AbstractSet[date] = frozenset(),
    settings: QuorumSettings = QUORUM_SETTINGS,
) -> MeetingDays:
    """Give the days for ``call`` after a sitting without quorum on ``previous_on``.

    The first call follows none and is free from that day on.
    """
    if call is Call.SECOND:
        return MeetingDays(
            previous_on + timedelta(days=settings.second_from),
            previous_on + timedelta(days=settings.second_to),
        )
    if call is Call.THIRD:
        return MeetingDays(after_working_days(previous_on, settings.third_after, holidays), None)
    return MeetingDays(previous_on, None)


def _members(*, present: int, in_office: int) -> None:
    for what, count in (("present", present), ("in_office", in_office)):
        if count < 0:
            raise NegativeMembersError(what, count)
    if present > in_office:
        raise PresentExceedInOfficeError(present, in_office)


# --- Votes ---------------------------------------------------------------------------


class VotesExceedPresentError(CouncilError):
    """More votes and abstentions than members present."""

    def __init__(self, votes: int, present: int) -> None:
        """Hold both counts."""
        super().__init__(votes, present)
        self.votes = votes
        self.present = present


class CastingVoteWithoutTieError(CouncilError):
    """The president's casting vote was recorded although the votes were not equal."""

    def __init__(self, votes_for: int, votes_against: int) -> None:
        """Hold both counts."""
        super().__init__(votes_for, votes_against)
        self.votes_for = votes_for
        self.votes_against = votes_against


@unique
class MajorityRule(StrEnum):
    """Which majority a decision needs.

    A setting, since an openness plan is not obviously the communal action programme.
    Source: LO 113-14 art. 43 (to be confirmed).
    """

    OF_VOTES_CAST = "of_votes_cast"
    OF_PRESENT = "of_present"
    OF_IN_OFFICE = "of_in_office"


@unique
class CastingVote(StrEnum):
    """On which side the president's vote prevailed when for and against were equal."""

    NOT_USED = "not_used"
    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class VoteCount:
    """The public vote on one project, in members; the president's own vote is among them.

    Members present may be more than the votes: some do not take part. Raises
    ``NegativeMembersError``, ``PresentExceedInOfficeError``, ``VotesExceedPresentError``.
    """

    votes_for: int
    votes_against: int
    abstained: int
    present: int
    in_office: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        for what, count in (
            ("votes_for", self.votes_for),
            ("votes_against", self.votes_against),
            ("abstained", self.abstained),
        ):
            if count < 0:
                raise NegativeMembersError(what, count)
        _members(present=self.present, in_office=self.in_office)
        if self.votes > self.present:
            raise VotesExceedPresentError(self.votes, self.present)

    @property
    def votes(self) -> int:
        """Count for, against and abstentions."""
        return self.cast + self.abstained

    @property
    def cast(self) -> int:
        """Count the votes cast (suffrages exprimés): abstentions are not."""
        return self.votes_for + self.votes_against

    @property
    def tied(self) -> bool:
        """Claim: as many for as against, and somebody voted."""
        return self.votes_for == self.votes_against > 0


@dataclass(frozen=True, slots=True)
class Majority:
    """What a vote gave: ``needed`` votes for, and whether it ``carried``."""

    rule: MajorityRule
    needed: int
    votes_for: int
    by_casting_vote: bool
    carried: bool


def majority(rule: MajorityRule, count: VoteCount, casting: CastingVote = CastingVote.NOT_USED) -> Majority:
    """Say whether ``count`` carries under ``rule``.

    Absolute majority: more than half of the base. The president's vote prevails in a tie of
    votes cast, and only under ``OF_VOTES_CAST``: where members are the base, a side's
    weight adds no member. Raises ``CastingVoteWithoutTieError``.
    """
    if casting is not CastingVote.NOT_USED and not count.tied:
        raise CastingVoteWithoutTieError(count.votes_for, count.votes_against)
    match rule:
        case MajorityRule.OF_VOTES_CAST:
            base = count.cast
        case MajorityRule.OF_PRESENT:
            base = count.present
        case MajorityRule.OF_IN_OFFICE:
            base = count.in_office
    needed = base // 2 + 1
    by_casting = casting is CastingVote.FOR and rule is MajorityRule.OF_VOTES_CAST
    return Majority(rule, needed, count.votes_for, by_casting, count.votes_for >= needed or by_casting)


# --- Decisions -----------------------------------------------------------------------


class AdoptedWithoutMajorityError(CouncilError):
    """A project is said adopted although its vote did not carry."""

    def __init__(self, decision: ProjectDecision, votes_for: int, needed: int) -> None:
        """Hold the decision and the votes for and needed."""
        super().__init__(decision, votes_for, needed)
        self.decision = decision
        self.votes_for = votes_for
        self.needed = needed


class RejectedWithMajorityError(CouncilError):
    """A project is said rejected although a majority voted for it."""

    def __init__(self, votes_for: int, needed: int) -> None:
        """Hold the votes for and needed."""
        super().__init__(votes_for, needed)
        self.votes_for = votes_for
        self.needed = needed


class DecisionReasonMissingError(CouncilError):
    """Postponed or rejected without a reason for the people who took part."""

    def __init__(self, decision: ProjectDecision) -> None:
        """Hold the decision."""
        super().__init__(decision)
        self.decision = decision


class SittingMismatchError(CouncilError):
    """A vote gives another council than the one counted at the opening."""

    def __init__(self, what: str, at_opening: int, at_vote: int) -> None:
        """Hold ``what`` differs and both counts of members."""
        super().__init__(what, at_opening, at_vote)
        self.what = what
        self.at_opening = at_opening
        self.at_vote = at_vote


def require_consistent(
    decision: ProjectDecision, result: Majority, sitting: Quorum, reason: str = ""
) -> None:
    """Refuse a decision on a project that its sitting, votes or reason do not bear.

    Adopted (amended or not) needs the majority; rejected must not have it; postponed and
    rejected need a reason. A vote on "postponed" may carry or not. Raises
    ``NoQuorumError``, ``AdoptedWithoutMajorityError``, ``RejectedWithMajorityError``,
    ``DecisionReasonMissingError``.
    """
    sitting.require()
    if decision in DECISIONS_ADOPTING and not result.carried:
        raise AdoptedWithoutMajorityError(decision, result.votes_for, result.needed)
    if decision is ProjectDecision.REJECTED and result.carried:
        raise RejectedWithMajorityError(result.votes_for, result.needed)
    if decision in DECISIONS_NEEDING_REASON and not reason.strip():
        raise DecisionReasonMissingError(decision)


def require_same_council(sitting: Quorum, count: VoteCount) -> None:
    """Refuse a vote whose members in office differ from the sitting's.

    Members present may come and go between opening and vote, so they are not compared.
    Raises ``SittingMismatchError``.
    """
    if sitting.in_office != count.in_office:
        raise SittingMismatchError("in_office", sitting.in_office, count.in_office)
