"""What moderators decide, and what authors and citizens ask of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from participate.contributions import queries as contributed
from participate.contributions.models import Contribution
from participate.db import clock, db
from participate.demo.stories import moment
from participate.demo.story.steps import ANCHORS, Step, casablanca
from participate.demo.story.telling import Telling
from participate.moderation import actions as moderation
from participate.moderation import queries as moderated
from participate.rules.moderation import AppealOutcome, Decision, ReasonCode
from participate.rules.outcomes import PublishState
from participate.rules.windows import CASABLANCA

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


class Moderated(Telling):
    """Texts that are decided on, reported and appealed for."""

    def moderate(self, contribution_id: int, author: str, wish: dict[str, Any] | None) -> datetime:
        """Let a moderator read a new text within a day; return when it is public at the latest."""
        delay = timedelta(minutes=self.draw.randint(70, 900))
        at = (self.agenda.now or clock()) + delay
        began = self.agenda.now or clock()
        if casablanca(2023, 8, 20, 12) <= began < ANCHORS[Step.DRAFT_REVIEW]:
            # What the moderators of the default demo find in their queue.
            at = casablanca(2023, 8, 22, 10) + timedelta(minutes=self.draw.randint(0, 400))
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
