"""The council's walk: the dossier a councillor reads, the session recorded, the amended text, the adopted plan."""

import re

from playwright.sync_api import Page

from tests.browser.conftest import MONTHS_PASS, Walker, alone_at

PLAN = "/beni-mellal/plans/2024-2025"
DESK = "/desk/beni-mellal/plan/2024-2025"
AMENDMENT = {
    "ar": "خفض المجلس الميزانية وطلب البدء بمحيط المدارس.",
    "fr": "Le conseil a réduit le budget et demandé de commencer par les abords des écoles.",
}
LATER = {
    "ar": "أجل المجلس المشروع إلى دورة فبراير في انتظار اتفاق.",
    "fr": "Le conseil reporte le projet à février, dans l’attente d’un accord.",
}


def numbers(text: str) -> list[int]:
    """The whole numbers of a text; a space between thousands is no end."""
    return [int(re.sub(r"\D", "", found)) for found in re.findall(r"\d[\d\u00a0\u202f .]*", text)]


def check_sums(page: Page) -> None:
    """Each breakdown of those who took part sums to its own total, and the totals to the headline.

    Where cells are too small to show there are two at least, and those shown stay under the total.
    """
    tables = page.evaluate(
        """() => [...document.querySelectorAll('#who table')].map(t => ({
            cells: [...t.querySelectorAll('tbody tr')].map(r => r.querySelector('td.num').innerText.trim()),
            bars: [...t.querySelectorAll('tbody tr')].map(r => r.querySelector('td.wide rect.for')?.getBBox().width),
            total: t.querySelector('tfoot td')?.innerText ?? ''}))"""
    )
    assert len(tables) == 6, "audience, channel, level, neighbourhood, gender, age"
    assert all(table["total"] for table in tables), "a breakdown without its total cannot be checked"
    for table in tables:
        total, hidden = numbers(table["total"])[0], table["cells"].count("—")
        drawn = [
            (numbers(cell)[0], bar) for cell, bar in zip(table["cells"], table["bars"], strict=True) if bar
        ]
        assert len(drawn) == len(table["cells"]) - hidden, "a group too small to count has no bar"
        longest = max(drawn)
        assert all(abs(bar / longest[1] - count / longest[0]) < 0.01 for count, bar in drawn), table
        shown = sum(numbers(cell)[0] for cell in table["cells"] if cell != "—")
        if hidden:
            assert hidden >= 2, "one hidden cell alone is found by subtraction"
            assert shown < total
        else:
            assert shown == total, table
    voices, people = (numbers(table["total"])[0] for table in tables[:2])
    assert voices == numbers(page.inner_text(".numbers"))[0]
    associations = numbers(tables[0]["cells"][-1])[0]
    assert people == voices - associations
    assert {numbers(table["total"])[0] for table in tables[1:]} == {people}


