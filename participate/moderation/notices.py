"""What an author is told about a decision, in the language of whoever reads: statement of reasons.

The same words make the preview on the desk, the author's appeal page and the letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from participate.moderation.reasons import BY_CODE
from participate.rules.moderation import Decision, ReasonCode
from participate.web import i18n


@dataclass(frozen=True)
class Notice:
    """The words of a decision: a subject and paragraphs, without address or link."""

    subject: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the paragraphs as one text."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True)
class Told:
    """What a notice is made of. `rewrite_until` for a returned text, `appeal_until` for what can be appealed."""

    ref: str
    decision: Decision
    reason: ReasonCode | None = None
    facts: str = ""
    article: str = ""
    rewrite_until: datetime | None = None
    appeal_until: datetime | None = None
    by_due_action: bool = False


def subject_of(told: Told) -> str:
    """Return one line that says what was decided."""
    return {
        Decision.PUBLISH: _("Your text %(ref)s is published", ref=told.ref),
        Decision.PUBLISH_REDACTED: _("Your text %(ref)s is published, a part of it masked", ref=told.ref),
        Decision.MOVE: _("Your text %(ref)s was moved to its place", ref=told.ref),
        Decision.MERGE: _("Your text %(ref)s was joined to the same one", ref=told.ref),
        Decision.RETURN: _("Please rewrite your text %(ref)s", ref=told.ref),
        Decision.HIDE: _("Your text %(ref)s is hidden", ref=told.ref),
        Decision.REMOVE: _("Your text %(ref)s was removed", ref=told.ref),
        Decision.SUSPEND: _("Your account is suspended"),
    }[told.decision]


def sentence_of(told: Told) -> str:
    """Return what was decided in a full sentence."""
    if told.by_due_action and told.decision is Decision.PUBLISH:
        return _(
            "We promised to read your text within 48 hours and did not. It is now public as you wrote it, "
            "marked as published without review."
        )
    if told.by_due_action:
        return _(
            "Your text was returned to you for rewriting and was not sent again in time. It is now hidden."
        )
    return {
        Decision.PUBLISH: _("A moderator has read your text. Everybody can now read it."),
        Decision.PUBLISH_REDACTED: _(
            "A moderator masked a part of your text, shown as […], and published all the rest."
        ),
        Decision.MOVE: _(
            "A moderator moved your text to the part of the plan it is about. It is public there."
        ),
        Decision.MERGE: _(
            "The same text was already there. Yours is joined to it: your name stays with it and it is counted."
        ),
        Decision.RETURN: _(
            "A moderator asks you to rewrite your text. It is not lost, and nobody else sees it."
        ),
        Decision.HIDE: _(
            "A moderator hid your text. In its place a note says that a text was hidden, and why."
        ),
        Decision.REMOVE: _("Two moderators removed your text because the law does not allow it."),
        Decision.SUSPEND: _(
            "A moderator suspended your account. You can still read everything, see your own texts and appeal, "
            "but you cannot write or take positions."
        ),
    }[told.decision]


def reason_line(reason: ReasonCode | None) -> str:
    """Return the reason with its article of the charter, e.g. “Personal data (article 4 of the charter)”."""
    if reason is None:
        return ""
    entry = BY_CODE[reason]
    return _(
        "%(reason)s (article %(number)d of the participation charter)",
        reason=i18n.plain(entry.label),
        number=entry.number,
    )


def notice(told: Told) -> Notice:
    """Compose the statement of reasons."""
    lines = [sentence_of(told)]
    if told.reason is not None:
        entry = BY_CODE[told.reason]
        lines.append(
            _(
                "Reason: %(reason)s. %(meaning)s",
                reason=reason_line(told.reason),
                meaning=i18n.plain(entry.meaning),
            )
        )
    if told.article:
        lines.append(_("The law it rests on: %(article)s", article=told.article))
    if told.facts:
        lines.append(_("What the moderator noted: %(facts)s", facts=told.facts))
    if told.decision is Decision.RETURN and told.reason is not None and not told.by_due_action:
        lines.append(i18n.plain(BY_CODE[told.reason].way_forward))
    if told.rewrite_until is not None:
        lines.append(
            _("You can send it again, rewritten, until %(moment)s.", moment=i18n.moment(told.rewrite_until))
        )
    if told.appeal_until is not None:
        lines.append(
            _(
                "If you think this is wrong, you can appeal once, until %(moment)s. Somebody else will look at it "
                "and answer you within five working days.",
                moment=i18n.moment(told.appeal_until),
            )
        )
    return Notice(subject_of(told), tuple(lines))
