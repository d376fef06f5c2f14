"""What people do with words: submit, edit, withdraw, send again, co-sign, file an opinion.

`set_state` is the only place that changes `Contribution.state`; it keeps the counters and the
statement's `votable` true.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from participate.consultations import actions as consultations
from participate.consultations.models import Consultation, Participant
from participate.consultations.queries import is_open, lock_for_act
from participate.contributions import queries
from participate.contributions.models import (
    Comment,
    Contribution,
    ContributionEdit,
    CoSignature,
    Idea,
    Opinion,
)
from participate.db import add, clock, db, for_update, new_id
from participate.files import actions as files
from participate.files.models import StoredFile
from participate.journal import actions as journal
from participate.journal import keys
from participate.journal.encoding import sha256
from participate.network.models import Collectivity
from participate.people.models import Person
from participate.people.queries import Voice
from participate.plans.models import Axis
from participate.positions import actions as positions
from participate.positions.models import Receipt, Statement
from participate.rules import moderation, references
from participate.rules.moderation import AuthorFacts
from participate.rules.outcomes import (
    READABLE_STATES,
    Accepts,
    CommentKind,
    ContributionKind,
    Level,
    PublishState,
    Section,
    Stance,
    StatementKind,
)
from participate.rules.policy import WITHOUT_POSITION, Act, Actor, Place, RefusedError, require
from participate.rules.text import guess_lang

BODY_CHARS = queries.BODY_CHARS
_VOTABLE_KINDS = frozenset({CommentKind.OPINION, CommentKind.AMENDMENT})
_IDEA_FIELDS = ("title", "problem", "proposal", "axis_id", "place", "file_id")
_COMMENT_FIELDS = ("section", "kind", "stance", "body", "amend_from", "amend_to")


class NotInThisConsultationError(Exception):
    """What the text is about is not part of the consultation; holds what and its key."""


class NoWordingError(Exception):
    """An amendment that says nothing new."""


class TooLateToRewriteError(Exception):
    """A returned text was sent again after its delay; holds the last moment."""


class NotReturnedError(Exception):
    """A text was sent again that nobody had returned; holds its state."""


class AlreadyCosignedError(Exception):
    """This voice has already put its name under the idea."""


class ChangedMeanwhileError(StaleDataError):
    """The text changed after its form was read; holds its key and the row version read."""


# --- Submitting ----------------------------------------------------------------------------------


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
    consultation, now = _entered(place, Act.IDEA_SUBMIT, Accepts.IDEA)
    axis = db.session.get(Axis, (consultation.collectivity_id, axis_id))
    if axis is None or axis.plan_id != consultation.plan_id:
        raise NotInThisConsultationError("axis", axis_id)
    if file_id is not None:
        _require_own_file(actor, consultation.collectivity_id, file_id)
    words = {
        "title": title,
        "problem": problem,
        "proposal": proposal,
        "axis_id": axis_id,
        "place": location,
        "file_id": file_id,
    }
    base = _new(
        actor, consultation, voice, ContributionKind.IDEA, _idea_text(words), lang, now, declared=declared
    )
    add(base)
    add(Idea(collectivity_id=base.collectivity_id, id=base.id, **words))
    _own_statement(base, StatementKind.IDEA)
    _recorded(actor, base, "idea:submitted", {}, _idea_text(words))
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
    consultation, now = _entered(place, Act.COMMENT_SUBMIT, Accepts.COMMENT)
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
        _comment_text(words),
        lang,
        now,
        declared=declared,
    )
    add(base)
    add(Comment(collectivity_id=base.collectivity_id, id=base.id, **about, **words))
    if kind in _VOTABLE_KINDS and about["parent_id"] is None:
        _own_statement(base, StatementKind.COMMENT)
    if base.state in READABLE_STATES:
        _count(base, about["parent_id"] or about["idea_id"], 1)
    _recorded(actor, base, "comment:submitted", {"kind": kind.value}, _comment_text(words))
    return base


def _entered(place: Place, act: Act, what: Accepts) -> tuple[Consultation, datetime]:
    """Return the place's consultation, locked and open at this very moment; the clock is read after the lock."""
    if place.collectivity_id is None or place.consultation_id is None:
        raise RefusedError(act, ("window_open",))
    consultation = lock_for_act(place.collectivity_id, place.consultation_id)
    now = clock()
    if not is_open(consultation, now):
        raise RefusedError(act, ("window_open",))
    if what.value not in consultation.accepts:
        raise RefusedError(act, (f"accepts_{what.value}",))
    return consultation, now


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
    row = _locked(consultation.collectivity_id, contribution_id)
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


