"""The council."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from participate.council import actions as council
from participate.council.models import CouncilSession
from participate.db import db
from participate.demo.stories import words
from participate.demo.story.steps import casablanca
from participate.demo.story.telling import CYCLE, Telling
from participate.lifecycle import actions as lifecycle
from participate.plans import queries as planned
from participate.plans.models import Project
from participate.rules.control import Control
from participate.rules.outcomes import ProjectDecision
from participate.rules.policy import Actor, Place
from participate.synthesis import actions as synthesis

IN_OFFICE, PRESENT, EXCUSED = 35, 27, 5
DIVIDING = frozenset({6})
DIVIDED = {
    "ar": "رأى المجلس أن نشر معايير الدعم واجب قانوني، وطلب عرض النموذج على الجمعيات قبل العمل به.",
    "fr": "Le conseil a jugé que publier les critères du soutien est une obligation légale ; le modèle sera d’abord montré aux associations.",
    "en": "The council held that publishing the criteria of support is a legal duty; the model will be shown to associations first.",
}
"""Why the council adopted a project that divided people."""
DIVIDING_ONE = 6
NOTE = "أعود إلى هذا المشروع قبل الجلسة: الآراء منقسمة، وأريد أن أفهم لماذا."
QUESTIONS = (
    (
        6,
        "ما الذي يضمن أن تُحترم معايير الدعم بعد نشرها؟",
        "تُنشر لائحة الدعم الممنوح مع كل معيار طُبق، ويستطيع كل شخص أن يقارن. هذا جزء من صيغة المشروع المعروضة عليكم.",
    ),
    (
        2,
        "Qui tient la carte à jour pendant les congés du service des travaux ?",
        "Un second agent du service est formé pour cela ; son nom de fonction figure sur la fiche du projet.",
    ),
)
"""What a councillor asks, and what the officers answer: illustrative, like everything they say here."""


class Council(Telling):
    """A session that decides on every project."""

    def plan_council(self) -> None:
        """Plan the session, the transmission, the sitting of 2 October and the adoption."""
        self.agenda.add(casablanca(2023, 9, 12), self.announce_session, "the council's session is announced")
        self.agenda.add(casablanca(2023, 9, 20, 15), self.transmit, "the sealed file goes to the council")
        self.agenda.add(casablanca(2023, 9, 20, 16), self.ask_papers, "the papers of the file are asked for")
        self.agenda.add(casablanca(2023, 9, 21, 10), self.read_and_ask, "a councillor reads and asks")
        self.agenda.add(casablanca(2023, 9, 21, 16), lambda: self.answer(1), "the officers answer")
        self.agenda.add(casablanca(2023, 9, 25, 11), lambda: self.answer(2))
        self.agenda.add(casablanca(2023, 10, 2, 16), self.decide_plan, "the council decides")
        self.agenda.add(casablanca(2023, 10, 4), lambda: self.control(Control.AWAITING))
        self.agenda.add(
            casablanca(2023, 10, 18), lambda: self.control(Control.ENFORCEABLE), "the act is enforceable"
        )

    def announce_session(self) -> None:
        """Announce the ordinary session of October."""
        session = council.announce_session(
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
        council.send_agenda(
            self.actor("secretary1"), planned.plan_place(self.slug, CYCLE), session.id, date(2023, 9, 12)
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

    def ask_papers(self) -> None:
        """Let the secretary have the papers of the sealed dossier made."""
        synthesis.ask_papers(self.actor("secretary1"), planned.plan_place(self.slug, CYCLE))

    def read_and_ask(self) -> None:
        """Let a councillor note something for themselves, and ask about two projects."""
        reader, place = self.actor("councillor1"), planned.plan_place(self.slug, CYCLE)
        council.save_note(reader, place, self.project[DIVIDING_ONE], NOTE)
        for number, question, _answer in QUESTIONS:
            council.ask(reader, place, self.project[number], question)

    def answer(self, number: int) -> None:
        """Let the officers answer; the answer joins the sealed dossier."""
        place = planned.plan_place(self.slug, CYCLE)
        council.answer(self.actor("officer1"), place, number, QUESTIONS[number - 1][2])

    def control(self, state: Control) -> None:
        """Record where the act stands with the authority of control."""
        settled = date(2023, 10, 18) if state is Control.ENFORCEABLE else None
        council.record_control(
            self.actor("secretary1"),
            planned.plan_place(self.slug, CYCLE),
            state,
            date(2023, 10, 4),
            settled,
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
            secretary, place, session.id, 1, casablanca(2023, 10, 2), IN_OFFICE, PRESENT, EXCUSED
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
