"""Authors and their appeals."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions.models import Contribution, Idea
from participate.db import db
from participate.moderation.models import Appeal, ModerationDecision
from participate.moderation.queries.cases import decision_row
from participate.moderation.queries.paging import PAGE, cursor, micros_of, moment_of, parts_of
from participate.moderation.queries.shapes import Appealable, AppealRow, DecisionRow
from participate.moderation.queries.waiting import is_own
from participate.rules.moderation import UNDO_SECONDS, Authorship, Decision, notice_due
from participate.rules.policy import Actor
from participate.rules.windows import appeal_deadline


def authorship(collectivity_id: int, contribution_id: int) -> Authorship:
    """Return who wrote a contribution and for which association, as opaque ids for the rules."""
    person_id, acting_id, association_id = db.session.execute(
        sa.select(Participant.person_id, Contribution.acting_person_id, Participant.association_id)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == Participant.collectivity_id,
                Contribution.participant_id == Participant.id,
            ),
        )
        .where(Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id)
    ).one()
    person = acting_id or person_id
    return Authorship(
        str(person) if person is not None else None,
        str(association_id) if association_id is not None else None,
    )


def appealables(collectivity_id: int, contribution_id: int, now: datetime) -> tuple[Appealable, ...]:
    """Return the decisions against a contribution that its author was told about, the last first, with their appeals."""
    rows = db.session.execute(
        sa.select(ModerationDecision, Contribution, Appeal, Consultation.closes_at, Idea.title)
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == ModerationDecision.collectivity_id,
                Contribution.id == ModerationDecision.contribution_id,
            ),
        )
        .join(
            Consultation,
            sa.and_(
                Consultation.collectivity_id == Contribution.collectivity_id,
                Consultation.id == Contribution.consultation_id,
            ),
        )
        .outerjoin(
            Idea, sa.and_(Idea.collectivity_id == Contribution.collectivity_id, Idea.id == Contribution.id)
        )
        .outerjoin(
            Appeal,
            sa.and_(
                Appeal.collectivity_id == ModerationDecision.collectivity_id,
                Appeal.decision_id == ModerationDecision.id,
            ),
        )
        .where(
            ModerationDecision.collectivity_id == collectivity_id,
            ModerationDecision.contribution_id == contribution_id,
            ModerationDecision.undone_at.is_(None),
            ModerationDecision.decision != Decision.PUBLISH,
            ModerationDecision.decided_at <= now - timedelta(seconds=UNDO_SECONDS),
        )
        .order_by(ModerationDecision.decided_at.desc(), ModerationDecision.id.desc())
    )
    return tuple(_appealable(*row) for row in rows)


def _appealable(
    made: ModerationDecision,
    contribution: Contribution,
    asked: Appeal | None,
    closes_at: datetime,
    title: str | None,
) -> Appealable:
    row = decision_row((made, contribution.ref, contribution.state, asked.state if asked else None))
    notified = notice_due(made.decided_at)
    return Appealable(
        row,
        notified,
        appeal_deadline(notified, closes_at),
        closes_at,
        _appeal_row(asked, row, by_me=False) if asked is not None else None,
        title or contribution.ref,
    )


def appealable(collectivity_id: int, contribution_id: int, now: datetime) -> Appealable | None:
    """Return the last decision against a contribution that its author was told about, and its appeal if any."""
    found = appealables(collectivity_id, contribution_id, now)
    return found[0] if found else None


def _appeal_row(asked: Appeal, made: DecisionRow, *, by_me: bool) -> AppealRow:
    return AppealRow(
        asked.id,
        made,
        made.contribution_ref,
        asked.text,
        asked.lang,
        asked.filed_at,
        asked.due_at,
        asked.state,
        asked.explanation,
        by_me,
    )


def appeals(
    actor: Actor, collectivity_id: int, *, appeal_id: int | None = None, after: str | None = None
) -> tuple[tuple[AppealRow, ...], str | None]:
    """Return open appeals, oldest first (or the one asked for), and the cursor of the next page."""
    statement = (
        sa.select(Appeal, ModerationDecision, Contribution, Participant)
        .join(
            ModerationDecision,
            sa.and_(
                ModerationDecision.collectivity_id == Appeal.collectivity_id,
                ModerationDecision.id == Appeal.decision_id,
            ),
        )
        .join(
            Contribution,
            sa.and_(
                Contribution.collectivity_id == Appeal.collectivity_id,
                Contribution.id == Appeal.contribution_id,
            ),
        )
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .where(Appeal.collectivity_id == collectivity_id)
    )
    if appeal_id is not None:
        statement = statement.where(Appeal.id == appeal_id)
    else:
        statement = statement.where(Appeal.state == "open")
        at = parts_of(after, 2)
        if at is not None:
            moment, last = moment_of(at[0]), at[1]
            statement = statement.where(
                sa.or_(Appeal.filed_at > moment, sa.and_(Appeal.filed_at == moment, Appeal.id > last))
            )
    found = db.session.execute(statement.order_by(Appeal.filed_at, Appeal.id).limit(PAGE + 1)).all()
    rows = tuple(
        _appeal_row(
            asked,
            decision_row((made, contribution.ref, contribution.state, asked.state)),
            by_me=actor.person_id in {asked.first_decided_by, asked.first_second_by}
            or is_own(actor, contribution, participant),
        )
        for asked, made, contribution, participant in found[:PAGE]
    )
    more = cursor(micros_of(rows[-1].filed_at), rows[-1].id) if len(found) > PAGE else None
    return rows, more
