"""Real Chromium against the real server on the demo's data: what a person sees.

Each module of walks gets a server of its own on a copy of the demo, because walks change it.
`SHOTS=folder make test` (or pytest) also keeps a picture of every page a walk stops at.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.serving import Site, served
from tests.clients import form_of
from tests.support.find_browser import find_chromium

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
MONTHS_PASS = 40_000
"""Milliseconds for everything that falls due while the demo's clock moves."""
SHOTS = Path(os.environ["SHOTS"]) if os.environ.get("SHOTS") else None
AXE_OPTIONS: dict[str, object] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Four times faster: describe what is wrong only, and fetch no style sheet again for a rule that is off.
    "resultTypes": ["violations"],
    "preload": False,
}
COLOURS_SEEN: set[str] = set()
"""Kinds of pages whose colours this process has measured."""
# axe takes joined Arabic letters for icon ligatures and skips their contrast without a word; with a
# Latin letter in place of each (another for another, so that names stay apart) it measures them. The page's own text comes back afterwards.
LATINISE = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (/[\\u0600-\\u06FF]/.test(node.data)) { node.was = node.data; node.data = node.data.replace(/[\\u0600-\\u06FF]/g, c => String.fromCharCode(97 + c.charCodeAt(0) % 26)); }
  }
}"""
RESTORE = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) { const node = walker.currentNode; if (node.was) node.data = node.was; }
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The platform, served on loopback with a fresh copy of the demo."""
    yield from served(tmp_path_factory.mktemp("site") / "instance", "draft_review")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser the machine has."""
    path = find_chromium()
    assert path, "no Chromium: make test says what to type"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        yield browser
        browser.close()


class Walker:
    """Somebody with a browser: goes through pages, and every page they stop at is looked over."""

    def __init__(
        self, context: BrowserContext, site: Site, lang: str, name: str, *, wide: bool, scripts: bool
    ) -> None:
        self.context = context
        self.site = site
        self.lang = lang
        self.name = name
        self.wide = wide
        self.scripts = scripts
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self._shots = 0
        self._seen: set[str] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: object) -> None:
        text = getattr(message, "text", "")
        kind = getattr(message, "type", "")
        if kind == "error" and not re.search(r"status of (4\d\d|503)", text):
            self.problems.append(f"console: {text}")

    def _request(self, request: object) -> None:
        url = getattr(request, "url", "")
        if not url.startswith((self.site.url, "data:", "blob:", "about:")):
            self.problems.append(f"request to another host: {url}")

    def go(self, path: str) -> Page:
        """Open an address of this site, in the walker's language when it begins with none."""
        if not path.startswith(("/dev", f"/{self.lang}/")) and path != "/":
            path = f"/{self.lang}{path}"
        response = self.page.goto(self.site.url + path)
        assert response is not None
        assert response.status < 400, f"{path} answered {response.status}"
        return self.page

    def press(self, selector: str) -> Page:
        """Press something that leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        assert self.page.locator("h1").count() == 1
        return self.page

    def look(self, label: str) -> None:
        """Stop at this page: no axe violation, no sideways scroll, a picture if asked."""
        width = self.page.evaluate("document.documentElement.clientWidth")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width + 1, f"{label}: the page scrolls sideways ({wide} > {width})"
        if SHOTS:
            SHOTS.mkdir(parents=True, exist_ok=True)
            self._shots += 1
            self.page.screenshot(
                path=str(SHOTS / f"{self.name}-{self._shots:02d}-{label}.png"),
                full_page=True,
                caret="initial",
            )
        if self.scripts:  # axe needs them
            self._look_closely(label)
        assert not self.problems, f"{label}: {self.problems}"

    def _look_closely(self, label: str) -> None:
        # Colours are two thirds of the work and those of the parts, which test_parts measures in every state:
        # here once for each kind of page, on a phone.
        kind = re.sub(
            r"[0-9A-Z]{5,}|[0-9]+", "#", self.page.url.removeprefix(self.site.url).partition("?")[0]
        )
        if self.wide or kind in COLOURS_SEEN:
            self.check(label, {**AXE_OPTIONS, "rules": {"color-contrast": {"enabled": False}}})
            return
        COLOURS_SEEN.add(kind)
        self.page.evaluate(LATINISE)
        self.check(label, AXE_OPTIONS)
        self.page.evaluate(RESTORE)

    def check(self, label: str, options: dict[str, object]) -> None:
        """Let axe look at the page."""
        results = Axe().run(self.page, options=options)
        assert not results.response["violations"], f"{label}: {results.generate_report()}"

    def beside(self, name: str, email: str | None = None) -> Walker:
        """Somebody else with a browser of their own, in the same language and size; signed in if asked."""
        assert self.context.browser
        made = a_walker(
            self.context.browser,
            self.site,
            lang=self.lang,
            wide=self.wide,
            scripts=self.scripts,
            name=f"{self.name}-{name}",
        )
        if email:
            made.sign_in_as(email)
        return made

    def move_clock_to(self, day: str) -> None:
        """Let the demo's clock go forward to a day, at the hour the page proposes."""
        keeper = self.context.new_page()
        keeper.goto(f"{self.site.url}/dev/clock?lang={self.lang}")
        keeper.fill("input[name=day]", day)
        with keeper.expect_navigation(timeout=MONTHS_PASS):
            keeper.locator("form:has(input[name=day]) button").click(timeout=MONTHS_PASS)
        keeper.close()

    def a_minute_passes(self) -> None:
        """Let the demo's clock go on until what can be undone for ten seconds is done, and its letters are sent."""
        keeper = self.context.new_page()
        keeper.goto(f"{self.site.url}/dev/clock?lang={self.lang}")
        with keeper.expect_navigation():
            keeper.click("button[name=minutes]")
        keeper.close()

    def sign_in_as(self, email: str) -> None:
        """Sign in with the code that /dev/mail shows, by the same forms but without painting them.

        Who holds a role is asked for password and application then: the demo's page of sign-ins stands for them,
        because a code works once and several walks may sign in within its half minute.
        """
        self._send("/sign-in", {"email": email})
        if "/me/second" in self._send("/sign-in/code", {"code": self.newest_code()}):
            self._send("/dev/sign-in", {"email": email, "lang": self.lang}, shown_at="/dev/")

    def _send(self, path: str, fields: dict[str, str], shown_at: str = "") -> str:
        where = path if shown_at else f"/{self.lang}{path}"
        kept, action = form_of(self.context.request.get(f"{self.site.url}{shown_at or where}").text(), where)
        answer = self.context.request.post(
            f"{self.site.url}{action or where}" if (action or where).startswith("/") else action,
            form={**kept, **fields},
            max_redirects=0,
        )
        assert answer.status == 303, f"{path} answered {answer.status}"
        return str(answer.headers["location"])

    def type_code(self, email: str) -> None:
        """From the sign-in page: ask for a code, read it at /dev/mail, type it."""
        self.page.fill("input[name=email]", email)
        self.press("main form button")
        self.page.fill("input[name=code]", self.newest_code())
        self.press("main form button")

    def newest_code(self) -> str:
        """The code of the last mail that holds one."""
        mails = html.unescape(self.context.request.get(f"{self.site.url}/dev/mail").text())
        code = re.search(r"\b(\d{8})\b", mails.partition("<main")[2].replace("\u00a0", "").replace("-", ""))
        assert code, "no code at /dev/mail"
        return code.group(1)


