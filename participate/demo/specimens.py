"""Every part of `ui/parts` as it looks in its states, in Arabic and in French: what /dev/parts shows.

A new part needs a line here; `tests/house/test_parts.py` says so. Words are in `content/parts.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from participate.people import factors
from participate.post.text import in_language
from participate.rules.text import Said
from participate.web import i18n
from participate.web.pages import PACKAGE

LANGS = ("ar", "fr")
WIDE = {"bars", "cycle", "hero", "numbers", "table", "stat_table", "desk_nav", "two_languages"}
"""Parts that are made for the whole width of a page."""
HERE = "#main"
DAY = date(2023, 8, 22)
MOMENT = datetime(2023, 8, 22, 9, 30, tzinfo=UTC)
CODE = "BM-7Q4K-2RXF"
HASH = "9f2c71e04ab3d2" * 4
MACRO = re.compile(
    r"\{#-?\s*\w+\([^\n]*?\):\s*(?P<about>[^\n]*?)\s*#\}\s*\{%-?\s*macro (?P<name>\w+)\((?P<takes>.*?)\)\s*-?%\}"
)
NORMAL, EMPTY, LONG, OTHER = "normal", "empty", "long", "other"
ERROR, BUSY, DISABLED, CLOSED = "error", "busy", "disabled", "closed"


@dataclass(frozen=True)
class State:
    """One way a part can look: what the macro is called with."""

    state: str
    given: tuple[Any, ...]
    named: dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A macro with everything that is said and shown of it."""

    name: str
    takes: str
    about: str
    wide: bool
    blocks: list[dict[str, Any]] = field(default_factory=list)


def state(name: str, /, *given: Any, **named: Any) -> State:
    """Describe a state of a part."""
    return State(name, given, named)


@cache
def _texts() -> dict[str, dict[str, str]]:
    path = Path(__file__).resolve().parent / "content" / "parts.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Words(SimpleNamespace):
    """The words of one language; `id()` gives a name that nothing else on the page has."""

    def __init__(self, lang: str, csrf: str) -> None:
        super().__init__(**_texts()[lang], lang=lang, csrf=csrf)
        self._numbers = count(1)

    def id(self) -> str:
        """Return a new name for an element."""
        return f"{self.lang}{next(self._numbers)}"

    def foreign(self) -> Said:
        """Return a text that is only there in the other language."""
        return Said(self.other, {"ar": "fr", "fr": "ar"}[self.lang], self.lang)


def macros() -> dict[str, Part]:
    """Return every macro of `ui/parts` with what its comment says of it."""
    found = {}
    for path in sorted((PACKAGE / "ui" / "parts").glob("*.html")):
        for match in MACRO.finditer(path.read_text(encoding="utf-8")):
            name = match["name"]
            found[name] = Part(name, match["takes"], match["about"], name in WIDE)
    return found


def parts(csrf: str) -> list[Part]:
    """Return all parts, each with its states in both languages."""
    found = macros()
    ui = current_app.jinja_env.globals["ui"]
    for lang in LANGS:
        words = Words(lang, csrf)
        with in_language(lang):
            for name, states in specimens(words).items():
                shown = [{"state": one.state, "html": _render(ui, name, one)} for one in states]
                found[name].blocks.append({"lang": lang, "dir": i18n.DIRECTIONS[lang], "states": shown})
    return list(found.values())


def _render(ui: Any, name: str, one: State) -> Markup:
    """Call the macro; a page has one h1, and htmx marks what waits for its answer."""
    html = str(getattr(ui, name)(*one.given, **one.named))
    html = re.sub(r"<(/?)h1\b", lambda m: f"<{m[1]}h2" + ("" if m[1] else ' class="h1"'), html)
    if one.state == BUSY:
        html = re.sub(r"<(form|a|button)\b[^>]*>", lambda m: _waiting(m[0]), html, count=1)
    return Markup(html)  # noqa: S704  made by our own templates, which escape


