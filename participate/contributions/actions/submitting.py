"""Submitting an idea or a comment."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations import actions as consultations
from participate.consultations.models import Consultation, Participant
from participate.contributions import queries
from participate.contributions.actions.entering import (
    comment_text,
    entered,
    idea_text,
    locked_contribution,
    own_statement,
    require_own_file,
    state_after_screening,
)
from participate.contributions.actions.refusals import NotInThisConsultationError, NoWordingError
from participate.contributions.actions.states import count_again
from participate.contributions.models import Comment, Contribution, Idea
from participate.db import add, db, new_id
from participate.files import actions as files
from participate.journal import actions as journal
from participate.journal.encoding import sha256
from participate.network.models import Collectivity
from participate.people.queries import Voice
from participate.plans.models import Axis
from participate.positions.models import Receipt
from participate.rules import moderation, references
from participate.rules.outcomes import (
    READABLE_STATES,
    Accepts,
    CommentKind,
    ContributionKind,
    Section,
    Stance,
    StatementKind,
)
from participate.rules.policy import WITHOUT_POSITION, Act, Actor, Place, RefusedError, require
from participate.rules.text import guess_lang

BODY_CHARS = queries.BODY_CHARS
_VOTABLE_KINDS = frozenset({CommentKind.OPINION, CommentKind.AMENDMENT})


def submit_idea(
    actor: Actor,
    place: Place,
    voice: Voice,
    *,
    title: str,
    problem: str,
    proposal: str,
    axis_id: int,
    location: str = "",
    lang: str | None = None,
    file_id: int | None = None,
    declared: bool = False,
) -> Contribution:
    """Put an idea into the open consultation of the place.

    It is public at once or waits for a moderator, as `rules.moderation.initial_state` says. Raises
    RefusedError (closed, not accepted, level) and NotInThisConsultationError (axis, file).
    """
    require(actor, Act.IDEA_SUBMIT, place)
    consultation, now = entered(place, Act.IDEA_SUBMIT, Accepts.IDEA)
    axis = db.session.get(Axis, (consultation.collectivity_id, axis_id))
    if axis is None or axis.plan_id != consultation.plan_id:
        raise NotInThisConsultationError("axis", axis_id)
    if file_id is not None:
        require_own_file(actor, consultation.collectivity_id, file_id)
    words = {
        "title": title,
        "problem": problem,
        "proposal": proposal,
        "axis_id": axis_id,
        "place": location,
        "file_id": file_id,
    }
    base = _new(
        actor, consultation, voice, ContributionKind.IDEA, idea_text(words), lang, now, declared=declared
    )
    add(base)
    add(Idea(collectivity_id=base.collectivity_id, id=base.id, **words))
    own_statement(base, StatementKind.IDEA)
    _recorded(actor, base, "idea:submitted", {}, idea_text(words))
    if file_id is not None:
        files.attached(
            actor,
            journal.of_consultation(base.collectivity_id, consultation.id),
            base.collectivity_id,
            file_id,
        )
    return base


def submit_comment(
    actor: Actor,
    place: Place,
    voice: Voice,
    *,
    project_id: int | None = None,
    idea_id: int | None = None,
    section: Section = Section.WHOLE,
    kind: CommentKind = CommentKind.OPINION,
    stance: Stance = Stance.NONE,
    body: str,
    amend_from: str | None = None,
    amend_to: str | None = None,
    parent_id: int | None = None,
    lang: str | None = None,
    declared: bool = False,
) -> Contribution:
    """Add a comment to a project, an idea, the plan (neither), or a reply (`parent_id`).

    A reply to a reply hangs on the first comment: there is one level. Questions and replies own no
    statement. Raises RefusedError, NotInThisConsultationError and NoWordingError.
    """
    require(actor, Act.COMMENT_SUBMIT, place)
    consultation, now = entered(place, Act.COMMENT_SUBMIT, Accepts.COMMENT)
    about = _subject(consultation, project_id, idea_id, parent_id)
    if about["parent_id"] is not None:
        section, kind, stance = about.pop("section"), CommentKind.OPINION, Stance.NONE
    else:
        about.pop("section")
    if kind is not CommentKind.AMENDMENT:
        amend_from = amend_to = None
    elif not amend_to or amend_to == amend_from:
        raise NoWordingError
    words = {
        "section": section,
        "kind": kind,
        "stance": stance,
        "body": body,
        "amend_from": amend_from,
        "amend_to": amend_to,
    }
    base = _new(
        actor,
        consultation,
        voice,
        ContributionKind.COMMENT,
        comment_text(words),
        lang,
        now,
        declared=declared,
    )
    add(base)
    add(Comment(collectivity_id=base.collectivity_id, id=base.id, **about, **words))
    if kind in _VOTABLE_KINDS and about["parent_id"] is None:
        own_statement(base, StatementKind.COMMENT)
    if base.state in READABLE_STATES:
        count_again(base, about["parent_id"] or about["idea_id"], 1)
    _recorded(actor, base, "comment:submitted", {"kind": kind.value}, comment_text(words))
    return base


def _subject(
    consultation: Consultation, project_id: int | None, idea_id: int | None, parent_id: int | None
) -> dict[str, Any]:
    """Return the keys of what a comment is about, checked against the consultation."""
    found: dict[str, Any] = {
        "project_id": None, "revision_id": None, "idea_id": None, "parent_id": None, "section": Section.WHOLE,
    }  # fmt: skip
    if parent_id is not None:
        parent = _readable_here(consultation, parent_id, ContributionKind.COMMENT)
        upper = queries.words_of(parent)
        assert isinstance(upper, Comment)
        if upper.parent_id is not None:
            top = _readable_here(consultation, upper.parent_id, ContributionKind.COMMENT)
            upper = queries.words_of(top)
            assert isinstance(upper, Comment)
        return {
            "project_id": upper.project_id,
            "revision_id": upper.revision_id,
            "idea_id": upper.idea_id,
            "parent_id": upper.id,
            "section": upper.section,
        }
    if idea_id is not None:
        found["idea_id"] = _readable_here(consultation, idea_id, ContributionKind.IDEA).id
    elif project_id is not None:
        revision = queries.revision_read(consultation.collectivity_id, consultation.version_id, project_id)
        if revision is None:
            raise NotInThisConsultationError("project", project_id)
        found["project_id"], found["revision_id"] = project_id, revision.id
    return found


def _readable_here(consultation: Consultation, contribution_id: int, kind: ContributionKind) -> Contribution:
    """Return a public contribution of the consultation's plan, locked: an edit of it waits for us."""
    row = locked_contribution(consultation.collectivity_id, contribution_id)
    if row is None or row.kind is not kind:
        raise NotInThisConsultationError(kind.value, contribution_id)
    if row.consultation_id != consultation.id:
        of_plan = db.session.scalar(
            sa.select(Consultation.plan_id).where(
                Consultation.collectivity_id == consultation.collectivity_id,
                Consultation.id == row.consultation_id,
            )
        )
        if of_plan != consultation.plan_id:
            raise NotInThisConsultationError(kind.value, contribution_id)
    if row.state not in READABLE_STATES:
        raise RefusedError(Act.COMMENT_SUBMIT, ("readable",))
    return row


