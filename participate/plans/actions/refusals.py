"""Why an act on a plan is refused."""

from __future__ import annotations

from sqlalchemy.orm.exc import StaleDataError


class PlanExistsError(Exception):
    """The collectivity has a plan for this cycle already; holds the cycle."""


class AxisExistsError(Exception):
    """The plan has an axis with this address or at this place already; holds both."""


class AxisInUseError(Exception):
    """Projects stand under the axis, so it cannot be taken away."""


class NoSuchThingError(Exception):
    """The row that was named does not exist in this plan; holds its kind and key."""


class ChangedMeanwhileError(StaleDataError):
    """Somebody saved the project after this text was read; holds the project's key and row version."""


class WrongKindError(Exception):
    """A version of this kind is not published at this stage; holds the kind and the stage."""


class NothingToPublishError(Exception):
    """A version would hold no project, or would be the last one again."""
