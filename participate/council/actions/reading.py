"""A councillor reads: notes for oneself, questions to the officers, and the answers that join the dossier.

A note is nobody's business but its author's, so it is in no journal; a question and its answer are.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from participate.council.actions.standing import before_the_council, keys
from participate.council.models import CouncillorNote, CouncilQuestion, DossierAddendum
from participate.db import add, clock, db, for_update, new_id
from participate.journal import actions as journal
from participate.journal.encoding import canonical, sha256
from participate.plans.models import ActionPlan, Project
from participate.rules.policy import Act, Actor, Place, require
from participate.rules.text import guess_lang, is_blank
from participate.synthesis import queries as synthesis

NOTE_UNDO = timedelta(days=1)
"""For so long a removed note can be taken back; then the worker erases it."""


class NothingWrittenError(Exception):
    """A note, a question or an answer without words."""


class NoSuchProjectError(Exception):
    """No project of this plan has this key."""


class NoSuchNoteError(Exception):
    """The councillor has no note here that can be removed or taken back."""


class NotSealedError(Exception):
    """Questions are about a sealed dossier, and this plan has none."""


class NoSuchQuestionError(Exception):
    """No question has this number, or it is not the councillor's own, or it was withdrawn."""


class AnsweredError(Exception):
    """The answer is attached to the sealed dossier: neither can change any more."""


def _me(actor: Actor) -> int:
    assert actor.person_id is not None, "the policy asks for a councillor"
    return actor.person_id


def _project(place: Place, project_id: int) -> Project:
    here, plan_id = keys(place)
    found = db.session.get(Project, (here, project_id))
    if found is None or found.plan_id != plan_id:
        raise NoSuchProjectError(project_id)
    return found


def _note(place: Place, person_id: int, project_id: int) -> CouncillorNote | None:
    here, _plan = keys(place)
    return db.session.scalar(
        for_update(
            sa.select(CouncillorNote).where(
                CouncillorNote.collectivity_id == here,
                CouncillorNote.project_id == project_id,
                CouncillorNote.person_id == person_id,
            )
        ).execution_options(populate_existing=True)
    )


def save_note(actor: Actor, place: Place, project_id: int, body: str) -> CouncillorNote:
    """Keep what a councillor notes about a project, in the place of what they had noted.

    Raises NothingWrittenError (a note is removed, not emptied), NoSuchProjectError.
    """
    require(actor, Act.DOSSIER_STUDY, place)
    if is_blank(body):
        raise NothingWrittenError
    project, me = _project(place, project_id), _me(actor)
    row = _note(place, me, project_id)
    if row is None:
        row = add(
            CouncillorNote(
                collectivity_id=project.collectivity_id,
                id=new_id(),
                project_id=project.id,
                person_id=me,
                body=body,
                updated_at=clock(),
            )
        )
    row.body, row.updated_at, row.removed_at = body, clock(), None
    db.session.flush()
    return row


def remove_note(actor: Actor, place: Place, project_id: int) -> CouncillorNote:
    """Remove one's own note; it can be taken back for a day. Raises NoSuchNoteError."""
    require(actor, Act.DOSSIER_STUDY, place)
    row = _note(place, _me(actor), project_id)
    if row is None or row.removed_at is not None:
        raise NoSuchNoteError
    row.removed_at = clock()
    db.session.flush()
    return row


def restore_note(actor: Actor, place: Place, project_id: int) -> CouncillorNote:
    """Take back the removal of one's own note. Raises NoSuchNoteError, also when its day is over."""
    require(actor, Act.DOSSIER_STUDY, place)
    row = _note(place, _me(actor), project_id)
    if row is None or row.removed_at is None or clock() - row.removed_at >= NOTE_UNDO:
        raise NoSuchNoteError
    row.removed_at = None
    db.session.flush()
    return row


def purge_notes(now: datetime) -> int:
    """Erase the notes whose removal can no longer be taken back; return how many."""
    result = db.session.execute(sa.delete(CouncillorNote).where(CouncillorNote.removed_at <= now - NOTE_UNDO))
    return int(result.rowcount)  # type: ignore[attr-defined]


def erase_notes(actor: Actor) -> int:
    """Erase every note of somebody who closes their account; return how many."""
    require(actor, Act.ACCOUNT_USE, Place())
    result = db.session.execute(sa.delete(CouncillorNote).where(CouncillorNote.person_id == actor.person_id))
    return int(result.rowcount)  # type: ignore[attr-defined]


# --- questions and answers ---------------------------------------------------------------------------------


