"""An association's page."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from werkzeug.exceptions import NotFound

from participate.consultations import queries as consultations
from participate.contributions import pieces
from participate.contributions import queries as contributions
from participate.network import queries as network
from participate.people import queries as people
from participate.portal import frame, queries
from participate.portal.views.blueprint import bp, collectivity_of
from participate.portal.views.plan import can_add
from participate.rules.policy import Act, Place
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard


@bp.get("/<slug:slug>/associations/<ref:ref>")
@guard(Act.PUBLIC_READ, network.collectivity_place)
def association(place: Place) -> Any:
    """Show an association: since when it is verified, its ideas and what it said, in its own name."""
    found = people.association(collectivity_of(place), (request.view_args or {})["ref"].upper())
    if found is None:
        raise NotFound
    ideas = contributions.ideas_of_association(
        collectivity_of(place), found.id, actor=actor(), after=request.args.get("ideas")
    )
    texts = contributions.comments_of_association(
        collectivity_of(place), found.id, actor=actor(), after=request.args.get("texts")
    )
    fates = contributions.later.fate_of(collectivity_of(place), [row.id for row in ideas.rows])
    projects = queries.project_addresses(
        collectivity_of(place), [row.project_id for row in texts.rows if row.project_id]
    )
    answers = contributions.later.response_of(collectivity_of(place), [row.id for row in texts.rows])
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
    current = consultations.current_consultation(collectivity_of(place), around.plan.id)
    return {
        "plan_url": url_for("portal.plan", **here),
        "idea_url": url_for("contributions.idea_form", **here) if can_add(current, "idea") else None,
    }


def _about(project: queries.ProjectAddress, place: Place) -> dict[str, Any]:
    return {
        "label": i18n.said(project.title),
        "url": url_for("portal.project", slug=place.slug, cycle=project.cycle, number=project.number),
    }
