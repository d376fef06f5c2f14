"""What acts on a text share: the lock and the policy, its file, its words, its screening."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from participate.consultations.models import Consultation
from participate.consultations.queries import is_open, lock_for_act
from participate.contributions import queries
from participate.contributions.actions.refusals import NotInThisConsultationError
from participate.contributions.models import Comment, Contribution, Idea
from participate.db import clock, db, for_update
from participate.files.models import StoredFile
from participate.people.models import Person
from participate.positions import actions as positions
from participate.rules import moderation
from participate.rules.moderation import AuthorFacts
from participate.rules.outcomes import READABLE_STATES, Accepts, Level, PublishState, StatementKind
from participate.rules.policy import Act, Actor, Place, RefusedError

IDEA_FIELDS = ("title", "problem", "proposal", "axis_id", "place", "file_id")
COMMENT_FIELDS = ("section", "kind", "stance", "body", "amend_from", "amend_to")


def entered(place: Place, act: Act, what: Accepts) -> tuple[Consultation, datetime]:
    """Return the place's consultation, locked and open at this very moment; the clock is read after the lock."""
    if place.collectivity_id is None or place.consultation_id is None:
        raise RefusedError(act, ("window_open",))
    consultation = lock_for_act(place.collectivity_id, place.consultation_id)
    now = clock()
    if not is_open(consultation, now):
        raise RefusedError(act, ("window_open",))
    if what.value not in consultation.accepts:
        raise RefusedError(act, (f"accepts_{what.value}",))
    return consultation, now


def locked_contribution(collectivity_id: int, contribution_id: int) -> Contribution | None:
    """Return a contribution, held until commit; none when there is none."""
    return db.session.scalar(
        for_update(
            sa.select(Contribution).where(
                Contribution.collectivity_id == collectivity_id, Contribution.id == contribution_id
            )
        ).execution_options(populate_existing=True)
    )


def require_own_file(actor: Actor, collectivity_id: int, file_id: int) -> None:
    """Require that the actor uploaded the file they attach."""
    uploaded_by = db.session.scalar(
        sa.select(StoredFile.uploaded_by).where(
            StoredFile.collectivity_id == collectivity_id, StoredFile.id == file_id
        )
    )
    if uploaded_by is None or uploaded_by != actor.person_id:
        raise NotInThisConsultationError("file", file_id)


def state_after_screening(
    person_id: int,
    level: int,
    consultation: Consultation,
    text: str,
    now: datetime,
    besides: int | None = None,
) -> tuple[PublishState, list[str]]:
    """Return the state a text begins in and what screening noticed: kinds only, they quote nobody."""
    before = queries.published_before(person_id, besides)
    born = db.session.scalar(sa.select(Person.created_at).where(Person.id == person_id)) or now
    facts = AuthorFacts(
        account_age=max(now - born, timedelta(0)), level=Level(level), published_before=before
    )
    earlier = queries.earlier_texts(consultation.collectivity_id, consultation.id, text, besides)
    signals = moderation.screen(text, facts, earlier)
    state = moderation.initial_state(consultation.moderation, Level(level), before, signals)
    return state, list(dict.fromkeys(signal.kind.value for signal in signals))


def own_statement(base: Contribution, kind: StatementKind) -> None:
    """Give a text the statement on which others take a position, open while the text is public."""
    statement = positions.new_statement(base.collectivity_id, base.consultation_id, kind)
    statement.votable = base.state in READABLE_STATES
    base.statement_id = statement.id
    db.session.flush()


def idea_text(words: Mapping[str, Any]) -> str:
    """Return all the words of an idea."""
    return "\n".join([words["title"], words["problem"], words["proposal"], words["place"] or ""]).strip()


def comment_text(words: Mapping[str, Any]) -> str:
    """Return all the words of a comment."""
    return "\n".join(part for part in (words["body"], words["amend_to"]) if part)


def text_of(words: Comment | Idea) -> str:
    """Return all the words of a text, as screening reads them."""
    if isinstance(words, Idea):
        return idea_text({name: getattr(words, name) for name in IDEA_FIELDS})
    return comment_text({name: getattr(words, name) for name in COMMENT_FIELDS})
