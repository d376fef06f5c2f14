"""The answers, for everybody."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from participate.plans.queries import plan_place
from participate.responses import pieces, queries
from participate.responses.views.around import ids_of
from participate.responses.views.blueprint import PLAN, bp
from participate.rules.outcomes import Outcome
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import guard


@bp.get(f"{PLAN}/responses/")
@guard(Act.PUBLIC_READ, plan_place)
def answers(place: Place) -> Response:
    """Show the published answers point by point, what was supported and not accepted first."""
    here, plan_id = ids_of(place)
    wanted = next((one for one in Outcome if one.value == request.args.get("outcome")), None)
    every = queries.published_points(here, plan_id)
    found = [one for one in every if wanted in (None, one.answer.outcome)]
    start = _start(request.args.get("after"), len(found))
    rows = found[start : start + queries.PAGE_ROWS]
    more = start + queries.PAGE_ROWS < len(found)
    counts: dict[Outcome, int] = {}
    for one in every:
        counts[one.answer.outcome] = counts.get(one.answer.outcome, 0) + 1

    def link(**values: Any) -> str:
        return pieces.address(place, "answers", **{"outcome": wanted.value if wanted else None, **values})

    return pages.page(
        "responses/answers.html",
        block="list" if start else None,
        place=place,
        published=bool(every),
        published_at=min((one.answer.published_at for one in every), default=None),
        texts=sum(one.texts for one in every),
        points=[pieces.point_piece(one, place) for one in rows],
        next_url=link(after=start + queries.PAGE_ROWS) if more else None,
        outcomes=[
            {"label": _("All"), "url": link(outcome=None), "count": len(every), "current": wanted is None},
            *(
                {
                    "label": labels.outcome(one),
                    "url": link(outcome=one.value),
                    "count": counts[one],
                    "current": one is wanted,
                }
                for one in Outcome
                if one in counts
            ),
        ],
        ideas_url=url_for("contributions.ideas", slug=place.slug, cycle=place.cycle),
        crumbs=[
            {
                "label": _("The plan %(cycle)s", cycle=place.cycle),
                "url": pages.home_of("plan", slug=place.slug, cycle=place.cycle)
                if pages.has_home("plan")
                else None,
            },
            {"label": _("Answers"), "url": None},
        ],
    )


def _start(value: str | None, total: int) -> int:
    """Return where a page begins; an unreadable place is the beginning."""
    if value and value.isascii() and value.isdigit() and len(value) < 9 and int(value) < total:
        return int(value)
    return 0
