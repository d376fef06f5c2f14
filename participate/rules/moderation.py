"""Moderation with due process: what may hold a text, who may decide, until when.

Signals may hold a text, never decide about it: humans decide. Criticism of the council, of
its president or of a project is never a reason and is in no list here.

Source: ``design/4-trust.md`` (Moderation with due process), ``design/8-settled.md``,
``reference/domain.md`` §5 (reason codes, ladder, delays), law 09-08 (no decision on
automated processing alone).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum, unique
from math import sqrt
from typing import Final

from participate.rules.outcomes import Level, ModerationMode, PublishState
from participate.rules.text import normalise_for_matching
from participate.rules.windows import PROMISE, appeal_deadline, utc

UNDO_SECONDS: Final = 10
"""How long a moderator may take a decision back; no notice leaves before."""
REWRITE_DAYS: Final = 5
"""Calendar days an author has to rewrite a returned text."""
MAX_FACTS_CHARS: Final = 500
"""Longest statement of facts in a decision. Source: DSA art. 17 fields, domain.md §5."""
FIRST_POSTS: Final = 3
"""How many published texts of an L1 account are read before they are public."""
NEW_ACCOUNT: Final = timedelta(hours=48)
NEAR_DUPLICATE: Final = 0.8
"""Cosine of character 3–5-grams from which two texts are near copies."""
NEAR_DUPLICATE_MIN_CHARS: Final = 40
"""Shorter texts ("I agree, thank you") resemble each other by nature, not by copying."""


@unique
class ReasonCode(StrEnum):
    """The thirteen reasons, and no other. Source: ``reference/domain.md`` §5."""

    PERSONAL_DATA = "personal_data"
    INSULT_DEFAMATION = "insult_defamation"
    HATE_DISCRIMINATION = "hate_discrimination"
    VIOLENCE_THREAT = "violence_threat"
    ILLEGAL_OTHER = "illegal_other"
    ELECTORAL_PARTISAN = "electoral_partisan"
    COMMERCIAL_SPAM = "commercial_spam"
    OFF_TOPIC = "off_topic"
    DUPLICATE = "duplicate"
    UNINTELLIGIBLE = "unintelligible"
    IMPERSONATION = "impersonation"
    COPYRIGHT = "copyright"
    INDIVIDUAL_COMPLAINT = "individual_complaint"


@unique
class Decision(StrEnum):
    """The ladder, mildest first."""

    PUBLISH = "publish"
    PUBLISH_REDACTED = "publish_redacted"
    MOVE = "move"
    MERGE = "merge"
    RETURN = "return"
    HIDE = "hide"
    REMOVE = "remove"
    SUSPEND = "suspend"


NEEDS_REASON: Final = frozenset(Decision) - {Decision.PUBLISH}
"""Every decision that does something to the text or its author owes a reason."""
NEEDS_TWO_PEOPLE: Final = frozenset({Decision.REMOVE})
REASONS_IN_LAW: Final = frozenset(
    {
        ReasonCode.PERSONAL_DATA,
        ReasonCode.INSULT_DEFAMATION,
        ReasonCode.HATE_DISCRIMINATION,
        ReasonCode.VIOLENCE_THREAT,
        ReasonCode.ILLEGAL_OTHER,
        ReasonCode.IMPERSONATION,
        ReasonCode.COPYRIGHT,
    }
)
"""Reasons that can make a text illegal; removal takes one of these, the rest is the charter."""
_STATE_AFTER: Final = {
    Decision.PUBLISH: PublishState.PUBLISHED,
    Decision.PUBLISH_REDACTED: PublishState.REDACTED,
    Decision.MOVE: PublishState.PUBLISHED,
    Decision.MERGE: PublishState.MERGED,
    Decision.RETURN: PublishState.RETURNED,
    Decision.HIDE: PublishState.HIDDEN,
    Decision.REMOVE: PublishState.REMOVED,
}


def state_after(decision: Decision) -> PublishState | None:
    """Give the text's state after ``decision``; None for SUSPEND, which is about an account."""
    return _STATE_AFTER.get(decision)


