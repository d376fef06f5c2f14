"""What authors say of the revised text: for those who decide, and, once nothing moves any more, for everybody.

While answers can change only those who prepare and decide read the counts: two readings of a moving table a day
apart would tell what one author said (decision 032).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Comment, Contribution
from participate.db import db
from participate.plans.models import ActionPlan, Project
from participate.responses.models import IdeaFate, Judgement, Response, ThemeMember
from participate.responses.queries.conditions import READABLE, same_collectivity
from participate.responses.queries.published import response_for
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import ConsultationState, ParticipantKind, ResponseState, Satisfied
from participate.rules.tallies import CountCell, safe_counts

UNSAID = "unsaid"
CELLS = (*Satisfied, UNSAID)


@dataclass(frozen=True)
class Note:
    """The sentence of an author, under the reference of their text."""

    ref: str
    satisfied: Satisfied
    text: str
    lang: str
    at: datetime


@dataclass(frozen=True)
class Judged:
    """What the answered authors of a project say; `number` None: of the plan as a whole. Of authors, not texts.

    A count is None where the rule of small cells hides it.
    """

    number: int | None
    authors: int
    yes: int | None
    partly: int | None
    no: int | None
    unsaid: int | None
    notes: tuple[Note, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether any count may be read."""
        return any(one is not None for one in (self.yes, self.partly, self.no, self.unsaid))


def judgement_of(collectivity_id: int, contribution_ids: Sequence[int]) -> dict[int, Judgement]:
    """Return what the authors of these texts said, by text."""
    if not contribution_ids:
        return {}
    rows = db.session.scalars(
        sa.select(Judgement)
        .where(
            Judgement.collectivity_id == collectivity_id,
            Judgement.contribution_id.in_(contribution_ids),
        )
        .execution_options(populate_existing=True)
    )
    return {row.contribution_id: row for row in rows}


def may_be_judged(collectivity_id: int, contribution_id: int) -> bool:
    """Whether a text has its published answer, and its plan awaits the session."""
    one = [contribution_id]
    return bool(before_their_session(collectivity_id, one) and response_for(collectivity_id, one))


def before_their_session(collectivity_id: int, contribution_ids: Sequence[int]) -> set[int]:
    """Return which of these answered texts their authors may still judge. One statement."""
    if not contribution_ids:
        return set()
    return set(
        db.session.scalars(
            sa.select(Contribution.id)
            .join(
                Consultation,
                same_collectivity(Consultation, Contribution)
                & (Consultation.id == Contribution.consultation_id),
            )
            .join(
                ActionPlan,
                same_collectivity(ActionPlan, Consultation) & (ActionPlan.id == Consultation.plan_id),
            )
            .where(
                Contribution.collectivity_id == collectivity_id,
                Contribution.id.in_(contribution_ids),
                Contribution.state.in_(READABLE),
                Consultation.state != ConsultationState.ARCHIVED,
                ActionPlan.stage == Stage.COUNCIL,
            )
        )
    )


def judged(collectivity_id: int, *consultation_ids: int) -> tuple[Judged, ...]:
    """Return the exact counts and the sentences, for those who prepare and decide. One statement."""
    authors: dict[int | None, dict[int, set[Satisfied]]] = defaultdict(lambda: defaultdict(set))
    notes: dict[int | None, list[Note]] = defaultdict(list)
    for row in db.session.execute(_answered(collectivity_id, consultation_ids)):
        said = authors[row.number][row.participant_id]
        if row.satisfied is not None:
            said.add(row.satisfied)
            if row.note:
                notes[row.number].append(Note(row.ref, row.satisfied, row.note, row.lang, row.at))
    return tuple(
        _counted(number, authors[number].values(), tuple(notes[number]))
        for number in sorted(authors, key=lambda one: (one is None, one or 0))
    )


def judged_publicly(collectivity_id: int, *consultation_ids: int) -> tuple[Judged, ...]:
    """Return the counts that everybody may read once answers no longer change: small cells hidden, no sentence."""
    return tuple(_safe(one) for one in judged(collectivity_id, *consultation_ids))


def _answered(collectivity_id: int, consultation_ids: Sequence[int]) -> Any:
    """Return the statement of answered texts, whatever became of them since: a later withdrawal moves no count."""
    published = (
        sa.select(Response.contribution_id.label("id"))
        .where(
            Response.collectivity_id == collectivity_id,
            Response.state == ResponseState.PUBLISHED,
            Response.contribution_id.is_not(None),
        )
        .union(
            sa.select(ThemeMember.contribution_id)
            .join(
                Response,
                same_collectivity(Response, ThemeMember) & (Response.theme_id == ThemeMember.theme_id),
            )
            .where(ThemeMember.collectivity_id == collectivity_id, Response.state == ResponseState.PUBLISHED)
        )
        .subquery()
    )
    return (
        sa.select(
            Contribution.ref,
            Contribution.participant_id,
            Project.number,
            Judgement.satisfied,
            Judgement.note,
            Judgement.lang,
            Judgement.at,
        )
        .join(published, published.c.id == Contribution.id)
        .join(
            Participant,
            same_collectivity(Participant, Contribution) & (Participant.id == Contribution.participant_id),
        )
        .join(
            Consultation,
            same_collectivity(Consultation, Contribution) & (Consultation.id == Contribution.consultation_id),
        )
        .outerjoin(Comment, same_collectivity(Comment, Contribution) & (Comment.id == Contribution.id))
        .outerjoin(
            IdeaFate,
            same_collectivity(IdeaFate, Contribution) & (IdeaFate.contribution_id == Contribution.id),
        )
        .outerjoin(
            Project,
            same_collectivity(Project, Contribution)
            & (Project.id == sa.func.coalesce(Comment.project_id, IdeaFate.project_id)),
        )
        .outerjoin(
            Judgement,
            same_collectivity(Judgement, Contribution)
            & (Judgement.contribution_id == Contribution.id)
            & (Judgement.participant_id == Contribution.participant_id),
        )
        .where(
            Contribution.collectivity_id == collectivity_id,
            Contribution.consultation_id.in_(consultation_ids),
            Participant.kind.in_((ParticipantKind.CITIZEN, ParticipantKind.ASSOCIATION)),
        )
        .order_by(Contribution.submitted_at, Contribution.id)
    )


def _counted(number: int | None, said: Iterable[set[Satisfied]], notes: tuple[Note, ...]) -> Judged:
    """Count each author once; one whose texts got different answers is partly satisfied."""
    cells: Counter[str] = Counter(
        UNSAID if not one else next(iter(one)) if len(one) == 1 else Satisfied.PARTLY for one in said
    )
    return _row(number, cells.total(), [cells[cell] for cell in CELLS], notes)


def _row(
    number: int | None, authors: int, counts: Sequence[int | None], notes: tuple[Note, ...] = ()
) -> Judged:
    yes, partly, no, unsaid = counts
    return Judged(number, authors, yes, partly, no, unsaid, notes)


def _safe(one: Judged) -> Judged:
    counts = (one.yes, one.partly, one.no, one.unsaid)
    table = safe_counts([CountCell(str(cell), count or 0) for cell, count in zip(CELLS, counts, strict=True)])
    return _row(one.number, one.authors, [cell.people for cell in table.cells])
