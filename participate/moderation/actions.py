"""What moderators decide, what authors and citizens may ask, and what happens when nobody decides.

Every change of state goes through `contributions.actions.set_state`. Lock order: consultation,
contribution, decision or appeal, person, chain.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from participate.consultations.models import Consultation
from participate.consultations.queries import lock_for_act
from participate.contributions.actions import set_state
from participate.contributions.models import Comment, Contribution, Idea
from participate.contributions.queries import words_of
from participate.db import add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.moderation import queries
from participate.moderation.models import Appeal, ModerationDecision, Removal, Report
from participate.people import actions as people
from participate.people.models import Person, RoleGrant
from participate.plans.models import Axis
from participate.positions.models import ProjectStatement
from participate.rules import moderation as rules
from participate.rules import references
from participate.rules.moderation import (
    AppealOutcome,
    Decision,
    Hand,
    ReasonCode,
    Risk,
    Signal,
    SignalKind,
    Verdict,
)
from participate.rules.outcomes import READABLE_STATES, PublishState, Section
from participate.rules.policy import Act, Actor, Place, RefusedError, Role, require
from participate.rules.windows import PROMISE, appeal_decision_due

DECIDABLE = frozenset({PublishState.WAITING, PublishState.RETURNED, PublishState.HIDDEN}) | READABLE_STATES
"""States a moderator may decide on; what its author withdrew or two people removed stays so."""
BULK = frozenset({Decision.PUBLISH, Decision.RETURN, Decision.HIDE})
"""Decisions that need nothing but a reason, so that one can be taken on many texts at once."""
MARK = "[…]"
"""What stands where a moderator masked something."""


class NotDecidableError(Exception):
    """A decision on a text that was withdrawn, removed or merged; holds its state."""


class AppealOpenError(Exception):
    """A decision on a text whose author has an open appeal: a colleague must answer it first."""


class NothingMaskedError(Exception):
    """A text to be published with a part masked, in which nothing was masked."""


class UnknownTargetError(Exception):
    """A text cannot be moved or merged there; holds what was named."""


class UndoTooLateError(Exception):
    """Ten seconds have passed, or the text has changed since; holds when it was decided."""


class AppealRefusedError(Exception):
    """An appeal that cannot be filed; holds every refusal."""


class AlreadyReportedError(Exception):
    """The same person reports the same text again."""


class RemovalPendingError(Exception):
    """A removal of this text already waits for a second person."""


class NobodyToSuspendError(Exception):
    """A text that no account of this platform wrote."""


@dataclass(frozen=True)
class Destination:
    """Where a comment (project and section) or an idea (axis) is moved to."""

    project_id: int | None = None
    section: Section = Section.WHOLE
    axis_id: int | None = None


# --- deciding ---------------------------------------------------------------------------------------


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
    contribution = _locked(place, contribution_id)
    now = clock()
    return _decided(
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
            contribution = _locked(place, contribution_id)
            now = now or clock()
            decided.append(_decided(actor, contribution, now, decision, reason, facts, lang=lang, seen=seen))
        except rules.DecisionRefusedError as error:
            if error.refusals != (rules.DecisionRefusal.OWN_CONTENT,):
                raise
            own += 1
        except (StaleDataError, NotDecidableError, AppealOpenError, RemovalPendingError):
            changed += 1
    return Bulk(tuple(decided), own, changed)


def _decided(
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
    _require_decidable(contribution, seen)
    removal = _open_removal(contribution)
    if removal is not None and decision is not Decision.REMOVE:
        raise RemovalPendingError(contribution.ref)
    _require_allowed(
        actor,
        contribution,
        Verdict(
            decision,
            _hand(actor, contribution.collectivity_id),
            queries.authorship(contribution.collectivity_id, contribution.id),
            reason,
            facts,
            article,
            _second(contribution.collectivity_id, second_by),
            str(merged_into or moved_to or ""),
        ),
    )
    before = _snapshot(contribution)
    row = _new_decision(contribution, now, decision, reason, before)
    row.facts, row.lang, row.article = facts, lang, article
    row.decided_by, row.second_by = actor.person_id, second_by
    row.source = source or _source(contribution)
    _apply(contribution, decision, now, redacted, merged_into, moved_to)
    contribution.reports = 0
    add(row)
    _record_decision(row, contribution, actor.person_id)
    if decision is Decision.SUSPEND:
        _suspend(actor, contribution, reason, now)
    return row


def _require_decidable(contribution: Contribution, seen: int | None) -> None:
    if seen is not None and seen != contribution.row_version:
        raise StaleDataError("the text changed after the moderator read it")
    if contribution.state not in DECIDABLE:
        raise NotDecidableError(contribution.state)
    if _has_open_appeal(contribution):
        raise AppealOpenError(contribution.ref)


def _require_allowed(actor: Actor, contribution: Contribution, verdict: Verdict) -> None:
    if not actor.has(Role.MODERATOR, contribution.collectivity_id):
        raise RefusedError(Act.CASE_DECIDE, ("role_moderator",))
    rules.require(verdict)


def _locked(place: Place, contribution_id: int) -> Contribution:
    """Return the contribution, locked after its consultation, as it is now."""
    assert place.collectivity_id is not None
    consultation_id = db.session.scalar(
        sa.select(Contribution.consultation_id).where(
            Contribution.collectivity_id == place.collectivity_id, Contribution.id == contribution_id
        )
    )
    if consultation_id is None:
        raise NotDecidableError(None)
    lock_for_act(place.collectivity_id, consultation_id)
    return _row(Contribution, place.collectivity_id, contribution_id)


def _row(model: Any, collectivity_id: int, row_id: int) -> Any:
    return db.session.scalars(
        for_update(
            sa.select(model).where(model.collectivity_id == collectivity_id, model.id == row_id)
        ).execution_options(populate_existing=True)
    ).one()


def _hand(actor: Actor, collectivity_id: int) -> Hand:
    return Hand(
        str(actor.person_id),
        frozenset(str(association) for where, association in actor.mandates if where == collectivity_id),
    )


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


def _source(contribution: Contribution) -> str:
    if contribution.reports:
        return "report"
    return "signal" if rules.holds(_signals(contribution)) else "own"


def _signals(contribution: Contribution) -> list[Signal]:
    known = set(SignalKind)
    return [Signal(SignalKind(kind)) for kind in contribution.signals or () if kind in known]


def _snapshot(contribution: Contribution) -> dict[str, Any]:
    """Return what undoing, or an appeal that succeeds, puts back."""
    words = words_of(contribution)
    place: dict[str, Any]
    if isinstance(words, Comment):
        place = {
            "project_id": words.project_id,
            "revision_id": words.revision_id,
            "section": words.section.value,
        }
    else:
        place = {"axis_id": words.axis_id}
    return {
        "state": contribution.state.value,
        "due_at": contribution.due_at.isoformat(),
        "published_at": contribution.published_at.isoformat() if contribution.published_at else None,
        "merged_into": contribution.merged_into,
        "reports": contribution.reports,
        "redacted": words.redacted,
        "place": place,
    }


def _new_decision(
    contribution: Contribution,
    now: datetime,
    decision: Decision,
    reason: ReasonCode | None,
    before: dict[str, Any],
) -> ModerationDecision:
    received = _received_at(contribution, now)
    return ModerationDecision(
        collectivity_id=contribution.collectivity_id,
        id=new_id(),
        ref=references.grouped(references.reference_of(secrets.token_bytes(5))),
        contribution_id=contribution.id,
        consultation_id=contribution.consultation_id,
        decision=decision,
        reason=reason,
        received_at=received,
        in_time=now - received <= PROMISE,
        state_before=contribution.state,
        before=before,
        decided_at=now,
    )


def _received_at(contribution: Contribution, now: datetime) -> datetime:
    """Return when what is decided on came to the moderators: the text, or its first open report."""
    if contribution.state in READABLE_STATES:
        if not contribution.reports:
            return now
        last = sa.select(sa.func.max(ModerationDecision.decided_at)).where(
            ModerationDecision.collectivity_id == contribution.collectivity_id,
            ModerationDecision.contribution_id == contribution.id,
            ModerationDecision.undone_at.is_(None),
        )
        since = db.session.scalar(last)
        first = sa.select(sa.func.min(Report.at)).where(
            Report.collectivity_id == contribution.collectivity_id,
            Report.contribution_id == contribution.id,
        )
        if since is not None:
            first = first.where(Report.at > since)
        return db.session.scalar(first) or now
    return contribution.edited_at or contribution.submitted_at


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


def _record_decision(row: ModerationDecision, contribution: Contribution, actor_id: int | None) -> None:
    journal.record(
        actor_id,
        "decision:made",
        journal.of_consultation(row.collectivity_id, row.consultation_id),
        f"decision:{row.id}",
        public={
            "decision": row.ref,
            "ref": contribution.ref,
            "action": row.decision.value,
            "reason": row.reason.value if row.reason else None,
            "source": row.source,
            "delay_minutes": int((row.decided_at - row.received_at) / timedelta(minutes=1)),
        },
        private={"person": row.decided_by, "facts": row.facts, "second": row.second_by},
    )


def _suspend(actor: Actor, contribution: Contribution, reason: ReasonCode | None, now: datetime) -> None:
    person = _author_person(contribution)
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


def _author_person(contribution: Contribution) -> Person | None:
    author = queries.authorship(contribution.collectivity_id, contribution.id).person
    if author is None:
        return None
    return db.session.scalars(
        for_update(sa.select(Person).where(Person.id == int(author))).execution_options(
            populate_existing=True
        )
    ).one_or_none()


# --- removal takes two --------------------------------------------------------------------------------


def ask_removal(
    actor: Actor,
    place: Place,
    contribution_id: int,
    reason: ReasonCode | None,
    facts: str,
    *,
    article: str = "",
    lang: str = "ar",
    source: str | None = None,
    seen: int | None = None,
) -> Removal:
    """Ask a second moderator to remove a text. A public text is hidden at once, by an ordinary decision.

    Raises what `decide` raises, and RemovalPendingError when one is asked for already.
    """
    require(actor, Act.CASE_DECIDE, place)
    contribution = _locked(place, contribution_id)
    now = clock()
    _require_decidable(contribution, seen)
    verdict = Verdict(
        Decision.REMOVE,
        _hand(actor, contribution.collectivity_id),
        queries.authorship(contribution.collectivity_id, contribution.id),
        reason,
        facts,
        article,
    )
    wanting = tuple(
        one for one in rules.refusals(verdict) if one is not rules.DecisionRefusal.SECOND_PERSON_MISSING
    )
    if wanting:
        raise rules.DecisionRefusedError(Decision.REMOVE, wanting)
    assert reason is not None
    assert actor.person_id is not None
    source = source or _source(contribution)
    if _open_removal(contribution) is not None:
        raise RemovalPendingError(contribution.ref)
    if contribution.state in READABLE_STATES:
        _decided(
            actor, contribution, now, Decision.HIDE, reason, facts, article=article, lang=lang, source=source
        )
    removal = add(
        Removal(
            collectivity_id=contribution.collectivity_id,
            id=new_id(),
            contribution_id=contribution.id,
            reason=reason,
            facts=facts,
            lang=lang,
            article=article,
            source=source,
            asked_by=actor.person_id,
            asked_at=now,
            state="open",
        )
    )
    _record_removal(actor, contribution, "removal:asked", removal)
    return removal


def _record_removal(actor: Actor, contribution: Contribution, event: str, removal: Removal) -> None:
    journal.record(
        actor.person_id,
        event,
        journal.of_consultation(contribution.collectivity_id, contribution.consultation_id),
        f"removal:{removal.id}",
        public={"ref": contribution.ref, "reason": removal.reason.value},
        private={"person": actor.person_id},
    )


def confirm_removal(actor: Actor, place: Place, removal_id: int) -> ModerationDecision:
    """Remove a text as the second person. Raises DecisionRefusedError when it is the first one."""
    require(actor, Act.CASE_DECIDE, place)
    removal, contribution, now = _removal(place, removal_id)
    first = Hand(str(removal.asked_by))
    _require_decidable(contribution, None)
    _require_allowed(
        actor,
        contribution,
        Verdict(
            Decision.REMOVE,
            first,
            queries.authorship(contribution.collectivity_id, contribution.id),
            removal.reason,
            removal.facts,
            removal.article,
            _hand(actor, contribution.collectivity_id),
        ),
    )
    row = _new_decision(contribution, now, Decision.REMOVE, removal.reason, _snapshot(contribution))
    row.facts, row.lang, row.article, row.source = (
        removal.facts,
        removal.lang,
        removal.article,
        removal.source,
    )
    row.decided_by, row.second_by = removal.asked_by, actor.person_id
    set_state(contribution, PublishState.REMOVED, now)
    contribution.reports = 0
    add(row)
    removal.state, removal.settled_by, removal.settled_at = "confirmed", actor.person_id, now
    removal.decision_id = row.id
    db.session.flush()
    _record_decision(row, contribution, actor.person_id)
    return row


def decline_removal(actor: Actor, place: Place, removal_id: int) -> Removal:
    """Refuse to remove, or take one's own request back. The text stays as it is and waits for a decision."""
    require(actor, Act.CASE_DECIDE, place)
    removal, contribution, now = _removal(place, removal_id)
    own = removal.asked_by == actor.person_id
    removal.state = "taken_back" if own else "declined"
    removal.settled_by, removal.settled_at = actor.person_id, now
    db.session.flush()
    if contribution.state is PublishState.HIDDEN and not own:
        # It was hidden only until somebody else looked: it waits again, at the head of the queue.
        set_state(contribution, PublishState.WAITING, now)
    _record_removal(actor, contribution, "removal:declined", removal)
    return removal


