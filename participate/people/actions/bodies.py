"""Advisory bodies."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from participate.db import Words, add, db, new_id
from participate.journal import actions as journal
from participate.people.actions.refusals import BodyExistsError
from participate.people.models import AdvisoryBody
from participate.rules.policy import Act, Actor, Place, require


def found_advisory_body(
    actor: Actor, collectivity_id: int, slug: str, name: Words, description: Words | None = None
) -> AdvisoryBody:
    """Enter a body that advises the council; its members get the role of advisory member.

    Source: LO 113-14 art. 120 (the body for equity, equal opportunities and the gender approach).
    Raises BodyExistsError when the short name is taken.
    """
    require(actor, Act.COLLECTIVITY_EDIT, Place(collectivity_id=collectivity_id))
    try:
        with db.session.begin_nested():
            row = add(
                AdvisoryBody(
                    collectivity_id=collectivity_id,
                    id=new_id(),
                    slug=slug,
                    name={lang: text for lang, text in name.items() if text},
                    description={lang: text for lang, text in (description or {}).items() if text} or None,
                )
            )
    except IntegrityError:
        raise BodyExistsError(slug) from None
    journal.record(
        actor.person_id,
        "advisory_body:founded",
        journal.of_collectivity(collectivity_id),
        f"advisory_body:{row.id}",
        public={"slug": slug, "name": row.name},
    )
    return row
