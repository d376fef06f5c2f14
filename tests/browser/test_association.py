"""The association's walk: asked for at its page, verified by the commune, then one voice beside its delegate's own."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import BOTH, Walker, a_walker
from tests.browser.serving import Site

PLAN = "/beni-mellal/plans/2024-2025"
IDEA = {
    "ar": {
        "title": "نقطة ماء عمومية في كل ساحة كبرى",
        "problem": "في الصيف لا يجد المارة ولا الباعة ماء صالحا للشرب في الساحات، فيشترون القنينات أو يعودون عطشى.",
        "proposal": "صنبور ماء صالح للشرب في كل ساحة كبرى، مع جدول معلن للصيانة ورقم للتبليغ عن الأعطاب.",
    },
    "fr": {
        "title": "Un point d’eau public sur chaque grande place",
        "problem": "L’été, ni les passants ni les vendeurs ne trouvent d’eau potable sur les places : on achète des bouteilles.",
        "proposal": "Une borne d’eau potable par grande place, un calendrier d’entretien affiché et un numéro pour signaler les pannes.",
    },
}
COMMENT = {
    "ar": "تطالب جمعيتنا بأن تُعلَّق مواعيد الجمع على باب كل حي، وأن تُنشر نتائج المراقبة كل شهر.",
    "fr": "Notre association demande que les horaires de collecte soient affichés dans chaque quartier et les contrôles publiés.",
}
OWN = {
    "ar": "أتحدث هنا باسمي: زنقتنا تحتاج حاوية ثانية قبل كل شيء آخر.",
    "fr": "Je parle ici en mon nom : notre rue a d’abord besoin d’un second conteneur.",
}
NAME = "منى ح."
"""How the delegate is called, in whatever language they write."""
NEW = {"ar": "جمعية أصدقاء عين أسردون للبيئة", "fr": "Association des amis d’Aïn Asserdoun"}


def choose_voice(page: Page, *, association: bool) -> None:
    """Choose in whose name: oneself is the first choice, the association the second."""
    page.locator("main form input[name=voice]").nth(1 if association else 0).check()


@BOTH
def test_a_delegate_speaks_for_the_association_and_keeps_their_own_voice(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as("delegate1@demo.test")
    walker.go(f"{PLAN}/")
    walker.press("main a.btn[href$='/ideas/new']")
    for field, text in IDEA[lang].items():
        page.fill(f"[name={field}]", text)
    page.locator("input[name=axis_id]").nth(2).check()
    choose_voice(page, association=True)
    walker.look("idea-form")
    walker.press("main form button.main")
    if page.locator("main form input[name=voice]").count():  # what is similar is shown once, before sending
        walker.look("idea-similar")
        walker.press("main form button.main")
    assert IDEA[lang]["title"] in page.inner_text("h1")
    idea_path = page.url.removeprefix(walker.site.url)
    walker.look("idea-sent")
    assert page.locator("main .head a[href*='/associations/']").count() == 1, "the idea is the association's"
    walker.press("main .head a[href*='/associations/']")
    assert IDEA[lang]["title"] in page.inner_text("#ideas")
    walker.look("association-page")
    association = page.inner_text("h1")
    association_path = page.url.removeprefix(walker.site.url)

    walker.go(f"{PLAN}/projects/9/")
    walker.press("a[href*='comments/new?section=solution']")
    page.fill("textarea[name=body]", COMMENT[lang])
    page.check("input[name=stance][value=for]")
    choose_voice(page, association=True)
    walker.look("comment-form")
    walker.press("main form button.main")
    assert association in page.inner_text("main")
    walker.look("comment-sent")

    walker.go(f"{PLAN}/projects/9/")
    walker.press("a[href*='comments/new?section=problem']")
    page.fill("textarea[name=body]", OWN[lang])
    page.check("input[name=stance][value=undecided]")
    choose_voice(page, association=False)
    if page.locator(
        "main form input[name=declared]"
    ).count():  # asked once of a person, whatever the language
        page.check("main form input[name=declared]")
    walker.press("main form button.main")
    own = page.locator("main article.voice", has_text=OWN[lang]).first.inner_text()
    assert NAME in own, "in one's own name it is one's own name that is shown"
    assert association not in own

    walker.go(f"{PLAN}/projects/9/")
    association_value = "-1" if lang == "fr" else "0"
    page.locator("#position input[name=voice]").nth(1).check()
    page.click(f"#position .panel button[name=value][value='{association_value}']")
    page.wait_for_selector("#position .receipt")
    page.locator("#position input[name=voice]").nth(0).check()
    page.click("#position .panel button[name=value][value='1']")
    page.wait_for_selector("#position .panel button[name=value][value='1'][aria-pressed=true]")
    walker.look("two-voices")

    walker.go("/me/")
    positions = page.locator(
        "section[aria-labelledby=acts-h] li", has=page.locator("a[href$='/projects/9/']")
    )
    texts = positions.all_inner_texts()
    assert len(texts) == 2, "the association's position and the person's stand beside each other"
    assert sorted(association in text for text in texts) == [False, True]
    walker.look("my-page")

    visitor = walker.beside("visitor")
    visitor.go(f"{PLAN}/projects/9/?say=associations")
    assert COMMENT[lang] in visitor.page.inner_text("#voices")
    assert OWN[lang] not in visitor.page.inner_text("#voices")
    visitor.look("discussion-of-associations")
    visitor.go(association_path)
    said = visitor.page.inner_text("main")
    assert IDEA[lang]["title"] in said
    assert COMMENT[lang] in said
    assert OWN[lang] not in said
    visitor.go(idea_path)
    assert association in visitor.page.inner_text("main .head"), "everybody reads whose idea it is"
    visitor.context.close()


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_an_association_asks_and_is_verified(chromium: Browser, site: Site, lang: str) -> None:
    asker = a_walker(chromium, site, lang=lang, wide=lang == "fr", name=f"association-asks-{lang}")
    asker.sign_in_as(f"founder-{lang}@demo.test")
    asker.go("/beni-mellal/associations/")
    asker.look("associations")
    asker.press("main a[href$='/associations/new']")
    asker.page.fill("[name=name_ar]", NEW["ar"] if lang == "ar" else "جمعية قراء المدينة القديمة")
    asker.page.fill("[name=name_fr]", NEW["fr"] if lang == "fr" else "")
    assert asker.page.locator("label[for=name_fr] .hint").count() == 1
    asker.page.fill("[name=purpose_ar]", "نظافة العين وحماية محيطها مع السكان.")
    asker.page.fill(
        "[name=purpose_fr]", "" if lang == "ar" else "La propreté de la source, avec les habitants."
    )
    asker.look("association-form")
    asker.press("main form button.main")
    assert asker.page.locator("[data-summary]").count() == 0
    asker.look("association-sent")

    admin = asker.beside("desk", "admin1@demo.test")
    admin.go("/desk/beni-mellal/")
    admin.press("main a[href$='/desk/beni-mellal/associations']")
    admin.look("associations-desk")
    admin.press("main form[action$='/associations/verify'] button")
    admin.look("association-verified")
    assert admin.page.locator("[role=status], .notice.ok").count()

    second = f"second-{lang}@demo.test"
    card = admin.page.locator("li.sect", has_text=NEW[lang])
    card.locator("input[name=email]").fill(second)
    with admin.page.expect_navigation():
        card.locator("form[action$='/associations/mandates'] button").click()
    assert second in admin.page.locator("li.sect", has_text=NEW[lang]).inner_text()
    admin.look("mandate-given")

    delegate = asker.beside("second", second)
    delegate.go(f"{PLAN}/ideas/new")
    assert NEW[lang] in delegate.page.inner_text("main form")
    delegate.context.close()

    asker.go(f"{PLAN}/ideas/new")
    voices = asker.page.locator("main form input[name=voice]").count()
    assert voices == 2, "who asked speaks for the association once it is verified"
    asker.context.close()
    admin.context.close()
