"""Somebody takes their data with them and closes their account."""

import json

from tests.browser.conftest import BOTH, Walker


@BOTH
def test_a_resident_takes_their_data_and_leaves(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    address = f"leaves-{lang}@demo.test"
    walker.sign_in_as(address)
    walker.go("/me/")
    with page.expect_download() as coming:
        page.locator("main a[href$='/me/data.json']").click()
    held = json.loads(coming.value.path().read_text(encoding="utf-8"))["held"]
    assert held["account"][0]["email"] == address
    walker.press("main a[href$='/me/close']")
    walker.look("close-account")
    walker.press("main form.forms button.danger")
    assert page.locator("[data-summary]").count() == 1, "nobody leaves by one press"
    walker.look("not-sure-yet")
    page.check("main input[name=sure]")
    walker.press("main form.forms button.danger")
    assert page.url.endswith("/account-closed")
    assert page.locator("main form").count() == 0
    walker.look("gone")
    walker.go("/sign-in")
    walker.type_code(address)
    walker.go("/me/")
    assert page.locator("main article").count() == 0, "a new account, with nothing of the old one"


@BOTH
def test_a_resident_whose_voice_is_counted_is_told_when_they_can_leave(walker: Walker) -> None:
    walker.sign_in_as("p046@demo.test")
    walker.go("/me/close")
    assert walker.page.locator("main input[name=sure]").count() == 0
    assert "2023" in walker.page.inner_text("main .notice.warn")
    walker.look("not-yet")
