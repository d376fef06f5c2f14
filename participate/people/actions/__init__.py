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
from participate.people.actions.leaving import close_account
from participate.people.actions.refusals import (
    AlreadyVerifiedError,
    BodyExistsError,
    ExclusiveRolesError,
    LookAlikeError,
    MandateHeldError,
    NameTooShortError,
    OwnRolesError,
    RoleHeldError,
    RolesToReturnError,
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
    "LookAlikeError",
    "MandateHeldError",
    "NameTooShortError",
    "OwnRolesError",
    "Redeemed",
    "RoleHeldError",
    "RolesToReturnError",
    "administer_network",
    "choose_language",
    "choose_name",
    "claim_reply",
    "close_account",
    "drop_draft",
    "end_mandate",
    "end_other_sessions",
    "end_session",
    "end_sessions",
    "found_advisory_body",
    "grant_mandate",
    "grant_role",
    "is_link_of",
    "keep_draft",
    "keep_reply",
    "locked_person",
    "overdue",
    "person_by_email",
    "redeem",
    "register_association",
    "request_code",
    "revoke_role",
    "see_at_desk",
    "verify_association",
]