def _waiting(tag: str) -> str:
    """Mark an element as htmx and site.js do until the answer is there."""
    if 'class="' in tag:
        return tag.replace('class="', 'aria-busy="true" class="htmx-request ')
    return f'{tag[:-1]} aria-busy="true" class="htmx-request">'


def state_names() -> dict[str, str]:
    """Say the states in the page's language."""
    return {
        NORMAL: _("usual"),
        EMPTY: _("empty"),
        LONG: _("long words"),
        OTHER: _("in another language"),
        ERROR: _("with an error"),
        BUSY: _("waiting for the answer"),
        DISABLED: _("disabled"),
        CLOSED: _("closed"),
    }


def specimens(w: Words) -> dict[str, list[State]]:
    """Return the states of every part in one language."""
    made: dict[str, list[State]] = {}
    for group in (_marks, _texts_of_people, _layout, _lists, _cards, _forms, _voices, _charts, _desk):
        made.update(group(w))
    return made


def _marks(w: Words) -> Iterator[tuple[str, list[State]]]:
    yield (
        "icon",
        [state(NORMAL, "search"), state(NORMAL, "reply", flip=True), state(NORMAL, "mail", label=w.subject)],
    )
    yield "star", [state(NORMAL, one) for one in ("done", "now", "todo")]
    stances = ("for", "against", "undecided", "question", "none")
    yield "stance_word", [state(NORMAL, one) for one in stances]
    yield "stance_mark", [*(state(NORMAL, one) for one in stances), state(EMPTY, "for", word=False)]
    yield "ref", [state(NORMAL, CODE), state(NORMAL, CODE, HERE)]
    yield "date", [state(NORMAL, DAY), state(NORMAL, DAY, short=True), state(EMPTY, None)]
    yield "at", [state(NORMAL, MOMENT), state(EMPTY, None)]
    kinds = (None, "ok", "warn", "error", "quiet")
    yield "tag", [*(state(NORMAL, w.axis, kind) for kind in kinds), state(LONG, w.title * 4)]
    yield "kbd", [state(NORMAL, "J")]
    yield "code", [state(NORMAL, "a3f0" * 3), state(LONG, "a3f0" * 16)]
    yield "qr", [state(NORMAL, Markup(factors.qr_code(CODE)), w.verb)]  # noqa: S704  drawn by us
    yield (
        "link",
        [
            state(NORMAL, HERE, w.verb),
            state(NORMAL, HERE, w.verb, "arrow-right", flip=True),
            state(LONG, HERE, w.long, "mail"),
        ],
    )
    seal = {"hash": HASH, "at": MOMENT, "key": None, "url": None}
    files = [{"label": one, "url": HERE} for one in ("PDF", "JSON")]
    yield "seal", [state(EMPTY, seal), state(NORMAL, {**seal, "key": HASH[:16], "url": HERE, "files": files})]


def _texts_of_people(w: Words) -> Iterator[tuple[str, list[State]]]:
    yield "lang_name", [state(NORMAL, one) for one in ("ar", "fr", "zgh", "en")]
    yield (
        "said",
        [
            state(NORMAL, w.title),
            state(OTHER, w.foreign()),
            state(OTHER, w.foreign(), note=False),
            state(LONG, w.long),
            state(EMPTY, None),
        ],
    )
    yield "said_note", [state(OTHER, w.foreign()), state(EMPTY, w.title)]
    yield (
        "said_block",
        [state(NORMAL, w.paragraph), state(OTHER, w.foreign()), state(LONG, w.long), state(EMPTY, None)],
    )
    yield (
        "words",
        [
            state(NORMAL, w.paragraph, w.lang),
            state(OTHER, w.other, w.foreign().lang),
            state(LONG, w.long, w.lang),
            state(NORMAL, w.sentence, w.lang, "quiet"),
            state(EMPTY, ""),
        ],
    )
    yield (
        "quote",
        [
            state(NORMAL, w.sentence, w.lang, w.name, HERE),
            state(LONG, w.long, w.lang, w.long),
            state(EMPTY, w.sentence),
        ],
    )
    change = [("same", w.before), ("del", w.old), ("same", " "), ("ins", w.new)]
    yield (
        "diff",
        [
            state(NORMAL, change, w.lang),
            state(LONG, [("del", w.long), ("ins", w.long)], w.lang),
            state(EMPTY, [("same", w.sentence)]),
        ],
    )
    answer = {"outcome": w.agree, "text": w.paragraph, "at": DAY, "signed": w.signed}
    yield (
        "response",
        [
            state(NORMAL, {**answer, "url": HERE, "id": w.id(), "changed": True, "changed_url": HERE}),
            state(NORMAL, {**answer, "outcome": w.undecided, "kind": "quiet", "reason": w.reason}),
            state(OTHER, {**answer, "text": w.foreign()}),
            state(LONG, {"text": w.long, "outcome": w.title * 3, "signed": w.long}),
        ],
    )
    letter = {"to": "souad@exemple.test", "subject": w.subject, "text": w.paragraph, "lang": w.lang}
    yield (
        "mail_preview",
        [
            state(NORMAL, {**letter, "link": {"label": w.verb, "url": HERE}}),
            state(LONG, {**letter, "to": "s" * 70 + "@exemple.test", "subject": w.long, "text": w.long}),
        ],
    )