def _removal(place: Place, removal_id: int) -> tuple[Removal, Contribution, datetime]:
    assert place.collectivity_id is not None
    contribution = _locked(place, place.ids["contribution"])
    removal: Removal = _row(Removal, place.collectivity_id, removal_id)
    if removal.state != "open" or removal.contribution_id != contribution.id:
        raise NotDecidableError(contribution.state)
    return removal, contribution, clock()


def _open_removal(contribution: Contribution) -> int | None:
    return db.session.scalar(
        sa.select(Removal.id).where(
            Removal.collectivity_id == contribution.collectivity_id,
            Removal.contribution_id == contribution.id,
            Removal.state == "open",
        )
    )


# --- taking back ----------------------------------------------------------------------------------------


def undo(actor: Actor, decision_id: int) -> tuple[ModerationDecision, ...]:
    """Take back a decision within ten seconds, with those of the same bulk; the author hears nothing.

    Raises RefusedError (somebody else's) and UndoTooLateError.
    """
    found = db.session.scalars(
        sa.select(ModerationDecision).where(ModerationDecision.id == decision_id)
    ).one()
    place = Place(collectivity_id=found.collectivity_id, decided_by=found.decided_by)
    require(actor, Act.DECISION_UNDO, place)
    together = db.session.scalars(
        sa.select(ModerationDecision)
        .where(
            ModerationDecision.collectivity_id == found.collectivity_id,
            ModerationDecision.decided_by == actor.person_id,
            ModerationDecision.decided_at == found.decided_at,
        )
        .order_by(ModerationDecision.contribution_id)
    ).all()
    return tuple(_undo_one(actor, place, one) for one in together)


