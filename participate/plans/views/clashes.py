"""Two people at once: what each wrote, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from participate.plans import queries
from participate.plans.forms import ProjectBase
from participate.plans.queries import LANGS, TEXTS, WorkingProject
from participate.plans.views.around import desk_page, working_here
from participate.plans.views.blueprint import here, keys
from participate.plans.views.words import field_labels, listed, milestone_line, saved_note
from participate.rules.outcomes import Principle
from participate.rules.policy import Place
from participate.rules.text import word_diff
from participate.web import i18n, labels, pages


@dataclass(frozen=True)
class Clash:
    """One field that two people wrote differently: what they saved, what was typed here."""

    key: str
    label: str
    lang: str | None
    theirs: str
    mine: str
    pieces: tuple[Any, ...]


def texts_of(working: WorkingProject) -> dict[str, Any]:
    """Return a working copy in the shape of what a form sends."""
    return {
        **{name: {lang: getattr(working, name).get(lang, "") for lang in LANGS} for name in TEXTS},
        "axis_id": working.axis.id,
        "principles": [p.value for p in Principle if p.value in working.principles],
        "budget_mad": working.budget_mad,
        "milestones": [
            {
                "title": {lang: m.title.get(lang, "") for lang in LANGS},
                "starts": m.starts.isoformat() if m.starts else None,
                "ends": m.ends.isoformat() if m.ends else None,
                "indicator": {lang: m.indicator.get(lang, "") for lang in LANGS},
            }
            for m in working.milestones
        ],
        "change_cause": working.change_cause,
        "change_note": {lang: (working.change_note or {}).get(lang, "") for lang in ("ar", "fr")},
    }


def _flat(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return texts by one key a field and language, as the conflict page names them."""
    found: dict[str, Any] = {}
    for name, value in texts.items():
        if name in TEXTS or name == "change_note":
            found |= {f"{name}_{lang}": text for lang, text in value.items()}
        else:
            found[name] = value
    return found


def resolved(texts: dict[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed, with their text wherever the reader chose it."""
    kept = {**texts, **{name: dict(texts[name]) for name in (*TEXTS, "change_note")}}
    for key in _flat(theirs):
        if request.form.get(f"keep-{key}") != "theirs":
            continue
        name, _sep, lang = key.rpartition("_")
        if name in TEXTS or name == "change_note":
            kept[name][lang] = theirs[name].get(lang, "")
        else:
            kept[key] = theirs[key]
    return kept


def clashes(texts: Mapping[str, Any], theirs: Mapping[str, Any], place: Place) -> list[Clash]:
    """Return the fields in which the two texts differ, in the order of the form."""
    mine_flat, theirs_flat = _flat(texts), _flat(theirs)
    shown = _shower(place)
    names = field_labels()
    found = []
    for key, their_value in theirs_flat.items():
        my_value = mine_flat.get(key, "")
        if my_value == their_value:
            continue
        name, _sep, lang = key.rpartition("_")
        in_language = name in TEXTS or name == "change_note"
        label = names[name] if in_language else names[key]
        before, after = shown(key, their_value), shown(key, my_value)
        found.append(
            Clash(key, label, lang if in_language else None, before, after, word_diff(before, after))
        )
    return found


def _shower(place: Place) -> Callable[[str, Any], str]:
    axes = {axis.id: i18n.plain(axis.title) for axis in queries.axes(*keys(place))}

    def shown(key: str, value: Any) -> str:
        if key == "axis_id":
            return axes.get(value, "")
        if key == "principles":
            return listed([labels.principle(one) for one in value])
        if key == "budget_mad":
            return i18n.money(value)
        if key == "change_cause":
            return labels.change_cause(value)
        if key == "milestones":
            return "\n".join(milestone_line(m, i18n.lang()) for m in queries.milestones_of(value))
        return str(value)

    return shown


def conflict_page(place: Place, form: ProjectBase, texts: dict[str, Any], *, autosave: bool) -> Response:
    """Answer a save that came after somebody else's: 409, both texts, and three ways on."""
    working = working_here(place)
    found = clashes(texts, texts_of(working), place)
    if not found:
        # The same words, twice: an autosave and the button met on the way.
        if autosave:
            return saved_note(working, _("Saved at %(time)s.", time=i18n.clock_time(working.updated_at)))
        return pages.see(here("plans_desk.project", place, number=working.number))
    if autosave:
        return pages.page(
            "plans/saved.html",
            row_version=None,
            text=_("Not saved: somebody else changed this project. Press Save to compare both texts."),
        )
    clashing = {one.key for one in found}
    return desk_page(
        "plans/conflict.html",
        place,
        "overview",
        409,
        project=working,
        clashes=found,
        form=form,
        kept=[(name, value) for name, value in _sent() if name not in clashing],
        editable={f"{name}_{lang}" for name in TEXTS for lang in LANGS}
        | {"change_note_ar", "change_note_fr"},
    )


def _sent() -> list[tuple[str, str]]:
    """Return the fields of the form as they were sent, but for those the conflict page makes anew."""
    made_anew = {"csrf_token", "row_version", "key", "resolve", "add_milestone", "remove_milestone"}
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in made_anew and not name.startswith("keep-")
    ]
