"""What a councillor reads beside the dossier: their own notes, the questions, the addenda."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from participate.council.models import CouncillorNote, CouncilQuestion, DossierAddendum
from participate.db import Words, db
from participate.plans.models import Project


@dataclass(frozen=True)
class NoteView:
    """One's own note on a project; `removed_at` while its removal can still be taken back."""

    project_id: int
    body: str
    updated_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True)
class Addendum:
    """A question and its answer, as they stand beside the sealed dossier."""

    number: int
    project_number: int
    project_title: Words
    question: str
    question_lang: str
    asked_at: datetime
    answer: str
    answer_lang: str
    answered_at: datetime


@dataclass(frozen=True)
class QuestionView:
    """A question to the officers. Who asked is known to `own` alone; `answer` None while it waits."""

    number: int
    project_number: int
    project_title: Words
    text: str
    lang: str
    asked_at: datetime
    own: bool
    addendum: int | None
    answer: str | None
    answer_lang: str | None
    answered_at: datetime | None


def notes_of(person_id: int, collectivity_id: int, plan_id: int) -> Mapping[int, NoteView]:
    """Return a person's own notes on a plan by project: the only way in which notes are read. One statement."""
    rows = db.session.scalars(
        sa.select(CouncillorNote)
        .join(
            Project,
            (Project.collectivity_id == CouncillorNote.collectivity_id)
            & (Project.id == CouncillorNote.project_id),
        )
        .where(
            CouncillorNote.collectivity_id == collectivity_id,
            CouncillorNote.person_id == person_id,
            Project.plan_id == plan_id,
        )
        .execution_options(populate_existing=True)
    )
    return {
        row.project_id: NoteView(row.project_id, row.body, row.updated_at, row.removed_at) for row in rows
    }


def questions_of(
    collectivity_id: int, plan_id: int, *, reader: int | None = None, consultation_id: int | None = None
) -> Sequence[QuestionView]:
    """Return the questions about a plan, first to last, without the withdrawn ones. One statement."""
    asked = [
        CouncilQuestion.collectivity_id == collectivity_id,
        CouncilQuestion.plan_id == plan_id,
        CouncilQuestion.withdrawn_at.is_(None),
    ]
    if consultation_id is not None:
        asked.append(CouncilQuestion.consultation_id == consultation_id)
    rows = db.session.execute(
        sa.select(CouncilQuestion, Project.number, Project.title, DossierAddendum)
        .join(
            Project,
            (Project.collectivity_id == CouncilQuestion.collectivity_id)
            & (Project.id == CouncilQuestion.project_id),
        )
        .outerjoin(
            DossierAddendum,
            (DossierAddendum.collectivity_id == CouncilQuestion.collectivity_id)
            & (DossierAddendum.question_id == CouncilQuestion.id),
        )
        .where(*asked)
        .order_by(CouncilQuestion.number)
        .execution_options(populate_existing=True)
    )
    return [
        QuestionView(
            row.number,
            project,
            title,
            row.text,
            row.lang,
            row.asked_at,
            reader is not None and row.asked_by == reader,
            added.number if added is not None else None,
            added.answer if added is not None else None,
            added.answer_lang if added is not None else None,
            added.answered_at if added is not None else None,
        )
        for row, project, title, added in rows
    ]


def addenda_of(collectivity_id: int, consultation_id: int) -> Sequence[Addendum]:
    """Return what was attached to a sealed dossier, in order. One statement."""
    rows = db.session.execute(
        sa.select(DossierAddendum, Project.number, Project.title)
        .join(
            Project,
            (Project.collectivity_id == DossierAddendum.collectivity_id)
            & (Project.id == DossierAddendum.project_id),
        )
        .where(
            DossierAddendum.collectivity_id == collectivity_id,
            DossierAddendum.consultation_id == consultation_id,
        )
        .order_by(DossierAddendum.number)
    )
    return [
        Addendum(
            row.number,
            project,
            title,
            row.question,
            row.question_lang,
            row.asked_at,
            row.answer,
            row.answer_lang,
            row.answered_at,
        )
        for row, project, title in rows
    ]
