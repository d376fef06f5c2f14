"""The author's own changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.consultations.queries import is_open, lock_for_act
from participate.contributions import queries
from participate.contributions.actions.entering import (
    COMMENT_FIELDS,
    IDEA_FIELDS,
    locked_contribution,
    require_own_file,
    state_after_screening,
    text_of,
)
from participate.contributions.actions.refusals import (
    ChangedMeanwhileError,
    NotInThisConsultationError,
    NotReturnedError,
    NoWordingError,
    TooLateToRewriteError,
)
from participate.contributions.actions.states import set_state
from participate.contributions.models import Comment, Contribution, ContributionEdit, Idea
from participate.db import add, clock, db, for_update, new_id
from participate.files import actions as files
from participate.journal import actions as journal
from participate.journal.encoding import sha256
from participate.plans.models import Axis
from participate.positions.models import Statement
from participate.rules.outcomes import READABLE_STATES, CommentKind, PublishState
from participate.rules.policy import Act, Actor, Place, RefusedError, require


def edit(
    actor: Actor, place: Place, *, row_version: int | None = None, lang: str | None = None, **fields: Any
) -> Contribution:
    """Change one's words while nobody has replied or taken a position; the former ones are kept.

    `fields` are those of `submit_idea` or `submit_comment`. The new words are screened again and may
    wait for a moderator. Raises RefusedError ("untouched", "window_open", "not_settled") and
    StaleDataError when `row_version` is not the present one.
    """
    return _rewritten(actor, place, Act.CONTRIBUTION_EDIT, row_version, lang, fields)


def resubmit(
    actor: Actor, place: Place, *, row_version: int | None = None, lang: str | None = None, **fields: Any
) -> Contribution:
    """Send a returned text again, rewritten, within `moderation.REWRITE_DAYS`, even after the close.

    Raises NotReturnedError and TooLateToRewriteError.
    """
    return _rewritten(actor, place, Act.CONTRIBUTION_RESUBMIT, row_version, lang, fields)


def _rewritten(
    actor: Actor, place: Place, act: Act, row_version: int | None, lang: str | None, fields: Mapping[str, Any]
) -> Contribution:
    require(actor, act, place)
    assert place.collectivity_id is not None
    assert place.consultation_id is not None
    consultation = lock_for_act(place.collectivity_id, place.consultation_id)
    base = locked_contribution(place.collectivity_id, place.ids["contribution"])
    assert base is not None
    if base.statement_id is not None:  # a position on it updates this row: one of the two waits
        db.session.execute(
            for_update(
                sa.select(Statement.id).where(
                    Statement.collectivity_id == base.collectivity_id, Statement.id == base.statement_id
                )
            )
        )
    now = clock()
    _require_changeable(act, base, consultation, now)
    if row_version is not None and row_version != base.row_version:
        raise ChangedMeanwhileError(base.id, row_version)
    words = queries.words_of(base)
    names = IDEA_FIELDS if isinstance(words, Idea) else COMMENT_FIELDS
    wanted = _renamed(fields, names)
    _require_fitting(actor, consultation, words, wanted)
    before = {name: _plain(getattr(words, name)) for name in names} | {"lang": base.lang}
    for name, value in wanted.items():
        setattr(words, name, value)
    after = {name: _plain(getattr(words, name)) for name in names} | {"lang": lang or base.lang}
    if after == before and act is Act.CONTRIBUTION_EDIT:
        return base
    words.redacted = None
    base.lang = lang or base.lang
    base.edited_at = now
    text = text_of(words)
    assert actor.person_id is not None
    state, base.signals = state_after_screening(
        actor.person_id, actor.level, consultation, text, now, base.id
    )
    add(
        ContributionEdit(
            collectivity_id=base.collectivity_id, id=new_id(), contribution_id=base.id, before=before, at=now
        )
    )
    # What a moderator returned or redacted is read by a human again, whatever screening says.
    seen_again = act is Act.CONTRIBUTION_RESUBMIT or base.state is PublishState.REDACTED
    if seen_again or (base.state in READABLE_STATES and state is PublishState.WAITING):
        set_state(base, PublishState.WAITING, now)
    db.session.flush()
    journal.record(
        actor.person_id,
        "contribution:edited",
        journal.of_consultation(base.collectivity_id, base.consultation_id),
        f"{base.kind.value}:{base.id}",
        public={"ref": base.ref},
        private={"person": actor.person_id, "text_sha256": sha256(text)},
    )
    if after.get("file_id") and after["file_id"] != before["file_id"]:
        files.attached(
            actor,
            journal.of_consultation(base.collectivity_id, base.consultation_id),
            base.collectivity_id,
            after["file_id"],
        )
    return base


def _require_changeable(act: Act, base: Contribution, consultation: Consultation, now: datetime) -> None:
    """Look again, under the locks, at what the place said before them."""
    if act is Act.CONTRIBUTION_RESUBMIT:
        if base.state is not PublishState.RETURNED:
            raise NotReturnedError(base.state)
        if now >= base.due_at:
            raise TooLateToRewriteError(base.due_at)
        return
    if not is_open(consultation, now):
        raise RefusedError(act, ("window_open",))
    if base.state in queries.SETTLED_STATES or base.state is PublishState.RETURNED:
        raise RefusedError(act, ("not_settled",))
    if queries.touched(base):
        raise RefusedError(act, ("untouched",))


def _renamed(fields: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    wanted = {("place" if name == "location" else name): value for name, value in fields.items()}
    unknown = set(wanted) - set(names)
    if unknown:
        raise TypeError(sorted(unknown))
    return wanted


def _require_fitting(
    actor: Actor, consultation: Consultation, words: Comment | Idea, wanted: dict[str, Any]
) -> None:
    if isinstance(words, Idea):
        axis_id = wanted.get("axis_id", words.axis_id)
        axis = db.session.get(Axis, (consultation.collectivity_id, axis_id))
        if axis is None or axis.plan_id != consultation.plan_id:
            raise NotInThisConsultationError("axis", axis_id)
        if wanted.get("file_id") is not None and wanted["file_id"] != words.file_id:
            require_own_file(actor, consultation.collectivity_id, wanted["file_id"])
        return
    # What kind of thing it is decides whether it owns a statement, so that stays.
    wanted.pop("kind", None)
    if words.parent_id is not None:
        for name in ("stance", "section", "amend_from", "amend_to"):
            wanted.pop(name, None)
    if words.kind is not CommentKind.AMENDMENT:
        wanted.pop("amend_from", None)
        wanted.pop("amend_to", None)
    else:
        new = wanted.get("amend_to", words.amend_to)
        if not new or new == wanted.get("amend_from", words.amend_from):
            raise NoWordingError


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def withdraw(actor: Actor, place: Place) -> Contribution:
    """Take one's text back: a stub stays, and its replies. It can be done at any time."""
    require(actor, Act.CONTRIBUTION_WITHDRAW, place)
    assert place.collectivity_id is not None
    assert place.consultation_id is not None
    lock_for_act(place.collectivity_id, place.consultation_id)
    base = locked_contribution(place.collectivity_id, place.ids["contribution"])
    assert base is not None
    if base.state in queries.SETTLED_STATES:
        raise RefusedError(Act.CONTRIBUTION_WITHDRAW, ("not_settled",))
    set_state(base, PublishState.WITHDRAWN, clock())
    journal.record(
        actor.person_id,
        "contribution:withdrawn",
        journal.of_consultation(base.collectivity_id, base.consultation_id),
        f"{base.kind.value}:{base.id}",
        public={"ref": base.ref},
        private={"person": actor.person_id},
    )
    return base
