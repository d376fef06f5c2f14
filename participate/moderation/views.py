"""The moderators' desk, the author's appeal, the citizen's report, the public log and the charter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from participate.contributions import queries as contributions
from participate.db import clock, db
from participate.moderation import actions, forms, notices, queries
from participate.moderation.queries import View
from participate.moderation.reasons import ARTICLES, BY_CODE, REASONS
from participate.rules.moderation import (
    AppealFacts,
    AppealOutcome,
    AppealRefusal,
    AuthorFacts,
    Authorship,
    Decision,
    DecisionRefusal,
    DecisionRefusedError,
    Hand,
    ReasonCode,
    SignalKind,
    appeal_refusals,
    may_undo,
    notice_due,
    rewriting_deadline,
    screen,
)
from participate.rules.outcomes import (
    READABLE_STATES,
    CommentKind,
    ContributionKind,
    PublishState,
    Section,
)
from participate.rules.policy import Act, Actor, Place, Role
from participate.rules.text import guess_lang
from participate.rules.windows import appeal_deadline
from participate.web import errors, i18n, labels, pages
from participate.web.access import actor, guard, now
from participate.web.errors import Trouble
from participate.web.forms import first_reply, keep_reply, restored

bp = Blueprint("moderation", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)
DESK = "/desk/<slug:slug>/moderation"
KEYS = {
    Decision.PUBLISH: "p",
    Decision.PUBLISH_REDACTED: "r",
    Decision.RETURN: "e",
    Decision.MOVE: "m",
    Decision.MERGE: "g",
    Decision.HIDE: "h",
    Decision.REMOVE: "x",
}
SETTLED = AuthorFacts(account_age=timedelta(days=365))


# --- places ---------------------------------------------------------------------------------------------


def space(slug: str, **_values: Any) -> Place:
    """Return the place of a collectivity's desk."""
    return queries.space(slug) or abort(404)


def case_place(slug: str, ref: str) -> Place:
    """Return the place of a contribution."""
    return queries.contribution_place(slug, ref) or abort(404)


def appeal_place(slug: str, ref: str) -> Place:
    """Return the place of an appeal, by its decision's reference."""
    return queries.appeal_place(slug, ref) or abort(404)


def decision_place(slug: str, ref: str) -> Place:
    """Return the place of a decision."""
    return queries.decision_place(slug, ref) or abort(404)


def _id(place: Place) -> int:
    """Return the collectivity of a place that has one."""
    assert place.collectivity_id is not None
    return place.collectivity_id


# --- the queue --------------------------------------------------------------------------------------------


@bp.get(f"{DESK}/")
@guard(Act.CASE_READ, space)
def queue(place: Place) -> Response:
    """Show what waits for a decision, oldest risk first."""
    return _queue_page(place, forms.BulkForm(formdata=None), forms.view_of(request.args.get("view")))


def _queue_page(
    place: Place,
    form: forms.BulkForm,
    view: View,
    status: int = 200,
    picked: Collection[tuple[int, int]] = (),
) -> Response:
    pages.needs_csrf()
    form.view.data = view.value
    listing = queries.queue(actor(), _id(place), view, now(), request.args.get("after"))
    numbers = queries.counts(_id(place), now())
    return pages.page(
        "moderation/queue.html",
        status=status,
        title=_title(view, numbers),
        rows=[_row(one, place, view, pick=True, picked=picked) for one in listing.rows],
        next_url=_url(place, "queue", view=view.value, after=listing.next_cursor)
        if listing.next_cursor
        else None,
        form=form,
        choices=[
            {
                "value": one.value,
                "label": forms.decision_label(one),
                "key": KEYS[one],
                "checked": form.decision.data == one.value,
            }
            for one in forms.IN_BULK
        ],
        bulk_url=_url(place, "bulk"),
        **_desk(place, numbers, view.value, keys=_queue_keys()),
    )


def _title(view: View, numbers: queries.Counts) -> str:
    if view is View.FLAGGED:
        return ngettext("%(num)d flagged text", "%(num)d flagged texts", numbers.flagged)
    if view is View.LATE:
        return ngettext("%(num)d late text", "%(num)d late texts", numbers.late)
    return ngettext(
        "%(num)d contribution waits for a decision",
        "%(num)d contributions wait for a decision",
        numbers.waiting,
    )


def _url(place: Place, name: str, **values: Any) -> str:
    return url_for(
        f"moderation.{name}", slug=place.slug, **{k: v for k, v in values.items() if v is not None}
    )


def _list_keys() -> list[tuple[str, str]]:
    """Return the keys that move along a list."""
    return [("J", _("next")), ("K", _("previous"))]


def _queue_keys() -> list[tuple[str, str]]:
    """Return the keys of the queue, where one key ticks and decides for what is ticked."""
    return [*_list_keys(), ("X", _("tick")), ("P", _("publish")), ("H", _("hide")), ("Z", _("undo"))]