def _layout(w: Words) -> Iterator[tuple[str, list[State]]]:
    trail = [{"label": w.axis, "url": HERE}, {"label": w.title}]
    yield "crumbs", [state(NORMAL, trail), state(LONG, [{"label": w.long, "url": HERE}, {"label": w.long}])]
    keys = ["done", "done", "now", "todo", "todo", "todo", "todo"]
    cycle = [
        {"label": w.axis, "when": i18n.month(DAY), "state": one, "url": HERE if one == "done" else None}
        for one in keys
    ]
    yield (
        "cycle",
        [
            state(NORMAL, cycle),
            state(LONG, [{**one, "label": w.title * 2} for one in cycle]),
            state(EMPTY, [{**one, "when": None, "url": None} for one in cycle]),
        ],
    )
    yield (
        "head",
        [
            state(NORMAL, w.title, w.sentence, w.axis),
            state(OTHER, w.foreign()),
            state(LONG, w.long, w.long, w.long),
            state(EMPTY, w.title),
        ],
    )
    yield (
        "principles",
        [state(NORMAL, [w.principle, w.axis]), state(LONG, [w.long, w.principle]), state(EMPTY, [])],
    )
    yield (
        "facts",
        [
            state(NORMAL, [(w.axis, w.place), (w.principle, w.name), (w.label, None)]),
            state(NORMAL, [(w.axis, w.sentence), (w.principle, w.foreign())], rows=True),
            state(LONG, [(w.axis, w.long), (w.principle, w.name)]),
            state(EMPTY, []),
        ],
    )
    kinds = ("info", "ok", "warn", "error")
    yield (
        "notice",
        [
            *(state(NORMAL, kind, w.saved) for kind in kinds),
            state(NORMAL, "info", w.sentence, w.title),
            state(LONG, "error", w.long, w.long, flash=True),
        ],
    )
    yield (
        "empty",
        [
            state(EMPTY, w.nothing),
            state(NORMAL, w.nothing, w.first, w.verb, HERE),
            state(LONG, w.long, w.long, w.long, HERE),
        ],
    )
    yield "pager", [state(NORMAL, HERE), state(BUSY, HERE), state(LONG, HERE, w.long), state(EMPTY, None)]
    pills = [
        {"label": w.agree, "count": 11, "url": HERE, "current": True},
        {"label": w.disagree, "count": 0, "url": HERE},
        {"label": w.long, "url": HERE},
    ]
    yield "filters", [state(NORMAL, pills[:2], w.label), state(LONG, pills, w.label)]
    yield (
        "working",
        [
            state(NORMAL, 3, 7, w.label, w.sentence, HERE, id=w.id(), live=False),
            state(EMPTY, 0, 7, w.label, "", HERE, id=w.id(), live=False),
            state(LONG, 7, 7, w.long, w.long, HERE, id=w.id(), live=False),
            state(ERROR, 3, 7, w.label, "", HERE, id=w.id(), live=False, failed=w.sentence),
        ],
    )
    yield (
        "progress",
        [state(NORMAL, 63, 100, w.figure), state(EMPTY, 0, 0, w.figure), state(LONG, 100, 100, w.long)],
    )


