"""Who may do what, where and when, as one table.

`POLICY[act]` is an OR of ANDs of small predicates over an `Actor` and a `Place`. `may` answers yes
or no; `why_not` names the unmet predicates of the nearest alternative, so that a refusal can say
what would help. The stage binds officers too. Source: `design/4-trust.md`, `design/8-settled.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from participate.rules.lifecycle import BEFORE_ADOPTION, Stage
from participate.rules.outcomes import Accepts, ConsultationState


class Role(StrEnum):
    """What somebody may be trusted with in one collectivity. Citizen and delegate are not roles."""

    MODERATOR = "moderator"
    OFFICER = "officer"
    COMMITTEE_MEMBER = "committee_member"
    ADVISORY_MEMBER = "advisory_member"
    COUNCILLOR = "councillor"
    PRESIDENT = "president"
    SECRETARY = "secretary"
    DESK_AGENT = "desk_agent"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


EXCLUSIVE_GROUPS: dict[Role, str] = {
    Role.MODERATOR: "moderate_or_verify",
    Role.DESK_AGENT: "moderate_or_verify",
    Role.OFFICER: "act_or_audit",
    Role.AUDITOR: "act_or_audit",
}
"""Roles that one person may not hold together in one collectivity share a group."""

WITHOUT_POSITION = frozenset(
    {Role.OFFICER, Role.MODERATOR, Role.DESK_AGENT, Role.SECRETARY, Role.ADMINISTRATOR}
)
"""Staff who take no position in their collectivity; councillors and advisory members may, as citizens."""


@dataclass(frozen=True)
class Actor:
    """Whoever acts: what is known of them, resolved once per request. No id: a signed-out reader.

    Roles that this browser has not proved by a second factor stand in `unproved`: they open nothing.
    """

    person_id: int | None = None
    roles: frozenset[tuple[int, Role]] = frozenset()
    mandates: frozenset[tuple[int, int]] = frozenset()
    network_administrator: bool = False
    level: int = 1
    suspended: bool = False
    named: bool = False
    unproved: frozenset[tuple[int, Role]] = frozenset()
    unproved_network: bool = False

    @property
    def works(self) -> bool:
        """Whether the person works for a commune or the network, proved in this browser or not."""
        return bool(self.roles or self.unproved or self.network_administrator or self.unproved_network)

    def with_roles_unproved(self) -> Actor:
        """Return the same person in a browser that has not shown the second factor.

        What the roles open stays closed; what they bar stays barred.
        """
        return replace(
            self,
            roles=frozenset(),
            network_administrator=False,
            unproved=self.roles | self.unproved,
            unproved_network=self.network_administrator or self.unproved_network,
        )

    def with_roles_proved(self) -> Actor:
        """Return what the same person may do once the second factor is shown."""
        return replace(
            self,
            roles=self.roles | self.unproved,
            network_administrator=self.network_administrator or self.unproved_network,
            unproved=frozenset(),
            unproved_network=False,
        )

    def has(self, role: Role, collectivity_id: int | None) -> bool:
        """Whether the actor holds a role in a collectivity."""
        return collectivity_id is not None and (collectivity_id, role) in self.roles

    def roles_in(self, collectivity_id: int | None) -> frozenset[Role]:
        """Return the actor's roles in a collectivity."""
        return frozenset(role for where, role in self.roles if where == collectivity_id)

    def held_in(self, collectivity_id: int | None) -> frozenset[Role]:
        """Return the roles that bind the person in a collectivity, proved in this browser or not."""
        return frozenset(role for where, role in self.roles | self.unproved if where == collectivity_id)


ANYBODY = Actor()


@dataclass(frozen=True)
class Place:
    """Where an act happens: plain facts found by the room's loader from the address.

    `ids` carries what the loader already resolved, for the view: {"project": 12, …}.
    """

    collectivity_id: int | None = None
    plan_id: int | None = None
    stage: Stage | None = None
    consultation_id: int | None = None
    consultation_state: ConsultationState | None = None
    window_open: bool = False
    accepts: frozenset[Accepts] = frozenset()
    min_level: int = 1
    votable: bool = True
    readable: bool = True
    public: bool = True
    owner_person_id: int | None = None
    owner_association_id: int | None = None
    untouched: bool = True
    decided_by: int | None = None
    written_by: int | None = None
    settled: bool = False
    ids: dict[str, int] = field(default_factory=dict, compare=False)
    slug: str = ""
    cycle: str = ""


