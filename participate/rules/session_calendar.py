"""The calendar before a council's session: what must be done by which day, and what is late.

The delays are settings of each collectivity, each with its source. Most legal ones are general
knowledge (``reference/domain.md`` §3) that no jurist has confirmed on the text yet, and say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum, unique
from typing import Final

from participate.rules.council import MajorityRule, QuorumSettings
from participate.rules.windows import Delays, PlannedStep, Step

PRACTICE: Final = "practice"
"""The source of a delay that no law gives: the practice of the network, or good sense."""

SOURCES: Final[Mapping[str, str]] = {
    "notice": "OGP 3.1",
    "review_lasts": PRACTICE,
    "review_closes": PRACTICE,
    "responses_approved": PRACTICE,
    "agenda_to_governor": "LO 113-14 art. 38",
    "dossier_to_councillors": "LO 113-14 art. 35",
    "decisions_published": PRACTICE,
    "second_from": "LO 113-14 art. 42",
    "second_to": "LO 113-14 art. 42",
    "third_after": "LO 113-14 art. 42",
    "majority": "LO 113-14 art. 43",
}
"""Where each setting comes from, until the collectivity says otherwise. None of them is verified."""

DELAYS: Final = tuple(one.name for one in fields(Delays))
CALLS: Final = ("second_from", "second_to", "third_after")


@dataclass(frozen=True, slots=True)
class CouncilRules:
    """The settings of one council; ``verified`` names those that a jurist checked on the text."""

    delays: Delays = field(default_factory=Delays)
    quorum: QuorumSettings = field(default_factory=QuorumSettings)
    majority: MajorityRule = MajorityRule.OF_VOTES_CAST
    sources: Mapping[str, str] = field(default_factory=lambda: SOURCES)
    verified: frozenset[str] = frozenset()

    def source(self, name: str) -> str:
        """Say where a setting comes from."""
        return self.sources.get(name) or SOURCES[name]


COUNCIL_RULES: Final = CouncilRules()


@unique
class StepStanding(StrEnum):
    """How a dated step stands on a given day."""

    DONE = "done"
    DONE_LATE = "done_late"
    LATE = "late"
    SOON = "soon"
    TO_COME = "to_come"


SOON_DAYS: Final = 3
"""A step due within these days is soon: there is still time, but not much."""


@dataclass(frozen=True, slots=True)
class DatedStep:
    """A step with its latest day, the day it was done if it was, and by how many days it is late."""

    step: Step
    at_latest: date
    done_on: date | None
    standing: StepStanding
    days_late: int


def dated(
    planned: Iterable[PlannedStep], done: Mapping[Step, date | None], today: date
) -> tuple[DatedStep, ...]:
    """Say of each step whether it was done in time, is late, or is to come.

    A step done on its latest day is in time; one not done on it is not late before the next day.
    """
    found = []
    for one in planned:
        day = done.get(one.step)
        late = max(0, ((day or today) - one.at_latest).days)
        if day is not None:
            standing = StepStanding.DONE_LATE if late else StepStanding.DONE
        elif late:
            standing = StepStanding.LATE
        elif (one.at_latest - today).days <= SOON_DAYS:
            standing = StepStanding.SOON
        else:
            standing = StepStanding.TO_COME
        found.append(DatedStep(one.step, one.at_latest, day, standing, late))
    return tuple(found)


# --- As a file for calendars (RFC 5545) ----------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole day in a calendar; ``uid`` stays the same when the entry is imported again."""

    uid: str
    day: date
    title: str
    description: str = ""


FOLD: Final = 75
"""Octets of a line, without its end."""


def ical(entries: Iterable[Entry], *, name: str, stamp: datetime) -> str:
    """Return the days as an iCalendar file: lines end with CRLF and are folded at 75 octets."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Participate//council//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for one in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}",
            f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(one.title)}",
        ]
        if one.description:
            lines.append(f"DESCRIPTION:{_escaped(one.description)}")
        lines += ["TRANSP:TRANSPARENT", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(text: str) -> str:
    found = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(found.splitlines())


def _folded(line: str) -> str:
    """Break a line so that no part is longer than ``FOLD`` octets and no letter is cut."""
    parts, current, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > FOLD:
            parts.append(current)
            current, size = " ", 1
        current += letter
        size += width
    return "\r\n".join([*parts, current])
