"""Verbs of the answers: the fate of an idea, themes, responses, the second reader, publishing together.

Every verb holds the consultation FOR SHARE, so that none can slip in while the plan is transmitted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from participate.consultations.models import Consultation
from participate.consultations.queries import lock_for_act, place_of
from participate.contributions.models import Comment, Contribution
from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.plans.models import ActionPlan, Project, ProjectRevision, VersionProject
from participate.responses.models import IdeaFate, Response, Theme, ThemeMember
from participate.rules.outcomes import (
    FATES_NEEDING_REASON,
    OUTCOMES_NEEDING_REASON,
    READABLE_STATES,
    ConsultationState,
    ContributionKind,
    Fate,
    Outcome,
    ResponseState,
)
from participate.rules.policy import Act, Actor, require
from participate.rules.text import is_blank

GIVEN = (ResponseState.APPROVED, ResponseState.PUBLISHED)
"""States in which an answer counts: a second person has read it."""


class NoSuchThingError(Exception):
    """A consultation, idea, theme, project or response that is not here; holds what and its key."""


class NotAnswerableError(Exception):
    """A text that is owed no answer: a reply, or withdrawn, hidden, joined to another; holds its key."""


class ReasonMissingError(Exception):
    """A no, or a not now, without the reason in Arabic that people are owed; holds the decision."""


class TextMissingError(Exception):
    """An answer without its text in Arabic."""


class TargetMissingError(Exception):
    """An idea merged without saying with which idea or project."""


class MergedWithItselfError(Exception):
    """An idea merged with itself or with one that was merged into it; holds its key."""


class ApprovedError(Exception):
    """An approved response must be reopened before its words change; holds its key."""


class PublishedError(Exception):
    """A published response stays as people read it; holds its key."""


class RoundOverError(Exception):
    """The consultation belongs to a round that the council returned: it is kept as it was."""


class ThemeInUseError(Exception):
    """A theme with contributions or an answer cannot be removed; holds its key."""


class ChangedMeanwhileError(StaleDataError):
    """A colleague wrote at the same time; what they wrote is kept."""


@dataclass(frozen=True)
class Subject:
    """What a response answers: exactly one theme, contribution or project of a consultation."""

    collectivity_id: int
    consultation_id: int
    theme_id: int | None = None
    contribution_id: int | None = None
    project_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse a subject that is not exactly one thing."""
        if [self.theme_id, self.contribution_id, self.project_id].count(None) != 2:
            msg = "a response answers exactly one theme, contribution or project"
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """Return "kind:key", as the record names it."""
        if self.theme_id is not None:
            return f"theme:{self.theme_id}"
        if self.contribution_id is not None:
            return f"contribution:{self.contribution_id}"
        return f"project:{self.project_id}"


@dataclass(frozen=True)
class Filled:
    """What `fill_theme` or `take_out` changed: references of the contributions."""

    theme_id: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: int = 0
    """Contributions that were left because they are not owed an answer any more."""


# --- standing ------------------------------------------------------------------------------------


def _entered(
    actor: Actor, act: Act, collectivity_id: int, consultation_id: int, *, written_by: int | None = None
) -> Consultation:
    """Hold the consultation, read its plan's stage behind the lock, and ask the policy."""
    row = lock_for_act(collectivity_id, consultation_id)
    _require(actor, act, row, written_by=written_by)
    return row


def _require(actor: Actor, act: Act, row: Consultation, *, written_by: int | None = None) -> None:
    stage = db.session.scalar(
        sa.select(ActionPlan.stage).where(
            ActionPlan.collectivity_id == row.collectivity_id, ActionPlan.id == row.plan_id
        )
    )
    require(actor, act, replace(place_of(row, stage), written_by=written_by))
    if row.state is ConsultationState.ARCHIVED:
        raise RoundOverError(row.id)