class Act(StrEnum):
    """Everything that can be asked of the platform, `thing:verb`."""

    PUBLIC_READ = "public:read"
    ACCOUNT_SIGN_IN = "account:sign_in"
    ACCOUNT_USE = "account:use"
    FACTOR_USE = "factor:use"
    RECOVERY_DECIDE = "recovery:decide"
    ROLE_MANAGE = "role:manage"
    ASSOCIATION_REGISTER = "association:register"
    ASSOCIATION_VERIFY = "association:verify"
    MANDATE_MANAGE = "mandate:manage"
    DESK_ENTER = "desk:enter"
    COLLECTIVITY_EDIT = "collectivity:edit"
    PLAN_READ_WORKING = "plan:read_working"
    PLAN_CREATE = "plan:create"
    PLAN_EDIT = "plan:edit"
    VERSION_PUBLISH = "version:publish"
    CONSULTATION_PLAN = "consultation:plan"
    CONSULTATION_ANNOUNCE = "consultation:announce"
    CONSULTATION_OPEN = "consultation:open"
    CONSULTATION_EXTEND = "consultation:extend"
    CONSULTATION_CLOSE = "consultation:close"
    PLAN_TRANSMIT = "plan:transmit"
    PLAN_ADOPT = "plan:adopt"
    PLAN_RETURN = "plan:return"
    PLAN_WITHDRAW = "plan:withdraw"
    EVALUATION_START = "evaluation:start"
    PLAN_CLOSE = "plan:close"
    POSITION_TAKE = "position:take"
    PRIORITY_SET = "priority:set"
    LETTER_CHOOSE = "letter:choose"
    RECEIPT_CHECK = "receipt:check"
    IDEA_SUBMIT = "idea:submit"
    IDEA_COSIGN = "idea:cosign"
    COMMENT_SUBMIT = "comment:submit"
    CONTRIBUTION_EDIT = "contribution:edit"
    CONTRIBUTION_WITHDRAW = "contribution:withdraw"
    CONTRIBUTION_RESUBMIT = "contribution:resubmit"
    CONTRIBUTION_REPORT = "contribution:report"
    OPINION_FILE = "opinion:file"
    CASE_READ = "case:read"
    CASE_DECIDE = "case:decide"
    DECISION_UNDO = "decision:undo"
    APPEAL_FILE = "appeal:file"
    APPEAL_DECIDE = "appeal:decide"
    PERSON_SUSPEND = "person:suspend"
    PERSON_VERIFY = "person:verify"
    MEETING_EDIT = "meeting:edit"
    IDEA_ASSESS = "idea:assess"
    THEME_EDIT = "theme:edit"
    RESPONSE_READ_DRAFT = "response:read_draft"
    RESPONSE_WRITE = "response:write"
    RESPONSE_APPROVE = "response:approve"
    ANSWER_JUDGE = "answer:judge"
    DOSSIER_READ_DRAFT = "dossier:read_draft"
    PAPERS_PREPARE = "papers:prepare"
    SESSION_RECORD = "session:record"
    COUNCIL_SET = "council:set"
    CONTROL_RECORD = "control:record"
    DOSSIER_STUDY = "dossier:study"
    QUESTION_ASK = "question:ask"
    QUESTION_ANSWER = "question:answer"
    PROGRESS_PUBLISH = "progress:publish"
    OBSERVATION_SUBMIT = "observation:submit"
    OBSERVATION_DECIDE = "observation:decide"
    EVALUATION_RECORD = "evaluation:record"
    DEMO_PLAY = "demo:play"


Predicate = Callable[[Actor, Place], bool]


def anyone(_actor: Actor, _place: Place) -> bool:
    """Whether nothing is asked of the reader."""
    return True


def signed_in(actor: Actor, _place: Place) -> bool:
    """Whether an account in good standing acts."""
    return actor.person_id is not None and not actor.suspended


