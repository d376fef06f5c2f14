from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from participate.contributions.models import Contribution
from participate.db import clock, db, set_clock, writing
from participate.moderation import actions, queries
from participate.moderation.models import Appeal
from participate.rules.moderation import AppealOutcome, Decision, ReasonCode
from participate.rules.outcomes import PublishState
from participate.rules.policy import Role
from tests import makers
from tests.clients import form_of
from tests.rooms.moderation.makers import HOSTILE, a_comment, a_desk, actor, an_idea, place_of

PEOPLE = [None, "citizen", *Role]


@pytest.fixture
def desk(app):
    with writing():
        made = a_desk(signals=["personal_data"])
        db.session.commit()
    return made


def browser(app, person=None):
    made = app.test_client()
    return made.sign_in(person) if person is not None else made


def token_of(html):
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    return found[1] if found else ""


def state(text):
    return db.session.get(Contribution, (text.collectivity_id, text.id), populate_existing=True).state


def hidden(desk, text=None, seconds=60):
    """A decision that its author has been told about."""
    text = text or desk.text
    with writing():
        made = actions.decide(
            actor(desk.first),
            place_of(desk, text),
            text.id,
            Decision.HIDE,
            ReasonCode.INSULT_DEFAMATION,
            "une insulte",
        )
        set_clock(clock() + timedelta(seconds=seconds))
        db.session.commit()
    return made


# --- who may ---


@pytest.mark.parametrize("who", PEOPLE)
def test_only_moderators_read_the_desk(app, desk, who):
    person = None
    if who is not None:
        with writing():
            person = makers.a_person() if who == "citizen" else makers.staff(desk.plan.collectivity, who)
            db.session.commit()
    answers = {
        path: browser(app, person).get(path).status_code
        for path in (
            desk.path,
            desk.case(),
            f"{desk.path}mine/",
            f"{desk.path}appeals/",
            f"{desk.case()}/suspend",
        )
    }
    wanted = 303 if who is None else 200 if who is Role.MODERATOR else 403
    assert set(answers.values()) == {wanted}, answers


def test_a_moderator_elsewhere_reads_nothing_here(app, desk):
    with writing():
        stranger = makers.staff(makers.a_collectivity(), Role.MODERATOR)
        db.session.commit()
    assert browser(app, stranger).get(desk.path).status_code == 403


def test_an_unknown_text_is_404(app, desk):
    assert browser(app, desk.first).get(f"{desk.path}0000-0000").status_code == 404


# --- the queue ---


@pytest.mark.parametrize("view", ["waiting", "flagged", "late", "nonsense"])
@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_the_queue_in_every_language_and_list(app, desk, view, lang):
    page = browser(app, desk.first).get(f"/{lang}/desk/{desk.slug}/moderation/?view={view}")
    assert page.status_code == 200


def test_the_queue_works_by_keyboard_and_marks_what_was_noticed(app, desk):
    html = browser(app, desk.first).get(desk.case()).get_data(as_text=True)
    assert "data-queue" in html
    assert html.count("data-row") >= 1
    for key in "premgh":
        assert f'data-key="{key}"' in html
    assert '<mark dir="auto">0661223344</mark>' in html
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;" in html


def test_the_desk_never_shows_an_address(app, desk):
    client = browser(app, desk.first)
    for path in (desk.path, desk.case()):
        assert "zineb.secret" not in client.get(path).get_data(as_text=True)


def test_the_gravest_then_the_oldest_come_first_page_by_page(app):
    with writing():
        desk = a_desk("premier", submitted_at=clock() - timedelta(hours=1))
        old = [
            a_comment(desk.plan, desk.author, f"texte {n}", submitted_at=clock() - timedelta(hours=40 - n))
            for n in range(22)
        ]
        grave = a_comment(desk.plan, desk.author, "grave", signals=["listed_word"], submitted_at=clock())
        db.session.commit()
    client = browser(app, desk.first)
    html = client.get(desk.path).get_data(as_text=True)
    shown = re.findall(r'id="q-([0-9A-Z-]+)"', html)
    assert shown == [grave.ref, *(one.ref for one in old[:19])]
    more = re.search(r'href="([^"]+after=[^"]+)"', html)
    assert more
    rest = client.get(more[1].replace("&amp;", "&")).get_data(as_text=True)
    assert re.findall(r'id="q-([0-9A-Z-]+)"', rest) == [*(one.ref for one in old[19:]), desk.text.ref]


