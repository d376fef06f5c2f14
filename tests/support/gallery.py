"""Pictures of every page, to be looked at: `make gallery`, then open build/gallery/index.html.

`make every-page` takes no pictures: axe looks at each page in each language, width and scheme, and none may
scroll sideways, nor at 320 px, which is also 1280 px at 400 %.

Copies of the demo are served one after another, at each of its steps. Links are followed as everybody who is in the
demo, and the first address of every page is pictured in each language, width and scheme; then what links do not lead
to: nothing found, refusals, a form with errors.
"""

import argparse
import html
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Error, Page, Response, ViewportSize, sync_playwright

from participate.app import create_app
from participate.db import db
from tests import clients
from tests.browser.conftest import AXE_OPTIONS, DESKTOP, LATINISE, PHONE, RESTORE, a_walker
from tests.browser.serving import Site, served
from tests.conftest import settings
from tests.support.crawl import TOURS, begin, crawl, is_staff
from tests.support.find_browser import find_chromium

COMMUNE = "/fr/beni-mellal/"
PLAN = f"{COMMUNE}plans/2024-2025/"
SAME = {"portal.collectivity": COMMUNE, "portal.plan": PLAN, "portal.project": f"{PLAN}projects/8/"}
"""Pages that look different at each step: pictured at all of them."""
STEPS = ("draft_review", "synthesis", "council", "implementation", "call_for_ideas")
"""Where most happens comes first: a page is pictured where it is first met."""
WIDTHS = {"360": PHONE, "1280": DESKTOP}
SCHEMES = ("light", "dark")
SMALLEST: ViewportSize = {"width": 320, "height": 640}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LONG = 60_000
TOO_MUCH = 300_000
TRIES = 40


@dataclass(frozen=True)
class View:
    """One page to be pictured: who stands at which address, and what they do there first."""

    name: str
    path: str
    role: str | None = None
    then: Callable[[Page], object] | None = None


