"""Pages of positions: the panel's own page, priorities, and receipts that anybody can check."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, g, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.consultations import words
from participate.db import db
from participate.network.models import Collectivity
from participate.people.models import Person
from participate.people.queries import Voice, voices_of
from participate.plans import queries as plans
from participate.positions import actions, news, pieces, queries
from participate.positions.actions import CodeTakenError, NoSuchStatementError, PrioritiesFullError
from participate.positions.forms import CodeForm, MailForm, PositionForm, PriorityForm, not_a_receipt
from participate.rules.outcomes import StatementKind
from participate.rules.policy import Act, Place, RefusedError
from participate.rules.references import NotAReferenceError
from participate.web import errors, forms, labels, pages
from participate.web.access import actor, guard, now, refusal
from participate.web.errors import Trouble
from participate.web.hooks import hooks
from participate.web.i18n import plain, said

bp = Blueprint("positions", __name__, url_prefix="/<lang:lang>/<slug:slug>")
blueprints = (bp,)

PROJECT = "/plans/<cycle:cycle>/projects/<int(max=99999):number>"
TEXT = "/statements/<int:statement_id>"


def init_app(_app: Any) -> None:
    """Say in words what this room's refusals mean."""
    errors.explain_refusal(Act.POSITION_TAKE, _closed)
    errors.explain_refusal(Act.PRIORITY_SET, _closed)
    errors.explain(
        NoSuchStatementError,
        lambda _error: Trouble(404, _("This page does not exist"), _("Nothing was recorded.")),
    )
    errors.explain(
        CodeTakenError,
        lambda _error: Trouble(
            503, _("Please send this once more"), _("Nothing was recorded yet. Your choice is kept.")
        ),
    )


def _closed(error: RefusedError) -> Trouble | Response | None:
    """Say to somebody whose page was older than the end: when it ended, what they chose, what happens next."""
    place: Place = g.place
    if error.unmet != ("window_open",) or place.consultation_id is None or place.collectivity_id is None:
        return None
    if pages.wants_block():
        return pages.leave_for(f"{request.path}?value={request.form.get('value', '')}")
    view = consultations.consultation_of(place.collectivity_id, place.consultation_id)
    assert view is not None
    opens_later = view.opens_at > now()
    lines = [
        words.what_next(view, now())
        if opens_later
        else _("This consultation ended on %(day)s.", day=words.last_moment(view.closes_at))
    ]
    choice = _chosen_words(request.form.get("value"), place)
    if choice:
        lines.append(
            _("Your choice, “%(choice)s”, came outside its dates and was not recorded.", choice=choice)
        )
    if not opens_later:
        lines.append(words.what_next(view, now()))
    return Trouble(
        403,
        _("This consultation has not opened yet") if opens_later else _("This consultation has ended"),
        " ".join(lines),
        _("How to take part"),
        url_for("consultations.participate", slug=place.slug, cycle=place.cycle),
    )


def _chosen_words(value: str | None, place: Place) -> str | None:
    if value not in {"1", "0", "-1"}:
        return None
    return labels.position(int(value)) if "project" in place.ids else labels.text_position(int(value))


# --- places ---------------------------------------------------------------------------------------


def project_place(slug: str, cycle: str, number: int, **_rest: object) -> Place:
    """Return the place of a position on a project. Raises NotFound."""
    return queries.project_position_place(slug, cycle, number, now=now())


def text_place(slug: str, statement_id: int, **_rest: object) -> Place:
    """Return the place of a position on a text; a project has its own address. Raises NotFound."""
    place = queries.statement_place(slug, statement_id, now=now())
    if "project" in place.ids:
        raise NotFound
    return place


