"""Projects: tallies, agreements, disagreements, quotes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from participate.rules import outcomes as o
from participate.rules.tallies import (
    AudienceTally,
    Label,
    Labelled,
    Share,
    StatementTallies,
    Tally,
    TooFew,
    label_statements,
    safe_tallies,
)
from participate.synthesis import shapes as s
from participate.synthesis.figures.inputs import Inputs, PositionRow, TextRow, VoiceRow
from participate.synthesis.figures.people import DIMENSIONS, Dimension

MAX_QUOTES = 4
MAX_POINTS = 3
PRIORITY = 2
"""Value of a priority in the rows of positions (1, 0 and −1 are positions)."""
COMPARED = ("kind", "neighbourhood", "gender", "age")
"""Dimensions in which audiences are compared for the labels; "not stated" is nobody's audience."""


def projects_read(
    inputs: Inputs,
    dims: Mapping[str, Dimension],
    base: int,
    texts: Sequence[TextRow],
    copies: Mapping[str, int],
) -> tuple[s.ProjectReading, ...]:
    """Read every project: its tallies, its texts, where people agree and differ."""
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


def _split(rows: Iterable[PositionRow], dim: Dimension) -> tuple[AudienceTally, ...]:
    groups: dict[str, list[PositionRow]] = defaultdict(list)
    for row in rows:
        groups[dim.of(row)].append(row)
    # How many of an audience took no position would tell its size, which its own table may hide.
    return tuple(AudienceTally(key, _tally(groups[key], None)) for key in dim.keys)


def _audience_table(dim: Dimension, cells: tuple[AudienceTally, ...]) -> s.AudienceTable:
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
    gap: tuple[str, str, str] | None, tables: Iterable[s.AudienceTable], dims: Mapping[str, Dimension]
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


def statements_of(
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


def agreements_of(projects: Iterable[s.ProjectReading]) -> tuple[s.Point, ...]:
    """Return up to three consensual projects, by the lower bound of their support."""
    found = [p for p in projects if p.label == Label.CONSENSUAL.value]
    found.sort(key=lambda p: (-(p.support.lower or 0), p.number))
    return tuple(_point(p, "consensual") for p in found[:MAX_POINTS])


def disagreements_of(projects: Sequence[s.ProjectReading]) -> tuple[s.Point, ...]:
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
