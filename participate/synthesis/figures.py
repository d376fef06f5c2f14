"""From rows to figures: pure, deterministic, without a database.

Rules of the dossier (domain §4, design/5): every figure has its n; no percentage under 20; people and
texts are counted apart; projects in the order of the plan; quotes by a stated rule; small cells hidden.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median
from typing import Any

from participate.db import Words
from participate.journal.encoding import canonical, sha256
from participate.rules import outcomes as o
from participate.rules.tallies import (
    AudienceTally,
    CountCell,
    Label,
    Labelled,
    Share,
    StatementTallies,
    Tally,
    TooFew,
    label_statements,
    safe_counts,
    safe_tallies,
)
from participate.rules.windows import casablanca_date
from participate.synthesis import campaigns
from participate.synthesis import shapes as s

MAX_QUOTES = 4
MAX_POINTS = 3
MAX_DECLINED = 10
EXCERPT = 240
PRIORITY = 2
"""Value of a priority in the rows of positions (1, 0 and −1 are positions)."""
DIMENSIONS = ("kind", "channel", "level", "neighbourhood", "gender", "age")
COMPARED = ("kind", "neighbourhood", "gender", "age")
"""Dimensions in which audiences are compared for the labels; "not stated" is nobody's audience."""
METHOD = (
    "counts: unique voices; a person or an association counts once",
    "percentages: only from 20 people on; support is agree / (agree + disagree)",
    "stability: Wilson 95 % interval of the figure among participants, not a margin of error",
    "labels: consensual when the lowest audience's lower bound is above one half; divisive when a gap between two audiences excludes zero after Benjamini-Hochberg; uncertain otherwise",
    "small cells: fewer than 10, their complements, unanimous ones and enough neighbours are hidden",
    "quotes: the most agreed published text for each stance, earliest first on ties, then the most agreed of the rest, up to four, near-identical texts once; one text against is always among them when there is one",
    "campaigns: texts whose character 3-5-grams have a cosine of 0.8 or more, three or more texts",
    "coverage: published ideas and top-level comments with an approved answer of their own or of their theme",
    "opinion groups are not computed in this version",
)


@dataclass(frozen=True)
class VoiceRow:
    """How many voices share these facts; `neighbourhood` None is "not stated"."""

    kind: str
    channel: str
    level: int
    neighbourhood: str | None
    gender: str
    age: str
    people: int


@dataclass(frozen=True)
class PositionRow:
    """How many voices with these facts took one position on one project; value 2 is a priority."""

    project: int
    kind: str
    channel: str
    level: int
    neighbourhood: str | None
    gender: str
    age: str
    value: int
    people: int


@dataclass(frozen=True)
class TextRow:
    """A contribution in any state. `author` is a number within this reading, `words` what the public reads."""

    ref: str
    here: bool
    consultation_kind: str
    kind: str
    comment_kind: str | None
    stance: str
    state: str
    lang: str
    author: int
    author_kind: str
    by_staff: bool
    association: Words | None
    project: int | None
    is_reply: bool
    title: str
    words: str
    at: datetime
    statement: bool
    agree: int
    disagree: int
    passed: int
    axis: Words | None
    merged_into: str | None
    response: s.ResponseView | None
    fate: str | None
    fate_reason: Words | None
    fate_project: int | None

    @property
    def readable(self) -> bool:
        """Whether everybody reads it."""
        return self.state in READABLE

    @property
    def answerable(self) -> bool:
        """Whether the commune owes it an answer."""
        return self.readable and not self.is_reply


@dataclass(frozen=True)
class ProjectRow:
    """A project of the version under review."""

    number: int
    title: Words
    axis: Words
    response: s.ResponseView | None


@dataclass(frozen=True)
class ThemeRow:
    """A theme with the refs of its members; `main` are those whose main theme it is."""

    ref: str
    title: Words
    project: int | None
    members: tuple[str, ...]
    main: tuple[str, ...]
    response: s.ResponseView | None


@dataclass(frozen=True)
class DecisionRow:
    """One decision of a moderator that was not undone."""

    decision: str
    reason: str | None
    minutes: int
    in_time: bool
    by_due: bool
    appeal: str | None


@dataclass(frozen=True)
class NeighbourhoodRow:
    """A neighbourhood people could name."""

    slug: str
    name: Words
    population: int | None


