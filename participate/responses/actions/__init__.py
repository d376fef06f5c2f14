"""Verbs of the answers: the fate of an idea, themes, responses, the second reader, publishing together.

Every verb holds the consultation FOR SHARE, so that none can slip in while the plan is transmitted.
"""

from __future__ import annotations

from participate.responses.actions.answers import Subject, approve, publish_all, reopen, write_response
from participate.responses.actions.ideas import assess_idea
from participate.responses.actions.judging import erase_notes, judge
from participate.responses.actions.refusals import (
    ApprovedError,
    ChangedMeanwhileError,
    MergedWithItselfError,
    NoSuchThingError,
    NotAnswerableError,
    NotJudgeableError,
    PublishedError,
    ReasonMissingError,
    RoundOverError,
    TargetMissingError,
    TextMissingError,
    ThemeInUseError,
)
from participate.responses.actions.themes import Filled, fill_theme, remove_theme, save_theme, take_out

__all__ = [
    "ApprovedError",
    "ChangedMeanwhileError",
    "Filled",
    "MergedWithItselfError",
    "NoSuchThingError",
    "NotAnswerableError",
    "NotJudgeableError",
    "PublishedError",
    "ReasonMissingError",
    "RoundOverError",
    "Subject",
    "TargetMissingError",
    "TextMissingError",
    "ThemeInUseError",
    "approve",
    "assess_idea",
    "erase_notes",
    "fill_theme",
    "judge",
    "publish_all",
    "remove_theme",
    "reopen",
    "save_theme",
    "take_out",
    "write_response",
]
