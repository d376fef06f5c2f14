"""What officers do with a plan: its axes, its projects, its versions. `ActionPlan.stage` is not written here."""

from __future__ import annotations

from participate.plans.actions.axes import remove_axis, save_axis
from participate.plans.actions.beginning import create_plan, locked_plan, save_plan
from participate.plans.actions.causes import (
    CauseRow,
    ReferenceMissingError,
    UnknownReferenceError,
    state_causes,
)
from participate.plans.actions.projects import (
    changes_to,
    create_project,
    remove_project,
    restore_project,
    save_project,
)
from participate.plans.actions.refusals import (
    AxisExistsError,
    AxisInUseError,
    ChangedMeanwhileError,
    NoSuchThingError,
    NothingToPublishError,
    PlanExistsError,
    WrongKindError,
)
from participate.plans.actions.versions import STAGE_OF_KIND, Amendment, pin_version, publish_version

__all__ = [
    "STAGE_OF_KIND",
    "Amendment",
    "AxisExistsError",
    "AxisInUseError",
    "CauseRow",
    "ChangedMeanwhileError",
    "NoSuchThingError",
    "NothingToPublishError",
    "PlanExistsError",
    "ReferenceMissingError",
    "UnknownReferenceError",
    "WrongKindError",
    "changes_to",
    "create_plan",
    "create_project",
    "locked_plan",
    "pin_version",
    "publish_version",
    "remove_axis",
    "remove_project",
    "restore_project",
    "save_axis",
    "save_plan",
    "save_project",
    "state_causes",
]
