"""The moderators' walk: oldest risk first, by keyboard and in bulk, with a reason, an undo and an appeal to a colleague."""

import re

from playwright.sync_api import Browser, Page

from tests.browser.conftest import BOTH, WITHOUT_SCRIPTS, Site, Walker, a_walker

QUEUE = "/desk/beni-mellal/moderation/"
PROJECT = "/beni-mellal/plans/2024-2025/projects/3/"
SHOP = {
    "ar": "تخفيضات كبيرة في محلنا هذا الأسبوع على كل أنواع الأثاث، اتصلوا الآن قبل نفاد الكمية.",
    "fr": "Grandes promotions cette semaine dans notre magasin de meubles, venez vite avant la rupture.",
}
PLEA = {
    "ar": "لم أقصد الإعلان: أردت القول إن الحرفيين يستحقون مكانا في المشروع.",
    "fr": "Ce n’était pas une publicité : je voulais dire que les artisans ont leur place dans le projet.",
}
ANSWER = {
    "ar": "قرأت النص من جديد: هو عرض تجاري، ويمكن كتابة الفكرة دونه.",
    "fr": "J’ai relu le texte : c’est une offre commerciale. L’idée peut être écrite sans elle.",
}


def beside(walker: Walker, name: str) -> Walker:
    """Somebody else, with a browser of their own, in the same language and size."""
    assert walker.context.browser
    return a_walker(
        walker.context.browser,
        walker.site,
        lang=walker.lang,
        wide=walker.lang == "fr",
        name=f"{walker.name}-{name}",
    )


def refs(page: Page) -> list[str]:
    """The references of the texts that wait, in their order on the page."""
    return [row.get_attribute("id") or "" for row in page.locator("[data-queue] [data-row]").all()]


def mail_to(walker: Walker, address: str) -> str:
    """The newest mail to an address, as /dev/mail shows it."""
    reader = walker.context.new_page()
    reader.goto(f"{walker.site.url}/dev/mail?lang={walker.lang}")
    found = reader.locator("main article", has_text=address)
    text = found.first.inner_text() if found.count() else ""
    reader.close()
    return text


def write(author: Walker, body: str) -> str:
    """Write a comment that waits for a moderator; return its address."""
    author.go(PROJECT)
    author.press("a[href*='comments/new?section=solution']")
    author.page.fill("textarea[name=body]", body)
    if author.page.locator("main form input[name=declared]").count():
        author.page.check("main form input[name=declared]")
    author.press("main form button.main")
    if "/me/name" in author.page.url:
        author.page.fill("input[name=name]", "نجار المدينة" if author.lang == "ar" else "Menuisier du centre")
        author.press("main form button.main")
        author.press("main form button.main")
    author.go("/me/")
    return author.page.locator("main a[href*='/c/']").first.get_attribute("href") or ""


@BOTH
def test_a_decision_has_a_reason_the_author_is_told_and_a_colleague_hears_the_appeal(walker: Walker) -> None:
    lang = walker.lang
    author = beside(walker, "author")
    address = f"seller-{lang}@demo.test"
    author.sign_in_as(address)
    text_url = write(author, SHOP[lang])
    ref = text_url.rsplit("/", 1)[1]

    walker.sign_in_as("moderator1@demo.test")
    page = walker.page
    walker.go("/desk/beni-mellal/")
    walker.look("desk")
    walker.press(f"main a[href$='{QUEUE}']")
    everything = refs(page)
    walker.look("queue")
    walker.press("main a[href$='view=flagged']")
    flagged = refs(page)
    assert len(flagged) >= 2
    assert everything[: len(flagged)] == flagged, "what was flagged or reported stands above the rest"

    walker.go(f"{QUEUE}{ref}")
    page.check("input[name=decision][value=hide]")
    page.select_option("select[name=reason]", "commercial_spam")
    page.wait_for_function("() => document.querySelector('#letter').innerText.length > 120")
    walker.look("case-with-letter")
    walker.press("form.case button.main")
    assert page.locator("form.undo").count() == 1, "ten seconds to take it back"
    walker.look("decided")
    walker.press("form.undo button")
    walker.go(f"{QUEUE}{ref}")
    page.check("input[name=decision][value=hide]")
    walker.press("form.case button.main")
    assert page.locator("[data-summary]").count() == 1, "a decision against a text needs a reason"
    walker.look("reason-missing")
    page.select_option("select[name=reason]", "commercial_spam")
    page.fill("textarea[name=facts]", ANSWER[lang])
    walker.press("form.case button.main")

    page.wait_for_timeout(500)
    for _ in range(30):
        if ANSWER[lang] in mail_to(walker, address):
            break
        page.wait_for_timeout(1000)
    letter = mail_to(walker, address)
    assert ANSWER[lang] in letter, "the author is told, with the reason"

    walker.go("/beni-mellal/transparency/moderation/")
    log = page.inner_text("main")
    assert SHOP[lang][:30] not in log
    assert "seller" not in log
    walker.look("public-log")

    author.go(f"/beni-mellal/c/{ref}/appeal")
    author.look("appeal-form")
    author.page.fill("textarea[name=text]", PLEA[lang])
    author.press("main form button.main")
    author.look("appeal-sent")

    walker.go(f"{QUEUE}appeals/")
    assert PLEA[lang] in page.inner_text("main")
    walker.look("appeals-of-the-first")
    walker.press(f"article:has-text('{PLEA[lang][:25]}') a[data-open]")
    walker.look("appeal-of-the-first")
    assert page.locator("input[name=outcome]").count() == 0, "who decided first does not hear the appeal"

    colleague = beside(walker, "colleague")
    colleague.sign_in_as("moderator2@demo.test")
    colleague.go(f"{QUEUE}appeals/")
    colleague.look("appeals-of-the-second")
    colleague.press(f"article:has-text('{PLEA[lang][:25]}') a[data-open]")
    colleague.look("appeal")
    colleague.page.check("input[name=outcome][value=confirmed]")
    colleague.page.fill("textarea[name=explanation]", ANSWER[lang])
    colleague.press("main form:has([name=outcome]) button.main")
    colleague.look("appeal-answered")
    author.go(f"/beni-mellal/c/{ref}")
    assert ANSWER[lang] in author.page.inner_text("main"), "the author reads the answer beside the text"
    author.look("text-hidden")
    author.context.close()
    colleague.context.close()