def _case_keys() -> list[tuple[str, str]]:
    """Return the keys of a case; each decision shows its own beside it."""
    return [*_list_keys(), ("P", _("publish")), ("Z", _("undo"))]


def _desk(
    place: Place, numbers: queries.Counts, current: str, keys: list[tuple[str, str]] | None = None
) -> dict[str, Any]:
    """Return what surrounds every page of the moderators' desk: its places, its keys, and what can be undone."""

    def entry(key: str, label: str, url: str, count: int | None = None) -> dict[str, Any]:
        return {"label": label, "url": url, "count": count, "current": key == current}

    places: list[dict[str, Any]] = [
        entry("waiting", _("To decide"), _url(place, "queue"), numbers.waiting),
        entry("flagged", _("Flagged or reported"), _url(place, "queue", view="flagged"), numbers.flagged),
        entry("late", _("Late"), _url(place, "queue", view="late"), numbers.late),
        entry("appeals", _("Appeals"), _url(place, "appeals"), numbers.appeals),
        entry("mine", _("My decisions"), _url(place, "mine")),
        {"heading": i18n.plain(queries.space_name(_id(place))), "url": None},
        entry("log", _("Public log"), _url(place, "log")),
        entry("charter", _("Participation charter"), _url(place, "charter")),
    ]
    if pages.has_home("desk"):
        places.append(entry("desk", _("The whole desk"), pages.home_of("desk", slug=place.slug)))
    batch = queries.last_batch(actor().person_id or 0, _id(place), clock())
    return {
        "places": places,
        "desk_title": _("Moderation desk"),
        "key_help": keys,
        "undo": _undo(place, batch),
        "csrf": pages.needs_csrf(),
    }


def _undo(place: Place, batch: tuple[queries.DecisionRow, ...]) -> dict[str, Any] | None:
    if not batch:
        return None
    return {
        "url": _url(place, "undo", ref=batch[0].ref),
        "text": ngettext(
            "%(num)d decision taken. You have ten seconds to take it back.",
            "%(num)d decisions taken. You have ten seconds to take them back.",
            len(batch),
        ),
    }


def _row(
    row: queries.Row,
    place: Place,
    view: View,
    *,
    current: bool = False,
    pick: bool = False,
    picked: Collection[tuple[int, int]] = (),
) -> dict[str, Any]:
    """Shape a waiting text for `ui.queue_row`."""
    late = row.state is PublishState.WAITING and row.due_at < now()
    text = row.body if current else _excerpt(row.body)
    return {
        "url": _url(place, "case", ref=row.ref, view=view.value),
        "ref": row.ref,
        "stance": "question" if row.subject.comment_kind is CommentKind.QUESTION else row.stance.value,
        "author": author_name(row.author),
        "place": _about(row.subject),
        "body": marked(text, row.lang),
        "lang": row.lang,
        "late": late,
        "due_text": _due_text(row, late=late),
        "why": " · ".join(_why(row)) or None,
        "current": current,
        "pick": {
            "name": "pick",
            "value": f"{row.id}.{row.row_version}",
            "form": "bulk",
            "label": _("Tick %(ref)s", ref=row.ref),
            "checked": (row.id, row.row_version) in picked,
        }
        if pick and not row.own and row.removal_asked_by is None
        else None,
    }


def _excerpt(text: str) -> str:
    if len(text) <= queries.EXCERPT:
        return text
    return text[: queries.EXCERPT].rsplit(" ", 1)[0] + " …"


def author_name(author: Any) -> str:
    """Return the public name of an author."""
    if isinstance(author, Mapping):
        return i18n.plain(author)
    return author or _("Somebody without a name")


def _about(subject: queries.Subject) -> str:
    title = subject.title
    named = i18n.plain(title) if isinstance(title, Mapping) else (title or _("the whole plan"))
    if subject.kind is ContributionKind.IDEA:
        return f"{_('Idea')} · {named}"
    if subject.section is not None:
        return f"{named} · {labels.section(subject.section)}"
    return named


def _due_text(row: queries.Row, *, late: bool) -> str:
    if row.state is not PublishState.WAITING:
        return _("public") if row.state in READABLE_STATES else _("hidden")
    if late:
        return _("late by %(time)s", time=_span(now() - row.due_at))
    return _("%(time)s left", time=i18n.until(row.due_at, now()))


