"""A councillor's walk: from their own page to the dossier, a note, a question, and the officers' answer."""

from tests.browser.conftest import Walker, alone_at

READING = "/desk/beni-mellal/plan/2024-2025/council/reading/"
NOTE = {"ar": "أسأل عن الصيانة بعد السنة الأولى.", "fr": "Demander l’entretien après la première année."}
QUESTION = {
    "ar": "من يتكفل بالصيانة بعد السنة الأولى؟",
    "fr": "Qui paie l’entretien après la première année ?",
}
ANSWER = {"ar": "مصلحة الأشغال، من ميزانيتها.", "fr": "Le service des travaux, sur son budget."}


@alone_at("council", scriptless=True)
def test_a_councillor_reads_notes_and_asks(alone: Walker) -> None:
    reader, lang = alone, alone.lang
    page = reader.page
    reader.sign_in_as("councillor1@demo.test")
    reader.go("/me/")
    reader.press(f"main a[href$='{READING}']")
    reader.look("reading")
    reader.press(f"main a[href$='{READING}3/']")
    page.fill("#note [name=body]", NOTE[lang])
    reader.press("#note form.forms button.main")
    assert page.input_value("#note [name=body]") == NOTE[lang]
    page.fill("#questions [name=text]", QUESTION[lang])
    reader.press("#questions form.forms button.main")
    assert QUESTION[lang] in page.inner_text("#questions")
    reader.look("noted-and-asked")

    officer = reader.beside("officer")
    officer.sign_in_as("officer1@demo.test")
    officer.go("/desk/beni-mellal/plan/2024-2025/council/questions/")
    assert NOTE[lang] not in officer.page.inner_text("body")
    officer.press("main a.main[href$='/council/questions/3']")
    officer.page.fill("[name=text]", ANSWER[lang])
    officer.look("answer")
    officer.press("main form button.main")
    officer.context.close()

    reader.go("/beni-mellal/plans/2024-2025/results/3#addenda")
    assert ANSWER[lang] in page.inner_text("#addenda")
    assert NOTE[lang] not in page.inner_text("body")
    reader.look("addendum")
