"""Which roles need a second person, and who that may be: a data file, read once."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from services.identity.domain.grants import ROLES, RoleGrant
from shared.actors import Officer

FILE = Path(__file__).with_name("second_person.toml")


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: frozenset[str]
    confirmed_by: frozenset[str] = Field(min_length=1)


class SecondPersonRules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    source: str
    invitation: _Rule
    grant: _Rule

    def needed(self, role: str, *, invited: bool) -> bool:
        return role in (self.invitation if invited else self.grant).roles

    def may_confirm(self, by: Officer, grant: RoleGrant, *, person_id: str) -> bool:
        """Who holds one of the roles wherever the grant is for: a head of all its posts, or somebody of the ministry."""
        if by.id in (person_id, grant.given_by):
            return False
        rule = self.invitation if grant.invited else self.grant
        return any(all(role in by.roles_at(post) for post in grant.posts) for role in rule.confirmed_by)


@cache
def second_person_rules() -> SecondPersonRules:
    """Raises OSError, ValueError: the process must not start with rules that it cannot use."""
    rules = SecondPersonRules.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))
    if not (rules.invitation.roles | rules.grant.roles | rules.invitation.confirmed_by | rules.grant.confirmed_by) <= ROLES:
        raise ValueError("second_person.toml names a role that there is not")
    return rules
