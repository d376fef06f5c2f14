"""Why an act about people is refused."""

from __future__ import annotations

from participate.rules.policy import Role


class LookAlikeError(Exception):
    """A name looks like one that stands for an authority, staff or an association; holds the name."""


class NameTooShortError(Exception):
    """A name without two letters or digits."""


class RoleHeldError(Exception):
    """The person already holds the role here; holds the role."""


class BodyExistsError(Exception):
    """An advisory body has this short name already; holds it."""


class ExclusiveRolesError(Exception):
    """The person holds a role that nobody may hold together with this one; holds both."""

    def __init__(self, wanted: Role, held: Role) -> None:
        super().__init__(wanted, held)
        self.wanted = wanted
        self.held = held


class OwnRolesError(Exception):
    """Nobody grants or takes away their own roles."""


class MandateHeldError(Exception):
    """The person already speaks for the association."""


class AlreadyVerifiedError(Exception):
    """The association has been verified before."""


class RolesToReturnError(Exception):
    """Somebody who holds a role closes their account: it must be ended first."""
