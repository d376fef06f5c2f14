"""The words of the journal: each event with the public and private details it must carry.

`record` refuses an event that is not here, or whose details are not exactly these. What somebody chose
is never public, not even after the close: a receipt would sell a vote (decision 017).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """The details an event carries: `public` in the entry's body, `private` behind its commitment."""

    public: frozenset[str]
    private: frozenset[str]


class UnknownEventError(Exception):
    """An event type that nobody declared."""


class WrongDetailsError(Exception):
    """An event recorded with other details than the declared ones; holds both sets."""


def _event(public: str = "", private: str = "") -> Event:
    return Event(frozenset(public.split()), frozenset(private.split()))


EVENTS: dict[str, Event] = {
    # the record itself
    "key:rotated": _event("old new signed_by_old signed_by_new"),
    "archive:built": _event("consultation sha256 size"),
    # network and people
    "chain:opened": _event("kind"),
    "collectivity:opened": _event("slug"),
    "role:granted": _event("role", "person"),
    "role:revoked": _event("role", "person"),
    "recovery:asked": _event("", "person"),
    "recovery:approved": _event("step", "person reason"),
    "recovery:refused": _event("", "person reason"),
    "recovery:by_operator": _event("", "person"),
    "advisory_body:founded": _event("slug name"),
    "association:registered": _event("association", "name"),
    "association:verified": _event("association"),
    "mandate:granted": _event("association", "person"),
    "mandate:ended": _event("association", "person"),
    "person:seen_at_desk": _event("level", "person"),
    "account:closed": _event("", "person at"),
    # plans and lifecycle
    "plan:created": _event("cycle"),
    "plan:edited": _event("row_version"),
    "axis:saved": _event("axis"),
    "axis:removed": _event("axis"),
    "project:created": _event("number"),
    "project:edited": _event("number row_version"),
    "project:removed": _event("number"),
    "project:restored": _event("number"),
    "causes:stated": _event("number fields"),
    "version:published": _event("number kind projects sha256"),
    "consultation:planned": _event("consultation kind opens_at closes_at"),
    "consultation:announced": _event("consultation opens_at closes_at notice_days override"),
    "notice:overridden": _event("consultation notice_days reason"),
    "consultation:opened": _event("consultation version"),
    "consultation:extended": _event("consultation old_closes_at new_closes_at reason"),
    "consultation:closed": _event("consultation entries tally_sha256 statements_sha256"),
    "key:destroyed": _event(),
    "plan:transmitted": _event("version seal responses"),
    "plan:adopted": _event("version reference decided_on"),
    "plan:returned": _event("reference reason"),
    "plan:withdrawn": _event("reason"),
    "evaluation:started": _event(),
    "plan:closed": _event(),
    "consultation:imported": _event("consultation source statements participants positions sha256"),
    # voices
    "position:taken": _event("statement voter", "participant person mandate revision value"),
    "priority:set": _event("statement voter", "participant person mandate on"),
    # contributions
    "idea:submitted": _event("ref lang state", "participant person mandate text_sha256"),
    "comment:submitted": _event("ref lang state kind", "participant person mandate text_sha256"),
    "contribution:edited": _event("ref", "person text_sha256"),
    "contribution:withdrawn": _event("ref", "person"),
    "idea:cosigned": _event("ref voter", "participant person"),
    "opinion:filed": _event("body text_sha256", "person"),
    "file:attached": _event("ref sha256 size", "person"),
    # moderation
    "contribution:reported": _event("ref reason", "person"),
    "decision:made": _event("decision ref action reason source delay_minutes", "person facts second"),
    "decision:undone": _event("decision", "person"),
    "removal:asked": _event("ref reason", "person"),
    "removal:declined": _event("ref reason", "person"),
    "contribution:published_unreviewed": _event("ref"),
    "appeal:filed": _event("decision", "person"),
    "appeal:decided": _event("decision outcome", "person"),
    "person:suspended": _event("reason", "person by"),
    # meetings, responses
    "meeting:recorded": _event("meeting"),
    "meeting:removed": _event("meeting"),
    "idea:assessed": _event("ref fate", "person reason"),
    "theme:saved": _event("theme"),
    "theme:filled": _event("theme added removed"),
    "theme:removed": _event("theme"),
    "response:written": _event("response subject outcome", "person text_sha256"),
    "response:approved": _event("response", "person"),
    "response:reopened": _event("response", "person"),
    "answer:judged": _event("ref", "participant person mandate"),
    # synthesis, council
    "synthesis:sealed": _event("sha256 public_key"),
    "papers:asked": _event("sha256 sealed", "person"),
    "papers:made": _event("sha256 sealed files"),
    "session:announced": _event("opens_on kind"),
    "sitting:recorded": _event("call in_office present excused absent quorum"),
    "amendment:written": _event("number fields"),
    "deliberation:recorded": _event("reference decided_on outcome votes"),
    "council:set": _event("changed"),
    "agenda:sent": _event("sent_on"),
    "question:asked": _event("number project", "person text_sha256"),
    "question:withdrawn": _event("number", "person"),
    "addendum:attached": _event("number question project sha256", "person"),
    "control:recorded": _event("reference state sent_on settled_on reason"),
    # after adoption
    "progress:published": _event("milestone status late"),
    "observation:submitted": _event("project", "person"),
    "observation:decided": _event("observation state", "person"),
    "evaluation:recorded": _event("held_on criteria"),
    "notice:published": _event("slug"),
}


def checked(kind: str, public: frozenset[str], private: frozenset[str]) -> None:
    """Raise unless the event is declared and carries exactly its details."""
    if kind not in EVENTS:
        raise UnknownEventError(kind)
    event = EVENTS[kind]
    if event.public != public or event.private != private:
        raise WrongDetailsError(kind, sorted(event.public ^ public), sorted(event.private ^ private))
