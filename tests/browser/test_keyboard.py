"""The walks with no mouse: Tab, Enter, Space, arrows and typing, and at each stop the focus is seen and makes sense."""

import re

import pytest

from tests.browser.conftest import AR, BOTH, FR, Walker
from tests.browser.keyboard import Keyboard

PLAN = "/beni-mellal/plans/2024-2025"
DESK = "/desk/beni-mellal/plan/2024-2025"
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


@pytest.mark.parametrize("walker", [pytest.param(FR, id="fr-1280")], indirect=True)
def test_an_officer_writes_a_project_and_groups_what_people_said_by_keyboard_alone(walker: Walker) -> None:
    page, keys = walker.page, Keyboard(walker)
    walker.sign_in_as("officer1@demo.test")
    walker.go("/desk/beni-mellal/")
    keys.skip()
    keys.follow(f"main a[href$='{DESK}/']")
    keys.skip()
    keys.follow(f"main a[href$='{DESK}/projects/9']", at_most=120)
    keys.round()
    page.reload()
    keys.write("[name=summary_fr]", "Les mêmes règles pour chaque quartier.", at_most=120)
    page.wait_for_function("() => document.querySelector('#saved').innerText.length > 3", timeout=9000)
    assert keys.holds("[name=summary_fr]"), "saving by itself leaves the focus where it was"
    keys.write_day("[name=milestone_0_starts]", "2024-06-01", at_most=120)
    keys.write_day("[name=milestone_0_ends]", "2024-05-01")
    keys.follow("#editor .savebar button.main", at_most=160)
    keys.expect_summary()
    keys.write_day("[name=milestone_0_ends]", "2024-07-31")
    keys.follow("#editor .savebar button.main", at_most=160)
    assert page.locator("[data-summary]").count() == 0
    walker.go(f"{DESK}/projects/9")
    assert page.input_value("[name=summary_fr]") == "Les mêmes règles pour chaque quartier."
    ends = page.locator("[name^=milestone_][name$=_ends]")
    assert "2024-07-31" in [one.input_value() for one in ends.all()]

    walker.go(f"{DESK}/responses/")
    keys.skip()
    for _ in range(2):
        keys.tick("[name=pick]:not(:checked)")
        keys.step()
    assert page.locator("[name=pick]:checked").count() == 2
    keys.follow("button[value=new]", at_most=200)
    keys.write("[name=title_ar]", "قواعد واحدة")
    keys.write("[name=title_fr]", "Les mêmes règles")
    keys.follow("main form button.main")
    theme = page.get_attribute(".theme-list a:has-text('Les mêmes règles')", "href")
    keys.follow(f".theme-list a[href='{theme}']", at_most=400)
    assert page.locator("#texts [name=pick]").count() == 2
    keys.round()


@pytest.mark.parametrize("alone", [pytest.param({**AR, "step": "council"}, id="ar-360")], indirect=True)
def test_a_secretary_records_the_session_by_keyboard_alone(alone: Walker) -> None:
    page, keys = alone.page, Keyboard(alone)
    alone.move_clock_to("2023-10-02")
    alone.sign_in_as("secretary1@demo.test")
    alone.go(f"{PLAN}/results/")
    keys.round()
    alone.go("/desk/beni-mellal/")
    keys.skip()
    keys.follow(f"main a[href$='{DESK}/council/']")
    keys.skip()
    keys.follow("main a[href$='/council/sitting']")
    keys.skip()
    keys.write_day("[name=held_on]", "2023-10-02")
    keys.write("[name=in_office]", "35")
    keys.write("[name=present]", "36")
    keys.follow("main form button.main")
    keys.expect_summary()
    keys.write("[name=present]", "27")
    keys.write("[name=excused]", "2")
    keys.follow("main form button.main")
    assert page.locator("[data-summary]").count() == 0
    keys.follow("main a[href$='/council/deliberation']")
    keys.skip()
    keys.choose("input[name=outcome][value=adopted]", "outcome")
    keys.write("[name=reference]", "2023/10/07")
    keys.write_day("[name=decided_on]", "2023-10-02")
    for number in range(1, 13):
        keys.write(f"[name=in_favour_{number}]", "40" if number == 1 else "22")
        keys.write(f"[name=against_{number}]", "3")
        keys.write(f"[name=abstain_{number}]", "2")
    keys.follow("main form button.main")
    keys.expect_summary()
    keys.write("[name=in_favour_1]", "22")
    keys.follow("main form button.main", at_most=200)
    assert page.locator("[data-summary]").count() == 0
    alone.look("recorded-by-keyboard")
