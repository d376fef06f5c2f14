"""What goes wrong is said in the reader's language, with what to do; what was typed is kept."""

import re
from pathlib import Path

from tests.browser.conftest import BOTH, Walker, alone_at

PLAN = "/beni-mellal/plans/2024-2025"
PROJECT = f"{PLAN}/projects/6/"
COMMENT = {
    "ar": "نحتاج إلى إنارة كافية قرب المدرسة، وإلى موعد معلن للأشغال في كل حي.",
    "fr": "Il faut un éclairage suffisant près de l’école et une date annoncée pour les travaux.",
}
ONCE_MORE = {"ar": "مرة أخرى", "fr": "encore une fois"}
ANSWER_HERE = {"ar": "هذا الجواب ضروري", "fr": "cette réponse est nécessaire"}
WRONG_CODE = {
    "ar": "هذا ليس رمز آخر رسالة. بقيت لكم 4",
    "fr": "Ce n’est pas le code du dernier message. Il vous reste 4",
}
SHORTEN = {"ar": "النص طويل جدا: يرجى تقصيره", "fr": "Ce texte est trop long\u00a0: raccourcissez-le"}
SEND_AGAIN = {"ar": "ما كتبتموه موجود أسفله", "fr": "Ce que vous avez écrit est ci-dessous"}
NOTHING_HERE = {"ar": "هذه الصفحة غير موجودة", "fr": "Cette page n’existe pas"}
MISTYPED = {"ar": "قد يكون العنوان مكتوبا خطأ", "fr": "L’adresse est peut-être mal écrite"}
NOT_OPEN = {"ar": "هذا التشاور غير مفتوح حاليا", "fr": "Cette consultation n’est pas ouverte en ce moment"}


def begin_comment(walker: Walker, section: str = "solution") -> None:
    """Open the form for a comment, and answer what it asks the first time."""
    walker.go(PROJECT)
    walker.press(f"a[href*='comments/new?section={section}']")
    if walker.page.locator("main form input[name=declared]").count():
        walker.page.check("main form input[name=declared]")


def give_a_name(walker: Walker) -> None:
    """A name is asked once, before the first text."""
    walker.go("/me/name")
    walker.page.fill("input[name=name]", {"ar": "ساكنة من الحي", "fr": "Habitante du quartier"}[walker.lang])
    walker.press("main form button.main")


def error(walker: Walker) -> str:
    """The sentence at the top of a form that was sent back."""
    return walker.page.inner_text("[data-summary]")


@BOTH
def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_still_works(walker: Walker) -> None:
    page = walker.page
    walker.go("/sign-in")
    page.fill("input[name=email]", "not-a-mail")
    walker.press("main form button")
    assert page.input_value("input[name=email]") == "not-a-mail"
    assert error(walker)
    walker.look("not-an-address")
    address = f"slip-{walker.lang}@demo.test"
    page.fill("input[name=email]", address)
    walker.press("main form button")
    page.fill("input[name=code]", "00000000")
    walker.press("main form button")
    assert WRONG_CODE[walker.lang] in error(walker), "four tries are left"
    walker.look("wrong-code")
    code = walker.newest_code()
    page.fill("input[name=code]", code)
    walker.press("main form button")
    walker.go("/me/settings")
    assert address in page.inner_text("main")


