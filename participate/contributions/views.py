"""Pages of contributions: each form at its own address, each text at its own, ideas as a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.contributions import actions, pieces, queries
from participate.contributions.forms import (
    MYSELF,
    AmendmentForm,
    CommentForm,
    ConfirmForm,
    CosignForm,
    IdeaForm,
    OpinionForm,
    ReplyForm,
    RewriteCommentForm,
    RewriteIdeaForm,
    WrittenForm,
)
from participate.contributions.models import Contribution
from participate.contributions.queries import CommentRow, IdeaRow
from participate.db import db
from participate.files import actions as files
from participate.files import queries as stored
from participate.files.views import sent, takes_uploads
from participate.people.queries import Voice, voices_of
from participate.plans import queries as plans
from participate.plans.models import ProjectRevision
from participate.rules.outcomes import (
    READABLE_STATES,
    CommentKind,
    ContributionKind,
    Fate,
    PublishState,
    Section,
    Stance,
)
from participate.rules.policy import Act, Place, RefusedError, require
from participate.web import errors, forms, labels, pages
from participate.web.access import actor, allowed, guard
from participate.web.errors import Trouble
from participate.web.forms import Form
from participate.web.hooks import hooks
from participate.web.i18n import moment, plain, said

bp = Blueprint("contributions", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)

PROJECT = "/<slug:slug>/plans/<cycle:cycle>/projects/<int(max=99999):number>"
PLAN = "/<slug:slug>/plans/<cycle:cycle>"


# --- Places --------------------------------------------------------------------------------------


def plan_place(slug: str, cycle: str, **_rest: object) -> Place:
    """Return the place of a plan and its present consultation. Raises NotFound."""
    return consultations.consultation_place(slug, cycle)


def project_place(slug: str, cycle: str, number: int, **_rest: object) -> Place:
    """Return the place of a project in the plan's present consultation. Raises NotFound."""
    project = plans.project_place(slug, cycle, number)
    if not project.readable:
        raise NotFound
    place = consultations.with_consultation(project)
    return replace(place, ids={**place.ids, "number": number})


def text_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of a contribution. Raises NotFound, also when its reader may not know of it."""
    place = queries.place_of(slug, ref)
    _seen(place)
    return place


def reply_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of a text in its plan's present consultation: an idea of June is discussed in August."""
    return consultations.with_consultation(text_place(slug, ref))


def idea_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of an idea. Raises NotFound for anything else."""
    place = text_place(slug, ref)
    if not isinstance(_seen(place), IdeaRow):
        raise NotFound
    return place


def repeatable_place(slug: str, ref: str, **_rest: object) -> Place:
    """Return the place of a text as it was before a form that may have been sent twice; the act looks again."""
    return replace(text_place(slug, ref), settled=False)


def _seen(place: Place) -> CommentRow | IdeaRow:
    """Return the text of the place as the reader may see it; a text still held is unknown to others."""
    assert place.collectivity_id is not None
    base = db.session.get(Contribution, (place.collectivity_id, place.ids["contribution"]))
    if base is None:
        raise NotFound
    row = queries.seen(base, actor())
    held = row.state in {PublishState.WAITING, PublishState.RETURNED}
    if held and not row.readable:
        raise NotFound
    return row


def _cid(place: Place) -> int:
    assert place.collectivity_id is not None
    return place.collectivity_id


def _plan_id(place: Place) -> int:
    assert place.plan_id is not None
    return place.plan_id


# --- What forms share ----------------------------------------------------------------------------


def _voices(place: Place) -> list[Voice]:
    person_id = actor().person_id
    return [] if person_id is None else list(voices_of(person_id, _cid(place)))


def _voice_choices(place: Place) -> list[tuple[str, str]]:
    return [
        (
            str(voice.association_id or MYSELF),
            _("In the name of %(association)s", association=label_of(voice))
            if voice.association_id
            else _("In my own name"),
        )
        for voice in _voices(place)
    ]


def label_of(voice: Voice) -> str:
    """Return what to call a voice."""
    return voice.label if isinstance(voice.label, str) else plain(voice.label)


def _written(place: Place) -> dict[str, Any]:
    """Return what every written form is made with: voices, and whether the declaration is still owed."""
    return {
        "voices": _voice_choices(place),
        "declares": place.consultation_id is not None
        and consultations.needs_declaration(_cid(place), place.consultation_id, actor().person_id),
    }


def _chosen(form: WrittenForm, place: Place) -> Voice:
    wanted = form.chosen_voice
    for voice in _voices(place):
        if str(voice.association_id or MYSELF) == wanted:
            return voice
    raise RefusedError(Act.COMMENT_SUBMIT, ("owner",))


def _asks_name(form: WrittenForm) -> Any | None:
    """Return the way to choose a name, once, before the first text in one's own name; what is typed is kept."""
    if form.chosen_voice != MYSELF or actor().named:
        return None
    hooks.park_draft(request.path, form.fields_to_keep())
    return pages.see(url_for("people.name_form", next=request.path))