def reason_fits(decision: Decision, reason: ReasonCode) -> bool:
    """Claim: ``reason`` can bear ``decision``.

    Removal is for illegal content only, merging for duplicates only, moving for what is
    off topic or an individual complaint; a duplicate is merged or hidden, never worse.
    """
    match decision:
        case Decision.PUBLISH:
            return False
        case Decision.MERGE:
            return reason is ReasonCode.DUPLICATE
        case Decision.MOVE:
            return reason in {ReasonCode.OFF_TOPIC, ReasonCode.INDIVIDUAL_COMPLAINT}
        case Decision.REMOVE:
            return reason in REASONS_IN_LAW
        case Decision.SUSPEND:
            return reason in REASONS_IN_LAW | {ReasonCode.COMMERCIAL_SPAM}
        case Decision.PUBLISH_REDACTED | Decision.RETURN | Decision.HIDE:
            return True


# --- Who may decide ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hand:
    """A person who would decide, with the associations whose mandate they hold."""

    person: str
    associations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who wrote a text, and the association it speaks for, if any (opaque ids)."""

    person: str | None
    association: str | None = None


def is_own(hand: Hand, author: Authorship) -> bool:
    """Claim: the text is by this person or in the name of one of their associations."""
    return hand.person == author.person or author.association in hand.associations


@unique
class DecisionRefusal(StrEnum):
    """Why a decision cannot be recorded."""

    REASON_MISSING = "reason_missing"
    REASON_DOES_NOT_FIT = "reason_does_not_fit"
    REASON_NOT_NEEDED = "reason_not_needed"
    ARTICLE_MISSING = "article_missing"
    FACTS_MISSING = "facts_missing"
    FACTS_TOO_LONG = "facts_too_long"
    SECOND_PERSON_MISSING = "second_person_missing"
    SECOND_PERSON_IS_THE_FIRST = "second_person_is_the_first"
    OWN_CONTENT = "own_content"
    TARGET_MISSING = "target_missing"


class DecisionRefusedError(ValueError):
    """A moderation decision that may not be recorded."""

    def __init__(self, decision: Decision, refusals: tuple[DecisionRefusal, ...]) -> None:
        """Hold the decision and every refusal."""
        super().__init__(decision, refusals)
        self.decision = decision
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision about to be recorded.

    ``facts``: what was seen, up to 500 characters, sent to the author. ``article``: the law
    it rests on, needed for ``illegal_other``. ``target``: where a text is moved or merged.
    """

    decision: Decision
    by: Hand
    author: Authorship
    reason: ReasonCode | None = None
    facts: str = ""
    article: str = ""
    second: Hand | None = None
    target: str = ""


def refusals(verdict: Verdict) -> tuple[DecisionRefusal, ...]:
    """List what forbids ``verdict``; nothing means that it may be recorded."""
    found = [*_refused_reason(verdict), *_refused_people(verdict)]
    if verdict.decision in {Decision.MOVE, Decision.MERGE} and not verdict.target:
        found.append(DecisionRefusal.TARGET_MISSING)
    if len(verdict.facts) > MAX_FACTS_CHARS:
        found.append(DecisionRefusal.FACTS_TOO_LONG)
    return tuple(found)


def require(verdict: Verdict) -> None:
    """Refuse what may not be recorded; raises ``DecisionRefusedError`` with every refusal."""
    if found := refusals(verdict):
        raise DecisionRefusedError(verdict.decision, found)


def _refused_reason(verdict: Verdict) -> Iterable[DecisionRefusal]:
    if verdict.decision not in NEEDS_REASON:
        if verdict.reason is not None:
            yield DecisionRefusal.REASON_NOT_NEEDED
        return
    if verdict.reason is None:
        yield DecisionRefusal.REASON_MISSING
    elif not reason_fits(verdict.decision, verdict.reason):
        yield DecisionRefusal.REASON_DOES_NOT_FIT
    if verdict.reason is ReasonCode.ILLEGAL_OTHER and not verdict.article.strip():
        yield DecisionRefusal.ARTICLE_MISSING
    # What takes the text away or silences a person is explained in words, not by a code alone.
    if verdict.decision in {Decision.REMOVE, Decision.SUSPEND} and not verdict.facts.strip():
        yield DecisionRefusal.FACTS_MISSING


def _refused_people(verdict: Verdict) -> Iterable[DecisionRefusal]:
    hands = [verdict.by] if verdict.second is None else [verdict.by, verdict.second]
    if any(is_own(hand, verdict.author) for hand in hands):
        yield DecisionRefusal.OWN_CONTENT
    if verdict.decision in NEEDS_TWO_PEOPLE:
        if verdict.second is None:
            yield DecisionRefusal.SECOND_PERSON_MISSING
        elif verdict.second.person == verdict.by.person:
            yield DecisionRefusal.SECOND_PERSON_IS_THE_FIRST


