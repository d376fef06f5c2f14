"""The whole story: its agenda, in the order of the cycle."""

from __future__ import annotations

from datetime import timedelta

from participate.db import db
from participate.demo.story.answers import Answers
from participate.demo.story.beginnings import Beginnings
from participate.demo.story.council import Council
from participate.demo.story.follow_up import FollowUp
from participate.demo.story.review import Review
from participate.demo.story.steps import casablanca
from participate.letters import jobs as letters
from participate.lifecycle import actions as lifecycle


class Story(Beginnings, Review, Answers, Council, FollowUp):
    """One performance of the whole cycle."""

    def plan_everything(self) -> None:
        """Write the agenda of the whole cycle."""
        self.agenda.add(casablanca(2022, 10, 21), self.found_network, "the network is founded")
        self.agenda.add(
            casablanca(2023, 1, 9), self.open_space, "a commune opens its space; staff get their roles"
        )
        self.agenda.add(casablanca(2023, 2, 1), self.enter_people, "residents and associations")
        self.agenda.add(casablanca(2023, 3, 1), self.begin_plan, "the plan begins")
        self.plan_meetings()
        self.agenda.add(casablanca(2023, 6, 2), self.announce_call, "the call for ideas is announced")
        self.plan_call()
        self.agenda.add(casablanca(2023, 6, 30), self.write_projects, "officers write twelve projects")
        self.agenda.add(
            casablanca(2023, 7, 5), self.assess_ideas, "the committee says what becomes of each idea"
        )
        self.plan_news()
        self.agenda.add(casablanca(2023, 7, 11, 16), self.publish_draft, "draft version 1 and public notice")
        self.plan_review()
        self.plan_answers()
        self.plan_council()
        self.plan_follow_up()
        self.plan_days()

    def plan_days(self) -> None:
        """Let what is due happen every night of the two consultations, and on the minute they turn."""
        turns = [
            casablanca(2023, 6, 19, 0),
            casablanca(2023, 6, 26, 0),
            casablanca(2023, 7, 25, 0),
            casablanca(2023, 8, 30, 0),
        ]
        nights = [casablanca(2023, 6, 20, 3) + timedelta(days=n) for n in range(100)]
        for turn in [*turns, *nights]:
            self.agenda.add(turn, self.run_due)

    def run_due(self) -> None:
        """Perform what is due and write the letters, as the worker does."""
        lifecycle.run_due(None)
        db.session.commit()
        letters.post_news()
