"""The moderators' walk: oldest risk first, by keyboard and in bulk, with a reason, an undo and an appeal to a colleague."""

import re

from playwright.sync_api import Browser, Page

from tests.browser.conftest import BOTH, WITHOUT_SCRIPTS, Walker, a_walker
from tests.browser.keyboard import Keyboard
from tests.browser.serving import Site

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
FACTS = {
    "ar": "النص إعلان عن تخفيضات في محل تجاري.",
    "fr": "Le texte annonce des promotions dans un magasin.",
}
ANSWER = {
    "ar": "قرأت النص من جديد: هو عرض تجاري، ويمكن كتابة الفكرة دونه.",
    "fr": "J’ai relu le texte : c’est une offre commerciale. L’idée peut être écrite sans elle.",
}
THREAT = {
    "ar": "ستندمون جميعا، وسأعرف كيف أصل إلى بيوتكم واحدا واحدا.",
    "fr": "Vous allez tous le regretter, je saurai trouver vos maisons une par une.",
}


SEEN = {
    "ar": "عبارة تهدد أشخاصا في بيوتهم.",
    "fr": "Une phrase qui menace des personnes chez elles.",
}
MODERATOR = "سلوى"
"""How the first moderator's name begins."""


def refs(page: Page) -> list[str]:
    """The references of the texts that wait, in their order on the page."""
    return [row.get_attribute("id") or "" for row in page.locator("[data-queue] [data-row]").all()]


def mail_to(walker: Walker, address: str, holding: str) -> str:
    """The mail to an address that holds some words, at /dev/mail once nobody can undo what it tells."""
    walker.a_minute_passes()
    reader = walker.context.new_page()
    reader.goto(f"{walker.site.url}/dev/mail?lang={walker.lang}")
    found = reader.locator("main article", has_text=address).filter(has_text=holding)
    assert found.count(), f"no mail to {address} with {holding!r}"
    text = found.first.inner_text()
    reader.close()
    return text


def link_in(walker: Walker, mail: str) -> str:
    """The address a mail leads to, on this site."""
    found = re.search(re.escape(walker.site.url) + r"(/\S+)", mail)
    assert found, f"no link in {mail!r}"
    return found.group(1)


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
    address = f"seller-{lang}@demo.test"
    author = walker.beside("author", address)
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
    page.fill("textarea[name=facts]", FACTS[lang])
    walker.press("form.case button.main")

    letter = mail_to(walker, address, FACTS[lang])
    reason = {"ar": "إشهار أو رسائل مزعجة", "fr": "Publicité ou messages indésirables"}[lang]
    assert reason in letter, "the author is told, with the reason"
    assert MODERATOR not in letter, "a decision has a role, not a name"

    visitor = walker.beside("visitor")
    visitor.go("/beni-mellal/transparency/moderation/")
    log = visitor.page.inner_text("main")
    newest = visitor.page.locator(".log-row").first.inner_text()
    assert reason in newest
    for private in (SHOP[lang][:30], FACTS[lang], "seller", MODERATOR):
        assert private not in log
    visitor.look("public-log")
    visitor.context.close()

    author.go(link_in(author, letter))
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

    colleague = walker.beside("colleague", "moderator2@demo.test")
    colleague.go(f"{QUEUE}appeals/")
    colleague.look("appeals-of-the-second")
    colleague.press(f"article:has-text('{PLEA[lang][:25]}') a[data-open]")
    colleague.look("appeal")
    colleague.page.check("input[name=outcome][value=confirmed]")
    colleague.page.fill("textarea[name=explanation]", ANSWER[lang])
    colleague.press("main form:has([name=outcome]) button.main")
    colleague.look("appeal-answered")
    author.go(link_in(author, mail_to(author, address, ANSWER[lang])))
    assert ANSWER[lang] in author.page.inner_text("main"), "the author reads the answer beside the text"
    assert author.page.locator("main a[href$='/appeal']").count() == 1
    author.look("text-hidden")
    author.context.close()
    colleague.context.close()


