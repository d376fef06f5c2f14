"""The pages: what is typed is kept, what is sent is told, what is not public is not shown."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from participate.contributions.models import Comment, Contribution, Idea
from participate.db import db, new_id, set_clock
from participate.files.models import StoredFile
from participate.people.models import AdvisoryBody
from participate.rules.outcomes import READABLE_STATES, CommentKind, PublishState, Section, Stance
from participate.rules.policy import Role
from tests import clients, makers
from tests.conftest import both_engines
from tests.rooms.contributions.makers import BODY, a_comment, an_idea, put, trusted
from tests.rooms.files.makers import JPEG_WITH_PLACE, PDF

SECRET = "SECRET-7319"


@pytest.fixture
def made(app):
    return makers.a_plan()


@pytest.fixture
def writer(app, client, made):
    """A browser in which somebody seen at the desk, who declared already, is signed in."""
    person = trusted("Souad B.")
    makers.a_participant(made.review, person)
    db.session.commit()
    client.person = person
    return client.sign_in(person)


def form_of_project(made, **query):
    path = f"/fr{made.path}/projects/1/comments/new"
    return path + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def texts():
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Contribution).order_by(Contribution.submitted_at)))


def page_of(client, path):
    response = client.get(path)
    return response.status_code, unescape(response.get_data(as_text=True))


def test_a_comment_on_a_section_is_published_and_its_author_lands_on_it(made, writer):
    answer = writer.submit(
        form_of_project(made, section="solution"), {"body": BODY, "stance": "for", "kind": "opinion"}
    )
    row = texts()[0]
    words = db.session.get(Comment, (row.collectivity_id, row.id))
    assert answer.status_code == 303
    assert answer.location.endswith(f"/projects/1/#c-{row.ref}")
    assert (words.section, words.stance, row.lang) == (Section.SOLUTION, Stance.FOR, "fr")
    assert row.receipt_code in page_of(writer, answer.location)[1]


def test_a_first_text_waits_and_its_own_page_says_until_when(made, client):
    person = makers.a_person("Youssef")
    makers.a_participant(made.review, person)
    db.session.commit()
    client.sign_in(person)
    answer = client.submit(form_of_project(made), {"body": BODY})
    row = texts()[0]
    assert row.state is PublishState.WAITING
    assert answer.location == f"/fr/{made.collectivity.slug}/c/{row.ref}"
    status, html = page_of(client, answer.location)
    assert status == 200
    assert "jeudi 24 août 2023" in html
    assert BODY in html
    assert row.receipt_code in html


def test_a_first_comment_sent_twice_is_one_comment(made, client):
    client.sign_in(makers.a_person(display_name="Nora"))
    hidden, target = clients.form_of(client.get(form_of_project(made)).get_data(as_text=True))
    assert "declared" in client.get(form_of_project(made)).get_data(as_text=True), "asked the first time only"
    filled = {**hidden, "body": "Une première phrase.", "stance": "for", "declared": "y"}
    first, second = (client.post(target or form_of_project(made), data=filled) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert first.status_code == 303
    assert len(texts()) == 1


def test_a_text_of_5000_characters_is_told_by_how_much_it_is_too_long_and_kept(made, writer):
    answer = writer.submit(form_of_project(made), {"body": "ب" * 5000})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "1000" in html.replace("\u202f", "").replace("\xa0", "").replace(",", "")
    assert "ب" * 5000 in html
    assert texts() == []


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script> est un texte comme un autre",
        "\"'><svg/onload=alert(1)>{{7*7}} ${7*7} <%= 7*7 %>",
        '=HYPERLINK("x") au début du texte',
        "\u202eTexte à l'envers\u202c et \u2066caché\u2069 dedans",
        "مرحبا \u200f123\u200e <b>غليظ</b>",
        "javascript:alert(1) ]]> --> <!-- commentaire",
    ],
)
def test_hostile_words_are_shown_as_words_on_every_page(made, writer, hostile):
    writer.submit(form_of_project(made), {"body": hostile})
    row = texts()[0]
    row = put(made, row, PublishState.PUBLISHED)
    words = db.session.get(Comment, (row.collectivity_id, row.id))
    assert not set(words.body) & set("\u202e\u202c\u2066\u2069")
    for path in (
        f"/ar/{made.collectivity.slug}/c/{row.ref}",
        f"/ar/{made.collectivity.slug}/c/{row.ref}/reply",
    ):
        html = writer.get(path).get_data(as_text=True)
        assert "<script>alert" not in html
        assert "<svg/onload" not in html
        assert ">49<" not in html


def test_an_amendment_shows_what_it_removes_and_adds(made, writer):
    page = writer.get(form_of_project(made, section="solution", kind="amendment")).get_data(as_text=True)
    assert "solution of project 1 (f)</textarea>" in page
    answer = writer.submit(
        form_of_project(made, section="solution", kind="amendment"),
        {"amend_to": "solution partagée of project 1 (f)", "body": "Pour la partager.", "stance": "for"},
    )
    assert answer.status_code == 303
    words = db.session.scalar(sa.select(Comment))
    assert words.kind is CommentKind.AMENDMENT
    assert words.amend_from == "solution of project 1 (f)"
    row = texts()[0]
    html = page_of(writer, f"/fr/{made.collectivity.slug}/c/{row.ref}")[1]
    assert re.search(r"<ins>.*partagée", html, re.DOTALL)


def test_an_amendment_that_changes_nothing_keeps_the_reason_typed(made, writer):
    answer = writer.submit(
        form_of_project(made, section="problem", kind="amendment"), {"body": "Une bonne raison, pourtant."}
    )
    assert answer.status_code == 422
    assert "Une bonne raison, pourtant." in answer.get_data(as_text=True)


def test_nobody_can_put_words_in_the_mouth_of_the_plan(made, writer):
    writer.submit(
        form_of_project(made, section="problem", kind="amendment"),
        {"amend_to": "autre chose", "amend_from": "des mots jamais écrits", "body": "Parce que."},
    )
    assert db.session.scalar(sa.select(Comment.amend_from)) == "problem of project 1 (f)"


def test_a_reply_hangs_under_its_comment(made, writer):
    row = a_comment(made)
    answer = writer.submit(
        f"/fr/{made.collectivity.slug}/c/{row.ref}/reply", {"body": "Tout à fait d'accord."}
    )
    assert answer.status_code == 303
    reply = texts()[-1]
    assert answer.location.endswith(f"#c-{reply.ref}")
    html = page_of(writer, f"/fr/{made.collectivity.slug}/c/{row.ref}")[1]
    assert "Tout à fait d'accord." in html


def test_a_comment_on_the_plan_stands_on_the_page_of_the_plan(made, writer):
    answer = writer.submit(f"/fr{made.path}/comments/new", {"body": BODY})
    assert "/comments/#c-" in answer.location
    assert BODY in page_of(writer, f"/fr{made.path}/comments/")[1]


def test_an_idea_with_a_photograph_is_published_and_the_file_comes_as_an_attachment(made, writer):
    answer = writer.submit(
        f"/fr{made.path}/ideas/new",
        {
            "title": "Un marché couvert à la Massira",
            "problem": "Les vendeurs travaillent au soleil et sur la chaussée.",
            "proposal": "Couvrir la place et y amener l'eau et la lumière.",
            "axis_id": str(made.axes[0].id),
            "place": "Massira",
            "file": (io.BytesIO(JPEG_WITH_PLACE), "ma photo.jpeg"),
        },
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    row = texts()[0]
    assert answer.location == f"/fr/{made.collectivity.slug}/ideas/{row.ref}/"
    html = page_of(writer, answer.location)[1]
    assert "ma photo.jpg" in html
    sent = writer.get(f"{answer.location}file")
    assert sent.mimetype == "image/jpeg"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert sent.headers["Content-Disposition"].startswith("attachment;")
    assert b"GPS" not in sent.data


IDEA = {
    "title": "Un marché couvert à la Massira",
    "problem": "Les vendeurs travaillent au soleil et sur la chaussée.",
    "proposal": "Couvrir la place et y amener l'eau et la lumière.",
}


@pytest.mark.parametrize(
    ("body", "name"),
    [(b"MZ\x90\x00 a program", "photo.jpg"), (b"", "empty.pdf"), (PDF + b" " * 5 * 1024 * 1024, "large.pdf")],
)
def test_a_wrong_file_is_refused_kindly_and_the_words_stay(made, writer, body, name):
    path = f"/fr{made.path}/ideas/new"
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    fields = {**hidden, **IDEA, "axis_id": str(made.axes[0].id), "file": FileStorage(io.BytesIO(body), name)}
    # Encoded here: the client would leave its own temporary file open.
    boundary, encoded = encode_multipart(fields)
    answer = writer.post(path, data=encoded, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 422
    html = unescape(answer.get_data(as_text=True))
    assert IDEA["proposal"] in html
    assert "PDF" in html
    assert texts() == []


def test_a_good_file_is_not_asked_for_again_when_another_field_needs_mending(made, writer):
    path = f"/fr{made.path}/ideas/new"
    first = writer.submit(
        path,
        {**IDEA, "proposal": "", "axis_id": str(made.axes[0].id), "file": (io.BytesIO(PDF), "plan.pdf")},
        content_type="multipart/form-data",
    )
    assert first.status_code == 422
    fields, _action = clients.form_of(first.get_data(as_text=True))
    assert writer.post(path, data={**fields, "proposal": IDEA["proposal"]}).status_code == 303
    idea = db.session.scalar(sa.select(Idea))
    assert idea.file_id == db.session.scalar(sa.select(StoredFile.id))


def test_similar_ideas_are_shown_once_before_sending_and_never_stop_anybody(made, writer):
    other = an_idea(made, title="Marché couvert dans le quartier Massira")
    path = f"/fr{made.path}/ideas/new"
    first = writer.submit(path, {**IDEA, "axis_id": str(made.axes[0].id)})
    assert first.status_code == 200
    html = first.get_data(as_text=True)
    assert other.ref in html
    assert IDEA["proposal"] in unescape(html)
    fields, _action = clients.form_of(html)
    assert writer.post(path, data=fields).status_code == 303
    assert len(texts()) == 2


def test_similar_ideas_answer_while_typing(made, client):
    other = an_idea(made, title="Marché couvert dans le quartier Massira")
    answer = client.get(f"/fr{made.path}/ideas/similar?title=marche+couvert", headers={"HX-Request": "true"})
    assert other.ref in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


@both_engines
def test_a_double_click_makes_one_text_and_one_answer(made, writer, app):
    path = form_of_project(made)
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    data = {**hidden, "body": BODY}
    cookie = writer.get_cookie("participate").value

    def send(_number):
        with app.app_context():
            browser = app.test_client()
            browser.inspects = False
            browser.set_cookie("participate", cookie, domain="localhost")
            try:
                answer = browser.post(path, data=data)
                return answer.status_code, answer.location
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(send, range(8)))
    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 303
    assert len(texts()) == 1


def test_the_same_form_with_other_words_is_another_text(made, writer):
    path = form_of_project(made)
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    for words in (BODY, "Une tout autre remarque, sur les trottoirs cette fois."):
        assert writer.post(path, data={**hidden, "body": words}).status_code == 303
    assert len(texts()) == 2


def test_a_closed_window_keeps_what_was_typed(made, writer):
    path = form_of_project(made)
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    set_clock(made.review.closes_at)
    db.session.commit()
    answer = writer.post(path, data={**hidden, "body": BODY})
    assert answer.status_code == 403
    assert BODY in unescape(answer.get_data(as_text=True))
    assert texts() == []
    status, html = page_of(writer, path)
    assert status == 200
    assert "<textarea" not in html


def test_a_session_that_ends_in_the_middle_of_a_comment_gives_the_words_back(made, writer):
    path = form_of_project(made, section="budget")
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    writer.delete_cookie("participate", domain="localhost")
    again = writer.post(path.split("?")[0], data={**hidden, "body": BODY, "stance": "against"})
    assert again.status_code == 400
    assert BODY in unescape(again.get_data(as_text=True))
    fields, action = clients.form_of(again.get_data(as_text=True))
    to_sign_in = writer.post(action, data=fields)
    assert to_sign_in.status_code == 303
    assert "sign-in" in to_sign_in.location
    html = page_of(writer, path.split("?")[0])[1]
    assert BODY in html
    assert 'name="section" value="budget"' in html
    assert texts() == []


def test_somebody_without_a_name_is_asked_for_one_once_and_keeps_the_words(made, client):
    person = makers.a_person(level=3, display_name=None, name_skeleton=None)
    makers.a_participant(made.review, person)
    db.session.commit()
    client.sign_in(person)
    path = form_of_project(made)
    answer = client.submit(path, {"body": BODY})
    assert answer.status_code == 303
    assert "/fr/me/name" in answer.location
    assert path in unquote(answer.location)
    assert texts() == []
    assert BODY in page_of(client, path)[1]


def test_the_declaration_is_asked_once(made, client):
    person = trusted()
    db.session.commit()
    client.sign_in(person)
    path = form_of_project(made)
    assert client.submit(path, {"body": BODY}).status_code == 422
    assert client.submit(path, {"body": BODY, "declared": "y"}).status_code == 303
    assert 'name="declared"' not in client.get(path).get_data(as_text=True)


def test_a_delegate_chooses_in_whose_name_to_speak(made, writer):
    association = makers.an_association(made.collectivity, writer.person)
    db.session.commit()
    path = form_of_project(made)
    writer.submit(path, {"body": BODY, "voice": str(association.id)})
    row = texts()[0]
    assert association.name["fr"] in page_of(writer, f"/fr/{made.collectivity.slug}/c/{row.ref}")[1]
    assert writer.submit(path, {"body": BODY, "voice": str(new_id())}).status_code == 422


def may_read(viewer, state):
    if viewer == "author" or state in READABLE_STATES:
        return True
    return viewer == "moderator" and state is not PublishState.WITHDRAWN


@pytest.mark.parametrize("state", list(PublishState))
def test_every_page_agrees_with_the_oracle(made, app, state):
    author = trusted("Author A.")
    people = {
        "anonymous": None,
        "author": author,
        "citizen": trusted(),
        "moderator": makers.staff(made.collectivity, Role.MODERATOR),
    }
    comment = a_comment(made, author, body=f"{BODY} {SECRET}")
    idea = an_idea(
        made, author, title=f"Un titre {SECRET}", problem=f"{SECRET} problème", proposal=f"{SECRET} oui"
    )
    a_comment(made, parent_id=comment.id, body="Une réponse qui reste.")
    put(made, comment, state)
    put(made, idea, state)
    slug = made.collectivity.slug
    where = {
        "permalink": f"/fr/{slug}/c/{comment.ref}",
        "idea": f"/fr/{slug}/ideas/{idea.ref}/",
        "list": f"/fr{made.path}/ideas/",
        "file": f"/fr/{slug}/ideas/{idea.ref}/file",
        "reply": f"/fr/{slug}/c/{comment.ref}/reply",
        "project": f"/fr{made.path}/projects/1/",
    }
    for viewer, person in people.items():
        browser = app.test_client()
        if person is not None:
            browser.sign_in(person)
        allowed = may_read(viewer, state)
        for name, path in where.items():
            answer = browser.get(path)
            found = SECRET in answer.get_data(as_text=True)
            assert answer.status_code < 500
            assert found <= (allowed and state is not PublishState.REDACTED), (viewer, state, name)
            if name in {"permalink", "idea"} and allowed and state is not PublishState.REDACTED:
                merged_away = state is PublishState.MERGED and viewer != "author"
                assert found or merged_away or (name == "idea" and state is PublishState.MERGED), (
                    viewer,
                    state,
                    name,
                )


def test_a_waiting_text_is_unknown_to_others(made, client):
    row = put(made, a_comment(made), PublishState.WAITING)
    assert client.get(f"/fr/{made.collectivity.slug}/c/{row.ref}").status_code == 404
    assert client.get(f"/fr/{made.collectivity.slug}/c/{row.ref}/reply").status_code == 404


def test_editing_ends_with_the_first_answer_and_the_page_says_why(made, writer):
    row = a_comment(made, writer.person)
    path = f"/fr/{made.collectivity.slug}/c/{row.ref}/edit"
    answer = writer.submit(path, {"body": "Une version corrigée de mon commentaire."})
    assert answer.status_code == 303
    assert "Une version corrigée" in page_of(writer, f"/fr/{made.collectivity.slug}/c/{row.ref}")[1]
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    a_comment(made, parent_id=row.id, body="J'ai déjà répondu.")
    refused = writer.post(path, data={**hidden, "body": "Trop tard pour changer ces mots."})
    assert refused.status_code == 403
    assert "Trop tard pour changer ces mots." in unescape(refused.get_data(as_text=True))


def test_an_edit_of_an_older_reading_is_a_conflict_that_keeps_the_words(made, writer):
    row = a_comment(made, writer.person)
    path = f"/fr/{made.collectivity.slug}/c/{row.ref}/edit"
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    writer.submit(path, {"body": "Dans un autre onglet, j'ai changé ceci."})
    answer = writer.post(path, data={**hidden, "body": "Et ici j'ai changé autre chose."})
    assert answer.status_code == 409
    assert "Et ici j'ai changé autre chose." in unescape(answer.get_data(as_text=True))


def test_withdrawing_twice_answers_twice_the_same(made, writer):
    row = a_comment(made, writer.person)
    path = f"/fr/{made.collectivity.slug}/c/{row.ref}/withdraw"
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))
    first, second = (writer.post(path, data=hidden) for _ in range(2))
    assert (
        (first.status_code, first.location)
        == (second.status_code, second.location)
        == (303, path[: -len("/withdraw")])
    )
    assert texts()[0].state is PublishState.WITHDRAWN


def test_a_returned_text_is_rewritten_and_sent_again_even_after_the_close(made, writer):
    row = a_comment(made, writer.person)
    set_clock(made.review.closes_at - timedelta(days=1))
    row = put(made, row, PublishState.RETURNED)
    home = f"/fr/{made.collectivity.slug}/c/{row.ref}"
    assert f"{home}/edit" in page_of(writer, home)[1]
    set_clock(made.review.closes_at + timedelta(days=1))
    db.session.commit()
    assert writer.submit(f"{home}/edit", {"body": "Réécrit sans nommer personne."}).location == home
    assert texts()[0].state is PublishState.WAITING


def test_an_idea_is_cosigned_from_its_page(made, writer):
    idea = an_idea(made)
    home = f"/fr/{made.collectivity.slug}/ideas/{idea.ref}/"
    assert f"{home}co-sign" in page_of(writer, home)[1]
    assert writer.submit(f"{home}co-sign").location == home
    assert f"{home}co-sign" not in page_of(writer, home)[1]
    assert db.session.scalar(sa.select(Idea.cosigner_count)) == 1


def test_an_advisory_body_files_its_opinion_at_the_desk(made, client):
    body = AdvisoryBody(
        collectivity_id=made.collectivity.id, id=new_id(), slug="equality", name=makers.words("équité")
    )
    db.session.add(body)
    db.session.commit()
    client.sign_in(makers.staff(made.collectivity, Role.ADVISORY_MEMBER))
    path = f"/fr/desk/{made.collectivity.slug}/plans/{made.plan.cycle}/opinion"
    opinion = "La commission recommande des données par sexe dans chaque projet."
    assert client.submit(path, {"text": opinion, "body_id": str(body.id)}).status_code == 303
    assert opinion in page_of(client, path)[1]


def test_reading_makes_no_session(made, client):
    row = a_comment(made)
    idea = an_idea(made)
    slug = made.collectivity.slug
    for path in (
        f"/fr/{slug}/c/{row.ref}",
        f"/fr/{slug}/ideas/{idea.ref}/",
        f"/fr{made.path}/ideas/",
        f"/fr{made.path}/comments/",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers, path


@pytest.mark.parametrize(
    "path",
    [
        "/projects/99/comments/new",
        "/projects/99999999999/comments/new",
        "/ideas/new?axis=x",
        "/ideas/?axis=nothing&fate=x&after=%00",
    ],
)
def test_odd_addresses_have_a_page(made, client, path):
    assert client.get(f"/fr{made.path}{path}").status_code in {200, 404}


FORMS = {
    "project": (
        "{path}/projects/1/comments/new",
        ("body", "section", "kind", "stance", "lang", "voice", "declared", "amend_to"),
    ),
    "plan": ("{path}/comments/new", ("body", "kind", "stance", "lang")),
    "idea": (
        "{path}/ideas/new",
        ("title", "problem", "proposal", "axis_id", "place", "lang", "kept_file", "seen"),
    ),
    "reply": ("/{slug}/c/{ref}/reply", ("body", "lang", "voice")),
    "edit": ("/{slug}/c/{ref}/edit", ("body", "stance", "lang", "version", "amend_to")),
    "co-sign": ("/{slug}/ideas/{idea}/co-sign", ("voice",)),
}
ODD = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="\u202e\u0000\ud800\u200b\ufeff\r\n\t <>\"'&%{}", max_size=30).map(
        lambda text: text.encode("utf-8", "ignore").decode()
    ),
    st.sampled_from(
        [
            "amendment",
            "question",
            "opinion",
            "for",
            "solution",
            "budget",
            "milestones",
            "-1",
            "9" * 40,
            "1e9",
            "é" * 4001,
            "x" * 5000,
            "me",
            "ar",
            "zz",
        ]
    ),
)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_no_form_answers_with_an_error_of_ours(made, writer, name):
    row = a_comment(made, writer.person)
    idea = an_idea(made)
    address, fields = FORMS[name]
    path = "/fr" + address.format(path=made.path, slug=made.collectivity.slug, ref=row.ref, idea=idea.ref)
    hidden, _action = clients.form_of(writer.get(path).get_data(as_text=True))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(fields, ODD)))
    def try_it(typed):
        answer = writer.post(path, data={**hidden, **typed})
        assert answer.status_code < 500

    try_it()