def _new(
    actor: Actor,
    consultation: Consultation,
    voice: Voice,
    kind: ContributionKind,
    text: str,
    lang: str | None,
    now: datetime,
    *,
    declared: bool,
) -> Contribution:
    participant: Participant = consultations.participant_for(actor, consultation, voice, declared=declared)
    assert actor.person_id is not None
    state, signals = state_after_screening(actor.person_id, actor.level, consultation, text, now)
    return Contribution(
        collectivity_id=consultation.collectivity_id,
        id=new_id(),
        kind=kind,
        ref=references.grouped(references.reference_of(secrets.token_bytes(5))),
        consultation_id=consultation.id,
        participant_id=participant.id,
        acting_person_id=actor.person_id,
        mandate_id=voice.mandate_id,
        by_staff=voice.association_id is None
        and bool(actor.held_in(consultation.collectivity_id) & WITHOUT_POSITION),
        statement_id=None,
        state=state,
        lang=lang or guess_lang(text),
        signals=signals,
        reports=0,
        submitted_at=now,
        due_at=moderation.promised_by(now),
        published_at=now if state in READABLE_STATES else None,
        edited_at=None,
        withdrawn_at=None,
        merged_into=None,
        reply_count=0,
        receipt_code=None,
    )


def _recorded(actor: Actor, base: Contribution, event: str, more: Mapping[str, str], text: str) -> None:
    """Append the journal entry and give the receipt. Last in the act."""
    entry = journal.record(
        actor.person_id,
        event,
        journal.of_consultation(base.collectivity_id, base.consultation_id),
        f"{base.kind.value}:{base.id}",
        public={"ref": base.ref, "lang": base.lang, "state": base.state.value, **more},
        private={
            "participant": base.participant_id,
            "person": actor.person_id,
            "mandate": base.mandate_id,
            "text_sha256": sha256(text),
        },
    )
    code = db.session.scalar(sa.select(Collectivity.code).where(Collectivity.id == base.collectivity_id))
    receipt = add(
        Receipt(
            collectivity_id=base.collectivity_id,
            id=new_id(),
            code=str(references.receipt_of(str(code), bytes.fromhex(entry.hash))),
            consultation_id=base.consultation_id,
            participant_id=base.participant_id,
            statement_id=base.statement_id,
            what=base.kind.value,
            entry_hash=entry.hash,
            at=entry.at,
            replaced_by=None,
        )
    )
    base.receipt_code = receipt.code
    db.session.flush()
