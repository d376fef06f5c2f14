"""The pages where the rooms meet."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, current_app, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.contributions import pieces
from participate.contributions import queries as contributions
from participate.council import queries as council
from participate.journal import keys
from participate.journal.models import ChainKind
from participate.network import queries as network
from participate.people import queries as people
from participate.plans import queries as plans
from participate.portal import desk as desks
from participate.portal import frame, now_to_do, queries
from participate.positions import pieces as voting
from participate.positions import queries as positions
from participate.responses import queries as responses
from participate.responses.pieces import answer_piece
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import CommentKind, ConsultationState, Principle, Section, Stance
from participate.rules.policy import Act, Place
from participate.rules.tallies import Floored, floored
from participate.rules.windows import CASABLANCA, Window
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard, now, refusal

bp = Blueprint("portal", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)

RECENT = 2
PLAN = "/<slug:slug>/plans/<cycle:cycle>"


def init_app(app: Flask) -> None:
    """Give every page its frame, and say where the things of this room live."""
    del app
    for provider in frame.PROVIDERS:
        pages.provide(provider)
    pages.register_homes(
        {
            "network": "portal.home",
            "collectivity": "portal.collectivity",
            "plan": "portal.plan",
            "project": "portal.project",
            "me": "portal.me",
            "association": "portal.association",
            "desk": "portal.desk",
            "transparency": "portal.transparency",
        }
    )


def _cid(place: Place) -> int:
    assert place.collectivity_id is not None
    return place.collectivity_id


# --- the network's home ----------------------------------------------------------------------------


@bp.get("/")
@guard(Act.PUBLIC_READ)
def home(place: Place) -> Any:
    """Show what is open now anywhere, how to find one's commune, and the network in numbers."""
    del place
    open_now, figures = queries.open_anywhere(now()), queries.network_figures()
    return pages.page(
        "portal/home.html",
        open_now=open_now,
        picture=now_to_do.picture_of_the_network(figures.people, invite=bool(open_now)),
        spaces=network.hosted(),
        network=network.the_network(),
        figures=figures,
        people=people_words,
    )