@BOTH
def test_a_session_that_ends_in_the_middle_of_a_comment_loses_nothing(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as(f"ends-{lang}@demo.test")
    give_a_name(walker)
    begin_comment(walker)
    page.fill("textarea[name=body]", COMMENT[lang])
    page.check("input[name=stance][value=for]")
    walker.context.clear_cookies()
    walker.press("main form button.main")
    assert COMMENT[lang] in page.inner_text("main")
    assert ONCE_MORE[lang] in page.inner_text("h1")
    assert SEND_AGAIN[lang] in page.inner_text("main")
    walker.look("session-ended")
    walker.press("main form button")
    assert "/sign-in" in page.url
    walker.type_code(f"ends-{lang}@demo.test")
    assert page.input_value("textarea[name=body]") == COMMENT[lang]
    walker.look("text-is-back")
    walker.press("main form button.main")
    assert COMMENT[lang] in page.inner_text("main")


@BOTH
def test_a_forged_form_changes_nothing_and_shows_what_it_held(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as(f"forged-{lang}@demo.test")
    give_a_name(walker)
    begin_comment(walker, "problem")
    page.fill("textarea[name=body]", COMMENT[lang])
    page.check("input[name=stance][value=against]")
    page.evaluate(
        "() => document.querySelectorAll('[name=csrf_token]').forEach(one => { one.value = 'forged'; })"
    )
    walker.press("main form button.main")
    assert COMMENT[lang] in page.inner_text("main")
    assert ONCE_MORE[lang] in page.inner_text("h1")
    assert SEND_AGAIN[lang] in page.inner_text("main")
    walker.look("forged")
    walker.go("/me/")
    assert COMMENT[lang][:30] not in page.inner_text("main")


@BOTH
def test_five_thousand_characters_come_back_to_be_shortened(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as(f"long-{lang}@demo.test")
    give_a_name(walker)
    begin_comment(walker)
    long = (COMMENT[lang] + " ") * 100
    long = long[:5000]
    # A phone's own limit on the field is no guard: the text comes from elsewhere.
    page.evaluate("() => document.querySelector('textarea[name=body]').removeAttribute('maxlength')")
    page.fill("textarea[name=body]", long)
    page.check("input[name=stance][value=for]")
    walker.press("main form button.main")
    said = error(walker)
    assert SHORTEN[lang] in said
    assert re.search(r"\d", said), "by how much"
    assert page.input_value("textarea[name=body]") == long
    assert page.is_checked("input[name=stance][value=for]")
    walker.look("too-long")


@BOTH
def test_an_answer_left_out_is_asked_for_in_the_readers_language(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as(f"empty-{lang}@demo.test")
    give_a_name(walker)
    walker.go(f"{PLAN}/ideas/new")
    page.fill("[name=problem]", COMMENT[lang])
    # Not every browser stops a form that lacks an answer.
    page.evaluate("() => { document.querySelector('main form:has([name=problem])').noValidate = true; }")
    walker.press("main form button.main")
    assert error(walker).count(ANSWER_HERE[lang]) >= 3, "title, axis and proposal"
    assert page.input_value("[name=problem]") == COMMENT[lang]
    walker.look("answers-left-out")


@BOTH
def test_pressing_twice_sends_once(walker: Walker) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as(f"twice-{lang}@demo.test")
    give_a_name(walker)
    begin_comment(walker)
    page.fill("textarea[name=body]", COMMENT[lang])
    page.check("input[name=stance][value=for]")
    # As a nervous finger on a slow line: two requests leave before the first answer.
    statuses = page.evaluate(
        """async () => {
            const form = document.querySelector('main form:has(textarea)');
            const data = () => new URLSearchParams(new FormData(form, form.querySelector('button.main')));
            const send = () => fetch(form.action || location.href, {method: 'POST', body: data()});
            return (await Promise.all([send(), send()])).map(answer => answer.status);
        }"""
    )
    assert statuses == [200, 200], "both end on a page that shows the comment"
    with page.expect_navigation():
        page.locator("main form:has(textarea) button.main").dblclick()
    walker.go("/me/")
    assert page.inner_text("main").count(COMMENT[lang][:30]) == 1
    walker.look("sent-once")


@BOTH
def test_an_address_of_nothing_helps_the_reader_on(walker: Walker) -> None:
    page = walker.page
    for address in (
        f"{PLAN}/projects/99/",
        f"{PLAN}/ideas/ZZZZ-ZZZZ/",
        "/nowhere/",
        "/beni-mellal/c/ZZZZ-ZZZZ",
    ):
        answer = page.goto(f"{walker.site.url}/{walker.lang}{address}")
        assert answer is not None
        assert answer.status == 404
        assert page.get_attribute("html", "lang") == walker.lang
        assert page.inner_text("h1") == NOTHING_HERE[walker.lang]
        assert MISTYPED[walker.lang] in page.inner_text("main")
        assert page.locator("main a").count() >= 1, "a way on"
    walker.look("nothing-there")


@BOTH
def test_a_file_that_is_no_document_is_refused_and_the_idea_stays(walker: Walker, tmp_path: Path) -> None:
    page, lang = walker.page, walker.lang
    walker.sign_in_as(f"file-{lang}@demo.test")
    give_a_name(walker)
    walker.go(f"{PLAN}/ideas/new")
    if page.locator("main form input[name=declared]").count():
        page.check("main form input[name=declared]")
    wrong = tmp_path / "plan.pdf"
    wrong.write_text("#!/bin/sh\necho not a document\n")
    page.fill("[name=title]", {"ar": "مكتبة متنقلة", "fr": "Une bibliothèque itinérante"}[lang])
    for name in ("problem", "proposal"):
        page.fill(f"[name={name}]", COMMENT[lang])
    page.set_input_files("input[type=file]", wrong)
    walker.press("main form button.main")
    assert "PDF" in error(walker), "which kinds are taken"
    assert page.input_value("[name=proposal]") == COMMENT[lang]
    walker.look("wrong-file")


@alone_at("draft_review")
def test_a_consultation_that_closes_while_somebody_writes_gives_the_text_back(alone: Walker) -> None:
    page, lang = alone.page, alone.lang
    alone.sign_in_as(f"late-{lang}@demo.test")
    give_a_name(alone)
    begin_comment(alone)
    page.fill("textarea[name=body]", COMMENT[lang])
    page.check("input[name=stance][value=for]")
    alone.move_clock_to("2023-09-03")
    alone.press("main form button.main")
    assert COMMENT[lang] in page.inner_text("main")
    assert NOT_OPEN[lang] in page.inner_text("main")
    assert page.locator("main a").count() >= 1
    alone.look("closed-meanwhile")
    alone.go("/me/")
    assert COMMENT[lang][:30] not in page.inner_text("main")
