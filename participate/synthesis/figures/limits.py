"""Moderation, and what the figures cannot say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from participate.synthesis import shapes as s
from participate.synthesis.figures.inputs import DecisionRow, Inputs
from participate.synthesis.figures.texts import counts_of


def moderation_of(rows: Sequence[DecisionRow]) -> s.ModerationFigures:
    """Count decisions, their reasons, their delays and their appeals."""
    human = [r for r in rows if not r.by_due]
    appeals = Counter(r.appeal for r in rows if r.appeal)
    return s.ModerationFigures(
        decisions=len(human),
        by_decision=counts_of(Counter(r.decision for r in human)),
        by_reason=counts_of(Counter(r.reason for r in human if r.reason)),
        in_time=sum(r.in_time for r in human),
        median_hours=round(median(r.minutes for r in human) / 60) if human else None,
        unreviewed=len(rows) - len(human),
        appeals_open=appeals["open"],
        appeals_confirmed=appeals["confirmed"],
        appeals_reversed=appeals["reversed"],
    )


def limits_of(
    inputs: Inputs,
    tables: Iterable[s.CountsTable],
    voices: s.Voices,
    copies: Sequence[s.Campaign],
    contributions: s.Contributions,
) -> s.Limits:
    """Return what the figures do not say; a "not stated" count only where its table publishes it."""
    not_stated = {t.dimension: next((r.people for r in t.rows if not r.key), None) for t in tables}
    return s.Limits(
        people=voices.people,
        population=inputs.about.population,
        without_neighbourhood=not_stated["neighbourhood"],
        without_age=not_stated["age"],
        without_gender=not_stated["gender"],
        campaign_texts=copies[0].texts if copies else 0,
        campaign_accounts=copies[0].accounts if copies else 0,
        merged=contributions.merged,
    )
