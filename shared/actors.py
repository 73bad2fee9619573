"""Who is asking: what a verified token says. Repositories and queries take one of these when a person asks."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Citizen:
    id: str
    language: str = "ky"


@dataclass(frozen=True, slots=True)
class Officer:
    """roles: intake, deciding, head, administrator (which acts they allow is the domain's business)."""

    id: str
    post_id: str
    roles: frozenset[str] = field(default_factory=frozenset)
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """Another service of ours, with the narrow scopes its token carries, as dossier:read."""

    name: str
    scopes: frozenset[str] = field(default_factory=frozenset)
