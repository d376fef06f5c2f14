"""A project, with its positions and its discussion."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from participate.contributions import pieces
from participate.contributions import queries as contributions
from participate.council import queries as council
from participate.plans import queries as plans
from participate.portal import cards, frame
from participate.portal.near_copies import folded
from participate.portal.views.blueprint import PLAN, bp, collectivity_of
from participate.positions import pieces as voting
from participate.positions import queries as positions
from participate.responses import queries as responses
from participate.responses.pieces import answer_piece
from participate.rules.outcomes import CommentKind, ConsultationState, Section, Stance
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard, now, refusal

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
        collectivity_of(place), place.plan_id, number, version_number=request.args.get("version", type=int)
    )
    if found is None:
        raise NotFound
    say = request.args.get("say", "")
    page_of = contributions.comments_of_project(
        collectivity_of(place),
        found.project_id,
        actor=actor(),
        stance={"for": Stance.FOR, "against": Stance.AGAINST}.get(say),
        kind={"amendments": CommentKind.AMENDMENT, "questions": CommentKind.QUESTION}.get(say),
        associations=say == "associations",
        after=request.args.get("after"),
    )
    counts = contributions.counts_of_project(collectivity_of(place), found.project_id)
    can_comment = place.consultation_id is not None and not set(refusal(Act.COMMENT_SUBMIT, place)) - {
        "signed_in"
    }
    here = url_for("portal.project", slug=place.slug, cycle=place.cycle, number=number)
    small = voting.small_positions(
        collectivity_of(place),
        place.slug,
        [row.statement_id for row in page_of.rows if row.statement_id and row.public],
        return_to=here,
    )
    # Answers are published after the close: while the first review runs there is nothing to ask for.
    running = place.consultation_state is ConsultationState.OPEN
    answerable = [
        row.id for row in page_of.rows if not running or row.consultation_id != place.consultation_id
    ]
    answers = contributions.later.response_of(collectivity_of(place), answerable) if answerable else {}

    def said(row: contributions.CommentRow) -> dict[str, Any]:
        return pieces.comment_piece(
            row,
            place.slug,
            positions=small,
            responses=answers,
            may_reply=can_comment,
            may_change=can_comment,
        )

    around, decision = frame.present(), cards.decision_on(place)
    assert around is not None
    return pages.page(
        "portal/project.html",
        share=cards.share(
            cards.card(around, place, found.title, decision, now(), number=number), found.summary
        ),
        block="discussion" if request.args.get("after") or "say" in request.args else None,
        place=place,
        project=found,
        axis=i18n.said(found.axis.title),
        principles=[labels.principle(one) for one in found.principles],
        panel=voting.panel_at(place) if "statement" in place.ids else None,
        **_official(place, found.project_id, decision),
        counts=counts,
        filters=_discussion_filters(counts, say, place, number),
        comments=[(said(row), [said(copy) for copy in copies]) for row, copies in folded(page_of.rows)],
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


def _official(place: Place, project_id: int, decision: council.DecisionView | None) -> dict[str, Any]:
    """Return the commune's answer on a project and the council's decision, once each is public."""
    if place.stage not in cards.DECIDED:
        return {"response": None, "vote": None}
    answer = responses.response_of_projects(collectivity_of(place), [project_id]).get(project_id)
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