def _said(words: Words | None) -> Words | None:
    """Return only the languages in which something is said; None when nothing is."""
    found = {lang: text.strip() for lang, text in (words or {}).items() if text and not is_blank(text)}
    return found or None


def _chain(row: Consultation) -> journal.ChainRef:
    return journal.of_consultation(row.collectivity_id, row.id)


def _sha(*texts: Words | None) -> str:
    return journal.sha256(journal.canonical(list(texts)))


# --- ideas -----------------------------------------------------------------------------------------


def assess_idea(
    actor: Actor,
    collectivity_id: int,
    contribution_id: int,
    fate: Fate,
    *,
    reason: Words | None = None,
    project_id: int | None = None,
    merged_into: int | None = None,
    row_version: int | None = None,
) -> IdeaFate:
    """Say what becomes of an idea; public at once, and corrected by assessing it again.

    `project_id` is the project it became (retained) or joined (merged); `merged_into` the idea it was
    merged with. Deferred, declined and outside competence need a reason in Arabic. `row_version` is
    the one that was read (0: none yet); None skips that check. Raises NoSuchThingError,
    NotAnswerableError, ReasonMissingError, TargetMissingError, MergedWithItselfError,
    ChangedMeanwhileError, RoundOverError.
    """
    idea = _contribution(collectivity_id, contribution_id)
    if idea is None or idea.kind is not ContributionKind.IDEA:
        raise NoSuchThingError("idea", contribution_id)
    consultation = _entered(actor, Act.IDEA_ASSESS, collectivity_id, idea.consultation_id)
    db.session.refresh(idea)
    if idea.state not in READABLE_STATES:
        raise NotAnswerableError(contribution_id)
    reason = _said(reason)
    if fate in FATES_NEEDING_REASON and (reason is None or "ar" not in reason):
        raise ReasonMissingError(fate)
    if fate not in (Fate.RETAINED, Fate.MERGED):
        project_id = None
    if fate is not Fate.MERGED:
        merged_into = None
    elif project_id is None and merged_into is None:
        raise TargetMissingError(contribution_id)
    _require_project(consultation, project_id)
    _require_other_idea(consultation, contribution_id, merged_into)
    found = db.session.scalar(
        for_update(
            sa.select(IdeaFate).where(
                IdeaFate.collectivity_id == collectivity_id, IdeaFate.contribution_id == contribution_id
            )
        ).execution_options(populate_existing=True)
    )
    if row_version is not None and row_version != (found.row_version if found else 0):
        raise ChangedMeanwhileError(contribution_id)
    values: dict[str, Any] = {
        "fate": fate,
        "reason": reason,
        "project_id": project_id,
        "merged_into": merged_into,
        "decided_by": actor.person_id,
        "decided_at": clock(),
    }
    if found is None:
        found = _inserted(
            IdeaFate(collectivity_id=collectivity_id, contribution_id=contribution_id, **values)
        )
    else:
        for name, value in values.items():
            setattr(found, name, value)
        db.session.flush()
    journal.record(
        actor.person_id,
        "idea:assessed",
        _chain(consultation),
        f"contribution:{contribution_id}",
        public={"ref": idea.ref, "fate": fate.value},
        private={"person": actor.person_id, "reason": reason},
    )
    return found


def _inserted(row: Any) -> Any:
    """Add a row that a colleague may be adding too; theirs is kept."""
    try:
        with db.session.begin_nested():
            return add(row)
    except IntegrityError:
        raise ChangedMeanwhileError(row.__tablename__) from None


def _contribution(collectivity_id: int, contribution_id: int) -> Contribution | None:
    return db.session.get(Contribution, (collectivity_id, contribution_id))


def _require_project(consultation: Consultation, project_id: int | None) -> None:
    if project_id is None:
        return
    plan_id = db.session.scalar(
        sa.select(Project.plan_id).where(
            Project.collectivity_id == consultation.collectivity_id, Project.id == project_id
        )
    )
    if plan_id != consultation.plan_id:
        raise NoSuchThingError("project", project_id)