def test_an_empty_queue_says_so(app, desk):
    with writing():
        actions.decide(actor(desk.first), desk.place, desk.text.id, Decision.PUBLISH)
        db.session.commit()
    html = browser(app, desk.second).get(desk.path).get_data(as_text=True)
    assert 'class="empty"' in html


# --- deciding ---


def test_confirming_goes_on_to_the_next_text_and_offers_undo(app, desk):
    with writing():
        following = a_comment(desk.plan, desk.author)
        db.session.commit()
    client = browser(app, desk.first)
    answer = client.submit(desk.case(), {"decision": "publish"}, action=None)
    assert answer.status_code == 303
    assert answer.location.split("?")[0].endswith(following.ref)
    assert state(desk.text) is PublishState.PUBLISHED
    html = client.get(answer.location).get_data(as_text=True)
    assert 'data-key="z"' in html
    back = client.submit(answer.location, action="undo")
    assert back.status_code == 303
    assert state(desk.text) is PublishState.WAITING


def test_undoing_too_late_is_refused_politely(app, desk):
    client = browser(app, desk.first)
    client.submit(desk.case(), {"decision": "publish"})
    html = client.get(desk.path).get_data(as_text=True)
    hidden_fields, action = form_of(html, "undo")
    with writing():
        set_clock(clock() + timedelta(seconds=11))
        db.session.commit()
    assert client.post(action, data=hidden_fields).status_code == 409
    assert state(desk.text) is PublishState.PUBLISHED


def test_a_decision_without_its_reason_keeps_what_was_typed(app, desk):
    answer = browser(app, desk.first).submit(desk.case(), {"decision": "hide", "facts": "ce que j'ai vu"})
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "ce que j&#39;ai vu" in html
    assert 'id="reason-error"' in html
    assert state(desk.text) is PublishState.WAITING


def test_masking_a_telephone_number(app, desk):
    client = browser(app, desk.first)
    shown = HOSTILE.replace("0661223344", "[…]")
    answer = client.submit(
        desk.case(), {"decision": "publish_redacted", "reason": "personal_data", "masked_body": shown}
    )
    assert answer.status_code == 303
    assert state(desk.text) is PublishState.REDACTED


def test_personal_data_is_masked_beforehand_for_the_moderator_to_check(app, desk):
    html = browser(app, desk.first).get(desk.case()).get_data(as_text=True)
    written = re.search(r'<textarea[^>]*name="masked_body"[^>]*>(.*?)</textarea>', html, re.DOTALL)[1]
    assert "[…]" in written
    assert "0661223344" not in written


def test_masking_that_changes_words_is_refused_beside_the_text(app, desk):
    answer = browser(app, desk.first).submit(
        desk.case(), {"decision": "publish_redacted", "reason": "personal_data", "masked_body": "autre chose"}
    )
    assert answer.status_code == 422
    assert 'id="masked_body-error"' in answer.get_data(as_text=True)


def test_moving_and_merging_from_the_page(app, desk):
    with writing():
        kept = a_comment(desk.plan, desk.second, state=PublishState.PUBLISHED)
        other = a_comment(desk.plan, desk.author)
        db.session.commit()
    client = browser(app, desk.first)
    target = f"{desk.plan.projects[1].id}:budget"
    assert (
        client.submit(desk.case(), {"decision": "move", "reason": "off_topic", "target": target}).status_code
        == 303
    )
    with writing():
        set_clock(clock() + timedelta(seconds=11))  # the undo button is gone
        db.session.commit()
    wrong = client.submit(
        desk.case(other), {"decision": "merge", "reason": "duplicate", "merge_ref": "0000-0000"}
    )
    assert wrong.status_code == 422
    right = client.submit(
        desk.case(other), {"decision": "merge", "reason": "duplicate", "merge_ref": kept.ref.lower()}
    )
    assert right.status_code == 303
    assert state(other) is PublishState.MERGED


