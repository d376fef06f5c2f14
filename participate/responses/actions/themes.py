"""Themes: their words, their members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from participate.consultations.models import Consultation
from participate.contributions.models import Comment, Contribution
from participate.db import Words, add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.responses.actions.ideas import require_project
from participate.responses.actions.refusals import (
    ChangedMeanwhileError,
    NoSuchThingError,
    TextMissingError,
    ThemeInUseError,
)
from participate.responses.actions.standing import chain_of, entered, require_act, said_or_none
from participate.responses.models import Theme, ThemeMember
from participate.rules.outcomes import READABLE_STATES
from participate.rules.policy import Act, Actor


@dataclass(frozen=True)
class Filled:
    """What `fill_theme` or `take_out` changed: references of the contributions."""

    theme_id: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: int = 0
    """Contributions that were left because they are not owed an answer any more."""


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
    require_act(actor, Act.THEME_EDIT, row)
    said = said_or_none(title)
    if said is None or not {"ar", "fr"} & said.keys():
        raise TextMissingError
    require_project(row, project_id)
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
        theme = theme_row(collectivity_id, theme_id)
        if theme.consultation_id != consultation_id:
            raise NoSuchThingError("theme", theme_id)
        if row_version is not None and row_version != theme.row_version:
            raise ChangedMeanwhileError(theme_id)
        theme.title = said
        theme.project_id = project_id
        db.session.flush()
    journal.record(
        actor.person_id, "theme:saved", chain_of(row), f"theme:{theme.id}", public={"theme": theme.ref}
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


def theme_row(collectivity_id: int, theme_id: int) -> Theme:
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
    consultation = entered(
        actor, Act.THEME_EDIT, collectivity_id, _consultation_of_theme(collectivity_id, theme_id)
    )
    theme = theme_row(collectivity_id, theme_id)
    wanted = sorted(set(contribution_ids))
    fitting = answerable(consultation, wanted)
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
    consultation = entered(
        actor, Act.THEME_EDIT, collectivity_id, _consultation_of_theme(collectivity_id, theme_id)
    )
    theme = theme_row(collectivity_id, theme_id)
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
        chain_of(consultation),
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


def answerable(consultation: Consultation, ids: Sequence[int]) -> dict[int, str]:
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
    consultation = entered(
        actor, Act.THEME_EDIT, collectivity_id, _consultation_of_theme(collectivity_id, theme_id)
    )
    theme = theme_row(collectivity_id, theme_id)
    try:
        with db.session.begin_nested():
            db.session.delete(theme)
            db.session.flush()
    except IntegrityError:
        raise ThemeInUseError(theme_id) from None
    journal.record(
        actor.person_id,
        "theme:removed",
        chain_of(consultation),
        f"theme:{theme_id}",
        public={"theme": theme.ref},
    )