def has_account(actor: Actor, _place: Place) -> bool:
    """Whether an account acts, suspended or not: reading one's own things is never taken away."""
    return actor.person_id is not None


def works(actor: Actor, _place: Place) -> bool:
    """Whether the account holds a role somewhere: what they prove it with is theirs to set."""
    return actor.person_id is not None and actor.works


def readable(_actor: Actor, place: Place) -> bool:
    """Whether the thing acted on is public."""
    return place.readable


def published(_actor: Actor, place: Place) -> bool:
    """Whether the plan of this place is known to everybody: a version of it is out, or its dates are."""
    return place.public


def owner(actor: Actor, place: Place) -> bool:
    """Whether the actor wrote it, or holds a mandate of the association that did."""
    if actor.person_id is None:
        return False
    if actor.person_id == place.owner_person_id:
        return True
    return (
        place.owner_association_id is not None
        and place.collectivity_id is not None
        and (place.collectivity_id, place.owner_association_id) in actor.mandates
    )


def not_own(actor: Actor, place: Place) -> bool:
    """Whether the actor judges somebody else's text: never their own or their association's."""
    return not owner(actor, place)


def untouched(_actor: Actor, place: Place) -> bool:
    """Whether nobody has yet replied to it or taken a position on it."""
    return place.untouched


def window_open(_actor: Actor, place: Place) -> bool:
    """Whether the consultation is open and the clock stands in its window."""
    return place.window_open and place.consultation_state is ConsultationState.OPEN


def level_met(actor: Actor, place: Place) -> bool:
    """Whether the actor is verified as well as the consultation asks."""
    return actor.level >= place.min_level


def votable(_actor: Actor, place: Place) -> bool:
    """Whether positions can be taken on this text."""
    return place.votable


def may_take_position(actor: Actor, place: Place) -> bool:
    """Whether the actor is not staff of this collectivity: the bar follows the person."""
    return not (actor.held_in(place.collectivity_id) & WITHOUT_POSITION)


def another_decider(actor: Actor, place: Place) -> bool:
    """Whether the actor is not the one who took the first decision."""
    return place.decided_by is None or actor.person_id != place.decided_by


def same_decider(actor: Actor, place: Place) -> bool:
    """Whether the actor took the decision."""
    return actor.person_id is not None and actor.person_id == place.decided_by


def another_writer(actor: Actor, place: Place) -> bool:
    """Whether the actor reads as the second person, not as the one who wrote."""
    return actor.person_id is not None and actor.person_id != place.written_by


def not_settled(_actor: Actor, place: Place) -> bool:
    """Whether the thing is not yet final."""
    return not place.settled


def network_admin(actor: Actor, _place: Place) -> bool:
    """Whether the actor administers the network."""
    return actor.network_administrator and not actor.suspended


def accepts(what: Accepts) -> Predicate:
    """Return a predicate: the consultation takes this kind of act."""

    def accepts_it(_actor: Actor, place: Place) -> bool:
        return what in place.accepts

    accepts_it.__name__ = f"accepts_{what.value}"
    return accepts_it


def role(*wanted: Role) -> Predicate:
    """Return a predicate: the actor holds one of these roles here."""

    def holds_role(actor: Actor, place: Place) -> bool:
        return not actor.suspended and any(actor.has(one, place.collectivity_id) for one in wanted)

    holds_role.__name__ = "role_" + "_or_".join(one.value for one in wanted)
    return holds_role


def during(*stages: Stage) -> Predicate:
    """Return a predicate: the plan is in one of these stages."""

    def during_stage(_actor: Actor, place: Place) -> bool:
        return place.stage in stages

    during_stage.__name__ = "during_" + "_or_".join(stage.value for stage in stages)
    return during_stage


ADMINISTRATOR = role(Role.ADMINISTRATOR)
OFFICER = role(Role.OFFICER)
COMMITTEE = role(Role.OFFICER, Role.COMMITTEE_MEMBER)
MODERATOR = role(Role.MODERATOR)
SECRETARY = role(Role.SECRETARY)
COUNCILLOR = role(Role.COUNCILLOR)
STAFF = role(*Role)
DRAFTING = during(Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS)
AFTER_A_DECISION = (
    Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS, Stage.COUNCIL, Stage.IMPLEMENTATION, Stage.EVALUATION,
)  # fmt: skip
"""An act is controlled while the plan goes on: after an adoption, or in the next round after a return."""
ANSWERING = during(Stage.PREPARATION, Stage.CONSULTATION, Stage.SYNTHESIS)

