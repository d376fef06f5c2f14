"""Why each field changes: stated by the officers, shown to everybody, counted by the machine."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from participate.db import db
from participate.plans import actions, queries
from participate.plans.views.around import desk_page
from participate.plans.views.blueprint import bp, desk, here, keys
from participate.plans.views.words import field_labels, field_words, listed, milestone_line
from participate.rules.changes import FROM_CONTRIBUTIONS, PROJECT, CauseCount, ChangeKind, stated_for
from participate.rules.outcomes import ChangeCause
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard
from participate.web.forms import Cleaned, Form, first_reply, keep_reply

REFS_CHARS = 200


def _changing(place: Place) -> list[tuple[queries.WorkingProject, list[tuple[str, list[Any]]]]]:
    """Return the projects that the next version changes, each with its changed fields and their differences."""
    working = {one.number: one for one in queries.working_projects(*keys(place))}
    found = []
    for one in queries.unpublished_differences(*keys(place), milestone_text=milestone_line).projects:
        if one.status is queries.Status.SAME:
            continue
        fields: dict[str, list[Any]] = {}
        for difference in one.fields:
            fields.setdefault(difference.name, []).append(field_words(difference))
        if one.status is not queries.Status.CHANGED:
            fields = {PROJECT: []}
        found.append((working[one.number], list(fields.items())))
    return found


def _form(changing: list[tuple[queries.WorkingProject, list[tuple[str, list[Any]]]]]) -> Form:
    fields: dict[str, Any] = {}
    for project, differing in changing:
        for name, _pieces in differing:
            stated = stated_for(name, project.change_cause, project.change_causes)
            fields[f"cause_{project.number}_{name}"] = SelectField(
                _l("Why these words change"), default=stated.cause.value, validators=[InputRequired()]
            )
            fields[f"refs_{project.number}_{name}"] = StringField(
                _l("References of the contributions behind it"),
                default=" ".join(stated.refs),
                validators=[Cleaned(REFS_CHARS)],
            )
    form: Form = type("CausesForm", (Form,), fields)()
    choices = [(one.value, labels.change_cause(one)) for one in ChangeCause if one is not ChangeCause.COUNCIL]
    for field in form:
        if field.name.startswith("cause_"):
            field.choices = choices
    return form


def _page(place: Place, form: Form, changing: Any, status: int = 200) -> Response:
    return desk_page(
        "plans/causes.html",
        place,
        "causes",
        status,
        form=form,
        changing=changing,
        field_name=lambda name: field_labels().get(name) or _("The project itself"),
    )


@desk.get("/plan/<cycle:cycle>/causes")
@guard(Act.PLAN_EDIT, queries.plan_place)
def causes_form(place: Place) -> Any:
    """Ask, for each change that is not published yet, what caused it."""
    changing = _changing(place)
    return _page(place, _form(changing), changing)


@desk.post("/plan/<cycle:cycle>/causes")
@guard(Act.PLAN_EDIT, queries.plan_place)
def state_causes(place: Place) -> Any:
    """State the causes; they are published with the next version."""
    changing = _changing(place)
    form = _form(changing)
    if not form.validate():
        return _page(place, form, changing, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    rows = [
        actions.CauseRow(
            project.id,
            name,
            ChangeCause(form[f"cause_{project.number}_{name}"].data),
            tuple(re.split(r"[\s,،;]+", form[f"refs_{project.number}_{name}"].data.strip()))
            if form[f"refs_{project.number}_{name}"].data.strip()
            else (),
        )
        for project, listed in changing
        for name, _pieces in listed
    ]
    numbers = {project.id: project.number for project, _listed in changing}
    try:
        actions.state_causes(actor(), place, rows)
    except actions.UnknownReferenceError as error:
        db.session.rollback()
        form[f"refs_{numbers[error.project_id]}_{error.field}"].errors = [
            _("No public contribution of this plan has the reference “%(ref)s”.", ref=error.typed)
        ]
        return _page(place, form, changing, 422)
    except actions.ReferenceMissingError as error:
        db.session.rollback()
        form[f"refs_{numbers[error.project_id]}_{error.field}"].errors = [
            _("Say from which contribution it comes: its reference stands under its text.")
        ]
        return _page(place, form, changing, 422)
    location = here("plans_desk.publish", place)
    keep_reply(form, location)
    db.session.commit()
    flash(_("The causes are kept. They become public with the next version."), "ok")
    return pages.see(location)


# --- for everybody -----------------------------------------------------


def cause_sentence(found: CauseCount) -> str:
    """Say how many changes come from contributions; the figure is counted from the causes, never typed."""
    if not found.total:
        return _("Nothing has changed yet.")
    said = ngettext(
        "%(from)s of %(num)d change comes from contributions.",
        "%(from)s of %(num)d changes come from contributions.",
        found.total,
        **{"from": i18n.number(found.from_contributions)},
    )
    if not found.from_contributions:
        return said
    return f"{said} " + ngettext(
        "%(num)d of them names the contribution.",
        "%(num)d of them name the contribution.",
        found.named,
    )


def shown(one: queries.CausedChange, place: Place) -> dict[str, Any]:
    """Return a change as the page shows it: what, in which version, why, because of which texts."""
    return {
        "label": {ChangeKind.ADDED: _("new project"), ChangeKind.REMOVED: _("left out")}.get(one.kind)
        or field_labels()[one.field or "title"],
        "kind": one.kind.value,
        "version": _(
            "Version %(number)s (%(kind)s)", number=one.version, kind=labels.version_kind(one.version_kind)
        ),
        "cause": labels.change_cause(one.stated.cause),
        "people": one.stated.cause in FROM_CONTRIBUTIONS,
        "refs": [
            {"ref": ref, "url": pages.home_of("contribution", slug=place.slug, ref=ref)}
            for ref in one.stated.refs
        ],
        "note": one.note,
        "fields": [field_words(field) for field in one.fields],
    }


def together(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say a cause once for all fields that changed in one version because of it."""
    groups: list[dict[str, Any]] = []
    for one in changes:
        why = (one["version"], one["cause"], one["refs"], one["note"])
        difference = [(one["label"], one["fields"])] if one["fields"] else []
        last = groups[-1] if groups else None
        if last is not None and last["why"] == why:
            last["labels"].append(one["label"])
            last["differences"] += difference
        else:
            groups.append({**one, "why": why, "labels": [one["label"]], "differences": difference})
    return [{**group, "label": listed(group["labels"])} for group in groups]


@bp.get("/changes/causes/")
@guard(Act.PUBLIC_READ, queries.plan_place)
def causes(place: Place) -> Any:
    """Show every change of the plan from its first version on, with what caused it."""
    found = queries.caused_changes(*keys(place), milestone_text=milestone_line)
    titles = {one.number: one.title for one in found.changes}
    return pages.page(
        "plans/all_causes.html",
        place=place,
        plan=queries.plan_head(*keys(place)),
        sentence=cause_sentence(found.count),
        by_cause=[(labels.change_cause(cause), number, None) for cause, number in found.count.by_cause],
        projects=[
            (number, titles[number], together([shown(one, place) for one in found.of(number)]))
            for number in found.numbers
        ],
    )
