"""Deciding on one text or on several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from participate.consultations.models import Consultation
from participate.contributions.actions import set_state
from participate.contributions.models import Contribution, Idea
from participate.contributions.queries import words_of
from participate.db import add, clock, db
from participate.journal import actions as journal
from participate.moderation import queries
from participate.moderation.actions.records import new_decision, record_decision, snapshot, source_of
from participate.moderation.actions.refusals import (
    AppealOpenError,
    NobodyToSuspendError,
    NotDecidableError,
    NothingMaskedError,
    RemovalPendingError,
    UnknownTargetError,
)
from participate.moderation.actions.requirements import (
    author_person,
    hand_of,
    locked_contribution,
    open_removal,
    require_allowed,
    require_decidable,
)
from participate.moderation.models import ModerationDecision
from participate.people import actions as people
from participate.people.models import RoleGrant
from participate.plans.models import Axis
from participate.positions.models import ProjectStatement
from participate.rules import moderation as rules
from participate.rules.moderation import Decision, Hand, ReasonCode, Verdict
from participate.rules.outcomes import READABLE_STATES, PublishState, Section
from participate.rules.policy import Act, Actor, Place, Role, require

BULK = frozenset({Decision.PUBLISH, Decision.RETURN, Decision.HIDE})
"""Decisions that need nothing but a reason, so that one can be taken on many texts at once."""
MARK = "[…]"
"""What stands where a moderator masked something."""


@dataclass(frozen=True)
class Destination:
    """Where a comment (project and section) or an idea (axis) is moved to."""

    project_id: int | None = None
    section: Section = Section.WHOLE
    axis_id: int | None = None


def decide(
    actor: Actor,
    place: Place,
    contribution_id: int,
    decision: Decision,
    reason: ReasonCode | None = None,
    facts: str = "",
    *,
    redacted: Mapping[str, str] | None = None,
    second_by: int | None = None,
    merged_into: int | None = None,
    moved_to: Destination | None = None,
    article: str = "",
    lang: str = "ar",
    source: str | None = None,
    seen: int | None = None,
) -> ModerationDecision:
    """Take one decision on one text. The author is told once it can no longer be undone.

    `seen` is the row version the moderator read; `source` says what brought it here (report, signal,
    authority or own; found out when not given). A removal needs `second_by`: see `ask_removal`.
    Raises RefusedError, DecisionRefusedError, NotDecidableError, AppealOpenError, StaleDataError.
    """
    require(actor, Act.CASE_DECIDE, place)
    contribution = locked_contribution(place, contribution_id)
    now = clock()
    return take_decision(
        actor,
        contribution,
        now,
        decision,
        reason,
        facts,
        redacted=redacted,
        second_by=second_by,
        merged_into=merged_into,
        moved_to=moved_to,
        article=article,
        lang=lang,
        source=source,
        seen=seen,
    )


@dataclass(frozen=True)
class Bulk:
    """What became of a bulk decision."""

    decided: tuple[ModerationDecision, ...]
    own: int
    changed: int


def decide_many(
    actor: Actor,
    place: Place,
    picked: Iterable[tuple[int, int]],
    decision: Decision,
    reason: ReasonCode | None = None,
    facts: str = "",
    *,
    lang: str = "ar",
) -> Bulk:
    """Take one decision on several texts, given as (id, row version read), in the order of their ids.

    The moderator's own texts, and those that changed meanwhile, are left and counted.
    """
    require(actor, Act.CASE_READ, place)
    assert place.collectivity_id is not None
    if decision not in BULK:
        raise rules.DecisionRefusedError(decision, (rules.DecisionRefusal.SECOND_PERSON_MISSING,))
    now: datetime | None = None
    decided: list[ModerationDecision] = []
    own = changed = 0
    for contribution_id, seen in sorted(picked):
        try:
            contribution = locked_contribution(place, contribution_id)
            now = now or clock()
            decided.append(
                take_decision(actor, contribution, now, decision, reason, facts, lang=lang, seen=seen)
            )
        except rules.DecisionRefusedError as error:
            if error.refusals != (rules.DecisionRefusal.OWN_CONTENT,):
                raise
            own += 1
        except (StaleDataError, NotDecidableError, AppealOpenError, RemovalPendingError):
            changed += 1
    return Bulk(tuple(decided), own, changed)


def take_decision(
    actor: Actor,
    contribution: Contribution,
    now: datetime,
    decision: Decision,
    reason: ReasonCode | None,
    facts: str,
    *,
    redacted: Mapping[str, str] | None = None,
    second_by: int | None = None,
    merged_into: int | None = None,
    moved_to: Destination | None = None,
    article: str = "",
    lang: str = "ar",
    source: str | None = None,
    seen: int | None = None,
) -> ModerationDecision:
    """Write a decision, apply it to the text, and record it."""
    require_decidable(contribution, seen)
    removal = open_removal(contribution)
    if removal is not None and decision is not Decision.REMOVE:
        raise RemovalPendingError(contribution.ref)
    require_allowed(
        actor,
        contribution,
        Verdict(
            decision,
            hand_of(actor, contribution.collectivity_id),
            queries.authorship(contribution.collectivity_id, contribution.id),
            reason,
            facts,
            article,
            _second(contribution.collectivity_id, second_by),
            str(merged_into or moved_to or ""),
        ),
    )
    before = snapshot(contribution)
    row = new_decision(contribution, now, decision, reason, before)
    row.facts, row.lang, row.article = facts, lang, article
    row.decided_by, row.second_by = actor.person_id, second_by
    row.source = source or source_of(contribution)
    _apply(contribution, decision, now, redacted, merged_into, moved_to)
    contribution.reports = 0
    add(row)
    record_decision(row, contribution, actor.person_id)
    if decision is Decision.SUSPEND:
        _suspend(actor, contribution, reason, now)
    return row


def _second(collectivity_id: int, person_id: int | None) -> Hand | None:
    """Return the second person, who must be a moderator here too."""
    if person_id is None:
        return None
    holds = db.session.scalar(
        sa.select(RoleGrant.id).where(
            RoleGrant.collectivity_id == collectivity_id,
            RoleGrant.person_id == person_id,
            RoleGrant.role == Role.MODERATOR,
        )
    )
    return Hand(str(person_id)) if holds is not None else None


def _apply(
    contribution: Contribution,
    decision: Decision,
    now: datetime,
    redacted: Mapping[str, str] | None,
    merged_into: int | None,
    moved_to: Destination | None,
) -> None:
    state = rules.state_after(decision)
    if decision is Decision.PUBLISH and contribution.state is PublishState.REDACTED:
        state = PublishState.REDACTED  # keeping a masked text as it is does not unmask it
    if decision is Decision.PUBLISH_REDACTED:
        redacted = _masked(contribution, redacted)
    elif decision is Decision.MERGE:
        _require_mergeable(contribution, merged_into)
    elif decision is Decision.MOVE:
        assert moved_to is not None
        _move(contribution, moved_to)
    if state is not None:
        set_state(
            contribution,
            state,
            now,
            merged_into=merged_into,
            redacted=redacted if decision is Decision.PUBLISH_REDACTED else None,
        )


def _masked(contribution: Contribution, redacted: Mapping[str, str] | None) -> dict[str, str]:
    """Return only the fields that changed; what a moderator adds must be a mask, never words of their own."""
    words = words_of(contribution)
    names = (
        ("title", "problem", "proposal", "place")
        if isinstance(words, Idea)
        else ("body", "amend_from", "amend_to")
    )
    changed = {
        name: text
        for name, text in (redacted or {}).items()
        if name in names and text != (getattr(words, name) or "")
    }
    if not changed:
        raise NothingMaskedError(contribution.ref)
    for name, text in changed.items():
        if not is_masking(getattr(words, name) or "", text):
            raise NothingMaskedError(contribution.ref)
    return changed


def is_masking(original: str, shown: str) -> bool:
    """Whether `shown` is `original` with passages replaced by […], and nothing put in anybody's mouth."""
    pieces = shown.split(MARK)
    if len(pieces) < 2:
        return False
    at = 0
    for index, piece in enumerate(pieces):
        kept = piece.strip()
        found = original.find(kept, at)
        if found < 0 or (index == 0 and kept and found > len(original) - len(original.lstrip())):
            return False
        at = found + len(kept)
    last = pieces[-1].strip()
    return not last or original.rstrip().endswith(last)


