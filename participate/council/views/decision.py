"""The decision on the plan and on each project."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from participate.council import actions, queries
from participate.council.forms import DeliberationForm, for_projects
from participate.council.views.around import around_page, decision_of, done_once, said_words, sitting_here
from participate.council.views.blueprint import desk, keys
from participate.db import db
from participate.plans.queries import plan_place
from participate.rules import council as law
from participate.rules.outcomes import ProjectDecision
from participate.rules.policy import Act, Place
from participate.rules.windows import casablanca_date
from participate.web import labels, pages
from participate.web.access import actor, guard, now
from participate.web.forms import first_reply

# --- the decision ------------------------------------------------------


def _offered(form: DeliberationForm) -> DeliberationForm:
    form.outcome.choices = [
        (actions.ADOPTED, _("It decided project by project")),
        (actions.RETURNED, _("It returned the whole plan to be prepared again")),
    ]
    for one in form.projects:
        form.of("decision", one.number).choices = [
            (decision.value, labels.project_decision(decision)) for decision in ProjectDecision
        ]
    return form


def _filled(decision: queries.DecisionView | None, today: Any) -> dict[str, Any]:
    """Return what the form begins with: the decision recorded before, if it may still be corrected."""
    if decision is None:
        return {"outcome": actions.ADOPTED, "decided_on": today}
    data: dict[str, Any] = {
        "outcome": decision.outcome,
        "reference": decision.reference,
        "decided_on": decision.decided_on,
        "reason_ar": (decision.reason or {}).get("ar"),
        "reason_fr": (decision.reason or {}).get("fr"),
    }
    for vote in decision.votes:
        data |= {
            f"decision_{vote.number}": vote.decision.value,
            f"in_favour_{vote.number}": vote.in_favour,
            f"against_{vote.number}": vote.against,
            f"abstain_{vote.number}": vote.abstain,
            **{
                f"{name}_{lang}_{vote.number}": (words or {}).get(lang)
                for name, words in (("reason", vote.reason), ("amendment", vote.amendment))
                for lang in ("ar", "fr")
            },
        }
    return data


def _deliberation_page(place: Place, form: DeliberationForm, status: int = 200) -> Any:
    session, sitting = sitting_here(place)
    return around_page(
        "council/deliberation.html",
        place,
        status,
        form=form,
        session=session,
        sitting=sitting,
        said=queries.positions_of(*keys(place)),
    )


@desk.get("/deliberation")
@guard(Act.SESSION_RECORD, plan_place)
def deliberation_form(place: Place) -> Any:
    """Show the form of the decision, project by project."""
    session, _sat = sitting_here(place)
    decision = decision_of(session, queries.votes_of(*keys(place)))
    if decision is not None and decision.performed:
        raise actions.AlreadyFollowedError
    made = for_projects(queries.before_the_council(*keys(place)))
    return _deliberation_page(place, _offered(made(data=_filled(decision, casablanca_date(now())))))


@desk.post("/deliberation")
@guard(Act.SESSION_RECORD, plan_place)
def record_deliberation(place: Place) -> Any:
    """Record the decision."""
    _session, sitting = sitting_here(place)
    form = _offered(for_projects(queries.before_the_council(*keys(place)))())
    if not form.validate_on_submit():
        return _deliberation_page(place, form, 422)
    reply = first_reply(form)
    if reply:
        return pages.see(reply.location)
    trouble = _decide(form, place, sitting)
    if trouble is None:
        return done_once(form, place, _("Recorded. Read it once more, then let the plan follow it."))
    db.session.rollback()
    name, words = trouble
    form[name].errors = [words]
    return _deliberation_page(place, form, 422)


# --- what the council rewrote ------------------------------------------


def _votes(form: DeliberationForm) -> list[actions.VoteRow]:
    found = []
    for one in form.projects:

        def field(name: str, number: int = one.number) -> Any:
            return form.of(name, number).data

        found.append(
            actions.VoteRow(
                one.project_id,
                ProjectDecision(field("decision")),
                field("in_favour") or 0,
                field("against") or 0,
                field("abstain") or 0,
                said_words(field("reason_ar"), field("reason_fr")),
                said_words(field("amendment_ar"), field("amendment_fr")),
            )
        )
    return found


def _decide(form: DeliberationForm, place: Place, sitting: queries.SittingView) -> tuple[str, str] | None:
    """Record the decision; return the field and the sentence of what stands in the way."""
    day = form.decided_on.data
    assert day is not None
    try:
        actions.record_deliberation(
            actor(),
            place,
            sitting.id,
            form.reference.data or "",
            day,
            form.outcome.data,
            _votes(form) if form.outcome.data == actions.ADOPTED else [],
            said_words(form.reason_ar.data, form.reason_fr.data),
        )
    except actions.NoReasonGivenError:
        return "reason_ar", _("The people who took part will ask why: write the reason.")
    except actions.NotYetHeldError:
        return "decided_on", _("This day has not come yet.")
    except actions.ProjectVoteError as error:
        return _vote_trouble(error)
    return None


def _vote_trouble(error: actions.ProjectVoteError) -> tuple[str, str]:
    """Return the field and the sentence of a decision on a project that cannot stand."""
    number, cause = error.number, error.cause
    if error.amendment_missing:
        return f"amendment_ar_{number}", _(
            "Project %(number)s: write the words of the amendment.", number=number
        )
    if error.contradicts == "support":
        return f"reason_ar_{number}", _(
            "Project %(number)s: most people who took part support it. Write why the council decided otherwise.",
            number=number,
        )
    if error.contradicts == "opposition":
        return f"reason_ar_{number}", _(
            "Project %(number)s: most people who took part oppose it. Write why the council decided otherwise.",
            number=number,
        )
    if isinstance(cause, law.VotesExceedPresentError):
        return f"in_favour_{number}", _(
            "Project %(number)s: %(votes)s votes, but only %(present)s members present.",
            number=number,
            votes=cause.votes,
            present=cause.present,
        )
    if isinstance(cause, law.AdoptedWithoutMajorityError):
        return f"decision_{number}", _(
            "Project %(number)s: it needs %(needed)s votes for to be adopted.",
            number=number,
            needed=cause.needed,
        )
    if isinstance(cause, law.RejectedWithMajorityError):
        return f"decision_{number}", _(
            "Project %(number)s: a majority voted for it, so it is not rejected.", number=number
        )
    return f"reason_ar_{number}", _(
        "Project %(number)s: the people who took part will ask why. Write the reason.", number=number
    )