def collectivity_place(slug: str, **_rest: object) -> Place:
    """Return the place of a collectivity. Raises NotFound."""
    row = db.session.execute(
        db.select(Collectivity.id).where(Collectivity.slug == slug, Collectivity.hosted)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Place(collectivity_id=row.id, slug=slug)


def _cid(place: Place) -> int:
    assert place.collectivity_id is not None
    return place.collectivity_id


def _voices(place: Place) -> list[Voice]:
    person_id = actor().person_id
    return voices_of(person_id, _cid(place)) if person_id is not None else []


def _asked(place: Place) -> dict[str, Any]:
    """Return what a form of this room is made with: voices, and whether the declaration is owed."""
    return {
        "voices": _voices(place),
        "declares": consultations.needs_declaration(
            _cid(place), place.ids["consultation"], actor().person_id
        ),
    }


def _possible(place: Place, act: Act) -> bool:
    return not set(refusal(act, place)) - {"signed_in"}


# --- a position on a project ---------------------------------------------------------------------------


@bp.get(f"{PROJECT}/position")
@guard(Act.PUBLIC_READ, project_place)
def project_position(place: Place) -> Any:
    """Show the panel's own page, with the choice made before signing in."""
    form = forms.restored(PositionForm, data=_wanted(), **_asked(place))
    return _project_page(place, form)


@bp.post(f"{PROJECT}/position")
@guard(Act.POSITION_TAKE, project_place)
def take_project_position(place: Place) -> Any:
    """Take or change a position on a project."""
    form = PositionForm(**_asked(place))
    if not form.validate_on_submit():
        return _project_page(place, form, status=422)
    taken = actions.take(
        actor(), place, place.ids["statement"], int(form.value.data), form.chosen, declared=form.has_declared
    )
    hooks.drop_draft(request.path)
    db.session.commit()
    if pages.wants_block():
        return _block(place, form.chosen)
    return _to_project(place, form.chosen, taken.code)


def _wanted() -> dict[str, Any]:
    value = request.args.get("value")
    return {"value": value} if value in {"1", "0", "-1"} else {}


def _project_url(place: Place, anchor: str | None = "position") -> str:
    return pages.home_of(
        "project", slug=place.slug, cycle=place.cycle, number=place.ids["number"], anchor=anchor
    )


def _to_project(place: Place, voice: Voice, code: str | None) -> Any:
    """Lead back to the project. The panel there is the person's own: what an association did is said at the page's head."""
    if voice.association_id and code:
        flash(_("Your receipt: %(code)s", code=code), "ok")
        return pages.see(pages.next_or(_project_url(place, anchor=None)), receipt=code)
    return pages.see(pages.next_or(_project_url(place)), receipt=code)


def _block(place: Place, voice: Voice) -> Any:
    """Answer htmx with the panel as it is now, in place."""
    return pages.page(
        "positions/panel.html",
        block="panel",
        panel=pieces.panel_at(place, voice=voice if voice.association_id else None),
        title=_("Your position"),
    )


def _project_page(place: Place, form: PositionForm, status: int = 200) -> Any:
    number = place.ids["number"]
    project = plans.published_project(_cid(place), place.ids["plan"], number)
    assert project is not None, "it was under review"
    possible = _possible(place, Act.POSITION_TAKE)
    if possible:
        pages.needs_csrf()
    panel = None if possible else pieces.panel_at(place)
    return pages.page(
        "positions/position.html",
        block="panel",
        status=status,
        form=form,
        key="position",
        place=place,
        heading=_("Your position on project %(number)s", number=number),
        subject=said(project.title),
        possible=possible,
        panel=panel,
        choice=_chosen_words(form.value.data, place),
        signed_in=actor().person_id is not None,
        return_to=pages.next_or(""),
        action=request.path,
        crumbs=_crumbs(
            place, _("Project %(number)s", number=number), _project_url(place), _("Your position")
        ),
        rules_url=url_for("consultations.participate", slug=place.slug, cycle=place.cycle),
    )


def _crumbs(place: Place, label: str, url: str | None, last: str) -> list[dict[str, Any]]:
    middle = [{"label": label, "url": url}] if url else []
    return [
        {"label": _("The plan"), "url": pages.home_of("plan", slug=place.slug, cycle=place.cycle)},
        *middle,
        {"label": last},
    ]


# --- priorities ---------------------------------------------------------------------------------------


@bp.get(f"{PROJECT}/priority")
@guard(Act.PUBLIC_READ, project_place)
def project_priority(place: Place) -> Any:
    """Show the page of one priority: choose it, drop it, or swap it for another."""
    form = forms.restored(PriorityForm, **_asked(place))
    view = _view(place)
    mine = queries.priorities_of(view, actor().person_id)
    is_on = place.ids["statement"] in mine.chosen
    form.on.data = "0" if is_on else "1"
    if not is_on and not mine.left:
        form.offer(queries.projects_of(_cid(place), mine.chosen))
    return _priority_page(place, form, view.priorities_max)


@bp.post(f"{PROJECT}/priority")
@guard(Act.PRIORITY_SET, project_place)
def set_project_priority(place: Place) -> Any:
    """Mark a project as one of my priorities, or no longer."""
    form = PriorityForm(**_asked(place))
    if not form.validate_on_submit():
        return _priority_page(place, form, _view(place).priorities_max, status=422)
    try:
        done = actions.set_priority(
            actor(),
            place,
            place.ids["statement"],
            form.on.data != "0",
            form.chosen,
            instead=form.given_up,
            declared=form.has_declared,
        )
    except PrioritiesFullError as full:
        db.session.rollback()
        form.offer(queries.projects_of(_cid(place), full.chosen))
        return _priority_page(place, form, full.limit, status=422)
    hooks.drop_draft(request.path)
    db.session.commit()
    if pages.wants_block():
        return _block(place, form.chosen)
    return _to_project(place, form.chosen, done.code)


def _view(place: Place) -> consultations.ConsultationView:
    view = consultations.consultation_of(_cid(place), place.ids["consultation"])
    assert view is not None, "the place was found by it"
    return view


def _priority_page(place: Place, form: PriorityForm, limit: int, status: int = 200) -> Any:
    number = place.ids["number"]
    project = plans.published_project(_cid(place), place.ids["plan"], number)
    assert project is not None, "it was under review"
    possible = _possible(place, Act.PRIORITY_SET)
    if possible:
        pages.needs_csrf()
    return pages.page(
        "positions/priority.html",
        block="panel",
        status=status,
        form=form,
        key="position",
        heading=_("Project %(number)s and my priorities", number=number),
        subject=said(project.title),
        possible=possible,
        why_not=_why_not(place, Act.PRIORITY_SET),
        limit=limit,
        is_on=form.on.data == "0",
        signed_in=actor().person_id is not None,
        return_to=pages.next_or(""),
        action=request.path,
        back_url=_project_url(place),
        crumbs=_crumbs(
            place, _("Project %(number)s", number=number), _project_url(place), _("My priorities")
        ),
    )


def _why_not(place: Place, act: Act) -> str:
    """Return, in words, what stands in the way and what happens next."""
    unmet = [name for name in refusal(act, place) if name != "signed_in"]
    if unmet == ["window_open"]:
        view = _view(place)
        ended = (
            []
            if view.opens_at > now()
            else [_("This consultation ended on %(day)s.", day=words.last_moment(view.closes_at))]
        )
        return " ".join([*ended, words.what_next(view, now())])
    return " ".join(errors.refusal_words(name) for name in unmet)


# --- a position on an idea or a comment -------------------------------------------------------------------


@bp.get(f"{TEXT}/position")
@guard(Act.PUBLIC_READ, text_place)
def text_position(place: Place) -> Any:
    """Show the small controls' own page, with the choice made before signing in."""
    return _text_page(place, forms.restored(PositionForm, data=_wanted(), on_text=True, **_asked(place)))


@bp.post(f"{TEXT}/position")
@guard(Act.POSITION_TAKE, text_place)
def take_text_position(place: Place) -> Any:
    """Take or change a position on an idea or a comment."""
    form = PositionForm(on_text=True, **_asked(place))
    if not form.validate_on_submit():
        return _text_page(place, form, status=422)
    taken = actions.take(
        actor(), place, place.ids["statement"], int(form.value.data), form.chosen, declared=form.has_declared
    )
    hooks.drop_draft(request.path)
    db.session.commit()
    voice = form.chosen if form.chosen.association_id else None
    if pages.wants_block():
        return pages.page(
            "positions/text_panel.html",
            block="panel",
            panel=_small(place, voice, taken.code),
            title=_("Your position on a text"),
        )
    flash(_("Your position was recorded.") + " " + _("Your receipt: %(code)s", code=taken.code), "ok")
    return pages.see(pages.next_or(request.path), receipt=taken.code)


def _small(place: Place, voice: Voice | None = None, code: str | None = None) -> dict[str, Any] | None:
    statement_id = place.ids["statement"]
    found = pieces.small_positions(
        _cid(place), place.slug, [statement_id], return_to=pages.next_or("") or None, voice=voice
    ).get(statement_id)
    if found and code:
        found["receipt"] = {
            "code": code,
            "url": url_for("positions.receipt", slug=place.slug, code=code),
        }
    return found


def _text_page(place: Place, form: PositionForm, status: int = 200) -> Any:
    possible = _possible(place, Act.POSITION_TAKE)
    if possible:
        pages.needs_csrf()
    mine = queries.mine(_cid(place), [place.ids["statement"]], actor().person_id).get(place.ids["statement"])
    back = pages.next_or("")
    return pages.page(
        "positions/text_position.html",
        block="panel",
        status=status,
        form=form,
        key=f"p-{place.ids['statement']}",
        heading=_("Your position on an idea")
        if _kind(place) is StatementKind.IDEA
        else _("Your position on a comment"),
        possible=possible,
        why_not=_why_not(place, Act.POSITION_TAKE),
        panel=None if possible else _small(place),
        mine=labels.text_position(mine.value) if mine else None,
        receipt=pieces.receipt(place.slug, mine),
        choice=_chosen_words(form.value.data, place),
        signed_in=actor().person_id is not None,
        return_to=back,
        back_url=back or None,
        action=request.path,
        crumbs=_crumbs(place, _("The text"), back or None, _("Your position")),
        rules_url=url_for("consultations.participate", slug=place.slug, cycle=place.cycle),
    )


def _kind(place: Place) -> StatementKind | None:
    return queries.kind_of(_cid(place), place.ids["statement"])


# --- receipts ---------------------------------------------------------------------------------------------


@bp.get("/receipts/")
@guard(Act.RECEIPT_CHECK, collectivity_place)
def check(place: Place) -> Any:
    """Ask for a receipt's code; anybody may check one."""
    form = CodeForm(request.args)
    typed = str(form.code.data or "").strip()
    if not typed:
        return _check_page(place, form)
    try:
        found = queries.attested(_cid(place), typed, None)
    except NotAReferenceError:
        form.code.errors = [not_a_receipt()]
        return _check_page(place, form, status=422)
    if found is None:
        form.code.errors = [_unknown()]
        return _check_page(place, form, status=404)
    return pages.see(url_for("positions.receipt", slug=place.slug, code=found.code))


def _unknown() -> str:
    return _("No receipt of this place has this code. Please check each sign.")


def _check_page(place: Place, form: CodeForm, status: int = 200) -> Any:
    return pages.page(
        "positions/check.html",
        status=status,
        form=form,
        place=place,
        action=request.path,
        how_url=_how_url(place),
    )


def _how_url(place: Place, code: str | None = None) -> str | None:
    """Return where checking by oneself is explained, with a receipt's own values."""
    if not pages.has_home("how_to_check"):
        return None
    return pages.home_of("how_to_check", slug=place.slug, **({"code": code} if code else {}))


@bp.get("/receipts/<ref:code>")
@guard(Act.RECEIPT_CHECK, collectivity_place)
def receipt(place: Place) -> Any:
    """Show what a receipt attests: when, what kind, whether it stands; to its owner also what was chosen."""
    return _receipt_page(place)


@bp.post("/receipts/<ref:code>/mail")
@guard(Act.ACCOUNT_USE, collectivity_place)
def mail_receipt(place: Place) -> Any:
    """Mail all their receipts here to a person who asked for it, in one letter."""
    form = MailForm()
    if not form.validate_on_submit():
        return _receipt_page(place, status=422)
    person_id = actor().person_id
    found = _found(place)
    if not found.own:
        raise RefusedError(Act.RECEIPT_CHECK, ("owner",))
    person = db.session.get(Person, person_id)
    assert person is not None
    how = _how_url(place, found.code) or url_for("positions.check", slug=place.slug)
    kept = queries.receipts_of(_cid(place), person.id)
    news.send_receipts(kept, person, plain(found.collectivity), current_base() + how)
    db.session.commit()
    flash(_("It is on its way to your e-mail address."), "ok")
    return pages.see(url_for("positions.receipt", slug=place.slug, code=found.code))


def current_base() -> str:
    """Return the site's own address: mails never trust the Host header."""
    return str(current_app.config["BASE_URL"])


def _found(place: Place) -> queries.Attested:
    typed = (request.view_args or {})["code"]
    try:
        found = queries.attested(_cid(place), typed, actor().person_id)
    except NotAReferenceError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found


def _receipt_page(place: Place, status: int = 200) -> Any:
    try:
        found = _found(place)
    except NotFound:
        form = CodeForm(formdata=None, data={"code": (request.view_args or {})["code"]})
        form.code.errors = [_unknown()]
        return pages.page(
            "positions/check.html",
            status=404,
            form=form,
            place=place,
            action=url_for("positions.check", slug=place.slug),
            how_url=_how_url(place),
        )
    if found.own:
        pages.needs_csrf()
    return pages.page(
        "positions/receipt.html",
        status=status,
        found=found,
        what=labels.receipt_kind(found.what),
        value=labels.position(found.value)
        if found.value is not None and found.number is not None
        else labels.text_position(found.value)
        if found.value is not None
        else None,
        project=f"{found.number}. {plain(found.title)}" if found.number is not None else None,
        project_url=pages.home_of("project", slug=place.slug, cycle=found.cycle, number=found.number)
        if found.number is not None
        else None,
        newer_url=url_for("positions.receipt", slug=place.slug, code=found.newer) if found.newer else None,
        mail_url=url_for("positions.mail_receipt", slug=place.slug, code=found.code) if found.own else None,
        place_name=said(found.collectivity),
        check_url=url_for("positions.check", slug=place.slug),
        how_url=_how_url(place, found.code),
    )