def _undo_one(actor: Actor, place: Place, found: ModerationDecision) -> ModerationDecision:
    contribution = _locked(place, found.contribution_id)
    row: ModerationDecision = _row(ModerationDecision, found.collectivity_id, found.id)
    now = clock()
    expected = rules.state_after(row.decision)
    untouched = expected is None or contribution.state in {expected, row.state_before}
    if row.undone_at is not None or not untouched or not rules.may_undo(row.decided_at, now):
        raise UndoTooLateError(row.decided_at)
    _put_back(contribution, row, now, undoing=True)
    row.undone_at = now
    db.session.flush()
    if row.decision is Decision.SUSPEND:
        _lift(contribution)
    _withdraw_removal(contribution, row, actor, now)
    journal.record(
        actor.person_id,
        "decision:undone",
        journal.of_consultation(row.collectivity_id, row.consultation_id),
        f"decision:{row.id}",
        public={"decision": row.ref},
        private={"person": actor.person_id},
    )
    return row


def _withdraw_removal(
    contribution: Contribution, row: ModerationDecision, actor: Actor, now: datetime
) -> None:
    """Take the request for removal back with the decision that hid the text for it."""
    removal = db.session.scalars(
        sa.select(Removal).where(
            Removal.collectivity_id == contribution.collectivity_id,
            Removal.contribution_id == contribution.id,
            Removal.state == "open",
            Removal.asked_at == row.decided_at,
        )
    ).one_or_none()
    if removal is not None:
        removal.state, removal.settled_by, removal.settled_at = "taken_back", actor.person_id, now
        db.session.flush()
        _record_removal(actor, contribution, "removal:declined", removal)


