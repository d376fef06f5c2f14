"""Why an act about people is refused."""

from __future__ import annotations

from participate.rules.passwords import Weakness
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


class WeakPasswordError(Exception):
    """A password that is refused; holds why."""

    def __init__(self, why: Weakness) -> None:
        super().__init__(why)
        self.why = why


class TooSoonError(Exception):
    """Too many tries: the next one is taken in some seconds; holds them."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


class NotStaffError(Exception):
    """Recovery codes or a recovery for somebody who has nothing to recover."""


class RecoveryOpenError(Exception):
    """The person has already asked, and nobody has decided."""


class RecoveryOverError(Exception):
    """The recovery was decided meanwhile, or this administrator has approved it already."""


class LastAdministratorError(Exception):
    """Nobody would be left who gives roles in this commune."""


class IdentityTakenError(Exception):
    """The identity at the provider belongs to another account."""
