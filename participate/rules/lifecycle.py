"""The life of a plan as one table: which move leads from which stage to which, and what it needs.

The same table guards the actions, fills the officer's checklist, draws the public timeline and is
walked by the tests. Nothing here reads a clock, a request or a database: rooms hand in `Facts`.
Source: `design/1-mission-and-domain.md` ("Lifecycle of a plan") and `design/8-settled.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from participate.rules.outcomes import ConsultationKind, ConsultationState
from participate.rules.windows import Window, notice_days

NOTICE_DAYS = 14
WINDOW_MIN_DAYS = 7
WINDOW_RECOMMENDED_DAYS = 15
EXTENSION_HOURS = 48


class Stage(StrEnum):
    """Where a plan stands between its first idea and its evaluation."""

    PREPARATION = "preparation"
    CONSULTATION = "consultation"
    SYNTHESIS = "synthesis"
    COUNCIL = "council"
    IMPLEMENTATION = "implementation"
    EVALUATION = "evaluation"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """The seven public steps: the stars of the cycle."""

    IDEAS = "ideas"
    DRAFT = "draft"
    REVIEW = "review"
    ANSWERS = "answers"
    COUNCIL = "council"
    IMPLEMENTATION = "implementation"
    EVALUATION = "evaluation"


class StepState(StrEnum):
    """How a star is drawn: filled, ringed or outlined."""

    DONE = "done"
    NOW = "now"
    TODO = "todo"


class Need(StrEnum):
    """What a move needs. Each has a sentence in every language of the interface."""

    HAS_ARABIC_AXIS = "has_arabic_axis"
    HAS_PUBLISHED_DRAFT = "has_published_draft"
    PROJECTS_COMPLETE = "projects_complete"
    NOTICE_GIVEN = "notice_given"
    WINDOW_LONG_ENOUGH = "window_long_enough"
    NO_OTHER_OPEN = "no_other_open"
    OPENING_TIME_REACHED = "opening_time_reached"
    CLOSING_TIME_REACHED = "closing_time_reached"
    EXTENSION_IN_TIME = "extension_in_time"
    EXTENSION_LONGER = "extension_longer"
    REASON_GIVEN = "reason_given"
    REVIEW_CLOSED = "review_closed"
    NOTHING_PENDING = "nothing_pending"
    NO_OPEN_APPEAL = "no_open_appeal"
    APPEAL_WINDOW_OVER = "appeal_window_over"
    EVERY_IDEA_HAS_FATE = "every_idea_has_fate"
    EVERY_PROJECT_HAS_RESPONSE = "every_project_has_response"
    COVERAGE_COMPLETE = "coverage_complete"
    REVISED_VERSION_READY = "revised_version_ready"
    QUORUM_REACHED = "quorum_reached"
    EVERY_PROJECT_DECIDED = "every_project_decided"
    DELIBERATION_DATED = "deliberation_dated"
    AMENDMENTS_WRITTEN = "amendments_written"
    END_REACHED = "end_reached"
    EVALUATION_RECORDED = "evaluation_recorded"


class Warn(StrEnum):
    """What a move does not need but an officer should know."""

    WINDOW_SHORT = "window_short"


@dataclass(frozen=True)
class Facts:
    """What the rooms know, gathered by `lifecycle.queries`. Times are aware, in UTC."""

    stage: Stage
    now: datetime
    consultation: ConsultationKind | None = None
    consultation_state: ConsultationState | None = None
    announced_at: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    new_closes_at: datetime | None = None
    public_reason: bool = False
    arabic_axes: int = 0
    draft_version_projects: int = 0
    incomplete_projects: tuple[int, ...] = ()
    other_open: int = 0
    reviews_closed: int = 0
    pending: int = 0
    open_appeals: int = 0
    appeal_window_ends: datetime | None = None
    ideas_without_fate: int = 0
    projects_without_response: tuple[int, ...] = ()
    answerable: int = 0
    answered: int = 0
    revised_version_ready: bool = False
    quorum: bool = False
    projects_undecided: tuple[int, ...] = ()
    deliberation_dated: bool = False
    amendments_unwritten: tuple[int, ...] = ()
    ends_on_reached: bool = False
    evaluation_recorded: bool = False


def notice_given(facts: Facts) -> bool:
    """Whether the calendar was public 14 days before opening, or the shorter notice has a public reason.

    Days are calendar days in Casablanca: a notice at any hour of 11 July serves an opening on 25 July.

    Source: OGP Participation and Co-Creation Standards, 3.1 (two weeks).
    """
    if facts.public_reason:
        return True
    if facts.announced_at is None or facts.opens_at is None:
        return False
    return notice_days(facts.announced_at, facts.opens_at) >= NOTICE_DAYS


def window_long_enough(facts: Facts) -> bool:
    """Whether the window lasts seven full days at least."""
    if facts.opens_at is None or facts.closes_at is None:
        return False
    return facts.closes_at - facts.opens_at >= timedelta(days=WINDOW_MIN_DAYS)


def window_short(facts: Facts) -> bool:
    """Whether the window is allowed but shorter than recommended."""
    if facts.opens_at is None or facts.closes_at is None:
        return False
    return facts.closes_at - facts.opens_at < timedelta(days=WINDOW_RECOMMENDED_DAYS)


NEEDS: dict[Need, Callable[[Facts], bool]] = {
    Need.HAS_ARABIC_AXIS: lambda f: f.arabic_axes >= 1,
    Need.HAS_PUBLISHED_DRAFT: lambda f: f.draft_version_projects >= 1,
    Need.PROJECTS_COMPLETE: lambda f: not f.incomplete_projects,
    Need.NOTICE_GIVEN: notice_given,
    Need.WINDOW_LONG_ENOUGH: window_long_enough,
    Need.NO_OTHER_OPEN: lambda f: f.other_open == 0,
    Need.OPENING_TIME_REACHED: lambda f: f.opens_at is not None and f.now >= f.opens_at,
    Need.CLOSING_TIME_REACHED: lambda f: f.closes_at is not None and f.now >= f.closes_at,
    Need.EXTENSION_IN_TIME: lambda f: (
        f.closes_at is not None and f.now <= f.closes_at - timedelta(hours=EXTENSION_HOURS)
    ),
    Need.EXTENSION_LONGER: lambda f: (
        f.closes_at is not None and f.new_closes_at is not None and f.new_closes_at > f.closes_at
    ),
    Need.REASON_GIVEN: lambda f: f.public_reason,
    Need.REVIEW_CLOSED: lambda f: f.reviews_closed >= 1,
    Need.NOTHING_PENDING: lambda f: f.pending == 0,
    Need.NO_OPEN_APPEAL: lambda f: f.open_appeals == 0,
    Need.APPEAL_WINDOW_OVER: lambda f: f.appeal_window_ends is None or f.now >= f.appeal_window_ends,
    Need.EVERY_IDEA_HAS_FATE: lambda f: f.ideas_without_fate == 0,
    Need.EVERY_PROJECT_HAS_RESPONSE: lambda f: not f.projects_without_response,
    Need.COVERAGE_COMPLETE: lambda f: f.answered >= f.answerable,
    Need.REVISED_VERSION_READY: lambda f: f.revised_version_ready,
    Need.QUORUM_REACHED: lambda f: f.quorum,
    Need.EVERY_PROJECT_DECIDED: lambda f: not f.projects_undecided,
    Need.DELIBERATION_DATED: lambda f: f.deliberation_dated,
    Need.AMENDMENTS_WRITTEN: lambda f: not f.amendments_unwritten,
    Need.END_REACHED: lambda f: f.ends_on_reached,
    Need.EVALUATION_RECORDED: lambda f: f.evaluation_recorded,
}

MISSED_FOR_GOOD = frozenset({Need.EXTENSION_IN_TIME})
"""What nobody can mend any more once it is not met: its moment has passed."""

WARNINGS: dict[Warn, Callable[[Facts], bool]] = {Warn.WINDOW_SHORT: window_short}


class MoveName(StrEnum):
    """What can happen to a plan or to one of its consultations."""

    ANNOUNCE = "announce"
    OPEN_CALL = "open_call"
    OPEN_REVIEW = "open_review"
    EXTEND = "extend"
    CLOSE_CALL = "close_call"
    CLOSE_REVIEW = "close_review"
    TRANSMIT = "transmit"
    ADOPT = "adopt"
    RETURN = "return"
    START_EVALUATION = "start_evaluation"
    CLOSE_PLAN = "close_plan"
    WITHDRAW = "withdraw"


BEFORE_ADOPTION = frozenset({Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS, Stage.COUNCIL})


@dataclass(frozen=True)
class Move:
    """One row of the law: from any of `sources` to `target` when every need is met.

    `consultation` is the state the consultation must be in, where the move concerns one.
    A `target` of None leaves the stage as it is.
    """

    name: MoveName
    sources: frozenset[Stage]
    target: Stage | None
    needs: tuple[Need, ...] = ()
    warnings: tuple[Warn, ...] = ()
    consultation: frozenset[ConsultationState] | None = None


_OPENING = (Need.NOTICE_GIVEN, Need.WINDOW_LONG_ENOUGH, Need.NO_OTHER_OPEN, Need.OPENING_TIME_REACHED)

MOVES: dict[MoveName, Move] = {
    move.name: move
    for move in (
        Move(
            MoveName.ANNOUNCE,
            frozenset({Stage.PREPARATION}),
            None,
            (Need.WINDOW_LONG_ENOUGH,),
            (Warn.WINDOW_SHORT,),
            frozenset({ConsultationState.PLANNED}),
        ),
        Move(
            MoveName.OPEN_CALL,
            frozenset({Stage.PREPARATION}),
            None,
            (Need.HAS_ARABIC_AXIS, *_OPENING),
            (),
            frozenset({ConsultationState.ANNOUNCED}),
        ),
        Move(
            MoveName.OPEN_REVIEW,
            frozenset({Stage.PREPARATION}),
            Stage.CONSULTATION,
            (Need.HAS_PUBLISHED_DRAFT, Need.PROJECTS_COMPLETE, *_OPENING),
            (Warn.WINDOW_SHORT,),
            frozenset({ConsultationState.ANNOUNCED}),
        ),
        Move(
            MoveName.EXTEND,
            frozenset({Stage.PREPARATION, Stage.CONSULTATION}),
            None,
            (Need.EXTENSION_IN_TIME, Need.EXTENSION_LONGER, Need.REASON_GIVEN),
            (),
            frozenset({ConsultationState.OPEN}),
        ),
        Move(
            MoveName.CLOSE_CALL,
            frozenset({Stage.PREPARATION}),
            None,
            (Need.CLOSING_TIME_REACHED,),
            (),
            frozenset({ConsultationState.OPEN}),
        ),
        Move(
            MoveName.CLOSE_REVIEW,
            frozenset({Stage.CONSULTATION}),
            Stage.SYNTHESIS,
            (Need.CLOSING_TIME_REACHED,),
            (),
            frozenset({ConsultationState.OPEN}),
        ),
        Move(
            MoveName.TRANSMIT,
            frozenset({Stage.SYNTHESIS}),
            Stage.COUNCIL,
            (
                Need.REVIEW_CLOSED,
                Need.NOTHING_PENDING,
                Need.NO_OPEN_APPEAL,
                Need.APPEAL_WINDOW_OVER,
                Need.EVERY_IDEA_HAS_FATE,
                Need.EVERY_PROJECT_HAS_RESPONSE,
                Need.COVERAGE_COMPLETE,
                Need.REVISED_VERSION_READY,
            ),
        ),
        Move(
            MoveName.ADOPT,
            frozenset({Stage.COUNCIL}),
            Stage.IMPLEMENTATION,
            (
                Need.QUORUM_REACHED,
                Need.EVERY_PROJECT_DECIDED,
                Need.DELIBERATION_DATED,
                Need.AMENDMENTS_WRITTEN,
            ),
        ),
        Move(
            MoveName.RETURN,
            frozenset({Stage.COUNCIL}),
            Stage.PREPARATION,
            (Need.QUORUM_REACHED, Need.DELIBERATION_DATED, Need.REASON_GIVEN),
        ),
        Move(
            MoveName.START_EVALUATION,
            frozenset({Stage.IMPLEMENTATION}),
            Stage.EVALUATION,
            (Need.END_REACHED,),
        ),
        Move(
            MoveName.CLOSE_PLAN,
            frozenset({Stage.EVALUATION}),
            Stage.CLOSED,
            (Need.EVALUATION_RECORDED,),
        ),
        Move(MoveName.WITHDRAW, BEFORE_ADOPTION, Stage.WITHDRAWN, (Need.REASON_GIVEN,)),
    )
}


@dataclass(frozen=True)
class Unmet:
    """Why a move is refused: facts, not sentences."""

    move: MoveName
    wrong_stage: bool
    wrong_consultation: bool
    needs: tuple[Need, ...]

    @property
    def any(self) -> bool:
        """Whether something stands in the way."""
        return self.wrong_stage or self.wrong_consultation or bool(self.needs)


class MoveRefusedError(Exception):
    """A move was tried whose needs are not met; holds what is missing."""

    def __init__(self, unmet: Unmet) -> None:
        super().__init__(unmet)
        self.unmet = unmet


def check(name: MoveName, facts: Facts) -> Unmet:
    """Return everything that stands between `facts` and the move, all at once."""
    move = MOVES[name]
    return Unmet(
        name,
        wrong_stage=facts.stage not in move.sources,
        wrong_consultation=move.consultation is not None
        and facts.consultation_state not in move.consultation,
        needs=tuple(need for need in move.needs if not NEEDS[need](facts)),
    )


def warnings(name: MoveName, facts: Facts) -> tuple[Warn, ...]:
    """Return what the officer should know before the move."""
    return tuple(warn for warn in MOVES[name].warnings if WARNINGS[warn](facts))


def perform(name: MoveName, facts: Facts) -> Stage:
    """Return the stage after the move.

    Raises MoveRefusedError when the stage is wrong or a need is not met.
    """
    unmet = check(name, facts)
    if unmet.any:
        raise MoveRefusedError(unmet)
    return MOVES[name].target or facts.stage


_NOW: dict[Stage, Step | None] = {
    Stage.CONSULTATION: Step.REVIEW,
    Stage.SYNTHESIS: Step.ANSWERS,
    Stage.COUNCIL: Step.COUNCIL,
    Stage.IMPLEMENTATION: Step.IMPLEMENTATION,
    Stage.EVALUATION: Step.EVALUATION,
    Stage.CLOSED: None,
    Stage.WITHDRAWN: None,
}


def step_now(stage: Stage, call: ConsultationState | None) -> Step | None:
    """Return the public step of a plan; `call` is the state of its call for ideas, if it has one.

    In preparation the call for ideas comes first, and the draft is drawn up once it has closed.
    None: nothing is under way any more.
    """
    if stage is Stage.PREPARATION:
        if call in (None, ConsultationState.CLOSED, ConsultationState.ARCHIVED):
            return Step.DRAFT
        return Step.IDEAS
    return _NOW[stage]


def stars(stage: Stage, call: ConsultationState | None) -> tuple[tuple[Step, StepState], ...]:
    """Return the seven steps with how each is drawn, in order."""
    now = step_now(stage, call)
    if now is None:
        state = StepState.DONE if stage is Stage.CLOSED else StepState.TODO
        return tuple((step, state) for step in Step)
    order = list(Step)
    at = order.index(now)
    return tuple(
        (step, StepState.DONE if i < at else StepState.NOW if i == at else StepState.TODO)
        for i, step in enumerate(order)
    )


class Standing(StrEnum):
    """How a plan stands, in one line for somebody who meets it elsewhere: on the card of a shared link."""

    PREPARED = "prepared"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    BEFORE_COUNCIL = "before_council"
    ADOPTED = "adopted"
    WITHDRAWN = "withdrawn"


_SETTLED = {
    Stage.COUNCIL: Standing.BEFORE_COUNCIL,
    Stage.IMPLEMENTATION: Standing.ADOPTED,
    Stage.EVALUATION: Standing.ADOPTED,
    Stage.CLOSED: Standing.ADOPTED,
    Stage.WITHDRAWN: Standing.WITHDRAWN,
}


def standing(stage: Stage, windows: Sequence[Window], now: datetime) -> tuple[Standing, Window | None]:
    """Return how a plan stands, and the window of its consultations that this is about, if it is one.

    What is open comes before what is announced, and that before what was closed last. The clock decides, not the
    state of a row, which may wait a minute for the act that closes it.
    """
    if stage in _SETTLED:
        return _SETTLED[stage], None
    for window in windows:
        if window.contains(now):
            return Standing.OPEN, window
    coming = [window for window in windows if window.is_after(now)]
    if coming:
        return Standing.ANNOUNCED, min(coming, key=lambda one: one.opens_at)
    if windows:
        return Standing.CLOSED, max(windows, key=lambda one: one.closes_at)
    return Standing.PREPARED, None