def ask(actor: Actor, place: Place, project_id: int, text: str) -> CouncilQuestion:
    """Ask the officers about a project of the sealed dossier.

    Raises NothingWrittenError, NoSuchProjectError, NotSealedError.
    """
    require(actor, Act.QUESTION_ASK, place)
    plan = before_the_council(place, Act.QUESTION_ASK)
    if is_blank(text):
        raise NothingWrittenError
    project = _project(place, project_id)
    head = synthesis.head(plan.collectivity_id, plan.id)
    if head is None or head.sealed is None:
        raise NotSealedError
    last = db.session.scalar(
        sa.select(sa.func.max(CouncilQuestion.number)).where(
            CouncilQuestion.collectivity_id == plan.collectivity_id, CouncilQuestion.plan_id == plan.id
        )
    )
    row = add(
        CouncilQuestion(
            collectivity_id=plan.collectivity_id,
            id=new_id(),
            plan_id=plan.id,
            project_id=project.id,
            consultation_id=head.id,
            number=(last or 0) + 1,
            text=text,
            lang=guess_lang(text),
            asked_by=_me(actor),
            asked_at=clock(),
        )
    )
    journal.record(
        actor.person_id,
        "question:asked",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"question:{row.id}",
        public={"number": row.number, "project": project.number},
        private={"person": actor.person_id, "text_sha256": sha256(text)},
    )
    return row


def withdraw_question(actor: Actor, place: Place, number: int) -> CouncilQuestion:
    """Withdraw one's own question before it is answered. Raises NoSuchQuestionError, AnsweredError."""
    require(actor, Act.QUESTION_ASK, place)
    plan = before_the_council(place, Act.QUESTION_ASK)
    row = _open_question(plan, number)
    if row.asked_by != _me(actor):
        raise NoSuchQuestionError(number)
    row.withdrawn_at = clock()
    db.session.flush()
    journal.record(
        actor.person_id,
        "question:withdrawn",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"question:{row.id}",
        public={"number": row.number},
        private={"person": actor.person_id},
    )
    return row


def _open_question(plan: ActionPlan, number: int) -> CouncilQuestion:
    row = db.session.scalar(
        for_update(
            sa.select(CouncilQuestion).where(
                CouncilQuestion.collectivity_id == plan.collectivity_id,
                CouncilQuestion.plan_id == plan.id,
                CouncilQuestion.number == number,
            )
        ).execution_options(populate_existing=True)
    )
    if row is None or row.withdrawn_at is not None:
        raise NoSuchQuestionError(number)
    answered = db.session.scalar(
        sa.select(DossierAddendum.id).where(
            DossierAddendum.collectivity_id == row.collectivity_id, DossierAddendum.question_id == row.id
        )
    )
    if answered is not None:
        raise AnsweredError(number)
    return row


def answer(actor: Actor, place: Place, number: int, text: str) -> DossierAddendum:
    """Answer a councillor's question; both are attached to the sealed dossier, dated, and never change.

    The sealed snapshot stays as it is. Raises NothingWrittenError, NoSuchQuestionError, AnsweredError.
    """
    require(actor, Act.QUESTION_ANSWER, place)
    plan = before_the_council(place, Act.QUESTION_ANSWER)
    if is_blank(text):
        raise NothingWrittenError
    question = _open_question(plan, number)
    project = _project(place, question.project_id)
    last = db.session.scalar(
        sa.select(sa.func.max(DossierAddendum.number)).where(
            DossierAddendum.collectivity_id == plan.collectivity_id,
            DossierAddendum.consultation_id == question.consultation_id,
        )
    )
    assert actor.person_id is not None, "the policy asks for an officer"
    row = add(
        DossierAddendum(
            collectivity_id=plan.collectivity_id,
            id=new_id(),
            consultation_id=question.consultation_id,
            question_id=question.id,
            project_id=project.id,
            number=(last or 0) + 1,
            question=question.text,
            question_lang=question.lang,
            asked_at=question.asked_at,
            answer=text,
            answer_lang=guess_lang(text),
            answered_by=actor.person_id,
            answered_at=clock(),
        )
    )
    journal.record(
        actor.person_id,
        "addendum:attached",
        journal.of_plan(plan.collectivity_id, plan.id),
        f"addendum:{row.id}",
        public={
            "number": row.number,
            "question": question.number,
            "project": project.number,
            "sha256": addendum_hash(row),
        },
        private={"person": actor.person_id},
    )
    return row


def addendum_hash(row: DossierAddendum) -> str:
    """Return the SHA-256 of an addendum's words, which the journal keeps."""
    return sha256(canonical({"question": row.question, "answer": row.answer, "asked_at": row.asked_at}))