def _require_mergeable(contribution: Contribution, merged_into: int | None) -> None:
    kept = db.session.get(Contribution, (contribution.collectivity_id, merged_into))
    if (
        kept is None
        or kept.id == contribution.id
        or kept.kind is not contribution.kind
        or kept.state not in READABLE_STATES
        or not _same_plan(kept.collectivity_id, kept.consultation_id, contribution.consultation_id)
    ):
        raise UnknownTargetError("contribution", merged_into)


def _same_plan(collectivity_id: int, one: int, other: int) -> bool:
    plans = db.session.scalars(
        sa.select(Consultation.plan_id).where(
            Consultation.collectivity_id == collectivity_id, Consultation.id.in_([one, other])
        )
    ).all()
    return len(set(plans)) == 1


def _move(contribution: Contribution, to: Destination) -> None:
    words = words_of(contribution)
    if isinstance(words, Idea):
        plan_id = db.session.scalar(
            sa.select(Consultation.plan_id).where(
                Consultation.collectivity_id == contribution.collectivity_id,
                Consultation.id == contribution.consultation_id,
            )
        )
        axis = db.session.get(Axis, (contribution.collectivity_id, to.axis_id))
        if axis is None or axis.plan_id != plan_id:
            raise UnknownTargetError("axis", to.axis_id)
        words.axis_id = axis.id
        db.session.flush()
        return
    pinned = db.session.get(
        ProjectStatement, (contribution.collectivity_id, contribution.consultation_id, to.project_id)
    )
    if pinned is None or words.parent_id is not None or words.idea_id is not None:
        raise UnknownTargetError("project", to.project_id)
    words.project_id, words.revision_id, words.section = pinned.project_id, pinned.revision_id, to.section
    db.session.flush()


def _suspend(actor: Actor, contribution: Contribution, reason: ReasonCode | None, now: datetime) -> None:
    person = author_person(contribution)
    if person is None:
        raise NobodyToSuspendError(contribution.ref)
    person.suspended_at = now
    people.end_sessions(person.id)
    db.session.flush()
    journal.record(
        actor.person_id,
        "person:suspended",
        journal.of_collectivity(contribution.collectivity_id),
        f"person:{person.id}",
        public={"reason": reason.value if reason else None},
        private={"person": person.id, "by": actor.person_id},
    )
