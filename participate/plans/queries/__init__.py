"""Reading plans: places for the guards, published words, the working copy, and what changed."""

from __future__ import annotations

from participate.plans.queries.caused import (
    CausedChange,
    CausedChanges,
    caused_changes,
    later,
)
from participate.plans.queries.changes import (
    FieldDifference,
    Status,
    differences,
    history,
    unpublished_differences,
)
from participate.plans.queries.fields import LANGS, TEXTS, Keyed
from participate.plans.queries.places import collectivity_place, plan_place, project_place
from participate.plans.queries.published import (
    AxisView,
    MilestoneView,
    PlanView,
    ProjectView,
    VersionView,
    axes,
    milestones_of,
    published_plan,
    published_project,
    revision_of,
    versions,
    versions_of,
)
from participate.plans.queries.working import (
    Missing,
    WorkingProject,
    missing_in,
    plan_head,
    plans_of,
    same_words,
    working_project,
    working_projects,
    written,
)

__all__ = [
    "LANGS",
    "TEXTS",
    "AxisView",
    "CausedChange",
    "CausedChanges",
    "FieldDifference",
    "Keyed",
    "MilestoneView",
    "Missing",
    "PlanView",
    "ProjectView",
    "Status",
    "VersionView",
    "WorkingProject",
    "axes",
    "caused_changes",
    "collectivity_place",
    "differences",
    "history",
    "later",
    "milestones_of",
    "missing_in",
    "plan_head",
    "plan_place",
    "plans_of",
    "project_place",
    "published_plan",
    "published_project",
    "revision_of",
    "same_words",
    "unpublished_differences",
    "versions",
    "versions_of",
    "working_project",
    "working_projects",
    "written",
]
