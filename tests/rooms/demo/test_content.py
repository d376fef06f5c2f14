"""The demo's content is what it says it is: real facts counted, texts written one by one, accounts for every walk."""

from collections import Counter

import pytest

from participate.demo.stories import told
from participate.synthesis.campaigns import Text, find

STORY = told()
AXES = {
    "cleanliness-environment": {9},
    "communication-digitisation": {3, 4, 7, 10, 12},
    "city-upgrading": {2, 5, 8},
    "territorial-intelligence": {1, 6, 11},
}
ACCOUNTS = {
    "citizen": 2, "delegate": 1, "moderator": 2, "officer": 2, "committee_member": 1, "advisory_member": 1,
    "councillor": 1, "secretary": 1, "president": 1, "auditor": 1, "collectivity_admin": 2,
    "desk_agent": 1,
}  # fmt: skip
SHIFTED = {
    "الحسيمة": "TTA", "زاكورة": "DT", "وجدة": "OR", "صفرو": "FM", "الجديدة": "CS", "مولاي عبد الله": "CS",
}  # fmt: skip
REGIONS = {
    "RSK": 3, "TTA": 5, "DT": 3, "OR": 4, "FM": 7, "CS": 6, "MS": 6, "BMK": 3, "SM": 8, "GON": 2, "LSH": 2, "DOD": 1,
}  # fmt: skip


def texts() -> list[Text]:
    return [
        Text(one["key"], one["body"], one["lang"], number, one["project"] or None, None)
        for number, one in enumerate(STORY.comments)
    ]


def test_fifty_communes_stand_in_their_true_regions() -> None:
    counted = Counter(member["region"] for member in STORY.network["member"])
    assert counted == REGIONS
    where = {member["name"]["ar"]: member["region"] for member in STORY.network["member"]}
    assert {name: where[name] for name in SHIFTED} == SHIFTED, "the printed list is shifted for six of them"
    assert len(STORY.network["region"]) == 12
    assert STORY.network["network"]["counted"] == {
        "regions": 12,
        "provincial_councils": 4,
        "communes": 50,
    }


def test_the_charter_has_two_values_five_commitments_and_there_are_five_principles() -> None:
    kinds = [len(STORY.network[kind]) for kind in ("value", "commitment", "principle")]
    assert kinds == [2, 5, 5]


def test_twelve_projects_stand_on_four_axes() -> None:
    found: dict[str, set[int]] = {}
    for one in STORY.projects["project"]:
        found.setdefault(one["axis"], set()).add(one["number"])
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, AXES.values()))


@pytest.mark.parametrize("project", STORY.projects["project"], ids=lambda one: str(one["number"]))
def test_a_project_is_written_in_full(project: dict) -> None:
    for name in ("problem", "solution"):
        for lang in ("ar", "fr"):
            assert 80 <= len(project[name][lang].split()) <= 150, (name, lang)
    assert project["lead"]["ar"]
    assert project["lead"]["fr"]
    assert project["budget_mad"] > 0
    assert len(project["milestone"]) == 4
    assert all(one["starts"] and one["ends"] for one in project["milestone"])


def test_the_second_workshop_has_its_agenda_and_two_groups_side_by_side() -> None:
    meetings = [one for one in STORY.cycle["meeting"] if str(one["starts"]).startswith("2023-07-11")]
    assert len(meetings) == 1
    parallel = [row for row in meetings[0]["agenda"] if row["from"] == "10:30" and row["until"] == "10:55"]
    assert len(parallel) == 2
    assert [row["from"] for row in meetings[0]["agenda"]][:2] == ["09:30", "10:00"]


def test_contributions_are_written_one_by_one() -> None:
    campaigns = find(texts())
    assert [(one.texts, one.accounts) for one in campaigns] == [(30, 30)], (
        "one campaign of thirty, and no other"
    )
    own = len(STORY.comments) - 30 + len(STORY.ideas["idea"]) + len(STORY.ideas["late_idea"])
    assert own >= 150


def test_people_speak_as_they_do() -> None:
    langs = Counter(one["lang"] for one in STORY.comments)
    assert langs["ary-Latn"] == 20
    assert min(langs["ar"], langs["fr"]) >= 20


def test_criticism_stays_and_moderators_have_work() -> None:
    hostile = [one for one in STORY.comments if one.get("hostile")]
    assert len(hostile) == 12
    assert {one["moderation"]["decision"] for one in hostile if "moderation" in one} == {"publish"}
    assert len([one for one in STORY.comments if "moderation" in one]) == 15


def test_there_is_an_account_for_every_walk() -> None:
    assert Counter(one["role"] for one in STORY.people["staff"]) == ACCOUNTS


def test_what_is_invented_is_said_in_every_language() -> None:
    notice = STORY.cycle["notice"]
    assert set(notice) >= {"ar", "fr", "en"}
    assert "اختلاق" in notice["ar"] or "متخيل" in notice["ar"] or "تجريب" in notice["ar"]
    assert any(word in notice["fr"] for word in ("invent", "fictif"))