def _lists(w: Words) -> Iterator[tuple[str, list[State]]]:
    yield (
        "numbers",
        [
            state(
                NORMAL,
                [
                    {"value": 12412, "label": w.figure, "note": w.place},
                    {"value": 9, "label": w.association},
                    {"value": w.hidden, "label": w.figure},
                ],
            ),
            state(EMPTY, [{"value": 0, "label": w.figure}]),
            state(
                LONG,
                [{"value": 10**12, "label": w.long, "note": w.long}, {"value": w.long, "label": w.figure}],
            ),
        ],
    )
    quarter = {"title": w.sentence, "starts": DAY, "ends": DAY + timedelta(days=120), "indicator": w.reason}
    yield (
        "milestones",
        [
            state(NORMAL, [quarter, {"title": w.title, "starts": DAY}]),
            state(LONG, [{**quarter, "title": w.long}]),
            state(EMPTY, [{"title": w.title}]),
        ],
    )
    yield (
        "fold",
        [
            State(NORMAL, (w.label,), {"caller": lambda: w.sentence}),
            State(LONG, (w.long,), {"caller": lambda: w.long}),
        ],
    )
    yield "steps", [state(NORMAL, [w.sentence, w.hint, w.reason]), state(LONG, [w.long])]
    events = [
        {"date": DAY, "title": w.title, "text": w.sentence, "state": "done", "url": HERE},
        {"date": DAY, "title": w.subject, "state": "now"},
        {"date": w.date, "title": w.verb},
    ]
    yield "timeline", [state(NORMAL, events), state(LONG, [{**events[0], "title": w.long, "text": w.long}])]
    row = [w.title, w.association, 12412]
    heads = [w.axis, w.principle, w.figure]
    yield (
        "table",
        [
            state(NORMAL, heads, [row, row], w.label, num=(2,)),
            state(LONG, heads * 3, [row * 3, [w.long, *row[1:], *row * 2]], f"{w.label} (2)"),
            state(EMPTY, heads, [], f"{w.label} (3)"),
        ],
    )
    yield (
        "stat_table",
        [
            state(NORMAL, [(w.agree, 171, w.place), (w.disagree, 12, None)], w.label, [w.axis, w.figure]),
            state(LONG, [(w.long, 10**9, w.long)], w.long),
            state(EMPTY, [], w.label),
        ],
    )
    news = [
        {"date": DAY, "title": w.title, "text": w.sentence, "url": HERE},
        {"date": DAY, "title": w.foreign()},
    ]
    yield (
        "news",
        [state(NORMAL, news), state(LONG, [{"date": DAY, "title": w.long, "text": w.long, "url": HERE}])],
    )


