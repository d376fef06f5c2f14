"""At 400 % a desk of 1280 × 1024 is 320 × 256: every page still reads down, and its main button can be pressed.

The same with the reader's own spacing of letters, words and lines (WCAG 1.4.12).
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import SHOTS, Walker
from tests.browser.serving import Site, served

PLAN = "/beni-mellal/plans/2024-2025"
DESK = "/desk/beni-mellal"
PAGES: list[tuple[str | None, list[tuple[str, str]]]] = [
    (
        None,
        [
            ("/", "main form button.main"),
            ("/members/", "main form button.main"),
            ("/beni-mellal/", "main a.btn.main"),
            (f"{PLAN}/", "#projects h3 a"),
            (f"{PLAN}/projects/8/", "#position .panel .pos.for"),
            (f"{PLAN}/comments/", "main a.btn"),
            (f"{PLAN}/ideas/", "main a.btn"),
            ("/sign-in", "main form button.main"),
        ],
    ),
    (
        "citizen1@demo.test",
        [
            ("/me/", "main a"),
            ("/me/settings", "main form button.main"),
            (f"{PLAN}/projects/8/position?value=1", "main form button.main"),
            (f"{PLAN}/projects/8/comments/new?section=solution", "main form button.main"),
            (f"{PLAN}/ideas/new", "main form button.main"),
        ],
    ),
    (
        "moderator1@demo.test",
        [(f"{DESK}/moderation/", "#bulk button"), ("a[data-open]", "form.case button.main")],
    ),
    (
        "officer1@demo.test",
        [
            (f"{DESK}/plan/2024-2025/projects/8", "#editor .savebar button.main"),
            (f"{DESK}/plan/2024-2025/responses/", "button[value=new]"),
            (f"{DESK}/plan/2024-2025/settings", "main form button.main"),
        ],
    ),
]
BEFORE_THE_COUNCIL: list[tuple[str | None, list[tuple[str, str]]]] = [
    (None, [(f"{PLAN}/results/", "#projects h3 a"), (f"{PLAN}/council/", "main a")]),
    (
        "secretary1@demo.test",
        [(f"{DESK}/plan/2024-2025/council/", "main a[href$='/council/sitting']")],
    ),
]
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    " p { margin-block-end: 2em !important }"
)
STRIPS = ".scroll, .cycle, .desk-nav, .filters"
"""What may scroll sideways within its own frame: tables, and rows of links."""
CUT = """strips => {
  const faults = [], window_ = document.documentElement.clientWidth;
  const said = one => one.tagName.toLowerCase() + '.' + (one.getAttribute('class') || one.id) + ' ' + one.innerText.trim().slice(0, 40);
  const over = document.documentElement.scrollWidth - window_;
  if (over > 1) faults.push('the page scrolls sideways by ' + over);
  const seen = [...document.body.querySelectorAll('*')].filter(one => one instanceof HTMLElement && !one.matches('input, textarea, select, option')
    && one.checkVisibility({visibilityProperty: true}) && !one.closest('.vh, .live, .skip'));
  const words = one => [...one.childNodes].filter(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const lines = [];
  for (const one of seen) {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (/hidden|clip/.test(style.overflowX) && one.scrollWidth > one.clientWidth + 1) faults.push('cut at its side: ' + said(one));
    if (/hidden|clip/.test(style.overflowY) && one.scrollHeight > one.clientHeight + 1) faults.push('cut at its end: ' + said(one));
    if (/fixed|sticky/.test(style.position) && box.height > innerHeight / 3) faults.push('always over ' + Math.round(box.height) + ' pixels: ' + said(one));
    if (!words(one).length) continue;
    if (style.display !== 'inline' && !one.closest(strips)) {
      if (box.left < -1 || box.right > window_ + 1) faults.push('beside the window: ' + said(one));
      if (style.overflowX === 'visible' && one.clientWidth && one.scrollWidth > one.clientWidth + 2) faults.push('wider than its box: ' + said(one));
      if (style.overflowY === 'visible' && one.clientHeight && one.scrollHeight > one.clientHeight + 6) faults.push('taller than its box: ' + said(one));
    }
    for (const node of words(one)) { const range = document.createRange(); range.selectNodeContents(node); for (const line of range.getClientRects()) lines.push([one, line]); }
  }
  // A line of words over another: compared with those that follow it closely.
  lines.forEach(([one, a], at) => { for (const [other, b] of lines.slice(at + 1, at + 30)) {
    if (one.contains(other) || other.contains(one)) continue;
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 3 && down > Math.min(a.height, b.height) * .55) faults.push(said(one) + ' lies over ' + said(other));
  } });
  return [...new Set(faults)];
}"""
"""What cannot be read of a page."""


@pytest.fixture(scope="module")
def before_the_council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The platform once the dossier is with the council."""
    yield from served(tmp_path_factory.mktemp("dossier") / "instance", "council")


def read_enlarged(
    chromium: Browser, site: Site, lang: str, pages: list[tuple[str | None, list[tuple[str, str]]]]
) -> None:
    """Go through pages at 400 %, as those who see them: nothing is cut, and what is to be pressed can be."""
    wrong = {}
    for email, stops in pages:
        # The spacing is the reader's own: the site's policy has no say in it.
        context = chromium.new_context(
            viewport={"width": 320, "height": 256},
            reduced_motion="reduce",
            bypass_csp=True,
            base_url=site.url,
        )
        context.set_default_timeout(8000)
        walker = Walker(context, site, lang, f"zoom-{lang}", wide=False, scripts=True)
        page = walker.page
        if email:
            walker.sign_in_as(email)
        for stop, (path, action) in enumerate(stops):
            if path.startswith("/"):
                walker.go(path)
            else:
                walker.press(path)
            faults = page.evaluate(CUT, STRIPS)
            page.locator(action).first.click(trial=True)
            if SHOTS:
                page.screenshot(path=str(SHOTS / f"{walker.name}-{email}-{stop}.png"), full_page=True)
            page.add_style_tag(content=SPACED)
            faults += [f"spaced: {fault}" for fault in page.evaluate(CUT, STRIPS) if fault not in faults]
            page.locator(action).first.click(trial=True)
            if SHOTS:
                page.screenshot(path=str(SHOTS / f"{walker.name}-{email}-{stop}-spaced.png"), full_page=True)
            if faults:
                wrong[page.url] = faults
        context.close()
    assert not wrong


@pytest.mark.parametrize("lang", ["fr"])  # the longer words; the dossier below in both
def test_every_main_page_reads_whole_at_four_hundred_per_cent(
    chromium: Browser, site: Site, lang: str
) -> None:
    read_enlarged(chromium, site, lang, PAGES)


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_the_dossier_reads_whole_at_four_hundred_per_cent(
    chromium: Browser, before_the_council: Site, lang: str
) -> None:
    read_enlarged(chromium, before_the_council, lang, BEFORE_THE_COUNCIL)
