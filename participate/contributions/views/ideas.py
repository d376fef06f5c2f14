"""Ideas: their list, their form, one idea, its co-signatures."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.contributions import actions, pieces, queries
from participate.contributions.forms import CosignForm, IdeaForm
from participate.contributions.queries import IdeaRow
from participate.contributions.views.around import (
    asks_name,
    axis_choices,
    crumbs_of,
    earlier_wordings,
    form_needs,
    next_page,
    outcome_told,
    own_controls,
    performed_once,
    voice_chosen,
)
from participate.contributions.views.blueprint import (
    PLAN,
    bp,
    collectivity_of,
    idea_place,
    plan_id_of,
    plan_place,
    seen_text,
)
from participate.db import db
from participate.files import actions as files
from participate.files import queries as stored
from participate.files.views import sent
from participate.rules.outcomes import Fate, PublishState
from participate.rules.policy import Act, Place
from participate.web import forms, labels, pages
from participate.web.access import actor, guard
from participate.web.forms import Form
from participate.web.i18n import plain, said


@bp.get(f"{PLAN}/ideas/")
@guard(Act.PUBLIC_READ, plan_place)
def ideas(place: Place) -> Any:
    """Show people's ideas, by axis and by what became of them."""
    axes = queries.axes_of(collectivity_of(place), plan_id_of(place))
    axis = next((one for one in axes if one.slug == request.args.get("axis")), None)
    fate = next((one for one in Fate if one.value == request.args.get("fate")), None)
    found = queries.ideas_of(
        collectivity_of(place),
        plan_id_of(place),
        actor=actor(),
        axis_id=axis.id if axis else None,
        fate=fate,
        after=request.args.get("after"),
    )
    fates = queries.later.fate_of(collectivity_of(place), [row.id for row in found.rows])
    here: dict[str, Any] = {"slug": place.slug, "cycle": place.cycle}

    def link(**chosen: str | None) -> str:
        wanted = {
            "axis": axis.slug if axis else None,
            "fate": fate.value if fate else None,
            **chosen,
        }
        given: dict[str, Any] = {**here, **{name: value for name, value in wanted.items() if value}}
        return url_for("contributions.ideas", **given)

    return pages.page(
        "contributions/ideas.html",
        block="list",
        ideas=[
            pieces.idea_piece(
                row, place.slug, fate=labels.fate(fates[row.id].fate) if row.id in fates else None
            )
            for row in found.rows
        ],
        after=next_page(found.after),
        axes=[
            {"label": _("All axes"), "url": link(axis=None), "current": axis is None},
            *(
                {"label": plain(one.title), "url": link(axis=one.slug), "current": one == axis}
                for one in axes
            ),
        ],
        fates=[
            {"label": _("All"), "url": link(fate=None), "current": fate is None},
            *(
                {"label": labels.fate(one), "url": link(fate=one.value), "current": one is fate}
                for one in Fate
            ),
        ]
        if queries.later.ids_with_fate is not None
        else [],
        filtered=axis is not None or fate is not None,
        all_url=url_for("contributions.ideas", **here),
        write_url=url_for("contributions.idea_form", **here)
        if pieces.possible(place, Act.IDEA_SUBMIT)
        else None,
        crumbs=crumbs_of(place, (_("Ideas"), None)),
    )


@bp.get(f"{PLAN}/ideas/new")
@guard(Act.PUBLIC_READ, plan_place)
def idea_form(place: Place) -> Any:
    """Show the form of an idea; signed-out readers may fill it in."""
    form = forms.restored(
        IdeaForm,
        data={"axis_id": request.args.get("axis")},
        axes=axis_choices(place),
        uploads=actor().person_id is not None,
        **form_needs(place),
    )
    return _idea_form_page(place, form)


def _idea_form_page(place: Place, form: Form, status: int = 200, similar: Any = ()) -> Any:
    kept = stored.own_file(collectivity_of(place), str(form["kept_file"].data or ""), actor().person_id)
    return pages.page(
        "contributions/idea_form.html",
        block="form",
        status=status,
        form=form,
        kept=kept.name if kept else None,
        similar=[pieces.idea_piece(row, place.slug) for row in similar],
        possible=pieces.possible(place, Act.IDEA_SUBMIT),
        signed_in=actor().person_id is not None,
        similar_url=url_for("contributions.similar", slug=place.slug, cycle=place.cycle),
        crumbs=crumbs_of(
            place,
            (_("Ideas"), url_for("contributions.ideas", slug=place.slug, cycle=place.cycle)),
            (_("Propose an idea"), None),
        ),
        back=url_for("contributions.ideas", slug=place.slug, cycle=place.cycle),
        charter=pages.home_of("charter", slug=place.slug),
        body_chars=queries.BODY_CHARS,
        title_chars=queries.TITLE_CHARS,
        draft_key=f"idea-{place.plan_id}",
    )