def _once(form: Form, act: Callable[[], tuple[str, str | None]]) -> Any:
    """Perform an act once however often its form is sent; a copy waits for the first and gets its answer."""
    before = forms.first_reply(form)
    if before is not None:
        return pages.see(before.location, receipt=before.receipt_code)
    location, receipt = act()
    forms.keep_reply(form, location, receipt)
    db.session.commit()
    return pages.see(location, receipt=receipt)


def _done(place: Place, base: Contribution, published: str) -> tuple[str, str | None]:
    """Say what happened to a new text and return where its author goes next."""
    if base.state in READABLE_STATES:
        flash(published + " " + _("Your receipt: %(code)s", code=base.receipt_code), "ok")
    else:
        flash(
            _(
                "Received. A moderator reads it before it is public, by %(moment)s at the latest.",
                moment=moment(base.due_at),
            )
            + " "
            + _("Your receipt: %(code)s", code=base.receipt_code),
            "info",
        )
    return _home(place, base), base.receipt_code


def _home(place: Place, base: Contribution) -> str:
    """Return where a text is read: in its place once public, at its own address while it waits."""
    if base.kind is ContributionKind.IDEA:
        return url_for("contributions.idea", slug=place.slug, ref=base.ref)
    if base.state not in READABLE_STATES:
        return url_for("contributions.one", slug=place.slug, ref=base.ref)
    where = queries.address_of(base.collectivity_id, base.id)
    return _subject_url(where, anchor=f"c-{base.ref}")


def _subject_url(where: queries.Address, anchor: str | None = None) -> str:
    if where.project_number is not None:
        return pages.home_of(
            "project", slug=where.slug, cycle=where.cycle, number=where.project_number, anchor=anchor
        )
    if where.idea_ref is not None:
        return url_for("contributions.idea", slug=where.slug, ref=where.idea_ref, _anchor=anchor)
    return url_for("contributions.plan_comments", slug=where.slug, cycle=where.cycle, _anchor=anchor)


def _crumbs(place: Place, *more: tuple[Any, str | None]) -> list[dict[str, Any]]:
    plan = {
        "label": _("The plan %(cycle)s", cycle=place.cycle),
        "url": pages.home_of("plan", slug=place.slug, cycle=place.cycle),
    }
    return [plan, *({"label": label, "url": url} for label, url in more)]


# --- Comments on a project -----------------------------------------------------------------------


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
    version_id = queries.version_under(_cid(place), place.consultation_id)
    return queries.revision_read(_cid(place), version_id, place.ids["project"]) or queries.last_revision(
        _cid(place), place.ids["project"]
    )


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
        return AmendmentForm(data=merged, **_written(place)), words
    if merged.get("kind") == CommentKind.AMENDMENT:
        merged["kind"] = CommentKind.OPINION.value
    return CommentForm(data=merged, **_written(place)), None


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
        crumbs=_crumbs(
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
    if (elsewhere := _asks_name(form)) is not None:
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
            _chosen(form, place),
            declared=form.has_declared,
            project_id=place.ids["project"],
            section=_section(form["section"].data),
            kind=kind,
            stance=Stance(form["stance"].data or Stance.NONE),
            body=form["body"].data,
            lang=form.lang.data or None,
            **amend,
        )
        return _done(place, made, _("Your comment is published."))

    return _once(form, act)


# --- Comments on the plan ------------------------------------------------------------------------