def test_the_queue_is_worked_by_keyboard_alone(chromium: Browser, site: Site) -> None:
    walker = a_walker(chromium, site, lang="fr", wide=True, name="moderator-keys")
    walker.sign_in_as("moderator2@demo.test")
    page = walker.page
    walker.go(QUEUE)
    before = int(re.search(r"\d+", page.inner_text("h1")).group())  # type: ignore[union-attr]
    page.keyboard.press("j")
    assert page.locator("[data-row].at").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[name=pick]:checked").count() == 1
    walker.look("row-ticked")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.matches('[data-open]')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("form.case").count() == 1
    with page.expect_navigation():
        page.keyboard.press("p")
        page.keyboard.press("Enter")
    after = int(re.search(r"\d+", page.inner_text("h1")).group())  # type: ignore[union-attr]
    assert after == before - 1
    with page.expect_navigation():
        page.keyboard.press("z")
    walker.go(QUEUE)
    assert int(re.search(r"\d+", page.inner_text("h1")).group()) == before  # type: ignore[union-attr]
    walker.context.close()


@WITHOUT_SCRIPTS
def test_several_texts_are_published_at_once_without_scripts(walker: Walker) -> None:
    walker.sign_in_as("moderator1@demo.test")
    page = walker.page
    walker.go(QUEUE)
    before = page.locator("[data-row]").count()
    picks = page.locator("[name=pick]")
    picks.nth(picks.count() - 1).check()
    picks.nth(picks.count() - 2).check()
    page.select_option("select[name=decision]", "publish")
    walker.press("#bulk button")
    assert page.locator("[data-row]").count() == before - 2
    walker.look("two-published")
    walker.press("form.undo button")
    walker.go(QUEUE)
    assert page.locator("[data-row]").count() == before


def test_a_report_by_a_resident_brings_a_text_up_the_queue(chromium: Browser, site: Site) -> None:
    citizen = a_walker(chromium, site, name="reporter")
    citizen.sign_in_as("reporter@demo.test")
    citizen.go(PROJECT)
    citizen.press("#voices a[href$='/report']")
    ref = citizen.page.url.split("/c/")[1].split("/")[0]
    citizen.page.locator("input[name=reason], select[name=reason]").first.wait_for()
    citizen.look("report-form")
    if citizen.page.locator("select[name=reason]").count():
        citizen.page.select_option("select[name=reason]", index=1)
    else:
        citizen.page.locator("input[name=reason]").first.check()
    citizen.press("main form button.main")
    citizen.look("reported")
    moderator = a_walker(chromium, site, name="reported-to")
    moderator.sign_in_as("moderator1@demo.test")
    moderator.go(f"{QUEUE}?view=flagged")
    assert moderator.page.locator(f"#q-{ref}").count() == 1
    moderator.look("flagged")
    citizen.context.close()
    moderator.context.close()
