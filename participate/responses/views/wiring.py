"""What the room gives the others: the answer shown beside a text, the refusals it explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, request
from flask_babel import gettext as _

from participate.contributions import queries as contributions
from participate.responses import actions, pieces, queries
from participate.responses.views import judging
from participate.web import errors, pages
from participate.web.errors import Trouble


def response_of(collectivity_id: int, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Answer the contributions room: the published answer of each text, ready to show."""
    values = request.view_args or {}
    return {
        key: pieces.answer_piece(one, str(values.get("slug", "")), values.get("cycle"))
        for key, one in queries.response_for(collectivity_id, ids).items()
    }


def init_app(app: Flask) -> None:  # noqa: ARG001
    """Answer the questions of earlier rooms and say what our refusals mean."""
    contributions.later.fate_of = queries.fates
    contributions.later.ids_with_fate = queries.ids_with_fate
    contributions.later.response_of = response_of
    contributions.later.to_judge = judging.to_judge
    pages.register_homes(
        {
            "answers": "responses.answers",
            "answers_desk": "responses.desk",
            "judge": "responses.judge_form",
            "satisfaction": "responses.satisfaction",
            "ideas_desk": "responses.ideas",
        }
    )
    errors.explain(
        actions.NoSuchThingError,
        lambda _error: Trouble(
            404,
            _("This page does not exist"),
            _("The address may be mistyped, or what it showed was never public."),
        ),
    )
    explained: dict[type[Exception], Callable[[], tuple[str, str]]] = {
        actions.NotAnswerableError: lambda: (
            _("This text is owed no answer any more"),
            _("Its author withdrew it, or a moderator hid it or joined it to another. Go back to the list."),
        ),
        actions.NotJudgeableError: lambda: (
            _("There is no answer to judge yet"),
            _(
                "Once the commune’s answer to your text is published with the revised plan, you can say it here."
            ),
        ),
        actions.ApprovedError: lambda: (
            _("A second person has approved this answer"),
            _("Reopen it first; then it can be changed and must be approved again."),
        ),
        actions.PublishedError: lambda: (
            _("This answer is public"),
            _("It stays as people read it. What changes now is decided by the council."),
        ),
        actions.RoundOverError: lambda: (
            _("This consultation is kept as it was"),
            _("The council returned the plan: its answers belong to the round that is over."),
        ),
        actions.ThemeInUseError: lambda: (
            _("This theme is not empty"),
            _("Move its texts to another theme first. A theme with an answer stays."),
        ),
        actions.ReasonMissingError: lambda: (
            _("A reason is needed"),
            _("Write the reason in Arabic: people are owed one."),
        ),
        actions.TextMissingError: lambda: (
            _("The Arabic text is missing"),
            _("Write it in Arabic at least, then send again."),
        ),
        actions.TargetMissingError: lambda: (
            _("With what is it merged?"),
            _("Choose the project it joins, or write the reference of the other idea."),
        ),
        actions.MergedWithItselfError: lambda: (
            _("These ideas point to each other"),
            _("An idea cannot be merged with itself, nor with one merged into it."),
        ),
    }
    for kind, words in explained.items():
        errors.explain(kind, _explained(words))


def _explained(words: Callable[[], tuple[str, str]]) -> Callable[[Any], Trouble]:
    def explain(_error: Any) -> Trouble:
        title, text = words()
        return Trouble(409, title, text)

    return explain