def _locked(collectivity_id: int, contribution_id: int) -> Contribution | None:
    return db.session.scalar(
        for_update(
            sa.select(Contribution).where(
                Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id
            )
        ).execution_options(populate_existing=True)
    )


def _require_own_file(actor: Actor, collectivity_id: int, file_id: int) -> None:
    uploaded_by = db.session.scalar(
        sa.select(StoredFile.uploaded_by).where(
            StoredFile.collectivity_id == collectivity_id, StoredFile.id == file_id
        )
    )
    if uploaded_by is None or uploaded_by != actor.person_id:
        raise NotInThisConsultationError("file", file_id)


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
    state, signals = _screened(actor.person_id, actor.level, consultation, text, now)
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
        and bool(actor.roles_in(consultation.collectivity_id) & WITHOUT_POSITION),
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


def _screened(
    person_id: int,
    level: int,
    consultation: Consultation,
    text: str,
    now: datetime,
    besides: int | None = None,
) -> tuple[PublishState, list[str]]:
    """Return the state a text begins in and what screening noticed: kinds only, they quote nobody."""
    before = queries.published_before(person_id, besides)
    born = db.session.scalar(sa.select(Person.created_at).where(Person.id == person_id)) or now
    facts = AuthorFacts(
        account_age=max(now - born, timedelta(0)), level=Level(level), published_before=before
    )
    earlier = queries.earlier_texts(consultation.collectivity_id, consultation.id, text, besides)
    signals = moderation.screen(text, facts, earlier)
    state = moderation.initial_state(consultation.moderation, Level(level), before, signals)
    return state, list(dict.fromkeys(signal.kind.value for signal in signals))


def _own_statement(base: Contribution, kind: StatementKind) -> None:
    statement = positions.new_statement(base.collectivity_id, base.consultation_id, kind)
    statement.votable = base.state in READABLE_STATES
    base.statement_id = statement.id
    db.session.flush()


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


def _idea_text(words: Mapping[str, Any]) -> str:
    return "\n".join([words["title"], words["problem"], words["proposal"], words["place"] or ""]).strip()


def _comment_text(words: Mapping[str, Any]) -> str:
    return "\n".join(part for part in (words["body"], words["amend_to"]) if part)


def _text_of(words: Comment | Idea) -> str:
    if isinstance(words, Idea):
        return _idea_text({name: getattr(words, name) for name in _IDEA_FIELDS})
    return _comment_text({name: getattr(words, name) for name in _COMMENT_FIELDS})


# --- State ---------------------------------------------------------------------------------------


def set_state(
    contribution: Contribution,
    state: PublishState,
    now: datetime,
    *,
    merged_into: int | None = None,
    redacted: Mapping[str, Any] | None = None,
) -> None:
    """Change a contribution's state and everything that follows from it.

    `merged_into` is needed for MERGED, `redacted` (field → text as shown) for REDACTED. The dates,
    the statement's `votable`, and the reply counter of what it stands under stay true. A returned
    text is due from its author in `moderation.REWRITE_DAYS`.
    """
    words = queries.words_of(contribution)  # before the first change: reading flushes, and CHECKs look
    was_public = contribution.state in READABLE_STATES
    is_public = state in READABLE_STATES
    contribution.merged_into = merged_into if state is PublishState.MERGED else None
    contribution.withdrawn_at = now if state is PublishState.WITHDRAWN else None
    if is_public and contribution.published_at is None:
        contribution.published_at = now
    if state is PublishState.RETURNED:
        contribution.due_at = moderation.rewriting_deadline(now)
    elif state is PublishState.WAITING:
        contribution.due_at = moderation.promised_by(contribution.edited_at or contribution.submitted_at)
    if redacted is not None:
        words.redacted = dict(redacted)
    contribution.state = state
    db.session.flush()
    if contribution.statement_id is not None:
        db.session.execute(
            sa.update(Statement)
            .where(
                Statement.collectivity_id == contribution.collectivity_id,
                Statement.id == contribution.statement_id,
            )
            .values(votable=is_public)
        )
    if was_public != is_public and isinstance(words, Comment):
        _count(contribution, words.parent_id or words.idea_id, 1 if is_public else -1)


def _count(base: Contribution, under_id: int | None, step: int) -> None:
    """Move the reply counter of what a comment stands under; in SQL, so that two at once both count."""
    if under_id is None:
        return
    db.session.execute(
        sa.update(Contribution)
        .where(Contribution.collectivity_id == base.collectivity_id, Contribution.id == under_id)
        .values(reply_count=Contribution.reply_count + step)
    )