# --- Signals -------------------------------------------------------------------------


@unique
class SignalKind(StrEnum):
    """What screening may notice in a text or about its author."""

    LINK = "link"
    PERSONAL_DATA = "personal_data"
    SHOUTING = "shouting"
    REPEATED = "repeated"
    LISTED_WORD = "listed_word"
    NEW_ACCOUNT = "new_account"
    NEAR_DUPLICATE = "near_duplicate"
    LOOK_ALIKE_NAME = "look_alike_name"


HOLDING: Final = frozenset(SignalKind) - {SignalKind.SHOUTING, SignalKind.NEW_ACCOUNT}
"""Signals that may hold a text back. Style does not; nor does a young account alone, since
people sign in in order to speak (the first three texts of an L1 account have their own rule)."""
GRAVE: Final = frozenset({SignalKind.PERSONAL_DATA, SignalKind.LISTED_WORD})


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing noticed. ``found`` is private: it may quote personal data.

    ``start`` and ``end`` are character offsets in the screened text, so that the moderator's
    page can mark the place; both 0 when the signal is about the whole.
    """

    kind: SignalKind
    found: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class AuthorFacts:
    """What screening may know of an author; no name, no address."""

    account_age: timedelta
    level: Level = Level.EMAIL
    published_before: int = 0
    name_looks_like: str = ""


_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK: Final = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|info|ma|fr|es|it|io|me|ly|gl|tk|xyz|shop|club|site|online|link|app)"
    r"(?![\w@-])(?:/\S*)?",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<![\d+])(?:(?:\+|00)\s?212[\s.-]?(?:\(0\)\s?)?|0)[5-8](?:[\s.-]?\d){8}(?!\d)")
_BANK: Final = re.compile(r"(?<!\d)(?:\d[\s-]?){23}\d(?!\d)")
_CARD_NUMBER: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}|[a-z]{1,2})\d{5,6}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])(?!(?:DE|DH|ET|LE|LA|EN|DU|OU|AU|A|IL|MD)\b)[A-Z]{1,2}\s\d{5,6}(?![A-Za-z0-9])"
)
"""Shape of a Moroccan identity-card number: one or two letters, five or six digits. With a
blank, little French words in capitals before a sum of money are left alone."""
_REPEATED_CHAR: Final = re.compile(r"([^\W\d_h\u0647]|[!?\u061f*#])\1{5,}", re.IGNORECASE)
"""Six or more of one letter or mark. Not h or ه, which is how people laugh; not digits or dots."""
_REPEATED_WORD: Final = re.compile(r"\b([^\W\d_]{2,})(?:[\s,!.]+\1\b){3,}", re.IGNORECASE)
_MIN_SHOUTED: Final = 20
_SHOUTED_SHARE: Final = 0.7

# Short and conservative: gross insults and death threats only, whole words or phrases. No word
# that a critic of the council needs (thieves, liars, donkeys, dogs …) belongs here.
_LISTED_WORDS: Final = (
    "قحبة",
    "القحاب",
    "شرموطة",
    "الزامل",
    "كس امك",
    "نيك امك",
    "سنقتلكم",
    "سأقتلك",
    "غادي نقتلك",
    "غادي نقتلكم",
    "اقتلوهم",
    "connard",
    "connards",
    "connasse",
    "salope",
    "pute",
    "enculé",
    "enculés",
    "fils de pute",
    "nique ta mère",
    "bougnoule",
    "sale race",
    "je vais te tuer",
    "on va vous tuer",
    "9a7ba",
    "9ahba",
    "qahba",
    "zaml",
    "nik mok",
    "nikmok",
    "nik mk",
    "weld l9a7ba",
    "wld l9a7ba",
    "ghadi n9tlek",
    "ghadi n9tlkom",
)
_ARABIC_PREFIX: Final = "(?:[\u0648\u0641]?(?:\u0628|\u0643|\u0644)?(?:\u0627\u0644|\u0644\u0644)?)"
_LISTED: Final = re.compile(
    r"(?<!\w)"
    + _ARABIC_PREFIX
    + "(?:"
    + "|".join(re.escape(normalise_for_matching(word)) for word in _LISTED_WORDS)
    + r")(?!\w)"
)


def screen(text: str, author: AuthorFacts, previous: Sequence[str] = ()) -> tuple[Signal, ...]:
    """Notice what a moderator should look at in a cleaned ``text``; it decides nothing.

    ``previous`` are texts of the same consultation to compare with for near copies; the
    most similar is reported. Order: as found, grave kinds first.
    """
    seen = _latin_digits(text)
    found = [
        *_personal(seen),
        *_listed(text),
        *(
            Signal(SignalKind.LINK, hit.group(), *hit.span())
            for hit in _LINK.finditer(_EMAIL.sub(_blanked, seen))
        ),
        *(
            Signal(SignalKind.REPEATED, hit.group(), *hit.span())
            for shape in (_REPEATED_CHAR, _REPEATED_WORD)
            for hit in shape.finditer(text)
        ),
        *_near_copies(text, previous),
    ]
    if is_shouted(text):
        found.append(Signal(SignalKind.SHOUTING))
    if author.name_looks_like:
        found.append(Signal(SignalKind.LOOK_ALIKE_NAME, author.name_looks_like))
    if author.account_age < NEW_ACCOUNT:
        found.append(Signal(SignalKind.NEW_ACCOUNT))
    return tuple(found)


def holds(signals: Iterable[Signal]) -> bool:
    """Claim: the signals are enough to wait for a human."""
    return any(signal.kind in HOLDING for signal in signals)


def is_shouted(text: str) -> bool:
    """Claim: a text with at least 20 cased letters is mostly capitals (Arabic has none)."""
    upper = sum(char.isupper() for char in text)
    cased = upper + sum(char.islower() for char in text)
    return cased >= _MIN_SHOUTED and upper >= _SHOUTED_SHARE * cased


def similarity(one: str, two: str) -> float:
    """Give the cosine, 0 to 1, of the character 3–5-grams of two texts, normalised."""
    return _cosine(_grams(one), _grams(two))


def _latin_digits(text: str) -> str:
    """Replace every decimal digit by its Latin one, keeping offsets."""
    return "".join(
        char if (digit := unicodedata.decimal(char, None)) is None else str(digit) for char in text
    )


def _blanked(hit: re.Match[str]) -> str:
    return " " * len(hit.group())


def _personal(text: str) -> Iterable[Signal]:
    taken: set[int] = set()
    for shape in (_EMAIL, _BANK, _PHONE, _CARD_NUMBER):
        for hit in shape.finditer(text):
            if taken.isdisjoint(range(*hit.span())):
                taken.update(range(*hit.span()))
                yield Signal(SignalKind.PERSONAL_DATA, hit.group(), *hit.span())


def _listed(text: str) -> Iterable[Signal]:
    # Folding changes lengths, so the place in the original is not known.
    for hit in _LISTED.finditer(normalise_for_matching(text)):
        yield Signal(SignalKind.LISTED_WORD, hit.group())


def _near_copies(text: str, previous: Sequence[str]) -> Iterable[Signal]:
    if len(normalise_for_matching(text)) < NEAR_DUPLICATE_MIN_CHARS:
        return
    mine = _grams(text)
    nearest = max(((_cosine(mine, _grams(other)), other) for other in previous), default=None)
    if nearest is not None and nearest[0] >= NEAR_DUPLICATE:
        yield Signal(SignalKind.NEAR_DUPLICATE, nearest[1])


def _grams(text: str) -> Counter[str]:
    folded = f" {normalise_for_matching(text)} "
    return Counter(
        folded[start : start + size] for size in (3, 4, 5) for start in range(len(folded) - size + 1)
    )


def _cosine(one: Counter[str], two: Counter[str]) -> float:
    if len(two) < len(one):
        one, two = two, one
    dot = sum(count * two[gram] for gram, count in one.items() if gram in two)
    if dot == 0:
        return 0.0
    length = sum(count * count for count in one.values()) * sum(count * count for count in two.values())
    return min(1.0, dot / sqrt(length))


# --- The queue -----------------------------------------------------------------------


@unique
class Risk(IntEnum):
    """How much a waiting text may hurt while it waits."""

    NONE = 0
    SOME = 1
    GRAVE = 2


def risk(signals: Iterable[Signal], reports: int = 0) -> Risk:
    """Weigh ``signals`` and the count of readers' ``reports``."""
    kinds = {signal.kind for signal in signals}
    if kinds & GRAVE:
        return Risk.GRAVE
    return Risk.SOME if kinds & HOLDING or reports > 0 else Risk.NONE


