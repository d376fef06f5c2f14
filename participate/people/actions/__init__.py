"""Accounts, codes, names, roles, associations and mandates; what a browser leaves behind."""

from __future__ import annotations

from participate.people.actions.account import choose_language, choose_name, locked_person
from participate.people.actions.addresses import person_by_email
from participate.people.actions.associations import (
    end_mandate,
    grant_mandate,
    register_association,
    verify_association,
)
from participate.people.actions.bodies import found_advisory_body
from participate.people.actions.browsers import claim_reply, drop_draft, keep_draft, keep_reply, overdue
from participate.people.actions.desk import SEEN_AT_DESK, see_at_desk
from participate.people.actions.factors import (
    check_password,
    confirm_app,
    count_try,
    forget_tries,
    make_recovery_codes,
    offer_app,
    set_password,
    use_code,
)
from participate.people.actions.identities import link_identity, unlink_identities
from participate.people.actions.leaving import close_account
from participate.people.actions.recovery import (
    approve_recovery,
    ask_recovery,
    may_decide,
    recover_by_operator,
    refuse_recovery,
)
from participate.people.actions.refusals import (
    AlreadyVerifiedError,
    BodyExistsError,
    ExclusiveRolesError,
    IdentityTakenError,
    LastAdministratorError,
    LookAlikeError,
    MandateHeldError,
    NameTooShortError,
    NotStaffError,
    OwnRolesError,
    RecoveryOpenError,
    RecoveryOverError,
    RoleHeldError,
    RolesToReturnError,
    TooSoonError,
    WeakPasswordError,
)
from participate.people.actions.roles import administer_network, grant_role, revoke_role
from participate.people.actions.signing_in import (
    Asked,
    CodeProblem,
    Redeemed,
    end_other_sessions,
    end_session,
    end_sessions,
    is_link_of,
    redeem,
    request_code,
)

__all__ = [
    "SEEN_AT_DESK",
    "AlreadyVerifiedError",
    "Asked",
    "BodyExistsError",
    "CodeProblem",
    "ExclusiveRolesError",
    "IdentityTakenError",
    "LastAdministratorError",
    "LookAlikeError",
    "MandateHeldError",
    "NameTooShortError",
    "NotStaffError",
    "OwnRolesError",
    "RecoveryOpenError",
    "RecoveryOverError",
    "Redeemed",
    "RoleHeldError",
    "RolesToReturnError",
    "TooSoonError",
    "WeakPasswordError",
    "administer_network",
    "approve_recovery",
    "ask_recovery",
    "check_password",
    "choose_language",
    "choose_name",
    "claim_reply",
    "close_account",
    "confirm_app",
    "count_try",
    "drop_draft",
    "end_mandate",
    "end_other_sessions",
    "end_session",
    "end_sessions",
    "forget_tries",
    "found_advisory_body",
    "grant_mandate",
    "grant_role",
    "is_link_of",
    "keep_draft",
    "keep_reply",
    "link_identity",
    "locked_person",
    "make_recovery_codes",
    "may_decide",
    "offer_app",
    "overdue",
    "person_by_email",
    "recover_by_operator",
    "redeem",
    "refuse_recovery",
    "register_association",
    "request_code",
    "revoke_role",
    "see_at_desk",
    "set_password",
    "unlink_identities",
    "use_code",
    "verify_association",
]