def test_the_queue_is_worked_by_keyboard_alone(chromium: Browser, site: Site) -> None:
    walker = a_walker(chromium, site, lang="fr", wide=True, name="moderator-keys")
    walker.sign_in_as("moderator2@demo.test")
    page, keys = walker.page, Keyboard(walker)
    walker.go(QUEUE)
    keys.round()
    page.reload()
    before = int(re.search(r"\d+", page.inner_text("h1")).group())  # type: ignore[union-attr]
    page.keyboard.press("j")
    assert page.locator("[data-row].at").count() == 1
    keys.stop()
    for _ in range(6):
        page.keyboard.press("j")
        keys.stop()
    for _ in range(5):
        page.keyboard.press("k")
        keys.stop()
    page.keyboard.press("x")
    assert page.locator("[name=pick]:checked").count() == 1
    walker.look("row-ticked")
    page.keyboard.press("x")
    assert page.locator("[name=pick]:checked").count() == 0
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.matches('[data-open]')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("form.case").count() == 1
    keys.round()
    page.reload()
    keys.tab_to("input[name=decision]", at_most=120)
    page.keyboard.press("h")
    keys.stop("#decision-hide")
    keys.follow("form.case button.main")
    keys.expect_summary()
    keys.back_to("input[name=decision]")
    with page.expect_navigation():
        page.keyboard.press("p")
        page.keyboard.press("Enter")
    after = int(re.search(r"\d+", page.inner_text("h1")).group())  # type: ignore[union-attr]
    assert after == before - 1
    with page.expect_navigation():
        page.keyboard.press("z")
    walker.go(QUEUE)
    assert int(re.search(r"\d+", page.inner_text("h1")).group()) == before  # type: ignore[union-attr]

    page.keyboard.press("j")
    first = page.locator("[data-row].at").get_attribute("id")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    page.keyboard.press("h")
    assert page.evaluate("document.activeElement.id") == "decision-hide"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "reason", "the reason comes right after"
    page.keyboard.type("11")
    walker.look("two-to-hide")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#bulk button')"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert first not in refs(page)
    assert int(re.search(r"\d+", page.inner_text("h1")).group()) == before - 2  # type: ignore[union-attr]
    walker.look("two-hidden")
    with page.expect_navigation():
        page.keyboard.press("z")
    assert first in refs(page), "taken back within ten seconds"
    assert int(re.search(r"\d+", page.inner_text("h1")).group()) == before  # type: ignore[union-attr]
    walker.context.close()


@BOTH
def test_a_suspended_person_is_out_at_once_told_why_and_may_appeal(walker: Walker) -> None:
    lang, address = walker.lang, f"threat-{walker.lang}@demo.test"
    author = walker.beside("author")
    author.sign_in_as(address)
    ref = write(author, THREAT[lang]).rsplit("/", 1)[1]
    walker.sign_in_as("moderator1@demo.test")
    walker.go(f"{QUEUE}{ref}")
    walker.press("main a[href$='/suspend']")
    walker.page.select_option("select[name=reason]", "violence_threat")
    walker.page.fill("textarea[name=facts]", SEEN[lang])
    walker.look("suspend")
    walker.press("main form button.danger")
    walker.look("suspended")

    author.go("/me/")
    assert "/sign-in" in author.page.url, "the session has ended at once"
    letter = mail_to(author, address, SEEN[lang])
    author.go(link_in(author, letter))
    author.look("sign-in-to-appeal")
    author.type_code(address)
    assert author.page.url.endswith(f"/c/{ref}/appeal"), "signing in leads on to the appeal"
    author.look("appeal-of-the-suspended")
    author.page.fill("textarea[name=text]", PLEA[lang])
    author.press("main form button.main")
    author.go(PROJECT)
    author.press("a[href*='comments/new?section=solution']")
    author.page.fill("textarea[name=body]", PLEA[lang])
    author.press("main form button.main")
    assert author.page.locator("main a[href$='/me/letters/']").count() == 1
    assert PLEA[lang] in author.page.inner_text("main"), "what was typed is not lost"
    author.look("suspended-refused")

    colleague = walker.beside("colleague", "moderator2@demo.test")
    colleague.go(f"{QUEUE}appeals/")
    colleague.page.locator("a[data-open]").last.click()
    colleague.page.locator("input[name=outcome][value=reversed]").check()
    colleague.page.fill("textarea[name=explanation]", ANSWER[lang])
    colleague.look("appeal-against-suspension")
    colleague.press("main form:has([name=outcome]) button.main")
    mail_to(author, address, ANSWER[lang])
    assert "/c/" in write(author, PLEA[lang]), "the account works again"
    author.context.close()
    colleague.context.close()


@BOTH
def test_a_moderator_leaves_their_own_text_to_a_colleague(walker: Walker) -> None:
    walker.sign_in_as("moderator2@demo.test")
    ref = write(walker, PLEA[walker.lang]).rsplit("/", 1)[1]
    walker.go(f"{QUEUE}{ref}")
    assert walker.page.locator("form.case").count() == 0
    assert walker.page.locator("main a[href$='/suspend']").count() == 0
    walker.look("own-text")


@WITHOUT_SCRIPTS
def test_several_texts_are_published_at_once_without_scripts(walker: Walker) -> None:
    walker.sign_in_as("moderator1@demo.test")
    page = walker.page
    walker.go(QUEUE)
    before = page.locator("[data-row]").count()
    picks = page.locator("[name=pick]")
    picks.nth(picks.count() - 1).check()
    picks.nth(picks.count() - 2).check()
    page.check("#bulk input[name=decision][value=publish]")
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
    moderator = citizen.beside("moderator", "moderator1@demo.test")
    moderator.go(f"{QUEUE}?view=flagged")
    assert moderator.page.locator(f"#q-{ref}").count() == 1
    moderator.look("flagged")
    citizen.context.close()
    moderator.context.close()