def _put_back(contribution: Contribution, row: ModerationDecision, now: datetime, *, undoing: bool) -> None:
    """Restore what the decision changed. An appeal that succeeds publishes what was not public before."""
    before = row.before or {}
    words = words_of(contribution)
    words.redacted = before.get("redacted")
    for name, value in (before.get("place") or {}).items():
        setattr(words, name, Section(value) if name == "section" else value)
    state = PublishState(before.get("state", row.state_before))
    if not undoing and state not in READABLE_STATES:
        state = PublishState.PUBLISHED
    set_state(contribution, state, now, merged_into=before.get("merged_into"))
    if undoing:
        contribution.reports = before.get("reports", 0)
        contribution.due_at = datetime.fromisoformat(before["due_at"])
        published = before.get("published_at")
        contribution.published_at = datetime.fromisoformat(published) if published else None
    db.session.flush()


def _lift(contribution: Contribution) -> None:
    person = _author_person(contribution)
    if person is not None:
        person.suspended_at = None
        db.session.flush()


# --- appeals ----------------------------------------------------------------------------------------------


def appeal(actor: Actor, decision_id: int, text: str, lang: str) -> Appeal:
    """Ask somebody else to look again at a decision: once, in time, by the author.

    Raises AppealRefusedError with every reason that forbids it.
    """
    found = db.session.scalars(
        sa.select(ModerationDecision).where(ModerationDecision.id == decision_id)
    ).one()
    collectivity_id = found.collectivity_id
    consultation = lock_for_act(collectivity_id, found.consultation_id)
    row: ModerationDecision = _row(ModerationDecision, collectivity_id, decision_id)
    now = clock()
    author = queries.authorship(collectivity_id, row.contribution_id)
    refusals = list(
        rules.appeal_refusals(
            rules.AppealFacts(
                row.decision,
                rules.notice_due(row.decided_at),
                consultation.closes_at,
                _appeal_exists(collectivity_id, decision_id),
            ),
            _hand(actor, collectivity_id),
            author,
            now,
        )
    )
    if row.undone_at is not None:
        refusals.append(rules.AppealRefusal.NOTHING_TO_APPEAL)
    if refusals:
        raise AppealRefusedError(*refusals)
    try:
        with db.session.begin_nested():
            asked = add(
                Appeal(
                    collectivity_id=collectivity_id,
                    id=new_id(),
                    decision_id=row.id,
                    contribution_id=row.contribution_id,
                    lang=lang,
                    text=text,
                    state="open",
                    first_decided_by=row.decided_by,
                    first_second_by=row.second_by,
                    filed_by=actor.person_id,
                    filed_at=now,
                    due_at=appeal_decision_due(now),
                )
            )
    except IntegrityError:
        raise AppealRefusedError(rules.AppealRefusal.ALREADY_APPEALED) from None
    journal.record(
        actor.person_id,
        "appeal:filed",
        journal.of_consultation(collectivity_id, row.consultation_id),
        f"appeal:{asked.id}",
        public={"decision": row.ref},
        private={"person": actor.person_id},
    )
    return asked