@dataclass(frozen=True)
class Inputs:
    """Everything a reading is made from. The order of rows says nothing."""

    about: s.About
    neighbourhoods: tuple[NeighbourhoodRow, ...]
    voices: tuple[VoiceRow, ...]
    positions: tuple[PositionRow, ...]
    texts: tuple[TextRow, ...]
    projects: tuple[ProjectRow, ...]
    themes: tuple[ThemeRow, ...]
    opinions: tuple[s.OpinionView, ...]
    decisions: tuple[DecisionRow, ...]
    meetings: tuple[s.MeetingView, ...]
    changes: s.Changes | None
    rounds: tuple[s.Round, ...]


READABLE = frozenset(state.value for state in o.READABLE_STATES)


def input_hash(inputs: Inputs) -> str:
    """Return the SHA-256 of the rows, each written canonically and sorted: shuffled rows hash alike."""
    parts = []
    for name, value in asdict(inputs).items():
        if isinstance(value, (list, tuple)):
            parts.append([name, sorted(canonical(row) for row in value)])
        else:
            parts.append([name, canonical(value)])
    return sha256(canonical(parts))


def compute(inputs: Inputs) -> s.Reading:
    """Return the reading of a consultation."""
    texts = sorted(inputs.texts, key=lambda t: (t.at, t.ref))
    here = [t for t in texts if t.here]
    dims = _dimensions(inputs)
    voices = _voices(inputs.voices)
    base = sum(row.people for row in inputs.voices)
    found_campaigns = campaigns.find([_text_of(t) for t in here])
    copies = {ref: number for number, one in enumerate(found_campaigns) for ref in one.refs}
    projects = _projects(inputs, dims, base, here, copies)
    contributions = _contributions(here)
    coverage = _coverage(here, inputs.themes)
    changed = [p for p in inputs.changes.projects if p.status != "same"] if inputs.changes else None
    tables = _count_tables(inputs, dims)
    return s.Reading(
        schema=s.SCHEMA,
        input_sha256=input_hash(inputs),
        about=inputs.about,
        participants=base,
        voices=voices,
        audiences=tables,
        contributions=contributions,
        rounds=tuple(sorted(inputs.rounds, key=lambda r: (r.opens_at, r.kind))),
        statements=_statements(projects, here, base, voices),
        groups=s.Groups(published=False, reason="not_computed"),
        projects=projects,
        themes=_themes(inputs.themes, here),
        campaigns=found_campaigns,
        association_ideas=_association_ideas(texts),
        opinions=tuple(sorted(inputs.opinions, key=lambda one: (one.at, canonical(one.body)))),
        coverage=coverage,
        moderation=_moderation(inputs.decisions),
        changes=inputs.changes,
        meetings=tuple(sorted(inputs.meetings, key=lambda m: (m.starts_at, m.slug))),
        agreements=_agreements(projects),
        disagreements=_disagreements(projects),
        limits=_limits(inputs, tables, voices, found_campaigns, contributions),
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


# --- who took part -----------------------------------------------------------------------------------


def _voices(rows: Iterable[VoiceRow]) -> s.Voices:
    count: Counter[str] = Counter()
    for row in rows:
        count[row.kind] += row.people
    return s.Voices(
        people=count[o.ParticipantKind.CITIZEN.value],
        associations=count[o.ParticipantKind.ASSOCIATION.value],
        slips=count[o.ParticipantKind.SLIP.value],
        imported=count[o.ParticipantKind.IMPORTED.value],
    )


@dataclass(frozen=True)
class _Dimension:
    name: str
    keys: tuple[str, ...]
    of: Callable[[Any], str]
    labels: Mapping[str, Words]
    population: Mapping[str, int | None]


def _dimensions(inputs: Inputs) -> dict[str, _Dimension]:
    """Return each dimension with its categories in a fixed order.

    Ways of taking part that nobody used are left out: they are no trait of a person. Traits keep
    every category, empty or not, and "not stated" stands last.
    """
    used: dict[str, set[Any]] = {
        "kind": {row.kind for row in inputs.voices},
        "channel": {row.channel for row in inputs.voices},
        "level": {row.level for row in inputs.voices},
    }
    places = sorted(inputs.neighbourhoods, key=lambda n: n.slug)
    none: dict[str, Any] = {}

    def plain(name: str, keys: tuple[str, ...], of: Callable[[Any], str]) -> _Dimension:
        return _Dimension(name, keys, of, none, none)

    return {
        "kind": plain(
            "kind", tuple(k.value for k in o.ParticipantKind if k.value in used["kind"]), lambda r: r.kind
        ),
        "channel": plain(
            "channel", tuple(c.value for c in o.Channel if c.value in used["channel"]), lambda r: r.channel
        ),
        "level": plain(
            "level", tuple(str(v.value) for v in o.Level if v.value in used["level"]), lambda r: str(r.level)
        ),
        "neighbourhood": _Dimension(
            "neighbourhood",
            (*(n.slug for n in places), ""),
            lambda r: r.neighbourhood or "",
            {n.slug: n.name for n in places},
            {n.slug: n.population for n in places},
        ),
        "gender": plain("gender", tuple(g.value for g in o.Gender), lambda r: r.gender),
        "age": plain("age", tuple(a.value for a in o.AgeBand), lambda r: r.age),
    }


def _count_tables(inputs: Inputs, dims: Mapping[str, _Dimension]) -> tuple[s.CountsTable, ...]:
    """Return one table a dimension.

    Kinds of voices are not suppressed: associations are public bodies, named where they speak. The
    other dimensions count people (citizens and slips) and hide small cells.
    """
    found = []
    for name in DIMENSIONS:
        dim = dims[name]
        rows = [r for r in inputs.voices if name == "kind" or r.kind != o.ParticipantKind.ASSOCIATION.value]
        count = Counter(dict.fromkeys(dim.keys, 0))
        for row in rows:
            count[dim.of(row)] += row.people
        cells = [CountCell(key, count[key]) for key in dim.keys]
        open_ = name == "kind" or len(cells) == 1
        shown = cells if open_ else safe_counts(cells).cells
        found.append(
            s.CountsTable(
                name,
                sum(count.values()),
                tuple(
                    s.CountRow(
                        cell.category,
                        dim.labels.get(cell.category),
                        cell.people,
                        dim.population.get(cell.category),
                    )
                    for cell in shown
                ),
            )
        )
    return tuple(found)


# --- projects ----------------------------------------------------------------------------------------


def _projects(
    inputs: Inputs,
    dims: Mapping[str, _Dimension],
    base: int,
    texts: Sequence[TextRow],
    copies: Mapping[str, int],
) -> tuple[s.ProjectReading, ...]:
    rows: dict[int, list[PositionRow]] = defaultdict(list)
    for row in inputs.positions:
        rows[row.project].append(row)
    by_project: dict[int | None, list[TextRow]] = defaultdict(list)
    for text in texts:
        by_project[text.project].append(text)
    ordered = sorted(inputs.projects, key=lambda p: p.number)
    split = {p.number: {name: _split(rows[p.number], dims[name]) for name in DIMENSIONS} for p in ordered}
    labels = _labels(split)
    changes = {c.number: c for c in inputs.changes.projects} if inputs.changes else {}
    found = []
    for project in ordered:
        tally = _tally(rows[project.number], None if _unknown_seen(inputs.voices) else base)
        tables = tuple(_audience_table(dims[name], split[project.number][name]) for name in DIMENSIONS)
        label, gap = labels[project.number]
        change = changes.get(project.number)
        found.append(
            s.ProjectReading(
                number=project.number,
                title=project.title,
                axis=project.axis,
                tally=_view(tally),
                base=base,
                support=_support(tally.support),
                support_with_pass=_support(tally.support_with_pass),
                label=label.value,
                gap=_gap(gap, tables, dims),
                audiences=tables,
                priorities=sum(r.people for r in rows[project.number] if r.value == PRIORITY),
                texts=_text_counts(by_project[project.number]),
                quotes=_quotes(by_project[project.number], copies),
                response=project.response,
                change=change if change is not None and change.status != "same" else None,
            )
        )
    return tuple(found)


def _unknown_seen(voices: Iterable[VoiceRow]) -> bool:
    """Whether some voices came in a way that does not tell what they were shown."""
    return any(row.kind in {o.ParticipantKind.SLIP.value, o.ParticipantKind.IMPORTED.value} for row in voices)


def _tally(rows: Iterable[PositionRow], base: int | None) -> Tally:
    count: Counter[int] = Counter()
    for row in rows:
        count[row.value] += row.people
    n = count[1] + count[0] + count[-1]
    return Tally(count[1], count[-1], count[0], None if base is None else max(0, base - n))


def _split(rows: Iterable[PositionRow], dim: _Dimension) -> tuple[AudienceTally, ...]:
    groups: dict[str, list[PositionRow]] = defaultdict(list)
    for row in rows:
        groups[dim.of(row)].append(row)
    # How many of an audience took no position would tell its size, which its own table may hide.
    return tuple(AudienceTally(key, _tally(groups[key], None)) for key in dim.keys)


def _audience_table(dim: _Dimension, cells: tuple[AudienceTally, ...]) -> s.AudienceTable:
    if len(cells) == 1:  # the whole again, which is public
        shown = [(cells[0].audience, cells[0].tally)]
    else:
        shown = [(cell.category, cell.tally) for cell in safe_tallies(cells).cells]  # type: ignore[misc]
    return s.AudienceTable(
        dim.name,
        tuple(
            s.AudienceRow(key, dim.labels.get(key), _view(tally) if tally is not None else None)
            for key, tally in shown
        ),
    )


_Found = tuple[Label, tuple[str, str, str] | None]


def _labels(split: Mapping[int, Mapping[str, tuple[AudienceTally, ...]]]) -> dict[int, _Found]:
    """Label every project over all compared dimensions, correcting for all comparisons made."""
    asked = [
        StatementTallies(
            f"{number}/{name}",
            tuple(one for one in tables[name] if one.audience),
        )
        for number, tables in split.items()
        for name in COMPARED
    ]
    by_project: dict[int, list[tuple[str, Labelled]]] = defaultdict(list)
    for one in label_statements(asked):
        number, name = one.statement.split("/")
        by_project[int(number)].append((name, one))
    return {number: _one_label(by_project[number]) for number in split}


def _one_label(parts: Sequence[tuple[str, Labelled]]) -> _Found:
    bounds = [one.lowest_bound for _, one in parts if one.lowest_bound is not None]
    lowest = min(bounds, default=None)
    standing = [(name, one.gap) for name, one in parts if one.gap is not None and one.gap.stands]
    standing.sort(key=lambda pair: (-pair[1].difference, pair[0]))
    gap = (standing[0][0], standing[0][1].higher, standing[0][1].lower) if standing else None
    if lowest is not None and lowest > 0.5:
        return Label.CONSENSUAL, gap
    return (Label.DIVISIVE if gap else Label.UNCERTAIN), gap


def _gap(
    gap: tuple[str, str, str] | None, tables: Iterable[s.AudienceTable], dims: Mapping[str, _Dimension]
) -> s.GapView | None:
    """Return the gap only when the tables publish both sides: no figure leaks round the small cells."""
    if gap is None:
        return None
    name, higher, lower = gap
    rows = {row.key: row.tally for table in tables if table.dimension == name for row in table.rows}
    above, below = rows.get(higher), rows.get(lower)
    if above is None or below is None:
        return None
    labels = dims[name].labels
    return s.GapView(name, higher, labels.get(higher), above, lower, labels.get(lower), below)


def _view(tally: Tally) -> s.TallyView:
    return s.TallyView(tally.agree, tally.disagree, tally.passed, tally.not_seen, tally.n)


def _support(found: Share | TooFew) -> s.SupportView:
    if isinstance(found, TooFew):
        return s.SupportView(found.count, found.base, None, None, None)
    bounds = found.stability
    return s.SupportView(found.count, found.base, found.percent, _round(bounds.lower), _round(bounds.upper))


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _text_counts(texts: Sequence[TextRow]) -> s.TextCounts:
    public = [t for t in texts if t.readable and t.kind == o.ContributionKind.COMMENT.value]
    top = [t for t in public if not t.is_reply]
    stance = Counter(t.stance for t in top)
    kind = Counter(t.comment_kind for t in top)
    return s.TextCounts(
        comments=len(top),
        amendments=kind[o.CommentKind.AMENDMENT.value],
        questions=kind[o.CommentKind.QUESTION.value],
        replies=len(public) - len(top),
        for_=stance[o.Stance.FOR.value],
        against=stance[o.Stance.AGAINST.value],
        undecided=stance[o.Stance.UNDECIDED.value],
        without_stance=stance[o.Stance.NONE.value],
        authors=len({t.author for t in public}),
    )


def _quotes(texts: Sequence[TextRow], copies: Mapping[str, int]) -> tuple[s.Quote, ...]:
    """Choose quotes: the most agreed of each stance, then the most agreed of the rest, up to four.

    Near-identical texts are one argument (`copies`: campaign by ref) and are quoted once.
    """
    ranked = sorted(
        (
            t
            for t in texts
            if t.answerable and not t.by_staff and t.words and t.kind == o.ContributionKind.COMMENT.value
        ),
        key=lambda t: (-t.agree, t.at, t.ref),
    )
    pool: list[TextRow] = []
    told: set[int] = set()
    for text in ranked:
        campaign = copies.get(text.ref)
        if campaign is None or campaign not in told:
            pool.append(text)
        if campaign is not None:
            told.add(campaign)
    chosen: list[TextRow] = []
    for stance in (o.Stance.FOR, o.Stance.AGAINST, o.Stance.UNDECIDED):
        chosen += [t for t in pool if t.stance == stance.value][:1]
    chosen += [t for t in pool if t not in chosen][: MAX_QUOTES - len(chosen)]
    return tuple(
        s.Quote(t.ref, t.stance, t.lang, t.words, t.association, t.agree, t.stance == o.Stance.AGAINST.value)
        for t in chosen
    )


def _statements(
    projects: Iterable[s.ProjectReading], texts: Iterable[TextRow], base: int, voices: s.Voices
) -> tuple[s.StatementView, ...]:
    """List everything people took positions on: projects in plan order, then texts by reference."""
    known = not (voices.slips or voices.imported)
    return (
        *(
            s.StatementView(
                p.ref,
                str(p.number),
                o.StatementKind.PROJECT.value,
                p.tally.agree,
                p.tally.disagree,
                p.tally.pass_,
                p.tally.not_seen,
                p.label,
            )
            for p in projects
        ),
        *(
            s.StatementView(
                t.ref,
                None,
                t.kind,
                t.agree,
                t.disagree,
                t.passed,
                max(0, base - t.agree - t.disagree - t.passed) if known else None,
                None,
            )
            for t in sorted(texts, key=lambda t: t.ref)
            if t.readable and t.statement
        ),
    )


def _point(project: s.ProjectReading, why: str) -> s.Point:
    tally = project.tally
    return s.Point(project.number, project.title, why, tally.agree, tally.disagree, tally.pass_, tally.n)


def _agreements(projects: Iterable[s.ProjectReading]) -> tuple[s.Point, ...]:
    """Return up to three consensual projects, by the lower bound of their support."""
    found = [p for p in projects if p.label == Label.CONSENSUAL.value]
    found.sort(key=lambda p: (-(p.support.lower or 0), p.number))
    return tuple(_point(p, "consensual") for p in found[:MAX_POINTS])


def _disagreements(projects: Sequence[s.ProjectReading]) -> tuple[s.Point, ...]:
    """Return up to three: disputed projects first, then those most opposed among the unsettled."""
    disputed = [p for p in projects if p.label == Label.DIVISIVE.value]
    disputed.sort(key=lambda p: (-p.tally.disagree, p.number))
    opposed = [
        p
        for p in projects
        if p.label == Label.UNCERTAIN.value and p.support.percent is not None and p.tally.disagree
    ]
    opposed.sort(key=lambda p: (p.support.upper or 0, p.number))
    found = [_point(p, "disputed") for p in disputed] + [_point(p, "opposed") for p in opposed]
    return tuple(found[:MAX_POINTS])


# --- texts -------------------------------------------------------------------------------------------


def _contributions(texts: Sequence[TextRow]) -> s.Contributions:
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
        languages=_counts(languages),
        days=tuple(s.Day(day, count) for day, count in sorted(days.items())),
        median_length=int(median(len(t.words) for t in public)) if public else 0,
    )