@pytest.fixture
def walker(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Walker]:
    """A citizen with a phone, in Arabic, unless the test's `who` says otherwise."""
    who = getattr(request, "param", {}) or {}
    made = a_walker(chromium, site, name=re.sub(r"\W+", "-", request.node.name), **who)
    yield made
    made.context.close()


@pytest.fixture
def alone(
    chromium: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walker]:
    """Somebody with a platform of their own, at the step the test names: some things happen there once."""
    who = dict(request.param)
    for site in served(tmp_path_factory.mktemp("alone") / "instance", who.pop("step")):
        made = a_walker(chromium, site, name=re.sub(r"\W+", "-", request.node.name), **who)
        yield made
        made.context.close()


def a_walker(
    chromium: Browser,
    site: Site,
    *,
    lang: str = "ar",
    wide: bool = False,
    scripts: bool = True,
    name: str = "walk",
) -> Walker:
    """Open a browser window of its own."""
    context = chromium.new_context(
        viewport=DESKTOP if wide else PHONE,
        locale={"ar": "ar-MA", "fr": "fr-MA", "en": "en-GB"}[lang],
        java_script_enabled=scripts,
        timezone_id="Africa/Casablanca",
        reduced_motion="reduce",
        base_url=site.url,
    )
    context.set_default_timeout(8000)
    return Walker(context, site, lang, name, wide=wide, scripts=scripts)


AR = {"lang": "ar"}
FR = {"lang": "fr", "wide": True}
AR_WITHOUT_SCRIPTS = {"lang": "ar", "scripts": False}
FR_WITHOUT_SCRIPTS = {**FR, "scripts": False}
BOTH = pytest.mark.parametrize(
    "walker", [pytest.param(AR, id="ar-360"), pytest.param(FR, id="fr-1280")], indirect=True
)
WITHOUT_SCRIPTS = pytest.mark.parametrize(
    "walker", [pytest.param(AR_WITHOUT_SCRIPTS, id="ar-360-noscript")], indirect=True
)


def alone_at(step: str, *, scriptless: bool = False) -> pytest.MarkDecorator:
    """Walk alone at a step, in Arabic on a phone and in French on a desk, there without scripts if asked."""
    desk = {"fr-1280-noscript": FR_WITHOUT_SCRIPTS} if scriptless else {"fr-1280": FR}
    people = {"ar-360": AR, **desk}
    return pytest.mark.parametrize(
        "alone", [pytest.param({**who, "step": step}, id=name) for name, who in people.items()], indirect=True
    )
