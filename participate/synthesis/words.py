"""The sentences of the dossier: templates filled with figures, never an adjective without its number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from participate.moderation.notices import reason_line
from participate.plans.queries import FieldDifference
from participate.plans.views import field_words
from participate.rules import outcomes as o
from participate.rules.moderation import Decision, ReasonCode
from participate.rules.tallies import MIN_BASE, Floored
from participate.rules.text import word_diff
from participate.synthesis import shapes as s
from participate.web import i18n, labels

LANG_NAMES = ("ar", "fr", "ary-Latn", "zgh", "en")


def contents(reading: s.Reading, seal: Any) -> list[dict[str, str]]:
    """Return where the parts of the dossier begin, as `ui.filters` takes them."""
    parts = [
        ("positions", _("Positions on each project"), True),
        ("who", _("Who took part"), True),
        ("texts", _("The contributions"), True),
        ("answers", _("The reasoned answers"), True),
        ("projects", _("Project by project"), True),
        ("associations", _("Proposals of associations"), reading.association_ideas),
        ("changes", _("From one version to the next"), reading.changes),
        ("moderation", _("Moderation"), True),
        ("seal", _("Seal"), seal),
    ]
    return [{"label": label, "url": f"#{name}"} for name, label, there in parts if there]


def answers(response: Any, themes: Sequence[s.ThemeReading]) -> str:
    """Return what a folded part of a project holds."""
    number = len(themes) + bool(response)
    return str(ngettext("Read the answer", "Read the %(num)d answers", number))


def floored(count: Floored) -> str:
    """Return a live count of people in words."""
    if count.fewer_than_ten:
        return _("fewer than 10")
    return _("at least %(number)s", number=i18n.number(count.at_least))


def question(reading: s.Reading) -> str:
    """Return the question put to the council."""
    asked = ngettext(
        "The council is asked to vote on the openness action plan %(cycle)s: %(num)d project.",
        "The council is asked to vote on the openness action plan %(cycle)s: %(num)d projects.",
        reading.about.projects,
        cycle=reading.about.cycle,
    )
    changed = reading.figures.changed
    if changed is None:
        return str(asked)
    if changed == 0:
        return f"{asked} {_('None of them changed after the consultation.')}"
    return (
        asked
        + " "
        + str(
            ngettext(
                "%(num)d of them changed after the consultation.",
                "%(num)d of them changed after the consultation.",
                changed,
            )
        )
    )


def five(reading: s.Reading) -> list[dict[str, Any]]:
    """Return the five figures of the first page, each with what it counts."""
    figures = reading.figures
    rows: list[dict[str, Any]] = [
        {
            "value": figures.participants,
            "label": ngettext("voice", "voices", figures.participants),
            "note": _("each person and each association counts once"),
        },
        {
            "value": figures.received,
            "label": ngettext("contribution", "contributions", figures.received),
            "note": _("%(num)s published", num=i18n.number(figures.published)),
        },
        {
            "value": figures.associations,
            "label": ngettext("association", "associations", figures.associations),
            "note": _("one voice for each association"),
        },
        _answered(figures),
    ]
    if figures.changed is not None:
        rows.append(
            {
                "value": figures.changed,
                "label": ngettext("project changed", "projects changed", figures.changed),
                "note": _(
                    "%(num)s because of what people said", num=i18n.number(figures.changed_by_people or 0)
                ),
            }
        )
    return rows


def _answered(figures: s.Figures) -> dict[str, Any]:
    of = _("%(count)s of %(base)s", count=i18n.number(figures.answered), base=i18n.number(figures.answerable))
    if figures.answerable >= MIN_BASE:
        # Rounded down: 99.6 % answered is not everybody.
        value = i18n.percent(100 * figures.answered // figures.answerable / 100)
        return {"value": value, "label": _("answered with reasons"), "note": of}
    return {"value": of, "label": _("answered with reasons"), "note": None}


def support(found: s.SupportView) -> str:
    """Return a support with its base; a percentage only where one may be said."""
    if found.percent is None or found.lower is None or found.upper is None:
        return _("%(count)s of %(base)s", count=i18n.number(found.count), base=i18n.number(found.base))
    return _(
        "%(percent)s (%(count)s of %(base)s); stability of this figure: %(lower)s to %(upper)s",
        percent=i18n.percent(found.percent / 100),
        count=i18n.number(found.count),
        base=i18n.number(found.base),
        lower=i18n.percent(found.lower),
        upper=i18n.percent(found.upper),
    )


def tally(found: s.TallyView | s.Point) -> str:
    """Return the counts of a tally in words, always together."""
    return " · ".join(
        (
            ngettext("%(num)s supports", "%(num)s support", found.agree),
            ngettext("%(num)s opposes", "%(num)s oppose", found.disagree),
            ngettext("%(num)s undecided", "%(num)s undecided", found.pass_),
        )
    )


def base(project: s.ProjectReading) -> str:
    """Return what the bar of a project counts."""
    took = ngettext("%(num)s took a position", "%(num)s took a position", project.tally.n)
    if project.tally.not_seen is None:
        return str(took)
    return f"{took} · " + str(ngettext("%(num)s did not", "%(num)s did not", project.tally.not_seen))


def bar(project: s.ProjectReading, url: str | None) -> dict[str, Any]:
    """Return a project as a row of bars, with its audiences where they may be shown."""
    return {
        "number": project.number,
        "label": i18n.said(project.title),
        "url": url,
        "agree": project.tally.agree,
        "disagree": project.tally.disagree,
        "pass_": project.tally.pass_,
        "n": project.tally.n,
        "base": base(project),
        "label_kind": project.label,
        "audiences": audience_rows(next(t for t in project.audiences if t.dimension == "kind")),
        "hidden": None,
    }


def audience_rows(table: s.AudienceTable) -> list[dict[str, Any]]:
    """Return the rows of a table of audiences; none when the table has one row or hides all."""
    if len(table.rows) < 2 or not any(row.tally for row in table.rows):
        return []
    return [
        {
            "label": category(table.dimension, row.key, row.label),
            "hidden": None if row.tally else hidden(),
            **(
                {
                    "agree": row.tally.agree,
                    "disagree": row.tally.disagree,
                    "pass_": row.tally.pass_,
                    "n": row.tally.n,
                }
                if row.tally
                else {}
            ),
        }
        for row in table.rows
    ]


def hidden() -> str:
    """Say why a cell shows no figure."""
    return _("not shown: too few people, or all of one mind")


def dimension(name: str) -> str:
    """Return the title of a table by its dimension."""
    return {
        "kind": _("Who spoke"),
        "channel": _("How they took part"),
        "level": _("How they were verified"),
        "neighbourhood": _("Neighbourhood"),
        "gender": _("Gender, as people stated it"),
        "age": _("Age, as people stated it"),
    }[name]


def category(name: str, key: str, label: dict[str, str] | None) -> str:
    """Return the words of one category of a dimension."""
    if label:
        return i18n.plain(label)
    if not key:
        return _("not stated")
    if name == "kind":
        return labels.participant_kind(o.ParticipantKind(key))
    if name == "channel":
        return labels.channel(o.Channel(key))
    if name == "level":
        return labels.level(int(key))
    if name == "gender":
        return labels.gender(o.Gender(key))
    return labels.age_band(o.AgeBand(key)) if name == "age" else key


def contributions(reading: s.Reading) -> list[tuple[str, int, str | None]]:
    """Return what became of the texts: the states sum to what was received."""
    found = reading.contributions
    return [
        (_("received"), found.received, None),
        (
            pgettext("texts", "published"),
            found.published,
            ngettext(
                "%(num)s of them late, without review",
                "%(num)s of them late, without review",
                found.published_late,
            )
            if found.published_late
            else None,
        ),
        (_("waiting for a moderator"), found.pending, None),
        (_("returned to their authors"), found.returned, None),
        (pgettext("texts", "hidden"), found.hidden, None),
        (pgettext("texts", "removed"), found.removed, None),
        (_("withdrawn by their authors"), found.withdrawn, None),
        (_("joined to the same text"), found.merged, None),
    ]


def language(code: str) -> str:
    """Return the name of a content language."""
    return {
        "ar": _("Arabic"),
        "fr": _("French"),
        "ary-Latn": _("Darija in Latin letters"),
        "zgh": _("Tamazight"),
        "en": _("English"),
    }.get(code, code)


def languages(reading: s.Reading) -> list[tuple[str, int, None]]:
    """Return the languages of the published texts."""
    return [(language(one.key), one.count, None) for one in reading.contributions.languages]


def limits(reading: s.Reading) -> list[str]:
    """Return what the figures do not say, with the numbers."""
    found = reading.limits
    name = i18n.plain(reading.about.collectivity_name)
    said = [
        ngettext("%(num)s person chose to take part.", "%(num)s people chose to take part.", found.people)
    ]
    if found.population:
        said.append(
            _(
                "They are not a sample of the %(population)s inhabitants of %(place)s, and percentages describe them only.",
                population=i18n.number(found.population),
                place=name,
            )
        )
    else:
        said.append(
            _(
                "They are not a sample of the inhabitants of %(place)s, and percentages describe them only.",
                place=name,
            )
        )
    if found.without_neighbourhood:
        said.append(
            ngettext(
                "%(num)s did not state a neighbourhood.",
                "%(num)s did not state a neighbourhood.",
                found.without_neighbourhood,
            )
        )
    if found.campaign_texts:
        said.append(campaign(found.campaign_texts, found.campaign_accounts))
    return [str(one) for one in said]


def campaign(texts: int, accounts: int) -> str:
    """Return a campaign in a sentence: legitimate, one argument, everybody counted once."""
    return _(
        "The same text came in %(texts)s copies from %(accounts)s accounts: it is shown as one argument, and each signatory counts once.",
        texts=i18n.number(texts),
        accounts=i18n.number(accounts),
    )


def why(point: s.Point) -> str:
    """Return why a project is among the agreements or disagreements."""
    return {
        "consensual": _("every audience supports it"),
        "disputed": _("audiences differ"),
        "opposed": _("not settled"),
    }[point.why]


def gap(found: s.GapView) -> str:
    """Return the largest difference between two audiences, with the counts of both."""
    return _(
        "%(higher)s: %(a)s of %(b)s support it; %(lower)s: %(c)s of %(d)s.",
        higher=category(found.dimension, found.higher, found.higher_label),
        a=i18n.number(found.higher_tally.agree),
        b=i18n.number(found.higher_tally.agree + found.higher_tally.disagree),
        lower=category(found.dimension, found.lower, found.lower_label),
        c=i18n.number(found.lower_tally.agree),
        d=i18n.number(found.lower_tally.agree + found.lower_tally.disagree),
    )


def outcomes(reading: s.Reading) -> list[tuple[str, int, None]]:
    """Return the answered contributions by outcome."""
    return [
        (labels.outcome(o.Outcome(one.key)), one.count, None)
        for one in reading.coverage.by_outcome
        if one.count
    ]


def moderation(reading: s.Reading) -> list[tuple[str, int | str, str | None]]:
    """Return the figures of moderation."""
    found = reading.moderation
    rows: list[tuple[str, int | str, str | None]] = [
        (_("decisions of moderators"), found.decisions, None),
        (_("within the 48 hours promised"), found.in_time, None),
    ]
    if found.median_hours is not None:
        rows.append(
            (
                _("half of them within"),
                ngettext("%(num)d hour", "%(num)d hours", found.median_hours),
                None,
            )
        )
    rows += [
        (_("published without review, because late"), found.unreviewed, None),
        (_("appeals: decision confirmed"), found.appeals_confirmed, None),
        (_("appeals: decision reversed"), found.appeals_reversed, None),
    ]
    return rows


def decisions(reading: s.Reading) -> list[tuple[str, int, None]]:
    """Return the decisions by what was done."""
    return [(labels.decision(Decision(one.key)), one.count, None) for one in reading.moderation.by_decision]


def reasons(reading: s.Reading) -> list[tuple[str, int, None]]:
    """Return the decisions by reason."""
    return [(reason_line(ReasonCode(one.key)), one.count, None) for one in reading.moderation.by_reason]


def response(found: s.ResponseView | None, signed: str) -> dict[str, Any] | None:
    """Return an answer as `ui.response` takes it; the reason follows the text."""
    if found is None:
        return None
    return {
        "outcome": labels.outcome(o.Outcome(found.outcome)),
        "text": i18n.said(found.text),
        "reason": i18n.said(found.reason) if found.reason else None,
        "at": moment(found.at),
        "signed": signed,
    }


def moment(text: str | None) -> datetime | None:
    """Return a moment of the snapshot."""
    return datetime.fromisoformat(text) if text else None


def changes(found: s.ChangeView) -> list[dict[str, Any]]:
    """Return the changed fields in the page's language and those without one, word by word."""
    wanted = [f for f in found.fields if f.lang in (None, i18n.lang())]
    if not wanted:
        wanted = [f for f in found.fields if f.lang in (None, "ar")] or list(found.fields)
    return [
        field_words(FieldDifference(f.name, f.lang, f.before, f.after, word_diff(f.before, f.after)))
        for f in wanted
    ]


