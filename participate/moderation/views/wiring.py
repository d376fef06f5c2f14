"""What the room gives the others: the reason shown beside a text, the refusals it explains."""

from __future__ import annotations

from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _

from participate.contributions import queries as contributions
from participate.db import clock
from participate.moderation import actions, forms, notices, queries
from participate.moderation.views.appeals import appeal_words
from participate.rules.moderation import DecisionRefusedError
from participate.rules.policy import Actor
from participate.web import errors, labels, pages
from participate.web.errors import Trouble


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
