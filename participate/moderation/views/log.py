"""The public log and the charter."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from participate.moderation import notices, queries
from participate.moderation.reasons import ARTICLES, BY_CODE, REASONS
from participate.moderation.views.blueprint import bp, collectivity_of, space
from participate.moderation.views.desk import address
from participate.moderation.views.shown import span
from participate.rules.moderation import AppealOutcome, Decision
from participate.rules.policy import Act, Place, Role
from participate.web import i18n, labels, pages
from participate.web.access import guard, now


@bp.get("/<slug:slug>/transparency/moderation/")
@guard(Act.PUBLIC_READ, space)
def log(place: Place) -> Response:
    """Show what moderators did: reasons, delays, appeals; no text and no name."""
    at = now()
    listing = queries.log(collectivity_of(place), at, request.args.get("after"))
    made = queries.figures(collectivity_of(place), at)
    return pages.page(
        "moderation/log.html",
        block="rows" if request.args.get("after") else None,
        rows=[_log_row(one) for one in listing.rows],
        next_url=address(place, "log", after=listing.next_cursor) if listing.next_cursor else None,
        numbers=_numbers(made),
        table=_table(made),
        stances=_stances(made),
        place_name=queries.space_name(collectivity_of(place)),
        charter_url=address(place, "charter"),
        home_url=f"/{i18n.lang()}/{place.slug}/",
    )


def _log_row(one: queries.LogRow) -> dict[str, Any]:
    by = _("no moderator in time: published when the 48 hours had passed") if one.by_due_action else None
    if one.by_due_action and one.decision is not Decision.PUBLISH:
        by = _("not rewritten in time")
    role = by or (_("two moderators") if one.two_people else labels.role(Role.MODERATOR))
    parts = [
        role,
        _("after %(time)s", time=span(one.delay)) if not one.by_due_action else "",
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
        place_name=queries.space_name(collectivity_of(place)),
        log_url=address(place, "log"),
        home_url=f"/{i18n.lang()}/{place.slug}/",
    )
