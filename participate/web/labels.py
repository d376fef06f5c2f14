"""The words people read for the closed lists of `rules`: one function per enumeration, in alphabetical order."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import pgettext

from participate.rules import outcomes as o
from participate.rules.lifecycle import Stage, Step
from participate.rules.moderation import AppealOutcome, Decision, SignalKind
from participate.rules.policy import Role


def accepts(value: o.Accepts) -> str:
    """Return the words for what people can do in a consultation."""
    return {
        o.Accepts.IDEA: _("propose ideas"),
        o.Accepts.COMMENT: _("comment"),
        o.Accepts.POSITION: _("take positions"),
        o.Accepts.PRIORITY: _("mark priorities"),
    }[value]


def age_band(value: o.AgeBand) -> str:
    """Return the words for an age band."""
    return value.value or _("not stated")


def appeal_outcome(value: AppealOutcome | None) -> str:
    """Return the words for what became of an appeal; None: still open."""
    return {
        None: pgettext("appeal", "waiting for an answer"),
        AppealOutcome.CONFIRMED: pgettext("appeal", "decision confirmed"),
        AppealOutcome.REVERSED: pgettext("appeal", "decision reversed"),
    }[value]


def change_cause(value: o.ChangeCause) -> str:
    """Return the words for what caused a change of wording."""
    return {
        o.ChangeCause.CONTRIBUTION: _("a contribution"),
        o.ChangeCause.ASSOCIATION: _("an association's proposal"),
        o.ChangeCause.WORKSHOP: _("the workshop"),
        o.ChangeCause.COMMITTEE: _("the follow-up committee"),
        o.ChangeCause.ADVISORY: _("the advisory body's opinion"),
        o.ChangeCause.LEGAL: _("a legal reason"),
        o.ChangeCause.FINANCIAL: _("a financial reason"),
        o.ChangeCause.COUNCIL: _("an amendment of the council"),
        o.ChangeCause.NONE_STATED: _("no cause stated"),
    }[value]


def channel(value: o.Channel) -> str:
    """Return the words for the way a voice reached the consultation."""
    return {
        o.Channel.WEB: pgettext("channel", "online"),
        o.Channel.WORKSHOP: pgettext("channel", "at a workshop"),
        o.Channel.PAPER: pgettext("channel", "on paper"),
        o.Channel.DESK: pgettext("channel", "at the commune's desk"),
    }[value]


def collectivity_kind(value: o.CollectivityKind) -> str:
    """Return the words for a kind of collectivity."""
    return {
        o.CollectivityKind.COMMUNE: _("commune"),
        o.CollectivityKind.PROVINCE: _("province"),
        o.CollectivityKind.REGION: _("region"),
    }[value]


def comment_kind(value: o.CommentKind) -> str:
    """Return the words for what a comment wants."""
    return {
        o.CommentKind.OPINION: pgettext("comment", "opinion"),
        o.CommentKind.AMENDMENT: pgettext("comment", "amendment"),
        o.CommentKind.QUESTION: pgettext("comment", "question"),
    }[value]


def consultation_kind(value: o.ConsultationKind) -> str:
    """Return the words for a kind of consultation."""
    return {
        o.ConsultationKind.CALL_FOR_IDEAS: _("call for ideas"),
        o.ConsultationKind.DRAFT_REVIEW: _("review of the draft"),
    }[value]


def consultation_state(value: o.ConsultationState) -> str:
    """Return the words for the state of a consultation."""
    return {
        o.ConsultationState.PLANNED: pgettext("consultation", "planned"),
        o.ConsultationState.ANNOUNCED: pgettext("consultation", "announced"),
        o.ConsultationState.OPEN: pgettext("consultation", "open"),
        o.ConsultationState.CLOSED: pgettext("consultation", "closed"),
        o.ConsultationState.ARCHIVED: pgettext("consultation", "archived"),
    }[value]


def contribution_kind(value: o.ContributionKind) -> str:
    """Return the words for a kind of text."""
    return {
        o.ContributionKind.IDEA: pgettext("text", "idea"),
        o.ContributionKind.COMMENT: pgettext("text", "comment"),
    }[value]


def decision(value: Decision) -> str:
    """Return the words for what a moderator did, as a log says it."""
    return {
        Decision.PUBLISH: pgettext("decision", "published"),
        Decision.PUBLISH_REDACTED: pgettext("decision", "published with a part masked"),
        Decision.MOVE: pgettext("decision", "moved to its place"),
        Decision.MERGE: pgettext("decision", "joined to the same text"),
        Decision.RETURN: pgettext("decision", "returned for rewriting"),
        Decision.HIDE: pgettext("decision", "hidden"),
        Decision.REMOVE: pgettext("decision", "removed"),
        Decision.SUSPEND: pgettext("decision", "account suspended"),
    }[value]


def decision_source(value: str) -> str:
    """Return the words for what brought a text to the moderators; nothing when they read it on their own."""
    return {
        "own": "",
        "due": "",
        "report": _("reported by citizens"),
        "signal": _("held by screening, decided by a person"),
        "authority": _("at the request of an authority"),
    }[value]


def eligibility(value: o.Eligibility) -> str:
    """Return the words for who may take part."""
    return {
        o.Eligibility.ANYONE: _("anyone with an account"),
        o.Eligibility.DECLARES: _("those who declare living, working or studying here"),
        o.Eligibility.SEEN_AT_DESK: _("those seen at the commune's desk"),
    }[value]


def fate(value: o.Fate) -> str:
    """Return the words for what became of an idea."""
    return {
        o.Fate.RETAINED: pgettext("fate", "retained"),
        o.Fate.MERGED: pgettext("fate", "merged"),
        o.Fate.DEFERRED: pgettext("fate", "deferred"),
        o.Fate.DECLINED: pgettext("fate", "not retained"),
        o.Fate.OUTSIDE_COMPETENCE: pgettext("fate", "outside the commune's competence"),
    }[value]


def gender(value: o.Gender) -> str:
    """Return the words for a self-declared gender."""
    return {
        o.Gender.WOMAN: _("woman"),
        o.Gender.MAN: _("man"),
        o.Gender.NOT_STATED: _("not stated"),
    }[value]


def level(value: int) -> str:
    """Return the words for how well a participant was verified."""
    return {
        1: _("e-mail address checked"),
        2: _("telephone number checked"),
        3: _("seen at the commune's desk"),
        4: _("national electronic identity"),
    }[value]


def meeting_audience(value: o.MeetingAudience | str) -> str:
    """Return the words for whom the people in a room came as."""
    return {
        o.MeetingAudience.CITIZENS: pgettext("audience", "citizens"),
        o.MeetingAudience.ASSOCIATIONS: pgettext("audience", "associations"),
        o.MeetingAudience.COUNCILLORS: pgettext("audience", "councillors"),
        o.MeetingAudience.ADVISORY_BODY: pgettext("audience", "members of the advisory body"),
        o.MeetingAudience.STAFF: pgettext("audience", "staff of the commune"),
        o.MeetingAudience.OTHERS: pgettext("audience", "others"),
    }[o.MeetingAudience(value)]


def milestone_status(value: o.MilestoneStatus) -> str:
    """Return the words for how complete a milestone is (OGP scale)."""
    return {
        o.MilestoneStatus.NOT_STARTED: pgettext("milestone", "not started"),
        o.MilestoneStatus.LIMITED: pgettext("milestone", "limited"),
        o.MilestoneStatus.SUBSTANTIAL: pgettext("milestone", "substantial"),
        o.MilestoneStatus.COMPLETE: pgettext("milestone", "complete"),
    }[value]


def moderation_mode(value: o.ModerationMode) -> str:
    """Return the words for when moderators read a text."""
    return {
        o.ModerationMode.POST: _("after it is public"),
        o.ModerationMode.PRE_FIRST_THREE: _(
            "before it is public, for the first three texts of a new account"
        ),
        o.ModerationMode.PRE: _("before it is public, always"),
    }[value]


def outcome(value: o.Outcome) -> str:
    """Return the words for a reasoned response."""
    return {
        o.Outcome.ACCEPTED: pgettext("response", "accepted"),
        o.Outcome.PARTLY_ACCEPTED: pgettext("response", "partly accepted"),
        o.Outcome.ALREADY_PLANNED_OR_DONE: pgettext("response", "already planned or done"),
        o.Outcome.DEFERRED: pgettext("response", "deferred"),
        o.Outcome.DECLINED: pgettext("response", "not retained"),
        o.Outcome.OUTSIDE_COMPETENCE: pgettext("response", "outside the commune's competence"),
    }[value]


def satisfied(value: o.Satisfied) -> str:
    """Return the words for what an author says of the revised text."""
    return {
        o.Satisfied.YES: pgettext("revised text", "yes"),
        o.Satisfied.PARTLY: pgettext("revised text", "partly"),
        o.Satisfied.NO: pgettext("revised text", "no"),
    }[value]


def participant_kind(value: o.ParticipantKind) -> str:
    """Return the words for an audience."""
    return {
        o.ParticipantKind.CITIZEN: pgettext("audience", "citizens"),
        o.ParticipantKind.ASSOCIATION: pgettext("audience", "associations"),
        o.ParticipantKind.SLIP: pgettext("audience", "paper slips"),
        o.ParticipantKind.IMPORTED: pgettext("audience", "imported voices"),
    }[value]


def position(value: int) -> str:
    """Return the words for a position: 1 agree, 0 pass, -1 disagree."""
    return {
        1: pgettext("position", "I support it"),
        -1: pgettext("position", "I oppose it"),
        0: pgettext("position", "I have not decided yet"),
    }[value]


def principle(value: o.Principle | str) -> str:
    """Return the words for a principle of openness."""
    return {
        o.Principle.TRANSPARENCY: _("transparency"),
        o.Principle.ACCOUNTABILITY: _("accountability"),
        o.Principle.ACCESS_TO_INFORMATION: _("access to information"),
        o.Principle.CITIZEN_PARTICIPATION: _("citizen participation"),
        o.Principle.DIGITISATION: _("digitisation"),
    }[o.Principle(value)]


def project_decision(value: o.ProjectDecision) -> str:
    """Return the words for a decision of the council."""
    return {
        o.ProjectDecision.ADOPTED: pgettext("council", "adopted"),
        o.ProjectDecision.ADOPTED_AMENDED: pgettext("council", "adopted with an amendment"),
        o.ProjectDecision.POSTPONED: pgettext("council", "postponed"),
        o.ProjectDecision.REJECTED: pgettext("council", "rejected"),
    }[value]


def publish_state(value: o.PublishState) -> str:
    """Return the words for where a text stands, as its author reads them."""
    return {
        o.PublishState.WAITING: pgettext("text", "waits for a moderator"),
        o.PublishState.PUBLISHED: pgettext("text", "published"),
        o.PublishState.PUBLISHED_LATE: pgettext("text", "published without review"),
        o.PublishState.REDACTED: pgettext("text", "published with a part masked"),
        o.PublishState.RETURNED: pgettext("text", "returned for rewriting"),
        o.PublishState.HIDDEN: pgettext("text", "hidden"),
        o.PublishState.REMOVED: pgettext("text", "removed"),
        o.PublishState.WITHDRAWN: pgettext("text", "withdrawn"),
        o.PublishState.MERGED: pgettext("text", "joined to the same text"),
    }[value]


def receipt_kind(value: str) -> str:
    """Return the words for what a receipt was given for."""
    return {
        "position": pgettext("receipt", "a position"),
        "priority": pgettext("receipt", "a choice of priority"),
        "idea": pgettext("receipt", "an idea"),
        "comment": pgettext("receipt", "a comment"),
    }[value]


def response_state(value: o.ResponseState) -> str:
    """Return the words for how far a response is."""
    return {
        o.ResponseState.DRAFT: pgettext("response", "draft, waits for a second reader"),
        o.ResponseState.APPROVED: pgettext("response", "approved"),
        o.ResponseState.PUBLISHED: pgettext("response", "published"),
    }[value]


def role(value: Role) -> str:
    """Return the words for a role."""
    return {
        Role.MODERATOR: _("moderator"),
        Role.OFFICER: _("plan officer"),
        Role.COMMITTEE_MEMBER: _("member of the follow-up committee"),
        Role.ADVISORY_MEMBER: _("member of the advisory body"),
        Role.COUNCILLOR: _("councillor"),
        Role.PRESIDENT: _("president of the council"),
        Role.SECRETARY: _("secretary of the council"),
        Role.DESK_AGENT: _("desk agent"),
        Role.AUDITOR: _("auditor"),
        Role.ADMINISTRATOR: _("administrator"),
    }[value]


def section(value: o.Section) -> str:
    """Return the words for the part of a project a comment is about."""
    return {
        o.Section.WHOLE: _("the whole project"),
        o.Section.PROBLEM: _("the problem"),
        o.Section.SOLUTION: _("the proposed solution"),
        o.Section.MILESTONES: _("the milestones"),
        o.Section.BUDGET: _("the budget"),
    }[value]


def signal(value: SignalKind | str) -> str:
    """Return the words for what screening noticed."""
    return {
        SignalKind.LINK: _("a link"),
        SignalKind.PERSONAL_DATA: _("perhaps personal data"),
        SignalKind.SHOUTING: _("mostly capital letters"),
        SignalKind.REPEATED: _("repeated letters or words"),
        SignalKind.LISTED_WORD: _("a listed word"),
        SignalKind.NEW_ACCOUNT: _("new account"),
        SignalKind.NEAR_DUPLICATE: _("resembles another text"),
        SignalKind.LOOK_ALIKE_NAME: _("a name that resembles another"),
    }[SignalKind(value)]


def stage(value: Stage) -> str:
    """Return the words for the stage of a plan."""
    return {
        Stage.PREPARATION: pgettext("stage", "preparation"),
        Stage.CONSULTATION: pgettext("stage", "consultation"),
        Stage.SYNTHESIS: pgettext("stage", "answers and synthesis"),
        Stage.COUNCIL: pgettext("stage", "before the council"),
        Stage.IMPLEMENTATION: pgettext("stage", "implementation"),
        Stage.EVALUATION: pgettext("stage", "evaluation"),
        Stage.CLOSED: pgettext("stage", "closed"),
        Stage.WITHDRAWN: pgettext("stage", "withdrawn"),
    }[value]


def stance(value: o.Stance) -> str:
    """Return the words for the stance an author gives to a text."""
    return {
        o.Stance.FOR: pgettext("stance", "for"),
        o.Stance.AGAINST: pgettext("stance", "against"),
        o.Stance.UNDECIDED: pgettext("stance", "undecided"),
        o.Stance.NONE: pgettext("stance", "no stance"),
    }[value]


def step(value: Step) -> str:
    """Return the name of one of the seven public steps."""
    return {
        Step.IDEAS: pgettext("step", "Ideas"),
        Step.DRAFT: pgettext("step", "Draft"),
        Step.REVIEW: pgettext("step", "Your views"),
        Step.ANSWERS: pgettext("step", "Answers"),
        Step.COUNCIL: pgettext("step", "Council"),
        Step.IMPLEMENTATION: pgettext("step", "Implementation"),
        Step.EVALUATION: pgettext("step", "Evaluation"),
    }[value]


def text_position(value: int) -> str:
    """Return the words for a position on somebody's text: 1 agree, 0 pass, -1 disagree."""
    return {
        1: pgettext("position on a text", "Agree"),
        -1: pgettext("position on a text", "Disagree"),
        0: pgettext("position on a text", "Not sure"),
    }[value]


def version_kind(value: o.VersionKind) -> str:
    """Return the words for a kind of plan version."""
    return {
        o.VersionKind.DRAFT: pgettext("version", "draft"),
        o.VersionKind.REVISED: pgettext("version", "revised"),
        o.VersionKind.ADOPTED: pgettext("version", "adopted"),
    }[value]
