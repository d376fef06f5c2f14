"""On paper: a project is one sheet, and the first sheet of the dossier says it all."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import a_walker
from tests.browser.serving import Site, served

PLAN = "/beni-mellal/plans/2024-2025"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from served(tmp_path_factory.mktemp("site") / "instance", "council")


def sheets(pdf: bytes) -> int:
    """Count the pages of a document that Chromium printed."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_every_project_is_one_sheet_with_its_answer_and_its_result(
    chromium: Browser, site: Site, lang: str
) -> None:
    walker = a_walker(chromium, site, lang=lang, wide=True)
    walker.go(f"{PLAN}/")
    numbers = walker.page.locator("main a[href*='/projects/']").evaluate_all(
        "links => [...new Set(links.map(one => +one.pathname.match(/projects.(\\d+)/)[1]))]"
    )
    assert len(numbers) == 12
    printed = {}
    for number in numbers:
        walker.go(f"{PLAN}/projects/{number}/")
        printed[number] = sheets(walker.page.pdf(format="A4", prefer_css_page_size=True))
    assert set(printed.values()) == {1}, printed
    walker.page.emulate_media(media="print")
    assert walker.page.locator(".response, .result").first.is_visible()
    assert walker.page.get_by_text(site.url, exact=False).is_visible(), "the sheet says where to answer"
    walker.context.close()


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_the_dossier_unfolds_on_paper_and_its_first_sheet_holds_every_project(
    chromium: Browser, site: Site, lang: str
) -> None:
    walker = a_walker(chromium, site, lang=lang, wide=True)
    walker.go(f"{PLAN}/results/")
    inside = walker.page.locator("details.fold > :not(summary)").first
    assert not inside.is_visible()
    walker.page.emulate_media(media="print")
    assert inside.is_visible(), "what folds on a screen stands open on paper"
    walker.page.emulate_media(media="null")
    # What follows is left out: the sheet that remains must be one.
    walker.page.locator(".limits ~ *").evaluate_all("rest => rest.forEach(one => one.remove())")
    assert walker.page.locator("#positions tbody tr").count() == 12
    assert sheets(walker.page.pdf(format="A4", prefer_css_page_size=True)) == 1
    walker.context.close()