def _cards(w: Words) -> Iterator[tuple[str, list[State]]]:
    project = {
        "url": HERE,
        "number": 8,
        "title": w.title,
        "summary": w.sentence,
        "axis": w.axis,
        "principles": [w.principle],
        "comments_text": w.comments,
    }
    yield (
        "card",
        [
            state(NORMAL, {**project, "mine": w.agree}),
            state(OTHER, {**project, "title": w.foreign(), "summary": w.foreign()}),
            state(LONG, {**project, "title": w.long, "summary": w.long, "axis": w.long}),
            state(EMPTY, {"url": HERE, "title": w.title}),
        ],
    )
    idea = {"url": HERE, "ref": w.id(), "title": w.title, "lang": w.lang}
    yield (
        "idea_card",
        [
            state(
                NORMAL,
                {
                    **idea,
                    "excerpt": w.sentence,
                    "author": w.name,
                    "at": DAY,
                    "axis": w.axis,
                    "fate": w.agree,
                    "comments_text": w.comments,
                },
            ),
            state(LONG, {**idea, "ref": w.id(), "title": w.long, "excerpt": w.long, "author": w.long}),
            state(EMPTY, {**idea, "ref": w.id()}),
        ],
    )
    meeting = {"title": w.title, "at": MOMENT, "place": w.place, "url": HERE}
    yield (
        "meeting_card",
        [
            state(NORMAL, {**meeting, "note": w.sentence, "ics": HERE}),
            state(LONG, {**meeting, "title": w.long, "place": w.long}),
            state(EMPTY, {**meeting, "place": None}),
        ],
    )
    picture = {"people": 210, "associations": 4, "label": w.takes_part, "note": w.hint, "invite": w.seat}
    nobody = {"people": 0, "associations": 0, "label": w.nobody}
    hero = {
        "title": w.title,
        "text": w.sentence,
        "url": HERE,
        "label": w.verb,
        "note": w.closed,
        "second": {"label": w.later, "url": HERE},
    }
    yield (
        "hero",
        [
            state(NORMAL, {**hero, "picture": picture}),
            state(LONG, {**hero, "title": w.long, "text": w.long, "label": w.long}),
            state(EMPTY, {"title": w.nothing}),
        ],
    )
    yield (
        "participation",
        [
            state(NORMAL, picture),
            state(LONG, {**picture, "people": 99990, "associations": 900, "label": w.long}),
            state(EMPTY, nobody),
        ],
    )


def _form(w: Words, *, wrong: bool = False, text: str = "", label: str | None = None) -> Any:
    """Make a form with a field of each kind, named as nothing else on the page; all of them refused if `wrong`."""

    def refuse(_form: Any, _field: Any) -> None:
        raise validators.ValidationError(w.error)

    said = label or w.label
    needed, free = ([refuse], [refuse]) if wrong else ([validators.InputRequired()], [validators.Optional()])
    choices = [SelectChoice("a", w.agree), SelectChoice("b", label or w.disagree)]

    class Specimen(Form):
        text = StringField(said, needed)
        body = TextAreaField(said, free)
        mail = EmailField(said, free)
        day = DateField(said, free)
        file = FileField(said, free)
        choice = SelectField(said, needed, choices=choices)
        one = RadioField(said, needed, choices=choices)
        yes = BooleanField(said, needed)
        kept = HiddenField()

    form = Specimen(prefix=f"{w.id()}-", data={"text": text, "body": text, "choice": "a", "one": "a"})
    if wrong:
        form.validate()
    return form


def _forms(w: Words) -> Iterator[tuple[str, list[State]]]:
    usual, wrong, filled = _form(w), _form(w, wrong=True), _form(w, text=w.long, label=w.long)
    off = _form(w)
    yield "errors", [state(ERROR, _form(w, wrong=True).text), state(EMPTY, usual.text)]
    yield "optional", [state(NORMAL, usual.body), state(EMPTY, usual.text)]
    yield (
        "field",
        [
            *(state(NORMAL, one, w.hint) for one in usual),
            *(state(ERROR, one, w.hint) for one in wrong if one.type != "HiddenField"),
            state(LONG, filled.body, w.long, counter=200),
            state(LONG, filled.one, w.long),
            state(DISABLED, off.text, disabled=True),
            state(DISABLED, off.choice, disabled=True),
        ],
    )
    yield "error_summary", [state(ERROR, wrong), state(EMPTY, usual)]
    yield (
        "buttons",
        [
            state(NORMAL, w.verb, w.later, HERE),
            state(NORMAL, w.verb, danger=True),
            state(BUSY, w.verb),
            state(LONG, w.long, w.long, HERE),
        ],
    )
    ask = (HERE, w.csrf, w.verb, HERE)
    yield (
        "confirm_box",
        [
            state(NORMAL, w.question, w.consequence, *ask),
            state(BUSY, w.question, w.consequence, *ask, danger=False),
            state(LONG, w.long, w.long, *ask),
        ],
    )
    pair, broken = (_form(w), _form(w)), (_form(w, wrong=True), _form(w, wrong=True))
    yield (
        "two_languages",
        [
            state(NORMAL, pair[0].text, pair[1].text, hint=w.hint),
            state(ERROR, broken[0].body, broken[1].body),
        ],
    )
    yield (
        "search_box",
        [
            state(NORMAL, HERE, w.label, name=w.id()),
            state(LONG, HERE, w.label, w.long, w.id()),
            state(BUSY, HERE, w.label, name=w.id()),
        ],
    )
    ok, no = (
        {"ok": True, "label": w.title},
        {"ok": False, "label": w.sentence, "detail": w.reason, "override_url": HERE},
    )
    yield "checklist", [state(NORMAL, [ok, no]), state(LONG, [{**no, "label": w.long, "detail": w.long}])]