@bp.get(f"{PLAN}/ideas/similar")
@guard(Act.PUBLIC_READ, plan_place)
def similar(place: Place) -> Any:
    """Show the ideas that resemble what is being typed."""
    typed = " ".join([request.args.get("title", ""), request.args.get("problem", "")])
    found = queries.similar_ideas(collectivity_of(place), plan_id_of(place), typed[:600])
    return pages.page(
        "contributions/similar.html",
        block="similar",
        similar=[pieces.idea_piece(row, place.slug) for row in found],
        typed=typed.strip(),
        write_url=url_for("contributions.idea_form", slug=place.slug, cycle=place.cycle),
        crumbs=crumbs_of(
            place, (_("Ideas"), url_for("contributions.ideas", slug=place.slug, cycle=place.cycle))
        ),
    )


@bp.post(f"{PLAN}/ideas/new")
@guard(Act.IDEA_SUBMIT, plan_place)
def submit_idea(place: Place) -> Any:
    """Take an idea, after showing once the ideas that resemble it."""
    form = IdeaForm(axes=axis_choices(place), **form_needs(place))
    valid = form.validate_on_submit()
    # Asked before looking for similar ideas: the first copy of this very form made one.
    before = forms.first_reply(form) if valid else None
    if before is not None:
        return pages.see(before.location, receipt=before.receipt_code)
    kept = stored.own_file(collectivity_of(place), str(form.kept_file.data or ""), actor().person_id)
    alike = (
        queries.similar_ideas(
            collectivity_of(place), plan_id_of(place), f"{form.title.data} {form.problem.data}"
        )
        if valid and not form.seen.data
        else ()
    )
    if not valid or alike:
        if form.file.bytes is not None:
            # A browser never sends a file twice by itself: keep it, so that it is chosen only once.
            kept = files.keep(actor(), collectivity_of(place), form.file.data.filename or "", form.file.bytes)
            form.kept_file.data = kept.ref
            db.session.commit()
        if alike:
            form.seen.data = "1"
        return _idea_form_page(place, form, status=422 if not valid else 200, similar=alike)
    if (elsewhere := asks_name(form)) is not None:
        return elsewhere

    def act() -> tuple[str, str | None]:
        file_id = kept.id if kept else None
        if form.file.bytes is not None:
            file_id = files.keep(
                actor(), collectivity_of(place), form.file.data.filename or "", form.file.bytes
            ).id
        made = actions.submit_idea(
            actor(),
            place,
            voice_chosen(form, place),
            declared=form.has_declared,
            title=form.title.data or "",
            problem=form.problem.data or "",
            proposal=form.proposal.data or "",
            axis_id=int(form.axis_id.data),
            location=form.place.data or "",
            lang=form.lang.data or None,
            file_id=file_id,
        )
        return outcome_told(place, made, _("Your idea is published."))

    return performed_once(form, act)


