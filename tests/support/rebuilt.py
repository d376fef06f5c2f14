"""The figures of a sealed dossier, counted again from the open data alone: the files of the page and the archive.

Nothing here asks the database or the platform's own counting. What is read: `contributions.json`, `journal.json`,
the archive of the review (`tally.json`, `ballots.json`, `statements.json`), and from `results.json` only what is no
count: which texts are in which theme, the answers, the causes of changes, and the cells of audiences as published.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

CASABLANCA = ZoneInfo("Africa/Casablanca")
SMALL, LEAST = 10, 20
"""Cells below the first are hidden; below the second there is no percentage."""
NOT_REBUILT = {
    "*.authors": "who wrote which texts is in no file: it would tie a person's texts together",
    "themes[].associations": "the same",
    "participants": "how many spoke is published as a figure only: no file lists voices",
    "voices.*": "the same",
    "figures.participants": "the same",
    "figures.associations": "the same",
    "limits.people": "the same",
    "projects[].base": "the same",
    "*.not_seen": "it rests on how many spoke",
    "audiences[].total": "the same",
    "audiences[].rows[].people": "facts of people are published as safe cells only; their safety is checked here",
    "*.population": "inhabitants are the commune's figure, not a count of ours",
    "projects[].audiences[].rows[].tally.*": "as the cells of people; their safety is checked here",
    "projects[].gap.*": "which gap is largest rests on hidden cells too; its two sides are published cells",
    "limits.without_neighbourhood": "a published cell of who took part",
    "limits.without_age": "the same",
    "limits.without_gender": "the same",
    "campaigns[].accounts": "as authors",
    "limits.campaign_accounts": "as authors",
    "campaigns[].projects[]": "numbers of projects beside the texts that the campaign names",
    "contributions.pending": "what never became public, or was joined to another text, is counted but not given out",
    "contributions.returned": "the same",
    "contributions.hidden": "the same",
    "contributions.removed": "the same",
    "contributions.withdrawn": "the same",
    "contributions.merged": "the same",
    "contributions.ideas": "among all that was received, published or not",
    "contributions.comments": "the same",
    "contributions.replies": "the same",
    "limits.merged": "the same",
    "coverage.median_days": "the moment a text was sent is not given out, only when it was published",
    "moderation.*": "decisions that were taken back stay in the journal; which ones is told apart only there",
    "meetings[].*": "counted in the room, by hand",
    "rounds[].people": "the call for ideas: how many spoke, as above",
    "rounds[].associations": "the same",
    "coverage.declined[].authors": "as authors",
    "about.*": "what the consultation is, not a count",
    "*.number": "a number of the plan",
    "*.project": "the same",
    "changes.*_version": "the same",
}
"""Patterns of figures that cannot be counted again, with the reason; docs/synthesis.md says the same in words."""


@dataclass(frozen=True)
class OpenData:
    """What anybody can download of one plan."""

    contributions: Sequence[Mapping[str, Any]]
    journal: Sequence[Mapping[str, Any]]
    archive: Mapping[str, Any]
    results: Mapping[str, Any]


def figures(value: Any, path: str = "") -> dict[str, float | None]:
    """Return every number of a document by its path, and every cell that is hidden."""
    found: dict[str, float | None] = {}
    if isinstance(value, Mapping):
        for key, one in value.items():
            found |= figures(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            found |= figures(one, f"{path}[{place}]")
    elif isinstance(value, (bool, str)):
        pass
    elif value is None:
        if path.endswith((".people", ".percent", ".lower", ".upper", ".not_seen")):
            found[path] = None
    else:
        found[path] = value
    return found


def rebuilt(data: OpenData) -> dict[str, float | None]:
    """Return every figure that can be counted again, by its path in the dossier."""
    given = data.results
    here = [one for one in data.contributions if one["consultation"] == "draft_review"]
    entries = [json.loads(one["body"]) for one in data.journal if one["body"]]
    found: dict[str, Any] = {}
    numbers = {str(key): ref for key, kind, ref in data.archive["statements"] if kind == "project"}
    ballots = {
        numbers[key]: votes for key, votes in data.archive["ballots"]["positions"].items() if key in numbers
    }
    priorities = {
        numbers[str(key)]: count for key, count in data.archive["tally"]["priorities"] if str(key) in numbers
    }
    tallies = {}
    for place, project in enumerate(given["projects"]):
        number = project["number"]
        votes = Counter(ballots.get(number, ()))
        tallies[number] = votes
        at = f"projects[{place}]"
        found |= _tally(f"{at}.tally", votes)
        found |= _support(f"{at}.support", votes[1], votes[1] + votes[-1])
        found |= _support(f"{at}.support_with_pass", votes[1], sum(votes.values()))
        found[f"{at}.priorities"] = priorities.get(number, 0)
        found |= _texts(f"{at}.texts", [one for one in here if one["project"] == number])
    found |= _statements(data, given, ballots)
    found |= _points(given, tallies)
    found |= _contributions(data, here, entries)
    found |= _answers(given, here, found)
    assessed = {
        one["public"]["ref"]: one["public"]["fate"] for one in entries if one["type"] == "idea:assessed"
    }
    ideas = Counter(assessed.get(one["ref"]) for one in here if one["kind"] == "idea")
    for place, fate in enumerate(given["coverage"]["fates"]):
        found[f"coverage.fates[{place}].count"] = ideas[fate["key"]]
    return found


def _tally(path: str, votes: Mapping[int, int]) -> dict[str, Any]:
    return {
        f"{path}.agree": votes[1],
        f"{path}.disagree": votes[-1],
        f"{path}.pass": votes[0],
        f"{path}.n": sum(votes.values()),
    }


def _support(path: str, count: int, base: int) -> dict[str, Any]:
    percent = lower = upper = None
    if base >= LEAST:
        percent = int(100 * count / base + 0.5)
        lower, upper = (round(one, 4) for one in wilson(count, base))
    return {
        f"{path}.count": count,
        f"{path}.base": base,
        f"{path}.percent": percent,
        f"{path}.lower": lower,
        f"{path}.upper": upper,
    }


def wilson(count: int, base: int) -> tuple[float, float]:
    """Return Wilson's interval from its closed form, not from the platform's own."""
    z = 1.959963984540054
    middle, shrink = count + z * z / 2, base + z * z
    spread = z * sqrt(count * (base - count) / base + z * z / 4)
    lower, upper = (middle - spread) / shrink, (middle + spread) / shrink
    return (0.0 if count == 0 else lower, 1.0 if count == base else upper)


def _texts(path: str, texts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    comments = [one for one in texts if one["kind"] == "comment"]
    top = [one for one in comments if not one["reply_to"]]
    stance, kind = (Counter(one[name] for one in top) for name in ("stance", "comment_kind"))
    return {
        f"{path}.comments": len(top),
        f"{path}.amendments": kind["amendment"],
        f"{path}.questions": kind["question"],
        f"{path}.replies": len(comments) - len(top),
        f"{path}.for": stance["for"],
        f"{path}.against": stance["against"],
        f"{path}.undecided": stance["undecided"],
        f"{path}.without_stance": stance["none"],
    }


def _statements(
    data: OpenData, given: Mapping[str, Any], ballots: Mapping[int, Sequence[int]]
) -> dict[str, Any]:
    refs = {ref: data.archive["ballots"]["positions"].get(str(key), []) for key, kind, ref in data.archive["statements"] if kind != "project"}  # fmt: skip
    found: dict[str, Any] = {}
    for place, one in enumerate(given["statements"]):
        votes = ballots[int(one["external_id"])] if one["kind"] == "project" else refs.get(one["id"], [])
        count = Counter(votes)
        at = f"statements[{place}]"
        found |= {f"{at}.agree": count[1], f"{at}.disagree": count[-1], f"{at}.pass": count[0]}
    for place, project in enumerate(given["projects"]):
        for number, quote in enumerate(project["quotes"]):
            found[f"projects[{place}].quotes[{number}].agree"] = Counter(refs.get(quote["ref"], []))[1]
    return found


def _points(given: Mapping[str, Any], tallies: Mapping[int, Mapping[int, int]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("agreements", "disagreements"):
        for place, number in enumerate(ranked(given, tallies, name)):
            found[f"{name}[{place}].number"] = number
            found |= _tally(f"{name}[{place}]", tallies[number])
    return found


def ranked(given: Mapping[str, Any], tallies: Mapping[int, Mapping[int, int]], name: str) -> list[int]:
    """Return which three projects stand on the first page, from their labels and ballots."""

    def bounds(number: int) -> tuple[float, float]:
        votes = tallies[number]
        base = votes[1] + votes[-1]
        return wilson(votes[1], base) if base >= LEAST else (0.0, 0.0)

    by_label: dict[str, list[int]] = {}
    for one in given["projects"]:
        by_label.setdefault(one["label"], []).append(one["number"])
    if name == "agreements":
        return sorted(by_label.get("consensual", []), key=lambda n: (-round(bounds(n)[0], 4), n))[:3]
    disputed = sorted(by_label.get("divisive", []), key=lambda n: (-tallies[n][-1], n))
    opposed = [
        n for n in by_label.get("uncertain", []) if tallies[n][1] + tallies[n][-1] >= LEAST and tallies[n][-1]
    ]
    return (disputed + sorted(opposed, key=lambda n: (round(bounds(n)[1], 4), n)))[:3]


def _contributions(
    data: OpenData, here: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    sent: dict[str, list[str]] = {}
    for one in entries:
        if one["type"] in {"idea:submitted", "comment:submitted"}:
            sent.setdefault(one["chain"], []).append(_day(one["at"]))
    review, *others = _rounds(data, entries)
    days = Counter(sent.get(review, []))
    languages = Counter(one["lang"] for one in here)
    found: dict[str, Any] = {
        "contributions.received": sum(days.values()),
        "figures.received": sum(days.values()),
        "contributions.published": len(here),
        "figures.published": len(here),
        "contributions.published_late": sum(one["state"] == "published_late" for one in here),
        "contributions.redacted": sum(one["state"] == "redacted" for one in here),
        "contributions.median_length": int(median(len(one["text"]) for one in here)),
    }
    for place, (_date, texts) in enumerate(sorted(days.items())):
        found[f"contributions.days[{place}].texts"] = texts
    for place, (_lang, texts) in enumerate(sorted(languages.items(), key=lambda pair: (-pair[1], pair[0]))):
        found[f"contributions.languages[{place}].count"] = texts
    for place, chain in enumerate(others):
        found[f"rounds[{place}].received"] = len(sent.get(chain, []))
        found[f"rounds[{place}].published"] = sum(
            one["consultation"] == "call_for_ideas" for one in data.contributions
        )
    return found


def _rounds(data: OpenData, entries: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the chains of the review and of the rounds before it."""
    kinds = {one["chain"]: one["public"]["kind"] for one in entries if one["type"] == "consultation:planned"}
    return sorted(kinds, key=lambda chain: kinds[chain] != "draft_review")


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(CASABLANCA).date().isoformat()