# --- The author's own changes --------------------------------------------------------------------


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
    base = _locked(place.collectivity_id, place.ids["contribution"])
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
    names = _IDEA_FIELDS if isinstance(words, Idea) else _COMMENT_FIELDS
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
    text = _text_of(words)
    assert actor.person_id is not None
    state, base.signals = _screened(actor.person_id, actor.level, consultation, text, now, base.id)
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
            _require_own_file(actor, consultation.collectivity_id, wanted["file_id"])
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
    base = _locked(place.collectivity_id, place.ids["contribution"])
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


# --- Co-signing ----------------------------------------------------------------------------------


def cosign(actor: Actor, place: Place, voice: Voice, *, declared: bool = False) -> Contribution:
    """Put a voice's name under somebody else's idea, once. Raises AlreadyCosignedError."""
    require(actor, Act.IDEA_COSIGN, place)
    consultation, now = _entered(place, Act.IDEA_COSIGN, Accepts.IDEA)
    base = _locked(consultation.collectivity_id, place.ids["contribution"])
    if base is None or base.kind is not ContributionKind.IDEA:
        raise NotInThisConsultationError("idea", place.ids["contribution"])
    if base.state not in READABLE_STATES:
        raise RefusedError(Act.IDEA_COSIGN, ("readable",))
    participant: Participant = consultations.participant_for(actor, consultation, voice, declared=declared)
    if participant.id == base.participant_id:
        raise RefusedError(Act.IDEA_COSIGN, ("not_own",))
    try:
        with db.session.begin_nested():
            add(
                CoSignature(
                    collectivity_id=base.collectivity_id,
                    contribution_id=base.id,
                    participant_id=participant.id,
                    at=now,
                )
            )
    except IntegrityError as error:
        raise AlreadyCosignedError from error
    db.session.execute(
        sa.update(Idea)
        .where(Idea.collectivity_id == base.collectivity_id, Idea.id == base.id)
        .values(cosigner_count=Idea.cosigner_count + 1)
    )
    journal.record(
        actor.person_id,
        "idea:cosigned",
        journal.of_consultation(base.collectivity_id, base.consultation_id),
        f"idea:{base.id}",
        public={"ref": base.ref, "voter": _voter(consultation, participant, base)},
        private={"participant": participant.id, "person": actor.person_id},
    )
    return base


def _voter(consultation: Consultation, participant: Participant, base: Contribution) -> str:
    """Return a pseudonym good for this idea only, so that acts do not form a fingerprint."""
    return keys.pseudonym(consultation.key_wrapped, f"cosign|{participant.id}", base.statement_id or base.id)


# --- Opinions of advisory bodies -----------------------------------------------------------------


def file_opinion(actor: Actor, place: Place, *, body_id: int, text: str, lang: str | None = None) -> Opinion:
    """File, or replace, the formal opinion of an advisory body on the plan under review.

    It is printed unedited in the dossier. Raises NotInThisConsultationError when the place has no
    consultation or the body is not one of the collectivity's.
    """
    require(actor, Act.OPINION_FILE, place)
    if place.collectivity_id is None or place.consultation_id is None:
        raise NotInThisConsultationError("consultation", place.consultation_id)
    if body_id not in {body.id for body in queries.advisory_bodies(place.collectivity_id)}:
        raise NotInThisConsultationError("body", body_id)
    lock_for_act(place.collectivity_id, place.consultation_id)
    now = clock()
    assert actor.person_id is not None
    row = db.session.scalar(
        for_update(
            sa.select(Opinion).where(
                Opinion.collectivity_id == place.collectivity_id,
                Opinion.consultation_id == place.consultation_id,
                Opinion.body_id == body_id,
            )
        )
    )
    values = {"text": text, "lang": lang or guess_lang(text), "filed_by": actor.person_id, "filed_at": now}
    if row is None:
        row = add(
            Opinion(
                collectivity_id=place.collectivity_id,
                id=new_id(),
                consultation_id=place.consultation_id,
                body_id=body_id,
                **values,
            )
        )
    else:
        for name, value in values.items():
            setattr(row, name, value)
        db.session.flush()
    journal.record(
        actor.person_id,
        "opinion:filed",
        journal.of_consultation(place.collectivity_id, place.consultation_id),
        f"opinion:{row.id}",
        public={"body": body_id, "text_sha256": sha256(text)},
        private={"person": actor.person_id},
    )
    return row
