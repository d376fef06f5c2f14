"""The record in words: what each kind of entry says happened."""

from __future__ import annotations

from flask_babel import gettext as _

from participate.journal.models import ChainKind
from participate.opendata.queries import ChainHead
from participate.web import labels


def chain(one: ChainHead) -> str:
    """Return what a chain is about."""
    if one.consultation is not None:
        return f"{labels.consultation_kind(one.consultation)} · {one.cycle or ''}"
    if one.kind is ChainKind.PLAN:
        return _("the plan") + f" · {one.cycle or ''}"
    return chain_kind(one.kind)


def chain_kind(kind: ChainKind) -> str:
    """Return the words for a kind of chain."""
    return {
        ChainKind.NETWORK: _("the network"),
        ChainKind.COLLECTIVITY: _("the commune: roles and associations"),
        ChainKind.PLAN: _("the plan"),
        ChainKind.CONSULTATION: _("a consultation"),
    }[kind]


def entry(kind: str) -> str:
    """Return what an entry of this kind says happened."""
    return entries()[kind]


def entries() -> dict[str, str]:
    """Return the words for every kind of entry that `journal.events` declares."""
    return {
        "key:rotated": _("The key that signs was replaced; the old one signed the new one"),
        "archive:built": _("The archive of the closed consultation was made"),
        "key:destroyed": _("The key of a consultation’s voters was destroyed, as promised"),
        "recovery:asked": _("Somebody of the office lost their sign-in and asked for a new one"),
        "recovery:approved": _("An administrator approved a new sign-in"),
        "recovery:refused": _("An administrator refused a new sign-in"),
        "recovery:by_operator": _("The operator of the server gave somebody a new sign-in"),
        "consultation:imported": _("A conversation held elsewhere was brought in"),
        "council:set": _("The council’s delays and majority were set"),
        "agenda:sent": _("The agenda was sent to the governor"),
        "question:asked": _("A councillor asked a question about the dossier"),
        "question:withdrawn": _("A councillor withdrew a question"),
        "answer:judged": _("An author said whether the revised text satisfies them"),
        "addendum:attached": _("An answer was attached to the sealed dossier"),
        "causes:stated": _("The causes of the changes were stated"),
        "control:recorded": _("What the control authority decided was recorded"),
        "chain:opened": _("A chain of the record was begun"),
        "collectivity:opened": _("A commune, province or region got its space"),
        "role:granted": _("Somebody was given a role"),
        "role:revoked": _("A role was taken back"),
        "advisory_body:founded": _("An advisory body was founded"),
        "association:registered": _("An association asked to take part"),
        "association:verified": _("An association was verified"),
        "mandate:granted": _("A delegate was given a mandate"),
        "mandate:ended": _("A delegate’s mandate ended"),
        "person:seen_at_desk": _("Somebody was seen at the commune’s desk"),
        "account:closed": _("An account was closed"),
        "plan:created": _("A plan was begun"),
        "plan:edited": _("The plan was edited"),
        "axis:saved": _("An axis was saved"),
        "axis:removed": _("An axis was removed"),
        "project:created": _("A project was added"),
        "project:edited": _("A project was edited"),
        "project:removed": _("A project was removed"),
        "project:restored": _("A project was put back"),
        "version:published": _("A version of the plan was published"),
        "consultation:planned": _("A consultation was planned"),
        "consultation:announced": _("A consultation was announced"),
        "notice:overridden": _("A consultation was announced later than the rules ask, with a reason"),
        "consultation:opened": _("The consultation opened"),
        "consultation:extended": _("The end of the consultation was moved later"),
        "consultation:closed": _("The consultation closed; the fingerprint of its results is in this entry"),
        "plan:transmitted": _("The plan went to the council"),
        "plan:adopted": _("The council adopted the plan"),
        "plan:returned": _("The council sent the plan back"),
        "plan:withdrawn": _("The plan was withdrawn"),
        "evaluation:started": _("The joint evaluation began"),
        "plan:closed": _("The plan was closed"),
        "position:taken": _("Somebody took a position, or changed theirs"),
        "priority:set": _("Somebody chose a priority, or gave one up"),
        "idea:submitted": _("An idea was sent"),
        "comment:submitted": _("A comment was sent"),
        "contribution:edited": _("A text was edited by its author"),
        "contribution:withdrawn": _("A text was withdrawn by its author"),
        "idea:cosigned": _("Somebody co-signed an idea"),
        "opinion:filed": _("An advisory body filed its opinion"),
        "file:attached": _("A file was attached"),
        "contribution:reported": _("A text was reported"),
        "decision:made": _("A moderator decided on a text"),
        "decision:undone": _("A moderator took a decision back"),
        "removal:asked": _("A moderator asked for the removal of a text"),
        "removal:declined": _("A second person declined the removal of a text"),
        "contribution:published_unreviewed": _(
            "A text was published without review: the promised time was over"
        ),
        "appeal:filed": _("An author appealed against a decision"),
        "appeal:decided": _("An appeal was decided"),
        "person:suspended": _("An account was suspended"),
        "meeting:recorded": _("A meeting was recorded"),
        "meeting:removed": _("A meeting was removed"),
        "idea:assessed": _("It was decided what becomes of an idea"),
        "theme:saved": _("A theme was saved"),
        "theme:filled": _("Texts were put into a theme"),
        "theme:removed": _("A theme was removed"),
        "response:written": _("An answer was written"),
        "response:approved": _("An answer was approved by a second person"),
        "response:reopened": _("An answer was taken up again"),
        "synthesis:sealed": _("The dossier was sealed"),
        "papers:asked": _("The papers of the council’s dossier were asked for"),
        "papers:made": _("The papers of the council’s dossier were made"),
        "session:announced": _("A session of the council was announced"),
        "sitting:recorded": _("A sitting of the council was recorded"),
        "amendment:written": _("The council’s change of a project was written down"),
        "deliberation:recorded": _("The council’s decision was recorded"),
        "progress:published": _("Progress of a milestone was published"),
        "observation:submitted": _("A resident reported what they saw"),
        "observation:decided": _("A resident’s report was answered"),
        "evaluation:recorded": _("The joint evaluation was recorded"),
        "notice:published": _("An announcement was published"),
    }
