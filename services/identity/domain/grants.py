"""Roles of officers: which, at which posts, from when until when; who gave and who withdrew them, and for which reason."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.actors import EVERY_POST, POST_ROLES, WHOLE_MINISTRY, Officer
from shared.errors import FieldError, InvalidInput, NotAllowed, NotAllowedNow, NotFound
from shared.texts import N_

ROLES = POST_ROLES | WHOLE_MINISTRY
GIVEN_BY_HEAD = frozenset({"intake", "deciding"})  # a head of post gives these, at their own posts


class GivingReason(StrEnum):
    POSTED = "posted"
    STANDS_IN = "stands-in"
    NEW_DUTY = "new-duty"


class WithdrawalReason(StrEnum):
    LEFT = "left"
    DUTY_ENDED = "duty-ended"
    GIVEN_BY_MISTAKE = "given-by-mistake"
    UNDER_INQUIRY = "under-inquiry"


class GrantNotFound(NotFound):
    code = "grant-not-found"


class NotToYourself(NotAllowed):
    code = "grant-to-yourself"
    message = N_("Nobody gives a role to themselves or takes it back. Ask another administrator, or the head of the post.")


class MayNotGive(NotAllowed):
    code = "may-not-give-this-role"
    message = N_("A head gives the roles intake and deciding at their own post. Ask an administrator for anything else.")


class AlreadyWithdrawn(NotAllowedNow):
    code = "grant-already-withdrawn"
    message = N_("This role has already been withdrawn.")


class NothingToConfirm(NotAllowedNow):
    code = "grant-nothing-to-confirm"
    message = N_("This role needs no second person, or has been confirmed already.")


class MayNotConfirm(NotAllowed):
    code = "may-not-confirm-this-role"
    message = N_(
        "Another person than who gave this role confirms it: a head of that post, the ministry or an administrator, "
        "and nobody for themselves."
    )


@dataclass(frozen=True, slots=True)
class Ending:
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """valid_until: the last day. Days are of UTC: an access token that was made the day before lives 15 minutes at most."""

    id: str
    role: str
    posts: tuple[str, ...]  # EVERY_POST alone for a role of the whole ministry
    valid_from: date
    valid_until: date | None = None
    given_by: str | None = None  # None: by the demo's file, or by who set the service up
    given_at: datetime | None = None
    reason: str | None = None
    withdrawn: Ending | None = None
    invited: bool = False  # the role that somebody was invited for, or is given while no other of theirs is in force
    needs_second: bool = False  # not in force until another person than the giver has confirmed it
    confirmed: Ending | None = None

    @property
    def waits(self) -> bool:
        return self.needs_second and self.confirmed is None and self.withdrawn is None

    def in_force(self, on: date) -> bool:
        return (
            self.withdrawn is None
            and not self.waits
            and self.valid_from <= on
            and (self.valid_until is None or on <= self.valid_until)
        )

    def must_make_sense(self) -> None:
        """Raises InvalidInput naming each field that is wrong."""
        wrong = [] if self.role in ROLES else [FieldError("/role", N_("There is no such role."))]
        of_ministry = self.role in WHOLE_MINISTRY
        if of_ministry != (self.posts == (EVERY_POST,)) or not self.posts or len(set(self.posts)) != len(self.posts):
            wrong.append(FieldError("/posts", N_("Name posts for a role at a post, and * alone for a role of the ministry.")))
        if self.valid_until is not None and self.valid_until < self.valid_from:
            wrong.append(FieldError("/valid_until", N_("The last day lies before the first.")))
        if wrong:
            raise InvalidInput(wrong)

    def withdrawn_by(self, by: Officer, reason: WithdrawalReason, at: datetime) -> "RoleGrant":
        """Raises AlreadyWithdrawn."""
        if self.withdrawn is not None:
            raise AlreadyWithdrawn
        return replace(self, withdrawn=Ending(by.id, at, reason.value))

    def confirmed_by(self, by: Officer, at: datetime) -> "RoleGrant":
        """Raises AlreadyWithdrawn, NothingToConfirm."""
        if self.withdrawn is not None:
            raise AlreadyWithdrawn
        if not self.waits:
            raise NothingToConfirm
        return replace(self, confirmed=Ending(by.id, at, "confirmed"))


def in_force(grants: Iterable[RoleGrant], on: date) -> tuple[tuple[str, str], ...]:
    """As a token carries them: (role, post), each once."""
    return tuple(sorted({(grant.role, post) for grant in grants if grant.in_force(on) for post in grant.posts}))


def nobody_vouches(grants: Iterable[RoleGrant]) -> bool:
    """No role of theirs needs no second person, or was confirmed by one, and was left to them: they are as one invited today."""
    return all(grant.withdrawn is not None or grant.waits for grant in grants)


def must_be_given_by(by: Officer, *, to: str, role: str, posts: Collection[str]) -> None:
    """For giving and for taking back. Raises NotToYourself, MayNotGive, SecondFactorNeeded (by the route)."""
    if by.id == to:
        raise NotToYourself
    if "administrator" in by.roles:
        return
    if role not in GIVEN_BY_HEAD or not all("head" in by.roles_at(post) for post in posts):
        raise MayNotGive
