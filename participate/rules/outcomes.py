"""The closed lists of the process, written once for tables, forms, pages and exports.

Every value is the word stored in the database and printed in open data, so a
value is never renamed: a new word is a migration and a decision record.

Source: ``design/8-settled.md`` ("Enumerations, once"), ``design/1-mission-and-domain.md``
("The words of the model"), ``reference/domain.md`` §2 (IRM completion scale) and §5.
"""

from enum import IntEnum, StrEnum, unique
from typing import Final

# --- Answers -------------------------------------------------------------------------


@unique
class Fate(StrEnum):
    """What the follow-up committee made of an idea; every idea has one before the council."""

    RETAINED = "retained"
    MERGED = "merged"
    DEFERRED = "deferred"
    DECLINED = "declined"
    OUTSIDE_COMPETENCE = "outside_competence"


@unique
class Outcome(StrEnum):
    """What a reasoned response says happened to a contribution, a theme or a project's review."""

    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    ALREADY_PLANNED_OR_DONE = "already_planned_or_done"
    DEFERRED = "deferred"
    DECLINED = "declined"
    OUTSIDE_COMPETENCE = "outside_competence"


@unique
class Satisfied(StrEnum):
    """What an author says of the revised text: whether it satisfies what they asked for."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@unique
class ProjectDecision(StrEnum):
    """What the council decided about one project.

    "Returned" is not here: it is a decision on the whole plan.
    """

    ADOPTED = "adopted"
    ADOPTED_AMENDED = "adopted_amended"
    POSTPONED = "postponed"
    REJECTED = "rejected"


FATES_NEEDING_REASON: Final = frozenset({Fate.DEFERRED, Fate.DECLINED, Fate.OUTSIDE_COMPETENCE})
"""Fates that say "not now" or "no": the author is owed a written reason."""

OUTCOMES_NEEDING_REASON: Final = frozenset({Outcome.DEFERRED, Outcome.DECLINED, Outcome.OUTSIDE_COMPETENCE})
"""Outcomes that need a reason. Source: ``design/8-settled.md``, Lifecycle, responses, council."""

DECISIONS_NEEDING_REASON: Final = frozenset({ProjectDecision.POSTPONED, ProjectDecision.REJECTED})
"""Council decisions that need a reason for the people who supported the project."""

DECISIONS_ADOPTING: Final = frozenset({ProjectDecision.ADOPTED, ProjectDecision.ADOPTED_AMENDED})
"""Decisions whose projects enter the adopted version of the plan."""


@unique
class ResponseState(StrEnum):
    """A response is written, approved by a second person, then published with all the others."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


@unique
class ChangeCause(StrEnum):
    """Why the text of a project changed between two versions; ``NONE_STATED`` is shown as such."""

    CONTRIBUTION = "contribution"
    ASSOCIATION = "association"
    WORKSHOP = "workshop"
    COMMITTEE = "committee"
    ADVISORY = "advisory"
    LEGAL = "legal"
    FINANCIAL = "financial"
    COUNCIL = "council"
    NONE_STATED = "none_stated"


# --- Voices --------------------------------------------------------------------------


@unique
class PositionValue(IntEnum):
    """A position on a statement, as stored (CHECK value IN (-1, 0, 1)) and exported.

    Not having seen a statement is not a value: it is the absence of a row.
    """

    AGREE = 1
    PASS = 0
    DISAGREE = -1


@unique
class Stance(StrEnum):
    """The stance an author gives to their own comment.

    It counts texts, never support, and is never copied from or to a position.
    """

    FOR = "for"
    AGAINST = "against"
    UNDECIDED = "undecided"
    NONE = "none"


@unique
class ContributionKind(StrEnum):
    """The two kinds of text people write for everybody to read."""

    IDEA = "idea"
    COMMENT = "comment"


@unique
class CommentKind(StrEnum):
    """What a comment wants: to say, to change the wording, or to be told."""

    OPINION = "opinion"
    AMENDMENT = "amendment"
    QUESTION = "question"


@unique
class Section(StrEnum):
    """The part of a project that a comment is about."""

    WHOLE = "whole"
    PROBLEM = "problem"
    SOLUTION = "solution"
    MILESTONES = "milestones"
    BUDGET = "budget"


@unique
class StatementKind(StrEnum):
    """What a statement, the thing positions are taken on, stands for."""

    PROJECT = "project"
    IDEA = "idea"
    COMMENT = "comment"
    IMPORTED = "imported"


@unique
class ParticipantKind(StrEnum):
    """Whose voice it is; exactly one of person, association, slip code, external id."""

    CITIZEN = "citizen"
    ASSOCIATION = "association"
    SLIP = "slip"
    IMPORTED = "imported"


@unique
class Channel(StrEnum):
    """The way a voice reached the consultation."""

    WEB = "web"
    WORKSHOP = "workshop"
    PAPER = "paper"
    DESK = "desk"