@dataclass(frozen=True, slots=True, order=True)
class QueueKey:
    """Sort key of the queue, ascending: gravest first, then oldest, then by reference."""

    safety: int
    received_at: datetime
    ref: str


def queue_key(risk_seen: Risk, received_at: datetime, ref: str) -> QueueKey:
    """Give the place of a waiting text: oldest risk first."""
    return QueueKey(-risk_seen, utc(received_at), ref)


def initial_state(
    mode: ModerationMode, level: Level, published_before: int, signals: Iterable[Signal]
) -> PublishState:
    """Say whether a new text is public at once or waits for a human.

    ``pre`` always waits; ``pre_first_three`` waits for an L1 account with fewer than three
    published texts; in every mode a holding signal waits.
    """
    is_first_post = level is Level.EMAIL and published_before < FIRST_POSTS
    waits = (
        mode is ModerationMode.PRE
        or (mode is ModerationMode.PRE_FIRST_THREE and is_first_post)
        or holds(signals)
    )
    return PublishState.WAITING if waits else PublishState.PUBLISHED


def promised_by(received_at: datetime) -> datetime:
    """Give the moment until which the decision is on time: 48 hours, that moment included."""
    return utc(received_at) + PROMISE


def is_late(received_at: datetime, now: datetime) -> bool:
    """Claim: the promise of 48 h is broken at ``now``."""
    return utc(now) > promised_by(received_at)


