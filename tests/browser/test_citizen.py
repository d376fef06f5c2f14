"""The citizen's walk: from the network's home to a position, a receipt, a comment, a priority, a change of mind."""

import re

from tests.browser.conftest import BOTH, WITHOUT_SCRIPTS, Walker

PLAN = "/beni-mellal/plans/2024-2025"
COMMENT = {
    "ar": "المعايير مهمة: نريد أن تُنشر قبل التصويت وأن يكون لكل حي نصيبه العادل من الميزانية.",
    "fr": "Les critères doivent être publiés avant le vote, et chaque quartier doit avoir sa juste part du budget.",
}


def receipt_of(walker: Walker) -> str:
    found = re.search(r"\b[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", walker.page.inner_text("#position"))
    assert found, "no receipt in the panel"
    return found.group(0)


@BOTH
def test_a_citizen_takes_a_position_says_why_and_changes_their_mind(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    walker.go(f"/{lang}/")
    walker.look("network-home")
    walker.press(f"main a[href='/{lang}/beni-mellal/']")
    walker.look("collectivity-home")
    walker.press("main a[href$='/plans/2024-2025/']")
    walker.look("plan")
    walker.press("main a[href$='/projects/5/']")
    walker.look("project-signed-out")
    assert walker.context.cookies() == [], "a page for signed-out readers made a cookie"

    walker.press("#position .panel a[href*='value=1']")
    page.check("input[name=declared]")
    walker.look("choice-before-sign-in")
    walker.press("main form button.main")
    assert "/sign-in" in page.url, "sign-in is asked only when something is sent"
    walker.look("sign-in")
    walker.type_code(f"citizen-{lang}@demo.test")
    assert page.url.endswith("/projects/5/position"), "back at the choice, which was kept"
    assert page.is_checked("input[name=value][value='1']")
    walker.look("choice-after-sign-in")
    walker.press("main form button.main")
    walker.go(f"{PLAN}/projects/5/")
    first = receipt_of(walker)
    walker.look("position-with-receipt")

    walker.press("a[href*='comments/new?section=solution']")
    walker.look("comment-form")
    page.fill("textarea[name=body]", COMMENT[lang])
    page.check("input[name=stance][value=for]")
    walker.press("main form button.main")
    assert "/me/name" in page.url, "a name is asked once, before the first text"
    walker.look("name")
    page.fill("input[name=name]", {"ar": "زائرة من الحي", "fr": "Visiteuse du quartier"}[lang])
    walker.press("main form button.main")
    assert page.input_value("textarea[name=body]") == COMMENT[lang], "what was typed was kept"
    walker.look("comment-kept")
    walker.press("main form button.main")
    assert COMMENT[lang] in page.inner_text("main"), "published or plainly waiting, the author sees it"
    walker.look("comment-sent")

    walker.go(f"{PLAN}/projects/5/")
    page.click("#position form[action$='/priority'] button")
    page.wait_for_selector("#position form[action$='/priority'] button[aria-pressed=true]")
    walker.look("priority")

    page.click("#position .panel button[name=value][value='-1']")
    page.wait_for_function("code => !document.querySelector('#position').innerText.includes(code)", arg=first)
    assert receipt_of(walker) != first
    walker.look("changed-mind")

    walker.go("/me/")
    assert COMMENT[lang][:30] in page.inner_text("main")
    walker.look("my-page")
    walker.go(f"/beni-mellal/receipts/{first}")
    assert page.locator("text=/replaced|عُوض|عوض|remplac/i").count() >= 1
    walker.look("old-receipt")


@WITHOUT_SCRIPTS
def test_the_same_works_without_scripts(walker: Walker) -> None:
    page = walker.page
    walker.sign_in_as("noscript@demo.test")
    walker.go(f"{PLAN}/projects/4/")
    walker.look("project")
    page.check("#position input[name=declared]")
    walker.press("#position .panel button[name=value][value='1']")
    first = receipt_of(walker)
    walker.look("receipt")
    walker.press("#position form[action$='/priority'] button")
    walker.press("#position .panel button[name=value][value='0']")
    assert receipt_of(walker) != first
    walker.press("a[href*='comments/new?section=problem']")
    page.fill("textarea[name=body]", COMMENT["ar"])
    page.check("input[name=stance][value=undecided]")
    walker.press("main form button.main")
    page.fill("input[name=name]", "قارئ بلا سكريبت")
    walker.press("main form button.main")
    walker.press("main form button.main")
    assert COMMENT["ar"] in page.inner_text("main")