@bp.get(f"{PLAN}/comments/")
@guard(Act.PUBLIC_READ, plan_place)
def plan_comments(place: Place) -> Any:
    """Show what people say of the plan as a whole."""
    found = queries.comments_of_plan(
        _cid(place), _plan_id(place), actor=actor(), after=request.args.get("after")
    )
    return pages.page(
        "contributions/plan_comments.html",
        block="list",
        comments=pieces.discussion(place, found.rows),
        after=_next(found.after),
        write_url=url_for("contributions.plan_comment_form", slug=place.slug, cycle=place.cycle)
        if pieces.possible(place, Act.COMMENT_SUBMIT)
        else None,
        crumbs=_crumbs(place, (_("On the plan as a whole"), None)),
    )


def _next(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    kept = {name: value for name, value in request.args.items() if name != "after"}
    assert request.endpoint is not None
    return url_for(request.endpoint, **{**(request.view_args or {}), **kept, "after": cursor})


@bp.get(f"{PLAN}/comments/new")
@guard(Act.PUBLIC_READ, plan_place)
def plan_comment_form(place: Place) -> Any:
    """Show the form of a comment on the plan as a whole."""
    return _plan_comment_page(place, forms.restored(CommentForm, sections=False, **_written(place)))


@bp.post(f"{PLAN}/comments/new")
@guard(Act.COMMENT_SUBMIT, plan_place)
def plan_comment(place: Place) -> Any:
    """Take a comment on the plan as a whole."""
    form = CommentForm(sections=False, **_written(place))
    if not form.validate_on_submit():
        return _plan_comment_page(place, form, status=422)
    if (elsewhere := _asks_name(form)) is not None:
        return elsewhere

    def act() -> tuple[str, str | None]:
        made = actions.submit_comment(
            actor(),
            place,
            _chosen(form, place),
            declared=form.has_declared,
            kind=CommentKind(form.kind.data or CommentKind.OPINION),
            stance=Stance(form.stance.data or Stance.NONE),
            body=form.body.data or "",
            lang=form.lang.data or None,
        )
        return _done(place, made, _("Your comment is published."))

    return _once(form, act)


def _plan_comment_page(place: Place, form: Form, status: int = 200) -> Any:
    above = url_for("contributions.plan_comments", slug=place.slug, cycle=place.cycle)
    return pages.page(
        "contributions/comment_form.html",
        block="form",
        status=status,
        form=form,
        words=None,
        amends=False,
        possible=pieces.possible(place, Act.COMMENT_SUBMIT),
        signed_in=actor().person_id is not None,
        section=None,
        section_label=None,
        original=None,
        kinds=[],
        title=_("The plan %(cycle)s", cycle=place.cycle),
        crumbs=_crumbs(place, (_("On the plan as a whole"), above), (_("Write a comment"), None)),
        back=above,
        charter=pages.home_of("charter", slug=place.slug),
        body_chars=queries.BODY_CHARS,
        draft_key=f"comment-plan-{place.plan_id}",
    )


# --- Ideas ---------------------------------------------------------------------------------------


def _axis_choices(place: Place) -> list[tuple[str, str]]:
    return [(str(axis.id), plain(axis.title)) for axis in queries.axes_of(_cid(place), _plan_id(place))]


@bp.get(f"{PLAN}/ideas/")
@guard(Act.PUBLIC_READ, plan_place)
def ideas(place: Place) -> Any:
    """Show people's ideas, by axis and by what became of them."""
    axes = queries.axes_of(_cid(place), _plan_id(place))
    axis = next((one for one in axes if one.slug == request.args.get("axis")), None)
    fate = next((one for one in Fate if one.value == request.args.get("fate")), None)
    found = queries.ideas_of(
        _cid(place),
        _plan_id(place),
        actor=actor(),
        axis_id=axis.id if axis else None,
        fate=fate,
        after=request.args.get("after"),
    )
    fates = queries.later.fate_of(_cid(place), [row.id for row in found.rows])
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
        after=_next(found.after),
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
        crumbs=_crumbs(place, (_("Ideas"), None)),
    )


@bp.get(f"{PLAN}/ideas/new")
@guard(Act.PUBLIC_READ, plan_place)
def idea_form(place: Place) -> Any:
    """Show the form of an idea; signed-out readers may fill it in."""
    form = forms.restored(
        IdeaForm,
        data={"axis_id": request.args.get("axis")},
        axes=_axis_choices(place),
        uploads=actor().person_id is not None,
        **_written(place),
    )
    return _idea_form_page(place, form)