def _voices(w: Words) -> Iterator[tuple[str, list[State]]]:
    receipt = {"code": CODE, "at": MOMENT, "state": "current", "url": HERE}
    yield (
        "receipt",
        [state(NORMAL, {**receipt, "state": one}) for one in ("current", "replaced", "withdrawn")],
    )
    values = (("1", w.agree, "for"), ("-1", w.disagree, "against"), ("0", w.undecided, "undecided"))
    buttons = [
        {"value": value, "label": label, "shape": shape, "pressed": False} for value, label, shape in values
    ]
    shown = {"link": HERE, "buttons": buttons}
    yield (
        "position_controls",
        [
            state(NORMAL, shown, w.id()),
            state(LONG, {**shown, "buttons": [{**one, "label": w.long} for one in buttons]}, w.id()),
        ],
    )

    def panel(**more: Any) -> dict[str, Any]:
        usual = {
            "title": w.label,
            "open": True,
            "buttons": buttons,
            "action": None,
            "link": HERE,
            "csrf": w.csrf,
        }
        return {**usual, "key": w.id(), "receipt": None, "priority": None, **more}

    star = {"action": HERE, "on": True, "left": 1, "limit": 3, "swap_url": None}
    results = {"agree": 171, "disagree": 12, "pass": 22, "n": 205}
    yield (
        "position_panel",
        [
            state(NORMAL, panel(note=w.hint, count_text=w.takes_part)),
            *(
                state(
                    NORMAL,
                    panel(
                        action=HERE,
                        buttons=[{**one, "pressed": one is chosen} for one in buttons],
                        receipt=receipt,
                        priority=star,
                    ),
                )
                for chosen in buttons
            ),
            state(BUSY, panel(action=HERE)),
            state(DISABLED, panel(action=HERE, priority={**star, "on": False, "left": 0})),
            state(CLOSED, panel(open=False, closed_text=w.closed, results=results, receipt=receipt)),
            state(
                LONG, panel(title=w.long, note=w.long, buttons=[{**one, "label": w.long} for one in buttons])
            ),
        ],
    )

    def small(**more: Any) -> dict[str, Any]:
        return {
            "key": w.id(),
            "buttons": buttons,
            "action": None,
            "link": HERE,
            "csrf": w.csrf,
            "receipt": None,
            **more,
        }

    counted = [{**one, "count": 11, "pressed": one["shape"] == "for"} for one in buttons]
    yield (
        "small_position",
        [
            state(NORMAL, small()),
            state(NORMAL, small(action=HERE, buttons=counted, receipt=receipt)),
            state(BUSY, small(action=HERE)),
            state(CLOSED, small(link=None, buttons=counted)),
            state(LONG, small(buttons=[{**one, "label": w.long} for one in buttons])),
        ],
    )
    yield "author_kind", [state(NORMAL, one) for one in ("citizen", "association", "staff", "body")]

    def voice(**more: Any) -> dict[str, Any]:
        usual = {
            "ref": w.id(),
            "url": HERE,
            "author": w.name,
            "author_kind": "citizen",
            "stance": "for",
            "kind": "comment",
            "at": DAY,
            "body": w.paragraph,
            "lang": w.lang,
        }
        return {**usual, **more}

    acts = {"reply_url": HERE, "edit_url": HERE, "withdraw_url": HERE, "report_url": HERE}
    change = [("same", w.before), ("del", w.old), ("same", " "), ("ins", w.new)]
    answer = {"outcome": w.agree, "text": w.sentence, "at": DAY, "signed": w.signed}
    yield (
        "comment",
        [
            state(
                NORMAL,
                voice(section_label=w.axis, position=small(), **acts, replies=[voice(author_kind="staff")]),
            ),
            state(
                NORMAL,
                voice(
                    stance="undecided",
                    kind="amendment",
                    amend=change,
                    author=w.association,
                    author_kind="association",
                    response=answer,
                ),
            ),
            state(
                NORMAL,
                voice(
                    kind="question",
                    edited=True,
                    late=True,
                    status_note=w.hint,
                    about={"label": w.title, "url": HERE},
                ),
            ),
            state(OTHER, voice(stance="against", body=w.other, lang=w.foreign().lang)),
            state(EMPTY, voice(stance="none", withdrawn=w.withdrawn)),
            state(LONG, voice(author=w.long, body=w.long, section_label=w.long, **acts)),
        ],
    )
    yield (
        "section",
        [
            state(NORMAL, w.title, w.id(), w.paragraph, HERE, w.comments),
            state(LONG, w.long, w.id(), w.long),
            state(EMPTY, w.title, w.id()),
        ],
    )


