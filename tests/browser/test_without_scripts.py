"""Where scripts make a walk shorter, it leads to the same end without them: one server, and only those steps."""

import re

import pytest

from tests.browser.conftest import AR_WITHOUT_SCRIPTS, WITHOUT_SCRIPTS, Walker
from tests.browser.test_association import COMMENT, IDEA, NEW, choose_voice
from tests.browser.test_moderator import (
    ANSWER,
    FACTS,
    PLEA,
    QUEUE,
    SEEN,
    SHOP,
    THREAT,
    link_in,
    mail_to,
    write,
)
from tests.browser.test_officer import LONGER, fill_pair

PLAN = "/beni-mellal/plans/2024-2025"
DESK = "/desk/beni-mellal/plan/2024-2025/"


def has_focus(walker: Walker, selector: str) -> bool:
    """Whether the page itself gave something the focus."""
    found: bool = walker.page.evaluate("one => document.activeElement.matches(one)", selector)
    return found


@WITHOUT_SCRIPTS
def test_an_association_is_verified_and_given_a_second_voice(walker: Walker) -> None:
    walker.sign_in_as("founder@demo.test")
    walker.go("/beni-mellal/associations/new")
    walker.page.fill("[name=name_ar]", NEW["ar"])
    walker.page.fill("[name=purpose_ar]", "نظافة العين وحماية محيطها مع السكان.")
    walker.press("main form button.main")
    admin = walker.beside("desk", "admin1@demo.test")
    admin.go("/desk/beni-mellal/associations")
    admin.press("main form[action$='/associations/verify'] button")
    card = admin.page.locator("li.sect", has_text=NEW["ar"])
    card.locator("input[name=email]").fill("second@demo.test")
    with admin.page.expect_navigation():
        card.locator("form[action$='/associations/mandates'] button").click()
    assert "second@demo.test" in admin.page.locator("li.sect", has_text=NEW["ar"]).inner_text()
    admin.look("mandate-given")
    admin.context.close()
    walker.go(f"{PLAN}/ideas/new")
    assert walker.page.locator("main form input[name=voice]").count() == 2


@WITHOUT_SCRIPTS
def test_a_delegate_sends_an_idea_a_comment_and_two_positions(walker: Walker) -> None:
    page = walker.page
    walker.sign_in_as("delegate1@demo.test")
    walker.go(f"{PLAN}/ideas/new")
    for field, text in IDEA["ar"].items():
        page.fill(f"[name={field}]", text)
    page.locator("input[name=axis_id]").nth(2).check()
    choose_voice(page, association=True)
    walker.press("main form button.main")
    if page.locator(
        "main form input[name=voice]"
    ).count():  # what is similar, which scripts show while typing
        walker.look("similar")
        walker.press("main form button.main")
    assert IDEA["ar"]["title"] in page.inner_text("h1")
    walker.go(f"{PLAN}/projects/9/comments/new?section=solution")
    page.fill("textarea[name=body]", COMMENT["ar"])
    choose_voice(page, association=True)
    walker.press("main form button.main")
    assert COMMENT["ar"] in page.inner_text("main")
    for voice, value in ((1, "0"), (0, "1")):
        walker.go(f"{PLAN}/projects/9/")
        page.locator("#position input[name=voice]").nth(voice).check()
        if page.locator("#position input[name=declared]").count():
            page.check("#position input[name=declared]")
        walker.press(f"#position .panel button[name=value][value='{value}']")
        told = page.locator(".flashes, #position .receipt").all_inner_texts()
        assert re.search(r"\b[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", " ".join(told)), "the receipt is shown"
    walker.go("/me/")
    mine = page.locator("section[aria-labelledby=acts-h] li", has=page.locator("a[href$='/projects/9/']"))
    assert mine.count() == 2


@WITHOUT_SCRIPTS
def test_a_decision_is_taken_back_taken_again_and_appealed(walker: Walker) -> None:
    page = walker.page
    author = walker.beside("author", "seller@demo.test")
    ref = write(author, SHOP["ar"]).rsplit("/", 1)[1]
    walker.sign_in_as("moderator1@demo.test")
    walker.go(f"{QUEUE}{ref}")
    page.check("input[name=decision][value=hide]")
    walker.press("form.case button.main")
    assert has_focus(walker, "[data-summary]"), "what is to be mended has the focus without scripts too"
    assert page.is_checked("input[name=decision][value=hide]")
    walker.look("reason-missing")
    page.select_option("select[name=reason]", "commercial_spam")
    page.fill("textarea[name=facts]", FACTS["ar"])
    walker.press("form.case button.main")
    walker.press("form.undo button")
    walker.go(f"{QUEUE}{ref}")
    page.check("input[name=decision][value=hide]")
    page.select_option("select[name=reason]", "commercial_spam")
    page.fill("textarea[name=facts]", FACTS["ar"])
    walker.press("form.case button.main")
    author.go(link_in(walker, mail_to(walker, "seller@demo.test", FACTS["ar"])))
    author.page.fill("textarea[name=text]", PLEA["ar"])
    author.press("main form button.main")
    colleague = walker.beside("colleague", "moderator2@demo.test")
    colleague.go(f"{QUEUE}appeals/")
    colleague.press(f"article:has-text('{PLEA['ar'][:25]}') a[data-open]")
    colleague.page.check("input[name=outcome][value=confirmed]")
    colleague.page.fill("textarea[name=explanation]", ANSWER["ar"])
    colleague.press("main form:has([name=outcome]) button.main")
    author.go(f"/beni-mellal/c/{ref}")
    assert ANSWER["ar"] in author.page.inner_text("main")
    author.context.close()
    colleague.context.close()