def test_an_idea_moves_to_another_axis(app, desk):
    with writing():
        idea = an_idea(desk.plan, desk.author, state=PublishState.WAITING)
        db.session.commit()
    answer = browser(app, desk.first).submit(
        desk.case(idea),
        {"decision": "move", "reason": "off_topic", "target": f"axis:{desk.plan.axes[1].id}"},
    )
    assert answer.status_code == 303


def test_two_moderators_remove_from_their_pages(app, desk):
    asked = browser(app, desk.first).submit(
        desk.case(), {"decision": "remove", "reason": "violence_threat", "facts": "menace"}
    )
    assert asked.status_code == 303
    assert state(desk.text) is PublishState.WAITING
    alone = browser(app, desk.first)
    assert "confirm" not in re.findall(
        r'name="answer" value="(\w+)"', alone.get(desk.case()).get_data(as_text=True)
    )
    colleague = browser(app, desk.second)
    done = colleague.submit(desk.case(), {"answer": "confirm"}, action="removal")
    assert done.status_code == 303
    assert state(desk.text) is PublishState.REMOVED


def test_a_moderator_finds_no_form_on_their_own_text(app, desk):
    with writing():
        own = a_comment(desk.plan, desk.first)
        db.session.commit()
    client = browser(app, desk.first)
    html = client.get(desk.case(own)).get_data(as_text=True)
    assert 'name="decision"' not in html
    token = token_of(client.get(desk.path).get_data(as_text=True))
    assert client.post(desk.case(own), data={"decision": "publish", "csrf_token": token}).status_code == 403
    assert state(own) is PublishState.WAITING


def test_deciding_on_several_at_once(app, desk):
    with writing():
        other = a_comment(desk.plan, desk.author)
        db.session.commit()
    client = browser(app, desk.first)
    html = client.get(desk.path).get_data(as_text=True)
    picks = re.findall(r'name="pick" value="([0-9.]+)"', html)
    assert len(picks) == 2
    none = client.submit(desk.path, {"decision": "hide", "reason": "off_topic"}, action="bulk")
    assert none.status_code == 422
    wanting = client.submit(desk.path, {"decision": "hide", "pick": picks}, action="bulk")
    assert wanting.status_code == 422
    kept = re.findall(r'name="pick" value="([0-9.]+)" form="bulk" checked', wanting.get_data(as_text=True))
    assert kept == picks, "what was ticked is still ticked"
    done = client.submit(desk.path, {"decision": "hide", "reason": "off_topic", "pick": picks}, action="bulk")
    assert done.status_code == 303
    assert state(other) is state(desk.text) is PublishState.HIDDEN


def test_a_double_click_decides_once(app, desk):
    client = browser(app, desk.first)
    fields, _action = form_of(client.get(desk.case()).get_data(as_text=True))
    first = client.post(desk.case(), data={**fields, "decision": "hide", "reason": "off_topic"})
    again = client.post(desk.case(), data={**fields, "decision": "hide", "reason": "off_topic"})
    assert first.status_code == 303
    assert again.status_code in {303, 409}
    assert len(queries.decisions_on(desk.text.collectivity_id, desk.text.id)) == 1


def test_the_letter_is_shown_before_it_is_sent(app, desk):
    client = browser(app, desk.first)
    shown = client.get(
        f"{desk.case()}/letter?decision=hide&reason=insult_defamation&facts=<b>gros+mot</b>",
        headers={"HX-Request": "true"},
    )
    html = shown.get_data(as_text=True)
    assert 'class="mail"' in html
    assert "<b>gros mot" not in html
    assert client.get(f"{desk.case()}/letter?decision=hide").status_code == 303


def test_suspending_needs_a_reason_and_facts(app, desk):
    client = browser(app, desk.first)
    page = f"{desk.case()}/suspend"
    assert "facultatif" not in client.get(page).get_data(as_text=True)
    assert client.submit(page, {"reason": "violence_threat"}).status_code == 422
    assert client.submit(page, {"reason": "violence_threat", "facts": "menaces"}).status_code == 303


