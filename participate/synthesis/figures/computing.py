"""All figures at once."""

from __future__ import annotations

from participate.journal.encoding import canonical
from participate.rules import outcomes as o
from participate.synthesis import campaigns
from participate.synthesis import shapes as s
from participate.synthesis.figures.inputs import METHOD, Inputs, input_hash
from participate.synthesis.figures.limits import limits_of, moderation_of
from participate.synthesis.figures.people import count_tables, dimensions_of, voices_read
from participate.synthesis.figures.projects import (
    agreements_of,
    disagreements_of,
    projects_read,
    statements_of,
)
from participate.synthesis.figures.texts import (
    campaign_text,
    contributions_read,
    coverage_of,
    ideas_of_associations,
    themes_read,
)


def compute(inputs: Inputs) -> s.Reading:
    """Return the reading of a consultation."""
    texts = sorted(inputs.texts, key=lambda t: (t.at, t.ref))
    here = [t for t in texts if t.here]
    dims = dimensions_of(inputs)
    voices = voices_read(inputs.voices)
    base = sum(row.people for row in inputs.voices)
    found_campaigns = campaigns.find([campaign_text(t) for t in here])
    copies = {ref: number for number, one in enumerate(found_campaigns) for ref in one.refs}
    projects = projects_read(inputs, dims, base, here, copies)
    contributions = contributions_read(here)
    coverage = coverage_of(here, inputs.themes)
    changed = [p for p in inputs.changes.projects if p.status != "same"] if inputs.changes else None
    tables = count_tables(inputs, dims)
    return s.Reading(
        schema=s.SCHEMA,
        input_sha256=input_hash(inputs),
        about=inputs.about,
        participants=base,
        voices=voices,
        audiences=tables,
        contributions=contributions,
        rounds=tuple(sorted(inputs.rounds, key=lambda r: (r.opens_at, r.kind))),
        statements=statements_of(projects, here, base, voices),
        groups=s.Groups(published=False, reason="not_computed"),
        projects=projects,
        themes=themes_read(inputs.themes, here),
        campaigns=found_campaigns,
        association_ideas=ideas_of_associations(texts),
        opinions=tuple(sorted(inputs.opinions, key=lambda one: (one.at, canonical(one.body)))),
        coverage=coverage,
        moderation=moderation_of(inputs.decisions),
        changes=inputs.changes,
        meetings=tuple(sorted(inputs.meetings, key=lambda m: (m.starts_at, m.slug))),
        agreements=agreements_of(projects),
        disagreements=disagreements_of(projects),
        limits=limits_of(inputs, tables, voices, found_campaigns, contributions),
        figures=s.Figures(
            participants=base,
            received=contributions.received,
            published=contributions.published,
            associations=voices.associations,
            answered=coverage.answered,
            answerable=coverage.answerable,
            changed=len(changed) if changed is not None else None,
            changed_by_people=sum(_from_people(one) for one in changed) if changed is not None else None,
        ),
        method=METHOD,
    )


PEOPLE_CAUSES = frozenset(
    {o.ChangeCause.CONTRIBUTION.value, o.ChangeCause.ASSOCIATION.value, o.ChangeCause.WORKSHOP.value}
)


def _from_people(change: s.ChangeView) -> bool:
    return any(cause.cause in PEOPLE_CAUSES for cause in change.causes)
