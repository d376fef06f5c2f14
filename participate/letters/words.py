"""The words of letters, composed in the language of the person who will read them. One link each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, g
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from participate.db import Words
from participate.letters.queries import (
    Adoption,
    AppealNews,
    Became,
    DecisionNews,
    PlanFacts,
    PlanNews,
    QuestionNews,
)
from participate.moderation import notices
from participate.rules.moderation import Decision, notice_due, rewriting_deadline
from participate.rules.outcomes import PublishState
from participate.rules.windows import appeal_deadline
from participate.web import i18n, labels

SUBJECT_CHARS = 200


@dataclass(frozen=True)
class Letter:
    """A letter ready for its envelope."""

    kind: str
    subject: str
    body: str


@contextmanager
def spoken(lang: str) -> Iterator[str]:
    """Speak a person's language for a while, in catalogue, dates and texts of the database."""
    before = g.get("lang")
    g.lang = lang if lang in i18n.LANGS else "ar"
    try:
        with force_locale(i18n.LOCALES[g.lang]):
            yield g.lang
    finally:
        if before is None:
            g.pop("lang", None)
        else:
            g.lang = before


def _letter(kind: str, subject: str, lines: list[str], link: str, path: str) -> Letter:
    url = f"{current_app.config['BASE_URL']}/{i18n.lang()}{path}"
    body = "\n\n".join(
        [_("Hello,"), *(line for line in lines if line), f"{link}\n{url}", _("The Participate platform")]
    )
    return Letter(kind, subject[:SUBJECT_CHARS], body)


def decision(news: DecisionNews) -> Letter:
    """Return the statement of reasons sent to an author."""
    notified = notice_due(news.decided_at)
    told = notices.Told(
        news.ref,
        news.decision,
        news.reason,
        news.facts,
        news.article,
        rewrite_until=rewriting_deadline(news.decided_at)
        if news.decision is Decision.RETURN and not news.by_due_action
        else None,
        appeal_until=appeal_deadline(notified, news.closes_at)
        if news.decision is not Decision.PUBLISH
        else None,
        by_due_action=news.by_due_action,
    )
    made = notices.notice(told)
    path = f"/{news.slug}/c/{news.ref}"
    if news.decision is Decision.PUBLISH:
        link = _("Read it here:")
    elif news.decision is Decision.RETURN and not news.by_due_action:
        link = _("Rewrite it or appeal here:")
    else:
        link, path = _("Read the decision again or appeal here:"), f"{path}/appeal"
    return _letter("decision", made.subject, list(made.paragraphs), link, path)


def published_late(ref: str, slug: str) -> Letter:
    """Return the letter about a text that nobody read in time."""
    made = notices.notice(notices.Told(ref, Decision.PUBLISH, by_due_action=True))
    return _letter("decision", made.subject, list(made.paragraphs), _("Read it here:"), f"/{slug}/c/{ref}")


def appeal(news: AppealNews) -> Letter:
    """Return the answer to an appeal."""
    if news.reversed:
        subject = _("Your appeal about %(ref)s: you were right", ref=news.ref)
        said = (
            _(
                "Somebody else looked at the decision again and reversed it. Your account is no longer suspended."
            )
            if news.decision is Decision.SUSPEND
            else _("Somebody else looked at the decision again and reversed it. Your text is public again.")
            if news.public
            else _(
                "Somebody else looked at the decision again and reversed it. Your text is still not public, "
                "because of what was decided or done since."
            )
        )
    else:
        subject = _("Your appeal about %(ref)s: the decision stands", ref=news.ref)
        said = _("Somebody else looked at the decision again and confirmed it.")
    return _letter(
        "appeal",
        subject,
        [said, _("Their explanation: %(text)s", text=news.explanation)],
        _("See your text and the decision:"),
        f"/{news.slug}/c/{news.ref}",
    )


def responses(news: PlanNews, plan: PlanFacts) -> Letter:
    """Return the letter that tells an author what became of everything they wrote."""
    return _letter(
        "response",
        _("What became of what you wrote: %(place)s", place=i18n.plain(plan.name)),
        [
            _(
                "The consultation is over and every contribution has its answer. "
                "The plan now goes to the council with all of them."
            ),
            _became(news.became),
            _(
                "Until the council’s session you can say on your page whether the revised text satisfies you. "
                "The council is told."
            ),
        ],
        _("Read the answers in full and say it:"),
        "/me/",
    )