def _appeal_exists(collectivity_id: int, decision_id: int) -> bool:
    return (
        db.session.scalar(
            sa.select(Appeal.id).where(
                Appeal.collectivity_id == collectivity_id, Appeal.decision_id == decision_id
            )
        )
        is not None
    )


def _has_open_appeal(contribution: Contribution) -> bool:
    return (
        db.session.scalar(
            sa.select(Appeal.id).where(
                Appeal.collectivity_id == contribution.collectivity_id,
                Appeal.contribution_id == contribution.id,
                Appeal.state == "open",
            )
        )
        is not None
    )


def decide_appeal(
    actor: Actor, appeal_id: int, outcome: AppealOutcome, explanation: str, lang: str = "ar"
) -> Appeal:
    """Answer an appeal as another person; reversed, the text is public again.

    Raises RefusedError ("another_decider", "not_own", "not_settled").
    """
    found = db.session.scalars(sa.select(Appeal).where(Appeal.id == appeal_id)).one()
    collectivity_id = found.collectivity_id
    author = queries.authorship(collectivity_id, found.contribution_id)
    place = Place(
        collectivity_id=collectivity_id,
        decided_by=found.first_decided_by,
        owner_person_id=int(author.person) if author.person else None,
        owner_association_id=int(author.association) if author.association else None,
        settled=found.state != "open",
    )
    require(actor, Act.APPEAL_DECIDE, place)
    hand = _hand(actor, collectivity_id)
    first = [str(one) for one in (found.first_decided_by, found.first_second_by) if one is not None]
    if not rules.may_hear_appeal(hand, first, author):
        raise RefusedError(Act.APPEAL_DECIDE, ("another_decider",))
    contribution = _locked(place, found.contribution_id)
    row: ModerationDecision = _row(ModerationDecision, collectivity_id, found.decision_id)
    asked: Appeal = _row(Appeal, collectivity_id, appeal_id)
    if asked.state != "open":
        raise RefusedError(Act.APPEAL_DECIDE, ("not_settled",))
    now = clock()
    asked.state = outcome.value
    asked.decided_by, asked.decided_at = actor.person_id, now
    asked.explanation, asked.explanation_lang = explanation, lang
    db.session.flush()
    if outcome is AppealOutcome.REVERSED:
        _reverse(contribution, row, now)
    journal.record(
        actor.person_id,
        "appeal:decided",
        journal.of_consultation(collectivity_id, row.consultation_id),
        f"appeal:{asked.id}",
        public={"decision": row.ref, "outcome": outcome.value},
        private={"person": actor.person_id},
    )
    return asked


