"""The walks with no mouse: Tab, Enter, Space, arrows and typing, and at each stop the focus is seen and makes sense."""

import re

import pytest

from tests.browser.conftest import BOTH, Walker
from tests.browser.keyboard import Keyboard

PLAN = "/beni-mellal/plans/2024-2025"
COMMENT = {
    "ar": "نريد موعدا معلنا لكل مرحلة، ومكانا نسأل فيه عما تأخر.",
    "fr": "Il faut une date affichée pour chaque étape, et un lieu où demander ce qui tarde.",
}


def receipt(walker: Walker) -> str:
    """The receipt that the panel shows."""
    found = re.search(r"\b[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", walker.page.inner_text("#position"))
    assert found, "no receipt in the panel"
    return found.group(0)


@BOTH
def test_a_citizen_goes_from_the_home_page_to_a_changed_position_by_keyboard_alone(walker: Walker) -> None:
    page, lang, keys = walker.page, walker.lang, Keyboard(walker)
    walker.go(f"/{lang}/")
    keys.round()
    walker.go(f"/{lang}/")
    keys.skip()
    keys.follow(f"main a[href='/{lang}/beni-mellal/']")
    keys.skip()
    keys.follow("main a[href$='/plans/2024-2025/']")
    keys.skip()
    keys.follow("main a[href$='/projects/7/']")
    keys.round()
    page.reload()
    keys.skip()
    keys.follow("#position .panel a[href*='value=1']")
    keys.tick("main form input[name=declared]")
    keys.follow("main form button.main")
    keys.write("input[name=email]", f"keys-{lang}@demo.test")
    keys.follow("main form button")
    keys.write("input[name=code]", "00000000")
    keys.follow("main form button")
    keys.expect_summary()
    keys.write("input[name=code]", walker.newest_code())
    with keys.turns():
        page.keyboard.press("Enter")
    assert page.url.endswith("/projects/7/position")
    keys.follow("main form button.main")
    assert keys.reading("#position"), "after sending, the way goes on from the receipt"
    first = receipt(walker)

    keys.follow("a[href*='comments/new?section=solution']")
    keys.write("textarea[name=body]", COMMENT[lang])
    keys.choose("input[name=stance][value=against]", "stance")
    keys.follow("main form button.main")
    keys.write("input[name=name]", {"ar": "قارئة", "fr": "Lectrice"}[lang])
    keys.follow("main form button.main")
    assert page.input_value("textarea[name=body]") == COMMENT[lang]
    assert page.is_checked("input[name=stance][value=against]")
    keys.follow("main form button.main")
    assert COMMENT[lang] in page.inner_text("main")

    keys.follow("main a[href$='/projects/7/']", at_most=400)
    keys.tab_to("#position-priority")
    page.keyboard.press("Enter")
    page.wait_for_selector("#position-priority[aria-pressed=true]")
    assert keys.holds("#position-priority"), "what was pressed keeps the focus when its panel comes anew"
    keys.stop()
    filtered = "#discussion .filters a[href*='say=questions']"
    keys.tab_to(filtered)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{filtered}[aria-current=true]")
    assert keys.holds(filtered), "a filter keeps the focus when the list it filters comes anew"
    keys.stop()
    walker.look("by-keyboard")

    keys.follow(".me a[href$='/me/']", at_most=400)
    assert COMMENT[lang][:30] in page.inner_text("main")
    keys.round()
    keys.follow("section[aria-labelledby=acts-h] a[href$='/projects/7/']")
    keys.tab_to("#position-1")
    keys.step()
    assert keys.holds("#position--1")
    page.keyboard.press("Space")
    page.wait_for_selector("#position--1[aria-pressed=true]")
    assert keys.holds("#position--1")
    keys.stop()
    assert receipt(walker) != first


@pytest.mark.parametrize("walker", [pytest.param({"lang": "fr"}, id="fr-360")], indirect=True)
def test_more_of_a_list_brings_the_focus_to_the_first_that_came(walker: Walker) -> None:
    page, keys = walker.page, Keyboard(walker)
    walker.go(f"{PLAN}/projects/8/#voices")
    there = page.locator("article.voice").count()
    keys.tab_to(".more a", at_most=200)
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('article.voice').length > n", arg=there)
    keys.stop()
    first = page.locator("article.voice").nth(there)
    assert first.evaluate("one => one.contains(document.activeElement)"), "the way goes on where it was left"