def _answers(
    given: Mapping[str, Any], here: Sequence[Mapping[str, Any]], found: Mapping[str, Any]
) -> dict[str, Any]:
    agree = {one["id"]: found[f"statements[{place}].agree"] for place, one in enumerate(given["statements"])}
    outcome: dict[str, str] = {}
    made: dict[str, Any] = {}
    for place, theme in enumerate(given["themes"]):
        made[f"themes[{place}].texts"] = len(theme["refs"])
        if theme["response"]:
            for ref in theme["refs"]:
                outcome.setdefault(ref, theme["response"]["outcome"])
    by_ref = {one["ref"]: one for one in here}
    outcome |= {ref: one["answer"] for ref, one in by_ref.items() if one["answer"]}
    owed = [one["ref"] for one in here if not one["reply_to"] and one["author_kind"] != "staff"]
    answered = [ref for ref in owed if ref in outcome]
    counted = Counter(outcome[ref] for ref in answered)
    made |= {
        "coverage.answerable": len(owed),
        "figures.answerable": len(owed),
        "coverage.answered": len(answered),
        "figures.answered": len(answered),
    }
    for place, one in enumerate(given["coverage"]["by_outcome"]):
        made[f"coverage.by_outcome[{place}].count"] = counted[one["key"]]
    themes = {one["ref"]: one for one in given["themes"]}
    for place, one in enumerate(given["coverage"]["declined"]):
        refs = themes[one["ref"]]["refs"] if one["ref"] in themes else [one["ref"]]
        made[f"coverage.declined[{place}].texts"] = len(refs)
        made[f"coverage.declined[{place}].agree"] = sum(agree.get(ref, 0) for ref in refs)
    for place, one in enumerate(given["campaigns"]):
        made[f"campaigns[{place}].texts"] = len(set(one["refs"]))
    made["limits.campaign_texts"] = len(set(given["campaigns"][0]["refs"])) if given["campaigns"] else 0
    changed = [one for one in (given["changes"] or {"projects": []})["projects"] if one["status"] != "same"]
    people = {"contribution", "association", "workshop"}
    made["figures.changed"] = len(changed)
    made["figures.changed_by_people"] = sum(
        any(cause["cause"] in people for cause in one["causes"]) for one in changed
    )
    return made