def people_words(people: int) -> str:
    """Return a live count of people in words: floored to ten, “fewer than 10” below."""
    found = people if isinstance(people, Floored) else Floored(people // 10 * 10)
    if found.fewer_than_ten:
        return _("fewer than 10")
    return _("more than %(count)s", count=i18n.number(found.at_least))


# --- a collectivity's home ---------------------------------------------------------------------------


@bp.get("/<slug:slug>/")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def collectivity(place: Place) -> Any:
    """Show the one thing to do now, the plan in numbers, the next meeting, news and the calendar."""
    around = frame.present()
    assert around is not None
    plan = plans.published_plan(around.id, around.plan.id) if around.plan else None
    rows = consultations.consultations_of(around.id, around.plan.id) if around.plan else []
    counts = (
        contributions.counts_of_projects(around.id, [p.project_id for p in plan.projects]) if plan else {}
    )
    coming, held = queries.meetings_around(around.id, now())
    return pages.page(
        "portal/collectivity.html",
        place=place,
        around=around,
        plan=plan,
        hero=now_to_do.hero(around, plan, rows, now()),
        numbers=now_to_do.numbers(plan, rows, sum(one.total for one in counts.values()), now()),
        cards=[_card(project, place.slug, plan.cycle, counts) for project in plan.projects] if plan else [],
        coming=coming,
        held=held,
        news=network.news_of(around.id, now()),
        **_calendar(network.calendar_of(around.id)),
        today=now().astimezone(CASABLANCA),
        meeting_url=lambda meeting: url_for("meetings.one", slug=place.slug, meeting=meeting),
        links=_around(place.slug, around.plan.cycle if around.plan else None),
    )


def _calendar(events: list[network.EventView]) -> dict[str, Any]:
    """Return the dated events as lines of a timeline: those long past apart from the rest."""
    today = now().astimezone(CASABLANCA).date()
    lines = [
        {
            "date": _days(one.starts_on, one.ends_on),
            "title": i18n.said(one.title),
            "text": i18n.said(one.description) if one.description else None,
            "state": "done"
            if (one.ends_on or one.starts_on) < today
            else "now"
            if one.starts_on <= today
            else "todo",
            "assumed": not one.attested,
        }
        for one in events
    ]
    begins = max(0, sum(line["state"] == "done" for line in lines) - RECENT)
    return {"earlier": lines[:begins], "calendar": lines[begins:]}


def _days(first: date, last: date | None) -> str:
    """Return one day, a span of days, or the month that a span fills."""
    if last is None:
        return i18n.day(first)
    if first.day == 1 and last == first.replace(day=monthrange(first.year, first.month)[1]):
        return i18n.month(first)
    return f"{i18n.day(first)} – {i18n.day(last)}"


def _around(slug: str, cycle: str | None) -> list[tuple[str, str | None]]:
    """Return the further pages of a collectivity."""
    in_plan: dict[str, Any] = {"slug": slug, "cycle": cycle}
    of_plan = (
        [
            (_("Read the ideas"), url_for("contributions.ideas", **in_plan)),
            (_("How to take part"), url_for("consultations.participate", **in_plan)),
            (_("Results and dossier"), url_for("synthesis.results", **in_plan)),
            (_("Answers of the commune"), url_for("responses.answers", **in_plan)),
            (_("What the council decided"), url_for("council.show", **in_plan)),
            (_("Follow the projects"), url_for("monitoring.follow_up", **in_plan)),
            (_("Evaluation"), url_for("evaluation.show", **in_plan)),
            (_("Dates of the plan"), url_for("lifecycle.timeline", **in_plan)),
        ]
        if cycle
        else []
    )
    return [
        *of_plan,
        (_("All meetings"), url_for("meetings.index", slug=slug)),
        (_("Associations"), url_for("people.associations", slug=slug)),
        (_("Charter of participation"), url_for("moderation.charter", slug=slug)),
        (_("Moderation log"), url_for("moderation.log", slug=slug)),
        (_("Transparency"), url_for("portal.transparency", slug=slug)),
        (_("Open data"), url_for("opendata.index", slug=slug)),
    ]


def _card(project: plans.ProjectView, slug: str, cycle: str, counts: Any) -> dict[str, Any]:
    total = counts[project.project_id].total if project.project_id in counts else 0
    return {
        "url": url_for("portal.project", slug=slug, cycle=cycle, number=project.number),
        "number": project.number,
        "title": i18n.said(project.title),
        "principles": [labels.principle(one) for one in project.principles],
        "comments_text": ngettext("%(num)d contribution", "%(num)d contributions", total) if total else None,
    }


# --- the plan --------------------------------------------------------------------------------------


@bp.get(f"{PLAN}/")
@guard(Act.PUBLIC_READ, plans.plan_place)
def plan(place: Place) -> Any:
    """Show the projects of a version, by axis, with what changed and what can be downloaded."""
    assert place.plan_id is not None
    versions = plans.versions_of(_cid(place), place.plan_id)
    number = request.args.get("version", type=int)
    if number is not None and number not in {one.number for one in versions}:
        raise NotFound
    found = plans.published_plan(_cid(place), place.plan_id, number=number)
    assert found is not None
    axes = plans.axes(_cid(place), place.plan_id)
    axis = request.args.get("axis", "")
    principle = request.args.get("principle", "")
    shown = [
        one
        for one in found.projects
        if (not axis or one.axis.slug == axis) and (not principle or principle in one.principles)
    ]
    counts = contributions.counts_of_projects(_cid(place), [one.project_id for one in shown])
    around = frame.present()
    current = consultations.current_consultation(_cid(place), place.plan_id)
    return pages.page(
        "portal/plan.html",
        place=place,
        around=around,
        plan=found,
        versions=versions,
        groups=[
            (one, [_card(p, place.slug, place.cycle, counts) for p in shown if p.axis.id == one.id])
            for one in axes
        ],
        axes=axes,
        axis_filters=_axis_filters(found, axes, axis, principle, number, place),
        principle_filters=_principle_filters(found, axis, principle, number, place),
        current=current,
        can_add_idea=_can_add(current, "idea"),
        today=now(),
        last_day=now_to_do.last_day,
        version_words=_version_words,
        version_choices=[
            {
                "label": _version_words(one),
                "url": _plan_url(place, version=one.number),
                "current": found.version is not None and one.number == found.version.number,
            }
            for one in versions
        ],
        changes_url=url_for("plans.changes", slug=place.slug, cycle=place.cycle),
        ideas_url=url_for("contributions.ideas", slug=place.slug, cycle=place.cycle),
        idea_url=url_for("contributions.idea_form", slug=place.slug, cycle=place.cycle),
        more=[
            (
                _("Comment on the plan as a whole"),
                url_for("contributions.plan_comments", slug=place.slug, cycle=place.cycle),
            ),
            *_around(place.slug, place.cycle),
        ],
    )


def _version_words(version: plans.VersionView) -> str:
    return _(
        "Version %(number)s, %(kind)s, published on %(day)s",
        number=version.number,
        kind=labels.version_kind(version.kind),
        day=i18n.short_day(version.published_at),
    )


def _can_add(current: Any, what: str) -> bool:
    return current is not None and current.is_open(now()) and what in {one.value for one in current.accepts}


def _plan_url(place: Place, **args: Any) -> str:
    kept = {name: value for name, value in args.items() if value}
    query = f"?{urlencode(kept)}" if kept else ""
    return url_for("portal.plan", slug=place.slug, cycle=place.cycle) + query


def _axis_filters(
    found: plans.PlanView,
    axes: list[plans.AxisView],
    axis: str,
    principle: str,
    version: int | None,
    place: Place,
) -> list[dict[str, Any]]:
    rows = [
        {
            "label": _("All axes"),
            "count": len(found.projects),
            "url": _plan_url(place, principle=principle, version=version),
            "current": not axis,
        }
    ]
    rows += [
        {
            "label": i18n.plain(one.title),
            "count": sum(project.axis.id == one.id for project in found.projects),
            "url": _plan_url(place, axis=one.slug, principle=principle, version=version),
            "current": axis == one.slug,
        }
        for one in axes
    ]
    return rows


def _principle_filters(
    found: plans.PlanView, axis: str, principle: str, version: int | None, place: Place
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "label": _("All principles"),
            "url": _plan_url(place, axis=axis, version=version),
            "current": not principle,
        }
    ]
    for one in Principle:
        count = sum(one.value in project.principles for project in found.projects)
        if count:
            rows.append(
                {
                    "label": labels.principle(one),
                    "count": count,
                    "url": _plan_url(place, axis=axis, principle=one.value, version=version),
                    "current": principle == one.value,
                }
            )
    return rows