def cause(found: s.CauseView) -> str:
    """Return why something changed."""
    return labels.change_cause(o.ChangeCause(found.cause))


def status(found: s.ChangeView) -> str:
    """Return what became of a project between two versions."""
    return {
        "added": _("new project"),
        "removed": _("left out"),
        "changed": _("changed"),
        "same": _("unchanged"),
    }[found.status]


def attendance(meeting: s.MeetingView) -> str:
    """Return who came to a meeting, in a sentence."""
    return _(
        "%(total)s present: %(women)s women, %(men)s men",
        total=i18n.number(meeting.total),
        women=i18n.number(meeting.women),
        men=i18n.number(meeting.men),
    )


def shared(theme: s.ThemeReading) -> str:
    """Return how many texts and how many authors are in a theme: counted apart."""
    texts = ngettext("%(num)s text", "%(num)s texts", theme.texts)
    return f"{texts} · " + str(ngettext("%(num)s author", "%(num)s authors", theme.authors))


def texts(counts: s.TextCounts) -> str:
    """Return how many texts a project got, by the stance their authors gave them."""
    comments = ngettext("%(num)s comment", "%(num)s comments", counts.comments)
    authors = ngettext("%(num)s author", "%(num)s authors", counts.authors)
    return f"{comments} · {authors} · " + _(
        "their authors say: %(for_)s for, %(against)s against, %(undecided)s undecided",
        for_=i18n.number(counts.for_),
        against=i18n.number(counts.against),
        undecided=i18n.number(counts.undecided),
    )


