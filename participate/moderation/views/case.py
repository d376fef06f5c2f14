"""One case: the text, its history, the letter its author would get."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _

from participate.moderation import actions, forms, notices, queries
from participate.moderation.queries import View
from participate.moderation.reasons import BY_CODE
from participate.moderation.views.blueprint import DESK, KEYS, bp, case_place, collectivity_of
from participate.moderation.views.desk import address, case_keys, desk_around
from participate.moderation.views.shown import (
    SETTLED,
    author_name,
    history_row,
    marked,
    queue_row,
    subject_line,
    title_of,
    why_looked_at,
)
from participate.rules.moderation import (
    Decision,
    ReasonCode,
    SignalKind,
    notice_due,
    rewriting_deadline,
    screen,
)
from participate.rules.outcomes import READABLE_STATES, ContributionKind
from participate.rules.policy import Act, Place
from participate.rules.windows import appeal_deadline
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard, now


@bp.get(f"{DESK}/<ref:ref>")
@guard(Act.CASE_READ, case_place)
def case(place: Place) -> Response:
    """Show one text with everything a moderator may know, and the form of the decision."""
    return case_page(place, forms.DecisionForm(formdata=None), forms.view_of(request.args.get("view")))


def case_page(place: Place, form: forms.DecisionForm, view: View, status: int = 200) -> Response:
    """Render one case with its form, as it was opened or as it was refused."""
    found = queries.case(actor(), collectivity_of(place), place.ids["contribution"]) or abort(404)
    pages.needs_csrf()
    numbers = queries.counts(collectivity_of(place), now())
    listing = queries.queue(actor(), collectivity_of(place), view, now())
    _fill(form, found, place, view)
    # The text being read stands first, whole, beside its decision; the rest of the queue follows.
    rows = [
        queue_row(found.row, place, view, current=True),
        *(queue_row(one, place, view) for one in listing.rows if one.id != found.row.id),
    ]
    return pages.page(
        "moderation/case.html",
        status=status,
        title=title_of(view, numbers),
        rows=rows,
        case=found,
        view=view.value,
        text=marked(found.row.body, found.row.lang),
        author=author_name(found.row.author),
        author_kind=found.row.author_kind.value,
        author_level=labels.level(found.author_level),
        about=subject_line(found.row.subject),
        why=why_looked_at(found.row),
        choices=_choices(form, found),
        masks=[form._fields[f"masked_{one.name}"] for one in found.fields],
        history=[history_row(one) for one in found.history],
        reports=[
            {
                "reason": i18n.plain(BY_CODE[one.reason].label),
                "note": one.note,
                "lang": one.lang,
                "at": one.at,
            }
            for one in found.reports
        ],
        removal=_removal(found, place),
        closed=_closed_words(found),
        form=form,
        letter=_letter(found, form),
        back_url=address(place, "queue", view=view.value),
        letter_url=address(place, "letter", ref=found.row.ref),
        suspend_url=address(place, "suspend", ref=found.row.ref),
        **desk_around(place, numbers, view.value, keys=case_keys()),
    )


def _fill(form: forms.DecisionForm, found: queries.Case, place: Place, view: View) -> None:
    if form.row_version.data is None:
        form.row_version.data = found.row.row_version
    form.view.data = view.value
    form.target.choices = [("", _("Choose a place")), *_targets(found, place)]
    for one in found.fields:
        field = form._fields[f"masked_{one.name}"]
        if not field.data:
            field.data = one.redacted or suggested_mask(one.text)


def suggested_mask(text: str) -> str:
    """Return a text with what looks like personal data already replaced by […], for the moderator to check."""
    shown, at = [], 0
    for one in sorted(screen(text, SETTLED), key=lambda signal: signal.start):
        if one.kind is SignalKind.PERSONAL_DATA and one.start >= at and one.end:
            shown += [text[at : one.start], actions.MARK]
            at = one.end
    return "".join([*shown, text[at:]])


def _targets(found: queries.Case, place: Place) -> list[tuple[str, str]]:
    if found.row.subject.kind is ContributionKind.IDEA:
        return [
            (f"axis:{axis_id}", i18n.plain(title))
            for axis_id, title in queries.axes(collectivity_of(place), found.consultation_id)
        ]
    return forms.section_targets(queries.targets(collectivity_of(place), found.consultation_id))


def _choices(form: forms.DecisionForm, found: queries.Case) -> list[dict[str, Any]]:
    public = found.row.state in READABLE_STATES
    return [
        {
            "value": one.value,
            "label": _("Keep it as it is")
            if one is Decision.PUBLISH and public
            else forms.decision_label(one),
            "key": KEYS[one],
            "checked": form.decision.data == one.value,
        }
        for one in Decision
        if one is not Decision.SUSPEND
    ]


def _removal(found: queries.Case, place: Place) -> dict[str, Any] | None:
    asked = found.removal
    if asked is None:
        return None
    return {
        "mine": asked.asked_by == actor().person_id,
        "reason": notices.reason_line(asked.reason),
        "facts": asked.facts,
        "lang": asked.lang,
        "article": asked.article,
        "at": asked.asked_at,
        "url": address(place, "removal", ref=found.row.ref),
    }


def _closed_words(found: queries.Case) -> str | None:
    """Return why nothing can be decided here, if so."""
    if found.row.own:
        return _("You cannot decide on your own text, or on your association's.")
    if found.has_open_appeal:
        return _("The author has appealed. A colleague who did not decide first must answer the appeal.")
    if found.row.state not in actions.DECIDABLE:
        return _("This text was withdrawn, joined to another or removed: there is nothing left to decide.")
    if found.removal is not None:
        return _("Its removal was asked for: that must be answered first.")
    return None


def _letter(found: queries.Case, form: forms.DecisionForm) -> dict[str, Any] | None:
    """Return the letter the author would get for what is chosen so far."""
    try:
        decision = Decision(form.decision.data)
    except ValueError:
        return None
    at = now()
    told = notices.Told(
        found.row.ref,
        decision,
        ReasonCode(form.reason.data) if form.reason.data in set(ReasonCode) else None,
        (form.facts.data or "")[:500],
        (form.article.data or "")[:200],
        rewrite_until=rewriting_deadline(at) if decision is Decision.RETURN else None,
        appeal_until=appeal_deadline(notice_due(at)) if decision is not Decision.PUBLISH else None,
    )
    if decision is not Decision.PUBLISH and told.reason is None:
        return None
    made = notices.notice(told)
    return {"subject": made.subject, "text": made.text, "lang": None}


@bp.get(f"{DESK}/<ref:ref>/letter")
@guard(Act.CASE_READ, case_place)
def letter(place: Place) -> Response:
    """Show the letter the author would get, while the moderator chooses."""
    form = forms.DecisionForm(formdata=request.args, meta={"csrf": False})
    return _case_page_block(place, form)


def _case_page_block(place: Place, form: forms.DecisionForm) -> Response:
    if not pages.wants_block():
        return pages.see(address(place, "case", ref=request.view_args["ref"] if request.view_args else ""))
    found = queries.case(actor(), collectivity_of(place), place.ids["contribution"]) or abort(404)
    return pages.page("moderation/letter.html", letter=_letter(found, form))