# --- a project ---------------------------------------------------------------------------------------

FILTERS = ("for", "against", "amendments", "questions", "associations")


def project_place(slug: str, cycle: str, number: int, **_rest: object) -> Place:
    """Return the place of a project: with the review that takes positions on it, once there is one.

    Raises NotFound for a project that no version holds.
    """
    try:
        return positions.project_position_place(slug, cycle, number, now=now())
    except NotFound:
        place = plans.project_place(slug, cycle, number)
    if not place.readable:
        raise NotFound
    return place


@bp.get(f"{PLAN}/projects/<int(max=99999):number>/")
@guard(Act.PUBLIC_READ, project_place)
def project(place: Place) -> Any:
    """Show a project: what it is, my position, what people say, what the commune answered."""
    number = (request.view_args or {})["number"]
    assert place.plan_id is not None
    found = plans.published_project(
        _cid(place), place.plan_id, number, version_number=request.args.get("version", type=int)
    )
    if found is None:
        raise NotFound
    say = request.args.get("say", "")
    page_of = contributions.comments_of_project(
        _cid(place),
        found.project_id,
        actor=actor(),
        stance={"for": Stance.FOR, "against": Stance.AGAINST}.get(say),
        kind={"amendments": CommentKind.AMENDMENT, "questions": CommentKind.QUESTION}.get(say),
        associations=say == "associations",
        after=request.args.get("after"),
    )
    counts = contributions.counts_of_project(_cid(place), found.project_id)
    can_comment = place.consultation_id is not None and not set(refusal(Act.COMMENT_SUBMIT, place)) - {
        "signed_in"
    }
    here = url_for("portal.project", slug=place.slug, cycle=place.cycle, number=number)
    small = voting.small_positions(
        _cid(place),
        place.slug,
        [row.statement_id for row in page_of.rows if row.statement_id and row.public],
        return_to=here,
    )
    # Answers are published after the close: while the first review runs there is nothing to ask for.
    running = place.consultation_state is ConsultationState.OPEN
    answerable = [
        row.id for row in page_of.rows if not running or row.consultation_id != place.consultation_id
    ]
    answers = contributions.later.response_of(_cid(place), answerable) if answerable else {}
    return pages.page(
        "portal/project.html",
        block="discussion" if request.args.get("after") or "say" in request.args else None,
        place=place,
        project=found,
        axis=i18n.said(found.axis.title),
        principles=[labels.principle(one) for one in found.principles],
        panel=voting.panel_at(place) if "statement" in place.ids else None,
        **_official(place, found.project_id),
        counts=counts,
        filters=_discussion_filters(counts, say, place, number),
        comments=[
            pieces.comment_piece(
                row,
                place.slug,
                positions=small,
                responses=answers,
                may_reply=can_comment,
                may_change=can_comment,
            )
            for row in page_of.rows
        ],
        next_url=_discussion_url(place, number, say, page_of.after) if page_of.after else None,
        can_comment=can_comment,
        section_urls={part.value: _comment_url(place, number, part) for part in Section},
        section_text=_section_text,
        milestones=[
            {
                "title": i18n.said(one.title),
                "starts": one.starts,
                "ends": one.ends,
                "indicator": i18n.said(one.indicator) if one.indicator else None,
            }
            for one in found.milestones
        ],
        version_kind=labels.version_kind(found.version_kind),
        change_cause=labels.change_cause(found.change_cause),
        more=[
            (
                _("Every version of this project"),
                url_for("plans.history", slug=place.slug, cycle=place.cycle, number=number),
            ),
            (
                _("What changed between versions"),
                url_for("plans.changes", slug=place.slug, cycle=place.cycle),
            ),
        ],
    )


