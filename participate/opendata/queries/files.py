"""What is given out: only what every page already shows, without anybody's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from werkzeug.exceptions import NotFound

from participate.consultations.models import Consultation
from participate.contributions import queries as contributions
from participate.db import Words, db
from participate.journal.models import Chain, ChainKind, JournalEntry
from participate.network.models import Collectivity
from participate.plans import queries as plans
from participate.plans.models import ActionPlan
from participate.responses import queries as responses
from participate.rules.outcomes import ConsultationState
from participate.rules.policy import Place
from participate.synthesis import queries as synthesis

LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
PAGE_ENTRIES = 500
DIRECTIONAL = frozenset({"position:taken", "priority:set"})
"""Entries of the vote. What was chosen is in none of them, but how many acted on one project, and when, would
be: their bodies are withheld until the consultation is closed."""
OVER = (ConsultationState.CLOSED, ConsultationState.ARCHIVED)


def collectivity_place(slug: str, **_rest: object) -> Place:
    """Return the place of a collectivity with a space here. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Collectivity.id).where(Collectivity.slug == slug, Collectivity.hosted)
    )
    if found is None:
        raise NotFound
    return Place(collectivity_id=found, slug=slug)


@dataclass(frozen=True)
class PlanRow:
    """A plan with something to give out."""

    cycle: str
    title: Words


def plans_of(collectivity_id: int) -> tuple[PlanRow, ...]:
    """Return the plans of a collectivity, the latest first."""
    rows = db.session.execute(
        sa.select(ActionPlan.cycle, ActionPlan.title)
        .where(ActionPlan.collectivity_id == collectivity_id, ActionPlan.shell.is_(False))
        .order_by(ActionPlan.cycle.desc())
    )
    return tuple(PlanRow(*row) for row in rows)


@dataclass(frozen=True)
class ConsultationRow:
    """A consultation of a plan, once announced."""

    id: int
    kind: str
    over: bool


def consultations_of(collectivity_id: int, plan_id: int) -> tuple[ConsultationRow, ...]:
    """Return the announced consultations of a plan in the order of their opening."""
    rows = db.session.execute(
        sa.select(Consultation.id, Consultation.kind, Consultation.state)
        .where(
            Consultation.collectivity_id == collectivity_id,
            Consultation.plan_id == plan_id,
            Consultation.state != ConsultationState.PLANNED,
        )
        .order_by(Consultation.opens_at, Consultation.id)
    )
    return tuple(ConsultationRow(key, kind.value, state in OVER) for key, kind, state in rows)


CONTRIBUTION_FIELDS = (
    "ref",
    "consultation",
    "kind",
    "comment_kind",
    "project",
    "section",
    "axis",
    "stance",
    "idea_ref",
    "reply_to",
    "author_kind",
    "association_ar",
    "association_fr",
    "lang",
    "title",
    "text",
    "amend_from",
    "amend_to",
    "published_at",
    "state",
    "answer",
)


def published(collectivity_id: int, plan_id: int) -> Iterator[dict[str, Any]]:
    """Yield every public contribution of a plan, oldest first: the visibility of a signed-out reader."""
    for consultation in consultations_of(collectivity_id, plan_id):
        answers = responses.own_outcomes(collectivity_id, consultation.id)
        for row in contributions.export(collectivity_id, consultation.id):
            yield _contribution(row, consultation.kind, answers.get(row.ref))


def _contribution(row: contributions.ExportRow, kind: str, answer: str | None) -> dict[str, Any]:
    association = row.association or {}
    return {
        "ref": row.ref,
        "consultation": kind,
        "kind": row.kind.value,
        "comment_kind": row.comment_kind.value if row.comment_kind else None,
        "project": row.project_number,
        "section": row.section.value if row.section else None,
        "axis": row.axis,
        "stance": row.stance.value if row.stance else None,
        "idea_ref": row.idea_ref,
        "reply_to": row.reply_to,
        "author_kind": row.author_kind,
        "association_ar": association.get("ar"),
        "association_fr": association.get("fr"),
        "lang": row.lang,
        "title": row.title,
        "text": row.text,
        "amend_from": row.amend_from,
        "amend_to": row.amend_to,
        "published_at": row.published_on.isoformat(),
        "state": row.state.value,
        "answer": answer,
    }


