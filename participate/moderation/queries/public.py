"""The public log and its figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from participate.contributions.models import Comment, Contribution
from participate.db import db
from participate.moderation.models import Appeal, ModerationDecision
from participate.moderation.queries.cases import before_cursor
from participate.moderation.queries.paging import PAGE, cursor, micros_of
from participate.moderation.queries.shapes import Figures, LogPage, LogRow
from participate.rules.moderation import UNDO_SECONDS, Decision, ReasonCode
from participate.rules.outcomes import PublishState, Stance

HIDDEN_STATES = (PublishState.HIDDEN, PublishState.REMOVED)


def _public(collectivity_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Return what the public may count: decisions that stand and can no longer be undone."""
    return sa.and_(
        ModerationDecision.collectivity_id == collectivity_id,
        ModerationDecision.undone_at.is_(None),
        ModerationDecision.decided_at <= now - timedelta(seconds=UNDO_SECONDS),
    )


def log(collectivity_id: int, now: datetime, after: str | None = None) -> LogPage:
    """Return the public log, newest first."""
    statement: Any = (
        sa.select(
            ModerationDecision,
            Contribution.kind,
            Contribution.lang,
            Appeal.state,
        )
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == ModerationDecision.collectivity_id,
                Contribution.id == ModerationDecision.contribution_id,
            ),
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
        .where(_public(collectivity_id, now))
    )
    found = db.session.execute(
        before_cursor(statement, after)
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc())
        .limit(PAGE + 1)
    ).all()
    rows = tuple(
        LogRow(
            made.ref,
            made.decided_at,
            made.decision,
            made.reason,
            made.decided_by is None,
            made.second_by is not None,
            made.source,
            kind,
            lang,
            made.decided_at - made.received_at,
            made.in_time,
            appeal,
        )
        for made, kind, lang, appeal in found[:PAGE]
    )
    more = None
    if len(found) > PAGE:
        last = found[PAGE - 1][0]
        more = cursor(micros_of(last.decided_at), last.id)
    return LogPage(rows, more)


def figures(collectivity_id: int, now: datetime) -> Figures:
    """Return what moderation did in numbers; two statements."""

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    rows = db.session.execute(
        sa.select(
            ModerationDecision.reason,
            ModerationDecision.decision,
            sa.func.count(),
            number(ModerationDecision.in_time.is_(True)),
            number(ModerationDecision.decided_by.is_(None)),
            number(ModerationDecision.source == "authority"),
            number(Appeal.id.is_not(None)),
            number(Appeal.state.in_(["confirmed", "reversed"])),
            number(Appeal.state == "reversed"),
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
        .where(_public(collectivity_id, now))
        .group_by(ModerationDecision.reason, ModerationDecision.decision)
    ).all()
    stances = db.session.execute(
        sa.select(
            Comment.stance,
            sa.func.count(),
            number(Contribution.state.in_(HIDDEN_STATES)),
        )
        .join(
            Contribution,
            sa.and_(Contribution.collectivity_id == Comment.collectivity_id, Contribution.id == Comment.id),
        )
        .where(
            Comment.collectivity_id == collectivity_id,
            Contribution.state.not_in([PublishState.WAITING, PublishState.WITHDRAWN]),
        )
        .group_by(Comment.stance)
    ).all()
    return _figures(rows, stances)


def _figures(rows: Any, stances: Any) -> Figures:
    table: dict[ReasonCode | None, dict[Decision, int]] = {}
    for reason, made, count, *_rest in rows:
        table.setdefault(reason, {})[made] = count
    actions = tuple(one for one in Decision if any(one in cells for cells in table.values()))
    order: list[ReasonCode | None] = [None, *ReasonCode]
    found = {stance: (count, hidden) for stance, count, hidden in stances}
    return Figures(
        by_reason=tuple(
            (
                reason,
                tuple((one, table[reason].get(one, 0)) for one in actions),
                sum(table[reason].values()),
            )
            for reason in order
            if reason in table
        ),
        actions=actions,
        total=sum(row[2] for row in rows),
        in_time=sum(int(row[3] or 0) for row in rows),
        by_due_action=sum(int(row[4] or 0) for row in rows),
        by_authority=sum(int(row[5] or 0) for row in rows),
        appeals=sum(int(row[6] or 0) for row in rows),
        appeals_decided=sum(int(row[7] or 0) for row in rows),
        reversed=sum(int(row[8] or 0) for row in rows),
        by_stance=tuple((one, found[one][0], int(found[one][1] or 0)) for one in Stance if one in found),
    )