def _reverse(contribution: Contribution, row: ModerationDecision, now: datetime) -> None:
    if row.decision is Decision.SUSPEND:
        _lift(contribution)
        return
    # What the author withdrew or sent again since is no longer ours to put back.
    if contribution.state in {rules.state_after(row.decision), PublishState.HIDDEN}:
        _put_back(contribution, row, now, undoing=False)


# --- citizens' reports -----------------------------------------------------------------------------------------


def report(
    actor: Actor, place: Place, contribution_id: int, reason: ReasonCode, note: str = "", lang: str = "ar"
) -> Report:
    """Tell the moderators about a text, once a person. It goes up in the queue; it stays public.

    Raises RefusedError and AlreadyReportedError.
    """
    require(actor, Act.CONTRIBUTION_REPORT, place)
    contribution = _locked(place, contribution_id)
    if contribution.state not in READABLE_STATES:
        raise RefusedError(Act.CONTRIBUTION_REPORT, ("readable",))
    assert actor.person_id is not None
    try:
        with db.session.begin_nested():
            told = add(
                Report(
                    collectivity_id=contribution.collectivity_id,
                    id=new_id(),
                    contribution_id=contribution.id,
                    person_id=actor.person_id,
                    reason=reason,
                    note=note,
                    lang=lang,
                    at=clock(),
                )
            )
    except IntegrityError:
        raise AlreadyReportedError(contribution.ref) from None
    contribution.reports += 1
    db.session.flush()
    journal.record(
        actor.person_id,
        "contribution:reported",
        journal.of_consultation(contribution.collectivity_id, contribution.consultation_id),
        f"report:{told.id}",
        public={"ref": contribution.ref, "reason": reason.value},
        private={"person": actor.person_id},
    )
    return told