def state_when_due(
    state: PublishState, received_at: datetime, now: datetime, risk_seen: Risk
) -> PublishState:
    """Give a text's state after the due action: late and unflagged is published, marked.

    A flagged text (any ``risk_seen``) stays and shows as late. Source: ``design/8-settled.md``.
    """
    is_due = state is PublishState.WAITING and is_late(received_at, now)
    return PublishState.PUBLISHED_LATE if is_due and risk_seen is Risk.NONE else state


def may_undo(decided_at: datetime, now: datetime) -> bool:
    """Claim: the moderator may still take the decision back (less than 10 s ago)."""
    return timedelta(0) <= utc(now) - utc(decided_at) < timedelta(seconds=UNDO_SECONDS)


def notice_due(decided_at: datetime) -> datetime:
    """Give the moment from which the author is told: when the decision can no longer be undone."""
    return utc(decided_at) + timedelta(seconds=UNDO_SECONDS)


def rewriting_deadline(returned_at: datetime) -> datetime:
    """Give the moment (exclusive) until which a returned text may be sent again.

    It may lie after the close of the consultation: time held by moderation is given back.
    """
    return utc(returned_at) + timedelta(days=REWRITE_DAYS)


# --- Appeals -------------------------------------------------------------------------


@unique
class AppealOutcome(StrEnum):
    """What the second person said of the first decision."""

    CONFIRMED = "confirmed"
    REVERSED = "reversed"


@unique
class AppealRefusal(StrEnum):
    """Why an appeal cannot be filed."""

    NOT_THE_AUTHOR = "not_the_author"
    NOTHING_TO_APPEAL = "nothing_to_appeal"
    ALREADY_APPEALED = "already_appealed"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """A decision that somebody wants heard again; ``closes_at`` of its consultation."""

    decision: Decision
    notified_at: datetime
    closes_at: datetime | None
    already_appealed: bool


def appeal_refusals(
    facts: AppealFacts, appellant: Hand, author: Authorship, now: datetime
) -> tuple[AppealRefusal, ...]:
    """List what forbids an appeal; nothing means that it may be filed.

    One appeal, by the author or anyone with the mandate of the association they spoke for,
    against any decision but PUBLISH, from the moment its author is told until
    ``windows.appeal_deadline``: a decision that can still be undone is none yet.
    """
    found: list[AppealRefusal] = []
    if not is_own(appellant, author):
        found.append(AppealRefusal.NOT_THE_AUTHOR)
    if facts.decision is Decision.PUBLISH or utc(now) < utc(facts.notified_at):
        found.append(AppealRefusal.NOTHING_TO_APPEAL)
    if facts.already_appealed:
        found.append(AppealRefusal.ALREADY_APPEALED)
    if utc(now) >= appeal_deadline(facts.notified_at, facts.closes_at):
        found.append(AppealRefusal.TOO_LATE)
    return tuple(found)


def may_hear_appeal(hand: Hand, decided_by: Iterable[str], author: Authorship) -> bool:
    """Claim: the appeal is heard by somebody else: none of those who decided, nor the author's side."""
    return hand.person not in frozenset(decided_by) and not is_own(hand, author)