def test_a_suspension_ends_the_sessions_of_the_person_at_once(app, desk):
    reader = browser(app, desk.author)
    assert reader.get("/fr/me/").status_code == 200
    fields = {"reason": "violence_threat", "facts": "menaces"}
    assert browser(app, desk.first).submit(f"{desk.case()}/suspend", fields).status_code == 303
    assert "/sign-in" in reader.get("/fr/me/").location
    assert "/sign-in" in reader.get(f"/fr/{desk.slug}/c/{desk.text.ref}/appeal").location


def test_a_suspended_person_signs_in_again_is_told_so_and_appeals(app, desk):
    fields = {"reason": "violence_threat", "facts": "menaces"}
    browser(app, desk.first).submit(f"{desk.case()}/suspend", fields)
    with writing():
        set_clock(clock() + timedelta(minutes=1))
        other = a_comment(desk.plan, desk.first, state=PublishState.PUBLISHED)
        db.session.commit()
    reader = browser(app, desk.author)
    refused = reader.submit(f"/fr/{desk.slug}/c/{other.ref}/report", {"reason": "off_topic"})
    assert refused.status_code == 403
    html = refused.get_data(as_text=True)
    assert "Votre compte est suspendu" in html
    assert "Connectez-vous d’abord" not in html, "who is signed in is not asked to sign in"
    assert 'href="/fr/me/letters/"' in html
    page = f"/fr/{desk.slug}/c/{desk.text.ref}/appeal"
    assert "menaces" in reader.get(page).get_data(as_text=True)
    assert reader.submit(page, {"text": "On a pris mon compte."}).status_code == 303
    made = queries.decisions_on(desk.text.collectivity_id, desk.text.id)[0]
    answer = browser(app, desk.second).get(f"{desk.path}appeals/{made.ref}").get_data(as_text=True)
    assert "son compte est rouvert" in answer
    assert "le texte est publié" not in answer, "against a suspension no text is published"
    assert queries.counts(desk.text.collectivity_id, clock()).appeals == 1


# --- authors and citizens ---


def test_an_author_reads_the_reason_and_appeals_once(app, desk):
    hidden(desk)
    client = browser(app, desk.author)
    page = f"/fr/{desk.slug}/c/{desk.text.ref}/appeal"
    html = client.get(page).get_data(as_text=True)
    assert "une insulte" in html
    assert client.submit(page, {"text": "court"}).status_code == 422
    assert client.submit(page, {"text": "Ce n'était pas une insulte."}).status_code == 303
    assert "<form method" not in client.get(page).get_data(as_text=True).split("<main", 1)[1]


def test_beside_the_text_its_author_reads_where_the_appeal_stands(app, desk):
    made = hidden(desk)
    client = browser(app, desk.author)
    page = f"/fr/{desk.slug}/c/{desk.text.ref}"
    assert "Demander à un autre modérateur" in client.get(page).get_data(as_text=True)
    with writing():
        asked = actions.appeal(actor(desk.author), made.id, "Ce n'était pas une insulte.", "fr")
        db.session.commit()
    waiting = client.get(page).get_data(as_text=True)
    assert "Demander à un autre modérateur" not in waiting, "one appeal: it is not offered again"
    assert "Vous avez formé un recours" in waiting
    with writing():
        actions.decide_appeal(
            actor(desk.second), asked.id, AppealOutcome.CONFIRMED, "<b>Le mot</b> vise une personne.", "fr"
        )
        db.session.commit()
    answered = client.get(page).get_data(as_text=True)
    assert "Vous avez formé un recours" not in answered
    assert "&lt;b&gt;Le mot&lt;/b&gt; vise une personne." in answered


