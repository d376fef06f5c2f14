"""Bringing a conversation in: a closed consultation on a shell plan, in the caller's one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.db import add, clock, db, new_id
from participate.journal import actions as journal
from participate.journal import keys
from participate.plans.models import ActionPlan
from participate.positions.models import ImportedStatement, Position, Statement
from participate.rules.lifecycle import Stage
from participate.rules.outcomes import (
    Accepts,
    ConsultationKind,
    ConsultationState,
    ParticipantKind,
    StatementKind,
)
from participate.rules.text import guess_lang
from participate.synthesis.polis.conversation import Conversation

CYCLE = "imported"
"""The one shell plan of a collectivity; no address of a plan looks like it."""
TITLE = {"ar": "محادثات مستوردة", "fr": "Conversations importées"}
TITLE_LANGS = ("ar", "fr", "en", "zgh")
ROWS = 5_000


def bring(actor_id: int | None, collectivity_id: int, title: str, found: Conversation) -> Consultation:
    """Write a conversation down as a closed consultation, and record it as one act.

    One entry, not one a vote: the votes were cast elsewhere, and what we can attest is which bytes we took
    over. Its hash in the entry is that of the conversation as brought in.
    """
    plan = _shell(actor_id, collectivity_id)
    began, ended = _moment(found.began), _moment(found.ended) + timedelta(milliseconds=1)
    lang = guess_lang(title, "fr")
    consultation = add(
        Consultation(
            collectivity_id=collectivity_id,
            id=new_id(),
            plan_id=plan.id,
            kind=ConsultationKind.CALL_FOR_IDEAS,
            state=ConsultationState.CLOSED,
            title={lang if lang in TITLE_LANGS else "fr": title},
            announced_at=began,
            opens_at=began,
            closes_at=ended,
            opened_at=began,
            closed_at=ended,
            accepts=[Accepts.POSITION.value],
            priorities_max=0,
            key_wrapped=keys.new_consultation_key(),
        )
    )
    people = _people(consultation, found)
    _statements(consultation, found, people)
    chain = journal.of_consultation(collectivity_id, consultation.id)
    journal.open_chain(chain, parent=journal.of_plan(collectivity_id, plan.id))
    journal.record(
        actor_id,
        "consultation:imported",
        chain,
        f"consultation:{consultation.id}",
        public={
            "consultation": consultation.id,
            "source": "polis",
            "statements": len(found.comments),
            "participants": len(people),
            "positions": len(found.votes),
            "sha256": found.sha256,
        },
    )
    return consultation


def _shell(actor_id: int | None, collectivity_id: int) -> ActionPlan:
    """Return the collectivity's shell plan, begun the first time: outside the lifecycle, in no list."""
    held = db.session.scalar(
        sa.select(ActionPlan).where(
            ActionPlan.collectivity_id == collectivity_id, ActionPlan.shell, ActionPlan.cycle == CYCLE
        )
    )
    if held is not None:
        return held
    plan = add(
        ActionPlan(  # noqa: S604  no shell of a system is meant
            collectivity_id=collectivity_id,
            id=new_id(),
            cycle=CYCLE,
            title=TITLE,
            summary={},
            stage=Stage.CLOSED,
            stage_since=clock(),
            starts_on=date(2000, 1, 1),
            ends_on=date(2000, 1, 2),
            shell=True,
        )
    )
    journal.open_chain(
        journal.of_plan(collectivity_id, plan.id), parent=journal.of_collectivity(collectivity_id)
    )
    journal.record(
        actor_id,
        "plan:created",
        journal.of_plan(collectivity_id, plan.id),
        f"plan:{plan.id}",
        public={"cycle": CYCLE},
    )
    return plan


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)


def _write(table: Any, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    while some := list(islice(waiting, ROWS)):
        db.session.execute(sa.insert(table), some)


def _people(consultation: Consultation, found: Conversation) -> dict[str, int]:
    first: dict[str, int] = {}
    for who, _, _, at in found.votes:
        first[who] = min(at, first.get(who, at))
    people = {who: new_id() for who in first}
    _write(
        Participant,
        (
            {
                "collectivity_id": consultation.collectivity_id,
                "id": people[who],
                "consultation_id": consultation.id,
                "kind": ParticipantKind.IMPORTED,
                "external_id": who,
                "external_group": found.groups.get(who),
                "created_at": _moment(at),
            }
            for who, at in first.items()
        ),
    )
    return people


def _statements(consultation: Consultation, found: Conversation, people: dict[str, int]) -> None:
    here = {"collectivity_id": consultation.collectivity_id}
    statements = {one.id: new_id() for one in found.comments}
    count = Counter((what, value) for _, what, value, _ in found.votes)
    _write(
        Statement,
        (
            here
            | {
                "id": statements[one.id],
                "consultation_id": consultation.id,
                "kind": StatementKind.IMPORTED,
                "votable": one.moderated >= 0,
                "agree": count[one.id, 1],
                "disagree": count[one.id, -1],
                "passed": count[one.id, 0],
                "created_at": _moment(one.at),
            }
            for one in found.comments
        ),
    )
    _write(
        ImportedStatement,
        (
            here
            | {
                "statement_id": statements[one.id],
                "consultation_id": consultation.id,
                "external_id": one.id,
                "author": one.author,
                "text": one.text,
                "lang": guess_lang(one.text),
                "moderated": one.moderated,
                "meta": one.meta,
            }
            for one in found.comments
        ),
    )
    _write(
        Position,
        (
            here
            | {
                "statement_id": statements[what],
                "participant_id": people[who],
                "value": value,
                "at": _moment(at),
            }
            for who, what, value, at in found.votes
        ),
    )
