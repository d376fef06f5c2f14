"""Comments on a project."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.contributions import actions, pieces, queries
from participate.contributions.forms import AmendmentForm, CommentForm, WrittenForm
from participate.contributions.views.around import (
    asks_name,
    crumbs_of,
    form_needs,
    outcome_told,
    performed_once,
    voice_chosen,
)
from participate.contributions.views.blueprint import PROJECT, bp, collectivity_of, project_place
from participate.plans.models import ProjectRevision
from participate.rules.outcomes import CommentKind, Section, Stance
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, guard
from participate.web.hooks import hooks
from participate.web.i18n import said


def _section(name: str | None) -> Section:
    try:
        return Section(name or "")
    except ValueError:
        return Section.WHOLE


def section_text(revision: ProjectRevision, section: Section) -> Any:
    """Return the words of a section that an amendment may change, as `said`; None for the budget."""
    if section is Section.BUDGET:
        return None
    if section is Section.MILESTONES:
        titles = [row.get("title") or {} for row in revision.milestones]
        together = {code: "\n".join(t.get(code, "") for t in titles).strip() for code in ("ar", "fr", "en")}
        return said(together)
    return said(
        {
            Section.PROBLEM: revision.problem,
            Section.SOLUTION: revision.solution,
            Section.WHOLE: revision.summary,
        }[section]
    )


def _revision(place: Place) -> ProjectRevision | None:
    """Return the words under consultation; the last published ones when nothing is."""
    version_id = queries.version_under(collectivity_of(place), place.consultation_id)
    return queries.revision_read(
        collectivity_of(place), version_id, place.ids["project"]
    ) or queries.last_revision(collectivity_of(place), place.ids["project"])


def _comment_form(place: Place, revision: ProjectRevision) -> tuple[WrittenForm, Any]:
    """Return the form that is asked for, and the section's words when it proposes others."""
    typed = request.form if request.method == "POST" else request.args
    data = {
        "section": _section(typed.get("section")).value,
        "kind": typed.get("kind") if typed.get("kind") in {k.value for k in CommentKind} else None,
        "stance": typed.get("stance") if typed.get("stance") in {s.value for s in Stance} else None,
    }
    given = {name: value for name, value in data.items() if value}
    draft = hooks.take_draft(request.path) if request.method == "GET" else {}
    merged = {**given, **draft}
    words = section_text(revision, _section(merged.get("section")))
    if merged.get("kind") == CommentKind.AMENDMENT and words is not None and words.text:
        merged.setdefault("amend_to", words.text)
        return AmendmentForm(data=merged, **form_needs(place)), words
    if merged.get("kind") == CommentKind.AMENDMENT:
        merged["kind"] = CommentKind.OPINION.value
    return CommentForm(data=merged, **form_needs(place)), None


def _comment_page(
    place: Place, form: WrittenForm, words: Any, revision: ProjectRevision, status: int = 200
) -> Any:
    number = place.ids["number"]
    section = _section(form.section.data if "section" in form else None)
    address = url_for("contributions.comment_form", slug=place.slug, cycle=place.cycle, number=number)
    return pages.page(
        "contributions/comment_form.html",
        block="form",
        status=status,
        form=form,
        words=words,
        amends=words is not None,
        possible=pieces.possible(place, Act.COMMENT_SUBMIT),
        signed_in=actor().person_id is not None,
        section=section,
        section_label=labels.section(section),
        original=section_text(revision, section),
        kinds=[
            {
                "label": _("Say what you think"),
                "url": f"{address}?section={section.value}",
                "current": words is None,
            },
            {
                "label": _("Propose other words"),
                "url": f"{address}?section={section.value}&kind=amendment",
                "current": words is not None,
            },
        ]
        if section is not Section.BUDGET
        else [],
        title=said(revision.title),
        crumbs=crumbs_of(
            place,
            (
                said(revision.title),
                pages.home_of("project", slug=place.slug, cycle=place.cycle, number=number),
            ),
            (_("Write a comment"), None),
        ),
        back=pages.home_of("project", slug=place.slug, cycle=place.cycle, number=number),
        charter=pages.home_of("charter", slug=place.slug),
        body_chars=queries.BODY_CHARS,
        draft_key=f"comment-{place.ids['project']}-{section.value}",
    )


@bp.get(f"{PROJECT}/comments/new")
@guard(Act.PUBLIC_READ, project_place)
def comment_form(place: Place) -> Any:
    """Show the form of a comment on a section of a project; signed-out readers may fill it in."""
    revision = _revision(place)
    if revision is None:
        raise NotFound
    form, words = _comment_form(place, revision)
    return _comment_page(place, form, words, revision)


@bp.post(f"{PROJECT}/comments/new")
@guard(Act.COMMENT_SUBMIT, project_place)
def comment(place: Place) -> Any:
    """Take a comment on a project."""
    revision = _revision(place)
    if revision is None:
        raise NotFound
    form, words = _comment_form(place, revision)
    if not form.validate_on_submit():
        return _comment_page(place, form, words, revision, status=422)
    if (elsewhere := asks_name(form)) is not None:
        return elsewhere
    if words is not None:
        if form["amend_to"].data == words.text:
            form["amend_to"].errors = [
                _("The wording is the same as before: change it, or write a comment instead.")
            ]
            return _comment_page(place, form, words, revision, status=422)
        kind, amend = CommentKind.AMENDMENT, {"amend_from": words.text, "amend_to": form["amend_to"].data}
    else:
        kind, amend = CommentKind(form["kind"].data or CommentKind.OPINION), {}

    def act() -> tuple[str, str | None]:
        made = actions.submit_comment(
            actor(),
            place,
            voice_chosen(form, place),
            declared=form.has_declared,
            project_id=place.ids["project"],
            section=_section(form["section"].data),
            kind=kind,
            stance=Stance(form["stance"].data or Stance.NONE),
            body=form["body"].data,
            lang=form.lang.data or None,
            **amend,
        )
        return outcome_told(place, made, _("Your comment is published."))

    return performed_once(form, act)
