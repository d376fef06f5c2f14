"""Every column that holds somebody's words, and who may read them; hostile words in each, to be looked for everywhere.

Written from `design/4-trust.md` and `8-settled.md`, not from the queries: `test_planted` lets every page, list, feed,
file and form be read by everybody and compares. A column of text that is in neither table fails that test.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import Any

from participate.db import new_id
from tests.reach.rights import ROLES

CANARY = "=1+1\"'><svg/onload=1>{{7*7}}"
"""A formula for a spreadsheet, the end of an attribute, an element, and a sum for a template."""
EVERYBODY = "everybody"
READERS = "officer committee_member president"


def _each(names: str, who: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), who)


WORDS: dict[str, str] = {
    # the network, the commune and the plan: theirs to say to everybody
    **_each(
            "action_plan.title action_plan.summary advisory_body.name agenda_item.title "
            "association.name association.purpose axis.title axis.description calendar_event.title "
            "calendar_event.description charter_item.title charter_item.description collectivity.name "
            "collectivity.description collectivity.province collectivity.notice consultation.title extension.reason "
            "meeting.title meeting.venue meeting.minutes meeting_input.text milestone.title milestone.indicator "
            "neighbourhood.name network.name network.acronym network.description network.charter_intro "
            "network.partners plan_version.note press_release.title press_release.body region.name "
            "working_group.title person.display_name "
            # what was published
            "project_revision.title project_revision.summary project_revision.problem project_revision.solution "
            "project_revision.expected_result project_revision.lead project_revision.partners "
            "project_revision.milestones project_revision.change_note project_vote.reason project_vote.amendment "
            "project_vote.amended_text deliberation.reference act_control.reason progress_report.text "
            "progress_report.delay_reason evaluation.lessons evaluation_criterion.question "
            "evaluation_criterion.comment dossier_addendum.question dossier_addendum.answer response.text "
            "response.reason theme.title idea_fate.reason opinion.text observation.text council_session.agenda_item "
            "comment.body comment.amend_from comment.amend_to comment.redacted idea.title idea.problem idea.proposal "
            "idea.place idea.redacted",
        EVERYBODY,
    ),
    # the working copy, drafts of answers
    **dict.fromkeys(
        ["project.title", "project.summary", "project.problem", "project.solution", "project.expected_result", "project.lead", "project.partners", "project.milestones", "project.change_note", "response.text:draft", "theme.title:draft"],
        READERS,
    ),
    # texts that are not public: their author and, but for withdrawn ones, the moderators of the commune
    **{
        f"{column}:{state}": "citizen" if state == "withdrawn" else "citizen moderator"
        for column in ("comment.body", "reply.body", "idea.title", "idea.problem", "ideacomment.body", "plancomment.body")
        for state in ("waiting", "returned", "hidden", "removed", "withdrawn", "merged", "redacted")
    },
    **{
        f"{column}:{state}": EVERYBODY
        for column in ("comment.body", "reply.body", "idea.title", "idea.problem", "ideacomment.body", "plancomment.body")
        for state in ("published", "published_late")
    },
    "observation.text:waiting": "citizen moderator",
    "observation.text:hidden": "citizen moderator",
    "contribution_edit.before": "citizen moderator",
    # due process: between author and moderators
    "appeal.text": "citizen moderator",
    "appeal.explanation": "citizen moderator",
    "moderation_decision.facts": "citizen moderator",
    "moderation_decision.article": "citizen moderator",
    "report.note": "moderator delegate",
    "removal.facts": "moderator",
    "removal.article": "moderator",
    # one person's, or one office's
    "councillor_note.body": "councillor",
    "council_question.text": f"councillor {READERS}",
    "judgement.note": f"secretary councillor {READERS}",
    "association.name:waiting": "administrator delegate",
    "factor_recovery.first_reason": "administrator network",
    "mail.subject": "citizen",
    "mail.body": "citizen",
    "role_grant.title": " ".join((*ROLES, "suspended_staff", "unproved", "elsewhere")),
    "advisory_body.description": "administrator officer",
    "stored_file.name": "citizen moderator",
    "draft.fields": "",
    "mail.last_error": "",
    "sign_in_code.next_path": "",
}  # fmt: skip
"""Column, and what it belongs to where that matters, to those who may read it; "" is nobody."""

NOT_WORDS = frozenset(
    [
        "act_control.state",
        "action_plan.cycle",
        "advisory_body.slug",
        "appeal.lang",
        "appeal.state",
        "appeal.explanation_lang",
        "association.ref",
        "association.name_skeleton",
        "attendance.audience",
        "axis.slug",
        "browser_session.id_hash",
        "browser_session.body",
        "browser_session.means",
        "browser_session.device",
        "chain.head",
        "chain.birth",
        "charter_item.kind",
        "charter_item.slug",
        "checkpoint.note",
        "closing_archive.sha256",
        "closing_archive.entry_hash",
        "collectivity.slug",
        "collectivity.code",
        "collectivity.region_code",
        "consultation.accepts",
        "consultation.key_wrapped",
        "contribution.ref",
        "contribution.lang",
        "contribution.signals",
        "contribution.receipt_code",
        "council_question.lang",
        "council_session.kind",
        "council_setting.majority",
        "council_setting.verified",
        "deliberation.outcome",
        "dossier_addendum.question_lang",
        "dossier_addendum.answer_lang",
        "draft.session_hash",
        "draft.form_key",
        "form_reply.session_hash",
        "form_reply.key",
        "form_reply.payload_hash",
        "form_reply.location",
        "form_reply.receipt_code",
        "journal_cursor.reader",
        "judgement.lang",
        "journal_detail.subject",
        "journal_detail.payload",
        "journal_detail.salt",
        "journal_entry.prev",
        "journal_entry.hash",
        "journal_entry.type",
        "journal_entry.body",
        "made_file.media_type",
        "made_file.name",
        "made_file.sha256",
        "mail.key",
        "mail.address",
        "mail.lang",
        "mail.kind",
        "making.doing",
        "making.error",
        "making.kind",
        "making.source",
        "making.state",
        "making.subject",
        "meeting.slug",
        "meeting_input.lang",
        "moderation_decision.ref",
        "moderation_decision.lang",
        "moderation_decision.source",
        "moderation_decision.before",
        "neighbourhood.slug",
        "observation.lang",
        "observation.state",
        "oidc_identity.issuer",
        "oidc_identity.sub",
        "opinion.lang",
        "opinion_map.schema",
        "opinion_map.input_sha256",
        "opinion_map.document",
        "participant.slip_code",
        "participant.external_id",
        "participant.external_group",
        "person.email",
        "person.name_skeleton",
        "person.lang",
        "press_release.slug",
        "project.change_causes",
        "project.principles",
        "project_revision.change_causes",
        "project_revision.principles",
        "receipt.code",
        "receipt.what",
        "receipt.entry_hash",
        "recovery_code.code_hash",
        "region.code",
        "removal.lang",
        "removal.source",
        "removal.state",
        "report.lang",
        "reserved_name.skeleton",
        "reserved_name.holder",
        "role_grant.exclusive_group",
        "seal.sha256",
        "seal.signature",
        "seal.public_key",
        "seal.entry_hash",
        "sign_in_code.browser_hash",
        "sign_in_code.code_hash",
        "sign_in_code.link_hash",
        "sign_in_code.email",
        "sign_in_try.key",
        "staff_factor.password_hash",
        "staff_factor.app_secret",
        "staff_factor.app_next",
        "stored_file.ref",
        "stored_file.media_type",
        "stored_file.sha256",
        "synthesis.snapshot",
        "synthesis.sha256",
        "theme.ref",
        "working_group.project_numbers",
    ]
)
"""Codes, hashes, names of languages and states; what the platform writes itself; addresses, which have their own test."""

WITHOUT_PAGE = {
    "imported_statement.author": "on plans made for an import, which have no page here",
    "imported_statement.text": "the same",
    "imported_statement.lang": "the same",
    "imported_statement.external_id": "the same",
    "action_plan.withdrawn_reason": "only a withdrawn plan has one: tests/rooms/lifecycle",
    "consultation.notice_override": "only a notice that was shortened has one: tests/rooms/lifecycle",
    "deliberation.reason": "only a plan that was returned has one: tests/rooms/council",
    "council_setting.sources": "a commune that keeps the common rules has none: tests/rooms/council",
    "factor_recovery.second_reason": "the recovery is over then",
}
"""Words that are not planted, and why."""

MARK = re.compile(r"Q\[([a-z_.:]+)\]Q")
LANGS = {"ar", "fr", "en", "zgh"}


def mark(name: str) -> str:
    """Return the canary with the name of where it was planted."""
    return f"{CANARY}Q[{name}]Q"


def said(name: str) -> str:
    """Return it as a text in languages."""
    return json.dumps({"ar": mark(name), "fr": mark(name)})


def planted_in(value: Any, words: str, *, inside: bool = False) -> Any:
    """Replace what is said in languages, wherever it stands; `inside`: every text of it."""
    if isinstance(value, dict):
        return {
            key: planted_in(one, words, inside=inside or key in LANGS)
            if not inside
            else words
            if isinstance(one, str)
            else planted_in(one, words, inside=inside)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [planted_in(one, words, inside=inside) for one in value]
    return words if inside and isinstance(value, str) else value


class Planter:
    """Writes into a copy of the database past its guards: what is tested is what comes out."""

    def __init__(self, database: sqlite3.Connection, people: dict[str, int], collectivity: int) -> None:
        self.database = database
        self.people = people
        self.here = collectivity
        database.row_factory = sqlite3.Row
        for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON"):
            database.execute(f"PRAGMA {pragma}")
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")

    def one(self, table: str, where: str = "1", *values: Any) -> dict[str, Any]:
        """Return a row of this commune."""
        row = self.database.execute(
            f'SELECT * FROM "{table}" WHERE collectivity_id = ? AND {where} LIMIT 1', (self.here, *values)
        ).fetchone()
        assert row is not None, f"no row of {table} where {where}"
        return dict(row)

    def put(self, table: str, row: dict[str, Any]) -> int:
        """Insert a row; with a key of its own unless it has one."""
        row = {"collectivity_id": self.here, "id": new_id(), **row}
        known = {one[1] for one in self.database.execute(f'PRAGMA table_info("{table}")')}
        row = {name: value for name, value in row.items() if name in known}
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        self.database.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(row.values()))
        return int(row.get("id", 0))

    def clone(self, table: str, row: dict[str, Any], **changes: Any) -> int:
        """Insert a copy of a row with another key."""
        return self.put(table, {**row, "id": new_id(), **changes})

    def everywhere(self, columns: dict[str, str]) -> None:
        """Plant each column in every row that has something there."""
        for name, kind in columns.items():
            table, column = name.split(".")
            for row in self.database.execute(
                f'SELECT rowid AS at, "{column}" AS value FROM "{table}" WHERE "{column}" IS NOT NULL AND "{column}" <> \'\''
            ).fetchall():
                words = mark(name)
                if kind == "JSON":
                    value = json.loads(row["value"])
                    if value is None:
                        continue
                    flat = column in {"redacted", "before", "fields"}
                    words = json.dumps(planted_in(value, words, inside=flat), ensure_ascii=False)
                self.database.execute(
                    f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (words, row["at"])
                )

    def texts(self) -> None:
        """Clone a text of each kind into each state, written by the citizen."""
        kinds = {
            "comment": "c.project_id IS NOT NULL AND c.parent_id IS NULL AND c.idea_id IS NULL",
            "reply": "c.parent_id IS NOT NULL",
            "ideacomment": "c.idea_id IS NOT NULL AND c.parent_id IS NULL",
            "plancomment": "c.project_id IS NULL AND c.parent_id IS NULL AND c.idea_id IS NULL",
        }
        states = ("published", "published_late", "redacted", "waiting", "returned", "hidden", "removed", "withdrawn", "merged")  # fmt: skip
        for state in states:
            for kind, condition in kinds.items():
                words = self.database.execute(
                    f"SELECT c.* FROM comment c JOIN contribution b ON b.id = c.id WHERE {condition} "
                    "AND b.state = 'published' AND b.participant_id IS NOT NULL LIMIT 1"
                ).fetchone()
                if words is None:
                    words = {**self.one("comment"), "project_id": None, "revision_id": None}
                    words.update(parent_id=None, idea_id=None)
                self._text("comment", dict(words), state, body=mark(f"{kind}.body:{state}"), amend_to=None, amend_from=None, kind="opinion")  # fmt: skip
            idea = self.database.execute(
                "SELECT i.* FROM idea i JOIN contribution b ON b.id = i.id WHERE b.state = 'published' LIMIT 1"
            ).fetchone()
            self._text("idea", dict(idea), state, title=mark(f"idea.title:{state}"), problem=mark(f"idea.problem:{state}"))  # fmt: skip

    def _text(self, table: str, words: dict[str, Any], state: str, **changes: Any) -> None:
        base = self.one("contribution", "id = ?", words["id"])
        participant = self.one(
            "participant",
            "consultation_id = ? AND person_id = ?",
            base["consultation_id"],
            self.people["citizen"],
        )
        number = new_id()
        ref = f"{state[:4].upper()}-{number % 10**8:08d}"
        at = base["submitted_at"]
        self.clone(
            "contribution", base, id=number, ref=ref, state=state, participant_id=participant["id"],
            acting_person_id=self.people["citizen"], statement_id=None, reply_count=0, mandate_id=None,
            published_at=at if state.startswith(("publ", "reda")) else None, by_staff=0, receipt_code=None,
            withdrawn_at=at if state == "withdrawn" else None, merged_into=base["id"] if state == "merged" else None,
        )  # fmt: skip
        redacted = None
        if state == "redacted":
            redacted = json.dumps(
                dict.fromkeys(("body", "title", "problem", "proposal"), mark(f"{table}.redacted"))
            )
        self.clone(table, words, id=number, redacted=redacted, **changes)
        if state == "hidden":
            decision = self.one("moderation_decision")
            self.clone(
                "moderation_decision", decision, ref=f"DEC-{number % 10**8:08d}", contribution_id=number,
                decision="hide", reason="insult_defamation", undone_at=None,
            )  # fmt: skip

    def there_is(self, table: str, where: str = "1") -> bool:
        """Whether this commune has such a row at this step."""
        asked = f'SELECT 1 FROM "{table}" WHERE collectivity_id = ? AND {where} LIMIT 1'
        return self.database.execute(asked, (self.here,)).fetchone() is not None

    def rest(self) -> None:
        """Put something into tables that the demo leaves empty, and into the states that it does not stop at."""
        self.at = self.one("contribution")["submitted_at"]
        self._moderation()
        self._afterwards()
        self._people()
        consultation = self.one("consultation", "kind = 'draft_review'")
        self.put(
            "extension",
            {
                "consultation_id": consultation["id"], "old_closes_at": consultation["opens_at"],
                "new_closes_at": consultation["closes_at"], "reason": said("extension.reason"), "at": self.at,
            },
        )  # fmt: skip
        self.database.execute(
            "UPDATE advisory_body SET description = ?", (said("advisory_body.description"),)
        )
        self.database.execute("UPDATE project SET change_note = ?", (said("project.change_note"),))
        self.database.execute("UPDATE stored_file SET name = ?", (f"{mark('stored_file.name')}.pdf",))

    def _moderation(self) -> None:
        people, by_citizen = self.people, "acting_person_id = ?"
        hidden = self.one("contribution", f"state = 'hidden' AND {by_citizen}", people["citizen"])
        before = json.dumps({"body": mark("contribution_edit.before")})
        self.put("contribution_edit", {"contribution_id": hidden["id"], "at": self.at, "before": before})
        self.database.execute(
            "UPDATE moderation_decision SET facts = ?, article = ?",
            (mark("moderation_decision.facts"), mark("moderation_decision.article")),
        )
        decided = self.one("moderation_decision", "contribution_id = ?", hidden["id"])
        if self.there_is("appeal"):
            self.clone(
                "appeal", self.one("appeal"), decision_id=decided["id"], contribution_id=hidden["id"], state="open",
                decided_by=None, decided_at=None, filed_by=people["citizen"],
            )  # fmt: skip
        self.put(
            "removal",
            {
                "contribution_id": hidden["id"], "reason": "illegal_other", "facts": mark("removal.facts"),
                "article": mark("removal.article"), "lang": "fr", "source": "own", "state": "open",
                "asked_by": people["officer"], "asked_at": self.at,
            },
        )  # fmt: skip
        waiting = self.one("contribution", f"state = 'waiting' AND {by_citizen}", people["citizen"])
        for text in (hidden, waiting):
            self.put(
                "report",
                {
                    "contribution_id": text["id"], "person_id": people["delegate"], "reason": "personal_data",
                    "note": mark("report.note"), "lang": "fr", "at": self.at,
                },
            )  # fmt: skip

    def drafts(self) -> None:
        """Begin a theme and an answer that nobody has published."""
        if not self.there_is("response", "theme_id IS NOT NULL"):
            return
        answer = self.one("response", "theme_id IS NOT NULL")
        above = self.one("theme", "id = ?", answer["theme_id"])
        theme = self.clone("theme", above, ref="T900", title=said("theme.title:draft"))
        self.clone(
            "response", answer, theme_id=theme, state="draft", approved_by=None, approved_at=None, reason=None,
            published_at=None, text=said("response.text:draft"),
        )  # fmt: skip

    def _afterwards(self) -> None:
        people, at = self.people, self.at
        if self.there_is("observation"):
            for state in ("waiting", "hidden"):
                text = mark(f"observation.text:{state}")
                self.clone(
                    "observation",
                    self.one("observation"),
                    person_id=people["citizen"],
                    state=state,
                    text=text,
                )
        answered = self.database.execute(
            "SELECT c.* FROM contribution c JOIN theme_member m ON m.contribution_id = c.id JOIN response r "
            "ON r.theme_id = m.theme_id WHERE r.state = 'published' AND c.participant_id IS NOT NULL LIMIT 1"
        ).fetchone()
        if answered is not None:
            self.put(
                "judgement",
                {
                    "contribution_id": answered["id"], "participant_id": answered["participant_id"],
                    "acting_person_id": answered["acting_person_id"], "satisfied": "partly", "lang": "fr", "at": at,
                    "note": mark("judgement.note"),
                },
            )  # fmt: skip
        project = self.one("project", "number = 12")
        self.put(
            "councillor_note",
            {
                "project_id": project["id"], "person_id": people["councillor"], "updated_at": at,
                "body": mark("councillor_note.body"),
            },
        )  # fmt: skip
        consultation = self.one("consultation", "kind = 'draft_review'")
        plan = self.one("action_plan")
        self.put(
            "council_question",
            {
                "plan_id": plan["id"], "project_id": project["id"], "consultation_id": consultation["id"],
                "number": 950, "text": mark("council_question.text"), "lang": "fr", "asked_at": at,
                "asked_by": people["councillor"],
            },
        )  # fmt: skip
        evaluation = self.put(
            "evaluation",
            {
                "plan_id": plan["id"], "held_on": "2025-12-01", "lessons": said("evaluation.lessons"),
                "recorded_by": people["officer"], "recorded_at": at,
            },
        )  # fmt: skip
        self.put(
            "evaluation_criterion",
            {
                "evaluation_id": evaluation, "position": 1, "score": 3,
                "question": said("evaluation_criterion.question"), "comment": said("evaluation_criterion.comment"),
            },
        )  # fmt: skip
        self.database.execute("UPDATE act_control SET reason = ?", (said("act_control.reason"),))
        self.database.execute(
            "UPDATE progress_report SET late = 1, delay_reason = ?", (said("progress_report.delay_reason"),)
        )

    def _people(self) -> None:
        people = self.people
        self.database.execute(
            "UPDATE association SET name = ? WHERE verified_at IS NULL", (said("association.name:waiting"),)
        )
        self.database.execute(
            "UPDATE factor_recovery SET first_by = ?, first_reason = ?, first_at = asked_at",
            (people["administrator"], mark("factor_recovery.first_reason")),
        )
        self.database.execute("UPDATE role_grant SET title = ?", (said("role_grant.title"),))
        letter = dict(self.database.execute("SELECT * FROM mail LIMIT 1").fetchone())
        self.database.execute("DELETE FROM mail")
        self.clone(
            "mail", letter, person_id=people["citizen"], key="planted", kind="decision", sent_at=letter["created_at"],
            subject=mark("mail.subject"), body=mark("mail.body"), last_error=mark("mail.last_error"),
        )  # fmt: skip
        fields = json.dumps({"body": mark("draft.fields")})
        self.put("draft", {"session_hash": "0" * 64, "form_key": "/fr/x", "fields": fields, "at": self.at})


def plant(path: str, people: dict[str, int], collectivity: int, kinds: dict[str, str]) -> None:
    """Put the canary into every column of words, and into texts of every state; take the seal off."""
    with closing(sqlite3.connect(path)) as database, database:
        planter = Planter(database, people, collectivity)
        planter.everywhere({name: kinds[name] for name in WORDS if name in kinds})
        planter.texts()
        planter.rest()
        for table in ("seal", "synthesis"):
            database.execute(f"DELETE FROM {table}")


def plant_drafts(path: str, people: dict[str, int], collectivity: int) -> None:
    """Put the canary into what is written after the seal, which holds what was published only."""
    with closing(sqlite3.connect(path)) as database, database:
        Planter(database, people, collectivity).drafts()
