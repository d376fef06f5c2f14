"""Every part in its states passes axe, in both directions, on both screens, in light and in dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import AXE_OPTIONS, LATINISE, Site, a_walker, served

REPEATED = ("landmark-unique", "landmark-no-duplicate-main", "landmark-no-duplicate-banner")
"""What is true of a page and cannot be of a list of specimens: a strip of steps stands there six times."""
OPTIONS = {**AXE_OPTIONS, "rules": {name: {"enabled": False} for name in REPEATED}}
OVERFLOWING = """() => [...document.querySelectorAll('.specimen')].filter(one => one.scrollWidth > one.clientWidth + 1)
  .map(one => one.closest('section').id + ', ' + one.closest('[lang]').lang + ', ' + one.previousElementSibling.textContent)"""
"""The specimens that are wider than their frame."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from served(tmp_path_factory.mktemp("site") / "instance", "draft_review")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [False, True], ids=["360", "1280"])
@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_every_part_in_every_state_is_accessible(
    chromium: Browser, site: Site, tmp_path: Path, lang: str, wide: bool, scheme: str
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
    walker.check(f"parts {lang} {scheme}", OPTIONS)
    assert not walker.problems
    walker.context.close()
