"""Where a councillor reads the dossier, project by project, notes for themselves and asks the officers."""

from __future__ import annotations

from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.council import actions, queries
from participate.council.forms import ConfirmForm, NoteForm, QuestionForm
from participate.council.views.around import around_page
from participate.council.views.blueprint import desk, here, keys
from participate.db import db
from participate.plans.queries import plan_place
from participate.rules.policy import Act, Place
from participate.synthesis import shapes as s
from participate.synthesis import words as said
from participate.synthesis.queries import Head
from participate.synthesis.views import dossier
from participate.web import i18n, pages
from participate.web.access import actor, allowed, guard, now, own_id
from participate.web.forms import Form, first_reply, keep_reply


@desk.get("/reading/")
@guard(Act.DOSSIER_STUDY, plan_place)
def reading(place: Place) -> Any:
    """Show the projects of the dossier with what I noted and asked."""
    head, found = dossier(place)
    notes = queries.notes_of(own_id(), *keys(place))
    on_the_table = {one.number: one.project_id for one in queries.before_the_council(*keys(place))}
    asked = [one for one in queries.questions_of(*keys(place), reader=own_id()) if one.own]
    return around_page(
        "council/reading.html",
        place,
        head=head,
        reading=found,
        said_words=said,
        noted={
            number for number, key in on_the_table.items() if key in notes and notes[key].removed_at is None
        },
        asked=asked,
        asked_about={one.project_number for one in asked},
    )


def _number() -> int:
    return int((request.view_args or {})["number"])


def _before(place: Place) -> tuple[Head, s.Reading, s.ProjectReading, int]:
    """Return the dossier with its head, the project of the address in it, and the project's key."""
    head, found = dossier(place)
    project = found.project(_number()) if found is not None else None
    listed = {one.number: one.project_id for one in queries.before_the_council(*keys(place))}
    if head is None or found is None or project is None or project.number not in listed:
        raise NotFound
    return head, found, project, listed[project.number]


def _project_page(
    place: Place, status: int = 200, note: NoteForm | None = None, question: QuestionForm | None = None
) -> Any:
    head, found, project, project_id = _before(place)
    mine = queries.notes_of(own_id(), *keys(place)).get(project_id)
    kept = mine is not None and mine.removed_at is None
    undone = mine is not None and mine.removed_at is not None and now() - mine.removed_at < actions.NOTE_UNDO
    questions = [
        one
        for one in queries.questions_of(*keys(place), reader=own_id())
        if one.project_number == project.number and (one.own or one.answer is not None)
    ]
    numbers = [one.number for one in found.projects]
    at = numbers.index(project.number)
    return around_page(
        "council/reading_project.html",
        place,
        status,
        head=head,
        reading=found,
        project=project,
        said_words=said,
        signed=i18n.plain(found.about.collectivity_name),
        note_form=note or NoteForm(data={"body": mine.body if mine is not None and kept else ""}),
        note=mine if kept else None,
        removed=undone,
        question_form=question or QuestionForm(formdata=None),
        confirm=ConfirmForm(formdata=None),
        may_ask=allowed(Act.QUESTION_ASK, place) and head.sealed is not None,
        questions=questions,
        before=numbers[at - 1] if at else None,
        after=numbers[at + 1] if at + 1 < len(numbers) else None,
    )


@desk.get("/reading/<int(max=99999):number>/")
@guard(Act.DOSSIER_STUDY, plan_place)
def reading_project(place: Place) -> Any:
    """Show one project: what people said, what was answered, what changed, my note, my questions."""
    return _project_page(place)


def _done(form: Form, place: Place, said_: str, anchor: str) -> Any:
    location = here("council_desk.reading_project", place, number=_number(), _anchor=anchor)
    keep_reply(form, location)
    db.session.commit()
    flash(said_, "ok")
    return pages.see(location)


@desk.post("/reading/<int(max=99999):number>/note")
@guard(Act.DOSSIER_STUDY, plan_place)
def keep_note(place: Place) -> Any:
    """Keep my note; nobody else reads it."""
    form = NoteForm()
    if not form.validate():
        return _project_page(place, 422, note=form)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    _head, _found, _project, project_id = _before(place)
    actions.save_note(actor(), place, project_id, form.body.data or "")
    return _done(form, place, _("Your note is kept. Only you can read it."), "note")


@desk.post("/reading/<int(max=99999):number>/note/remove")
@guard(Act.DOSSIER_STUDY, plan_place)
def remove_note(place: Place) -> Any:
    """Remove my note; for a day it can be taken back."""
    _head, _found, _project, project_id = _before(place)
    actions.remove_note(actor(), place, project_id)
    return _done(
        ConfirmForm(), place, _("Your note is removed. For one day you can take this back, then it is erased."), "note"
    )  # fmt: skip


@desk.post("/reading/<int(max=99999):number>/note/restore")
@guard(Act.DOSSIER_STUDY, plan_place)
def restore_note(place: Place) -> Any:
    """Take back the removal of my note."""
    _head, _found, _project, project_id = _before(place)
    actions.restore_note(actor(), place, project_id)
    return _done(ConfirmForm(), place, _("Your note is here again."), "note")


@desk.post("/reading/<int(max=99999):number>/questions")
@guard(Act.QUESTION_ASK, plan_place)
def ask(place: Place) -> Any:
    """Ask the officers; the question and its answer become an addendum of the dossier."""
    form = QuestionForm()
    if not form.validate():
        return _project_page(place, 422, question=form)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    _head, _found, _project, project_id = _before(place)
    actions.ask(actor(), place, project_id, form.text.data or "")
    return _done(
        form,
        place,
        _("Your question is sent. The officers are told, and you are told when they answer."),
        "questions",
    )


@desk.post("/reading/<int(max=99999):number>/questions/<int(max=99999):question>/withdraw")
@guard(Act.QUESTION_ASK, plan_place)
def withdraw_question(place: Place) -> Any:
    """Withdraw my question before it is answered."""
    actions.withdraw_question(actor(), place, int((request.view_args or {})["question"]))
    return _done(ConfirmForm(), place, _("Your question is withdrawn."), "questions")