def projects(collectivity_id: int, plan_id: int) -> dict[str, Any]:
    """Return the published projects of a plan as the latest version has them."""
    plan = plans.published_plan(collectivity_id, plan_id)
    if plan is None or plan.version is None:
        return {"version": None, "projects": []}
    return {
        "version": {
            "number": plan.version.number,
            "kind": plan.version.kind.value,
            "published_at": plan.version.published_at.isoformat(),
        },
        "projects": [_project(one) for one in plan.projects],
    }


def _project(one: plans.ProjectView) -> dict[str, Any]:
    return {
        "number": one.number,
        "revision": one.revision_number,
        "axis": one.axis.slug,
        **{name: getattr(one, name) for name in plans.TEXTS},
        "principles": list(one.principles),
        "budget_mad": one.budget_mad,
        "milestones": [
            {
                "title": m.title,
                "starts": m.starts.isoformat() if m.starts else None,
                "ends": m.ends.isoformat() if m.ends else None,
                "indicator": m.indicator,
            }
            for m in one.milestones
        ],
    }


def results(collectivity_id: int, plan_id: int) -> dict[str, Any]:
    """Return the sealed figures of the review; before the seal, only why there are none yet."""
    head = synthesis.head(collectivity_id, plan_id)
    if head is None:
        return {"state": "not_announced", "results": None}
    if head.sealed is None:
        return {
            "state": "answers_being_written" if head.over else "hidden_until_close",
            "closes_at": head.closes_at.isoformat(),
            "results": None,
        }
    return {
        "state": "sealed",
        "sha256": head.sealed.sha256,
        "signature": head.sealed.signature,
        "public_key": head.sealed.public_key,
        "sealed_at": head.sealed.sealed_at.isoformat(),
        "results": json.loads(head.sealed.snapshot),
    }


@dataclass(frozen=True)
class Entries:
    """A page of journal entries and the cursor of the next."""

    rows: list[dict[str, Any]]
    after: str | None


def journal(collectivity_id: int, plan_id: int, after: str | None) -> Entries:
    """Return public journal entries of a plan and its consultations, by chain and number. Two statements.

    Body and hashes are as recorded, so that a copy proves itself. What would show how
    many acted on one project before a consultation closes is withheld until then; its hash is not.
    """
    listed = consultations_of(collectivity_id, plan_id)
    open_ = {one.id for one in listed if not one.over}
    chain_id, seq = _cursor(after)
    rows = db.session.execute(
        sa.select(JournalEntry, Chain)
        .join(Chain, Chain.id == JournalEntry.chain_id)
        .where(
            JournalEntry.collectivity_id == collectivity_id,
            sa.or_(
                sa.and_(Chain.kind == ChainKind.PLAN, Chain.ref == plan_id),
                sa.and_(Chain.kind == ChainKind.CONSULTATION, Chain.ref.in_([one.id for one in listed])),
            ),
            sa.or_(
                JournalEntry.chain_id > chain_id,
                sa.and_(JournalEntry.chain_id == chain_id, JournalEntry.seq > seq),
            ),
        )
        .order_by(JournalEntry.chain_id, JournalEntry.seq)
        .limit(PAGE_ENTRIES + 1)
    ).all()
    found = [_entry(entry, chain, open_) for entry, chain in rows[:PAGE_ENTRIES]]
    more = len(rows) > PAGE_ENTRIES
    last = rows[PAGE_ENTRIES - 1][0] if more else None
    return Entries(found, f"{last.chain_id}.{last.seq}" if last is not None else None)


def _entry(entry: JournalEntry, chain: Chain, open_: set[int]) -> dict[str, Any]:
    withheld = chain.kind is ChainKind.CONSULTATION and chain.ref in open_ and entry.type in DIRECTIONAL
    return {
        "chain": str(entry.chain_id),
        "chain_kind": chain.kind.value,
        "seq": entry.seq,
        "type": entry.type,
        "at": entry.at.isoformat(),
        "prev": entry.prev,
        "hash": entry.hash,
        "withheld": withheld,
        "body": None if withheld else entry.body,
    }


def _cursor(text: str | None) -> tuple[int, int]:
    """Read a cursor; an unreadable one begins at the beginning."""
    chain, _, seq = (text or "").partition(".")
    if not (chain.isascii() and seq.isascii() and chain.isdigit() and seq.isdigit()):
        return 0, 0
    if len(chain) > 19 or len(seq) > 19:
        return 0, 0
    found = int(chain), int(seq)
    return found if max(found) < 2**63 else (0, 0)