@alone_at("council", scriptless=True)
def test_from_the_dossier_to_the_adopted_plan(alone: Walker) -> None:
    secretary = alone
    page, lang = secretary.page, secretary.lang
    reader = secretary.beside("councillor")
    reader.sign_in_as("councillor1@demo.test")
    reader.go(f"{PLAN}/results/")
    check_sums(reader.page)
    titles = reader.page.locator("#projects h3 a").all_inner_texts()
    order = [int(found.group()) for title in titles if (found := re.match(r"\d+", title.strip()))]
    assert order == sorted(order), "projects stand in the order of the plan, not of the votes"
    assert len(order) >= 12
    assert reader.page.locator("a[href$='/results/verification']").count() >= 1, "and the seal can be checked"
    reader.look("dossier")
    reader.go(f"{PLAN}/results/verification")
    reader.look("seal")
    reader.context.close()

    secretary.go("/dev/clock")
    secretary.look("clock")
    to_the_session(page)
    secretary.sign_in_as("secretary1@demo.test")
    secretary.go("/desk/beni-mellal/")
    secretary.press(f"main a[href$='{DESK}/council/']")
    secretary.look("desk-before")
    secretary.press("main a[href$='/council/sitting']")
    page.fill("[name=held_on]", "2023-10-02")
    page.fill("[name=held_at]", "10:00")
    page.fill("[name=in_office]", "35")
    page.fill("[name=present]", "36")
    page.fill("[name=excused]", "2")
    secretary.press("main form button.main")
    assert page.locator("[data-summary]").count() == 1, "more present than in office is explained"
    assert page.input_value("[name=present]") == "36"
    secretary.look("sitting-mistake")
    page.fill("[name=present]", "15")
    secretary.press("main form button.main")
    secretary.look("no-quorum")
    secretary.move_clock_to("2023-10-05")
    secretary.go(f"{DESK}/council/sitting")
    page.fill("[name=held_on]", "2023-10-05")
    page.fill("[name=held_at]", "10:00")
    page.fill("[name=in_office]", "35")
    page.fill("[name=present]", "27")
    page.fill("[name=excused]", "5")
    secretary.press("main form button.main")
    secretary.look("quorum-at-the-second-call")

    secretary.press("main a[href$='/council/deliberation']")
    page.check("input[name=outcome][value=adopted]")
    page.fill("[name=reference]", "2023/10/07")
    page.fill("[name=decided_on]", "2023-10-05")
    for number in range(1, 13):
        page.fill(f"[name=in_favour_{number}]", "22")
        page.fill(f"[name=against_{number}]", "3")
        page.fill(f"[name=abstain_{number}]", "2")
    page.fill("[name=in_favour_1]", "40")
    secretary.press("main form button.main")
    assert page.locator("[data-summary]").count() == 1, "more votes than members present is explained"
    assert page.input_value("[name=reference]") == "2023/10/07"
    secretary.look("votes-mistake")
    page.fill("[name=in_favour_1]", "22")
    page.select_option("[name=decision_5]", "adopted_amended")
    open_details(page, 5)
    page.fill("[name=amendment_ar_5]", AMENDMENT["ar"])
    page.fill("[name=amendment_fr_5]", AMENDMENT["fr"])
    page.select_option("[name=decision_12]", "postponed")
    open_details(page, 12)
    page.fill("[name=reason_ar_12]", LATER["ar"])
    page.fill("[name=reason_fr_12]", LATER["fr"])
    secretary.press("main form button.main")
    secretary.look("recorded")

    secretary.press("main .buttons a.main")
    assert page.locator(".checklist li.no").count() == 1, "the amended text is still to be written"
    secretary.look("adopt-checklist")
    secretary.go(f"{DESK}/council/")
    secretary.press("main a[href$='/council/amendments/5']")
    page.fill("[name=budget_mad]", "1500000")
    words = page.input_value(f"[name=solution_{lang}]")
    page.fill(f"[name=solution_{lang}]", f"{words} {AMENDMENT[lang]}")
    secretary.look("amendment-form")
    secretary.press("main form button.main")
    secretary.press("main .buttons a.main")
    assert page.locator(".checklist li.no").count() == 0
    secretary.press("main form button.main, main form button.danger")
    secretary.look("adopted")

    secretary.go(f"{PLAN}/council/")
    assert AMENDMENT[lang] in page.inner_text("main")
    assert LATER[lang] in page.inner_text("main")
    page.locator("main details summary").first.click()
    assert page.locator("details[open] ins").count() >= 1, "what the amendment changed, word by word"
    secretary.look("council-page")
    secretary.go(f"{PLAN}/")
    assert page.locator("main a[href$='/projects/5/']").count() >= 1
    assert page.locator("#projects a[href$='/projects/12/']").count() == 0, (
        "a postponed project is not adopted"
    )
    secretary.look("adopted-plan")
    mails = secretary.beside("mail")
    mails.a_minute_passes()
    mails.go("/dev/mail")
    assert "2023/10/07" in mails.page.inner_text("main"), "those who took part are told"
    mails.context.close()


def to_the_session(page: Page) -> None:
    """Press the button that moves the demo's clock to the council's session."""
    with page.expect_navigation(timeout=MONTHS_PASS):
        page.locator("main form:has(input[name=to]) button").first.click(timeout=MONTHS_PASS)


def open_details(page: Page, number: int) -> None:
    """Unfold the reasons of a project, if they are folded: as a finger does, with scripts or without."""
    if not page.locator(f"#project-{number} details[open]").count():
        page.locator(f"#project-{number} details summary").click()