def test_an_author_finds_the_earlier_decision_and_appeals_against_it_too(app, desk):
    with writing():
        first = actions.decide(
            actor(desk.first), desk.place, desk.text.id, Decision.PUBLISH_REDACTED, ReasonCode.PERSONAL_DATA,
            redacted={"body": "[…]"},
        )  # fmt: skip
        set_clock(clock() + timedelta(minutes=1))
        db.session.commit()
    second = hidden(desk)
    client = browser(app, desk.author)
    page = f"/fr/{desk.slug}/c/{desk.text.ref}/appeal"
    html = client.get(page).get_data(as_text=True)
    assert f"decision={first.ref}" in html
    earlier = client.get(f"{page}?decision={first.ref}").get_data(as_text=True)
    assert f"decision={second.ref}" in earlier
    assert "une autre décision" in earlier.lower()
    asked = client.submit(f"{page}?decision={first.ref}", {"text": "C’est le numéro du standard."})
    assert asked.status_code == 303
    assert f"decision={first.ref}" in asked.location
    with writing():
        (found,) = db.session.query(Appeal).all()
        assert found.decision_id == first.id
        db.session.rollback()
    assert client.get(f"{page}?decision=ZZZZ-ZZZZ").status_code == 404


def test_nobody_else_appeals(app, desk):
    hidden(desk)
    with writing():
        other = makers.a_person()
        db.session.commit()
    assert browser(app, other).get(f"/fr/{desk.slug}/c/{desk.text.ref}/appeal").status_code == 403


def test_before_the_ten_seconds_are_over_there_is_nothing_to_appeal(app, desk):
    hidden(desk, seconds=3)
    html = browser(app, desk.author).get(f"/fr/{desk.slug}/c/{desk.text.ref}/appeal").get_data(as_text=True)
    assert 'name="text"' not in html


def test_due_process_through_the_pages(app, desk):
    made = hidden(desk)
    browser(app, desk.author).submit(
        f"/ar/{desk.slug}/c/{desk.text.ref}/appeal", {"text": "لم تكن شتيمة بل مثلا شعبيا."}
    )
    page = f"{desk.path}appeals/{made.ref}"
    assert "لم تكن شتيمة" in browser(app, desk.second).get(f"{desk.path}appeals/").get_data(as_text=True)
    first = browser(app, desk.first)
    assert 'name="outcome"' not in first.get(page).get_data(as_text=True)
    token = token_of(first.get(desk.path).get_data(as_text=True))
    forced = {"outcome": "confirmed", "explanation": "parce que c'est ainsi", "csrf_token": token}
    assert first.post(page, data=forced).status_code == 403
    second = browser(app, desk.second)
    assert second.submit(page, {"outcome": "reversed"}).status_code == 422
    assert (
        second.submit(
            page, {"outcome": "reversed", "explanation": "C'est un proverbe, en effet."}
        ).status_code
        == 303
    )
    assert state(desk.text) is PublishState.PUBLISHED


def test_a_citizen_reports_once_and_raises_the_text(app, desk):
    with writing():
        public = a_comment(desk.plan, desk.author, state=PublishState.PUBLISHED)
        reader = makers.a_person()
        db.session.commit()
    page = f"/fr/{desk.slug}/c/{public.ref}/report"
    client = browser(app, reader)
    assert client.submit(page, {"reason": "commercial_spam"}).status_code == 303
    assert client.submit(page, {"reason": "commercial_spam"}).status_code == 409
    assert public.ref in browser(app, desk.first).get(f"{desk.path}?view=flagged").get_data(as_text=True)


def test_a_signed_out_report_is_asked_to_sign_in(app, desk):
    with writing():
        public = a_comment(desk.plan, desk.author, state=PublishState.PUBLISHED)
        db.session.commit()
    answer = browser(app).submit(f"/fr/{desk.slug}/c/{public.ref}/report", {"reason": "off_topic"})
    assert answer.status_code == 303
    assert "sign-in" in answer.location


def test_a_held_text_cannot_be_read_through_the_report_page(app, desk):
    assert browser(app).get(f"/fr/{desk.slug}/c/{desk.text.ref}/report").status_code == 404