def _counts(count: Mapping[Any, int]) -> tuple[s.Count, ...]:
    return tuple(
        s.Count(str(key), number)
        for key, number in sorted(count.items(), key=lambda pair: (-pair[1], str(pair[0])))
        if number
    )


def _themes(rows: Iterable[ThemeRow], texts: Sequence[TextRow]) -> tuple[s.ThemeReading, ...]:
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


def _association_ideas(texts: Iterable[TextRow]) -> tuple[s.AssociationIdea, ...]:
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


def _coverage(texts: Sequence[TextRow], themes: Iterable[ThemeRow]) -> s.Coverage:
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


def _text_of(text: TextRow) -> campaigns.Text:
    return campaigns.Text(
        text.ref, text.words if text.readable else "", text.lang, text.author, text.project, text.merged_into
    )


# --- the rest ----------------------------------------------------------------------------------------


def _moderation(rows: Sequence[DecisionRow]) -> s.ModerationFigures:
    human = [r for r in rows if not r.by_due]
    appeals = Counter(r.appeal for r in rows if r.appeal)
    return s.ModerationFigures(
        decisions=len(human),
        by_decision=_counts(Counter(r.decision for r in human)),
        by_reason=_counts(Counter(r.reason for r in human if r.reason)),
        in_time=sum(r.in_time for r in human),
        median_hours=round(median(r.minutes for r in human) / 60) if human else None,
        unreviewed=len(rows) - len(human),
        appeals_open=appeals["open"],
        appeals_confirmed=appeals["confirmed"],
        appeals_reversed=appeals["reversed"],
    )


def _limits(
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
