"""What templates show of positions: the shapes of `ui.position_panel` and `ui.small_position`.

Other rooms put these on their pages. Signed-out readers get links, so their pages need no session.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from participate.consultations import words
from participate.people.queries import Voice, voices_of
from participate.positions import queries
from participate.positions.forms import VALUES, PositionForm
from participate.positions.queries import Mine, Panel
from participate.rules.outcomes import ConsultationState
from participate.rules.policy import Act, Place
from participate.web import labels, pages
from participate.web.access import actor, now, refusal
from participate.web.errors import refusal_words
from participate.web.i18n import number, plain

SHAPES = {1: "for", -1: "against", 0: "undecided"}
_LATER = {"signed_in", "window_open"}


# --- projects ---------------------------------------------------------------------------------------


def project_panel(
    slug: str, cycle: str, project_number: int, *, voice: Voice | None = None
) -> dict[str, Any] | None:
    """Return the position panel of a project for the present reader.

    None for a project that was never under review. `voice` is the one that just acted.
    """
    try:
        place = queries.project_position_place(slug, cycle, project_number, now=now())
    except NotFound:
        return None
    return panel_at(place, voice=voice)


def panel_at(place: Place, *, voice: Voice | None = None) -> dict[str, Any]:
    """Return `project_panel` at a place that `queries.project_position_place` found."""
    person_id = actor().person_id
    assert place.collectivity_id is not None
    delegate = any(where == place.collectivity_id for where, _association in actor().mandates)
    voices = voices_of(person_id, place.collectivity_id) if person_id is not None and delegate else []
    panel = queries.panel_for(
        place.collectivity_id,
        place.ids["statement"],
        person_id,
        voice.association_id if voice else None,
    )
    assert panel is not None, "the place was found by it"
    address = url_for(
        "positions.project_position", slug=place.slug, cycle=place.cycle, number=place.ids["number"]
    )
    view = panel.consultation
    is_open = view.is_open(now())
    barred = [name for name in refusal(Act.POSITION_TAKE, place) if name not in _LATER]
    may = is_open and not barred
    signed_in = person_id is not None
    value = panel.mine.value if panel.mine else None
    return {
        "key": "position",
        "title": _("What do you think of this project?") if may else _("Positions on this project"),
        "note": _note(panel, place, voice, voices, signed_in) if may else None,
        "open": may,
        "buttons": [_button(one, labels.position(one), value) for one in VALUES],
        "action": address if signed_in and may else None,
        "link": address if not signed_in and may else None,
        "csrf": pages.needs_csrf() if signed_in and may else None,
        "extra": _asked(panel, voices) if signed_in and may else None,
        "receipt": receipt(place.slug, panel.mine),
        "priority": _priority(panel, place, voice) if signed_in and may else None,
        "count_text": count_text(panel),
        "closed_text": None if may else closed_text(panel, barred),
        "results": _results(panel),
    }


def _button(value: int, label: str, mine: int | None, count: int | None = None) -> dict[str, Any]:
    return {
        "value": str(value),
        "label": label,
        "shape": SHAPES[value],
        "pressed": value == mine,
        "count": count,
    }


def receipt(slug: str, mine: Mine | None) -> dict[str, Any] | None:
    """Return the receipt of a position in the shape of `ui.receipt`."""
    if mine is None or mine.code is None:
        return None
    return {
        "code": mine.code,
        "at": mine.at,
        "state": "current",
        "url": url_for("positions.receipt", slug=slug, code=mine.code),
    }


def _asked(panel: Panel, voices: list[Voice]) -> Markup | None:
    """Return what a first act, or a delegate's, must still say: fields inside the panel's form."""
    form = PositionForm(
        formdata=None,
        voices=voices,
        declares=panel.consultation.declares and not panel.declared,
    )
    if "voice" not in form and "declared" not in form:
        return None
    asked = current_app.jinja_env.get_template("positions/_asked.html")
    return Markup(asked.render(form=form))  # noqa: S704  our own template, autoescaped


def _note(
    panel: Panel, place: Place, voice: Voice | None, voices: list[Voice], signed_in: bool
) -> str | Markup:
    rules = url_for("consultations.participate", slug=place.slug, cycle=place.cycle)
    lines = [
        Markup("{} <a href='{}'>{}</a>").format(
            _("You can change it until the end. Results are shown to everybody afterwards."),
            rules,
            _("How to take part"),
        )
    ]
    if voice is not None and voice.association_id is not None:
        lines.append(
            Markup("<strong>{}</strong>").format(
                _("In the name of %(association)s", association=_called(voice))
            )
        )
    if signed_in and panel.mine is not None and not panel.facts_asked:
        here = pages.home_of("project", slug=place.slug, cycle=place.cycle, number=place.ids["number"])
        lines.append(
            Markup("<a href='{}'>{}</a>").format(
                url_for("consultations.about_me", slug=place.slug, cycle=place.cycle, return_to=here),
                _("Three optional questions"),
            )
        )
    if voice is None:
        lines += [_other_voice(panel, one) for one in voices if one.association_id is not None]
    return Markup("<br>").join(line for line in lines if line)


def _other_voice(panel: Panel, voice: Voice) -> Markup:
    """Return what an association the reader speaks for has taken, if anything."""
    found = queries.mine(panel.collectivity_id, [panel.statement_id], None, voice.association_id)
    mine = found.get(panel.statement_id)
    return Markup("{}").format(f"{_called(voice)}: {labels.position(mine.value)}") if mine else Markup()


def _called(voice: Voice) -> str:
    return voice.label if isinstance(voice.label, str) else plain(voice.label)


def _priority(panel: Panel, place: Place, voice: Voice | None) -> dict[str, Any] | None:
    """Return the toggle once the person has taken part; its own page does the rest."""
    chosen = panel.priorities
    if chosen is None or (voice is not None and voice.association_id is not None):
        return None
    if panel.consultation.declares and not panel.declared:
        return None
    address = url_for(
        "positions.project_priority", slug=place.slug, cycle=place.cycle, number=place.ids["number"]
    )
    return {
        "action": address,
        "swap_url": address,
        "on": panel.is_priority,
        "left": chosen.left,
        "limit": chosen.limit,
    }


def count_text(panel: Panel) -> str | None:
    """Return how many voices took a position on this, floored while the consultation runs."""
    view = panel.consultation
    if view.opened_at is None:
        return None
    if view.ended:
        return ngettext("%(num)d position was taken.", "%(num)d positions were taken.", panel.people.at_least)
    if panel.people.fewer_than_ten:
        return _("Fewer than 10 positions so far.")
    return _("At least %(count)s positions so far.", count=number(panel.people.at_least))


def closed_text(panel: Panel, barred: Collection[str] = ()) -> str:
    """Return why nothing can be chosen here, and what happens next."""
    view = panel.consultation
    if view.is_open(now()):
        return " ".join(refusal_words(name) for name in barred)
    if view.opens_at > now():
        return words.what_next(view, now())
    return (
        _("This consultation ended on %(day)s.", day=words.last_moment(view.closes_at))
        + " "
        + words.what_next(view, now())
    )


def _results(panel: Panel) -> dict[str, Any] | None:
    if panel.tally is None or panel.tally.n == 0:
        return None
    return {
        "agree": panel.tally.agree,
        "disagree": panel.tally.disagree,
        "pass": panel.tally.passed,
        "n": panel.tally.n,
    }


# --- ideas and comments -------------------------------------------------------------------------------


def small_positions(
    collectivity_id: int,
    slug: str,
    statement_ids: Collection[int],
    *,
    return_to: str | None = None,
    voice: Voice | None = None,
) -> dict[int, dict[str, Any]]:
    """Return the small controls of some texts, by statement, for the present reader.

    At most two statements, however many texts. Counts appear after the close. Texts on which
    nothing can be done or shown are left out.
    """
    person_id = actor().person_id
    places, mine = queries.texts_with_mine(
        collectivity_id, statement_ids, person_id, voice.association_id if voice else None, now=now()
    )
    ended = [one for one, place in places.items() if place.consultation_state is not ConsultationState.OPEN]
    shown = queries.tallies_of(collectivity_id, ended)
    found: dict[int, dict[str, Any]] = {}
    for one, place in places.items():
        unmet = set(refusal(Act.POSITION_TAKE, place)) - {"signed_in"}
        tally = shown.get(one)
        if unmet and tally is None:
            continue
        counts = {1: tally.agree, -1: tally.disagree, 0: tally.passed} if tally else {}
        address = url_for("positions.text_position", slug=slug, statement_id=one, return_to=return_to)
        signed_in = person_id is not None
        taken = mine.get(one)
        found[one] = {
            "key": str(one),
            "buttons": [
                _button(value, labels.text_position(value), taken, counts.get(value)) for value in VALUES
            ],
            "action": address if signed_in and not unmet else None,
            "link": address if not signed_in and not unmet else None,
            "csrf": pages.needs_csrf() if signed_in and not unmet else None,
            "receipt": None,
        }
    return found
