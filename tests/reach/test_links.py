"""A page nobody can reach from a link does not exist: crawl the demo as everybody, follow every link."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from participate.app import create_app
from participate.db import db
from tests import clients
from tests.conftest import settings
from tests.support.crawl import TOURS, begin, crawl, is_staff
from tests.support.demo import demo_at
from tests.support.soak import SOAKING

STEPS = ("call_for_ideas", "draft_review", "synthesis", "council", "implementation")
GROUPS: dict[str, tuple[str | None, ...]] = {
    "everybody": (None, "citizen1", "delegate1"),
    "moderation": ("moderator1", "moderator2"),
    "plan": ("officer1", "committee1"),
    "council": ("secretary1", "president1", "councillor1", "advisory1"),
    "office": ("admin1", "admin2", "auditor1", "desk1"),
}
OTHERWISE = {
    # asked for by a machine, or where mails, forms and scripts lead
    "static", "healthz", "root", "people.follow_link", "people.enter_code", "people.signed_out",
    "people.association_sent", "people.leave", "people.prove", "people.second", "portal.left", "contributions.similar", "moderation.letter",
    "portal.plan_card", "portal.project_card",
    # linked where the installation names an identity provider: walked in tests/rooms/people
    "people.provider", "people.provider_back", "people.link_provider",
    # files that public pages link to, which staff in this crawl do not leave the desk for; tests/rooms/council does
    "council.document_file", "council.session_ics",
    # linked for authors of answered texts, none of whom is in this crawl: walked in tests/rooms/responses
    "responses.judge_form",
    # linked only in a state that the demo's steps do not stop at; each is walked in tests/browser or tests/rooms
    "consultations.about_me", "contributions.edit_form", "contributions.idea_file", "meetings.event",
    "positions.project_priority", "council_desk.amendment",
    "council_desk.deliberation_form", "evaluation_desk.form", "lifecycle_desk.adopt",
    "lifecycle_desk.announce", "lifecycle_desk.close_plan", "lifecycle_desk.dates", "lifecycle_desk.notice",
    "lifecycle_desk.open_now", "lifecycle_desk.return_to_preparation",
}  # fmt: skip


@dataclass(frozen=True)
class Reached:
    """What one crawl found: endpoints that links led to, and addresses that failed."""

    endpoints: set[str]
    broken: list[str]
    wanted: set[str]


def crawled(step: str, roles: Sequence[str | None], instance: Path) -> Reached:
    """Follow the links of a copy of the demo at a step, as each of these people."""
    demo_at(step, instance)
    app = create_app(settings(f"sqlite:///{instance}/demo.sqlite", instance, testing=False))
    app.test_client_class = clients.Client
    found = Reached(set(), [], set())
    with app.app_context():
        found.wanted.update(
            rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
        )
        for role in roles:
            client = app.test_client()
            client.inspects = step == "draft_review"
            for start in begin(client, role):
                endpoints, wrong = crawl(app, client, start, staff=is_staff(role))
                found.endpoints.update(endpoints)
                found.broken.extend(f"{step} as {role}: {one}" for one in wrong)
        db.session.remove()
        db.engine.dispose()
    return found


@pytest.mark.parametrize("step", STEPS if SOAKING else ("draft_review",))
@pytest.mark.parametrize("group", ["everybody", "moderation", "plan", "council", "office"])
def test_no_link_is_broken_and_no_page_asks_the_database_too_much(
    step: str, group: str, tmp_path: Path
) -> None:
    assert crawled(step, GROUPS[group], tmp_path / "instance").broken == []


@pytest.mark.timeout(400)
def test_every_page_can_be_reached_by_links(tmp_path: Path) -> None:
    reached: set[str] = set()
    wanted: set[str] = set()
    broken: list[str] = []
    for step, roles in TOURS.items():
        found = crawled(step, roles, tmp_path / step)
        reached |= found.endpoints
        wanted |= found.wanted
        broken += found.broken
    assert broken == [], "\n".join(broken)
    assert sorted(wanted - reached - OTHERWISE) == [], "no link leads to these pages"
