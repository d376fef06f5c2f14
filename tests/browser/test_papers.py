"""The secretary has the papers made, leaves, comes back, and has them."""

from tests.browser.conftest import Walker, alone_at

PLAN = "/beni-mellal/plans/2024-2025"
LONG = 90_000
"""Milliseconds that six papers may take on a busy machine."""


@alone_at("synthesis")
def test_the_papers_are_made_while_the_secretary_is_elsewhere(alone: Walker) -> None:
    walker = alone
    walker.sign_in_as("secretary1@demo.test")
    walker.go(f"{PLAN}/results/")
    page = walker.press("main a[href$='/results/papers/']")
    walker.press("main form button.main")
    page.wait_for_selector("#papers progress")
    walker.look("papers being made")
    walker.go(f"{PLAN}/results/")
    walker.go(f"{PLAN}/results/papers/")
    page.evaluate("window.stayed = true")
    page.wait_for_selector("a[href$='dossier-ar.pdf']", timeout=LONG)
    assert page.evaluate("window.stayed"), "the bar and the files came without a reload"
    assert page.locator("#papers progress").count() == 0
    walker.look("papers there")
    with page.expect_download() as saved:
        page.click("a[href$='dossier-ar.pdf']")
    with saved.value.path().open("rb") as paper:
        assert paper.read(5) == b"%PDF-"
