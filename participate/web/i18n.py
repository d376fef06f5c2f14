"""Languages: in the address, in the catalogue, in dates and numbers; always Africa/Casablanca."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_domain, gettext, lazy_gettext, ngettext, pgettext
from markupsafe import Markup, escape
from werkzeug.routing import BaseConverter, IntegerConverter, Map

from participate.config import ROOT
from participate.db import Words
from participate.rules.text import Said, pick

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGS = ("ar", "zgh", "fr", "en")
LABELS = {"ar": "العربية", "zgh": "ⵜⴰⵎⴰⵣⵉⵖⵜ", "fr": "Français", "en": "English"}
# ar prints يوليو and Middle-Eastern separators; ar_MA prints يوليوز and still finds translations/ar.
# Tamazight pages are Arabic pages with the strings that are translated (design/8-settled.md).
LOCALES = {"ar": "ar_MA", "zgh": "ar_MA", "fr": "fr", "en": "en"}
TERRITORIES = {"ar": "ar_MA", "zgh": "ar_MA", "fr": "fr_MA", "en": "en_GB"}
"""Language and territory of a page, as other sites ask for them (`og:locale`)."""
DIRECTIONS = {"ar": "rtl", "zgh": "rtl", "fr": "ltr", "en": "ltr"}
CASABLANCA = ZoneInfo("Africa/Casablanca")
TRANSLATIONS = ROOT / "translations"
_SHORT_WEEK = 7


class LangConverter(BaseConverter):
    """A language of the interface as the first part of an address."""

    regex = "|".join(LANGS)


class SlugConverter(BaseConverter):
    """A collectivity or another thing named in lower-case words."""

    regex = r"[a-z][a-z0-9-]{1,79}"


class CycleConverter(BaseConverter):
    """The two years of a plan."""

    regex = r"\d{4}-\d{4}"


class KeyConverter(IntegerConverter):
    """A whole number that a column can hold; a larger one names nothing, so it is not found."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max", 2**63 - 1)
        super().__init__(url_map, *args, **kwargs)


class RefConverter(BaseConverter):
    """A public reference such as BM-7Q4K-2RXF."""

    regex = r"[0-9A-Za-z-]{3,40}"


def lang() -> str:
    """Return the language of the page being made."""
    return getattr(g, "lang", "ar") if has_request_context() or g else "ar"


def locale_name() -> str:
    """Return the name of the locale that formats this page."""
    return LOCALES[lang()]


def negotiated() -> str:
    """Return the language the browser prefers among ours; Arabic when it says nothing useful.

    werkzeug's best_match gives fr for "zgh-MA,fr;q=0.5"; Babel's gives zgh.
    """
    wanted = [value.replace("-", "_") for value in request.accept_languages.values()]
    found = negotiate_locale(wanted, list(LANGS))
    return found if found in LANGS else "ar"


def said(words: Mapping[str, str] | None) -> Said:
    """Return a text of the database in the page's language, or the nearest one there is."""
    return pick(words or {}, lang())


def plain(words: Mapping[str, str] | None) -> str:
    """Return only the string of `said`: for titles, mails and attributes."""
    return said(words).text


def _local(moment: datetime | date) -> datetime | date:
    return moment.astimezone(CASABLANCA) if isinstance(moment, datetime) else moment


_DAY = {"ar": "EEEE d MMMM y", "fr": "EEEE d MMMM y", "en": "EEEE d MMMM y"}
_SHORT_DAY = {"ar": "d MMMM", "fr": "d MMMM", "en": "d MMMM"}


def day(moment: datetime | date) -> str:
    """Return the day in words with its weekday: الثلاثاء 22 غشت 2023."""
    return format_date(_local(moment), _DAY[_key()], locale=locale_name())


def short_day(moment: datetime | date) -> str:
    """Return day and month: 22 غشت."""
    return format_date(_local(moment), _SHORT_DAY[_key()], locale=locale_name())


def month(moment: datetime | date) -> str:
    """Return month and year: أبريل 2024."""
    return format_date(_local(moment), "MMMM y", locale=locale_name())


def moment(value: datetime) -> str:
    """Return day and time of the clock in Casablanca."""
    local = value.astimezone(CASABLANCA)
    clock_time = format_datetime(local, "HH:mm", locale=locale_name())
    return gettext("%(day)s at %(time)s", day=day(value), time=clock_time)