def _charts(w: Words) -> Iterator[tuple[str, list[State]]]:
    row = {
        "label": w.title,
        "number": 8,
        "url": HERE,
        "agree": 171,
        "disagree": 12,
        "pass": 22,
        "n": 205,
        "label_kind": "consensual",
    }
    none = {"agree": 0, "disagree": 0, "pass": 0, "n": 0}
    drawn = w.id()
    yield "patterns", [state(NORMAL, drawn)]
    yield (
        "bar",
        [
            state(NORMAL, row, drawn),
            state(NORMAL, {**none, "disagree": 3}, drawn),
            state(NORMAL, {**none, "pass": 3}, drawn),
            state(EMPTY, none, drawn),
        ],
    )
    yield "chart_key", [state(NORMAL, drawn)]
    yield "kind_label", [state(NORMAL, one) for one in ("consensual", "divisive", "uncertain")]
    audiences = [
        {"label": w.association, "agree": 9, "disagree": 4, "pass": 0, "n": 13},
        {"label": w.place, "hidden": w.hidden},
    ]
    yield (
        "bars",
        [
            state(
                NORMAL,
                [
                    {**row, "base": w.figure, "audiences": audiences},
                    {**row, "label_kind": "divisive", "agree": 40, "disagree": 60},
                    {"label": w.title, "hidden": w.hidden},
                ],
                w.id(),
                w.label,
            ),
            state(LONG, [{**row, "label": w.long, "base": w.long, "agree": 10**7}], w.id()),
            state(EMPTY, [], w.id(), w.label),
        ],
    )
    yield (
        "result_bar",
        [
            state(NORMAL, row, w.id()),
            state(EMPTY, none, w.id()),
            state(LONG, {**row, "agree": 10**9}, w.id()),
        ],
    )
    yield from _drawn(w)