ANSWERED = frozenset({Stage.COUNCIL, Stage.IMPLEMENTATION, Stage.EVALUATION, Stage.CLOSED})


def _official(place: Place, project_id: int) -> dict[str, Any]:
    """Return the commune's answer on a project and the council's decision, once each is public."""
    if place.stage not in ANSWERED:
        return {"response": None, "vote": None}
    assert place.plan_id is not None
    answer = responses.response_of_projects(_cid(place), [project_id]).get(project_id)
    decision = council.votes_of(_cid(place), place.plan_id)
    vote = (
        next((one for one in decision.votes if one.project_id == project_id and decision.performed), None)
        if decision
        else None
    )
    return {
        "response": answer_piece(answer, place.slug, place.cycle) if answer else None,
        "vote": {
            "label": labels.project_decision(vote.decision),
            "adopted": vote.adopted,
            "text": i18n.said(vote.amendment or vote.reason) if vote.amendment or vote.reason else None,
            "votes": vote,
            "day": decision.decided_on,
            "url": url_for("council.show", slug=place.slug, cycle=place.cycle),
        }
        if vote and decision
        else None,
    }


def _comment_url(place: Place, number: int, section: Section) -> str:
    return url_for(
        "contributions.comment_form",
        slug=place.slug,
        cycle=place.cycle,
        number=number,
        section=section.value,
    )


def _section_text(counts: Any, part: str) -> str | None:
    many = counts.by_section.get(Section(part), 0)
    return ngettext("%(num)d comment", "%(num)d comments", many) if many else None


def _discussion_url(place: Place, number: int, say: str, after: str | None = None) -> str:
    kept = {name: value for name, value in (("say", say), ("after", after)) if value}
    base = url_for("portal.project", slug=place.slug, cycle=place.cycle, number=number)
    return base + (f"?{urlencode(kept)}" if kept else "") + ("" if after else "#discussion")


def _discussion_filters(counts: Any, say: str, place: Place, number: int) -> list[dict[str, Any]]:
    choices = [
        ("", _("All"), counts.total),
        ("for", _("For"), counts.by_stance.get(Stance.FOR, 0)),
        ("against", _("Against"), counts.by_stance.get(Stance.AGAINST, 0)),
        ("amendments", _("Amendments"), counts.by_kind.get(CommentKind.AMENDMENT, 0)),
        ("questions", _("Questions"), counts.by_kind.get(CommentKind.QUESTION, 0)),
        ("associations", _("Associations"), counts.associations),
    ]
    return [
        {
            "label": label,
            "count": count,
            "url": _discussion_url(place, number, key),
            "current": say == key,
        }
        for key, label, count in choices
        if count or key in {"", say}
    ]


# --- an association --------------------------------------------------------------------------------------


