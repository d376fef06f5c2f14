"""The answers' desk and what everybody reads, as a browser walks them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from participate.db import clock, db
from participate.journal.models import JournalEntry
from participate.responses import actions, queries
from participate.responses.models import IdeaFate, Response, Theme
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import Fate, Outcome, PublishState, ResponseState
from tests import makers
from tests.clients import form_of
from tests.rooms.responses.makers import TEXT, a_desk, a_response, a_text, a_theme, about, an_idea


@pytest.fixture
def desk(app):
    return a_desk()


@pytest.fixture
def officer(desk, client):
    return client.sign_in(desk.officer)


def text_of(response):
    return response.get_data(as_text=True)


def again(client, person):
    client.delete_cookie("participate", domain="localhost")
    return client.sign_in(person)


PAGES = ("ideas/", "responses/", "responses/themes/", "responses/projects/", "responses/to-approve/")


# --- who ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_signed_out_reader_is_asked_to_sign_in_and_a_resident_is_refused(desk, client, page):
    assert client.get(f"{desk.path}/{page}").status_code == 303
    client.sign_in(makers.a_person())
    assert client.get(f"{desk.path}/{page}").status_code == 403


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
@pytest.mark.parametrize("page", PAGES)
def test_the_desk_is_read_by_the_committee_and_the_president_in_every_language(desk, client, page, lang):
    an_idea(desk)
    a_response(desk, about(desk, a_theme(desk, a_text(desk))))
    path = desk.path.replace("/fr/", f"/{lang}/")
    for person in (desk.officer, desk.member, desk.president):
        again(client, person)
        assert client.get(f"{path}/{page}").status_code == 200


def test_another_communes_officer_finds_nothing_here(desk, client):
    theme = a_theme(desk)
    other = a_desk()
    client.sign_in(other.officer)
    assert client.get(f"{other.path}/responses/themes/{theme.id}").status_code == 404
    assert client.get(f"{desk.path}/responses/themes/{theme.id}").status_code == 403


@pytest.mark.parametrize(
    "path", ["responses/themes/1", "responses/themes/9999999999999999999999", "responses/contributions/ZZZZ-ZZZZ",
             "responses/projects/99", "ideas/ZZZZ-ZZZZ"]
)  # fmt: skip
def test_an_unknown_thing_is_not_found(officer, desk, path):
    assert officer.get(f"{desk.path}/{path}").status_code == 404


@pytest.mark.parametrize("stage", [Stage.COUNCIL, Stage.IMPLEMENTATION])
def test_after_the_transmission_the_desk_is_read_only_and_says_so(app, client, stage):
    desk = a_desk()
    idea, text = an_idea(desk), a_text(desk)
    theme = a_theme(desk, text)
    row = a_response(desk, about(desk, theme), approved=True)
    actions.publish_all(desk.review.id, clock())
    desk.made.plan.stage = stage
    db.session.commit()
    client.sign_in(desk.officer)
    for page in PAGES:
        html = text_of(client.get(f"{desk.path}/{page}"))
        assert 'method="post"' not in re.sub(r"<form[^>]*sign-out.*?</form>", "", html, flags=re.DOTALL)
    page = text_of(client.get(f"{desk.path}/responses/themes/{theme.id}"))
    assert "Save the draft" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    data = {
        "csrf_token": token.group(1) if token else "",
        "outcome": "accepted",
        "text_ar": "كلمات أخرى تماما",
    }
    for path in (f"responses/themes/{theme.id}", f"responses/{row.id}/reopen", f"ideas/{idea.ref}"):
        assert client.post(f"{desk.path}/{path}", data=data).status_code in {400, 403}
    kept = db.session.get(Response, (desk.here, row.id), populate_existing=True)
    assert (kept.text, kept.state) == (TEXT, ResponseState.PUBLISHED)


# --- ideas --------------------------------------------------------------------------------------------------


def test_an_idea_is_assessed_and_the_next_one_follows_public_at_once(officer, desk, client):
    first, second = an_idea(desk), an_idea(desk)
    answer = officer.submit(
        f"{desk.path}/ideas/{first.ref}",
        {"fate": "declined", "reason_ar": "خارج البرنامج.", "reason_fr": "Hors plan."},
    )
    assert (answer.status_code, answer.location) == (303, f"{desk.path}/ideas/{second.ref}")
    client.delete_cookie("participate", domain="localhost")
    page = text_of(client.get(f"/fr/{desk.made.collectivity.slug}/ideas/{first.ref}/"))
    assert "Hors plan." in page


def test_a_no_without_reason_keeps_what_was_typed_and_names_the_field(officer, desk):
    idea = an_idea(desk)
    answer = officer.submit(
        f"{desk.path}/ideas/{idea.ref}", {"fate": "deferred", "reason_fr": "pas cette année"}
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "pas cette année" in page
    assert 'href="#reason_ar"' in page
    assert db.session.get(IdeaFate, (desk.here, idea.id)) is None


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [({"merged_ref": "ZZZZ-ZZZZ"}, "#merged_ref"), ({}, "#project"), ({"merged_ref": "self"}, "#merged_ref")],
)
def test_a_merge_with_nothing_or_with_itself_is_refused_beside_its_field(officer, desk, fields, anchor):
    idea = an_idea(desk)
    fields = {key: idea.ref if value == "self" else value for key, value in fields.items()}
    answer = officer.submit(f"{desk.path}/ideas/{idea.ref}", {"fate": "merged", **fields})
    assert answer.status_code == 422
    assert f'href="{anchor}"' in text_of(answer)


def test_a_reference_is_read_however_it_is_typed(officer, desk):
    idea, other = an_idea(desk), an_idea(desk)
    answer = officer.submit(
        f"{desk.path}/ideas/{idea.ref}", {"fate": "merged", "merged_ref": other.ref.replace("-", " ").lower()}
    )
    assert answer.status_code == 303
    assert db.session.get(IdeaFate, (desk.here, idea.id)).merged_into == other.id


def test_several_ideas_get_one_decision_and_those_that_cannot_are_left(officer, desk):
    ideas = [an_idea(desk) for _ in range(3)]
    gone = an_idea(desk, state=PublishState.WITHDRAWN)
    answer = officer.submit(
        f"{desk.path}/ideas/",
        {"fate": "retained", "project": "2", "pick": [str(one.id) for one in (*ideas, gone)]},
    )
    assert answer.status_code == 303
    rows = db.session.query(IdeaFate).all()
    assert {row.contribution_id for row in rows} == {one.id for one in ideas}
    assert {row.project_id for row in rows} == {desk.made.projects[1].id}


def test_a_bulk_decision_without_a_tick_says_so(officer, desk):
    an_idea(desk)
    answer = officer.submit(f"{desk.path}/ideas/", {"fate": "retained"})
    assert answer.status_code == 422


def test_ideas_without_a_decision_come_first_and_filters_hold(officer, desk):
    ideas = [an_idea(desk) for _ in range(3)]
    actions.assess_idea(desk.actor(), desk.here, ideas[0].id, Fate.RETAINED)
    db.session.commit()
    refs = re.findall(r'id="q-([^"]+)"', text_of(officer.get(f"{desk.path}/ideas/")))
    assert refs == [ideas[1].ref, ideas[2].ref, ideas[0].ref]
    only = re.findall(r'id="q-([^"]+)"', text_of(officer.get(f"{desk.path}/ideas/?fate=none")))
    assert only == [ideas[1].ref, ideas[2].ref]
    axis = desk.made.axes[0].slug
    some = re.findall(r'id="q-([^"]+)"', text_of(officer.get(f"{desk.path}/ideas/?axis={axis}")))
    assert 0 < len(some) < 3


def test_every_idea_is_found_by_asking_for_more(officer, desk):
    ideas = [an_idea(desk) for _ in range(queries.PAGE_ROWS + 3)]
    actions.assess_idea(desk.actor(), desk.here, ideas[1].id, Fate.RETAINED)
    db.session.commit()
    path, found = f"{desk.path}/ideas/", []
    while path:
        page = text_of(officer.get(path))
        found += re.findall(r'id="q-([^"]+)"', page)
        more = re.search(r'class="more"><a class="btn" href="([^"]+)"', page)
        path = more.group(1).replace("&amp;", "&") if more else None
    assert found == [*(one.ref for one in ideas if one is not ideas[1]), ideas[1].ref]


def test_the_same_decision_sent_twice_is_recorded_once(officer, desk):
    idea = an_idea(desk)
    path = f"{desk.path}/ideas/{idea.ref}"
    hidden, _action = form_of(text_of(officer.get(path)))
    fields = {**hidden, "fate": "retained"}
    first, second = officer.post(path, data=fields), officer.post(path, data=fields)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert db.session.query(JournalEntry).filter_by(type="idea:assessed").count() == 1


# --- grouping -----------------------------------------------------------------------------------------------------


def test_ticked_texts_go_into_the_theme_whose_button_was_pressed(officer, desk):
    texts = [a_text(desk) for _ in range(3)]
    theme = a_theme(desk)
    answer = officer.submit(
        f"{desk.path}/responses/", {"theme": str(theme.id), "pick": [str(one.id) for one in texts[:2]]}
    )
    assert answer.status_code == 303
    assert {one.id for one, _main in queries.members(desk.here, theme.id)} == {one.id for one in texts[:2]}
    left = re.findall(r'id="q-([^"]+)"', text_of(officer.get(f"{desk.path}/responses/")))
    assert left == [texts[2].ref]


def test_ticked_texts_go_into_the_theme_that_was_chosen_from_the_list(officer, desk):
    text, theme = a_text(desk), a_theme(desk)
    fields = {"theme": "chosen", "into": str(theme.id), "pick": str(text.id)}
    assert officer.submit(f"{desk.path}/responses/", fields).status_code == 303
    assert len(queries.members(desk.here, theme.id)) == 1


def test_a_theme_is_begun_with_what_was_ticked(officer, desk):
    text = a_text(desk)
    asked = officer.submit(f"{desk.path}/responses/", {"theme": "new", "pick": str(text.id)})
    assert asked.status_code == 303
    assert f"pick={text.id}" in asked.location
    made = officer.submit(asked.location, {"title_ar": "الإنارة", "title_fr": "L'éclairage", "project": "1"})
    assert made.status_code == 303
    theme = db.session.query(Theme).one()
    assert (theme.title, theme.project_id) == (
        {"ar": "الإنارة", "fr": "L'éclairage"},
        desk.made.projects[0].id,
    )
    assert [one.id for one, _main in queries.members(desk.here, theme.id)] == [text.id]


@pytest.mark.parametrize("fields", [{}, {"theme": "1"}, {"theme": "chosen"}, {"pick": "x", "theme": "new x"}])
def test_grouping_without_a_tick_or_a_theme_says_what_is_missing(officer, desk, fields):
    a_text(desk)
    answer = officer.submit(f"{desk.path}/responses/", fields)
    assert answer.status_code == 422


def test_keys_of_the_desk_stand_on_its_rows_and_themes(officer, desk):
    a_text(desk)
    themes = [a_theme(desk) for _ in range(10)]
    page = text_of(officer.get(f"{desk.path}/responses/"))
    assert "data-queue" in page
    assert page.count("data-row") == 1
    for place, theme in enumerate(themes[:9], 1):
        assert re.search(rf'<button[^>]*value="{theme.id}" data-key="{place}" data-picks', page)
    assert re.search(rf'<button[^>]*value="{themes[9].id}" data-picks', page)
    assert 'data-key="n"' in page


def test_the_list_can_be_one_project_the_plan_or_ideas(officer, desk):
    about_project, about_plan, idea = a_text(desk, project=2), a_text(desk, project=0), an_idea(desk)
    for part, row in (("2", about_project), ("plan", about_plan), ("ideas", idea)):
        page = text_of(officer.get(f"{desk.path}/responses/?project={part}"))
        assert re.findall(r'id="q-([^"]+)"', page) == [row.ref]


def test_texts_move_to_another_theme_or_out_of_all(officer, desk):
    texts = [a_text(desk) for _ in range(2)]
    first, second = a_theme(desk, *texts), a_theme(desk)
    gone = first.id
    path = f"{desk.path}/responses/themes/{gone}"
    fields = {"pick": str(texts[0].id), "do": "move", "into": str(second.id)}
    assert officer.submit(path, fields, action="/members").status_code == 303
    assert officer.submit(path, {"pick": str(texts[1].id), "do": "out"}, action="/members").status_code == 303
    assert queries.members(desk.here, first.id) == ()
    assert [one.id for one, main in queries.members(desk.here, second.id) if main] == [texts[0].id]
    assert officer.submit(path, action="/remove").status_code == 303
    assert queries.theme(desk.here, desk.made.plan.id, gone) is None


# --- writing and approving -------------------------------------------------------------------------------------------


def targets(desk):
    text = a_text(desk)
    theme = a_theme(desk, a_text(desk))
    return [f"responses/themes/{theme.id}", f"responses/contributions/{text.ref}", "responses/projects/1"]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_an_answer_is_written_read_by_a_colleague_approved_and_reopened(officer, desk, client, which):
    path = f"{desk.path}/{targets(desk)[which]}"
    fields = {"outcome": "declined", "text_ar": "جواب كاف الطول", "reason_ar": "السبب", "changed": "y"}
    assert officer.submit(path, fields).status_code == 303
    row = db.session.query(Response).one()
    assert row.changed
    page = text_of(officer.get(path))
    assert "Approve this answer" not in page
    assert client.post(f"{desk.path}/responses/{row.id}/approve", data=token(page)).status_code == 403
    again(client, desk.member)
    assert "#answer" in text_of(client.get(f"{desk.path}/responses/to-approve/"))
    assert client.submit(path, action="/approve").status_code == 303
    db.session.refresh(row)
    assert (row.state, row.approved_by) == (ResponseState.APPROVED, desk.member.id)
    assert client.submit(path, action="/reopen").status_code == 303
    db.session.refresh(row)
    assert row.state is ResponseState.DRAFT


def token(page):
    return {
        "csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1),
        "row_version": "1",
    }


def test_the_president_approves_without_writing(officer, desk, client):
    theme = a_theme(desk, a_text(desk))
    a_response(desk, about(desk, theme))
    again(client, desk.president)
    path = f"{desk.path}/responses/themes/{theme.id}"
    page = text_of(client.get(path))
    assert "Save the draft" not in page
    assert client.submit(path, action="/approve").status_code == 303


def test_words_changed_meanwhile_are_not_approved_unread(officer, desk, client):
    theme = a_theme(desk, a_text(desk))
    row = a_response(desk, about(desk, theme))
    again(client, desk.member)
    page = text_of(client.get(f"{desk.path}/responses/themes/{theme.id}"))
    read = token(page) | {"row_version": str(row.row_version)}
    a_response(desk, about(desk, theme), Outcome.DEFERRED)
    assert client.post(f"{desk.path}/responses/{row.id}/approve", data=read).status_code == 409


def test_a_colleagues_answer_written_meanwhile_is_kept_and_mine_is_shown_again(officer, desk):
    theme = a_theme(desk, a_text(desk))
    path = f"{desk.path}/responses/themes/{theme.id}"
    hidden, _action = form_of(text_of(officer.get(path)))
    a_response(desk, about(desk, theme))
    answer = officer.post(path, data={**hidden, "outcome": "accepted", "text_ar": "كلماتي التي كتبتها"})
    assert answer.status_code == 409
    assert "كلماتي التي كتبتها" in text_of(answer)


@pytest.mark.parametrize(
    ("fields", "anchor"),
    [
        ({"text_ar": "جواب كاف الطول"}, "#outcome"),
        ({"outcome": "accepted", "text_fr": "en français seulement"}, "#text_ar"),
        ({"outcome": "declined", "text_ar": "جواب كاف الطول"}, "#reason_ar"),
        ({"outcome": "accepted", "text_ar": "ج" * 4001}, "#text_ar"),
    ],
)
def test_an_incomplete_answer_says_what_is_missing_and_keeps_the_words(officer, desk, fields, anchor):
    theme = a_theme(desk, a_text(desk))
    answer = officer.submit(f"{desk.path}/responses/themes/{theme.id}", fields)
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="{anchor}"' in page
    assert all(value in page for key, value in fields.items() if key.startswith("text"))


# --- for everybody ---------------------------------------------------------------------------------------------------


def test_nobody_reads_an_answer_before_all_are_published(desk, client):
    text = a_text(desk)
    a_response(desk, about(desk, a_theme(desk, text)), approved=True)
    path = f"/fr{desk.made.path}/responses/"
    page = text_of(client.get(path))
    assert TEXT["fr"] not in page
    assert TEXT["fr"] not in text_of(client.get(f"/fr/{desk.made.collectivity.slug}/c/{text.ref}"))
    actions.publish_all(desk.review.id, clock())
    db.session.commit()
    assert TEXT["fr"] in text_of(client.get(path))
    assert TEXT["fr"] in text_of(client.get(f"/fr/{desk.made.collectivity.slug}/c/{text.ref}"))


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_the_public_page_has_words_before_and_after_in_every_language(desk, client, lang):
    path = f"/{lang}{desk.made.path}/responses/"
    assert client.get(path).status_code == 200
    a_response(desk, about(desk, an_idea(desk)), Outcome.DECLINED, approved=True)
    a_response(desk, about(desk, a_theme(desk, a_text(desk))), approved=True, changed=True)
    actions.publish_all(desk.review.id, clock())
    db.session.commit()
    assert client.get(path).status_code == 200
    assert "set-cookie" not in client.get(path).headers


def test_what_many_supported_and_was_not_accepted_comes_first(desk, client):
    made = [
        (Outcome.ACCEPTED, 90),
        (Outcome.DECLINED, 3),
        (Outcome.DEFERRED, 40),
        (Outcome.PARTLY_ACCEPTED, 2),
    ]
    for outcome, agree in made:
        a_response(desk, about(desk, a_text(desk, agree=agree)), outcome, approved=True)
    actions.publish_all(desk.review.id, clock())
    db.session.commit()
    found = queries.published_points(desk.here, desk.made.plan.id)
    assert [one.agree for one in found] == [40, 3, 90, 2]
    only = text_of(client.get(f"/fr{desk.made.path}/responses/?outcome=deferred"))
    assert only.count('class="sect point"') == 1


def test_all_points_are_reached_by_asking_for_more(desk, client):
    for _ in range(queries.PAGE_ROWS + 2):
        a_response(desk, about(desk, a_text(desk)), approved=True)
    actions.publish_all(desk.review.id, clock())
    db.session.commit()
    path = f"/fr{desk.made.path}/responses/"
    first = text_of(client.get(path))
    more = re.search(r'class="more"><a class="btn" href="([^"]+)"', first).group(1)
    second = text_of(client.get(more))
    assert first.count("sect point") + second.count("sect point") == queries.PAGE_ROWS + 2
    block = text_of(client.get(more, headers={"HX-Request": "true"}))
    assert "<html" not in block
    assert block.count("sect point") == 2


# --- bad input ------------------------------------------------------------------------------------------------------------

ANYTHING = st.text(max_size=60) | st.sampled_from(
    ["\x00", "9" * 30, "-1", "1e9", "٣", "new", "chosen", "\ud800"[:0]]
)
FIELDS = ("fate", "project", "merged_ref", "reason_ar", "reason_fr", "row_version", "view", "pick", "theme", "into",
          "title_ar", "title_fr", "round", "part", "outcome", "text_ar", "text_fr", "changed", "do", "axis", "key")  # fmt: skip


def test_no_form_answers_500_whatever_is_sent(officer, desk):
    idea, text = an_idea(desk), a_text(desk)
    theme = a_theme(desk, text)
    row = a_response(desk, about(desk, theme))
    paths = [
        "ideas/", f"ideas/{idea.ref}", "responses/", "responses/themes/new", f"responses/themes/{theme.id}",
        f"responses/themes/{theme.id}/edit", f"responses/themes/{theme.id}/members",
        f"responses/themes/{theme.id}/remove", f"responses/contributions/{text.ref}", "responses/projects/1",
        f"responses/{row.id}/approve", f"responses/{row.id}/reopen",
    ]  # fmt: skip
    page = text_of(officer.get(f"{desk.path}/responses/"))
    csrf = token(page)["csrf_token"]
    officer.inspects = False  # what is typed comes back as typed, control characters too

    @hypothesis_settings(max_examples=60)
    @given(st.sampled_from(paths), st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
    def throw(path, fields):
        answer = officer.post(f"{desk.path}/{path}", data={**fields, "csrf_token": csrf})
        assert answer.status_code < 500

    throw()


@pytest.mark.parametrize(
    "query", ["after=%00", "after=" + "A" * 200, "project=-1", "project=99999999999999999999", "round=x", "axis=x&fate=x",
              "outcome=x", "state=x", "after=9999999999999", "after=MC4xLjE"]
)  # fmt: skip
def test_no_address_answers_500_whatever_its_query(officer, desk, query):
    a_text(desk)
    an_idea(desk)
    for page in PAGES:
        assert officer.get(f"{desk.path}/{page}?{query}").status_code == 200
    assert officer.get(f"/fr{desk.made.path}/responses/?{query}").status_code == 200