def _drawn(w: Words) -> Iterator[tuple[str, list[State]]]:
    begins = MOMENT.date()
    came = [{"day": begins + timedelta(days=n), "n": n * n % 23} for n in range(30)]
    yield (
        "columns",
        [
            state(NORMAL, came, w.label, w.sentence),
            state(LONG, came * 8, w.label, w.long),
            state(EMPTY, [], w.label),
        ],
    )
    groups = [
        {"label": w.association, "cells": [31, 4200], "share": 70.0, "beside": 100.0},
        {"label": w.place, "cells": ["—", 900], "share": None, "beside": 21.5},
    ]
    alone = [{"label": w.association, "cells": [31], "share": 100.0, "beside": None}]
    yield (
        "counted",
        [
            state(NORMAL, [w.title, w.label, w.axis], groups, w.sentence, [w.figure, 31, ""], w.axis),
            state(NORMAL, [w.title, w.label], alone, w.title, [w.figure, 31]),
            state(LONG, [w.title, w.label], [{**alone[0], "label": w.long, "cells": [10**7]}], w.long),
            state(EMPTY, [w.title, w.label], [], f"{w.title} (0)"),
        ],
    )
    ends = begins + timedelta(days=400)
    spans = [
        {"starts": begins + timedelta(days=n * 100), "ends": begins + timedelta(days=n * 100 + 90), "at": at}
        for n, at in enumerate(("done", "late", "now", "todo"))
    ]
    today = begins + timedelta(days=220)
    yield (
        "schedule",
        [
            state(
                NORMAL,
                [{"label": w.title, "url": HERE, "spans": spans}] * 2,
                begins,
                ends,
                today,
                w.id(),
                w.label,
            ),
            state(LONG, [{"label": w.long, "url": None, "spans": spans}], begins, ends, None, w.id()),
            state(EMPTY, [{"label": w.title, "url": None, "spans": []}], begins, begins, None, w.id()),
        ],
    )
    square = {"points": "10,10 90,10 90,90 10,90", "x": 50, "y": 50, "n": 3, "marked": False}
    beside = {**square, "points": "90,10 170,10 170,90 90,90", "x": 130, "n": 12, "marked": True}
    last = {**square, "points": "170,10 250,10 250,90 170,90", "x": 210, "n": 0}
    yield (
        "region_map",
        [
            state(NORMAL, [square, beside, last], 260, 100, w.label, w.sentence),
            state(EMPTY, [last], 260, 100, w.label),
        ],
    )
    circle = {"number": 1, "size": 120, "x": 90, "y": 110, "r": 62}
    other = {"number": 2, "size": 40, "x": 220, "y": 90, "r": 36}
    yield (
        "opinion_map",
        [
            state(NORMAL, [circle, other], 320, 220, w.label, w.sentence),
            state(EMPTY, [], 320, 220, w.label),
        ],
    )


def _desk(w: Words) -> Iterator[tuple[str, list[State]]]:
    places = [
        {"label": w.figure, "url": HERE, "count": 14, "current": True},
        {"heading": w.place},
        {"label": w.axis, "url": HERE, "count": "63%"},
        {"label": w.principle, "url": HERE},
    ]
    yield (
        "desk_nav",
        [
            state(NORMAL, places, w.label),
            state(LONG, [{"label": w.title * 3, "url": HERE, "count": 10**6}, *places], f"{w.label} (2)"),
        ],
    )

    def waits(**more: Any) -> dict[str, Any]:
        usual = {
            "url": HERE,
            "ref": w.id(),
            "stance": "for",
            "author": w.name,
            "place": w.title,
            "body": w.sentence,
            "lang": w.lang,
            "due_text": w.due,
            "late": False,
        }
        return {**usual, **more}

    pick = {"name": "pick", "value": "1", "form": "none", "label": w.label, "checked": True}
    yield (
        "queue_row",
        [
            state(NORMAL, waits()),
            state(NORMAL, waits(current=True, late=True, due_text=w.late, why=w.why, stance="against")),
            state(NORMAL, waits(pick=pick)),
            state(LONG, waits(author=w.long, place=w.long, body=w.long)),
        ],
    )
    yield "keys", [state(NORMAL, [("J", w.later), ("P", w.verb)])]
    yield (
        "choice_row",
        [
            state(NORMAL, w.id(), "a", w.agree),
            state(NORMAL, w.id(), "a", w.agree, checked=True, hint=w.hint),
            state(LONG, w.id(), "a", w.long),
        ],
    )
    line = {"at": MOMENT, "action": w.withdrawn}
    yield (
        "log_row",
        [
            state(EMPTY, line),
            state(
                NORMAL,
                {
                    **line,
                    "reason": w.reason,
                    "where": {"label": w.title, "url": HERE},
                    "text": w.sentence,
                    "lang": w.lang,
                    "by": w.signed,
                    "ref": CODE,
                },
            ),
            state(LONG, {**line, "action": w.long, "text": w.long}),
        ],
    )
