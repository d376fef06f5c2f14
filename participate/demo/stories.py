"""The demo's texts: seven TOML files, read once and given shape. Everything in them is described there."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from participate.rules.windows import CASABLANCA

FOLDER = Path(__file__).resolve().parent / "content"
FILES = ("network", "people", "projects", "ideas", "comments_a", "comments_b", "cycle", "followup")
LANGS = ("ar", "fr", "en")

PASSWORD = "quatre oranges au bord du canal"  # noqa: S105  shown on a page
"""What every demo account that holds a role types; the page of letters shows it with the codes."""


@dataclass(frozen=True)
class Stories:
    """Everything the demo tells."""

    network: dict[str, Any]
    people: dict[str, Any]
    projects: dict[str, Any]
    ideas: dict[str, Any]
    cycle: dict[str, Any]
    followup: dict[str, Any]
    comments: tuple[dict[str, Any], ...]
    themes: tuple[dict[str, Any], ...]


@cache
def told() -> Stories:
    """Read the files."""
    found = {name: tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")) for name in FILES}
    first, second = found["comments_a"], found["comments_b"]
    comments = [*first["comment"], *second["comment"], *second["campaign"]]
    return Stories(
        network=found["network"],
        people=found["people"],
        projects=found["projects"],
        ideas=found["ideas"],
        cycle=found["cycle"],
        followup=found["followup"],
        comments=tuple(sorted(comments, key=lambda row: (str(row["date"]), row["key"]))),
        themes=(*first["theme"], *second["theme"]),
    )


def moment(text: str, clock: str = "10:00") -> datetime:
    """Return a local day, or day and time, of the files as a moment."""
    if "T" in text:
        return datetime.fromisoformat(text).replace(tzinfo=CASABLANCA)
    return datetime.combine(date.fromisoformat(text), time.fromisoformat(clock), CASABLANCA)


def day(text: str | None) -> date | None:
    """Return a day of the files."""
    return date.fromisoformat(text) if text else None


def words(value: Any) -> dict[str, str]:
    """Return a text in languages, without the ends of lines that TOML keeps."""
    return {lang: value[lang].strip() for lang in LANGS if value and value.get(lang)}