def declined(rows: Iterable[s.Declined]) -> list[dict[str, Any]]:
    """Return what was not retained, most shared first."""
    return [
        {
            "label": i18n.said(one.title)
            if one.title
            else {"text": one.text, "lang": one.lang, "wanted": one.lang},
            "project": one.project,
            "outcome": labels.outcome(o.Outcome(one.outcome)),
            "reason": i18n.said(one.reason) if one.reason else None,
            "shared": _(
                "%(texts)s texts, %(authors)s authors, %(agree)s agreements",
                texts=i18n.number(one.texts),
                authors=i18n.number(one.authors),
                agree=i18n.number(one.agree),
            ),
        }
        for one in rows
    ]


def fate(found: str | None) -> str:
    """Return the fate of an idea."""
    return labels.fate(o.Fate(found)) if found else _("not decided yet")


def round_kind(found: s.Round) -> str:
    """Return the words for another consultation of the plan."""
    return labels.consultation_kind(o.ConsultationKind(found.kind))


def idea_rows(reading: s.Reading) -> list[list[Any]]:
    """Return the proposals of associations with what became of them."""
    return [
        [
            one.title,
            i18n.plain(one.association),
            i18n.plain(one.axis),
            fate(one.fate),
            i18n.plain(one.reason) if one.reason else "",
        ]
        for one in reading.association_ideas
    ]