@bp.get("/<slug:slug>/ideas/<ref:ref>/")
@guard(Act.PUBLIC_READ, idea_place)
def idea(place: Place) -> Any:
    """Show an idea: its words, what became of it, and what people say of it."""
    row = seen_text(place)
    assert isinstance(row, IdeaRow)
    where = queries.address_of(collectivity_of(place), row.id)
    if row.state is PublishState.MERGED and where.merged_ref:
        return pages.see(url_for("contributions.idea", slug=place.slug, ref=where.merged_ref))
    talk = consultations.with_consultation(place)
    found = queries.comments_of_idea(
        collectivity_of(place), row.id, actor=actor(), after=request.args.get("after")
    )
    fate = queries.later.fate_of(collectivity_of(place), [row.id]).get(row.id)
    cosign_possible = row.public and not row.own and pieces.possible(place, Act.IDEA_COSIGN)
    return pages.page(
        "contributions/idea.html",
        block="list",
        idea=row,
        author=pieces.author_name(row.author),
        author_url=pieces.author_url(row.author, place.slug),
        axis=said(row.axis),
        heading=row.title if row.readable else _("An idea that is not shown"),
        tombstone=None if row.readable else pieces.tombstone(row.state),
        status_note=pieces.status_note(row) if row.own else None,
        reason=queries.later.reason_of(actor(), collectivity_of(place), row.id) if row.own else None,
        fate=fate,
        labels=labels,
        fate_label=labels.fate(fate.fate) if fate else None,
        fate_reason=said(fate.reason) if fate and fate.reason else None,
        fate_url=pages.home_of("project", slug=place.slug, cycle=place.cycle, number=fate.project_number)
        if fate and fate.project_number
        else None,
        merged_url=url_for("contributions.idea", slug=place.slug, ref=fate.merged_ref)
        if fate and fate.merged_ref
        else None,
        judge=queries.later.to_judge(place, row.id) if row.own else None,
        response=queries.later.response_of(collectivity_of(place), [row.id]).get(row.id),
        position=pieces.positions_on(place, [row.statement_id]).get(row.statement_id)
        if row.public and row.statement_id
        else None,
        cosigned=queries.has_cosigned(collectivity_of(place), row.id, actor().person_id),
        cosign_url=url_for("contributions.cosign_form", slug=place.slug, ref=row.ref)
        if cosign_possible
        else None,
        comments=pieces.discussion(talk, found.rows),
        after=next_page(found.after),
        comment_url=url_for("contributions.reply_form", slug=place.slug, ref=row.ref)
        if row.public and pieces.possible(talk, Act.COMMENT_SUBMIT)
        else None,
        file_url=url_for("contributions.idea_file", slug=place.slug, ref=row.ref) if row.file else None,
        earlier=earlier_wordings(row),
        **own_controls(place, row),
        report_url=queries.later.report_url(place.slug, row.ref) if row.public and not row.own else None,
        crumbs=crumbs_of(
            place,
            (_("Ideas"), url_for("contributions.ideas", slug=place.slug, cycle=place.cycle)),
            (_("Idea %(ref)s", ref=row.ref), None),
        ),
    )


@bp.get("/<slug:slug>/ideas/<ref:ref>/file")
@guard(Act.PUBLIC_READ, idea_place)
def idea_file(place: Place) -> Any:
    """Send the attachment of an idea to whoever may read the idea."""
    row = seen_text(place)
    assert isinstance(row, IdeaRow)
    found = (
        stored.attachment(collectivity_of(place), row.file.id)
        if row.readable and row.file is not None
        else None
    )
    if found is None:
        raise NotFound
    return sent(found)


@bp.get("/<slug:slug>/ideas/<ref:ref>/co-sign")
@guard(Act.PUBLIC_READ, idea_place)
def cosign_form(place: Place) -> Any:
    """Ask before a name goes under an idea."""
    return _cosign_page(place, forms.restored(CosignForm, **form_needs(place)))


def _cosign_page(place: Place, form: Form, status: int = 200) -> Any:
    row = seen_text(place)
    assert isinstance(row, IdeaRow)
    if not row.public:
        raise NotFound
    home = url_for("contributions.idea", slug=place.slug, ref=row.ref)
    return pages.page(
        "contributions/cosign.html",
        status=status,
        form=form,
        idea=row,
        possible=pieces.possible(place, Act.IDEA_COSIGN),
        back=home,
        crumbs=crumbs_of(
            place,
            (_("Ideas"), url_for("contributions.ideas", slug=place.slug, cycle=place.cycle)),
            (_("Idea %(ref)s", ref=row.ref), home),
            (_("Co-sign"), None),
        ),
    )


@bp.post("/<slug:slug>/ideas/<ref:ref>/co-sign")
@guard(Act.IDEA_COSIGN, idea_place)
def cosign(place: Place) -> Any:
    """Put a voice under an idea."""
    form = CosignForm(**form_needs(place))
    if not form.validate_on_submit():
        return _cosign_page(place, form, status=422)

    def act() -> tuple[str, str | None]:
        base = actions.cosign(actor(), place, voice_chosen(form, place), declared=form.has_declared)
        flash(_("You now support this idea with your voice. Only the number of voices is shown."), "ok")
        return url_for("contributions.idea", slug=place.slug, ref=base.ref), None

    return performed_once(form, act)
