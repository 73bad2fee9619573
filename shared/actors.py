"""Who is asking: what a verified token says. Repositories and queries take one of these when a person asks."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

EVERY_POST = "*"  # in a grant: not one post but all of them
WHOLE_MINISTRY = frozenset({"ministry", "auditor", "administrator"})  # roles that belong to no single post
POST_ROLES = frozenset({"intake", "deciding", "head"})
CASE_ROLES = POST_ROLES | {"ministry"}  # who sees cases; an auditor reads the audit, an administrator how the system runs
NEED_SECOND_FACTOR = frozenset({"deciding", "head", "ministry", "auditor", "administrator"})


class Assurance(StrEnum):
    """What is known of who a citizen is. A contact that answers proves a contact, and not a person."""

    SELF_ASSERTED = "self-asserted"
    COUNTER_SEEN = "counter-seen"
    E_ID = "e-id"

    def reaches(self, needed: "Assurance") -> bool:
        order = list(Assurance)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Citizen:
    id: str
    language: str = "ky"
    assurance: Assurance = Assurance.SELF_ASSERTED


@dataclass(frozen=True, slots=True)
class Officer:
    """grants: (role, post) pairs that are in force now, with EVERY_POST for all; post_id: where the officer belongs.
    Roles: intake, deciding, head, ministry, auditor, administrator; which acts they allow is the domain's business."""

    id: str
    post_id: str
    grants: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    language: str = "ru"
    second_factor: bool = False

    @classmethod
    def of_post(cls, officer_id: str, post_id: str, roles: Collection[str], *, second_factor: bool = True) -> "Officer":
        """With these roles at their own post; a role of the whole ministry is held everywhere."""
        return cls(officer_id, post_id, grants_at(post_id, roles), second_factor=second_factor)

    @property
    def roles(self) -> frozenset[str]:
        """Held anywhere. What may be done with a case is asked of roles_at."""
        return frozenset(role for role, _ in self.grants)

    def roles_at(self, post_id: str) -> frozenset[str]:
        return frozenset(role for role, post in self.grants if post in (post_id, EVERY_POST))

    def posts_with(self, roles: Collection[str]) -> frozenset[str]:
        """Where one of the roles is held; EVERY_POST among them stands for all."""
        return frozenset(post for role, post in self.grants if role in roles)

    def written_grants(self) -> list[str]:
        """As one service of ours tells another, which asks on this officer's behalf."""
        return sorted(f"{role}@{post}" for role, post in self.grants)

    @classmethod
    def with_written_grants(cls, written: Collection[str]) -> "Officer":
        """Nobody by name: to know what somebody with these grants sees."""
        return cls("", "", frozenset((role, post) for role, _, post in (grant.partition("@") for grant in written)))

    @property
    def is_ministry(self) -> bool:
        return ("ministry", EVERY_POST) in self.grants


@dataclass(frozen=True, slots=True)
class CounterGrant:
    """Identity's word that this officer fills in for this person, who is at the counter. No token of anybody's account."""

    person: Citizen
    officer_id: str
    how: Literal["code", "counter"]


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """Another service of ours, with the narrow scopes its token carries, as dossier:read."""

    name: str
    scopes: frozenset[str] = field(default_factory=frozenset)


def grants_at(post_id: str, roles: Collection[str]) -> frozenset[tuple[str, str]]:
    return frozenset((role, EVERY_POST if role in WHOLE_MINISTRY else post_id) for role in roles)
