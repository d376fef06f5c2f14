"""The homes of the room and the refusals it explains."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from participate.plans import actions
from participate.web import errors, pages


def init_app(_app: Any) -> None:
    """Say what this room's refusals mean, and where its pages live."""
    pages.register_homes(
        {
            "plan_desk": "plans_desk.overview",
            "project_desk": "plans_desk.project",
            "plan_publish": "plans_desk.publish",
            "plan_axes": "plans_desk.axes",
            "plan_changes": "plans.changes",
            "plan_version": "plans.version",
            "project_history": "plans.history",
        }
    )
    errors.explain(
        actions.NoSuchThingError,
        lambda _error: errors.Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )
    errors.explain(
        actions.WrongKindError,
        lambda _error: errors.Trouble(
            409,
            _("This version cannot be published now"),
            _(
                "A draft is published while the plan is prepared, a revised version while answers are written."
            ),
        ),
    )
    errors.explain(
        actions.NothingToPublishError,
        lambda _error: errors.Trouble(
            409,
            _("There is nothing to publish"),
            _("The plan has no project, or nothing has changed since its last version."),
        ),
    )
    errors.explain(
        actions.AxisInUseError,
        lambda _error: errors.Trouble(
            409,
            _("This axis is in use"),
            _("Projects or ideas stand under it. Move them to another axis first."),
        ),
    )
