"""Béni Mellal's cycle of 2022–2024, performed: every act by somebody with the right to it, on its day.

The agenda decides the order; nothing here writes a row that an action of a room could write. Who
takes which position is drawn with a fixed seed: the same demo each time, different for each project.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import sqlalchemy as sa

from participate.consultations import actions as consultations
from participate.consultations import queries as consulted
from participate.contributions import actions as contributions
from participate.contributions import queries as contributed
from participate.contributions.models import Contribution
from participate.council import actions as council
from participate.council.models import CouncilSession
from participate.db import clock, db
from participate.demo.agenda import Agenda
from participate.demo.stories import Stories, day, moment, told, words
from participate.letters import jobs as letters
from participate.lifecycle import actions as lifecycle
from participate.meetings import actions as meetings
from participate.moderation import actions as moderation
from participate.moderation import queries as moderated
from participate.monitoring import actions as monitoring
from participate.monitoring.models import Milestone
from participate.network import actions as network
from participate.people import actions as people
from participate.people import queries as known
from participate.people.models import AdvisoryBody, Association, Mandate
from participate.people.queries import Voice
from participate.plans import actions as plans
from participate.plans import queries as planned
from participate.plans.models import ActionPlan, Project
from participate.positions import actions as positions
from participate.positions.models import ProjectStatement
from participate.responses import actions as responses
from participate.responses.models import Response
from participate.rules.moderation import AppealOutcome, Decision, ReasonCode
from participate.rules.outcomes import (
    OUTCOMES_NEEDING_REASON,
    READABLE_STATES,
    AgeBand,
    ChangeCause,
    CommentKind,
    ConsultationKind,
    Fate,
    Gender,
    MeetingAudience,
    MilestoneStatus,
    Outcome,
    ProjectDecision,
    PublishState,
    ResponseState,
    Section,
    Stance,
    VersionKind,
)
from participate.rules.policy import Act, Actor, Place, Role, may
from participate.rules.windows import CASABLANCA

SEED = 20230822
CODE = "BM"
CYCLE = "2024-2025"
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


class Step(StrEnum):
    """Where the demo can stand."""

    CALL_FOR_IDEAS = "call_for_ideas"
    DRAFT_REVIEW = "draft_review"
    SYNTHESIS = "synthesis"
    COUNCIL = "council"
    IMPLEMENTATION = "implementation"


def _at(year: int, month: int, day_: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(year, month, day_, hour, minute, tzinfo=CASABLANCA)


ANCHORS = {
    Step.CALL_FOR_IDEAS: _at(2023, 6, 22),
    Step.DRAFT_REVIEW: _at(2023, 8, 22, 9),
    Step.SYNTHESIS: _at(2023, 9, 8, 9),
    Step.COUNCIL: _at(2023, 9, 22, 9),
    Step.IMPLEMENTATION: _at(2024, 7, 1, 9),
}

# How a project is received: weights of support, opposition, undecided, and how many look at it at all.
MOODS: dict[int, tuple[float, float, float, float]] = {
    1: (0.74, 0.10, 0.16, 0.62),
    2: (0.80, 0.08, 0.12, 0.78),
    3: (0.70, 0.12, 0.18, 0.48),
    4: (0.66, 0.09, 0.25, 0.40),
    5: (0.52, 0.36, 0.12, 0.82),
    6: (0.40, 0.41, 0.19, 0.46),
    7: (0.77, 0.12, 0.11, 0.80),
    8: (0.90, 0.04, 0.06, 0.92),
    9: (0.83, 0.09, 0.08, 0.88),
    10: (0.60, 0.12, 0.28, 0.38),
    11: (0.49, 0.27, 0.24, 0.35),
    12: (0.68, 0.17, 0.15, 0.58),
}

WORDS_NOT_WORKS = frozenset({1, 3, 4, 6, 10, 11})
SCREENS = frozenset({2, 7, 12})


@dataclass
class Cast:
    """Who is who, by their keys in the files."""

    person: dict[str, int] = field(default_factory=dict)
    association: dict[str, int] = field(default_factory=dict)
    delegate: dict[str, str] = field(default_factory=dict)
    contribution: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    voices: dict[tuple[str, str | None], Voice] = field(default_factory=dict)
    place: dict[str, int] = field(default_factory=dict)
    theme: dict[str, int] = field(default_factory=dict)


class Story:
    """One performance."""

    def __init__(self, agenda: Agenda) -> None:
        self.agenda = agenda
        self.told: Stories = told()
        self.cast = Cast()
        self.draw = random.Random(SEED)
        self.collectivity = 0
        self.plan_id = 0
        self.review_id = 0
        self.call_id = 0
        self.axis: dict[str, int] = {}
        self.project: dict[int, int] = {}
        self.neighbourhood: dict[str, int] = {}
        self.slug: str = self.told.cycle["collectivity"]["slug"]

    # --- who acts ----------------------------------------------------------------------------------

    def actor(self, key: str) -> Actor:
        """Return what somebody may do; asked once a batch of roles was given."""
        if key not in self.cast.actors:
            self.cast.actors[key] = known.actor_of(self.cast.person[key])
        return self.cast.actors[key]

    def voice(self, key: str, association: str | None = None) -> Voice:
        """Return a person's own voice, or that of an association they hold a mandate of."""
        found = self.cast.voices.get((key, association))
        if found is None:
            wanted = self.cast.association[association] if association else None
            voices = known.voices_of(self.cast.person[key], self.collectivity)
            found = next(voice for voice in voices if voice.association_id == wanted)
            self.cast.voices[key, association] = found
        return found

    def plan(self) -> ActionPlan:
        """Return the plan's row."""
        return db.session.get_one(ActionPlan, (self.collectivity, self.plan_id))

    def where(self) -> Place:
        """Return the place of the plan's present consultation."""
        return consulted.consultation_place(self.slug, CYCLE)

    # --- the agenda ----------------------------------------------------------------------------------

    def plan_everything(self) -> None:
        """Write the agenda of the whole cycle."""
        self.agenda.add(_at(2022, 10, 21), self.found_network, "the network is founded")
        self.agenda.add(_at(2023, 1, 9), self.open_space, "a commune opens its space; staff get their roles")
        self.agenda.add(_at(2023, 2, 1), self.enter_people, "residents and associations")
        self.agenda.add(_at(2023, 3, 1), self.begin_plan, "the plan begins")
        self.plan_meetings()
        self.agenda.add(_at(2023, 6, 2), self.announce_call, "the call for ideas is announced")
        self.plan_call()
        self.agenda.add(_at(2023, 6, 30), self.write_projects, "officers write twelve projects")
        self.agenda.add(_at(2023, 7, 5), self.assess_ideas, "the committee says what becomes of each idea")
        self.plan_news()
        self.agenda.add(_at(2023, 7, 11, 16), self.publish_draft, "draft version 1 and public notice")
        self.plan_review()
        self.plan_answers()
        self.plan_council()
        self.plan_follow_up()
        self.plan_days()

    def plan_days(self) -> None:
        """Let what is due happen every night of the two consultations, and on the minute they turn."""
        turns = [_at(2023, 6, 19, 0), _at(2023, 6, 26, 0), _at(2023, 7, 25, 0), _at(2023, 8, 30, 0)]
        nights = [_at(2023, 6, 20, 3) + timedelta(days=n) for n in range(100)]
        for turn in [*turns, *nights]:
            self.agenda.add(turn, self.run_due)

    def run_due(self) -> None:
        """Perform what is due and write the letters, as the worker does."""
        lifecycle.run_due(None)
        db.session.commit()
        letters.post_news()

    # --- beginnings ------------------------------------------------------------------------------------

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
                max(starts - timedelta(days=5), _at(2023, 1, 10)), partial(self.meet, one, held=False)
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

    # --- the call for ideas ------------------------------------------------------------------------------

    def announce_call(self) -> None:
        """Plan and announce the call for ideas: 19 to 25 June."""
        row = consultations.plan_consultation(
            self.actor("officer1"),
            self.collectivity,
            self.plan_id,
            ConsultationKind.CALL_FOR_IDEAS,
            {"ar": "الدعوة إلى تقديم المقترحات", "fr": "Appel à idées", "en": "Call for ideas"},
            _at(2023, 6, 19, 0),
            _at(2023, 6, 26, 0),
        )
        self.call_id = row.id
        lifecycle.announce(self.actor("officer1"), row)

    def plan_call(self) -> None:
        """Plan the ideas of June, each read by a moderator, then supported or opposed by others."""
        for number, idea in enumerate(self.told.ideas["idea"]):
            at = moment(idea["date"]) + timedelta(minutes=37 * number % 660)
            self.agenda.add(at, partial(self.submit_idea, idea), "the call for ideas" if not number else "")

    def submit_idea(self, idea: dict[str, Any]) -> None:
        """Submit one idea; a moderator reads it within hours, and people react in the days after."""
        association = idea.get("association")
        key = self.cast.delegate[association] if association else idea["author"]
        base = contributions.submit_idea(
            self.actor(key),
            self.where(),
            self.voice(key, association),
            title=idea["title"],
            problem=idea["problem"],
            proposal=idea["proposal"],
            axis_id=self.axis[idea["axis"]],
            location=idea["place"],
            lang=idea["lang"],
            declared=association is None,
        )
        self.cast.contribution[idea["key"]] = base.id
        read = self.moderate(base.id, key, None)
        last = _at(2023, 6, 25, 23) if str(idea["date"]) < "2023-07" else _at(2023, 8, 29, 22)
        self._reactions(idea, key, read, last)

    def _reactions(self, idea: dict[str, Any], author: str, read: datetime, last: datetime) -> None:
        crowd = [one["key"] for one in self.told.people["person"] if one["key"] != author]
        who = self.draw.sample(crowd, min(len(crowd), idea["supporters"] + idea["against"]))
        for number, key in enumerate(who):
            value = 1 if number < idea["supporters"] else -1
            span = max(last - read, timedelta(hours=2))
            at = min(read + span * self.draw.random(), last + timedelta(minutes=number))
            self.agenda.add(at, partial(self.react, idea["key"], key, value, cosign=value > 0))

    def react(self, subject: str, key: str, value: int, *, cosign: bool = False) -> None:
        """Take a position on somebody's text; some who agree with an idea put their name under it."""
        row = db.session.get(Contribution, (self.collectivity, self.cast.contribution[subject]))
        if row is None or row.statement_id is None:
            return
        place = contributed.place_of_contribution(self.collectivity, row.id)
        actor = self.actor(key)
        if not may(actor, Act.POSITION_TAKE, place):
            return
        positions.take(actor, place, row.statement_id, value, self.voice(key), declared=True)
        if cosign and self.draw.random() < 0.35 and may(actor, Act.IDEA_COSIGN, place):
            contributions.cosign(actor, place, self.voice(key))

    # --- from ideas to a draft --------------------------------------------------------------------------

    def assess_ideas(self) -> None:
        """Decide what becomes of each idea of June, once the projects it led to are written."""
        for idea in self.told.ideas["idea"]:
            self.assess(idea)

    def assess(self, idea: dict[str, Any]) -> None:
        """Decide what becomes of one idea, with the reason the author reads."""
        key = self.cast.contribution.get(idea["key"])
        row = db.session.get(Contribution, (self.collectivity, key)) if key else None
        if row is None or row.state not in READABLE_STATES:
            return
        responses.assess_idea(
            self.actor("committee1"),
            self.collectivity,
            row.id,
            Fate(idea["fate"]),
            reason=words(idea["fate_reason"]),
            project_id=self.project.get(idea.get("project", 0)),
        )

    def write_projects(self) -> None:
        """Write the working copies of the twelve projects, and say which ideas they came from."""
        officer = self.actor("officer1")
        for one in self.told.projects["project"]:
            self.project[one["number"]] = plans.create_project(
                officer,
                self.collectivity,
                self.plan_id,
                self.axis[one["axis"]],
                {**self._texts(one), "milestones": self._milestones(one["milestone"])},
                number=one["number"],
            ).id

    def _texts(self, one: dict[str, Any]) -> dict[str, Any]:
        texts: dict[str, Any] = {name: words(one[name]) for name in planned.TEXTS}
        return {**texts, "principles": list(one["principles"]), "budget_mad": one["budget_mad"]}

    def _milestones(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "title": words(row["title"]),
                "starts": row["starts"],
                "ends": row["ends"],
                "indicator": words(row["indicator"]),
            }
            for row in rows
        ]

    def publish_draft(self) -> None:
        """Publish draft version 1 and announce its review: 25 July to 29 August."""
        officer = self.actor("officer1")
        plans.publish_version(
            officer,
            self.plan(),
            VersionKind.DRAFT,
            {
                "ar": "المسودة المعروضة على السكان بعد الورشة الثانية.",
                "fr": "Le texte soumis aux habitants après le deuxième atelier.",
                "en": "The draft put to residents after the second workshop.",
            },
        )
        row = consultations.plan_consultation(
            officer,
            self.collectivity,
            self.plan_id,
            ConsultationKind.DRAFT_REVIEW,
            {"ar": "مناقشة المسودة", "fr": "Discussion du projet de programme", "en": "Review of the draft"},
            _at(2023, 7, 25, 0),
            _at(2023, 8, 30, 0),
        )
        self.review_id = row.id
        lifecycle.announce(officer, row)

    # --- the review of the draft --------------------------------------------------------------------------

    def plan_review(self) -> None:
        """Plan what people write and choose between 25 July and 29 August."""
        for number, one in enumerate(self.told.comments):
            self.agenda.add(
                moment(one["date"]),
                partial(self.comment, one),
                "the review of the draft" if not number else "",
            )
        for number, idea in enumerate(self.told.ideas["late_idea"]):
            self.agenda.add(
                moment(idea["date"], f"{17 + number % 4}:2{number}"), partial(self.submit_idea, idea)
            )
        for one in self.told.people["person"]:
            self._plan_visit(one)
        for number, one in enumerate(self.told.people["association"]):
            at = _at(2023, 7, 27, 15) + timedelta(days=2 * number + 1, minutes=17 * number)
            self.agenda.add(at, partial(self.visit_of, one["key"]))
        opinion = self.told.cycle["advisory"]["opinion"]
        self.agenda.add(moment(opinion["date"], "16:20"), self.file_opinion)
        for one in self.told.cycle["report"]:
            self.agenda.add(moment(one["date"]), partial(self.report_text, one))
            self.agenda.add(moment(one["read"]), partial(self.read_report, one))
        for one in self.told.cycle["appeal"]:
            self.agenda.add(moment(one["date"]), partial(self.appeal, one))
            self.agenda.add(moment(one["answered"]), partial(self.answer_appeal, one))

    def _plan_visit(self, one: dict[str, Any]) -> None:
        days = self.draw.choices(
            range(35), weights=[9, 7, 5, 4, 3] + [2] * 14 + [3] * 10 + [2] * 2 + [3, 4, 5, 6]
        )[0]
        at = _at(2023, 7, 25, 8) + timedelta(days=days, minutes=self.draw.randint(0, 880))
        self.agenda.add(at, lambda: self.visit(one["key"], None, one))

    def comment(self, one: dict[str, Any]) -> None:
        """Write one comment; a reply waits until what it answers is public."""
        parent = None
        if one.get("reply_to"):
            parent = self.cast.contribution.get(one["reply_to"])
            row = db.session.get(Contribution, (self.collectivity, parent)) if parent else None
            if row is None or row.state not in READABLE_STATES:
                later = (self.agenda.now or clock()) + timedelta(hours=5)
                if later < _at(2023, 8, 29, 23):
                    self.agenda.add(later, lambda: self.comment(one))
                return
        association = one.get("association")
        key = self.cast.delegate[association] if association else one["author"]
        base = contributions.submit_comment(
            self.actor(key),
            self.where(),
            self.voice(key, association),
            project_id=self.project[one["project"]] if one["project"] and parent is None else None,
            section=Section(one["section"]),
            kind=CommentKind(one["kind"]),
            stance=Stance(one["stance"]),
            body=one["body"].strip(),
            amend_from=(one.get("amend_from") or "").strip() or None,
            amend_to=(one.get("amend_to") or "").strip() or None,
            parent_id=parent,
            lang=one["lang"],
            declared=association is None,
        )
        self.cast.contribution[one["key"]] = base.id
        self.moderate(base.id, key, one.get("moderation"))

    def visit_of(self, association: str) -> None:
        """Let an association look at the projects, by its delegate."""
        self.visit(self.cast.delegate[association], association)

    def visit(self, key: str, association: str | None, about: dict[str, Any] | None = None) -> None:
        """Let one voice look at some projects, take positions, choose priorities and react to comments."""
        actor, place, voice = self.actor(key), self.where(), self.voice(key, association)
        liked: list[tuple[int, int]] = []
        for number, statement in self._statements().items():
            value = self._opinion(number, about)
            if value is None:
                continue
            positions.take(actor, place, statement, value, voice, declared=association is None)
            if value > 0:
                liked.append((number, statement))
        if about is not None:
            self._facts(actor, about)
        wanted = self.draw.choices((0, 1, 2, 3), weights=(2, 1, 2, 5))[0]
        liked.sort(key=lambda pair: self.draw.random() / MOODS[pair[0]][3])
        for _number, statement in liked[:wanted]:
            positions.set_priority(
                actor, place, statement, on=True, voice=voice, declared=association is None
            )
        self._react_to_comments(key, association)

    def _statements(self) -> dict[int, int]:
        found = db.session.execute(
            sa.select(ProjectStatement.project_id, ProjectStatement.statement_id).where(
                ProjectStatement.collectivity_id == self.collectivity,
                ProjectStatement.consultation_id == self.review_id,
            )
        )
        by_project = {project: statement for project, statement in found}  # noqa: C416
        return {number: by_project[key] for number, key in self.project.items()}

    def _opinion(self, number: int, about: dict[str, Any] | None) -> int | None:
        """Draw what somebody thinks of a project; None when they do not look at it.

        Half the residents put works before papers; older ones trust screens less.
        """
        support, against, undecided, seen = MOODS[number]
        if about is None:
            support, against, seen = support + 0.15, against * 0.6, 0.8
        elif int(about["key"][1:]) % 5 in {1, 3} and number in WORDS_NOT_WORKS:
            support, against = support * 0.45, against * 2.6
        elif about["age"] in {"50-64", "65+"} and number in SCREENS:
            support, undecided = support * 0.7, undecided * 2.2
        if self.draw.random() > seen:
            return None
        return self.draw.choices((1, -1, 0), weights=(support, against, undecided))[0]

    def _facts(self, actor: Actor, about: dict[str, Any]) -> None:
        if self.draw.random() < 0.2:
            return
        row = consulted.lock_for_act(self.collectivity, self.review_id)
        consultations.set_facts(
            actor,
            row,
            neighbourhood_id=self.neighbourhood.get(about["neighbourhood"]),
            age_band=AgeBand(about["age"]),
            gender=Gender(about["gender"]),
        )

    def _react_to_comments(self, key: str, association: str | None) -> None:
        if association is not None:
            return
        public = db.session.scalars(
            sa.select(Contribution.id)
            .where(
                Contribution.collectivity_id == self.collectivity,
                Contribution.consultation_id == self.review_id,
                Contribution.state == PublishState.PUBLISHED,
                Contribution.statement_id.is_not(None),
            )
            .order_by(Contribution.id)
        ).all()
        own = {
            self.cast.contribution[one["key"]]
            for one in self.told.comments
            if one.get("author") == key and one["key"] in self.cast.contribution
        }
        others = [one for one in public if one not in own]
        for contribution_id in self.draw.sample(others, min(len(others), self.draw.randint(1, 6))):
            value = self.draw.choices((1, -1, 0), weights=(7, 2, 1))[0]
            self.cast.contribution[f"#{contribution_id}"] = contribution_id
            self.react(f"#{contribution_id}", key, value)

    def file_opinion(self) -> None:
        """File the advisory body's opinion on the draft."""
        body = db.session.scalar(
            sa.select(AdvisoryBody.id).where(AdvisoryBody.collectivity_id == self.collectivity)
        )
        assert body is not None, "entered with the space"
        contributions.file_opinion(
            self.actor("advisory1"),
            self.where(),
            body_id=body,
            text=self.told.cycle["advisory"]["opinion"]["text"]["ar"].strip(),
            lang="ar",
        )

    # --- answers ----------------------------------------------------------------------------------------

    def plan_answers(self) -> None:
        """Plan themes, answers, the second reader and the revised words: 31 August to 20 September."""
        self.agenda.add(_at(2023, 8, 31), self.group_in_themes, "contributions are grouped in themes")
        answers: list[Callable[[], None]] = [
            *((partial(self.answer_theme, one)) for one in self.told.themes),
            *((partial(self.answer_project, one)) for one in self.told.projects["project"]),
            *((partial(self.answer_idea, one)) for one in self.told.ideas["idea"]),
        ]
        for number, answer in enumerate(answers):
            self.agenda.add(_at(2023, 9, 4, 9) + timedelta(minutes=37 * number), answer)
        for number, one in enumerate(self.told.projects["project"]):
            if one.get("revised"):
                self.agenda.add(_at(2023, 9, 6, 14, number), partial(self.revise, one))
        for idea in self.told.ideas["late_idea"]:
            self.agenda.add(moment(idea["decided"], "15:30"), partial(self.assess, idea))
            self.agenda.add(moment(idea["decided"], "16:30"), partial(self.answer_idea, idea))
        self.agenda.add(_at(2023, 9, 7, 16), lambda: self.approve(half=True), "a second reader approves")
        self.agenda.add(_at(2023, 9, 11, 15), lambda: self.approve(half=False))

    def group_in_themes(self) -> None:
        """Group what was published by its theme."""
        officer = self.actor("officer1")
        for one in self.told.themes:
            row = responses.save_theme(
                officer,
                self.collectivity,
                self.review_id,
                words(one["title"]),
                project_id=self.project.get(one["project"]),
            )
            self.cast.theme[one["key"]] = row.id
            inside = [
                self.cast.contribution[comment["key"]]
                for comment in self.told.comments
                if comment.get("theme") == one["key"] and comment["key"] in self.cast.contribution
            ]
            responses.fill_theme(officer, self.collectivity, row.id, inside)

    def _answer(self, subject: responses.Subject, told_: dict[str, Any]) -> None:
        responses.write_response(
            self.actor("officer1"),
            subject,
            Outcome(told_["outcome"]),
            words(told_["text"]),
            words(told_["reason"]) if told_.get("reason") else None,
            bool(told_.get("changed", False)),
        )

    def answer_theme(self, one: dict[str, Any]) -> None:
        """Answer what a theme says."""
        subject = responses.Subject(self.collectivity, self.review_id, theme_id=self.cast.theme[one["key"]])
        self._answer(subject, one["response"])

    def answer_project(self, one: dict[str, Any]) -> None:
        """Answer, for a project as a whole, what people thought of it."""
        subject = responses.Subject(self.collectivity, self.review_id, project_id=self.project[one["number"]])
        told_ = dict(one["response"])
        if Outcome(told_["outcome"]) in OUTCOMES_NEEDING_REASON and "reason" not in told_:
            told_["reason"] = told_["text"]
        self._answer(subject, told_)

    def answer_idea(self, idea: dict[str, Any]) -> None:
        """Answer who sent an idea with what became of it."""
        row = db.session.get(Contribution, (self.collectivity, self.cast.contribution.get(idea["key"], 0)))
        if row is None or row.state not in READABLE_STATES:
            return
        outcome = OUTCOME_OF[Fate(idea["fate"])]
        text = words(idea["fate_reason"])
        responses.write_response(
            self.actor("officer1"),
            responses.Subject(self.collectivity, row.consultation_id, contribution_id=row.id),
            outcome,
            text,
            text if outcome in OUTCOMES_NEEDING_REASON else None,
        )

    def revise(self, one: dict[str, Any]) -> None:
        """Write the revised words of a project, with what caused them."""
        revised = one["revised"]
        project = db.session.get_one(Project, (self.collectivity, self.project[one["number"]]))
        texts: dict[str, Any] = {
            "change_cause": ChangeCause(revised["cause"]),
            "change_note": words(revised["why"]),
        }
        if "solution" in revised:
            texts["solution"] = words(revised["solution"])
        if "budget_mad" in revised:
            texts["budget_mad"] = revised["budget_mad"]
        if "milestones" in revised:
            texts["milestones"] = self._milestones(revised["milestones"])
        place = planned.plan_place(self.slug, CYCLE)
        plans.save_project(self.actor("officer1"), place, project.id, project.row_version, texts)

    def approve(self, *, half: bool) -> None:
        """Let the second reader approve half of the answers, then the rest."""
        rows = db.session.scalars(
            sa.select(Response.id)
            .where(
                Response.collectivity_id == self.collectivity,
                Response.state == ResponseState.DRAFT,
            )
            .order_by(Response.written_at, Response.id)
        ).all()
        for key in rows[: len(rows) // 2] if half else rows:
            responses.approve(self.actor("officer2"), self.collectivity, key)

    # --- the council --------------------------------------------------------------------------------------

    def plan_council(self) -> None:
        """Plan the session, the transmission, the sitting of 2 October and the adoption."""
        self.agenda.add(_at(2023, 9, 12), self.announce_session, "the council's session is announced")
        self.agenda.add(_at(2023, 9, 20, 15), self.transmit, "the sealed file goes to the council")
        self.agenda.add(_at(2023, 10, 2, 16), self.decide_plan, "the council decides")

    def announce_session(self) -> None:
        """Announce the ordinary session of October."""
        council.announce_session(
            self.actor("secretary1"),
            planned.plan_place(self.slug, CYCLE),
            "ordinary",
            date(2023, 10, 2),
            {
                "ar": "الدراسة والتصويت على برنامج عمل انفتاح الجماعة.",
                "fr": "Examen et vote du programme d’ouverture de la commune.",
                "en": "Examination of and vote on the commune’s openness action plan.",
            },
        )

    def transmit(self) -> None:
        """Send the plan to the council with its seal."""
        lifecycle.transmit(
            self.actor("president1"),
            self.plan(),
            {
                "ar": "الصيغة المراجعة بعد التشاور، كما تعرض على المجلس.",
                "fr": "La version révisée après la consultation, telle que le conseil la reçoit.",
                "en": "The version revised after the consultation, as the council receives it.",
            },
        )

    def decide_plan(self) -> None:
        """Record the sitting, its votes on each project, and follow the adoption."""
        secretary, place = self.actor("secretary1"), planned.plan_place(self.slug, CYCLE)
        session = db.session.scalars(
            sa.select(CouncilSession).where(
                CouncilSession.collectivity_id == self.collectivity, CouncilSession.plan_id == self.plan_id
            )
        ).one()
        sitting = council.record_sitting(
            secretary, place, session.id, 1, _at(2023, 10, 2), IN_OFFICE, PRESENT, EXCUSED
        )
        council.record_deliberation(
            secretary,
            place,
            sitting.id,
            "2023/10/07",
            date(2023, 10, 2),
            "adopted",
            [self._vote(one) for one in self.told.projects["project"]],
        )
        for one in self.told.projects["project"]:
            if one["decision"]["outcome"] == ProjectDecision.ADOPTED_AMENDED:
                self._amend(secretary, place, one)
        lifecycle.adopt(
            secretary,
            self.plan(),
            {
                "ar": "البرنامج كما صادق عليه المجلس في جلسة 2 أكتوبر 2023.",
                "fr": "Le programme adopté par le conseil à la séance du 2 octobre 2023.",
                "en": "The plan as the council adopted it at the sitting of 2 October 2023.",
            },
        )

    def _amend(self, secretary: Actor, place: Place, one: dict[str, Any]) -> None:
        """Write a project as the council adopted it: another budget, a sentence more."""
        decided = one["decision"]
        project = db.session.get_one(Project, (self.collectivity, self.project[one["number"]]))
        added = words(decided["added"])
        texts = {
            "budget_mad": decided["budget_mad"],
            "solution": {lang: f"{text}\n\n{added[lang]}" for lang, text in project.solution.items()},
        }
        council.write_amendment(secretary, place, project.id, texts)

    def _vote(self, one: dict[str, Any]) -> council.VoteRow:
        decided = one["decision"]
        reason = words(decided["reason"]) if decided.get("reason") else None
        return council.VoteRow(
            self.project[one["number"]],
            ProjectDecision(decided["outcome"]),
            decided["in_favour"],
            decided["against"],
            decided["abstain"],
            reason=reason or (DIVIDED if one["number"] in DIVIDING else None),
            amendment=words(decided["amended"]) if decided.get("amended") else None,
        )

    # --- after adoption -------------------------------------------------------------------------------------

    def plan_follow_up(self) -> None:
        """Plan the reports on milestones and what residents saw."""
        for one in self.told.followup["milestone_status"]:
            if one["status"] in STANDING:
                at = max(moment(one.get("done_on") or one["due"], "17:00"), moment(one["due"], "17:00"))
                self.agenda.add(min(at, _at(2024, 6, 28, 12)), partial(self.report, one))
        self.agenda.add(_at(2024, 1, 8), lambda: None, "the plan is carried out")
        for one in self.told.followup["observation"]:
            self.agenda.add(moment(one["date"], "21:15"), partial(self.observe, one))

    def report(self, one: dict[str, Any]) -> None:
        """Report where a milestone stands; a late one says why."""
        rows = db.session.scalars(
            sa.select(Milestone)
            .where(
                Milestone.collectivity_id == self.collectivity,
                Milestone.project_id == self.project[one["project"]],
            )
            .order_by(Milestone.position)
        ).all()
        due = date.fromisoformat(one["due"])
        if not rows:
            return
        milestone = min(rows, key=lambda row: abs(row.ends_on - due))
        whole = self.told.followup["progress_report"]
        text = words(whole["text"]) if one["status"] == "late" else words(one["note"])
        monitoring.publish_progress(
            self.actor("officer1"),
            planned.project_place(self.slug, CYCLE, one["project"]),
            milestone.id,
            status=STANDING[one["status"]],
            text=text,
            delay_reason=words(one["note"]),
        )

    def observe(self, one: dict[str, Any]) -> None:
        """Let a resident say what they saw; a moderator publishes it the next day."""
        place = planned.project_place(self.slug, CYCLE, one["project"])
        row = monitoring.submit_observation(
            self.actor(one["author"]), place, text=one["text"], lang=one["lang"]
        )
        self.agenda.add(
            (self.agenda.now or clock()) + timedelta(hours=14),
            partial(self.read_observation, place, row.id),
        )

    def read_observation(self, place: Place, key: int) -> None:
        """Let a moderator publish an observation."""
        monitoring.decide_observation(self.actor("moderator2"), place, key, publish=True)

    # --- moderation ------------------------------------------------------------------------------------

    def moderate(self, contribution_id: int, author: str, wish: dict[str, Any] | None) -> datetime:
        """Let a moderator read a new text within a day; return when it is public at the latest."""
        delay = timedelta(minutes=self.draw.randint(70, 900))
        at = (self.agenda.now or clock()) + delay
        began = self.agenda.now or clock()
        if _at(2023, 8, 20, 12) <= began < ANCHORS[Step.DRAFT_REVIEW]:
            # What the moderators of the default demo find in their queue.
            at = _at(2023, 8, 22, 10) + timedelta(minutes=self.draw.randint(0, 400))
        local = at.astimezone(CASABLANCA)
        if local.hour < 8:
            at = local.replace(hour=8, minute=self.draw.randint(5, 55))
        who = "moderator1" if self.draw.random() < 0.6 else "moderator2"
        if author == who:
            who = "moderator2" if who == "moderator1" else "moderator1"
        if wish and wish.get("at"):
            at = moment(wish["at"])
        self.agenda.add(at, lambda: self.decide(who, contribution_id, wish))
        return at

    def decide(self, who: str, contribution_id: int, wish: dict[str, Any] | None) -> None:
        """Publish a waiting text, or do what the files say, with the reason."""
        row = db.session.get(Contribution, (self.collectivity, contribution_id))
        if row is None or (row.state is not PublishState.WAITING and wish is None):
            return
        decision = Decision(wish["decision"]) if wish else Decision.PUBLISH
        if decision is Decision.PUBLISH and row.state is not PublishState.WAITING:
            return
        reason = ReasonCode(wish["reason"]) if wish and wish.get("reason") else None
        facts = FACTS.get(reason, "") if reason else ""
        redacted = {"body": wish["redacted"]} if wish and wish.get("redacted") else None
        moderation.decide(
            self.actor(who),
            contributed.place_of_contribution(self.collectivity, contribution_id),
            contribution_id,
            decision,
            reason,
            facts,
            redacted=redacted,
        )

    def report_text(self, one: dict[str, Any]) -> None:
        """Let residents report a text that is public: it goes up the moderators' queue."""
        contribution_id = self.cast.contribution[one["comment"]]
        for key in one["by"]:
            moderation.report(
                self.actor(key),
                contributed.place_of_contribution(self.collectivity, contribution_id),
                contribution_id,
                ReasonCode(one["reason"]),
                one["note"],
                one["lang"],
            )

    def read_report(self, one: dict[str, Any]) -> None:
        """Let a moderator read a reported text again: criticism stays."""
        contribution_id = self.cast.contribution[one["comment"]]
        moderation.decide(
            self.actor("moderator2"),
            contributed.place_of_contribution(self.collectivity, contribution_id),
            contribution_id,
            Decision.PUBLISH,
            None,
            "",
        )

    def _decision_on(self, key: str) -> moderated.DecisionRow:
        """Return the last decision on a text of the files."""
        return moderated.decisions_on(self.collectivity, self.cast.contribution[key])[0]

    def appeal(self, one: dict[str, Any]) -> None:
        """Let the author of a hidden text ask that somebody else look again."""
        author = next(row["author"] for row in self.told.comments if row["key"] == one["comment"])
        moderation.appeal(self.actor(author), self._decision_on(one["comment"]).id, one["text"], one["lang"])

    def answer_appeal(self, one: dict[str, Any]) -> None:
        """Let the moderator who did not decide the first time answer."""
        first = self._decision_on(one["comment"])
        other = next(key for key in ("moderator1", "moderator2") if self.cast.person[key] != first.decided_by)
        asked = next(
            row
            for row in moderated.appeals(self.actor(other), self.collectivity)[0]
            if row.decision.id == first.id
        )
        moderation.decide_appeal(self.actor(other), asked.id, AppealOutcome(one["outcome"]), one["answer"])


OUTCOME_OF = {
    Fate.RETAINED: Outcome.ACCEPTED,
    Fate.MERGED: Outcome.PARTLY_ACCEPTED,
    Fate.DEFERRED: Outcome.DEFERRED,
    Fate.DECLINED: Outcome.DECLINED,
    Fate.OUTSIDE_COMPETENCE: Outcome.OUTSIDE_COMPETENCE,
}
STANDING = {
    "done": MilestoneStatus.COMPLETE,
    "partly_done": MilestoneStatus.SUBSTANTIAL,
    "late": MilestoneStatus.LIMITED,
}
IN_OFFICE, PRESENT, EXCUSED = 35, 27, 5
DIVIDING = frozenset({6})
DIVIDED = {
    "ar": "رأى المجلس أن نشر معايير الدعم واجب قانوني، وطلب عرض النموذج على الجمعيات قبل العمل به.",
    "fr": "Le conseil a jugé que publier les critères du soutien est une obligation légale ; le modèle sera d’abord montré aux associations.",
    "en": "The council held that publishing the criteria of support is a legal duty; the model will be shown to associations first.",
}
"""Why the council adopted a project that divided people."""

FACTS: dict[ReasonCode | None, str] = {
    ReasonCode.PERSONAL_DATA: "في النص رقم هاتف أو اسم شخص لم يطلب نشره.",
    ReasonCode.INSULT_DEFAMATION: "في النص عبارة تمس شخصا يمكن التعرف عليه. الانتقاد مرحب به دون تجريح.",
    ReasonCode.COMMERCIAL_SPAM: "النص إعلان تجاري لا علاقة له بالمشروع.",
    ReasonCode.ELECTORAL_PARTISAN: "في النص دعوة إلى التصويت لحزب، وهذا الفضاء ليس للحملات الانتخابية.",
    ReasonCode.INDIVIDUAL_COMPLAINT: "هذه شكاية فردية: مكتب الشكايات يتابعها برقم. يمكنك إعادة صياغتها كاقتراح للجميع.",
    ReasonCode.UNINTELLIGIBLE: "لم نفهم المقصود. المرجو إعادة الصياغة في جملة أو جملتين.",
    ReasonCode.OFF_TOPIC: "النص لا يتعلق بالمشروع. يمكن إعادة صياغته أو تقديمه كفكرة.",
}
"""What authors are told, beside the reason itself."""