@bp.get("/<slug:slug>/associations/<ref:ref>")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def association(place: Place) -> Any:
    """Show an association: since when it is verified, its ideas and what it said, in its own name."""
    found = people.association(_cid(place), (request.view_args or {})["ref"].upper())
    if found is None:
        raise NotFound
    ideas = contributions.ideas_of_association(
        _cid(place), found.id, actor=actor(), after=request.args.get("ideas")
    )
    texts = contributions.comments_of_association(
        _cid(place), found.id, actor=actor(), after=request.args.get("texts")
    )
    fates = contributions.later.fate_of(_cid(place), [row.id for row in ideas.rows])
    projects = queries.project_addresses(
        _cid(place), [row.project_id for row in texts.rows if row.project_id]
    )
    answers = contributions.later.response_of(_cid(place), [row.id for row in texts.rows])
    here: dict[str, Any] = {"slug": place.slug, "ref": found.ref}
    more = {"ideas": request.args.get("ideas"), "texts": request.args.get("texts")}
    return pages.page(
        "portal/association.html",
        block="comments" if more["texts"] else "ideas" if more["ideas"] else None,
        place=place,
        association=found,
        mine=_for_its_delegates(found.id, place),
        ideas=[
            pieces.idea_piece(
                row, place.slug or "", fate=labels.fate(fates[row.id].fate) if row.id in fates else None
            )
            for row in ideas.rows
        ],
        ideas_next=url_for("portal.association", **here, ideas=ideas.after) if ideas.after else None,
        comments=[
            {
                **pieces.comment_piece(row, place.slug or "", responses=answers),
                "about": _about(projects[row.project_id], place) if row.project_id in projects else None,
            }
            for row in texts.rows
        ],
        comments_next=url_for("portal.association", **here, texts=texts.after) if texts.after else None,
    )


def _for_its_delegates(association_id: int, place: Place) -> dict[str, Any] | None:
    """Return what somebody with a mandate can do from here."""
    around = frame.present()
    if (place.collectivity_id, association_id) not in actor().mandates or around is None or not around.plan:
        return None
    here: dict[str, Any] = {"slug": place.slug, "cycle": around.plan.cycle}
    current = consultations.current_consultation(_cid(place), around.plan.id)
    return {
        "plan_url": url_for("portal.plan", **here),
        "idea_url": url_for("contributions.idea_form", **here) if _can_add(current, "idea") else None,
    }


def _about(project: queries.ProjectAddress, place: Place) -> dict[str, Any]:
    return {
        "label": i18n.said(project.title),
        "url": url_for("portal.project", slug=place.slug, cycle=project.cycle, number=project.number),
    }


# --- one's own page ------------------------------------------------------------------------------------


@bp.get("/me/")
@guard(Act.ACCOUNT_USE)
def me(place: Place) -> Any:
    """Show what I wrote, where I stand, what became of it, and the letters sent to me."""
    del place
    person = actor()
    assert person.person_id is not None
    pages.needs_csrf()
    return pages.page(
        "portal/me.html",
        name=queries.name_of(person.person_id),
        texts=_texts(person.person_id),
        acts=[_act(row) for row in positions.my_acts(person.person_id)],
        letters=queries.letters_to(person.person_id, now()),
        drafts=[
            {
                "url": f"/{i18n.lang()}{row.path}",
                "label": pieces.excerpt(row.text, 70) if len(row.text) > 8 else _("A choice you had begun"),
                "at": row.at,
            }
            for row in queries.drafts_of(getattr(session, "hashes", []))
        ],
        desk_url=frame.desk_url(),
        more=[
            (_("Choose another name"), url_for("people.name_form")),
            (_("Where I am signed in"), url_for("people.sessions")),
            (_("Language of letters and settings"), url_for("people.account")),
        ],
    )


def _act(row: positions.MyAct) -> dict[str, Any]:
    in_project = row.number is not None
    return {
        "label": f"{row.number}. {i18n.plain(row.title)}" if in_project else _("A text of somebody else"),
        "url": url_for("portal.project", slug=row.slug, cycle=row.cycle, number=row.number)
        if in_project
        else None,
        "value": labels.position(row.value) if row.value is not None else _("one of my priorities"),
        "at": row.at,
        "code": row.code,
        "receipt_url": url_for("positions.receipt", slug=row.slug, code=row.code) if row.code else None,
        "open": row.is_open,
        "association": i18n.plain(row.association) if row.association else None,
    }


def _texts(person_id: int) -> list[dict[str, Any]]:
    """Return what somebody wrote, with what became of it: two statements more for each collectivity."""
    rows = contributions.mine(person_id)
    fates: dict[int, Any] = {}
    answers: dict[int, Any] = {}
    for where in {row.collectivity_id for row in rows}:
        ids = [row.id for row in rows if row.collectivity_id == where]
        fates.update(contributions.later.fate_of(where, ids))
        answers.update(responses.response_for(where, ids))
    return [
        {
            **_mine(row),
            "fate": labels.fate(fates[row.id].fate) if row.id in fates else None,
            "answered": _(
                "the commune answered: %(outcome)s", outcome=labels.outcome(answers[row.id].outcome)
            )
            if row.id in answers
            else None,
        }
        for row in rows
    ]