def _idea_form_page(place: Place, form: Form, status: int = 200, similar: Any = ()) -> Any:
    kept = stored.own_file(_cid(place), str(form["kept_file"].data or ""), actor().person_id)
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
        crumbs=_crumbs(
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
    found = queries.similar_ideas(_cid(place), _plan_id(place), typed[:600])
    return pages.page(
        "contributions/similar.html",
        block="similar",
        similar=[pieces.idea_piece(row, place.slug) for row in found],
        typed=typed.strip(),
        write_url=url_for("contributions.idea_form", slug=place.slug, cycle=place.cycle),
        crumbs=_crumbs(
            place, (_("Ideas"), url_for("contributions.ideas", slug=place.slug, cycle=place.cycle))
        ),
    )


@bp.post(f"{PLAN}/ideas/new")
@guard(Act.IDEA_SUBMIT, plan_place)
def submit_idea(place: Place) -> Any:
    """Take an idea, after showing once the ideas that resemble it."""
    form = IdeaForm(axes=_axis_choices(place), **_written(place))
    valid = form.validate_on_submit()
    # Asked before looking for similar ideas: the first copy of this very form made one.
    before = forms.first_reply(form) if valid else None
    if before is not None:
        return pages.see(before.location, receipt=before.receipt_code)
    kept = stored.own_file(_cid(place), str(form.kept_file.data or ""), actor().person_id)
    alike = (
        queries.similar_ideas(_cid(place), _plan_id(place), f"{form.title.data} {form.problem.data}")
        if valid and not form.seen.data
        else ()
    )
    if not valid or alike:
        if form.file.bytes is not None:
            # A browser never sends a file twice by itself: keep it, so that it is chosen only once.
            kept = files.keep(actor(), _cid(place), form.file.data.filename or "", form.file.bytes)
            form.kept_file.data = kept.ref
            db.session.commit()
        if alike:
            form.seen.data = "1"
        return _idea_form_page(place, form, status=422 if not valid else 200, similar=alike)
    if (elsewhere := _asks_name(form)) is not None:
        return elsewhere

    def act() -> tuple[str, str | None]:
        file_id = kept.id if kept else None
        if form.file.bytes is not None:
            file_id = files.keep(actor(), _cid(place), form.file.data.filename or "", form.file.bytes).id
        made = actions.submit_idea(
            actor(),
            place,
            _chosen(form, place),
            declared=form.has_declared,
            title=form.title.data or "",
            problem=form.problem.data or "",
            proposal=form.proposal.data or "",
            axis_id=int(form.axis_id.data),
            location=form.place.data or "",
            lang=form.lang.data or None,
            file_id=file_id,
        )
        return _done(place, made, _("Your idea is published."))

    return _once(form, act)


@bp.get("/<slug:slug>/ideas/<ref:ref>/")
@guard(Act.PUBLIC_READ, idea_place)
def idea(place: Place) -> Any:
    """Show an idea: its words, what became of it, and what people say of it."""
    row = _seen(place)
    assert isinstance(row, IdeaRow)
    where = queries.address_of(_cid(place), row.id)
    if row.state is PublishState.MERGED and where.merged_ref:
        return pages.see(url_for("contributions.idea", slug=place.slug, ref=where.merged_ref))
    talk = consultations.with_consultation(place)
    found = queries.comments_of_idea(_cid(place), row.id, actor=actor(), after=request.args.get("after"))
    fate = queries.later.fate_of(_cid(place), [row.id]).get(row.id)
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
        reason=queries.later.reason_of(actor(), _cid(place), row.id) if row.own else None,
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
        response=queries.later.response_of(_cid(place), [row.id]).get(row.id),
        position=pieces.positions_on(place, [row.statement_id]).get(row.statement_id)
        if row.public and row.statement_id
        else None,
        cosigned=queries.has_cosigned(_cid(place), row.id, actor().person_id),
        cosign_url=url_for("contributions.cosign_form", slug=place.slug, ref=row.ref)
        if cosign_possible
        else None,
        comments=pieces.discussion(talk, found.rows),
        after=_next(found.after),
        comment_url=url_for("contributions.reply_form", slug=place.slug, ref=row.ref)
        if row.public and pieces.possible(talk, Act.COMMENT_SUBMIT)
        else None,
        file_url=url_for("contributions.idea_file", slug=place.slug, ref=row.ref) if row.file else None,
        earlier=_earlier(row),
        **_own_controls(place, row),
        report_url=queries.later.report_url(place.slug, row.ref) if row.public and not row.own else None,
        crumbs=_crumbs(
            place,
            (_("Ideas"), url_for("contributions.ideas", slug=place.slug, cycle=place.cycle)),
            (_("Idea %(ref)s", ref=row.ref), None),
        ),
    )