# --- what is due -------------------------------------------------------------------------------------------------


def publish_due(collectivity_id: int) -> int:
    """Keep the 48 h promise: publish what waited too long and nothing flags; return how many texts moved.

    Flagged texts stay and show as late. A returned text that its author did not rewrite in five days
    is hidden for the reason it was returned, unless an appeal is open.
    """
    now = clock()
    found = db.session.execute(
        sa.select(Contribution.id, Contribution.state)
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.state.in_([PublishState.WAITING, PublishState.RETURNED]),
            Contribution.due_at < now,
        )
        .order_by(Contribution.id)
    ).all()
    place = Place(collectivity_id=collectivity_id)
    return sum(_due(place, contribution_id) for contribution_id, _state in found)


def _due(place: Place, contribution_id: int) -> bool:
    contribution = _locked(place, contribution_id)
    now = clock()
    if contribution.due_at >= now:
        return False
    if contribution.state is PublishState.WAITING:
        return _publish_late(contribution, now)
    if contribution.state is PublishState.RETURNED:
        return _hide_lapsed(contribution, now)
    return False


def _publish_late(contribution: Contribution, now: datetime) -> bool:
    flagged = rules.risk(_signals(contribution), contribution.reports) is not Risk.NONE
    if flagged or _open_removal(contribution) is not None:
        return False
    row = _new_decision(contribution, now, Decision.PUBLISH, None, _snapshot(contribution))
    row.source, row.in_time = "due", False
    set_state(contribution, PublishState.PUBLISHED_LATE, now)
    add(row)
    journal.record(
        None,
        "contribution:published_unreviewed",
        journal.of_consultation(contribution.collectivity_id, contribution.consultation_id),
        f"{contribution.kind.value}:{contribution.id}",
        public={"ref": contribution.ref},
    )
    return True


def _hide_lapsed(contribution: Contribution, now: datetime) -> bool:
    last = db.session.scalars(
        sa.select(ModerationDecision)
        .where(
            ModerationDecision.collectivity_id == contribution.collectivity_id,
            ModerationDecision.contribution_id == contribution.id,
            ModerationDecision.decision == Decision.RETURN,
            ModerationDecision.undone_at.is_(None),
        )
        .order_by(ModerationDecision.decided_at.desc())
        .limit(1)
    ).one_or_none()
    if last is None or _has_open_appeal(contribution):
        return False
    row = _new_decision(contribution, now, Decision.HIDE, last.reason, _snapshot(contribution))
    row.facts, row.lang, row.article = last.facts, last.lang, last.article
    row.source, row.received_at, row.in_time = "due", contribution.due_at, True
    set_state(contribution, PublishState.HIDDEN, now)
    add(row)
    _record_decision(row, contribution, None)
    return True
