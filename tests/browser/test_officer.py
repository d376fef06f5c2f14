"""The officers' walk: two languages side by side, versions, a review announced, what people said grouped and answered."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import BOTH, WITHOUT_SCRIPTS, Walker, a_walker, alone_at
from tests.browser.serving import Site, served

DESK = "/desk/beni-mellal/plan/2024-2025/"
PROBLEM = {
    "ar": "لا يعرف السكان متى تمر شاحنة الماء في الصيف، ولا من يسألون عند انقطاعها.",
    "fr": "L’été, personne ne sait quand passe le camion d’eau ni à qui demander quand il ne vient pas.",
}
SOLUTION = {
    "ar": "جدول أسبوعي معلق في كل حي وعلى الموقع، ورقم واحد يجيب كل يوم.",
    "fr": "Un calendrier hebdomadaire affiché dans chaque quartier et en ligne, et un numéro qui répond chaque jour.",
}
SHORT = {
    "ar": "موسم الصيف قريب ولا يحتمل التأجيل، ولذلك نفتح النقاش قبل الأجل.",
    "fr": "L’été approche et ne peut attendre : la discussion s’ouvre avant le délai.",
}
ANSWER = {
    "ar": "سجلنا الملاحظة، وسيُنشر الجدول الشهري لكل حي ابتداء من يناير.",
    "fr": "C’est entendu : le calendrier de chaque quartier sera publié chaque mois dès janvier.",
}


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The platform in September, while the committee answers."""
    yield from served(tmp_path_factory.mktemp("answering") / "instance", "synthesis")


def fill_pair(page: Page, name: str, ar: str, fr: str) -> None:
    page.fill(f"[name={name}_ar]", ar)
    page.fill(f"[name={name}_fr]", fr)


def as_day(page: Page, days: int) -> str:
    """A day so many days after the demo's today, as a date field wants it."""
    found: str = page.evaluate(
        "days => new Date(Date.UTC(2023, 7, 22) + days * 864e5).toISOString().slice(0, 10)", days
    )
    return found