@WITHOUT_SCRIPTS
def test_a_text_is_reported_and_its_author_suspended(walker: Walker) -> None:
    author = walker.beside("author", "threat@demo.test")
    address = write(author, THREAT["ar"])
    ref = address.rsplit("/", 1)[1]
    walker.sign_in_as("moderator1@demo.test")
    walker.go(f"{QUEUE}{ref}")
    walker.press("main a[href$='/suspend']")
    walker.page.select_option("select[name=reason]", "violence_threat")
    walker.page.fill("textarea[name=facts]", SEEN["ar"])
    walker.press("main form button.danger")
    author.go("/me/")
    assert "/sign-in" in author.page.url
    author.sign_in_as("threat@demo.test")
    author.go(f"{PLAN}/projects/3/comments/new?section=solution")
    author.page.fill("textarea[name=body]", PLEA["ar"])
    author.press("main form button.main")
    assert author.page.locator("main a[href$='/me/letters/']").count() == 1
    assert PLEA["ar"] in author.page.inner_text("main"), "what was typed is not lost"
    author.context.close()

    reader = walker.beside("reader", "reporter@demo.test")
    reader.go(f"{PLAN}/projects/3/")
    reader.press("#voices a[href$='/report']")
    reported = reader.page.url.split("/c/")[1].split("/")[0]
    reader.page.locator("input[name=reason]").first.check()
    reader.press("main form button.main")
    reader.context.close()
    walker.go(f"{QUEUE}?view=flagged")
    assert walker.page.locator(f"#q-{reported}").count() == 1


@WITHOUT_SCRIPTS
def test_two_officers_at_one_project_and_a_longer_deadline(walker: Walker) -> None:
    page = walker.page
    walker.sign_in_as("officer1@demo.test")
    colleague = walker.beside("colleague", "officer2@demo.test")
    walker.go(f"{DESK}projects/10")
    colleague.go(f"{DESK}projects/10")
    colleague.page.fill("[name=summary_fr]", "Résumé de la collègue.")
    colleague.press("#editor .savebar button.main")
    page.fill("[name=summary_fr]", "Mon propre résumé.")
    walker.press("#editor .savebar button.main")
    assert "Résumé de la collègue." in page.inner_text("main")
    walker.look("conflict")
    page.check("input[name=keep-summary_fr][value=theirs]")
    walker.press("button[name=resolve]")
    walker.go(f"{DESK}projects/10")
    assert page.input_value("[name=summary_fr]") == "Résumé de la collègue."
    colleague.context.close()

    walker.go(f"{DESK}calendar")
    walker.press("main a[href$='/extend']")
    page.fill("[name=last_day]", "2023-09-08")
    walker.press("main form button.main, main form button.danger")
    assert has_focus(walker, "[data-summary]")
    assert page.input_value("[name=last_day]") == "2023-09-08"
    fill_pair(page, "reason", LONGER["ar"], LONGER["fr"])
    walker.press("main form button.main, main form button.danger")
    walker.go(f"{PLAN}/timeline/")
    assert LONGER["ar"] in page.inner_text("main")


@pytest.mark.parametrize(
    "alone", [pytest.param({**AR_WITHOUT_SCRIPTS, "step": "synthesis"}, id="ar-360-noscript")], indirect=True
)
def test_a_revised_version_shows_its_differences(alone: Walker) -> None:
    page = alone.page
    alone.sign_in_as("officer2@demo.test")
    alone.go(f"{DESK}projects/2")
    page.fill("[name=solution_ar]", page.input_value("[name=solution_ar]") + " وتُعلن كل الآجال مسبقا.")
    alone.press("#editor .savebar button.main")
    alone.go(f"{DESK}publish")
    assert page.locator("ins").count() >= 1
    alone.press("main form button.main")
    alone.go(f"{PLAN}/changes/?from=1")
    assert page.locator("ins").count() >= 1
    assert page.locator("del").count() >= 1
    alone.look("differences")
