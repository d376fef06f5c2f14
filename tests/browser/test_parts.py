"""Every part in its states passes axe, in both directions, on both screens, in light and in dark."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import AXE_OPTIONS, LATINISE, a_walker
from tests.browser.serving import Site

REPEATED = ("landmark-unique", "landmark-no-duplicate-main", "landmark-no-duplicate-banner")
"""What is true of a page and cannot be of a list of specimens: a strip of steps stands there six times."""
OPTIONS = {**AXE_OPTIONS, "rules": {name: {"enabled": False} for name in REPEATED}}
OVERFLOWING = """() => [...document.querySelectorAll('.specimen')].filter(one => one.scrollWidth > one.clientWidth + 1)
  .map(one => one.closest('section').id + ', ' + one.closest('[lang]').lang + ', ' + one.previousElementSibling.textContent)"""
"""The specimens that are wider than their frame."""


def only(*rules: str) -> dict[str, object]:
    """Ask axe for these rules alone."""
    return {"runOnly": {"type": "rule", "values": list(rules)}}


COLOURS = only("color-contrast", "link-in-text-block")


@pytest.mark.parametrize(
    ("lang", "wide", "scheme", "options"),
    [
        pytest.param("ar", False, "light", OPTIONS, id="ar-360"),
        # Of the rest, what differs: colours with the scheme. `make every-page` looks at all eight views.
        pytest.param("ar", False, "dark", COLOURS, id="ar-360-dark-colours"),
    ],
)
def test_every_part_in_every_state_is_accessible(
    chromium: Browser, site: Site, lang: str, wide: bool, scheme: str, options: dict[str, object]
) -> None:
    walker = a_walker(chromium, site, lang=lang, wide=wide, name=f"parts-{lang}")
    walker.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    walker.go(f"/dev/parts?lang={lang}")
    width, wide_as = walker.page.evaluate(
        "[document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert wide_as <= width + 1, "something makes the page scroll sideways"
    assert walker.page.evaluate(OVERFLOWING) == []
    walker.page.evaluate(LATINISE)
    walker.check(f"parts {lang} {scheme}", options)
    assert not walker.problems
    walker.context.close()