@BOTH
def test_a_plan_is_written_published_and_opened_to_everybody(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    cycle = {"ar": "2026-2027", "fr": "2028-2029"}[lang]
    new = f"/desk/beni-mellal/plan/{cycle}/"
    walker.sign_in_as("officer1@demo.test")
    walker.go("/desk/beni-mellal/")
    walker.look("desk")
    walker.press("main a[href$='/desk/beni-mellal/plans/']")
    walker.look("plans")
    walker.press("main a[href$='/plans/new']")
    page.fill("[name=cycle]", cycle)
    fill_pair(page, "title", f"برنامج عمل الانفتاح {cycle}", f"Programme d’ouverture {cycle}")
    fill_pair(page, "summary", "مشاريع تقرب الخدمات من السكان.", "Des projets qui rapprochent les services.")
    page.fill("[name=starts_on]", f"{cycle[:4]}-01-01")
    page.fill("[name=ends_on]", f"{cycle[5:]}-12-31")
    walker.look("plan-form")
    walker.press("main form button.main")
    walker.look("plan-empty")

    walker.go(f"{new}axes/")
    walker.press("main a[href$='/axes/new']")
    fill_pair(page, "title", "الماء والصحة", "Eau et santé")
    fill_pair(page, "description", "ماء صالح للجميع.", "De l’eau pour tous.")
    page.fill("[name=slug]", "water")
    walker.press("main form button.main")
    walker.look("axes")

    walker.go(f"{new}calendar")
    walker.look("calendar-empty")
    walker.go(new)
    walker.press("main a[href$='/projects/new']")
    fill_pair(page, "title", "ماء الصيف لكل حي", "L’eau d’été dans chaque quartier")
    page.select_option("select[name=axis_id]", index=0)
    walker.press("main form button.main")
    walker.look("editor-new")

    fill_pair(page, "problem", PROBLEM["ar"], PROBLEM["fr"])
    page.fill("[name=solution_ar]", SOLUTION["ar"])
    page.fill("[name=solution_fr]", SOLUTION["fr"])
    page.wait_for_function("() => document.querySelector('#saved').innerText.length > 3", timeout=9000)
    walker.look("saved-by-itself")
    page.reload()
    assert page.input_value("[name=problem_ar]") == PROBLEM["ar"], "what was saved by itself is there"

    if not page.locator("[name=milestone_0_title_ar]").count():
        walker.press("button[name=add_milestone]")
    fill_pair(page, "milestone_0_title", "نشر الجدول", "Publication du calendrier")
    page.fill("[name=milestone_0_starts]", f"{cycle[:4]}-03-01")
    page.fill("[name=milestone_0_ends]", f"{cycle[:4]}-04-30")
    walker.press("button[name=add_milestone]")
    fill_pair(page, "milestone_1_title", "رقم للاتصال", "Un numéro qui répond")
    page.fill("[name=milestone_1_starts]", f"{cycle[:4]}-05-01")
    page.fill("[name=milestone_1_ends]", f"{cycle[:4]}-06-30")
    walker.press("#editor .savebar button.main")
    walker.go(f"{new}projects/1")
    walker.press("button[name=remove_milestone][value='0']")
    assert page.input_value("[name=milestone_0_title_fr]") == "Un numéro qui répond"
    walker.look("editor-with-milestone")

    walker.go(f"{new}publish")
    walker.look("publish")
    walker.press("main form button.main")
    walker.go(f"/beni-mellal/plans/{cycle}/")
    assert page.locator("a[href$='/projects/1/']").count() >= 1
    walker.look("published")

    walker.go(f"{new}calendar")
    walker.press("main a[href$='/calendar/new']")
    page.check("input[name=kind][value=draft_review]")
    fill_pair(page, "title", "مناقشة المسودة", "Discussion du projet")
    page.fill("[name=first_day]", as_day(page, 6))
    page.fill("[name=last_day]", as_day(page, 9))
    walker.look("consultation-form")
    walker.press("main form button.main")
    walker.look("announce-too-short")
    assert page.locator(".checklist li.no").count() >= 1, "the checklist names what is missing: seven days"
    walker.go(f"{new}calendar")
    walker.press("main article a[href$='/dates']")
    page.fill("[name=first_day]", as_day(page, 6))
    page.fill("[name=last_day]", as_day(page, 15))
    walker.press("main form button.main")
    walker.go(f"{new}calendar")
    walker.press("main article a[href$='/announce']")
    walker.look("announce-short-notice")
    assert page.locator(".notice.warn").count() >= 2, "short notice, and fewer than fifteen days"
    walker.press("main form button.main, main form button.danger")
    assert page.locator("[data-summary]").count() == 1, "a short notice needs a reason that everybody reads"
    fill_pair(page, "reason", SHORT["ar"], SHORT["fr"])
    walker.press("main form button.main, main form button.danger")
    walker.look("announced")
    walker.go(f"/beni-mellal/plans/{cycle}/timeline/")
    assert SHORT[lang] in page.inner_text("main"), "the reason is public"
    walker.look("timeline")


@BOTH
def test_two_officers_at_the_same_project_lose_nothing(walker: Walker) -> None:
    page = walker.page
    number = {"ar": 10, "fr": 11}[walker.lang]
    walker.sign_in_as("officer1@demo.test")
    colleague = walker.beside("colleague", "officer2@demo.test")
    for one in (walker, colleague):
        one.go(f"{DESK}projects/{number}")
    colleague.page.fill("[name=summary_fr]", "Résumé de la collègue.")
    colleague.press("#editor .savebar button.main")
    page.evaluate("() => document.querySelector('#editor').removeAttribute('data-autosave')")
    page.fill("[name=summary_fr]", "Mon propre résumé.")
    page.fill("[name=summary_ar]", "ملخص كتبته أنا.")
    with page.expect_navigation():
        page.click("#editor .savebar button.main")
    text = page.inner_text("main")
    assert "Résumé de la collègue." in text
    assert page.input_value("[name=summary_fr]") == "Mon propre résumé."
    walker.look("conflict")
    page.fill("[name=summary_fr]", "Un résumé écrit à deux.")
    walker.press("button[name=resolve]")
    walker.go(f"{DESK}projects/{number}")
    assert page.input_value("[name=summary_fr]") == "Un résumé écrit à deux."
    assert page.input_value("[name=summary_ar]") == "ملخص كتبته أنا."

    colleague.go(f"{DESK}projects/{number}")
    walker.go(f"{DESK}projects/{number}")
    colleague.page.fill("[name=summary_fr]", "Le dernier mot de la collègue.")
    colleague.press("#editor .savebar button.main")
    page.evaluate("() => document.querySelector('#editor').removeAttribute('data-autosave')")
    page.fill("[name=summary_fr]", "Mon dernier mot.")
    page.fill("[name=summary_ar]", "كلمتي الأخيرة.")
    with page.expect_navigation():
        page.click("#editor .savebar button.main")
    page.check("input[name=keep-summary_fr][value=theirs]")
    walker.press("button[name=resolve]")
    walker.go(f"{DESK}projects/{number}")
    assert page.input_value("[name=summary_fr]") == "Le dernier mot de la collègue.", "theirs was chosen"
    assert page.input_value("[name=summary_ar]") == "كلمتي الأخيرة.", "and mine where nobody else wrote"
    colleague.context.close()


LONGER = {
    "ar": "طلبت جمعيات الأحياء أسبوعا إضافيا لعقد لقاءاتها.",
    "fr": "Les associations de quartier demandent une semaine de plus pour se réunir.",
}
AGAIN = {
    "ar": "طلب السكان أسبوعا آخر بعد نهاية العطلة.",
    "fr": "Les habitants demandent une semaine encore, après les vacances.",
}
TOO_LATE = {"ar": "48 ساعة", "fr": "48 heures"}


@alone_at("draft_review")
def test_a_deadline_moves_with_a_public_reason_but_not_in_the_last_two_days(alone: Walker) -> None:
    page, lang = alone.page, alone.lang
    alone.sign_in_as("officer1@demo.test")
    alone.go(f"{DESK}calendar")
    alone.press("main a[href$='/extend']")
    address = page.url.removeprefix(alone.site.url)
    before = page.input_value("[name=last_day]")
    page.fill("[name=last_day]", "2023-09-08")
    alone.press("main form button.main, main form button.danger")
    assert page.locator("[data-summary]").count() == 1, "nobody extends without saying why"
    assert page.input_value("[name=last_day]") == "2023-09-08"
    alone.look("reason-missing")
    fill_pair(page, "reason", LONGER["ar"], LONGER["fr"])
    alone.press("main form button.main, main form button.danger")
    alone.look("extended")
    reader = alone.beside("reader")
    reader.go("/beni-mellal/plans/2024-2025/timeline/")
    assert LONGER[lang] in reader.page.inner_text("main"), "the reason is public"
    reader.context.close()
    alone.go(address)
    page.fill("[name=last_day]", "2023-09-15")
    fill_pair(page, "reason", AGAIN["ar"], AGAIN["fr"])
    alone.move_clock_to("2023-09-07")
    alone.press("main form button.main, main form button.danger")
    refused = page.locator(".checklist li.no").all_inner_texts()
    assert len(refused) == 1, "the form was opened in time, and sent too late"
    assert TOO_LATE[lang] in refused[0]
    assert AGAIN[lang] in page.inner_text("main"), "what was typed can be taken along"
    alone.look("sent-too-late")
    alone.go("/beni-mellal/plans/2024-2025/timeline/")
    assert AGAIN[lang] not in page.inner_text("main")
    alone.go(address)
    assert page.locator("main form [name=last_day]").count() == 0
    assert page.locator(".checklist li.no").count() == 1, "too late to move it, and the page says so"
    assert before < "2023-09-08"
    alone.look("too-late")


@WITHOUT_SCRIPTS
def test_an_officer_writes_publishes_and_answers_without_scripts(walker: Walker) -> None:
    page = walker.page
    new = "/desk/beni-mellal/plan/2030-2031/"
    walker.sign_in_as("officer1@demo.test")
    walker.go("/desk/beni-mellal/plans/")
    walker.press("main a[href$='/plans/new']")
    page.fill("[name=cycle]", "2030-2031")
    fill_pair(page, "title", "برنامج 2030", "Programme 2030")
    fill_pair(page, "summary", "ماء وصحة.", "Eau et santé.")
    page.fill("[name=starts_on]", "2030-01-01")
    page.fill("[name=ends_on]", "2031-12-31")
    walker.press("main form button.main")
    walker.go(f"{new}axes/new")
    fill_pair(page, "title", "الماء والصحة", "Eau et santé")
    fill_pair(page, "description", "ماء صالح للجميع.", "De l’eau pour tous.")
    page.fill("[name=slug]", "water")
    walker.press("main form button.main")
    walker.go(f"{new}projects/new")
    fill_pair(page, "title", "ماء الصيف", "L’eau d’été")
    page.select_option("select[name=axis_id]", index=0)
    walker.press("main form button.main")
    fill_pair(page, "problem", PROBLEM["ar"], PROBLEM["fr"])
    fill_pair(page, "solution", SOLUTION["ar"], SOLUTION["fr"])
    if not page.locator("[name=milestone_0_title_ar]").count():
        walker.press("button[name=add_milestone]")
    assert page.input_value("[name=problem_fr]") == PROBLEM["fr"], "a page more, and nothing lost"
    fill_pair(page, "milestone_0_title", "نشر الجدول", "Publication du calendrier")
    page.fill("[name=milestone_0_starts]", "2030-03-01")
    page.fill("[name=milestone_0_ends]", "2030-04-30")
    walker.look("editor")
    walker.press("#editor .savebar button.main")
    walker.go(f"{new}publish")
    walker.press("main form button.main")
    walker.go("/beni-mellal/plans/2030-2031/projects/1/")
    assert SOLUTION["ar"] in page.inner_text("main")

    walker.go(f"{DESK}responses/")
    boxes = page.locator("[name=pick]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    walker.look("grouping")
    walker.press("button[name=do][value=new], button[value=new]")
    fill_pair(page, "title", "مواعيد معلنة بلا سكريبت", "Des horaires affichés sans script")
    walker.press("main form button.main")
    walker.go(f"{DESK}responses/")
    walker.press(".theme-list a:has-text('مواعيد معلنة بلا سكريبت')")
    assert page.locator("#texts [name=pick]").count() == 2
    page.check("input[name=outcome][value=accepted]")
    fill_pair(page, "text", ANSWER["ar"], ANSWER["fr"])
    walker.press("#answer form button.main")
    theme = page.url
    reader = walker.beside("reader", "committee1@demo.test")
    reader.page.goto(theme)
    reader.look("second-reader")
    reader.press("form.confirm button.main")
    page.goto(theme)
    assert page.locator("form.confirm").count() == 0
    walker.look("approved")
    reader.context.close()


@BOTH
def test_what_people_said_is_grouped_by_keyboard_answered_and_approved_by_a_second_reader(
    walker: Walker,
) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as("officer1@demo.test")
    walker.go("/desk/beni-mellal/")
    walker.press(f"main a[href$='{DESK}responses/']")
    walker.look("grouping")
    left = grouped_left(page)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[name=pick]:checked").count() == 2
    with page.expect_navigation():
        page.keyboard.press("n")
    walker.look("new-theme")
    title = {"ar": "مواعيد معلنة", "fr": "Des horaires affichés"}
    fill_pair(page, "title", title["ar"] + f" {lang}", title["fr"] + f" {lang}")
    walker.press("main form button.main")
    walker.go(f"{DESK}responses/")
    assert grouped_left(page) == left - 2
    page.keyboard.press("j")
    key = page.locator(f".theme-list li:has-text('{title[lang]} {lang}') button").first.get_attribute(
        "data-key"
    )
    assert key
    with page.expect_navigation():
        page.keyboard.press(key)
    assert grouped_left(page) == left - 3
    walker.look("grouped")

    walker.press(f".theme-list a:has-text('{title[lang]} {lang}')")
    theme = page.url
    page.locator("#texts [name=pick]").first.check()
    walker.press("#members button[value=out]")
    assert page.locator("#texts [name=pick]").count() == 2, "a text can be taken out again"
    page.check("input[name=outcome][value=declined]")
    fill_pair(page, "text", ANSWER["ar"], ANSWER["fr"])
    walker.press("#answer form button.main")
    assert page.locator("[data-summary]").count() == 1, "a no needs its reason"
    assert page.input_value("[name=text_fr]") == ANSWER["fr"], "what was typed is kept"
    walker.look("reason-missing")
    page.check("input[name=outcome][value=accepted]")
    walker.press("#answer form button.main")
    page.goto(theme)
    assert page.locator("form.confirm").count() == 0, "nobody approves their own answer"
    walker.look("draft-answer")

    reader = walker.beside("reader", "committee1@demo.test")
    reader.go(f"{DESK}responses/to-approve/")
    reader.look("to-approve")
    reader.page.goto(theme)
    reader.look("second-reader")
    with reader.page.expect_navigation():
        reader.page.keyboard.press("a")
    walker.go(f"{DESK}responses/")
    meter = page.inner_text(".progress b")
    assert int(re.findall(r"\d+", meter)[0]) >= 2, "the meter counts the texts of an approved answer"
    walker.look("coverage")
    reader.context.close()


def grouped_left(page: Page) -> int:
    """How many texts are in no theme yet: the number beside “all”, or the rows where there is none."""
    numbers = [int(n) for n in re.findall(r"\d+", " ".join(page.locator(".filters .n").all_inner_texts()))]
    return sum(numbers)


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_the_revised_version_shows_its_differences_and_the_checklist_what_is_missing(
    chromium: Browser, answering: Site, lang: str
) -> None:
    walker = a_walker(chromium, answering, lang=lang, wide=lang == "fr", name=f"officer-september-{lang}")
    page = walker.page
    walker.sign_in_as("officer2@demo.test")
    walker.go(f"{DESK}calendar")
    walker.look("calendar")
    walker.press("main a[href$='/calendar/transmit']")
    assert page.locator(".checklist li.no").count() >= 1, "what is missing before the council is named"
    assert page.locator(".checklist li.no a").count() >= 1, "and leads to where it is done"
    walker.look("transmit-checklist")
    number = {"ar": 2, "fr": 3}[lang]
    walker.go(f"{DESK}projects/{number}")
    words = page.input_value(f"[name=solution_{lang}]")
    page.fill(
        f"[name=solution_{lang}]",
        words + {"ar": " وتُعلن كل الآجال مسبقا.", "fr": " Tous les délais sont annoncés."}[lang],
    )
    walker.press("#editor .savebar button.main")
    walker.go(f"{DESK}publish")
    assert page.locator("ins").count() >= 1
    walker.look("differences-before-publishing")
    walker.press("main form button.main")
    walker.go("/beni-mellal/plans/2024-2025/changes/?from=1")
    assert page.locator("ins").count() >= 1, "added words are marked"
    assert page.locator("del").count() >= 1, "removed words are marked"
    walker.look("public-differences")
    walker.context.close()
