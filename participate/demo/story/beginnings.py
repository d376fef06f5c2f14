"""The network, a space, its people, a plan."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from participate.db import db
from participate.demo.stories import PASSWORD, day, moment, words
from participate.demo.story.steps import casablanca
from participate.demo.story.telling import CYCLE, Telling
from participate.meetings import actions as meetings
from participate.network import actions as network
from participate.people import actions as people
from participate.people import factors
from participate.people import queries as known
from participate.people.models import Association, Mandate
from participate.plans import actions as plans
from participate.rules.outcomes import MeetingAudience
from participate.rules.policy import Actor, Role

CODE = "BM"
EMPTY = ("azrou", "AZ")
"""A second collectivity with a space and nothing in it yet."""
ROLES = {
    "moderator": Role.MODERATOR,
    "officer": Role.OFFICER,
    "committee_member": Role.COMMITTEE_MEMBER,
    "advisory_member": Role.ADVISORY_MEMBER,
    "councillor": Role.COUNCILLOR,
    "secretary": Role.SECRETARY,
    "president": Role.PRESIDENT,
    "desk_agent": Role.DESK_AGENT,
    "auditor": Role.AUDITOR,
    "collectivity_admin": Role.ADMINISTRATOR,
}


class Beginnings(Telling):
    """How a commune and its people come to begin a plan."""

    def found_network(self) -> None:
        """Enter the network, its charter, regions and members."""
        seed = self.told.network
        root = Actor(network_administrator=True)
        about = seed["network"]
        row = network.found_network(
            root,
            name=words(about["name"]),
            acronym=words(about["acronym"]),
            description=words(about["description"]),
            charter_intro=words(seed["charter"]["intro"]),
            founded_on=date.fromisoformat(about["founded"]),
            partners=[words(one) for one in [*about["supervised_by"], *about["partners"]]],
            regions_counted=about["counted"]["regions"],
            provinces_counted=about["counted"]["provincial_councils"],
        )
        for kind, text in (("value", "text"), ("commitment", "text"), ("principle", "description")):
            lines = [(one["slug"], words(one["title"]), words(one[text])) for one in seed[kind]]
            network.write_charter(root, row.id, kind, lines)
        for position, region in enumerate(seed["region"], 1):
            network.name_region(root, region["code"], position, words(region["name"]))
        for member in seed["member"]:
            network.admit(
                root,
                slug=member["slug"],
                name=words(member["name"]),
                province=words(member["province"]),
                region_code=member["region"],
                joined_on=date.fromisoformat(about["founded"]),
            )

    def open_space(self) -> None:
        """Open the commune's space and an empty one; give the staff their roles."""
        root = Actor(network_administrator=True)
        about = self.told.cycle["collectivity"]
        row = network.open_space(
            root,
            self.slug,
            code=CODE,
            description=words(about["description"]),
            notice=words(self.told.cycle["notice"]),
        )
        self.collectivity = row.id
        slug, code = EMPTY
        network.open_space(root, slug, code=code, description={})
        for one in self.told.people["staff"]:
            self._enter(one["key"], one["email"], one["name"]["ar"], "ar")
        people.administer_network(self.cast.person["admin2"])
        self.cast.actors.clear()
        for one in self.told.people["staff"]:
            if one["role"] in ROLES:
                people.grant_role(
                    root, self.collectivity, self.cast.person[one["key"]], ROLES[one["role"]], title=None
                )
        self._set_factors()
        self._see_staff()
        for one in self.told.cycle["neighbourhood"]:
            self.neighbourhood[one["slug"]] = network.name_neighbourhood(
                self.actor("admin1"), self.collectivity, one["slug"], words(one["name"])
            ).id
        for one in self.told.cycle["event"]:
            network.date_event(
                self.actor("admin1"),
                self.collectivity,
                starts_on=date.fromisoformat(one["date"]),
                ends_on=day(one.get("until")),
                title=words(one["title"]),
                description=words(one["description"]),
                attested=one["real"],
            )
        advisory = self.told.cycle["advisory"]
        people.found_advisory_body(
            self.actor("admin1"), self.collectivity, advisory["slug"], words(advisory["name"])
        )

    def _set_factors(self) -> None:
        """Let everybody with a role set password and application."""
        kept = factors.hash_password(PASSWORD)
        names = list(self.told.cycle["collectivity"]["name"].values())
        for one in self.told.people["staff"]:
            actor = self.actor(one["key"])
            if actor.works:
                people.check_password(actor, PASSWORD, one["email"], names)
                people.set_password(actor, kept)
                secret = people.offer_app(actor)
                people.confirm_app(actor, factors.app_code(secret))

    def _see_staff(self) -> None:
        """Let the desk agent see the others who work there."""
        for one in self.told.people["staff"]:
            if one["key"] != "desk1":
                people.see_at_desk(self.actor("desk1"), self.collectivity, self.cast.person[one["key"]])

    def _enter(self, key: str, email: str, name: str, lang: str) -> None:
        person = people.person_by_email(email, lang if lang in {"ar", "fr", "en"} else "ar")
        self.cast.person[key] = person.id
        people.choose_name(known.actor_of(person.id), person.id, name)

    def enter_people(self) -> None:
        """Enter residents; associations register, are verified, and name their delegates."""
        for one in self.told.people["person"]:
            self._enter(one["key"], f"{one['key']}@demo.test", one["name"], one["lang"])
            if one["level"] >= people.SEEN_AT_DESK:
                people.see_at_desk(self.actor("desk1"), self.collectivity, self.cast.person[one["key"]])
        delegates = {
            one["association"]: one["key"] for one in self.told.people["staff"] if "association" in one
        }
        for one in self.told.people["association"]:
            by = self.actor(one["delegate"])
            row = people.register_association(
                by, self.collectivity, name=words(one["name"]), purpose=words(one["object"])
            )
            self.cast.association[one["key"]] = row.id
            self.cast.delegate[one["key"]] = one["delegate"]
            people.verify_association(self.actor("admin1"), self.collectivity, row.id)
            for key in {one["delegate"], delegates.get(one["key"], one["delegate"])}:
                self._mandate(row, key)
        self.cast.actors.clear()

    def _mandate(self, association: Association, key: str) -> None:
        held = db.session.scalar(
            sa.select(Mandate.id).where(
                Mandate.collectivity_id == self.collectivity,
                Mandate.association_id == association.id,
                Mandate.person_id == self.cast.person[key],
                Mandate.ended_at.is_(None),
            )
        )
        if held is None:
            people.grant_mandate(
                self.actor("admin1"), self.collectivity, association.id, self.cast.person[key]
            )

    def begin_plan(self) -> None:
        """Create the plan and its axes."""
        about = self.told.cycle["plan"]
        officer = self.actor("officer1")
        plan = plans.create_plan(
            officer,
            self.collectivity,
            CYCLE,
            words(about["title"]),
            words(about["summary"]),
            date(2024, 1, 1),
            date(2025, 12, 31),
        )
        self.plan_id = plan.id
        for one in sorted(self.told.projects["axis"], key=lambda axis: axis["number"]):
            self.axis[one["slug"]] = plans.save_axis(
                officer,
                self.collectivity,
                plan.id,
                slug=one["slug"],
                title=words(one["title"]),
                description=words(one["description"]),
                position=one["number"],
            ).id

    def plan_meetings(self) -> None:
        """Plan the meetings of the cycle: announced before, minutes and attendance after."""
        for one in self.told.cycle["meeting"]:
            starts = moment(one["starts"])
            self.agenda.add(
                max(starts - timedelta(days=5), casablanca(2023, 1, 10)), partial(self.meet, one, held=False)
            )
            self.agenda.add(moment(one["ends"]) + timedelta(days=2), partial(self.meet, one, held=True))

    def meet(self, one: dict[str, Any], *, held: bool) -> None:
        """Record a meeting: its agenda and groups before it, what was said and how many came after it."""
        day_ = str(one["starts"])[:10]
        after: dict[str, Any] = {}
        if held:
            after = {
                "minutes": words(one["minutes"]),
                "attendance": [
                    meetings.Count(MeetingAudience(row["audience"]), women=row["women"], men=row["men"])
                    for row in one.get("attendance", ())
                ],
                "inputs": [
                    meetings.Note(row["text"], row["lang"], row["group"], row["project"])
                    for row in one.get("input", ())
                ],
            }
        meetings.record_meeting(
            self.actor("officer1"),
            self.collectivity,
            self.plan_id or None,
            slug=one["slug"],
            title=words(one["title"]),
            venue=words(one["venue"]),
            starts_at=moment(one["starts"]),
            ends_at=moment(one["ends"]),
            agenda=[
                meetings.AgendaLine(
                    moment(f"{day_}T{row['from']}"),
                    moment(f"{day_}T{row['until']}"),
                    words(row["title"]),
                    row.get("group"),
                )
                for row in one["agenda"]
            ],
            groups=[
                meetings.Group(row["number"], words(row["title"]), tuple(row["projects"]))
                for row in one.get("group", ())
            ],
            **after,
        )

    def plan_news(self) -> None:
        """Plan the press releases."""
        for one in self.told.cycle["press"]:

            def publish(one: dict[str, Any] = one) -> None:
                network.publish_news(
                    self.actor("officer1"),
                    self.collectivity,
                    slug=one["slug"],
                    title=words(one["title"]),
                    body=words(one["body"]),
                )

            self.agenda.add(moment(one["date"], "12:00"), publish)
