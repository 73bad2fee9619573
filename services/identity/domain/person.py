"""A person who can sign in: a citizen with contact points, or an officer with a post and roles."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.identity.domain.contact import E164, EMAIL
from services.identity.domain.grants import ROLES, RoleGrant
from shared.actors import Assurance, grants_at
from shared.contracts.http import ContactPoints
from shared.contracts.identity import PersonAssured
from shared.errors import FieldError, InvalidInput, NotAllowedNow
from shared.sealing.erased import ERASED
from shared.texts import LANGUAGES, N_

SINCE_EVER = date(2020, 1, 1)  # of roles that the demo's file gives


class PersonKind(StrEnum):
    CITIZEN = "citizen"
    OFFICER = "officer"


class NothingToTakeBack(NotAllowedNow):
    code = "assurance-not-of-the-counter"
    message = N_("No officer has said at the counter who this is, so there is nothing to take back.")


@dataclass(slots=True)
class Person:
    """post_id: where an officer belongs; for a citizen the post of their district, where it is known.

    assurance: what is known of who a citizen is, beyond what one sign-in shows; assured_by: the officer who saw the papers.
    """

    id: str
    kind: PersonKind
    login: str
    name: str
    language: str
    email: str | None = None
    phone: str | None = None  # E.164
    post_id: str | None = None
    grants: list[RoleGrant] = field(default_factory=list)
    assurance: Assurance = Assurance.SELF_ASSERTED
    version: int = 0
    assured_by: str | None = None

    @property
    def is_erased(self) -> bool:
        """Nothing but the id is left, and nobody signs in as them."""
        return self.name == ERASED

    @property
    def roles(self) -> list[str]:
        """Of grants that were not withdrawn, whatever their days: for a look at who somebody is, and not for what they may do."""
        return sorted({grant.role for grant in self.grants if grant.withdrawn is None})

    @classmethod
    def citizen(
        cls,
        *,
        id: str,  # noqa: A002  (the field's name everywhere)
        login: str,
        name: str,
        language: str,
        email: str | None,
        phone: str | None,
        post_id: str | None = None,
        assurance: Assurance = Assurance.SELF_ASSERTED,
    ) -> "Person":
        """A citizen. Raises InvalidInput for a language we do not speak or a contact point nobody can reach."""
        wrong = [*_language(language)]
        if email is not None and not EMAIL.fullmatch(email):
            wrong.append(FieldError("/email", N_("Give an e-mail address as name@example.org.")))
        if phone is not None and not E164.fullmatch(phone):
            wrong.append(FieldError("/phone", N_("Give the number with its country code, as +996 700 123456.")))
        _refuse(wrong)
        return cls(id, PersonKind.CITIZEN, login, name, language, email, phone, post_id, assurance=assurance)

    @classmethod
    def officer(
        cls,
        *,
        id: str,  # noqa: A002
        login: str,
        name: str,
        language: str,
        post_id: str,
        roles: Sequence[str] = (),
        grants: Sequence[RoleGrant] = (),
    ) -> "Person":
        """An officer. roles: at their own post. Raises InvalidInput for a language or a role that does not exist."""
        wrong = [*_language(language)]
        if not (roles or grants) or not set(roles) <= ROLES:
            wrong.append(
                FieldError(
                    "/roles",
                    N_("An officer has at least one of the roles intake, deciding, head, ministry, auditor, administrator."),
                )
            )
        _refuse(wrong)
        own = [RoleGrant(f"{id}:{role}", role, (post,), SINCE_EVER) for role, post in sorted(grants_at(post_id, roles))]
        for grant in grants:
            grant.must_make_sense()
        return cls(id, PersonKind.OFFICER, login, name, language, post_id=post_id, grants=[*own, *grants])

    def seen_at_counter(self, post_id: str, by: str, *, at: datetime) -> PersonAssured:
        """An officer of the post compared them with their papers. Where it was known, it is said again, for a case that was begun
        after it was said first, by a token from before; whose word it rests on stays."""
        if not self.assurance.reaches(Assurance.COUNTER_SEEN):
            self.assurance, self.post_id, self.assured_by = Assurance.COUNTER_SEEN, post_id, by
        return self._assured(at)

    def doubted(self, *, at: datetime) -> PersonAssured:
        """What was said at the counter is taken back. Raises NothingToTakeBack."""
        if self.assurance is not Assurance.COUNTER_SEEN:
            raise NothingToTakeBack
        self.assurance = Assurance.SELF_ASSERTED
        return self._assured(at)

    def _assured(self, at: datetime) -> PersonAssured:
        self.version += 1
        return PersonAssured(sequence=self.version, occurred_at=at, person_id=self.id, level=self.assurance.value)

    def contact_points(self) -> ContactPoints:
        return ContactPoints(person_id=self.id, language=self.language, email=self.email, phone=self.phone)


def _language(language: str) -> list[FieldError]:
    return [] if language in LANGUAGES else [FieldError("/language", N_("Choose Kyrgyz, Russian or English."))]


def _refuse(wrong: list[FieldError]) -> None:
    if wrong:
        raise InvalidInput(wrong)