@unique
class MeetingAudience(StrEnum):
    """Whom the people in a room came as; they are counted, never named, and never added to voices."""

    CITIZENS = "citizens"
    ASSOCIATIONS = "associations"
    COUNCILLORS = "councillors"
    ADVISORY_BODY = "advisory_body"
    STAFF = "staff"
    OTHERS = "others"


@unique
class Level(IntEnum):
    """How well a participant was verified; shown beside figures, never silently mixed.

    Source: ``design/4-trust.md``, "Verification levels".
    """

    EMAIL = 1
    PHONE = 2
    DESK = 3
    NATIONAL_ID = 4


@unique
class Eligibility(StrEnum):
    """Who may take part; a consultation adds a minimum ``Level``.

    ``DECLARES`` is the default: the person declares living, working or studying here.
    """

    ANYONE = "anyone"
    DECLARES = "declares"
    SEEN_AT_DESK = "seen_at_desk"


@unique
class Gender(StrEnum):
    """Optional, self-declared; ``NOT_STATED`` is the default and always has its own row."""

    WOMAN = "f"
    MAN = "m"
    NOT_STATED = ""


@unique
class AgeBand(StrEnum):
    """Optional, self-declared, in completed years; no birth date is ever asked."""

    A18_24 = "18-24"
    A25_34 = "25-34"
    A35_49 = "35-49"
    A50_64 = "50-64"
    A65_UP = "65+"
    NOT_STATED = ""


# --- Plans and consultations ---------------------------------------------------------


@unique
class CollectivityKind(StrEnum):
    """The three kinds of territorial collectivity."""

    COMMUNE = "commune"
    PROVINCE = "province"
    REGION = "region"


@unique
class Principle(StrEnum):
    """The five principles of openness; every project serves at least one."""

    TRANSPARENCY = "transparency"
    ACCOUNTABILITY = "accountability"
    ACCESS_TO_INFORMATION = "access_to_information"
    CITIZEN_PARTICIPATION = "citizen_participation"
    DIGITISATION = "digitisation"


@unique
class VersionKind(StrEnum):
    """Kinds of plan version; numbers run 1, 2, 3 across kinds."""

    DRAFT = "draft"
    REVISED = "revised"
    ADOPTED = "adopted"


@unique
class ConsultationKind(StrEnum):
    """Consultation I gathers ideas during preparation, II reviews a published draft."""

    CALL_FOR_IDEAS = "call_for_ideas"
    DRAFT_REVIEW = "draft_review"


@unique
class ConsultationState(StrEnum):
    """The states of a consultation, in order; archived only when the council returns the plan."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


@unique
class Accepts(StrEnum):
    """What a consultation may take in."""

    IDEA = "idea"
    COMMENT = "comment"
    POSITION = "position"
    PRIORITY = "priority"


DEFAULT_ACCEPTS_CALL_FOR_IDEAS: Final = frozenset({Accepts.IDEA, Accepts.COMMENT, Accepts.POSITION})
DEFAULT_ACCEPTS_DRAFT_REVIEW: Final = frozenset(Accepts)
"""A review takes ideas too: "a project that is missing". Source: ``design/8-settled.md``."""


@unique
class ResultsMode(StrEnum):
    """When directional tallies become visible to anybody, officials included."""

    AFTER_CLOSE = "after_close"
    LIVE = "live"


@unique
class ModerationMode(StrEnum):
    """When moderators read a text.

    After it is public, before for an L1 account's first three texts, or always before.
    """

    POST = "post"
    PRE_FIRST_THREE = "pre_first_three"
    PRE = "pre"


@unique
class PublishState(StrEnum):
    """Where a contribution stands. There is no draft here: drafts are not contributions yet."""

    WAITING = "waiting"
    PUBLISHED = "published"
    PUBLISHED_LATE = "published_late"
    REDACTED = "redacted"
    RETURNED = "returned"
    HIDDEN = "hidden"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


READABLE_STATES: Final = frozenset(
    {PublishState.PUBLISHED, PublishState.PUBLISHED_LATE, PublishState.REDACTED}
)
"""States in which everybody reads the text. ``PUBLISHED_LATE`` is marked "published without
review": the 48 h promise ran out unflagged. ``MERGED`` points to the text it was merged into."""

STUB_STATES: Final = frozenset({PublishState.HIDDEN, PublishState.REMOVED, PublishState.WITHDRAWN})
"""States that leave a stub without the text, counted in the summary."""

PENDING_STATES: Final = frozenset({PublishState.WAITING, PublishState.RETURNED})
"""States in which somebody still owes something: the moderator, or the author who was asked to
rewrite. Nothing may pend when the plan goes to the council."""


# --- After adoption ------------------------------------------------------------------


@unique
class MilestoneStatus(StrEnum):
    """How complete a milestone is.

    Source: OGP Independent Reporting Mechanism, completion scale (``reference/domain.md`` §2).
    """

    NOT_STARTED = "not_started"
    LIMITED = "limited"
    SUBSTANTIAL = "substantial"
    COMPLETE = "complete"
