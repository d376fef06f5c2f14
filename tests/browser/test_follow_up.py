"""After the adoption: a progress report, what a resident saw, the joint evaluation, the closed plan, and the open data."""

import json

from tests.browser.conftest import MONTHS_PASS, Walker, alone_at

PLAN = "/beni-mellal/plans/2024-2025"
DESK = "/desk/beni-mellal/plan/2024-2025"
REPORT = {
    "ar": "طُبع الكتيب ووُزع في ثلاث مكتبات، وستُوزع البقية في الخريف.",
    "fr": "Le livret est imprimé et distribué dans trois bibliothèques ; la suite viendra à l’automne.",
}
LATE = {"ar": "تأخر تسليم الورق أسبوعين.", "fr": "Le papier a été livré avec deux semaines de retard."}
SEEN = {
    "ar": "رأيت الكتيب في مكتبة الحي، وهو سهل القراءة.",
    "fr": "J’ai vu le livret à la bibliothèque du quartier : il se lit bien.",
}
LESSON = {
    "ar": "اللقاءات المسائية جلبت ضعف الحضور، وسنعتمدها في الدورة المقبلة.",
    "fr": "Les réunions du soir ont doublé la participation : nous les garderons au prochain cycle.",
}


@alone_at("implementation", scriptless=True)
def test_from_a_progress_report_to_the_closed_plan(alone: Walker) -> None:
    officer = alone
    page, lang = officer.page, officer.lang
    officer.sign_in_as("officer1@demo.test")
    officer.go(f"{PLAN}/")
    officer.press("main a[href$='/follow-up/']")
    officer.press("#project-1 a[href*='/desk/beni-mellal/plan/2024-2025/follow-up/']")
    officer.look("report-form")
    page.fill("[name=text_ar]", REPORT["ar"])
    page.fill("[name=text_fr]", REPORT["fr"])
    for name in ("delay_reason_ar", "delay_ar"):
        if page.locator(f"[name={name}]").count():
            page.fill(f"[name={name}]", LATE["ar"])
    officer.press("main form button.main")
    officer.go(f"{PLAN}/follow-up/")
    assert REPORT[lang] in page.inner_text("main")
    officer.look("follow-up")

    citizen = officer.beside("citizen", "citizen1@demo.test")
    citizen.go(f"{PLAN}/follow-up/")
    citizen.press("#project-1 a[href$='/observations/new']")
    citizen.page.fill("textarea[name=text]", SEEN[lang])
    citizen.look("observation-form")
    citizen.press("main form button.main")
    citizen.look("observation-sent")
    moderator = officer.beside("moderator", "moderator1@demo.test")
    moderator.go("/desk/beni-mellal/")
    moderator.press(f"main a[href$='{DESK}/observations/']")
    assert SEEN[lang] in moderator.page.inner_text("main")
    moderator.look("observations")
    moderator.press(f"main :is(article, section, li):has-text('{SEEN[lang][:25]}') button >> nth=0")
    citizen.go(f"{PLAN}/follow-up/")
    assert SEEN[lang] in citizen.page.inner_text("#project-1")
    citizen.look("observation-published")

    public = officer.beside("reader")
    public.go("/beni-mellal/open-data/")
    public.look("open-data")
    answer = public.page.request.get(
        f"{public.site.url}/api/v1/beni-mellal/plans/2024-2025/contributions.json"
    )
    rows = json.loads(answer.text())
    found = rows["contributions"] if isinstance(rows, dict) else rows
    assert len(found) > 100
    csv = public.page.request.get(
        f"{public.site.url}/api/v1/beni-mellal/plans/2024-2025/contributions.csv"
    ).text()
    assert len(csv.splitlines()) > 100
    assert "promo dyal ghocht" not in csv, "a hidden text is in no file"
    assert "promo dyal ghocht" not in answer.text()
    public.context.close()

    officer.go("/dev/clock")
    with page.expect_navigation(timeout=MONTHS_PASS):
        page.locator("main form:has(input[name=to]) button").last.click(timeout=MONTHS_PASS)
    officer.go(f"{DESK}/calendar")
    officer.press("main a[href$='/calendar/evaluation']")
    officer.look("start-evaluation")
    officer.press("main form button.main, main form button.danger")
    officer.go(f"{DESK}/evaluation")
    officer.look("evaluation-form")
    for field in page.locator("main form textarea, main form input[type=text]").all():
        name = field.get_attribute("name") or ""
        if name and not field.input_value():
            field.fill(LESSON["fr" if name.endswith("_fr") else "ar"])
    for field in page.locator("main form input[type=date]").all():
        if not field.input_value():
            field.fill("2026-01-15" if "2026" in page.inner_text(".banner") else "2025-12-31")
    for field in page.locator("main form input[type=number]").all():
        if not field.input_value():
            field.fill("12")
    officer.press("main form button.main")
    assert page.locator("[data-summary]").count() == 1, "a question without its score is explained"
    officer.look("score-missing")
    for score in page.locator("main form input[type=radio][value='3']").all():
        score.check()
    officer.press("main form button.main")
    officer.look("evaluation-recorded")
    officer.go(f"{DESK}/calendar")
    officer.press("main a[href$='/calendar/close']")
    officer.look("close-plan")
    officer.press("main form button.main, main form button.danger")
    officer.go(f"{PLAN}/evaluation/")
    assert LESSON[lang] in page.inner_text("main")
    officer.look("evaluation")
    citizen.context.close()
    moderator.context.close()