@dataclass
class Gallery:
    """Where pictures go, and which are wanted."""

    folder: Path
    only: str
    langs: Sequence[str]
    widths: Sequence[str]
    schemes: Sequence[str]
    checks: bool = False
    shown: dict[str, list[Path]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def wants(self, view: View) -> bool:
        """Whether this page was asked for, by a part of its name or of its address."""
        return not self.only or self.only in view.name or self.only in view.path


def post(page: Page, path: str, fields: dict[str, str]) -> int:
    """Send a form that this page has not, and return the status of the page that answers."""
    with page.expect_navigation() as coming:
        page.evaluate(
            """([path, fields]) => { const form = document.createElement('form'); form.method = 'post'; form.action = path;
            for (const [name, value] of Object.entries(fields)) { const field = document.createElement('input');
            field.type = 'hidden'; field.name = name; field.value = value; form.append(field); }
            document.body.append(form); HTMLFormElement.prototype.submit.call(form); }""",
            [path, fields],
        )
    answer = coming.value
    return answer.status if isinstance(answer, Response) else 0


def token(page: Page) -> str:
    """Return the token of the form on this page."""
    return page.locator("main input[name=csrf_token]").first.input_value()


def ask_too_often(page: Page) -> None:
    """Ask for codes until the platform says it is enough."""
    path = page.url
    for _ in range(TRIES):
        if post(page, path, {"csrf_token": token(page), "email": "somebody@demo.test"}) == 429:
            return
        page.goto(path)


def send_empty(page: Page) -> None:
    """Send the form of this page as it is, past what the browser itself would ask for."""
    page.locator("main form[method=post]").last.evaluate("form => { form.noValidate = true }")
    with page.expect_navigation():
        page.locator("main form[method=post] button").last.click()


def states() -> list[View]:
    """Return what no link leads to."""
    return [
        View("state.nothing-found", "/fr/members/?q=qqqq"),
        View("state.403", "/fr/desk/beni-mellal/", "citizen1"),
        View("state.404", "/fr/nowhere"),
        View("state.405", f"{COMMUNE}charter", None, lambda page: post(page, page.url, {"a": "b"})),
        View("state.413", "/fr/sign-in", None, lambda page: post(page, page.url, {"email": "x" * TOO_MUCH})),
        View("state.422", f"{PLAN}projects/8/comments/new", "citizen1", send_empty),
        View("state.422-sign-in", "/fr/sign-in", None, send_empty),
        View("state.429", "/fr/sign-in", None, ask_too_often),
        View("demo.parts", "/dev/parts"),
    ]


def views(step: str, roles: Sequence[str | None], app: Flask, seen: set[str]) -> Iterator[View]:
    """Return the pages that these people come to by links at this step, without those seen before."""
    if None in roles:
        seen.update(SAME)
        reader = app.test_client()
        for name, path in SAME.items():
            if reader.get(path).status_code == 200:
                yield View(f"{name}.{step}", path)
    for role in roles:
        client = app.test_client()
        assert isinstance(client, clients.Client)
        client.inspects = False
        for start in begin(client, role):
            reached, _broken = crawl(app, client, start, staff=is_staff(role))
            for endpoint, path in reached.items():
                if endpoint in seen:
                    continue
                answer = client.get(path)
                if answer.mimetype == "text/html" and answer.status_code < 400:
                    seen.add(endpoint)
                    yield View(endpoint, path, role)


def addressed(path: str, lang: str) -> str:
    """Return an address in another language."""
    if path.startswith("/dev/"):
        return f"{path.partition('?')[0]}?lang={lang}"
    return re.sub(r"^/fr\b", f"/{lang}", path)


def _wait_long(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={LONG}")


@contextmanager
def at(step: str, folder: Path) -> Iterator[tuple[Site, Flask]]:
    """Serve a copy of the demo at a step, with the application that knows its addresses."""
    running = served(folder / step, step)
    site = next(running)
    app = create_app(
        settings(
            f"sqlite:///{site.instance}/demo.sqlite",
            site.instance,
            testing=False,
            demo=True,
            base_url=site.url,
        )
    )
    app.test_client_class = clients.Client
    try:
        with app.app_context():
            sa.event.listen(db.engine, "connect", _wait_long)  # the server may be writing for a while
            db.engine.dispose()
            yield site, app
            db.session.remove()
            db.engine.dispose()
    finally:
        running.close()  # type: ignore[attr-defined]


def picture(gallery: Gallery, chromium: Browser, site: Site, wanted: Sequence[View], step: str) -> None:
    """Take the pictures of some pages of one running copy."""
    roles = list(dict.fromkeys(view.role for view in wanted))
    for role, lang, width in product(roles, gallery.langs, gallery.widths):
        walker = a_walker(chromium, site, lang=lang, wide=WIDTHS[width] is DESKTOP, name="gallery")
        if role:
            sign_in(walker.page, site, role, lang)
        for view in (one for one in wanted if one.role == role):
            try:
                page = walker.context.new_page()
                page.goto(site.url + addressed(view.path, lang))
                if view.then:
                    view.then(page)
                shoot(gallery, page, view, f"{lang}-{width}", step)
                page.close()
            except Error as error:
                gallery.wrong.append(f"{view.name} {view.path} in {lang}: {error.message.splitlines()[0]}")
        walker.context.close()


def sign_in(page: Page, site: Site, role: str, lang: str) -> None:
    """Continue as somebody, with the button of /dev/ or, for who has none there, as in the tests."""
    page.goto(f"{site.url}/dev/?lang={lang}")
    button = page.locator(f"form:has(input[value='{role}@demo.test']) button")
    if button.count():
        with page.expect_navigation():
            button.click()
        return
    page.goto(f"{site.url}/{lang}/sign-in")
    page.fill("input[name=email]", f"{role}@demo.test")
    with page.expect_navigation():
        page.click("main form button")
    reader = page.context.new_page()
    reader.goto(f"{site.url}/dev/mail")
    code = re.search(r"\b(\d{8})\b", reader.inner_text("main"))
    reader.close()
    page.fill("input[name=code]", code.group(1) if code else "")
    with page.expect_navigation():
        page.click("main form button")


def shoot(gallery: Gallery, page: Page, view: View, label: str, step: str) -> None:
    """Keep the page as it is, in each scheme."""
    wide, width = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    if wide > width + 1:
        gallery.wrong.append(f"{view.name} {view.path} {label}: scrolls sideways ({wide} > {width})")
    title = f"{view.name} · {view.path} · {view.role or 'signed out'} · {step}"
    if gallery.checks and view.name == "demo.parts":  # tests/browser/test_parts.py looks at it
        return
    if gallery.checks:
        gallery.shown.setdefault(title, [])
        gallery.wrong.extend(f"{view.name} {view.path} {label} {fault}" for fault in faults(gallery, page))
        return
    for scheme in gallery.schemes:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        path = gallery.folder / f"{re.sub(r'[^a-z0-9.]+', '-', view.name)}.{label}-{scheme}.jpeg"
        page.screenshot(path=path, full_page=True, type="jpeg", quality=80, timeout=LONG)
        gallery.shown.setdefault(title, []).append(path)


def faults(gallery: Gallery, page: Page) -> Iterator[str]:
    """Say what axe finds in each scheme, and whether the page is too wide for the smallest phone."""
    page.evaluate(LATINISE)
    for number, scheme in enumerate(gallery.schemes):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        # Nothing but colours differs between the schemes.
        options = COLOURS if number else AXE_OPTIONS
        for found in Axe().run(page, options=options).response["violations"]:
            places = [node["target"] for node in found["nodes"][:3]]
            yield f"{scheme}: {found['id']} at {places}"
    page.evaluate(RESTORE)
    page.set_viewport_size(SMALLEST)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > SMALLEST["width"]:
        yield f"scrolls sideways at {SMALLEST['width']} px ({wide})"


def write_index(gallery: Gallery) -> Path:
    """Write the page that shows the pictures, one group a page of the platform."""
    groups = "\n".join(
        f"<section><h2>{html.escape(title)}</h2><div>"
        + "".join(
            f'<figure><a href="{path.name}"><img src="{path.name}" loading="lazy" alt="{path.stem}"></a>'
            f"<figcaption>{path.stem.rsplit('.', 1)[-1]}</figcaption></figure>"
            for path in sorted(paths)
        )
        + "</div></section>"
        for title, paths in sorted(gallery.shown.items())
    )
    wrong = "".join(f"<li>{html.escape(one)}</li>" for one in gallery.wrong)
    index = gallery.folder / "index.html"
    index.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title><style>'
        "body{font:16px system-ui;margin:1rem}section div{display:flex;gap:1rem;overflow-x:auto;align-items:flex-start}"
        "figure{margin:0}img{height:24rem;width:auto;border:1px solid #999}h2{font-size:1rem}</style>"
        f"<h1>{len(gallery.shown)} pages</h1><ul>{wrong}</ul>\n{groups}\n</html>\n"
    )
    return index


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures that were asked for, or check the pages; return 1 if something was wrong."""
    asked = argparse.ArgumentParser(prog="make gallery", description=__doc__)
    asked.add_argument("--into", type=Path, default=Path("build/gallery"))
    asked.add_argument(
        "--only", default="", help="part of a page's name (portal, moderation.case) or address"
    )
    asked.add_argument("--langs", default="ar fr")
    asked.add_argument("--widths", default=" ".join(WIDTHS))
    asked.add_argument("--schemes", default=" ".join(SCHEMES))
    asked.add_argument("--steps", default=" ".join(STEPS))
    asked.add_argument("--check", action="store_true", help="take no pictures, let axe look instead")
    given = asked.parse_args(arguments)
    gallery = Gallery(
        given.into,
        given.only,
        given.langs.split(),
        given.widths.split(),
        given.schemes.split(),
        checks=given.check,
    )
    gallery.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    seen: set[str] = set()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        stack.callback(chromium.close)
        for step in given.steps.split():
            roles = TOURS[step]
            with at(step, folder) as (site, app):
                found = [*views(step, roles, app, seen), *(states() if step == "draft_review" else [])]
                wanted = [view for view in found if gallery.wants(view)]
                print(f"{step}: {len(wanted)} pages", flush=True)
                picture(gallery, chromium, site, wanted, step)
    for one in gallery.wrong:
        print(one)
    took = f"{len(gallery.shown)} pages in {time.monotonic() - started:.0f} s"
    print(f"{took}: {len(gallery.wrong)} faults" if gallery.checks else f"{took}: {write_index(gallery)}")
    return 1 if gallery.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
