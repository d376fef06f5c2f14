"""What the platform holds of a person, for that person alone.

`HELD` names every table with somebody in it and the columns that are theirs; what staff did in their office is the
commune's record, not the person's data, and is named in `OF_THE_OFFICE`, so that a new table is in one or the other.

Source: law 09-08, article 7 (right of access).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation, Participant
from participate.contributions import queries as contributions
from participate.contributions.models import Contribution
from participate.db import Words, clock, db
from participate.rules.outcomes import ConsultationState

ROWS = 20_000
"""Of each kind, at most: far beyond what anybody does, and an end to what one request can ask for."""


@dataclass(frozen=True)
class Held:
    """Rows that are somebody's: under which name, in which table, by which column, and what of them is told.

    `through` is the table by which the rows are found where they do not name the person themselves.
    """

    name: str
    table: str
    owner: str
    columns: tuple[str, ...]
    through: str | None = None


def _held(name: str, owner: str, columns: str, through: str | None = None) -> Held:
    kind, table = name.split(":")
    return Held(kind, table, owner, tuple(columns.split()), through)


HELD = (
    _held("account:person", "id", "email display_name lang level created_at suspended_at"),
    _held("sessions:browser_session", "person_id", "created_at last_seen auth_at means strong_at device"),
    _held("sign_in:staff_factor", "person_id", "password_at app_at"),
    _held("recovery_codes:recovery_code", "person_id", "made_at used_at"),
    _held("recoveries:factor_recovery", "person_id", "collectivity_id asked_at ended_at"),
    _held("identities:oidc_identity", "person_id", "issuer sub linked_at"),
    _held("roles:role_grant", "person_id", "collectivity_id role title granted_at"),
    _held("network:network_administrator", "person_id", "granted_at"),
    _held("mandates:mandate", "person_id", "collectivity_id association_id started_at ended_at"),
    _held("letters_wanted:letter_choice", "person_id", "receipts"),
    _held("letters:mail", "person_id", "created_at lang kind subject body sent_at"),
    _held(
        "participations:participant",
        "person_id",
        "collectivity_id consultation_id level channel declared neighbourhood_id age_band gender created_at",
    ),
    _held("positions:position", "participant_id", "collectivity_id statement_id value at", "participant"),
    _held(
        "priorities:priority",
        "participant_id",
        "collectivity_id consultation_id statement_id slot at",
        "participant",
    ),
    _held("receipts:receipt", "participant_id", "collectivity_id code what entry_hash at", "participant"),
    _held(
        "contributions:contribution",
        "acting_person_id",
        "collectivity_id ref kind state lang submitted_at published_at edited_at withdrawn_at receipt_code",
    ),
    _held("ideas:idea", "acting_person_id", "collectivity_id title problem proposal place", "contribution"),
    _held("comments:comment", "acting_person_id", "collectivity_id body stance kind", "contribution"),
    _held(
        "co_signatures:co_signature", "participant_id", "collectivity_id contribution_id at", "participant"
    ),
    _held(
        "judgements:judgement",
        "participant_id",
        "collectivity_id contribution_id satisfied note lang at",
        "participant",
    ),
    _held("reports:report", "person_id", "collectivity_id contribution_id reason note lang at"),
    _held("appeals:appeal", "filed_by", "collectivity_id text lang state filed_at decided_at explanation"),
    _held("observations:observation", "person_id", "collectivity_id project_id lang text state at"),
    _held(
        "councillor_notes:councillor_note",
        "person_id",
        "collectivity_id project_id body updated_at removed_at",
    ),
    _held("files:stored_file", "uploaded_by", "collectivity_id ref name media_type size sha256 uploaded_at"),
)
OF_THE_OFFICE = {
    "association": "verified_by",
    "role_grant": "granted_by",
    "factor_recovery": "first_by second_by",
    "evaluation": "recorded_by",
    "plan_version": "published_by",
    "project": "updated_by",
    "sitting": "recorded_by",
    "deliberation": "recorded_by",
    "act_control": "recorded_by",
    "council_setting": "updated_by",
    # a councillor asks, and is answered, in office
    "council_question": "asked_by",
    "dossier_addendum": "answered_by",
    "meeting_input": "noted_by",
    "opinion": "filed_by",
    "synthesis": "computed_by",
    "theme": "created_by",
    "theme_member": "by_person_id",
    "progress_report": "published_by",
    "idea_fate": "decided_by",
    "moderation_decision": "decided_by second_by",
    "response": "written_by approved_by",
    "appeal": "first_decided_by first_second_by decided_by",
    "removal": "asked_by settled_by",
    # who pressed the button for an association: its voice, told under contributions and mandates
    "position": "acting_person_id",
    "judgement": "acting_person_id",
    # the private side of the record, which repeats what is told above
    "journal_detail": "actor_id",
}
"""Columns that name who did something for the commune or for an association."""


def own_data(person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return everything held of a person, by kind, ready for JSON. One statement for each kind."""
    return {held.name: _rows(held, person_id) for held in HELD}


def _rows(held: Held, person_id: int) -> list[dict[str, Any]]:
    table = db.metadata.tables[held.table]
    wanted = sa.select(*(table.c[name] for name in held.columns))
    if held.through is None:
        wanted = wanted.where(table.c[held.owner] == person_id)
    elif held.through == "participant":
        seats = db.metadata.tables["participant"]
        wanted = wanted.join(
            seats,
            sa.and_(seats.c.collectivity_id == table.c.collectivity_id, seats.c.id == table.c[held.owner]),
        ).where(seats.c.person_id == person_id)
    else:
        texts = db.metadata.tables[held.through]
        wanted = (
            wanted.add_columns(texts.c.ref)
            .join(
                texts, sa.and_(texts.c.collectivity_id == table.c.collectivity_id, texts.c.id == table.c.id)
            )
            .where(texts.c[held.owner] == person_id)
        )
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in db.session.execute(wanted.limit(ROWS)).mappings()
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; keys as text, which no reader rounds."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 1 << 50:
        return str(value)
    return value


@dataclass(frozen=True)
class OpenSeat:
    """A consultation that is open or soon closed and counts somebody."""

    title: Words
    closes_at: datetime


def open_seats(person_id: int) -> tuple[OpenSeat, ...]:
    """Return the consultations that still count a person's voice, the last to close first."""
    rows = db.session.execute(
        sa.select(Consultation.title, Consultation.closes_at)
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Consultation.collectivity_id,
                Participant.consultation_id == Consultation.id,
            ),
        )
        .where(
            Participant.person_id == person_id,
            sa.or_(Consultation.state == ConsultationState.OPEN, Consultation.closes_at > clock()),
        )
        .order_by(Consultation.closes_at.desc())
    )
    return tuple(OpenSeat(title, closes_at) for title, closes_at in rows)


def own_texts(person_id: int) -> list[tuple[int, int]]:
    """Return the keys of what a person wrote in their own name and can still take back."""
    rows = db.session.execute(
        sa.select(Contribution.collectivity_id, Contribution.id)
        .join(
            Participant,
            sa.and_(
                Participant.collectivity_id == Contribution.collectivity_id,
                Participant.id == Contribution.participant_id,
            ),
        )
        .where(Participant.person_id == person_id, Contribution.state.not_in(contributions.SETTLED_STATES))
        .order_by(Contribution.collectivity_id, Contribution.id)
    )
    return [(where, key) for where, key in rows]
