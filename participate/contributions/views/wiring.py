"""The homes of the room and the refusals it explains."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _

from participate.contributions import actions, queries
from participate.files.views import takes_uploads
from participate.plans import queries as plans
from participate.web import errors, pages
from participate.web.errors import Trouble
from participate.web.i18n import moment


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
    plans.later.known_refs = queries.known_refs
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