Rule = tuple[tuple[Predicate, ...], ...]

POLICY: dict[Act, Rule] = {
    Act.PUBLIC_READ: ((published,), (STAFF,)),
    Act.ACCOUNT_SIGN_IN: ((anyone,),),
    Act.ACCOUNT_USE: ((has_account,),),
    Act.FACTOR_USE: ((has_account, works),),
    Act.RECOVERY_DECIDE: ((ADMINISTRATOR, not_own), (network_admin, not_own)),
    Act.ROLE_MANAGE: ((ADMINISTRATOR,), (network_admin,)),
    Act.ASSOCIATION_REGISTER: ((signed_in,),),
    Act.ASSOCIATION_VERIFY: ((ADMINISTRATOR,),),
    Act.MANDATE_MANAGE: ((ADMINISTRATOR,), (signed_in, owner)),
    Act.DESK_ENTER: ((STAFF,), (network_admin,)),
    Act.COLLECTIVITY_EDIT: ((ADMINISTRATOR,), (OFFICER,)),
    Act.PLAN_READ_WORKING: ((role(Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT),),),
    Act.PLAN_CREATE: ((OFFICER,), (ADMINISTRATOR,)),
    Act.PLAN_EDIT: ((OFFICER, DRAFTING),),
    Act.VERSION_PUBLISH: ((OFFICER, during(Stage.PREPARATION, Stage.SYNTHESIS)),),
    Act.CONSULTATION_PLAN: ((OFFICER, during(Stage.PREPARATION)),),
    Act.CONSULTATION_ANNOUNCE: ((OFFICER, during(Stage.PREPARATION)),),
    Act.CONSULTATION_OPEN: ((OFFICER, during(Stage.PREPARATION)),),
    Act.CONSULTATION_EXTEND: ((OFFICER, during(Stage.PREPARATION, Stage.CONSULTATION)),),
    Act.CONSULTATION_CLOSE: ((OFFICER, during(Stage.PREPARATION, Stage.CONSULTATION)),),
    Act.PLAN_TRANSMIT: ((role(Role.OFFICER, Role.PRESIDENT), during(Stage.SYNTHESIS)),),
    Act.PLAN_ADOPT: ((SECRETARY, during(Stage.COUNCIL)),),
    Act.PLAN_RETURN: ((SECRETARY, during(Stage.COUNCIL)),),
    Act.PLAN_WITHDRAW: ((role(Role.PRESIDENT), during(*BEFORE_ADOPTION)),),
    Act.EVALUATION_START: ((OFFICER, during(Stage.IMPLEMENTATION)),),
    Act.PLAN_CLOSE: ((OFFICER, during(Stage.EVALUATION)),),
    Act.POSITION_TAKE: (
        (signed_in, readable, votable, may_take_position, window_open, accepts(Accepts.POSITION), level_met),
    ),
    Act.PRIORITY_SET: (
        (signed_in, readable, votable, may_take_position, window_open, accepts(Accepts.PRIORITY), level_met),
    ),
    Act.LETTER_CHOOSE: ((anyone,),),
    Act.RECEIPT_CHECK: ((anyone,),),
    Act.IDEA_SUBMIT: ((signed_in, window_open, accepts(Accepts.IDEA), level_met),),
    Act.IDEA_COSIGN: (
        (signed_in, readable, may_take_position, not_own, window_open, accepts(Accepts.IDEA), level_met),
    ),
    Act.COMMENT_SUBMIT: ((signed_in, readable, window_open, accepts(Accepts.COMMENT), level_met),),
    Act.CONTRIBUTION_EDIT: ((signed_in, owner, untouched, window_open, not_settled),),
    Act.CONTRIBUTION_WITHDRAW: ((has_account, owner, not_settled),),
    Act.CONTRIBUTION_RESUBMIT: ((signed_in, owner, not_settled),),
    Act.CONTRIBUTION_REPORT: ((signed_in, readable, not_own),),
    Act.OPINION_FILE: ((role(Role.ADVISORY_MEMBER), during(Stage.CONSULTATION, Stage.SYNTHESIS)),),
    Act.CASE_READ: ((MODERATOR,),),
    Act.CASE_DECIDE: ((MODERATOR, not_own),),
    Act.DECISION_UNDO: ((MODERATOR, same_decider),),
    Act.APPEAL_FILE: ((has_account, owner, not_settled),),
    Act.APPEAL_DECIDE: ((MODERATOR, another_decider, not_own, not_settled),),
    Act.PERSON_SUSPEND: ((MODERATOR,),),
    Act.PERSON_VERIFY: ((role(Role.DESK_AGENT), not_own),),
    Act.MEETING_EDIT: ((OFFICER,),),
    Act.IDEA_ASSESS: ((COMMITTEE, ANSWERING),),
    Act.THEME_EDIT: ((COMMITTEE, ANSWERING),),
    Act.RESPONSE_READ_DRAFT: ((role(Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT),),),
    Act.RESPONSE_WRITE: ((COMMITTEE, ANSWERING),),
    Act.RESPONSE_APPROVE: (
        (role(Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT), another_writer, ANSWERING),
    ),
    Act.ANSWER_JUDGE: ((signed_in, owner, readable, during(Stage.COUNCIL)),),
    Act.DOSSIER_READ_DRAFT: (
        (role(Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT, Role.SECRETARY, Role.COUNCILLOR),),
    ),
    Act.PAPERS_PREPARE: ((role(Role.OFFICER, Role.SECRETARY),),),
    Act.SESSION_RECORD: ((SECRETARY, during(Stage.SYNTHESIS, Stage.COUNCIL)),),
    Act.COUNCIL_SET: ((role(Role.SECRETARY, Role.ADMINISTRATOR),),),
    Act.CONTROL_RECORD: ((SECRETARY, during(*AFTER_A_DECISION)),),
    Act.DOSSIER_STUDY: ((COUNCILLOR,),),
    Act.QUESTION_ASK: ((COUNCILLOR, during(Stage.COUNCIL)),),
    Act.QUESTION_ANSWER: ((role(Role.OFFICER, Role.PRESIDENT), during(Stage.COUNCIL)),),
    Act.PROGRESS_PUBLISH: ((OFFICER, during(Stage.IMPLEMENTATION, Stage.EVALUATION)),),
    Act.OBSERVATION_SUBMIT: ((signed_in, during(Stage.IMPLEMENTATION, Stage.EVALUATION)),),
    Act.OBSERVATION_DECIDE: ((MODERATOR, not_own),),
    Act.EVALUATION_RECORD: ((COMMITTEE, during(Stage.EVALUATION)),),
    Act.DEMO_PLAY: ((anyone,),),
}