def _require_other_idea(consultation: Consultation, contribution_id: int, merged_into: int | None) -> None:
    if merged_into is None:
        return
    plan_id = db.session.scalar(
        sa.select(Consultation.plan_id)
        .join(
            Contribution,
            (Contribution.collectivity_id == Consultation.collectivity_id)
            & (Contribution.consultation_id == Consultation.id),
        )
        .where(
            Contribution.collectivity_id == consultation.collectivity_id,
            Contribution.id == merged_into,
            Contribution.kind == ContributionKind.IDEA,
            Contribution.state.in_(READABLE_STATES),
        )
    )
    if plan_id != consultation.plan_id:
        raise NoSuchThingError("idea", merged_into)
    back = db.session.scalar(
        sa.select(IdeaFate.merged_into).where(
            IdeaFate.collectivity_id == consultation.collectivity_id, IdeaFate.contribution_id == merged_into
        )
    )
    if contribution_id in (merged_into, back):
        raise MergedWithItselfError(contribution_id)


# --- themes ----------------------------------------------------------------------------------------


def save_theme(
    actor: Actor,
    collectivity_id: int,
    consultation_id: int,
    title: Words,
    *,
    project_id: int | None = None,
    theme_id: int | None = None,
    row_version: int | None = None,
) -> Theme:
    """Begin a theme (`theme_id` None), or give one another title or project.

    Without project it is about the plan as a whole. Raises TextMissingError without an Arabic or French title,
    NoSuchThingError, ChangedMeanwhileError, RoundOverError.
    """
    # FOR UPDATE, not FOR SHARE: themes are numbered within their consultation.
    row = db.session.scalar(
        for_update(
            sa.select(Consultation).where(
                Consultation.collectivity_id == collectivity_id, Consultation.id == consultation_id
            )
        ).execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchThingError("consultation", consultation_id)
    _require(actor, Act.THEME_EDIT, row)
    said = _said(title)
    if said is None or not {"ar", "fr"} & said.keys():
        raise TextMissingError
    _require_project(row, project_id)
    if theme_id is None:
        assert actor.person_id is not None
        theme = add(
            Theme(
                collectivity_id=collectivity_id,
                id=new_id(),
                ref=_next_ref(row),
                consultation_id=consultation_id,
                project_id=project_id,
                title=said,
                created_by=actor.person_id,
                created_at=clock(),
            )
        )
    else:
        theme = _theme(collectivity_id, theme_id)
        if theme.consultation_id != consultation_id:
            raise NoSuchThingError("theme", theme_id)
        if row_version is not None and row_version != theme.row_version:
            raise ChangedMeanwhileError(theme_id)
        theme.title = said
        theme.project_id = project_id
        db.session.flush()
    journal.record(
        actor.person_id, "theme:saved", _chain(row), f"theme:{theme.id}", public={"theme": theme.ref}
    )
    return theme


def _next_ref(consultation: Consultation) -> str:
    """Return T01, T02 …: the next reference of a theme, under the consultation's lock."""
    last = db.session.scalar(
        sa.select(sa.func.max(Theme.ref)).where(
            Theme.collectivity_id == consultation.collectivity_id, Theme.consultation_id == consultation.id
        )
    )
    return f"T{int((last or 'T0')[1:]) + 1:03d}"


def _theme(collectivity_id: int, theme_id: int) -> Theme:
    """Return a theme, held until commit. Raises NoSuchThingError."""
    row = db.session.scalar(
        for_update(
            sa.select(Theme).where(Theme.collectivity_id == collectivity_id, Theme.id == theme_id)
        ).execution_options(populate_existing=True)
    )
    if row is None:
        raise NoSuchThingError("theme", theme_id)
    return row


def _consultation_of_theme(collectivity_id: int, theme_id: int) -> int:
    found = db.session.scalar(
        sa.select(Theme.consultation_id).where(Theme.collectivity_id == collectivity_id, Theme.id == theme_id)
    )
    if found is None:
        raise NoSuchThingError("theme", theme_id)
    return found


def fill_theme(
    actor: Actor,
    collectivity_id: int,
    theme_id: int,
    contribution_ids: Collection[int],
    *,
    main: bool = True,
) -> Filled:
    """Put contributions into a theme, as their main theme unless said otherwise.

    A contribution has at most one main theme: its former one stays as another theme. Texts that are
    not owed an answer (replies, withdrawn …) or belong to another consultation are left and counted.
    Idempotent. Raises NoSuchThingError, ChangedMeanwhileError, RoundOverError.
    """
    consultation = _entered(
        actor, Act.THEME_EDIT, collectivity_id, _consultation_of_theme(collectivity_id, theme_id)
    )
    theme = _theme(collectivity_id, theme_id)
    wanted = sorted(set(contribution_ids))
    fitting = _answerable(consultation, wanted)
    members = _members(collectivity_id, fitting)
    now = clock()
    added: list[str] = []
    assert actor.person_id is not None
    if main:
        for one in members:
            if one.main and one.theme_id != theme_id and one.contribution_id in fitting:
                one.main = False
        db.session.flush()
    present = {one.contribution_id: one for one in members if one.theme_id == theme_id}
    for contribution_id, ref in fitting.items():
        if contribution_id in present:
            if main and not present[contribution_id].main:
                present[contribution_id].main = True
                added.append(ref)
            continue
        added.append(ref)
        db.session.add(
            ThemeMember(
                collectivity_id=collectivity_id,
                theme_id=theme_id,
                contribution_id=contribution_id,
                main=main,
                by_person_id=actor.person_id,
                at=now,
            )
        )
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:
        raise ChangedMeanwhileError(theme_id) from None
    filled = Filled(theme_id, added=tuple(sorted(added)), left=len(wanted) - len(fitting))
    _record_filled(actor, consultation, theme, filled)
    return filled


def take_out(actor: Actor, collectivity_id: int, theme_id: int, contribution_ids: Collection[int]) -> Filled:
    """Take contributions out of a theme. Another theme of theirs becomes the main one.

    Raises NoSuchThingError, RoundOverError, PublishedError once the theme's answer was published.
    """
    consultation = _entered(
        actor, Act.THEME_EDIT, collectivity_id, _consultation_of_theme(collectivity_id, theme_id)
    )
    theme = _theme(collectivity_id, theme_id)
    refs = _refs(collectivity_id, contribution_ids)
    members = _members(collectivity_id, refs)
    removed, orphaned = [], set()
    for one in members:
        if one.theme_id == theme_id:
            removed.append(refs[one.contribution_id])
            if one.main:
                orphaned.add(one.contribution_id)
            db.session.delete(one)
    db.session.flush()
    for one in members:
        if one.theme_id != theme_id and one.contribution_id in orphaned:
            one.main = True
            orphaned.remove(one.contribution_id)
    db.session.flush()
    filled = Filled(theme_id, removed=tuple(sorted(removed)))
    _record_filled(actor, consultation, theme, filled)
    return filled


def _record_filled(actor: Actor, consultation: Consultation, theme: Theme, filled: Filled) -> None:
    if not filled.added and not filled.removed:
        return
    journal.record(
        actor.person_id,
        "theme:filled",
        _chain(consultation),
        f"theme:{theme.id}",
        public={"theme": theme.ref, "added": list(filled.added), "removed": list(filled.removed)},
    )


def _refs(collectivity_id: int, ids: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(Contribution.id, Contribution.ref).where(
            Contribution.collectivity_id == collectivity_id, Contribution.id.in_(sorted(set(ids)))
        )
    )
    return {key: ref for key, ref in rows}  # noqa: C416


def _answerable(consultation: Consultation, ids: Sequence[int]) -> dict[int, str]:
    """Return references by key of those of `ids` that are owed an answer in this consultation."""
    rows = db.session.execute(
        sa.select(Contribution.id, Contribution.ref)
        .outerjoin(
            Comment,
            (Comment.collectivity_id == Contribution.collectivity_id) & (Comment.id == Contribution.id),
        )
        .where(
            Contribution.collectivity_id == consultation.collectivity_id,
            Contribution.consultation_id == consultation.id,
            Contribution.id.in_(ids),
            Contribution.state.in_(sorted(READABLE_STATES)),
            Comment.parent_id.is_(None),
        )
        .order_by(Contribution.id)
    )
    return {key: ref for key, ref in rows}  # noqa: C416


def _members(collectivity_id: int, ids: Iterable[int]) -> list[ThemeMember]:
    return list(
        db.session.scalars(
            for_update(
                sa.select(ThemeMember)
                .where(
                    ThemeMember.collectivity_id == collectivity_id,
                    ThemeMember.contribution_id.in_(sorted(ids)),
                )
                .order_by(ThemeMember.contribution_id, ThemeMember.at, ThemeMember.theme_id)
            ).execution_options(populate_existing=True)
        )
    )


def remove_theme(actor: Actor, collectivity_id: int, theme_id: int) -> None:
    """Remove a theme that holds nothing. Raises ThemeInUseError, NoSuchThingError, RoundOverError."""
    consultation = _entered(
        actor, Act.THEME_EDIT, collectivity_id, _consultation_of_theme(collectivity_id, theme_id)
    )
    theme = _theme(collectivity_id, theme_id)
    try:
        with db.session.begin_nested():
            db.session.delete(theme)
            db.session.flush()
    except IntegrityError:
        raise ThemeInUseError(theme_id) from None
    journal.record(
        actor.person_id,
        "theme:removed",
        _chain(consultation),
        f"theme:{theme_id}",
        public={"theme": theme.ref},
    )


# --- responses ---------------------------------------------------------------------------------------


def write_response(
    actor: Actor,
    subject: Subject,
    outcome: Outcome,
    text: Words,
    reason: Words | None = None,
    changed: bool = False,
    *,
    row_version: int | None = None,
) -> Response:
    """Write or rewrite the draft of an answer. It says nothing to the public before `publish_all`.

    `changed` claims that the project's wording changed because of it. `row_version` is the one that
    was read (0: no answer yet); None skips that check. Raises TextMissingError, ReasonMissingError,
    NoSuchThingError, NotAnswerableError, ApprovedError, PublishedError, ChangedMeanwhileError,
    RoundOverError.
    """
    consultation = _entered(actor, Act.RESPONSE_WRITE, subject.collectivity_id, subject.consultation_id)
    _require_subject(consultation, subject)
    words, reason = _said(text), _said(reason)
    if words is None or "ar" not in words:
        raise TextMissingError
    if outcome in OUTCOMES_NEEDING_REASON and (reason is None or "ar" not in reason):
        raise ReasonMissingError(outcome)
    found = db.session.scalar(
        for_update(sa.select(Response).where(*_answers(subject))).execution_options(populate_existing=True)
    )
    if found is not None:
        _require_draft(found)
    if row_version is not None and row_version != (found.row_version if found else 0):
        raise ChangedMeanwhileError(subject.name)
    assert actor.person_id is not None
    values: dict[str, Any] = {
        "outcome": outcome,
        "text": words,
        "reason": reason,
        "changed": changed,
        "written_by": actor.person_id,
        "written_at": clock(),
    }
    if found is None:
        found = _inserted(
            Response(
                collectivity_id=subject.collectivity_id,
                id=new_id(),
                consultation_id=subject.consultation_id,
                theme_id=subject.theme_id,
                contribution_id=subject.contribution_id,
                project_id=subject.project_id,
                state=ResponseState.DRAFT,
                **values,
            )
        )
    else:
        for name, value in values.items():
            setattr(found, name, value)
        db.session.flush()
    journal.record(
        actor.person_id,
        "response:written",
        _chain(consultation),
        f"response:{found.id}",
        public={"response": found.id, "subject": subject.name, "outcome": outcome.value},
        private={"person": actor.person_id, "text_sha256": _sha(words, reason)},
    )
    return found


def _answers(subject: Subject) -> tuple[sa.ColumnElement[bool], ...]:
    mine = {
        Response.theme_id: subject.theme_id,
        Response.contribution_id: subject.contribution_id,
        Response.project_id: subject.project_id,
    }
    return (
        Response.collectivity_id == subject.collectivity_id,
        Response.consultation_id == subject.consultation_id,
        *(column == value for column, value in mine.items() if value is not None),
    )


def _require_subject(consultation: Consultation, subject: Subject) -> None:
    if subject.theme_id is not None:
        if _theme(subject.collectivity_id, subject.theme_id).consultation_id != consultation.id:
            raise NoSuchThingError("theme", subject.theme_id)
    elif subject.contribution_id is not None:
        if not _answerable(consultation, [subject.contribution_id]):
            raise NotAnswerableError(subject.contribution_id)
    else:
        _require_project(consultation, subject.project_id)


def _require_draft(row: Response) -> None:
    if row.state is ResponseState.APPROVED:
        raise ApprovedError(row.id)
    if row.state is ResponseState.PUBLISHED:
        raise PublishedError(row.id)


def _response(collectivity_id: int, response_id: int) -> tuple[int, int]:
    """Return the consultation and the writer of a response, unlocked: the consultation is locked first."""
    found = db.session.execute(
        sa.select(Response.consultation_id, Response.written_by).where(
            Response.collectivity_id == collectivity_id, Response.id == response_id
        )
    ).one_or_none()
    if found is None:
        raise NoSuchThingError("response", response_id)
    return found[0], found[1]


def _held(collectivity_id: int, response_id: int) -> Response:
    return db.session.scalars(
        for_update(
            sa.select(Response).where(Response.collectivity_id == collectivity_id, Response.id == response_id)
        ).execution_options(populate_existing=True)
    ).one()


def approve(
    actor: Actor, collectivity_id: int, response_id: int, *, row_version: int | None = None
) -> Response:
    """Approve a draft as its second reader: never the person who wrote it.

    `row_version` is the draft that was read; another one is refused, so that nobody approves words
    they have not seen. Approving again changes nothing. Raises RefusedError, NoSuchThingError,
    PublishedError, ChangedMeanwhileError, RoundOverError.
    """
    consultation_id, written_by = _response(collectivity_id, response_id)
    consultation = _entered(
        actor, Act.RESPONSE_APPROVE, collectivity_id, consultation_id, written_by=written_by
    )
    row = _held(collectivity_id, response_id)
    if row.written_by != written_by:  # rewritten while we waited, perhaps by this very person
        raise ChangedMeanwhileError(response_id)
    if row.state is ResponseState.PUBLISHED:
        raise PublishedError(response_id)
    if row.state is ResponseState.APPROVED:
        return row
    if row_version is not None and row_version != row.row_version:
        raise ChangedMeanwhileError(response_id)
    row.state = ResponseState.APPROVED
    row.approved_by = actor.person_id
    row.approved_at = clock()
    db.session.flush()
    journal.record(
        actor.person_id,
        "response:approved",
        _chain(consultation),
        f"response:{row.id}",
        public={"response": row.id},
        private={"person": actor.person_id},
    )
    return row


def reopen(actor: Actor, collectivity_id: int, response_id: int) -> Response:
    """Take an approval back, so that the words can change; a second reader must approve again.

    Reopening a draft changes nothing. Raises NoSuchThingError, PublishedError, RoundOverError.
    """
    consultation_id, _writer = _response(collectivity_id, response_id)
    consultation = _entered(actor, Act.RESPONSE_WRITE, collectivity_id, consultation_id)
    row = _held(collectivity_id, response_id)
    if row.state is ResponseState.PUBLISHED:
        raise PublishedError(response_id)
    if row.state is ResponseState.DRAFT:
        return row
    row.state = ResponseState.DRAFT
    row.approved_by = None
    row.approved_at = None
    db.session.flush()
    journal.record(
        actor.person_id,
        "response:reopened",
        _chain(consultation),
        f"response:{row.id}",
        public={"response": row.id},
        private={"person": actor.person_id},
    )
    return row


def publish_all(consultation_id: int, now: datetime) -> int:
    """Make every approved response of a consultation public, together; return how many.

    Called by the transmission, which holds the consultation, has published the revised version, and
    records the number. Drafts stay drafts; a second call finds nothing to publish. An answer that
    claims a change points to the new wording of its project, if there is one.
    """
    rows = db.session.scalars(
        for_update(
            sa.select(Response)
            .where(Response.consultation_id == consultation_id, Response.state == ResponseState.APPROVED)
            .order_by(Response.collectivity_id, Response.id)
        ).execution_options(populate_existing=True)
    ).all()
    changed = _changed_revisions([row for row in rows if row.changed])
    for row in rows:
        row.state = ResponseState.PUBLISHED
        row.published_at = now
        row.revision_id = changed.get(row.id)
    db.session.flush()
    return len(rows)


def _changed_revisions(rows: Sequence[Response]) -> Mapping[int, int]:
    """Return, by response, the newest revision of its project when it is not the one that was discussed."""
    if not rows:
        return {}
    about = db.session.execute(
        sa.select(
            Response.id,
            sa.func.coalesce(
                Response.project_id, Theme.project_id, Comment.project_id, IdeaFate.project_id
            ).label("project_id"),
        )
        .outerjoin(
            Theme,
            (Theme.collectivity_id == Response.collectivity_id) & (Theme.id == Response.theme_id),
        )
        .outerjoin(
            Comment,
            (Comment.collectivity_id == Response.collectivity_id) & (Comment.id == Response.contribution_id),
        )
        .outerjoin(
            IdeaFate,
            (IdeaFate.collectivity_id == Response.collectivity_id)
            & (IdeaFate.contribution_id == Response.contribution_id),
        )
        .where(Response.collectivity_id == rows[0].collectivity_id, Response.id.in_([row.id for row in rows]))
    ).all()
    project_of = {key: project for key, project in about if project is not None}
    here = rows[0].collectivity_id
    newest: dict[int, ProjectRevision] = {}
    for revision in db.session.scalars(
        sa.select(ProjectRevision)
        .where(
            ProjectRevision.collectivity_id == here,
            ProjectRevision.project_id.in_(sorted(set(project_of.values()))),
        )
        .order_by(ProjectRevision.number)
    ):
        newest[revision.project_id] = revision
    read = set(
        db.session.scalars(
            sa.select(VersionProject.revision_id)
            .join(
                Consultation,
                (Consultation.collectivity_id == VersionProject.collectivity_id)
                & (Consultation.version_id == VersionProject.version_id),
            )
            .where(Consultation.collectivity_id == here, Consultation.id == rows[0].consultation_id)
        )
    )
    return {
        key: newest[project].id
        for key, project in project_of.items()
        if project in newest and newest[project].id not in read
    }


__all__ = [
    "ApprovedError",
    "ChangedMeanwhileError",
    "Filled",
    "MergedWithItselfError",
    "NoSuchThingError",
    "NotAnswerableError",
    "PublishedError",
    "ReasonMissingError",
    "RoundOverError",
    "Subject",
    "TargetMissingError",
    "TextMissingError",
    "ThemeInUseError",
    "approve",
    "assess_idea",
    "fill_theme",
    "publish_all",
    "remove_theme",
    "reopen",
    "save_theme",
    "take_out",
    "write_response",
]
