"""What a consultation's rules are in plain words: for its page, the position panel and refusals."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from participate.consultations.queries import ConsultationView, level_asked
from participate.rules.outcomes import (
    Accepts,
    ConsultationKind,
    ConsultationState,
    Eligibility,
    ModerationMode,
    ResultsMode,
)
from participate.rules.tallies import Floored
from participate.web import labels
from participate.web.i18n import CASABLANCA, day, moment, number, until


def last_moment(closes_at: datetime) -> str:
    """Return the last day included when a window ends at midnight, else the day and hour of its end."""
    local = closes_at.astimezone(CASABLANCA)
    if (local.hour, local.minute) == (0, 0):
        return day(closes_at - timedelta(minutes=1))
    return moment(closes_at)


def window(view: ConsultationView) -> str:
    """Return the window in words, both days included."""
    return _(
        "from %(first)s to %(last)s, included", first=day(view.opens_at), last=last_moment(view.closes_at)
    )


def people(count: Floored, ended: bool) -> str:
    """Return how many people took part: floored while it runs."""
    if not ended and count.fewer_than_ten:
        return _("fewer than 10 people")
    if ended:
        return ngettext("%(num)d person", "%(num)d people", count.at_least)
    return _("at least %(count)s people", count=number(count.at_least))


def associations(count: Floored, ended: bool) -> str:
    """Return how many associations took part: floored while it runs."""
    if not ended and count.fewer_than_ten:
        return _("fewer than 10 associations")
    if ended:
        return ngettext("%(num)d association", "%(num)d associations", count.at_least)
    return _("at least %(count)s associations", count=number(count.at_least))


def turnout(view: ConsultationView) -> str:
    """Return how many took part, as one sentence."""
    given = {
        "people": people(view.people, view.ended),
        "associations": associations(view.associations, view.ended),
    }
    if view.ended:
        return _("Took part: %(people)s and %(associations)s.", **given)
    return _("Have taken part so far: %(people)s and %(associations)s.", **given)


def rules(view: ConsultationView) -> list[tuple[str, str]]:
    """Return the rules of taking part as pairs of question and answer."""
    return [
        (_("Who can take part?"), who(view)),
        (_("Until when?"), _until_when(view)),
        (_("What can I do?"), _what(view)),
        (
            _("What is counted?"),
            _(
                "One position for each person and each project or text. An association counts once, beside its delegates' own voices. You can change your mind until the end: only the last position counts."
            ),
        ),
        (_("When are the results shown?"), _results(view)),
        (_("Who reads what I write before it is public?"), _moderation(view)),
        (
            _("Can I check that I was counted?"),
            _(
                "Every act gives a receipt. Type it on the receipts page, now or after the end, and see that the public record holds it."
            ),
        ),
        (
            _("Will anybody know what I think?"),
            _(
                "No page, file or report links a position to a person. What you write carries the name you choose."
            ),
        ),
    ]


def who(view: ConsultationView) -> str:
    """Return who may take part."""
    sentence = {
        Eligibility.ANYONE: _("Anyone with an e-mail address."),
        Eligibility.DECLARES: _(
            "Anyone who lives, works or studies here. You say so once, by ticking a box; no document is asked."
        ),
        Eligibility.SEEN_AT_DESK: _(
            "People who were seen once, in person, at the commune's desk. No identity number is kept."
        ),
    }[view.eligibility]
    level = level_asked(view.eligibility, view.min_level)
    if level > 1 and view.eligibility is not Eligibility.SEEN_AT_DESK:
        sentence += " " + _("Verification needed: %(level)s.", level=labels.level(level))
    return sentence + " " + _("Verified associations take part through their delegates.")


def _until_when(view: ConsultationView) -> str:
    sentence = _("Until %(last)s, included.", last=last_moment(view.closes_at))
    if view.ended:
        return sentence + " " + _("It has ended.")
    return sentence + " " + _("The end can be moved later with a public reason, never earlier.")


def _what(view: ConsultationView) -> str:
    known = {
        Accepts.POSITION: _("take a position"),
        Accepts.PRIORITY: ngettext(
            "choose %(num)d priority", "choose up to %(num)d priorities", view.priorities_max
        ),
        Accepts.COMMENT: _("comment or propose other words"),
        Accepts.IDEA: _("propose a project that is missing")
        if view.kind is ConsultationKind.DRAFT_REVIEW
        else _("propose an idea"),
    }
    return _(
        "You can: %(things)s.",
        things=pgettext("list separator", ", ").join(
            words for one, words in known.items() if one in view.accepts
        ),
    )


def _results(view: ConsultationView) -> str:
    if view.results is ResultsMode.LIVE:
        return _("They are shown while the consultation runs.")
    return _(
        "After the end, for everybody at the same moment. Until then nobody sees them, not even the commune."
    )


def _moderation(view: ConsultationView) -> str:
    first = {
        ModerationMode.POST: _("Texts are public at once, and moderators read them afterwards."),
        ModerationMode.PRE_FIRST_THREE: _("A moderator reads your first three texts before they are public."),
        ModerationMode.PRE: _("A moderator reads every text before it is public."),
    }[view.moderation]
    return (
        first
        + " "
        + _(
            "Within 48 hours, or it is published. Criticism is never a reason to refuse. A refusal has a written reason, and you can appeal to another moderator."
        )
    )


def what_next(view: ConsultationView, now: datetime) -> str:
    """Return what happens after now, for somebody who came too early or too late."""
    if view.state is ConsultationState.ANNOUNCED or now < view.opens_at:
        return _("It opens on %(day)s.", day=day(view.opens_at))
    if view.is_open(now):
        return _("It is open. Time left: %(time)s.", time=until(view.closes_at, now))
    if view.kind is ConsultationKind.CALL_FOR_IDEAS:
        return _(
            "Now the commune examines every idea, says what becomes of it and why, and writes the draft plan, which opens for your views."
        )
    return _(
        "Now the commune answers every comment and idea in public. The results and the answers go to the council, which votes on the plan."
    )
