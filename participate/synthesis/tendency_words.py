"""What the page of tendencies says: why there are some or none, and the figures behind it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from participate.synthesis import shapes as s
from participate.synthesis.tendencies import Found
from participate.web import i18n

CORE_VOTES, CORE_PEOPLE, PLACED_VOTES, SEED = 20, 20, 7, 20240
"""As in the engine, which this process does not import; a test compares them."""
MIN_GAIN, MIN_STABILITY, MAX_P = 0.02, 0.7, 0.05


def reason(found: Found) -> str:
    """Return why no tendencies are shown, as a sentence for everybody."""
    if found.reason == "too_few_votes":
        return str(
            ngettext(
                "Groups need people who took a position on at least %(votes)s statements. Here %(num)s person did; with fewer than %(needed)s people, groups would be chance.",
                "Groups need people who took a position on at least %(votes)s statements. Here %(num)s people did; with fewer than %(needed)s people, groups would be chance.",
                found.core,
                votes=i18n.number(CORE_VOTES),
                needed=i18n.number(CORE_PEOPLE),
            )
        )
    if found.reason == "no_better_prediction":
        return _(
            "Groups did not help to guess positions that had been kept hidden from the calculation: they tell nothing more than the totals do."
        )
    if found.reason == "no_more_than_chance":
        return _("Positions mixed at random gave groups as distinct as these.")
    if found.reason == "unstable":
        return _("With one statement in five left out, people fell into other groups.")
    return _(
        "One of the groups would have fewer than the %(needed)s people that are needed.",
        needed=i18n.number(found.needed or 0),
    )


def checks(found: Found) -> list[list[str]]:
    """Return the four checks as a table: what is asked, what is needed, what was found."""
    if found.k is None:
        return []
    return [
        [
            _("How much better groups guess hidden positions"),
            _("at least %(percent)s", percent=i18n.percent(MIN_GAIN)),
            _percent(found.held_out_gain),
        ],
        [
            _("How alike the groups stay when a fifth of the statements is left out, from 0 to 1"),
            _("at least %(number)s", number=i18n.number(MIN_STABILITY)),
            _plain(found.stability),
        ],
        [
            _("How often chance gives groups as distinct"),
            _("less than %(percent)s", percent=i18n.percent(MAX_P)),
            _percent(found.p_value),
        ],
        [
            _("People in the smallest group"),
            _("at least %(number)s", number=i18n.number(found.needed or 0)),
            # Said exactly only where it is no small cell.
            i18n.number(found.smallest or 0) if found.published else _fewer(found),
        ],
    ]


def _fewer(found: Found) -> str:
    smallest = found.smallest or 0
    return i18n.number(smallest) if smallest >= (found.needed or 0) else _("fewer")


def _percent(value: float | None) -> str:
    return "—" if value is None else str(i18n.percent(value))


def _plain(value: float | None) -> str:
    return "—" if value is None else str(i18n.number(round(value, 2)))


def size(people: int) -> str:
    """Return how many people are in a tendency."""
    return str(ngettext("%(num)s person", "%(num)s people", people))


def statement(ref: str, reading: s.Reading) -> dict[str, Any]:
    """Return what a statement is called: a project by its title, a text by its reference."""
    found = next((one for one in reading.projects if one.ref == ref), None)
    if found is None:
        return {"ref": ref, "title": None, "number": None}
    return {"ref": None, "title": found.title, "number": found.number}