# --- for everybody ---


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_the_public_log_holds_no_personal_data(app, desk, lang):
    with writing():
        for n in range(22):  # more than one page
            text = a_comment(desk.plan, desk.author, f"parole numéro {n} de Zineb")
            actions.decide(
                actor(desk.first),
                place_of(desk, text),
                text.id,
                Decision.HIDE,
                ReasonCode.OFF_TOPIC,
                "faits privés",
            )
        set_clock(clock() + timedelta(minutes=1))
        db.session.commit()
    client = browser(app)
    html = client.get(f"/{lang}/{desk.slug}/transparency/moderation/").get_data(as_text=True)
    more = re.search(r'href="([^"]+after=[^"]+)"', html)
    assert more
    html += client.get(more[1].replace("&amp;", "&")).get_data(as_text=True)
    refs = [one.contribution_ref for one in queries.my_decisions(desk.first.id, desk.text.collectivity_id)[0]]
    private = ["Zineb", "zineb.secret", "parole numéro", "faits privés", desk.first.display_name, *refs]
    assert not [one for one in private if one in html]
    assert html.count('class="log-row"') == 22
    assert "Set-Cookie" not in client.get(f"/{lang}/{desk.slug}/transparency/moderation/").headers


def test_requests_by_authorities_are_shown_even_when_there_are_none(app, desk):
    html = browser(app).get(f"/fr/{desk.slug}/transparency/moderation/").get_data(as_text=True)
    assert re.search(r"<b>0</b>", html)
    made = queries.figures(desk.text.collectivity_id, clock())
    assert (made.total, made.by_authority) == (0, 0)


def test_figures_sum_and_count_reversals(app, desk):
    hidden(desk)
    with writing():
        last = queries.decisions_on(desk.text.collectivity_id, desk.text.id)[0]
        asked = actions.appeal(actor(desk.author), last.id, "Ce n'était pas une insulte.", "fr")
        actions.decide_appeal(actor(desk.second), asked.id, AppealOutcome.REVERSED, "En effet.", "fr")
        db.session.commit()
    made = queries.figures(desk.text.collectivity_id, clock())
    assert (made.total, made.appeals, made.appeals_decided, made.reversed) == (1, 1, 1, 1)
    assert sum(total for _reason, _cells, total in made.by_reason) == made.total


@pytest.mark.parametrize("lang", ["ar", "fr", "en", "zgh"])
def test_the_charter_lists_the_thirteen_reasons(app, desk, lang):
    html = browser(app).get(f"/{lang}/{desk.slug}/charter").get_data(as_text=True)
    assert all(f'id="{one.value}"' in html for one in ReasonCode)


# --- bad input ---

SCRAPS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "hide", "publish_redacted", "merge", "move", "remove", "off_topic", "duplicate", "axis:1", "9" * 40, "1:budget",
         "<svg/onload=1>", "\x00", "\u202e", "'; DROP TABLE person; --", "0" * 30, "-1", "²"]
    ),
)  # fmt: skip
FIELDS = [
    "decision",
    "reason",
    "facts",
    "article",
    "by_authority",
    "target",
    "merge_ref",
    "masked_body",
    "row_version",
    "view",
    "pick",
    "outcome",
    "explanation",
    "text",
    "note",
    "key",
    "answer",
    "form_path",
]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(FIELDS), SCRAPS, max_size=8))
def test_no_form_breaks_whatever_is_sent(app, desk, fields):
    moderator = browser(app, desk.first)
    moderator.inspects = False  # what is asked here is that nothing breaks; the pages are inspected above
    page = moderator.get(desk.path).get_data(as_text=True)
    token = token_of(page)
    sent = {**fields, "csrf_token": token}
    for path in (desk.case(), f"{desk.path}bulk", f"{desk.case()}/removal", f"{desk.case()}/suspend"):
        assert moderator.post(path, data=sent).status_code < 500
    for path in (f"{desk.path}?view={fields.get('view', '')}&after={fields.get('pick', '')}",):
        assert moderator.get(path).status_code < 500
    reader = browser(app, desk.author)
    reader.inspects = False
    token = token_of(reader.get(f"/fr/{desk.slug}/c/{desk.text.ref}/appeal").get_data(as_text=True))
    own = {**fields, "csrf_token": token}
    for name in ("appeal", "report"):
        assert reader.post(f"/fr/{desk.slug}/c/{desk.text.ref}/{name}", data=own).status_code < 500