def _own_controls(place: Place, row: CommentRow | IdeaRow) -> dict[str, Any]:
    """Return the links by which an author changes or withdraws a text, when they still can."""
    live = row.own and (row.public or row.state in {PublishState.WAITING, PublishState.RETURNED})
    may_edit = live and (row.state is PublishState.RETURNED or allowed(Act.CONTRIBUTION_EDIT, place))
    return {
        "edit_url": url_for("contributions.edit_form", slug=place.slug, ref=row.ref) if may_edit else None,
        "withdraw_url": url_for("contributions.withdraw_form", slug=place.slug, ref=row.ref)
        if live
        else None,
    }


def _earlier(row: CommentRow | IdeaRow) -> list[dict[str, Any]]:
    """Return the earlier wordings of a text that its reader may see; a masked one keeps its past masked too."""
    if not row.readable or not row.edited or row.state is PublishState.REDACTED:
        return []
    names = ("title", "problem", "proposal") if isinstance(row, IdeaRow) else ("body", "amend_to")
    return [
        {
            "at": one.at,
            "lang": one.before.get("lang"),
            "text": "\n\n".join(str(one.before.get(name) or "") for name in names).strip(),
        }
        for one in queries.edits_of(row.collectivity_id, row.id)
    ]


@bp.get("/<slug:slug>/ideas/<ref:ref>/file")
@guard(Act.PUBLIC_READ, idea_place)
def idea_file(place: Place) -> Any:
    """Send the attachment of an idea to whoever may read the idea."""
    row = _seen(place)
    assert isinstance(row, IdeaRow)
    found = stored.attachment(_cid(place), row.file.id) if row.readable and row.file is not None else None
    if found is None:
        raise NotFound
    return sent(found)


@bp.get("/<slug:slug>/ideas/<ref:ref>/co-sign")
@guard(Act.PUBLIC_READ, idea_place)
def cosign_form(place: Place) -> Any:
    """Ask before a name goes under an idea."""
    return _cosign_page(place, forms.restored(CosignForm, **_written(place)))


