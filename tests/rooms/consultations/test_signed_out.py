"""Somebody signed out is nobody: not the associations, whose voices have no person."""

from flask import Flask

from participate.consultations import queries
from participate.consultations.models import Participant
from participate.db import add, clock, db, new_id, writing
from participate.rules.outcomes import ParticipantKind
from tests import makers


def test_a_signed_out_reader_is_no_associations_voice(app: Flask) -> None:
    with writing():
        made = makers.a_plan()
        assert made.review
        for _ in range(2):
            association = makers.an_association(made.collectivity)
            add(
                Participant(
                    collectivity_id=made.collectivity.id,
                    id=new_id(),
                    consultation_id=made.review.id,
                    kind=ParticipantKind.ASSOCIATION,
                    association_id=association.id,
                    declared=True,
                    created_at=clock(),
                )
            )
        db.session.commit()
    assert queries.needs_declaration(made.collectivity.id, made.review.id, None)
    assert queries.participant_of(made.collectivity.id, made.review.id, None) is None
