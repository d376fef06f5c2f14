"""The dossier in words: one content for a language, from which every paper is set.

Section numbers are those of the council's dossier (design: sixteen sections); what the platform does not hold is
said so, and left to the secretary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from participate.post.text import in_language
from participate.synthesis import shapes as s
from participate.synthesis import words
from participate.synthesis.papers import blocks, projects, sections
from participate.synthesis.papers.tables import worded
from participate.synthesis.tendencies import Found
from participate.web import i18n

LANGS = ("ar", "fr")
PASTED = ("5", "8", "14")
"""Sections that are given out ready to paste, after the first sheet."""
POINTS = 3


@dataclass(frozen=True)
class Proof:
    """What proves a sealed reading. `checkpoint` is the last signed note of the consultation's chain before the seal."""

    sha256: str
    signature: str
    public_key: str
    entry_hash: str
    sealed_at: datetime
    checkpoint: str | None


@dataclass(frozen=True)
class Source:
    """All that papers are made of: the same source gives the same bytes. `base_url` is where the platform stands."""

    reading: s.Reading
    sha256: str
    proof: Proof | None
    tendencies: Found | None
    base_url: str

    def address(self, path: str) -> str:
        """Return the address of a page in the language of `in_language`."""
        return f"{self.base_url}/{i18n.lang()}/{self.reading.about.collectivity}/{path}"

    @property
    def results_address(self) -> str:
        """Where the dossier is a page."""
        return self.address(f"plans/{self.reading.about.cycle}/results/")

    @property
    def record_address(self) -> str:
        """Where the archive is."""
        return self.address("transparency/record/")


def content(source: Source, lang: str) -> dict[str, Any]:
    """Return the dossier in a language, as the sheets take it."""
    with in_language(lang):
        reading = source.reading
        made = {
            "lang": lang,
            "dir": i18n.DIRECTIONS[lang],
            "title": _("What people said, and what we changed"),
            "kind": _("The council’s dossier"),
            "commune": worded(reading.about.collectivity_name),
            "plan": worded(reading.about.plan_title),
            "cycle": reading.about.cycle.replace("-", "–"),
            "draft": None if source.proof else _("Draft of the dossier"),
            "day": _("Sealed on %(moment)s", moment=i18n.moment(source.proof.sealed_at))
            if source.proof
            else _("Not sealed yet: figures and answers may still change."),
            "hash": source.sha256,
            "dated": (source.proof.sealed_at.isoformat() if source.proof else reading.about.closes_at)[:10],
            "words": _chart_words(),
            "sheet": _sheet(reading),
            "sections": [
                {"number": number, "title": title, "blocks": made}
                for number, title, made in sections.every(source)
            ],
            "projects": projects.pages(reading),
        }
        found: dict[str, Any] = blocks.printed(made)
        return found


def pasted(made: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a content that is given out to be pasted: the first sheet and three sections."""
    wanted = [one for one in made["sections"] if one["number"] in PASTED]
    return {**{key: one for key, one in made.items() if key != "projects"}, "sections": wanted}


def _chart_words() -> dict[str, str]:
    return {
        "support": _("support"),
        "undecided": _("undecided"),
        "oppose": _("oppose"),
        "contents": _("In this dossier"),
        "project": _("Project"),
        "agreements": _("Agreements"),
        "disagreements": _("Disagreements"),
        "asked": _("The decision asked"),
        "limits": _("Limits of these figures"),
        "fingerprint": _("Fingerprint"),
        "stability": _("Support among those who support or oppose, with the stability of the figure"),
        "bars": _("Bars: support, undecided, oppose"),
        "columns": _("One column for each day"),
        "map": _("The tendencies as circles"),
    }


def _sheet(reading: s.Reading) -> dict[str, Any]:
    return {
        "question": words.question(reading),
        "figures": [
            {
                "value": i18n.number(one["value"]) if isinstance(one["value"], int) else one["value"],
                "label": one["label"],
                "note": one["note"],
            }
            for one in words.five(reading)
        ],
        "agreements": [_point(one) for one in reading.agreements[:POINTS]],
        "no_agreement": _(
            "No project has the clear support of every audience that is large enough to be compared."
        ),
        "disagreements": [_point(one) for one in reading.disagreements[:POINTS]],
        "no_disagreement": _("No project divides the audiences, and none with enough positions is opposed."),
        "asked": sections.asked(reading),
        "limits": " ".join(words.limits(reading)),
    }


def _point(point: s.Point) -> dict[str, Any]:
    return {
        "number": i18n.number(point.number),
        "title": worded(point.title),
        "why": words.why(point),
        "tally": words.tally(point),
        "agree": point.agree,
        "pass": point.pass_,
        "disagree": point.disagree,
    }
