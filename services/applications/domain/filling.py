"""How a draft is filled in: which answer was changed when, who else must confirm it, and what an officer has compared.

It lies beside its application, under the same id, and changes in the same transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from services.applications.domain import filling_errors as errors
from shared.actors import Assurance, Citizen

INVITATION_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """cosigner: its code in the service. secret: a hash of the code that the applicant gave them; the code itself is not kept.
    version: of the application, as they saw it: what is answered otherwise after that was not confirmed. assurance: what was
    known of who they are as they answered; None: from before that was kept."""

    cosigner: str
    secret: str
    invited_at: datetime
    state: Literal["invited", "confirmed", "declined"] = "invited"
    by: str | None = None
    at: datetime | None = None
    version: int | None = None
    assurance: Assurance | None = None

    def is_over(self, at: datetime) -> bool:
        return self.state == "invited" and at >= self.invited_at + INVITATION_LASTS


@dataclass(frozen=True, slots=True)
class Assistance:
    """An officer of this post fills in what the citizen says at the counter. how: the citizen showed a code that was sent
    to their telephone or e-mail; has neither, and an account was made there; or brought the draft's own sheet."""

    by: str
    post_id: str
    since: datetime
    how: Literal["code", "counter", "sheet"]


@dataclass(slots=True)
class Filling:
    """answered_in: by question, the version in which its answer was last changed. confirmed: what an officer compared."""

    id: str
    citizen_id: str
    answered_in: dict[str, int] = field(default_factory=dict)
    cosignatures: tuple[Cosignature, ...] = ()
    confirmed: tuple[str, ...] = ()
    assisted: Assistance | None = None
    version: int = 0

    def note_answers(self, before: Mapping[str, str], after: Mapping[str, str], *, version: int) -> None:
        """version: of the application that has them. What was compared of an answer before it changed, must be compared anew."""
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        self.answered_in = self.answered_in | dict.fromkeys(sorted(changed), version)
        self.confirmed = ()
        self.version += 1

    def changed_since(self, seen: int, keys: Iterable[str]) -> bool:
        return any(self.answered_in.get(key, 0) > seen for key in keys)

    @property
    def answered_at_version(self) -> int:
        """The last in which any answer was changed."""
        return max(self.answered_in.values(), default=0)

    def cosignature(self, cosigner: str) -> Cosignature | None:
        return next((each for each in self.cosignatures if each.cosigner == cosigner), None)

    def is_confirmed(self, cosigner: str) -> bool:
        """By who confirmed what is answered now."""
        found = self.cosignature(cosigner)
        return found is not None and found.state == "confirmed" and (found.version or 0) >= self.answered_at_version

    def invite(self, cosigner: str, secret: str, *, at: datetime) -> None:
        """An invitation before it is worth nothing from now on. Raises AlreadyConfirmed."""
        if self.is_confirmed(cosigner):
            raise errors.AlreadyConfirmed
        others = tuple(each for each in self.cosignatures if each.cosigner != cosigner)
        self.cosignatures = (*others, Cosignature(cosigner, secret, at))
        self.version += 1

    def invited_by(self, secret: str, *, by: str, at: datetime) -> Cosignature:
        """The invitation that this secret is of, for the one who has it. Raises NoSuchInvitation, MayNotConfirmOwn,
        ConfirmedAsAnother: two who must confirm are two people."""
        found = next((each for each in self.cosignatures if each.secret == secret), None)
        if found is None or found.is_over(at) or found.by not in (None, by):
            raise errors.NoSuchInvitation
        if by == self.citizen_id:
            raise errors.MayNotConfirmOwn
        if any(each.by == by for each in self.cosignatures if each.cosigner != found.cosigner):
            raise errors.ConfirmedAsAnother
        return found

    def answer(
        self, secret: str, decision: Literal["confirmed", "declined"], *, seen: int, version: int, by: Citizen, at: datetime
    ) -> bool:
        """seen: the version that was shown to them; version: the one that the application has after this. False: they said so
        before. Raises NoSuchInvitation, MayNotConfirmOwn, ConfirmedAsAnother, ChangedBeforeConfirmation."""
        found = self.invited_by(secret, by=by.id, at=at)
        if decision == "confirmed" and self.answered_at_version > seen:
            raise errors.ChangedBeforeConfirmation
        if found.state == decision and (decision == "declined" or self.is_confirmed(found.cosigner)):
            return False
        said = replace(found, state=decision, by=by.id, at=at, version=version, assurance=by.assurance)
        self.cosignatures = tuple(said if each.cosigner == found.cosigner else each for each in self.cosignatures)
        self.version += 1
        return True

    def confirm_warning(self, warning: str) -> bool:
        """False: it was confirmed before."""
        if warning in self.confirmed:
            return False
        self.confirmed = (*self.confirmed, warning)
        self.version += 1
        return True

    def assist(self, by: str, post_id: str, how: Literal["code", "counter", "sheet"], *, at: datetime) -> None:
        self.assisted = Assistance(by, post_id, at, how)
        self.version += 1