def unsafe_cells(given: Mapping[str, Any]) -> list[str]:
    """Return the published cells that should be hidden, and the tables whose hidden cells could be subtracted."""
    wrong = []
    for table in given["audiences"]:
        if table["dimension"] != "kind" and len(table["rows"]) > 1:
            shown = [row["people"] for row in table["rows"] if row["people"] is not None]
            wrong += _unsafe(table["dimension"], shown, table["total"], len(table["rows"]))
    for project in given["projects"]:
        total = project["tally"]
        for table in project["audiences"]:
            rows = [row["tally"] for row in table["rows"]]
            name = f"{project['number']}/{table['dimension']}"
            if len(rows) > 1:
                wrong += _unsafe(name, [row["n"] for row in rows if row], total["n"], len(rows))
                wrong += [f"{name}: all of one mind" for row in rows if row and _unanimous(row)]
                left = {key: total[key] - sum(row[key] for row in rows if row) for key in ("agree", "disagree", "pass", "n")}  # fmt: skip
                if left["n"] and None in rows and _unanimous(left):
                    wrong.append(f"{name}: the hidden are of one mind")
    return wrong


def _unsafe(name: str, shown: Sequence[int], total: int, rows: int) -> list[str]:
    wrong = [f"{name}: {one} is small" for one in shown if one < SMALL or total - one < SMALL]
    hidden = rows - len(shown)
    if shown and hidden == 1:
        wrong.append(f"{name}: one hidden cell is the rest")
    if shown and hidden and total - sum(shown) < 2 * SMALL:
        wrong.append(f"{name}: those hidden together are few")
    return wrong


def _unanimous(tally: Mapping[str, int]) -> bool:
    return max(tally[key] for key in ("agree", "disagree", "pass")) == tally["n"]