def may(actor: Actor, act: Act, place: Place) -> bool:
    """Whether the actor may do the act here and now."""
    return any(all(holds(actor, place) for holds in group) for group in POLICY[act])


def why_not(actor: Actor, act: Act, place: Place) -> tuple[str, ...]:
    """Return the names of the predicates that fail in the alternative nearest to allowed; () if allowed."""
    failures = [tuple(holds.__name__ for holds in group if not holds(actor, place)) for group in POLICY[act]]
    return min(failures, key=len)


def waits_for_proof(actor: Actor, act: Act, place: Place) -> bool:
    """Whether only the second factor keeps the actor from the act."""
    return (
        bool(actor.unproved or actor.unproved_network)
        and not may(actor, act, place)
        and may(actor.with_roles_proved(), act, place)
    )


class RefusedError(Exception):
    """An actor tried what the policy does not allow here; holds the act and the unmet predicates."""

    def __init__(self, act: Act, unmet: tuple[str, ...]) -> None:
        super().__init__(act, unmet)
        self.act = act
        self.unmet = unmet


def require(actor: Actor, act: Act, place: Place) -> None:
    """Raise RefusedError unless the actor may do the act."""
    unmet = why_not(actor, act, place)
    if unmet:
        raise RefusedError(act, unmet)