def _mine(row: contributions.MineRow) -> dict[str, Any]:
    return {
        "url": url_for(
            "contributions.idea" if row.title else "contributions.one", slug=row.slug, ref=row.ref
        ),
        "title": row.title or pieces.excerpt(row.text, 90),
        "lang": row.lang,
        "ref": row.ref,
        "state": labels.publish_state(row.state),
        "at": row.submitted_at,
        "receipt": row.receipt_code,
        "project": i18n.plain(row.project_title) if row.project_title else None,
        "association": i18n.plain(row.association) if row.association else None,
    }


# --- the desk's door -----------------------------------------------------------------------------------


@bp.get("/desk/<slug:slug>/")
@guard(Act.DESK_ENTER, network.collectivity_place)
def desk(place: Place) -> Any:
    """Show each role what waits for it and where it works."""
    around = frame.present()
    assert around is not None
    return pages.page(
        "portal/desk.html",
        place=place,
        around=around,
        roles=[labels.role(one) for one in sorted(actor().roles_in(around.id))],
        groups=desks.groups(around, now()),
    )


# --- transparency ----------------------------------------------------------------------------------------


@bp.get("/<slug:slug>/transparency/")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def transparency(place: Place) -> Any:
    """Show what anybody can check: the record's heads, figures, the log, open data."""
    chains = queries.chains_of(_cid(place))
    figures = queries.figures_of(_cid(place))
    kinds = {
        ChainKind.NETWORK: _("the network"),
        ChainKind.COLLECTIVITY: _("the commune: roles and associations"),
        ChainKind.PLAN: _("the plan"),
        ChainKind.CONSULTATION: _("a consultation"),
    }
    return pages.page(
        "portal/transparency.html",
        place=place,
        kinds=kinds,
        chains=chains,
        chain_rows=[
            [
                kinds[one.kind],
                one.entries,
                i18n.moment(one.last_at) if one.last_at else "",
                Markup('<code dir="ltr">{}</code>').format(one.head[:16]),
            ]
            for one in chains
        ],
        figures=figures,
        figure_rows=[_figures(one) for one in figures],
        decisions=queries.decisions_made(_cid(place)),
        public_key=keys.ring().public,
        receipt_url=url_for("positions.check", slug=place.slug),
        links=[
            (_("Public log of moderation"), url_for("moderation.log", slug=place.slug)),
            (
                _("Open data: contributions, plan and figures as files"),
                url_for("opendata.index", slug=place.slug),
            ),
        ],
    )


def _figures(one: queries.ConsultationFigures) -> list[Any]:
    ended = one.state in {ConsultationState.CLOSED, ConsultationState.ARCHIVED}
    people = Floored(one.people) if ended else floored(one.people)
    associations = Floored(one.associations) if ended else floored(one.associations)
    return [
        labels.consultation_kind(one.kind),
        i18n.short_day(one.opens_at),
        i18n.short_day(Window(one.opens_at, one.closes_at).last_day),
        i18n.number(one.people) if ended else now_to_do.people_words(people),
        i18n.number(one.associations) if ended else now_to_do.people_words(associations),
        one.published,
        one.not_published,
    ]


# --- pages that stay -------------------------------------------------------------------------------------


@bp.get("/help")
@guard(Act.PUBLIC_READ)
def help_page(place: Place) -> Any:
    """Explain how to take part and what happens with it."""
    del place
    return pages.page("portal/help.html")


@bp.get("/privacy")
@guard(Act.PUBLIC_READ)
def privacy(place: Place) -> Any:
    """Give the notice of law 09-08."""
    del place
    extra = current_app.config["SETTINGS"].extra
    return pages.page(
        "portal/privacy.html",
        declaration=str(extra.get("CNDP_DECLARATION", "")),
        contact=str(extra.get("PRIVACY_CONTACT", "")),
    )


@bp.get("/accessibility")
@guard(Act.PUBLIC_READ)
def accessibility(place: Place) -> Any:
    """State what was done and what falls short for people with disabilities."""
    del place
    return pages.page("portal/accessibility.html")
