"""The files this service is told to use: our services as clients, and the invented people of a local stack."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.identity.domain.grants import RoleGrant
from services.identity.domain.person import SINCE_EVER, Person
from services.identity.domain.service_client import ServiceClient, ServiceClients
from shared.actors import Assurance


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Client(_Entry):
    secret_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    scopes: frozenset[str]


class _DemoCitizen(_Entry):
    id: str
    login: str
    name: str
    language: str
    email: str | None = None
    phone: str | None = None
    post_id: str | None = None
    assurance: Assurance = Assurance.SELF_ASSERTED


class _DemoGrant(_Entry):
    role: str
    posts: tuple[str, ...]
    valid_from: date = SINCE_EVER
    valid_until: date | None = None


class _DemoOfficer(_Entry):
    id: str
    login: str
    name: str
    language: str
    post_id: str
    roles: list[str] = []
    grants: list[_DemoGrant] = []


class _DemoAccounts(_Entry):
    citizens: list[_DemoCitizen]
    officers: list[_DemoOfficer]


def read_service_clients(file: Path) -> ServiceClients:
    """Raises OSError or ValueError (which names fields, not values): the process must not start without its clients."""
    clients = TypeAdapter(dict[str, _Client]).validate_json(file.read_bytes())
    return ServiceClients({name: ServiceClient(c.secret_sha256, c.scopes) for name, c in clients.items()})


def read_demo_people(file: Path) -> Sequence[Person]:
    """Raises OSError, ValueError or InvalidInput."""
    accounts = _DemoAccounts.model_validate_json(file.read_bytes())
    citizens = [Person.citizen(**entry.model_dump()) for entry in accounts.citizens]
    return [*citizens, *map(_officer, accounts.officers)]


def _officer(entry: _DemoOfficer) -> Person:
    grants = [
        RoleGrant(f"{entry.id}:{number}", given.role, given.posts, given.valid_from, given.valid_until)
        for number, given in enumerate(entry.grants)
    ]
    return Person.officer(**{**entry.model_dump(), "grants": grants})