def adoption(news: PlanNews, plan: PlanFacts, made: Adoption) -> Letter:
    """Return the letter that tells a participant what the council decided."""
    decided = [
        "- " + _("%(name)s: %(what)s", name=labels.project_decision(one), what=i18n.number(count))
        for one, count in made.decisions
    ]
    own = _became(news.became)
    return _letter(
        "adoption",
        _("The council has decided: %(plan)s", plan=i18n.plain(plan.title)),
        [
            _(
                "On %(day)s the council of %(place)s adopted the plan you took part in (decision %(reference)s).",
                day=i18n.day(made.decided_on),
                place=i18n.plain(plan.name),
                reference=made.reference,
            ),
            "\n".join([_("Its projects:"), *decided]) if decided else "",
            f"{_('What became of what you wrote:')}\n{own}" if own else "",
        ],
        _("See what was decided, beside what people had said:"),
        f"/{plan.slug}/plans/{plan.cycle}/council/",
    )


def returned(news: PlanNews, plan: PlanFacts, reference: str, reason: Words) -> Letter:
    """Return the letter that tells a participant that the council returned the plan."""
    own = _became(news.became)
    return _letter(
        "adoption",
        _("The council has returned the plan: %(plan)s", plan=i18n.plain(plan.title)),
        [
            _(
                "The council of %(place)s returned the plan you took part in, to be prepared again (decision %(reference)s).",
                place=i18n.plain(plan.name),
                reference=reference,
            ),
            _("Reason: %(text)s", text=i18n.plain(reason)),
            f"{_('What became of what you wrote:')}\n{own}" if own else "",
        ],
        _("What you said stays public; a new consultation will follow:"),
        f"/{plan.slug}/plans/{plan.cycle}/council/",
    )


def question(news: QuestionNews, plan: PlanFacts) -> Letter:
    """Return the letter that tells an officer what a councillor asks."""
    return _letter(
        "question",
        _("A councillor asks about project %(number)s", number=i18n.number(news.project)),
        [
            _("The question is about the sealed dossier of: %(plan)s.", plan=i18n.plain(plan.title)),
            f"“{news.text}”",
            _("Your answer is attached to the dossier with the question, and can never change afterwards."),
        ],
        _("Answer it here:"),
        f"/desk/{plan.slug}/plan/{plan.cycle}/council/questions/{news.number}",
    )


def answered(news: QuestionNews, plan: PlanFacts) -> Letter:
    """Return the letter that brings a councillor the answer."""
    return _letter(
        "question",
        _("Your question about project %(number)s is answered", number=i18n.number(news.project)),
        [f"“{news.text}”", f"“{news.answer}”"],
        _("Read it in the dossier:"),
        f"/desk/{plan.slug}/plan/{plan.cycle}/council/reading/{news.project}/",
    )


def receipts_of_day(day: date, kept: Sequence[Any], token: str) -> Letter:
    """Return the letter with the receipts of a day: no project and nothing that was chosen."""
    base = f"{current_app.config['BASE_URL']}/{i18n.lang()}"
    listed = []
    for slug in dict.fromkeys(one.slug for one in kept):
        here = [one for one in kept if one.slug == slug]
        listed.append(
            "\n".join(
                [
                    i18n.plain(here[0].place),
                    *(f"- {one.code} · {labels.receipt_kind(one.what)}" for one in here),
                    f"{_('Check them here:')} {base}/{slug}/receipts/",
                ]
            )
        )
    return _letter(
        "receipt",
        _("Your receipts of %(day)s", day=i18n.day(day)),
        [
            _("Keep these receipts. They let you check, without us, that what you did was recorded."),
            *listed,
            _("What you chose is not written here, nor on which project."),
        ],
        _("If you do not want this letter any more:"),
        f"/letters/receipts/{token}",
    )


def _became(found: tuple[Became, ...]) -> str:
    lines = [f"- {one.ref} “{one.excerpt}”: {_outcome(one)}{_project(one)}" for one in found]
    if len(found) > 1:
        lines.insert(0, ngettext("You wrote %(num)d text.", "You wrote %(num)d texts.", len(found)))
    return "\n".join(lines)


def _project(one: Became) -> str:
    """Say what the council decided on the project that a text is about."""
    if one.project is None or one.decision is None:
        return ""
    decided = _(
        "project %(number)s: %(decision)s",
        number=i18n.number(one.project),
        decision=labels.project_decision(one.decision),
    )
    return f" · {decided}"


def _outcome(one: Became) -> str:
    if one.outcome is not None:
        return labels.outcome(one.outcome)
    if one.fate is not None:
        return labels.fate(one.fate)
    if one.state is PublishState.MERGED:
        return _("joined to the same text and answered with it")
    if one.state in {PublishState.HIDDEN, PublishState.REMOVED, PublishState.RETURNED}:
        return _("not published")
    return _("published, in the dossier of the council")
