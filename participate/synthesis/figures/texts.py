"""Contributions, themes, coverage and what was not retained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from participate.rules import outcomes as o
from participate.rules.windows import casablanca_date
from participate.synthesis import campaigns
from participate.synthesis import shapes as s
from participate.synthesis.figures.inputs import TextRow, ThemeRow

MAX_DECLINED = 10
EXCERPT = 240


def contributions_read(texts: Sequence[TextRow]) -> s.Contributions:
    """Count the texts by kind, day, language and state."""
    state = Counter(t.state for t in texts)
    public = [t for t in texts if t.readable]
    kinds = Counter(t.kind for t in texts)
    days = Counter(casablanca_date(t.at).isoformat() for t in texts)
    languages = Counter(t.lang for t in public)
    return s.Contributions(
        received=len(texts),
        published=len(public),
        pending=state[o.PublishState.WAITING.value],
        returned=state[o.PublishState.RETURNED.value],
        hidden=state[o.PublishState.HIDDEN.value],
        removed=state[o.PublishState.REMOVED.value],
        withdrawn=state[o.PublishState.WITHDRAWN.value],
        merged=state[o.PublishState.MERGED.value],
        published_late=state[o.PublishState.PUBLISHED_LATE.value],
        redacted=state[o.PublishState.REDACTED.value],
        ideas=kinds[o.ContributionKind.IDEA.value],
        comments=sum(t.kind == o.ContributionKind.COMMENT.value and not t.is_reply for t in texts),
        replies=sum(t.is_reply for t in texts),
        authors=len({t.author for t in public}),
        languages=counts_of(languages),
        days=tuple(s.Day(day, count) for day, count in sorted(days.items())),
        median_length=int(median(len(t.words) for t in public)) if public else 0,
    )


def counts_of(count: Mapping[Any, int]) -> tuple[s.Count, ...]:
    """Return counts as rows, the most frequent first, without zeros."""
    return tuple(
        s.Count(str(key), number)
        for key, number in sorted(count.items(), key=lambda pair: (-pair[1], str(pair[0])))
        if number
    )


def themes_read(rows: Iterable[ThemeRow], texts: Sequence[TextRow]) -> tuple[s.ThemeReading, ...]:
    """Read every theme with its members and its answer."""
    by_ref = {t.ref: t for t in texts if t.readable}
    found = []
    for theme in sorted(rows, key=lambda t: (t.project or 0, t.ref)):
        members = [by_ref[ref] for ref in sorted(set(theme.members)) if ref in by_ref]
        found.append(
            s.ThemeReading(
                ref=theme.ref,
                title=theme.title,
                project=theme.project,
                texts=len(members),
                authors=len({t.author for t in members}),
                associations=len(
                    {t.author for t in members if t.author_kind == o.ParticipantKind.ASSOCIATION.value}
                ),
                refs=tuple(t.ref for t in members),
                response=theme.response,
            )
        )
    return tuple(found)


def ideas_of_associations(texts: Iterable[TextRow]) -> tuple[s.AssociationIdea, ...]:
    """Return what associations proposed, with what became of it."""
    return tuple(
        s.AssociationIdea(
            ref=t.ref,
            association=t.association,
            title=t.title,
            lang=t.lang,
            axis=t.axis or {},
            consultation_kind=t.consultation_kind,
            fate=t.fate,
            reason=t.fate_reason,
            project=t.fate_project,
            response=t.response,
        )
        for t in texts
        if t.readable and t.association and t.kind == o.ContributionKind.IDEA.value
    )


def coverage_of(texts: Sequence[TextRow], themes: Iterable[ThemeRow]) -> s.Coverage:
    """Return how many of the texts that are owed an answer have one."""
    answers: dict[str, s.ResponseView] = {}
    listed = sorted(themes, key=lambda t: t.ref)
    for theme in listed:
        if theme.response is not None:
            for ref in theme.members:
                if ref in theme.main or ref not in answers:
                    answers[ref] = theme.response
    answers |= {t.ref: t.response for t in texts if t.response is not None}
    owed = [t for t in texts if t.answerable]
    given = [(t, answers[t.ref]) for t in owed if t.ref in answers]
    delays = [(datetime.fromisoformat(answer.at) - t.at).days for t, answer in given if answer.at is not None]
    fates = Counter(
        t.fate for t in texts if t.fate and t.answerable and t.kind == o.ContributionKind.IDEA.value
    )
    return s.Coverage(
        answerable=len(owed),
        answered=len(given),
        by_outcome=tuple(
            s.Count(one.value, sum(answer.outcome == one.value for _, answer in given)) for one in o.Outcome
        ),
        fates=tuple(s.Count(one.value, fates[one.value]) for one in o.Fate),
        median_days=int(median(delays)) if delays else None,
        declined=_declined(texts, listed),
    )


NOT_RETAINED = frozenset(one.value for one in o.OUTCOMES_NEEDING_REASON)


def _declined(texts: Sequence[TextRow], themes: Iterable[ThemeRow]) -> tuple[s.Declined, ...]:
    """Return what was not retained, most shared first: authors, then agreements."""
    by_ref = {t.ref: t for t in texts if t.readable}
    found = []
    for theme in themes:
        if theme.response is None or theme.response.outcome not in NOT_RETAINED:
            continue
        members = [by_ref[ref] for ref in set(theme.members) if ref in by_ref]
        found.append(
            s.Declined(
                theme.ref,
                theme.title,
                "",
                "",
                theme.project,
                len(members),
                len({t.author for t in members}),
                sum(t.agree for t in members),
                theme.response.outcome,
                theme.response.reason,
            )
        )
    found += [
        s.Declined(
            t.ref,
            None,
            t.title or t.words[:EXCERPT],
            t.lang,
            t.project,
            1,
            1,
            t.agree,
            t.response.outcome,
            t.response.reason,
        )
        for t in texts
        if t.answerable and t.response is not None and t.response.outcome in NOT_RETAINED
    ]
    found.sort(key=lambda d: (-d.authors, -d.agree, d.ref))
    return tuple(found[:MAX_DECLINED])


def campaign_text(text: TextRow) -> campaigns.Text:
    """Return a text as the search for campaigns compares it."""
    return campaigns.Text(
        text.ref, text.words if text.readable else "", text.lang, text.author, text.project, text.merged_into
    )
