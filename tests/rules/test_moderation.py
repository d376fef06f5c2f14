"""What may hold a text, who may decide, until when."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participate.rules.moderation import (
    HOLDING,
    MAX_FACTS_CHARS,
    NEEDS_REASON,
    REASONS_IN_LAW,
    AppealFacts,
    AppealRefusal,
    AuthorFacts,
    Authorship,
    Decision,
    DecisionRefusal,
    DecisionRefusedError,
    Hand,
    ReasonCode,
    Risk,
    Signal,
    SignalKind,
    Verdict,
    appeal_refusals,
    holds,
    initial_state,
    is_late,
    is_own,
    may_hear_appeal,
    may_undo,
    notice_due,
    promised_by,
    queue_key,
    reason_fits,
    refusals,
    require,
    rewriting_deadline,
    risk,
    screen,
    similarity,
    state_after,
    state_when_due,
)
from participate.rules.outcomes import Level, ModerationMode, PublishState

NOW = datetime(2023, 8, 22, 10, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
OLD_HAND = AuthorFacts(timedelta(days=30), Level.PHONE, published_before=9)
MODERATOR = Hand("m1")
OTHER = Hand("m2")
CITIZEN = Authorship("p1")


def kinds(text, author=OLD_HAND, previous=()):
    return {signal.kind for signal in screen(text, author, previous)}


def verdict(decision, reason=None, **more):
    return Verdict(decision, more.pop("by", MODERATOR), more.pop("author", CITIZEN), reason, **more)


# --- Reasons and the ladder ---


def test_there_are_thirteen_reasons():
    assert len(ReasonCode) == 13


def test_criticism_is_not_among_the_reasons():
    assert not [reason for reason in ReasonCode if "critic" in reason or "argued" in reason]


@pytest.mark.parametrize("decision", sorted(NEEDS_REASON))
def test_every_decision_but_publishing_needs_a_reason(decision):
    found = refusals(verdict(decision, facts="seen", target="p3", second=OTHER))
    assert found == (DecisionRefusal.REASON_MISSING,)


def test_publishing_needs_none_and_takes_none():
    assert refusals(verdict(Decision.PUBLISH)) == ()
    assert refusals(verdict(Decision.PUBLISH, ReasonCode.OFF_TOPIC)) == (DecisionRefusal.REASON_NOT_NEEDED,)


@pytest.mark.parametrize("reason", sorted(ReasonCode))
def test_only_an_illegal_text_is_removed(reason):
    found = refusals(verdict(Decision.REMOVE, reason, facts="seen", article="art. 1", second=OTHER))
    assert found == (() if reason in REASONS_IN_LAW else (DecisionRefusal.REASON_DOES_NOT_FIT,))


def test_an_off_topic_or_partisan_text_is_not_illegal():
    assert not REASONS_IN_LAW & {
        ReasonCode.OFF_TOPIC,
        ReasonCode.ELECTORAL_PARTISAN,
        ReasonCode.UNINTELLIGIBLE,
    }


def test_merging_is_for_duplicates_and_moving_for_what_is_elsewhere():
    assert [r for r in ReasonCode if reason_fits(Decision.MERGE, r)] == [ReasonCode.DUPLICATE]
    assert {r for r in ReasonCode if reason_fits(Decision.MOVE, r)} == {
        ReasonCode.OFF_TOPIC,
        ReasonCode.INDIVIDUAL_COMPLAINT,
    }


def test_moving_and_merging_say_where_to():
    assert refusals(verdict(Decision.MERGE, ReasonCode.DUPLICATE)) == (DecisionRefusal.TARGET_MISSING,)
    assert refusals(verdict(Decision.MERGE, ReasonCode.DUPLICATE, target="7Q4K2RXF")) == ()


def test_removal_takes_two_people():
    law = {"reason": ReasonCode.HATE_DISCRIMINATION, "facts": "seen"}
    assert refusals(verdict(Decision.REMOVE, **law)) == (DecisionRefusal.SECOND_PERSON_MISSING,)
    assert refusals(verdict(Decision.REMOVE, **law, second=MODERATOR)) == (
        DecisionRefusal.SECOND_PERSON_IS_THE_FIRST,
    )
    assert refusals(verdict(Decision.REMOVE, **law, second=OTHER)) == ()


def test_hiding_takes_one():
    assert refusals(verdict(Decision.HIDE, ReasonCode.INSULT_DEFAMATION)) == ()


def test_removal_and_suspension_are_explained_in_words():
    assert DecisionRefusal.FACTS_MISSING in refusals(
        verdict(Decision.REMOVE, ReasonCode.COPYRIGHT, second=OTHER, facts=" ")
    )
    assert DecisionRefusal.FACTS_MISSING in refusals(verdict(Decision.SUSPEND, ReasonCode.COMMERCIAL_SPAM))


def test_another_illegal_reason_cites_its_article():
    assert refusals(verdict(Decision.HIDE, ReasonCode.ILLEGAL_OTHER)) == (DecisionRefusal.ARTICLE_MISSING,)
    assert refusals(verdict(Decision.HIDE, ReasonCode.ILLEGAL_OTHER, article="law 31-13 art. 7")) == ()


def test_facts_are_at_most_five_hundred_characters():
    assert refusals(verdict(Decision.HIDE, ReasonCode.OFF_TOPIC, facts="x" * MAX_FACTS_CHARS)) == ()
    assert refusals(verdict(Decision.HIDE, ReasonCode.OFF_TOPIC, facts="x" * (MAX_FACTS_CHARS + 1))) == (
        DecisionRefusal.FACTS_TOO_LONG,
    )


def test_a_refused_decision_is_raised_with_every_refusal():
    with pytest.raises(DecisionRefusedError) as refused:
        require(verdict(Decision.REMOVE, by=Hand("p1")))
    assert set(refused.value.refusals) == {
        DecisionRefusal.REASON_MISSING,
        DecisionRefusal.FACTS_MISSING,
        DecisionRefusal.OWN_CONTENT,
        DecisionRefusal.SECOND_PERSON_MISSING,
    }
    require(verdict(Decision.PUBLISH))


def test_each_rung_but_suspension_gives_the_text_a_state():
    assert state_after(Decision.SUSPEND) is None
    assert {state_after(decision) for decision in Decision} - {None} == {
        PublishState.PUBLISHED,
        PublishState.REDACTED,
        PublishState.MERGED,
        PublishState.RETURNED,
        PublishState.HIDDEN,
        PublishState.REMOVED,
    }


# --- Own content ---


def test_nobody_decides_on_their_own_text_not_even_to_publish_it():
    assert refusals(verdict(Decision.PUBLISH, by=Hand("p1"))) == (DecisionRefusal.OWN_CONTENT,)


def test_nobody_decides_on_a_text_of_their_association():
    theirs = Authorship("p9", "a1")
    assert refusals(verdict(Decision.PUBLISH, by=Hand("m1", frozenset({"a1"})), author=theirs)) == (
        DecisionRefusal.OWN_CONTENT,
    )
    assert refusals(verdict(Decision.PUBLISH, by=Hand("m1", frozenset({"a2"})), author=theirs)) == ()


def test_the_second_person_is_bound_by_it_too():
    found = refusals(verdict(Decision.REMOVE, ReasonCode.COPYRIGHT, facts="seen", second=Hand("p1")))
    assert found == (DecisionRefusal.OWN_CONTENT,)


def test_a_text_without_association_belongs_to_no_association():
    assert not is_own(Hand("m1", frozenset({"a1"})), Authorship("p1", None))
    assert not is_own(Hand("m1"), Authorship(None, None))


# --- Screening ---


@pytest.mark.parametrize(
    "text",
    ["voir https://example.org/x", "www.example.org", "visitez boutique.ma", "wa.me/2126", "HTTP://X.COM"],
)
def test_a_link_is_noticed(text):
    assert SignalKind.LINK in kinds(text)


@pytest.mark.parametrize(
    "text", ["Il faut 3.5 km.Ensuite on verra", "art. 42.Le conseil", "a.m. p.m.", "المرحلة 1.2.3"]
)
def test_a_full_stop_is_not_a_link(text):
    assert SignalKind.LINK not in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "0612345678",
        "06 12 34 56 78",
        "+212 6 12 34 56 78",
        "00212612345678",
        "+212(0)612345678",
        "٠٦١٢٣٤٥٦٧٨",
        "05-23-48-00-00",
        "a.b@example.org",
        "CIN IC123456",
        "بطاقتي I 456789",
        "ic123456",
        "RIB 011 780 0000123456789012 34 56",
    ],
)
def test_a_phone_an_address_or_a_card_number_is_noticed(text):
    assert SignalKind.PERSONAL_DATA in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "un budget de 120000 DH",
        "LE 15000 DH",
        "en 2023",
        "M6 et N8",
        "100 000 000 dirhams",
        "الفصل 139",
        "DH 250000",
        "l an 2023",
    ],
)
def test_a_sum_or_a_year_is_not_personal_data(text):
    assert SignalKind.PERSONAL_DATA not in kinds(text)


def test_a_mail_address_is_personal_data_and_not_also_a_link():
    assert kinds("a@example.org") == {SignalKind.PERSONAL_DATA}


def test_the_place_of_a_signal_can_be_marked_in_the_text():
    text = "اتصلوا بي 0612345678 شكرا"
    found = screen(text, OLD_HAND)[0]
    assert text[found.start : found.end] == found.found == "0612345678"


@pytest.mark.parametrize("text", ["nooooooon", "!!!!!!!!", "لاااااااا", "oui oui oui oui"])
def test_repetition_is_noticed(text):
    assert SignalKind.REPEATED in kinds(text)


@pytest.mark.parametrize(
    "text", ["هههههههههه", "hhhhhhhh", "1000000 DH", "attendez......", "non non", "--------"]
)
def test_laughing_and_large_sums_are_not_repetition(text):
    assert SignalKind.REPEATED not in kinds(text)


def test_capitals_are_shouting_from_seventy_percent_of_twenty_letters():
    assert SignalKind.SHOUTING in kinds("A" * 7 + "BCDEFGH" + "abcdef")
    assert SignalKind.SHOUTING not in kinds("ABCDEFGHIJKLM" + "abcdefg")
    assert SignalKind.SHOUTING not in kinds("REMACTO DGCT OGP PAC")
    assert SignalKind.SHOUTING not in kinds("الجماعة لا تجيب على أحد منذ سنوات طويلة جدا")


@pytest.mark.parametrize(
    "text",
    [
        "espèce de CONNARD",
        "Fils  de pute !",
        "يا قحبة",
        "والقحبة",
        "قَحْبَـة",
        "Enculééééé",
        "ya 9a7ba",
        "سأقتلك",
    ],
)
def test_a_listed_word_is_noticed_through_its_disguises(text):
    assert SignalKind.LISTED_WORD in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Le conseil est incompétent et le président ment depuis six ans.",
        "المجلس فاشل والرئيس لا يفي بوعوده، والمشروع مضيعة للمال",
        "had lmajliss machi f lmoustawa, ga3 lflous dya3",
        "الكلاب الضالة والحمير في وسط المدينة",
        "Ces voleurs devraient rendre l'argent",
        "réputation, députés, ordinateur, amputer",
        "la pute".replace("pute", "putréfaction"),
    ],
)
def test_criticism_however_hard_is_not_noticed_at_all(text):
    assert kinds(text) == set()


def test_an_account_is_new_for_48_hours():
    assert SignalKind.NEW_ACCOUNT in kinds("x", AuthorFacts(timedelta(hours=48) - MICROSECOND))
    assert SignalKind.NEW_ACCOUNT not in kinds("x", AuthorFacts(timedelta(hours=48)))


def test_a_name_that_looks_like_another_is_told():
    assert SignalKind.LOOK_ALIKE_NAME in kinds(
        "x", AuthorFacts(timedelta(days=9), name_looks_like="Béni Mellal")
    )


COPY = "نطلب أن تبدأ الإنارة العمومية من محيط المدارس قبل أي شارع آخر في المدينة"


def test_a_near_copy_of_an_earlier_text_is_noticed_and_quoted():
    near = COPY.replace("نطلب أن", "نريد أن")
    found = [
        signal
        for signal in screen(near, OLD_HAND, ["أمر آخر تماما", COPY])
        if signal.kind is SignalKind.NEAR_DUPLICATE
    ]
    assert [signal.found for signal in found] == [COPY]


def test_another_text_on_the_same_subject_is_not_a_copy():
    other = "الإنارة العمومية في حينا ضعيفة، خاصة قرب المدرسة، فمتى يصل الدور إلينا؟"
    assert SignalKind.NEAR_DUPLICATE not in kinds(other, previous=[COPY])


def test_short_texts_resemble_each_other_without_being_copies():
    assert SignalKind.NEAR_DUPLICATE not in kinds("أنا موافق، شكرا", previous=["أنا موافق، شكرا"])


def test_a_text_is_like_itself_and_unlike_another_script():
    assert similarity(COPY, COPY) == pytest.approx(1)
    assert similarity(COPY, "street lighting near schools") < 0.1


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_between_nothing_and_one_and_the_same_both_ways(one, two):
    assert 0 <= similarity(one, two) <= 1
    assert similarity(one, two) == similarity(two, one)


@given(st.text(max_size=200))
def test_screening_takes_any_text_and_its_places_are_inside(text):
    for signal in screen(text, OLD_HAND):
        assert 0 <= signal.start <= signal.end <= len(text)


# --- First state ---


def test_in_post_moderation_a_quiet_text_is_public_at_once():
    assert initial_state(ModerationMode.POST, Level.EMAIL, 0, ()) is PublishState.PUBLISHED


def test_in_pre_moderation_every_text_waits():
    assert initial_state(ModerationMode.PRE, Level.NATIONAL_ID, 99, ()) is PublishState.WAITING


def test_the_first_three_texts_of_an_email_account_wait_and_the_fourth_does_not():
    states = [initial_state(ModerationMode.PRE_FIRST_THREE, Level.EMAIL, before, ()) for before in range(5)]
    assert states == [PublishState.WAITING] * 3 + [PublishState.PUBLISHED] * 2


def test_a_verified_account_does_not_wait_for_its_first_three():
    assert initial_state(ModerationMode.PRE_FIRST_THREE, Level.PHONE, 0, ()) is PublishState.PUBLISHED


@pytest.mark.parametrize("kind", sorted(HOLDING))
def test_a_holding_signal_waits_in_every_mode(kind):
    for mode in ModerationMode:
        assert initial_state(mode, Level.NATIONAL_ID, 99, [Signal(kind)]) is PublishState.WAITING


def test_neither_style_nor_youth_holds_a_text():
    assert not holds([Signal(SignalKind.SHOUTING), Signal(SignalKind.NEW_ACCOUNT)])
    assert HOLDING | {SignalKind.SHOUTING, SignalKind.NEW_ACCOUNT} == set(SignalKind)


def test_screening_never_does_more_than_hold():
    states = {
        initial_state(mode, level, before, [Signal(kind)])
        for mode, level, before, kind in product(ModerationMode, Level, range(5), SignalKind)
    }
    assert states == {PublishState.WAITING, PublishState.PUBLISHED}


# --- Queue and promise ---


def test_the_gravest_comes_first_and_then_the_oldest():
    grave = risk([Signal(SignalKind.PERSONAL_DATA)])
    some = risk([Signal(SignalKind.LINK)])
    none = risk([Signal(SignalKind.NEW_ACCOUNT)])
    waiting = [
        (queue_key(none, NOW - timedelta(days=3), "d"), "oldest without risk"),
        (queue_key(some, NOW, "c"), "younger risk"),
        (queue_key(some, NOW - timedelta(days=1), "b"), "older risk"),
        (queue_key(grave, NOW, "a"), "grave"),
    ]
    assert [name for _, name in sorted(waiting)] == [
        "grave",
        "older risk",
        "younger risk",
        "oldest without risk",
    ]


def test_a_report_by_a_reader_is_a_risk():
    assert risk([], reports=1) is Risk.SOME
    assert risk([]) is Risk.NONE
    assert risk([Signal(SignalKind.LISTED_WORD)], reports=5) is Risk.GRAVE


def test_a_decision_at_exactly_48_hours_keeps_the_promise():
    assert promised_by(NOW) == NOW + timedelta(hours=48)
    assert not is_late(NOW, NOW + timedelta(hours=48))
    assert is_late(NOW, NOW + timedelta(hours=48) + MICROSECOND)


def test_a_late_text_without_risk_is_published_and_marked():
    late = NOW + timedelta(hours=48) + MICROSECOND
    assert state_when_due(PublishState.WAITING, NOW, late, Risk.NONE) is PublishState.PUBLISHED_LATE
    assert state_when_due(PublishState.WAITING, NOW, late - MICROSECOND, Risk.NONE) is PublishState.WAITING


@pytest.mark.parametrize("seen", [Risk.SOME, Risk.GRAVE])
def test_a_late_text_that_is_flagged_stays(seen):
    assert state_when_due(PublishState.WAITING, NOW, NOW + timedelta(days=9), seen) is PublishState.WAITING


@pytest.mark.parametrize("state", sorted(set(PublishState) - {PublishState.WAITING}))
def test_a_text_that_is_not_waiting_is_never_moved_by_the_clock(state):
    assert state_when_due(state, NOW, NOW + timedelta(days=9), Risk.NONE) is state


def test_a_decision_may_be_undone_until_ten_seconds_and_the_notice_leaves_then():
    assert may_undo(NOW, NOW)
    assert may_undo(NOW, NOW + timedelta(seconds=10) - MICROSECOND)
    assert not may_undo(NOW, NOW + timedelta(seconds=10))
    assert not may_undo(NOW, NOW - MICROSECOND)
    assert notice_due(NOW) == NOW + timedelta(seconds=10)


def test_a_returned_text_may_be_sent_again_for_five_days_whatever_closes_meanwhile():
    assert rewriting_deadline(NOW) == NOW + timedelta(days=5)


# --- Appeals ---

HIDDEN = AppealFacts(Decision.HIDE, NOW, NOW + timedelta(days=30), already_appealed=False)
AUTHOR = Hand("p1")


def test_the_author_may_appeal_for_ten_days_and_not_at_their_end():
    end = NOW + timedelta(days=10)
    assert appeal_refusals(HIDDEN, AUTHOR, CITIZEN, end - MICROSECOND) == ()
    assert appeal_refusals(HIDDEN, AUTHOR, CITIZEN, end) == (AppealRefusal.TOO_LATE,)


def test_nobody_appeals_against_what_can_still_be_undone():
    assert appeal_refusals(HIDDEN, AUTHOR, CITIZEN, NOW - MICROSECOND) == (AppealRefusal.NOTHING_TO_APPEAL,)
    assert appeal_refusals(HIDDEN, AUTHOR, CITIZEN, NOW) == ()


def test_near_the_close_appeals_end_five_days_after_it():
    facts = AppealFacts(Decision.HIDE, NOW, NOW + timedelta(days=1), already_appealed=False)
    assert appeal_refusals(facts, AUTHOR, CITIZEN, NOW + timedelta(days=6) - MICROSECOND) == ()
    assert appeal_refusals(facts, AUTHOR, CITIZEN, NOW + timedelta(days=6)) == (AppealRefusal.TOO_LATE,)


def test_somebody_else_may_not_appeal_but_another_delegate_may():
    assert appeal_refusals(HIDDEN, Hand("p2"), CITIZEN, NOW) == (AppealRefusal.NOT_THE_AUTHOR,)
    assert appeal_refusals(HIDDEN, Hand("p2", frozenset({"a1"})), Authorship("p1", "a1"), NOW) == ()


def test_one_appeal_and_only_against_a_decision_that_did_something():
    twice = AppealFacts(Decision.HIDE, NOW, None, already_appealed=True)
    nothing = AppealFacts(Decision.PUBLISH, NOW, None, already_appealed=False)
    assert appeal_refusals(twice, AUTHOR, CITIZEN, NOW) == (AppealRefusal.ALREADY_APPEALED,)
    assert appeal_refusals(nothing, AUTHOR, CITIZEN, NOW) == (AppealRefusal.NOTHING_TO_APPEAL,)


def test_an_appeal_is_heard_by_somebody_who_did_not_decide_nor_write():
    assert may_hear_appeal(OTHER, ["m1"], CITIZEN)
    assert not may_hear_appeal(MODERATOR, ["m1"], CITIZEN)
    assert not may_hear_appeal(OTHER, ["m1", "m2"], CITIZEN)
    assert not may_hear_appeal(Hand("p1"), ["m1"], CITIZEN)
    assert not may_hear_appeal(Hand("m2", frozenset({"a1"})), ["m1"], Authorship("p1", "a1"))
