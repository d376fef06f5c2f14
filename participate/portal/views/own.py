"""One's own page."""

from __future__ import annotations

from typing import Any

from flask import session, url_for
from flask_babel import gettext as _

from participate.contributions import pieces
from participate.contributions import queries as contributions
from participate.portal import frame, queries
from participate.portal.views.blueprint import bp
from participate.positions import queries as positions
from participate.responses import queries as responses
from participate.rules.policy import Act, Place, Role
from participate.web import i18n, labels, pages
from participate.web.access import actor, guard, now


@bp.get("/me/")
@guard(Act.ACCOUNT_USE)
def me(place: Place) -> Any:
    """Show what I wrote, where I stand, what became of it, and the letters sent to me."""
    del place
    person = actor()
    assert person.person_id is not None
    pages.needs_csrf()
    councils = {where for where, role in person.roles if role is Role.COUNCILLOR}
    return pages.page(
        "portal/me.html",
        name=queries.name_of(person.person_id),
        texts=_texts(person.person_id),
        acts=[_act(row) for row in positions.my_acts(person.person_id)],
        letters=queries.letters_to(person.person_id, now()),
        drafts=[
            {
                "url": f"/{i18n.lang()}{row.path}",
                "label": pieces.excerpt(row.text, 70) if len(row.text) > 8 else _("A choice you had begun"),
                "at": row.at,
            }
            for row in queries.drafts_of(getattr(session, "hashes", []))
        ],
        desk_url=frame.desk_url(),
        to_study=[
            {
                "url": url_for("council_desk.reading", slug=one.slug, cycle=one.cycle),
                "label": _("Read, note and ask: %(plan)s", plan=i18n.plain(one.title)),
            }
            for one in (queries.to_study(councils) if councils else ())
        ],
        more=[
            (_("Choose another name"), url_for("people.name_form")),
            (_("Where I am signed in"), url_for("people.sessions")),
            (_("Language of letters and settings"), url_for("people.account")),
            (_("My data as a file"), url_for("portal.my_data")),
            (_("Close my account"), url_for("portal.leave_form")),
        ],
    )


def _act(row: positions.MyAct) -> dict[str, Any]:
    in_project = row.number is not None
    return {
        "label": f"{row.number}. {i18n.plain(row.title)}" if in_project else _("A text of somebody else"),
        "url": url_for("portal.project", slug=row.slug, cycle=row.cycle, number=row.number)
        if in_project
        else None,
        "value": labels.position(row.value) if row.value is not None else _("one of my priorities"),
        "at": row.at,
        "code": row.code,
        "receipt_url": url_for("positions.receipt", slug=row.slug, code=row.code) if row.code else None,
        "open": row.is_open,
        "association": i18n.plain(row.association) if row.association else None,
    }


def _texts(person_id: int) -> list[dict[str, Any]]:
    """Return what somebody wrote, with what became of it: four statements more for each collectivity."""
    rows = contributions.mine(person_id)
    fates: dict[int, Any] = {}
    answers: dict[int, Any] = {}
    said: dict[int, Any] = {}
    judgeable: set[int] = set()
    for where in {row.collectivity_id for row in rows}:
        ids = [row.id for row in rows if row.collectivity_id == where]
        fates.update(contributions.later.fate_of(where, ids))
        answers.update(responses.response_for(where, ids))
        said.update(responses.judgement_of(where, list(answers)))
        judgeable |= responses.before_their_session(where, [one for one in ids if one in answers])
    return [
        {
            **_mine(row),
            "fate": labels.fate(fates[row.id].fate) if row.id in fates else None,
            "answered": _(
                "the commune answered: %(outcome)s", outcome=labels.outcome(answers[row.id].outcome)
            )
            if row.id in answers
            else None,
            "judge_url": pages.home_of("judge", slug=row.slug, ref=row.ref) if row.id in judgeable else None,
            "judged": labels.satisfied(said[row.id].satisfied) if row.id in said else None,
        }
        for row in rows
    ]


def _mine(row: contributions.MineRow) -> dict[str, Any]:
    return {
        "url": url_for(
            "contributions.idea" if row.title else "contributions.one", slug=row.slug, ref=row.ref
        ),
        "title": row.title or pieces.excerpt(row.text, 90),
        "lang": row.lang,
        "ref": row.ref,
        "state": labels.publish_state(row.state),
        "at": row.submitted_at,
        "receipt": row.receipt_code,
        "project": i18n.plain(row.project_title) if row.project_title else None,
        "association": i18n.plain(row.association) if row.association else None,
    }