def clock_time(value: datetime) -> str:
    """Return hours and minutes in Casablanca."""
    return format_datetime(value.astimezone(CASABLANCA), "HH:mm", locale=locale_name())


def until(end: datetime, now: datetime | None = None) -> str:
    """Return how long until `end`, in words, rounded down: 3 days, 5 hours, less than an hour."""
    left = end - (now or g.now)
    if left <= timedelta(0):
        return gettext("finished")
    if left.days >= 1:
        return ngettext("%(num)d day", "%(num)d days", left.days)
    hours = int(left.total_seconds() // 3600)
    if hours >= 1:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return gettext("less than an hour")


def number(value: float) -> str:
    """Return a number as the page's language groups its digits; digits are Western everywhere."""
    return format_decimal(value, locale=locale_name())


def money(dirhams: int | None) -> str:
    """Return an amount of Moroccan dirhams in words of the page."""
    if dirhams is None:
        return gettext("not stated")
    return gettext("%(amount)s MAD", amount=number(dirhams))


def percent(share: float) -> str:
    """Return a share between 0 and 1 as a whole percentage."""
    return format_percent(round(share, 2), locale=locale_name())


def _key() -> str:
    return {"zgh": "ar"}.get(lang(), lang())


def tr(message: str) -> str | Markup:
    """Return a visible string, in Tamazight on a Tamazight page when it is attested, else as `gettext`.

    Only for text, never for attributes: a Tamazight string carries its own language and direction.
    """
    if lang() == "zgh":
        found = _zgh(message)
        if found:
            return Markup('<span lang="zgh" dir="ltr">{}</span>').format(escape(found))
    return gettext(message)


def _zgh(message: str) -> str | None:
    catalogue = _zgh_catalogue()
    found: str = catalogue.gettext(message)
    return found if found != message else None


def _zgh_catalogue() -> Any:
    from babel.support import Translations  # noqa: PLC0415  only Tamazight pages pay for it

    global _ZGH  # noqa: PLW0603
    if _ZGH is None:
        _ZGH = Translations.load(str(TRANSLATIONS), ["zgh"])
    return _ZGH


_ZGH: Any = None


def init_app(app: Flask) -> None:
    """Put languages in addresses, templates and formats."""
    app.url_map.converters.update(
        lang=LangConverter, slug=SlugConverter, cycle=CycleConverter, ref=RefConverter, int=KeyConverter
    )
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    app.config["BABEL_DEFAULT_LOCALE"] = "ar_MA"
    Babel(app, locale_selector=lambda: LOCALES[lang()], timezone_selector=lambda: "Africa/Casablanca")

    @app.url_value_preprocessor
    def take_lang(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = (values or {}).pop("lang", None) or _lang_of_path() or negotiated()

    @app.url_defaults
    def give_lang(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = lang()

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, _plural, newstyle=True, pgettext=pgettext, npgettext=_plural_in_context
    )
    app.jinja_env.globals["tr"] = tr
    app.jinja_env.filters.update(
        day=day,
        short_day=short_day,
        month=month,
        moment=moment,
        clock_time=clock_time,
        until=until,
        number=number,
        money=money,
        percent=percent,
        said=said,
        plain=plain,
    )


def _plural(one: str, many: str, count: int) -> str:
    """Return a plural without filling it in: Jinja does that, with every variable of the template.

    Flask-Babel's own fills in the count alone, and fails on any other variable.
    """
    found: str = get_domain().get_translations().ungettext(one, many, count)
    return found


def _plural_in_context(context: str, one: str, many: str, count: int) -> str:
    found: str = get_domain().get_translations().unpgettext(context, one, many, count)
    return found


def _lang_of_path() -> str | None:
    first = request.path.strip("/").split("/", 1)[0]
    return first if first in LANGS else None


__all__ = [
    "CASABLANCA",
    "DIRECTIONS",
    "LABELS",
    "LANGS",
    "LOCALES",
    "Domain",
    "Locale",
    "Words",
    "clock_time",
    "day",
    "gettext",
    "init_app",
    "lang",
    "lazy_gettext",
    "locale_name",
    "moment",
    "money",
    "month",
    "negotiated",
    "ngettext",
    "number",
    "percent",
    "plain",
    "said",
    "short_day",
    "until",
]