def _cosign_page(place: Place, form: Form, status: int = 200) -> Any:
    row = _seen(place)
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
        crumbs=_crumbs(
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
    form = CosignForm(**_written(place))
    if not form.validate_on_submit():
        return _cosign_page(place, form, status=422)

    def act() -> tuple[str, str | None]:
        base = actions.cosign(actor(), place, _chosen(form, place), declared=form.has_declared)
        flash(_("You now support this idea with your voice. Only the number of voices is shown."), "ok")
        return url_for("contributions.idea", slug=place.slug, ref=base.ref), None

    return _once(form, act)


# --- One text ------------------------------------------------------------------------------------


@bp.get("/<slug:slug>/c/<ref:ref>")
@guard(Act.PUBLIC_READ, text_place)
def one(place: Place) -> Any:
    """Show one text at its own address, with its replies and, to its author, where it stands."""
    row = _seen(place)
    if isinstance(row, IdeaRow):
        return pages.see(url_for("contributions.idea", slug=place.slug, ref=row.ref))
    where = queries.address_of(_cid(place), row.id)
    if row.state is PublishState.MERGED and where.merged_ref and not row.own:
        return pages.see(url_for("contributions.one", slug=place.slug, ref=where.merged_ref))
    about: Any
    if where.project_number is not None:
        about = said(where.project_title)
    else:
        about = where.idea_title or _("The plan %(cycle)s", cycle=place.cycle)
    talk = consultations.with_consultation(place)
    piece = pieces.discussion(talk, (row,))[0]
    return pages.page(
        "contributions/one.html",
        comment={**piece, **_own_controls(place, row), "status_note": None},
        row=row,
        heading=pieces.kind_name(row),
        about=about,
        about_url=_subject_url(where, anchor=f"c-{where.parent_ref or row.ref}" if row.public else None),
        parent_url=url_for("contributions.one", slug=place.slug, ref=where.parent_ref)
        if where.parent_ref
        else None,
        merged_url=url_for("contributions.one", slug=place.slug, ref=where.merged_ref)
        if where.merged_ref
        else None,
        state=row.state.value,
        reason=queries.later.reason_of(actor(), _cid(place), row.id) if row.own else None,
        earlier=_earlier(row),
        crumbs=_crumbs(place, (about, _subject_url(where)), (f"{pieces.kind_name(row)} {row.ref}", None)),
    )


@bp.get("/<slug:slug>/c/<ref:ref>/reply")
@guard(Act.PUBLIC_READ, reply_place)
def reply_form(place: Place) -> Any:
    """Show the form of a reply to a comment, or of a comment on an idea."""
    row = _seen(place)
    if not row.public:
        raise NotFound
    made: type[Any] = CommentForm if isinstance(row, IdeaRow) else ReplyForm
    more = {"sections": False} if made is CommentForm else {}
    return _reply_page(place, row, forms.restored(made, **more, **_written(place)))


def _reply_page(place: Place, row: CommentRow | IdeaRow, form: Form, status: int = 200) -> Any:
    where = queries.address_of(_cid(place), row.id)
    if isinstance(row, IdeaRow):
        back = url_for("contributions.idea", slug=place.slug, ref=row.ref)
        about, quoted = row.title, row.problem
    else:
        back = url_for("contributions.one", slug=place.slug, ref=row.ref)
        about, quoted = f"{pieces.kind_name(row)} {row.ref}", row.body
    return pages.page(
        "contributions/reply_form.html",
        block="form",
        status=status,
        form=form,
        row=row,
        on_idea=isinstance(row, IdeaRow),
        about=about,
        quoted=pieces.excerpt(quoted, 400),
        author=pieces.author_name(row.author),
        possible=pieces.possible(place, Act.COMMENT_SUBMIT),
        signed_in=actor().person_id is not None,
        back=back,
        charter=pages.home_of("charter", slug=place.slug),
        body_chars=queries.BODY_CHARS,
        draft_key=f"reply-{row.ref}",
        crumbs=_crumbs(place, (about, back), (_("Reply"), None))
        if isinstance(row, IdeaRow)
        else _crumbs(place, (_("In its place"), _subject_url(where)), (about, back), (_("Reply"), None)),
    )


@bp.post("/<slug:slug>/c/<ref:ref>/reply")
@guard(Act.COMMENT_SUBMIT, reply_place)
def reply(place: Place) -> Any:
    """Take a reply to a comment, or a comment on an idea."""
    row = _seen(place)
    on_idea = isinstance(row, IdeaRow)
    form: Any = CommentForm(sections=False, **_written(place)) if on_idea else ReplyForm(**_written(place))
    if not form.validate_on_submit():
        return _reply_page(place, row, form, status=422)
    if (elsewhere := _asks_name(form)) is not None:
        return elsewhere

    def act() -> tuple[str, str | None]:
        about: dict[str, Any] = (
            {
                "idea_id": row.id,
                "kind": CommentKind(form.kind.data or CommentKind.OPINION),
                "stance": Stance(form.stance.data or Stance.NONE),
            }
            if on_idea
            else {"parent_id": row.id}
        )
        made = actions.submit_comment(
            actor(),
            place,
            _chosen(form, place),
            declared=form.has_declared,
            body=form.body.data,
            lang=form.lang.data or None,
            **about,
        )
        return _done(
            place, made, _("Your comment is published.") if on_idea else _("Your reply is published.")
        )

    return _once(form, act)


# --- The author's own changes --------------------------------------------------------------------


def _rewrite_act(row: CommentRow | IdeaRow) -> Act:
    return Act.CONTRIBUTION_RESUBMIT if row.state is PublishState.RETURNED else Act.CONTRIBUTION_EDIT


def _rewrite_form(place: Place, row: CommentRow | IdeaRow) -> Any:
    if isinstance(row, IdeaRow):
        kind: dict[str, Any] = {"axes": _axis_choices(place)}
        words = {name: getattr(row, name) for name in ("title", "problem", "proposal", "place", "lang")}
        words["axis_id"] = str(row.axis_id)
        form_class: type[Form] = RewriteIdeaForm
    else:
        kind = {"amends": row.kind is CommentKind.AMENDMENT, "reply": row.parent_id is not None}
        words = {"body": row.body, "amend_to": row.amend_to, "stance": row.stance.value, "lang": row.lang}
        form_class = RewriteCommentForm
    words["version"] = str(row.row_version)
    return forms.restored(form_class, data=words, **kind)


def _rewrite_page(place: Place, row: CommentRow | IdeaRow, form: Form, status: int = 200) -> Any:
    is_idea = isinstance(row, IdeaRow)
    back = url_for("contributions.idea" if is_idea else "contributions.one", slug=place.slug, ref=row.ref)
    return pages.page(
        "contributions/edit.html",
        block="form",
        status=status,
        form=form,
        row=row,
        is_idea=is_idea,
        returned=row.state is PublishState.RETURNED,
        reason=queries.later.reason_of(actor(), _cid(place), row.id),
        original=row.amend_from if isinstance(row, CommentRow) and row.amend_from else None,
        back=back,
        body_chars=queries.BODY_CHARS,
        title_chars=queries.TITLE_CHARS,
        crumbs=_crumbs(place, (row.ref, back), (_("Edit"), None)),
    )


@bp.get("/<slug:slug>/c/<ref:ref>/edit")
@guard(Act.CONTRIBUTION_WITHDRAW, text_place)
def edit_form(place: Place) -> Any:
    """Show one's words, to be changed while nobody has answered them, or rewritten after a return."""
    row = _seen(place)
    require(actor(), _rewrite_act(row), place)
    return _rewrite_page(place, row, _rewrite_form(place, row))


@bp.post("/<slug:slug>/c/<ref:ref>/edit")
@guard(Act.CONTRIBUTION_RESUBMIT, text_place)
def edit(place: Place) -> Any:
    """Save the changed words, or send a returned text again."""
    row = _seen(place)
    form = _rewrite_form(place, row)
    if not form.validate_on_submit():
        return _rewrite_page(place, row, form, status=422)
    words: dict[str, Any] = {
        name: form[name].data for name in ("title", "problem", "proposal", "body", "amend_to") if name in form
    }
    if "axis_id" in form:
        words.update(axis_id=int(form["axis_id"].data), location=form["place"].data or "")
    if "stance" in form:
        words["stance"] = Stance(form["stance"].data or Stance.NONE)
    if isinstance(row, CommentRow) and row.amend_from and words.get("amend_to") == row.amend_from:
        form["amend_to"].errors = [
            _("The wording is the same as before: change it, or write a comment instead.")
        ]
        return _rewrite_page(place, row, form, status=422)
    version = form["version"].data or ""

    def act() -> tuple[str, str | None]:
        verb = actions.resubmit if row.state is PublishState.RETURNED else actions.edit
        base = verb(
            actor(),
            place,
            row_version=int(version)
            if version.isascii() and version.isdigit() and len(version) < 12
            else None,
            lang=form["lang"].data or None,
            **words,
        )
        if base.state in READABLE_STATES:
            flash(_("Your changes are published. The earlier wording can still be read."), "ok")
        else:
            flash(
                _(
                    "Received. A moderator reads it before it is public, by %(moment)s at the latest.",
                    moment=moment(base.due_at),
                ),
                "info",
            )
        return _home(place, base), None

    return _once(form, act)


@bp.get("/<slug:slug>/c/<ref:ref>/withdraw")
@guard(Act.CONTRIBUTION_WITHDRAW, text_place)
def withdraw_form(place: Place) -> Any:
    """Ask before a text is taken back."""
    row = _seen(place)
    is_idea = isinstance(row, IdeaRow)
    back = url_for("contributions.idea" if is_idea else "contributions.one", slug=place.slug, ref=row.ref)
    form = ConfirmForm()
    return pages.page(
        "contributions/withdraw.html",
        form=form,
        row=row,
        quoted=pieces.excerpt(row.title if isinstance(row, IdeaRow) else row.body, 400),
        back=back,
        crumbs=_crumbs(place, (row.ref, back), (_("Withdraw"), None)),
    )


@bp.post("/<slug:slug>/c/<ref:ref>/withdraw")
@guard(Act.CONTRIBUTION_WITHDRAW, repeatable_place)
def withdraw(place: Place) -> Any:
    """Take a text back; a stub and its replies stay."""
    form = ConfirmForm()

    def act() -> tuple[str, str | None]:
        base = actions.withdraw(actor(), place)
        flash(_("Your text is withdrawn. Only a line saying so remains in its place."), "ok")
        is_idea = base.kind is ContributionKind.IDEA
        return url_for(
            "contributions.idea" if is_idea else "contributions.one", slug=place.slug, ref=base.ref
        ), None

    return _once(form, act)


# --- Opinions of advisory bodies -----------------------------------------------------------------


def _opinion_page(place: Place, form: Form, status: int = 200) -> Any:
    filed = queries.opinions(_cid(place), place.consultation_id) if place.consultation_id is not None else ()
    return pages.page(
        "contributions/opinion.html",
        block="form",
        status=status,
        form=form,
        filed=[
            {"name": said(one.body_name), "at": one.filed_at, "text": one.text, "lang": one.lang}
            for one in filed
        ],
        has_bodies=bool(queries.advisory_bodies(_cid(place))),
        possible=place.consultation_id is not None and allowed(Act.OPINION_FILE, place),
        opinion_chars=queries.OPINION_CHARS,
        crumbs=_crumbs(place, (_("Opinion of an advisory body"), None)),
        back=pages.home_of("plan", slug=place.slug, cycle=place.cycle),
    )


def _bodies(place: Place) -> list[tuple[str, str]]:
    return [(str(body.id), plain(body.name)) for body in queries.advisory_bodies(_cid(place))]


@bp.get("/desk/<slug:slug>/plans/<cycle:cycle>/opinion")
@guard(Act.DESK_ENTER, plan_place)
def opinion_form(place: Place) -> Any:
    """Show what advisory bodies filed, and the form to file an opinion."""
    bodies = _bodies(place)
    form = forms.restored(
        OpinionForm, data={"body_id": bodies[0][0] if len(bodies) == 1 else None}, bodies=bodies
    )
    return _opinion_page(place, form)


@bp.post("/desk/<slug:slug>/plans/<cycle:cycle>/opinion")
@guard(Act.OPINION_FILE, plan_place)
def opinion(place: Place) -> Any:
    """File the opinion of an advisory body."""
    form = OpinionForm(bodies=_bodies(place))
    if not form.validate_on_submit():
        return _opinion_page(place, form, status=422)

    def act() -> tuple[str, str | None]:
        actions.file_opinion(
            actor(),
            place,
            body_id=int(form.body_id.data),
            text=form.text.data or "",
            lang=form.lang.data or None,
        )
        flash(_("The opinion is filed. It will be printed unedited in the council's dossier."), "ok")
        return url_for("contributions.opinion_form", slug=place.slug, cycle=place.cycle), None

    return _once(form, act)


# --- Wiring --------------------------------------------------------------------------------------


def _not_part(_error: actions.NotInThisConsultationError) -> Trouble:
    return Trouble(
        409,
        _("This is not part of the consultation"),
        _("What you write about is not open for comments at the moment."),
    )


def _too_late(error: actions.TooLateToRewriteError) -> Trouble:
    return Trouble(
        409,
        _("The time to rewrite this has ended"),
        _("It could be sent again until %(moment)s. What you typed is below.", moment=moment(error.args[0])),
    )


def init_app(app: Flask) -> None:
    """Say where contributions live, which route takes a file, and what our errors mean."""
    del app
    takes_uploads("contributions.submit_idea")
    pages.register_homes(
        {
            "comment": "contributions.one",
            "contribution": "contributions.one",
            "idea": "contributions.idea",
            "ideas": "contributions.ideas",
            "plan_comments": "contributions.plan_comments",
            "new_comment": "contributions.comment_form",
            "new_plan_comment": "contributions.plan_comment_form",
            "new_idea": "contributions.idea_form",
            "opinion": "contributions.opinion_form",
        }
    )
    errors.explain(actions.NotInThisConsultationError, _not_part)
    errors.explain(actions.TooLateToRewriteError, _too_late)
    errors.explain(
        actions.NoWordingError,
        lambda _error: Trouble(
            422, _("The wording is the same as before"), _("Change it, or write a comment instead.")
        ),
    )
    errors.explain(
        actions.NotReturnedError,
        lambda _error: Trouble(409, _("This was already sent again"), _("Nothing more needs to be done.")),
    )
    errors.explain(
        actions.AlreadyCosignedError,
        lambda _error: Trouble(409, _("You already support this idea"), _("Each voice counts once.")),
    )
