"""Making pages: one template per page, whole or one block of it when htmx asks.

`app.py` registers what every page shows (masthead, cycle, footer …) as providers, and where each
kind of thing lives as endpoint names, so that no room needs to know a later one to link to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, g, make_response, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import ChoiceLoader, FileSystemBytecodeCache, FileSystemLoader, PrefixLoader
from markupsafe import Markup, escape

from participate.rules.text import safe_next
from participate.web import i18n, overload

PACKAGE = Path(__file__).resolve().parent.parent


@dataclass
class Page:
    """What the frame around every page shows."""

    lang: str
    dir: str
    path: str
    site: str = ""
    locale: str = "ar_MA"
    canonical: str | None = None
    langs: list[dict[str, Any]] = field(default_factory=list)
    mast: dict[str, Any] = field(default_factory=dict)
    cycle: list[dict[str, Any]] = field(default_factory=list)
    me: dict[str, Any] | None = None
    sign_in_url: str | None = None
    csrf: str | None = None
    banner: Markup | None = None
    footer: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Share:
    """What a link to the page shows elsewhere: a sentence or two, and a picture with its description in words.

    `image` is a whole address.
    """

    description: str
    image: str
    alt: str


Sharer = Callable[[Any, Any, str], Share]
Provider = Callable[[Page], None]
_providers: list[Provider] = []
_homes: dict[str, str] = {}
_sharer: list[Sharer] = []


def provide(provider: Provider) -> None:
    """Register something that fills a part of every page."""
    if provider not in _providers:
        _providers.append(provider)


def share_by(sharer: Sharer) -> None:
    """Register what draws the card of a plan: a later room knows how, earlier rooms have pages to share."""
    _sharer[:] = [sharer]


def share_of(place: Any, title: Any, description: str) -> Share | None:
    """Return the plan's card for a page of its own words, where there is something that draws it."""
    return _sharer[0](place, title, description) if _sharer else None


def register_homes(homes: Mapping[str, str]) -> None:
    """Say at which endpoint each kind of thing lives, e.g. {"project": "portal.project"}."""
    _homes.update(homes)


def has_home(kind: str) -> bool:
    """Whether some room shows this kind of thing."""
    return kind in _homes


def home_of(kind: str, **values: Any) -> str:
    """Return the address of a thing by its kind, whatever room shows it."""
    anchor = values.pop("anchor", None)
    return url_for(_homes[kind], _anchor=anchor, **values)


def wants_block() -> bool:
    """Whether htmx asked for a fragment: boosted links and history restores get the whole page."""
    htmx = getattr(request, "htmx", None)
    return (
        htmx is not None
        and bool(htmx)
        and not htmx.boosted
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def page(
    template: str,
    block: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    share: Share | None = None,
    **context: Any,
) -> Response:
    """Render a page, or only `block` of it when htmx asks. `share` is what a link to it shows elsewhere."""
    context["page"], context["share"] = frame(), share
    jinja = current_app.jinja_env.get_template(template)
    current_app.update_template_context(context)
    if block and wants_block():
        body = "".join(jinja.blocks[block](jinja.new_context(context)))
    else:
        body = jinja.render(context)
    response = make_response(body, status)
    response.headers["Vary"] = "HX-Request, Cookie"
    for name, value in (headers or {}).items():
        response.headers[name] = quote(value, safe="/:?&=#,%-_. ") if name.startswith("HX-") else value
    return response


def frame() -> Page:
    """Build what surrounds every page."""
    lang = i18n.lang()
    built = Page(
        lang={"zgh": "ar"}.get(lang, lang), dir=i18n.DIRECTIONS[lang], path=request.full_path.rstrip("?")
    )
    built.langs = [
        {"code": code, "label": i18n.LABELS[code], "url": _in_language(code), "current": code == lang}
        for code in i18n.LANGS
    ]
    built.site, built.locale = current_app.config["BASE_URL"], i18n.TERRITORIES[lang]
    built.canonical = current_app.config["BASE_URL"] + quote(request.path)
    if overload.is_without_database():
        built.mast = {"title": "Participate", "url": f"/{lang}/"}
        built.csrf = request.form.get("csrf_token")  # the one it came with is good, or is refused again
        return built
    if session.get("csrf_token") or getattr(g, "needs_csrf", False):
        built.csrf = generate_csrf()
    for provider in _providers:
        provider(built)
    return built


def needs_csrf() -> str:
    """Return a CSRF token for a page with a form; from here on the browser has a session."""
    g.needs_csrf = True
    return generate_csrf()


def _in_language(code: str) -> str:
    first, _, rest = request.path.lstrip("/").partition("/")
    if first not in i18n.LANGS:
        return f"/{code}/"
    query = (
        f"?{request.query_string.decode('ascii', 'ignore')}"
        if request.query_string and request.method == "GET"
        else ""
    )
    return f"/{code}/{quote(rest)}{query}"


def see(location: str, *, receipt: str | None = None) -> Response:
    """Answer a successful POST: 303 to another page (Flask's own redirect says 302)."""
    response = redirect(location, 303)
    response.set_data(b"")  # werkzeug's own page would be in English
    if receipt:
        response.headers["X-Receipt"] = receipt
    return response  # type: ignore[return-value]


def leave_for(location: str) -> Response:
    """Send the reader to another page, also when htmx asked for a block of this one."""
    if not wants_block():
        return see(location)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = quote(location, safe="/:?&=#,%-_.")
    return response


def next_or(default: str) -> str:
    """Return the validated `return_to` of the form or query, else `default`."""
    wanted = request.values.get("return_to", "")
    return safe_next(wanted) or default


_REFERENCE = re.compile(r"\b[A-Z][A-Z0-9]{1,5}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def with_refs(text: str) -> Markup:
    """Return a sentence in which a receipt's code never breaks over two lines or flips."""
    return Markup(  # noqa: S704  escaped first; only our own tag is added
        _REFERENCE.sub(r'<bdi class="ref" dir="ltr">\g<0></bdi>', str(escape(text)))
    )


class Parts:
    """Every macro of `ui/parts/*.html` under one name, reachable from any block: `ui.comment(c)`."""

    def __init__(self, environment: Any, folder: Path) -> None:
        self._environment = environment
        self._names = sorted(path.name for path in folder.glob("*.html"))
        self._macros: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if not self._macros or self._environment.auto_reload:
            found: dict[str, Any] = {}
            for part in self._names:
                module = self._environment.get_template(f"parts/{part}").make_module()
                for key in dir(module):
                    if not key.startswith("_"):
                        found[key] = getattr(module, key)
            self._macros = found
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(name) from None


def init_app(app: Any, rooms: list[str]) -> None:
    """Give templates their loaders: `base.html` and parts from `ui`, `room/page.html` from each room."""
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(PACKAGE / "ui"),
            PrefixLoader({room: FileSystemLoader(PACKAGE / room / "pages") for room in rooms}),
        ]
    )
    env = app.jinja_env
    compiled = app.config["SETTINGS"].instance / "templates"
    compiled.mkdir(parents=True, exist_ok=True, mode=0o700)
    env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    env.autoescape = True
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.globals["ui"] = Parts(env, PACKAGE / "ui" / "parts")
    env.globals["home_of"] = home_of
    env.filters["with_refs"] = with_refs