def _span(length: timedelta) -> str:
    if length.days >= 1:
        return ngettext("%(num)d day", "%(num)d days", length.days)
    hours = int(length.total_seconds() // 3600)
    if hours >= 1:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return _("less than an hour")


def _why(row: queries.Row) -> list[str]:
    """Return what a moderator should know at a glance."""
    found = [labels.signal(one) for one in row.signals]
    if row.reports:
        found.append(ngettext("%(num)d report", "%(num)d reports", row.reports))
    if row.removal_asked_by is not None:
        found.append(_("removal asked for: a second moderator must look"))
    if row.own:
        found.append(_("your own text: a colleague decides"))
    return found


def marked(text: str, lang: str | None) -> Markup:
    """Return people's words as paragraphs in which what screening noticed is marked."""
    spans = sorted((one.start, one.end) for one in screen(text, SETTLED) if one.end)
    made, at = [], 0
    for part in text.replace("\r\n", "\n").split("\n\n"):
        end = at + len(part)
        if part.strip():
            made.append(Markup('<p dir="auto">{}</p>').format(_with_marks(part, at, spans)))
        at = end + 2
    attribute = Markup(' lang="{}"').format(lang) if lang else Markup()
    return Markup('<div class="words"{} hx-disable>{}</div>').format(attribute, Markup().join(made))


def _with_marks(part: str, offset: int, spans: list[tuple[int, int]]) -> Markup:
    pieces, at = [], 0
    for first, last in spans:
        start, stop = max(first - offset, at), min(last - offset, len(part))
        if start >= stop:
            continue
        pieces += [escape(part[at:start]), Markup('<mark dir="auto">{}</mark>').format(part[start:stop])]
        at = stop
    return Markup().join([*pieces, escape(part[at:])])


@bp.post(f"{DESK}/bulk")
@guard(Act.CASE_DECIDE, space)
def bulk(place: Place) -> Response:
    """Take one decision on all the texts ticked."""
    form = forms.BulkForm()
    view = forms.view_of(form.view.data)
    picked = _picked(request.form)
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate() or not picked:
        if not picked:
            form.form_errors.append(_("Tick at least one text first."))
        return _queue_page(place, form, view, 422, picked)
    chosen = Decision(form.decision.data)
    try:
        done = actions.decide_many(
            actor(),
            place,
            picked,
            chosen,
            form.reason_code if chosen is not Decision.PUBLISH else None,
            form.facts.data or "",
            lang=_typed_lang(form.facts.data),
        )
    except DecisionRefusedError as error:
        db.session.rollback()
        form.blame(error.refusals)
        return _queue_page(place, form, view, 422, picked)
    if done.own:
        flash(_("Your own texts were left: a colleague decides on them."), "warn")
    if done.changed:
        flash(
            ngettext(
                "%(num)d text had changed meanwhile and was left: read it again.",
                "%(num)d texts had changed meanwhile and were left: read them again.",
                done.changed,
            ),
            "warn",
        )
    location = _url(place, "queue", view=view.value)
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


def _picked(sent: MultiDict[str, str]) -> list[tuple[int, int]]:
    found = []
    for value in sent.getlist("pick")[: queries.PAGE * 10]:
        row_id, _dot, version = value.partition(".")
        if (
            row_id.isascii()
            and row_id.isdigit()
            and version.isascii()
            and version.isdigit()
            and len(value) < 40
        ):
            found.append((min(int(row_id), (1 << 63) - 1), min(int(version), (1 << 63) - 1)))
    return found


def _typed_lang(text: str | None) -> str:
    return guess_lang(text) if text else i18n.lang()


# --- one case ------------------------------------------------------------------------------------------------


@bp.get(f"{DESK}/<ref:ref>")
@guard(Act.CASE_READ, case_place)
def case(place: Place) -> Response:
    """Show one text with everything a moderator may know, and the form of the decision."""
    return _case_page(place, forms.DecisionForm(formdata=None), forms.view_of(request.args.get("view")))


def _case_page(place: Place, form: forms.DecisionForm, view: View, status: int = 200) -> Response:
    found = queries.case(actor(), _id(place), place.ids["contribution"]) or abort(404)
    pages.needs_csrf()
    numbers = queries.counts(_id(place), now())
    listing = queries.queue(actor(), _id(place), view, now())
    _fill(form, found, place, view)
    # The text being read stands first, whole, beside its decision; the rest of the queue follows.
    rows = [
        _row(found.row, place, view, current=True),
        *(_row(one, place, view) for one in listing.rows if one.id != found.row.id),
    ]
    return pages.page(
        "moderation/case.html",
        status=status,
        title=_title(view, numbers),
        rows=rows,
        case=found,
        view=view.value,
        text=marked(found.row.body, found.row.lang),
        author=author_name(found.row.author),
        author_kind=found.row.author_kind.value,
        author_level=labels.level(found.author_level),
        about=_about(found.row.subject),
        why=_why(found.row),
        choices=_choices(form, found),
        masks=[form._fields[f"masked_{one.name}"] for one in found.fields],
        history=[_history(one) for one in found.history],
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
        back_url=_url(place, "queue", view=view.value),
        letter_url=_url(place, "letter", ref=found.row.ref),
        suspend_url=_url(place, "suspend", ref=found.row.ref),
        **_desk(place, numbers, view.value, keys=_case_keys()),
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
            for axis_id, title in queries.axes(_id(place), found.consultation_id)
        ]
    return forms.section_targets(queries.targets(_id(place), found.consultation_id))


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


def _history(one: queries.DecisionRow) -> dict[str, Any]:
    lines = [notices.reason_line(one.reason), one.facts]
    if one.undone_at is not None:
        lines.append(_("taken back"))
    if one.appeal is not None:
        lines.append(_("appeal: %(outcome)s", outcome=labels.appeal_outcome(one.appeal_outcome)))
    return {
        "ref": one.ref,
        "at": one.decided_at,
        "action": labels.decision(one.decision),
        "reason": " · ".join(line for line in lines if line) or None,
        "by": _("published when the 48 hours had passed") if one.decided_by is None else None,
    }


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
        "url": _url(place, "removal", ref=found.row.ref),
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
        return pages.see(_url(place, "case", ref=request.view_args["ref"] if request.view_args else ""))
    found = queries.case(actor(), _id(place), place.ids["contribution"]) or abort(404)
    return pages.page("moderation/letter.html", letter=_letter(found, form))


@bp.post(f"{DESK}/<ref:ref>")
@guard(Act.CASE_DECIDE, case_place)
def decide(place: Place) -> Response:
    """Take the decision and go on to the next text."""
    form = forms.DecisionForm()
    view = forms.view_of(form.view.data)
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate():
        return _case_page(place, form, view, 422)
    try:
        _act(place, form)
    except DecisionRefusedError as error:
        db.session.rollback()
        form.blame(_at_field(form, error.refusals))
        return _case_page(place, form, view, 422)
    except (actions.NothingMaskedError, actions.UnknownTargetError) as error:
        db.session.rollback()
        _blame_target(form, error)
        return _case_page(place, form, view, 422)
    following = queries.next_case(actor(), _id(place), view, now())
    location = (
        _url(place, "case", ref=following, view=view.value)
        if following
        else _url(place, "queue", view=view.value)
    )
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


def _act(place: Place, form: forms.DecisionForm) -> None:
    chosen = form.chosen
    shared: dict[str, Any] = {
        "article": form.article.data or "",
        "lang": _typed_lang(form.facts.data),
        "source": "authority" if form.by_authority.data else None,
        "seen": form.row_version.data,
    }
    contribution_id = place.ids["contribution"]
    facts = form.facts.data or ""
    if chosen is Decision.REMOVE:
        actions.ask_removal(actor(), place, contribution_id, form.reason_code, facts, **shared)
        flash(_("A colleague has been asked to confirm the removal."), "info")
        return
    actions.decide(
        actor(),
        place,
        contribution_id,
        chosen,
        form.reason_code if chosen is not Decision.PUBLISH else None,
        facts,
        redacted=form.masked if chosen is Decision.PUBLISH_REDACTED else None,
        merged_into=_merge_target(place, form) if chosen is Decision.MERGE else None,
        moved_to=_destination(form.target.data) if chosen is Decision.MOVE else None,
        **shared,
    )


def _at_field(form: forms.DecisionForm, refusals: tuple[DecisionRefusal, ...]) -> list[DecisionRefusal]:
    """Put a missing target beside the field of its own decision."""
    if DecisionRefusal.TARGET_MISSING in refusals and form.chosen is Decision.MERGE:
        form.merge_ref.errors = [*form.merge_ref.errors, _("Give the reference of the text that stays.")]
        return [one for one in refusals if one is not DecisionRefusal.TARGET_MISSING]
    return list(refusals)


def _merge_target(place: Place, form: forms.DecisionForm) -> int | None:
    if not form.merge_ref.data:
        return None
    found = queries.contribution_id_of(_id(place), form.merge_ref.data)
    if found is None:
        raise actions.UnknownTargetError("contribution", form.merge_ref.data)
    return found


def _destination(value: str | None) -> actions.Destination | None:
    first, _colon, second = (value or "").partition(":")
    if first == "axis" and second.isascii() and second.isdigit():
        return actions.Destination(axis_id=min(int(second), (1 << 63) - 1))
    if first.isascii() and first.isdigit() and second in set(Section):
        return actions.Destination(project_id=min(int(first), (1 << 63) - 1), section=Section(second))
    return None


def _blame_target(form: forms.DecisionForm, error: Exception) -> None:
    if isinstance(error, actions.NothingMaskedError):
        words = _("Replace what must not be read by […] and change nothing else.")
        for name in forms.MASKABLE:
            field = form._fields[f"masked_{name}"]
            if field.data:
                field.errors = [*field.errors, words]
                return
        form.form_errors.append(words)
    elif form.chosen is Decision.MERGE:
        form.merge_ref.errors = [
            *form.merge_ref.errors,
            _("This must be another public text of the same kind and plan."),
        ]
    else:
        form.target.errors = [*form.target.errors, _("The text cannot be moved there.")]


@bp.post(f"{DESK}/decisions/<ref:ref>/undo")
@guard(Act.DECISION_UNDO, decision_place)
def undo(place: Place) -> Response:
    """Take a decision back, with those of the same bulk."""
    form = forms.PlainForm()
    if reply := first_reply(form):
        return pages.see(reply.location)
    taken_back = actions.undo(actor(), place.ids["decision"])
    flash(_("Taken back. The author hears nothing of it."), "ok")
    refs = queries.decision(_id(place), taken_back[0].id)
    location = (
        _url(place, "case", ref=refs.contribution_ref)
        if refs and len(taken_back) == 1
        else _url(place, "queue")
    )
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


@bp.post(f"{DESK}/<ref:ref>/removal")
@guard(Act.CASE_DECIDE, case_place)
def removal(place: Place) -> Response:
    """Confirm or refuse a removal as the second moderator, or take one's own request back."""
    found = queries.case(actor(), _id(place), place.ids["contribution"]) or abort(404)
    location = _url(place, "case", ref=found.row.ref)
    if found.removal is None:
        return pages.see(location)
    if request.form.get("answer") == "confirm":
        actions.confirm_removal(actor(), place, found.removal.id)
        flash(_("Removed by two moderators. The author is told why."), "ok")
    else:
        actions.decline_removal(actor(), place, found.removal.id)
        flash(_("The text is not removed."), "info")
    db.session.commit()
    return pages.see(location)


@bp.route(f"{DESK}/<ref:ref>/suspend", methods=["GET", "POST"])
@guard(Act.PERSON_SUSPEND, case_place)
def suspend(place: Place) -> Response:
    """Suspend the account of an author, with a reason that they are told."""
    found = queries.case(actor(), _id(place), place.ids["contribution"]) or abort(404)
    pages.needs_csrf()
    form = forms.SuspendForm()
    location = _url(place, "case", ref=found.row.ref)
    status = 200
    if request.method == "POST":
        if reply := first_reply(form):
            return pages.see(reply.location)
        status = 422
        if form.validate():
            try:
                actions.decide(
                    actor(),
                    place,
                    found.row.id,
                    Decision.SUSPEND,
                    form.reason_code,
                    form.facts.data or "",
                    lang=_typed_lang(form.facts.data),
                )
            except DecisionRefusedError as error:
                db.session.rollback()
                form.blame(error.refusals)
            else:
                keep_reply(form, location)
                db.session.commit()
                return pages.see(location)
    return pages.page(
        "moderation/suspend.html",
        status=status,
        form=form,
        author=author_name(found.row.author),
        text=marked(found.row.body, found.row.lang),
        back_url=location,
    )


# --- my decisions, appeals -------------------------------------------------------------------------------------


@bp.get(f"{DESK}/mine/")
@guard(Act.CASE_READ, space)
def mine(place: Place) -> Response:
    """Show the moderator's own decisions."""
    rows, more = queries.my_decisions(actor().person_id or 0, _id(place), request.args.get("after"))
    at = now()
    return pages.page(
        "moderation/mine.html",
        title=_("My decisions"),
        rows=[
            {
                **_history(one),
                "where": {
                    "label": one.contribution_ref,
                    "url": _url(place, "case", ref=one.contribution_ref),
                },
                "undo_url": _url(place, "undo", ref=one.ref)
                if one.undone_at is None and may_undo(one.decided_at, at)
                else None,
            }
            for one in rows
        ],
        next_url=_url(place, "mine", after=more) if more else None,
        **_desk(place, queries.counts(_id(place), at), "mine"),
    )


@bp.get(f"{DESK}/appeals/")
@guard(Act.CASE_READ, space)
def appeals(place: Place) -> Response:
    """Show the open appeals, oldest first."""
    rows, more = queries.appeals(actor(), _id(place), after=request.args.get("after"))
    at = now()
    numbers = queries.counts(_id(place), at)
    return pages.page(
        "moderation/appeals.html",
        title=ngettext("%(num)d open appeal", "%(num)d open appeals", numbers.appeals),
        rows=[_appeal(one, place, at) for one in rows],
        next_url=_url(place, "appeals", after=more) if more else None,
        **_desk(place, numbers, "appeals", keys=_list_keys() if rows else None),
    )


def _appeal(one: queries.AppealRow, place: Place, at: datetime) -> dict[str, Any]:
    late = one.due_at < at
    return {
        "ref": one.decision.ref,
        "contribution_ref": one.contribution_ref,
        "url": _url(place, "answer", ref=one.decision.ref),
        "action": labels.decision(one.decision.decision),
        "reason": notices.reason_line(one.decision.reason),
        "text": one.text,
        "lang": one.lang,
        "late": late,
        "due_text": _("late by %(time)s", time=_span(at - one.due_at))
        if late
        else _("%(time)s left", time=i18n.until(one.due_at, at)),
        "by_me": one.by_me,
        "filed_at": one.filed_at,
    }


@bp.get(f"{DESK}/appeals/<ref:ref>")
@guard(Act.CASE_READ, appeal_place)
def answer(place: Place) -> Response:
    """Show an appeal with the first decision, and the form of the answer to whoever may give it."""
    return _answer_page(place, forms.AnswerForm(formdata=None))


def _answer_page(place: Place, form: forms.AnswerForm, status: int = 200) -> Response:
    pages.needs_csrf()
    rows, _more = queries.appeals(actor(), _id(place), appeal_id=place.ids["appeal"])
    found = queries.case(actor(), _id(place), place.ids["contribution"])
    if not rows or found is None:
        abort(404)
    asked = rows[0]
    form.about(asked.decision.decision)
    return pages.page(
        "moderation/answer.html",
        status=status,
        title=_("Appeal against decision %(ref)s", ref=asked.decision.ref),
        asked=_appeal(asked, place, now()),
        state=asked.state,
        outcome=labels.appeal_outcome(AppealOutcome(asked.state)) if asked.state != "open" else None,
        explanation=asked.explanation,
        facts=asked.decision.facts,
        facts_lang=asked.decision.lang,
        text=marked(found.row.body, found.row.lang),
        masked=[(one.redacted, found.row.lang) for one in found.fields if one.redacted],
        author=author_name(found.row.author),
        about=_about(found.row.subject),
        form=form,
        back_url=_url(place, "appeals"),
        **_desk(place, queries.counts(_id(place), now()), "appeals"),
    )


@bp.post(f"{DESK}/appeals/<ref:ref>")
@guard(Act.APPEAL_DECIDE, appeal_place)
def answer_post(place: Place) -> Response:
    """Answer an appeal as another person."""
    form = forms.AnswerForm()
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate():
        return _answer_page(place, form, 422)
    actions.decide_appeal(
        actor(),
        place.ids["appeal"],
        AppealOutcome(form.outcome.data),
        form.explanation.data or "",
        _typed_lang(form.explanation.data),
    )
    flash(_("The author is told what you answered."), "ok")
    location = _url(place, "appeals")
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


@bp.route("/<slug:slug>/c/<ref:ref>/appeal", methods=["GET", "POST"])
@guard(Act.APPEAL_FILE, case_place)
def appeal(place: Place) -> Response:
    """Let an author ask somebody else to look again, once, in time."""
    pages.needs_csrf()
    found = queries.appealable(_id(place), place.ids["contribution"], now())
    ref = (request.view_args or {})["ref"]
    back = f"/{i18n.lang()}/{place.slug}/c/{ref}"
    form = restored(forms.AppealForm)
    status = 200
    refusals = _appeal_refusals(found)
    if request.method == "POST" and found is not None:
        if reply := first_reply(form):
            return pages.see(reply.location)
        status = 422
        if form.validate():
            actions.appeal(actor(), found.decision.id, form.text.data, _typed_lang(form.text.data))
            location = url_for("moderation.appeal", slug=place.slug, ref=ref)
            keep_reply(form, location)
            db.session.commit()
            return pages.see(location)
    return pages.page(
        "moderation/appeal.html",
        status=status,
        form=form,
        ref=ref,
        found=found,
        notice=_own_notice(found) if found else None,
        refused=[appeal_words(one) for one in refusals if one is not AppealRefusal.ALREADY_APPEALED],
        asked=found.appeal if found else None,
        outcome=labels.appeal_outcome(found.decision.appeal_outcome) if found and found.appeal else None,
        back_url=back,
    )


def _appeal_refusals(found: queries.Appealable | None) -> tuple[AppealRefusal, ...]:
    if found is None:
        return (AppealRefusal.NOTHING_TO_APPEAL,)
    mine = str(actor().person_id)
    return appeal_refusals(
        AppealFacts(found.decision.decision, found.notified_at, found.closes_at, found.appeal is not None),
        Hand(mine),
        # The guard has already let only the author through.
        Authorship(mine),
        now(),
    )


def appeal_words(refusal: AppealRefusal) -> str:
    """Return the sentence for a refused appeal."""
    return {
        AppealRefusal.NOT_THE_AUTHOR: _("Only the person who wrote this can do that."),
        AppealRefusal.NOTHING_TO_APPEAL: _(
            "No decision was taken against this text: there is nothing to appeal."
        ),
        AppealRefusal.ALREADY_APPEALED: _("You have already appealed against this decision."),
        AppealRefusal.TOO_LATE: _("The time to appeal against this decision is over."),
    }[refusal]


def _own_notice(found: queries.Appealable) -> notices.Notice:
    made = found.decision
    return notices.notice(
        notices.Told(
            made.contribution_ref,
            made.decision,
            made.reason,
            made.facts,
            made.article,
            rewrite_until=rewriting_deadline(made.decided_at)
            if made.decision is Decision.RETURN and made.contribution_state is PublishState.RETURNED
            else None,
            appeal_until=found.deadline if found.appeal is None else None,
            by_due_action=made.decided_by is None,
        )
    )


# --- reports -----------------------------------------------------------------------------------------------------


@bp.get("/<slug:slug>/c/<ref:ref>/report")
@guard(Act.PUBLIC_READ, case_place)
def report(place: Place) -> Response:
    """Show the form by which anybody tells the moderators about a text."""
    return _report_page(place, restored(forms.ReportForm))


def _report_page(place: Place, form: Any, status: int = 200) -> Response:
    if not place.readable:
        abort(404)
    pages.needs_csrf()
    ref = (request.view_args or {})["ref"]
    found = queries.case(Actor(), _id(place), place.ids["contribution"]) or abort(404)
    form.form_path.data = request.path
    shown = "\n\n".join(one.redacted or one.text for one in found.fields)
    return pages.page(
        "moderation/report.html",
        status=status,
        form=form,
        ref=ref,
        author=author_name(found.row.author),
        text=_excerpt(shown),
        text_lang=found.row.lang,
        back_url=f"/{i18n.lang()}/{place.slug}/c/{ref}",
        charter_url=_url(place, "charter"),
    )


@bp.post("/<slug:slug>/c/<ref:ref>/report")
@guard(Act.CONTRIBUTION_REPORT, case_place)
def report_post(place: Place) -> Response:
    """Tell the moderators; once a person."""
    form = forms.ReportForm()
    if reply := first_reply(form):
        return pages.see(reply.location)
    if not form.validate():
        return _report_page(place, form, 422)
    ref = (request.view_args or {})["ref"]
    location = f"/{i18n.lang()}/{place.slug}/c/{ref}"
    actions.report(
        actor(),
        place,
        place.ids["contribution"],
        ReasonCode(form.reason.data),
        form.note.data or "",
        _typed_lang(form.note.data),
    )
    flash(_("Thank you. A moderator will look at it; the text stays public until then."), "ok")
    keep_reply(form, location)
    db.session.commit()
    return pages.see(location)


# --- for everybody -------------------------------------------------------------------------------------------------


@bp.get("/<slug:slug>/transparency/moderation/")
@guard(Act.PUBLIC_READ, space)
def log(place: Place) -> Response:
    """Show what moderators did: reasons, delays, appeals; no text and no name."""
    at = now()
    listing = queries.log(_id(place), at, request.args.get("after"))
    made = queries.figures(_id(place), at)
    return pages.page(
        "moderation/log.html",
        block="rows" if request.args.get("after") else None,
        rows=[_log_row(one) for one in listing.rows],
        next_url=_url(place, "log", after=listing.next_cursor) if listing.next_cursor else None,
        numbers=_numbers(made),
        table=_table(made),
        stances=_stances(made),
        place_name=queries.space_name(_id(place)),
        charter_url=_url(place, "charter"),
        home_url=f"/{i18n.lang()}/{place.slug}/",
    )


def _log_row(one: queries.LogRow) -> dict[str, Any]:
    by = _("no moderator in time: published when the 48 hours had passed") if one.by_due_action else None
    if one.by_due_action and one.decision is not Decision.PUBLISH:
        by = _("not rewritten in time")
    role = by or (_("two moderators") if one.two_people else labels.role(Role.MODERATOR))
    parts = [
        role,
        _("after %(time)s", time=_span(one.delay)) if not one.by_due_action else "",
        "" if one.on_time or one.by_due_action else _("late"),
        labels.decision_source(one.source),
        _("appeal: %(outcome)s", outcome=labels.appeal_outcome(_outcome(one.appeal))) if one.appeal else "",
    ]
    return {
        "at": one.at,
        "ref": one.ref,
        "action": f"{labels.contribution_kind(one.kind)}: {labels.decision(one.decision)}",
        "reason": notices.reason_line(one.reason) or None,
        "by": " · ".join(part for part in parts if part),
    }


def _outcome(state: str | None) -> AppealOutcome | None:
    return AppealOutcome(state) if state in set(AppealOutcome) else None


def _numbers(made: queries.Figures) -> list[dict[str, Any]]:
    return [
        {"label": _("decisions"), "value": made.total, "note": None},
        {
            "label": _("within 48 hours"),
            "value": i18n.percent(made.in_time / made.total) if made.total >= 20 else made.in_time,
            "note": _("of %(n)d", n=made.total) if made.total else None,
        },
        {"label": _("published without review"), "value": made.by_due_action, "note": None},
        {
            "label": _("appeals"),
            "value": made.appeals,
            "note": _("%(n)d decided, %(r)d reversed", n=made.appeals_decided, r=made.reversed),
        },
        {"label": _("requests by authorities"), "value": made.by_authority, "note": None},
    ]


def _table(made: queries.Figures) -> dict[str, Any]:
    head = [_("Reason"), *(labels.decision(one) for one in made.actions), _("total")]
    rows = [
        [
            i18n.plain(BY_CODE[reason].label) if reason else _("no reason needed"),
            *(count for _decision, count in cells),
            total,
        ]
        for reason, cells, total in made.by_reason
    ]
    return {"head": head, "rows": rows, "num": tuple(range(1, len(head)))}


def _stances(made: queries.Figures) -> list[list[Any]]:
    return [
        [
            labels.stance(stance),
            total,
            hidden,
            i18n.percent(hidden / total) if total >= 20 else _("%(a)d of %(b)d", a=hidden, b=total),
        ]
        for stance, total, hidden in made.by_stance
    ]


@bp.get("/<slug:slug>/charter")
@guard(Act.PUBLIC_READ, space)
def charter(place: Place) -> Response:
    """Show the participation charter."""
    return pages.page(
        "moderation/charter.html",
        articles=ARTICLES,
        reasons=REASONS,
        place_name=queries.space_name(_id(place)),
        log_url=_url(place, "log"),
        home_url=f"/{i18n.lang()}/{place.slug}/",
    )


# --- wiring --------------------------------------------------------------------------------------------------------


def reason_of(who: Actor, collectivity_id: int, contribution_id: int) -> contributions.ReasonView | None:
    """Return the last decision against a text as its author is told it, with the way to appeal."""
    if who.person_id is None:
        return None
    found = queries.appealable(collectivity_id, contribution_id, clock())
    if found is None:
        return None
    made = found.decision
    open_for_appeal = found.appeal is None and clock() < found.deadline
    slug = contributions.address_of(collectivity_id, contribution_id).slug
    return contributions.ReasonView(
        label=f"{labels.decision(made.decision)} · {notices.reason_line(made.reason)}",
        facts=made.facts,
        at=made.decided_at,
        until=found.deadline if open_for_appeal else None,
        appeal_url=url_for("moderation.appeal", slug=slug, ref=made.contribution_ref)
        if open_for_appeal or found.appeal is not None
        else None,
        appealed=found.appeal is not None,
        outcome=labels.appeal_outcome(made.appeal_outcome) if made.appeal_outcome is not None else "",
        answer=found.appeal.explanation if found.appeal is not None else "",
    )


def _conflict(title: str, text: str) -> Any:
    return lambda _error: Trouble(409, title, text)


def init_app(app: Flask) -> None:  # noqa: ARG001
    """Answer the questions of earlier rooms and say what our refusals mean."""
    contributions.later.reason_of = reason_of
    contributions.later.report_url = lambda slug, ref: url_for("moderation.report", slug=slug, ref=ref)
    pages.register_homes(
        {
            "moderation": "moderation.queue",
            "moderation_log": "moderation.log",
            "charter": "moderation.charter",
            "appeal": "moderation.appeal",
        }
    )
    errors.explain(
        actions.UndoTooLateError,
        lambda _error: Trouble(
            409,
            _("It is too late to take this back"),
            _(
                "Ten seconds have passed, or the text has changed since. The author can appeal, and a colleague will look."
            ),
        ),
    )
    errors.explain(
        actions.NotDecidableError,
        lambda _error: Trouble(
            409,
            _("There is nothing left to decide here"),
            _("The text was withdrawn, joined to another or removed, or a colleague has just decided."),
        ),
    )
    errors.explain(
        actions.AppealOpenError,
        lambda _error: Trouble(
            409,
            _("The author has appealed"),
            _("A colleague who did not decide first must answer the appeal before anything else is decided."),
        ),
    )
    errors.explain(
        actions.RemovalPendingError,
        lambda _error: Trouble(
            409,
            _("Its removal is already asked for"),
            _("A second moderator must confirm or refuse it first."),
        ),
    )
    errors.explain(
        actions.NobodyToSuspendError,
        lambda _error: Trouble(
            409,
            _("No account wrote this"),
            _("The text came from a paper slip or an import: there is nobody to suspend."),
        ),
    )
    errors.explain(
        actions.AlreadyReportedError,
        lambda _error: Trouble(
            409,
            _("You have already reported this text"),
            _("A moderator will look at it. One report a person is enough to bring it to them."),
        ),
    )
    errors.explain(
        actions.AppealRefusedError,
        lambda error: Trouble(
            409, _("This appeal cannot be filed"), " ".join(appeal_words(one) for one in error.args)
        ),
    )
    errors.explain(
        DecisionRefusedError,
        lambda error: Trouble(
            409,
            _("This decision cannot be recorded"),
            " ".join(forms.refusal_words(one) for one in error.refusals),
        ),
    )
