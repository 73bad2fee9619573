"""A service gets a token for what it may do, where it may do it, and for nothing else."""

from hashlib import sha256

import pytest

from services.identity.domain.service_client import GrantRefused, ServiceClient, ServiceClients

CLIENTS = ServiceClients(
    {
        "documents": ServiceClient(sha256(b"secret").hexdigest(), frozenset({"dossier:read"})),
        "auditor": ServiceClient(sha256(b"other").hexdigest(), frozenset({"dossier:read", "contacts:read"})),
    }
)


def test_the_right_secret_earns_one_scope_at_its_audience() -> None:
    grant = CLIENTS.grant("documents", "secret", scopes=["dossier:read"], audience="applications")

    assert (grant.subject, grant.kind, grant.audience, grant.scopes) == (
        "documents",
        "service",
        "applications",
        ("dossier:read",),
    )


@pytest.mark.parametrize(
    ("client_id", "secret", "scopes", "audience", "error"),
    [
        ("documents", "wrong", ["dossier:read"], "applications", "invalid_client"),
        ("documents", "", ["dossier:read"], "applications", "invalid_client"),
        ("nobody", "no client has this secret", ["dossier:read"], "applications", "invalid_client"),
        ("documents", "secret", ["contacts:read"], "identity", "invalid_scope"),
        ("documents", "secret", [], "applications", "invalid_scope"),
        ("documents", "secret", ["dossier:read"], "identity", "invalid_target"),
        ("auditor", "other", ["dossier:read", "contacts:read"], "applications", "invalid_target"),
    ],
)
def test_anything_else_is_refused_by_name(client_id: str, secret: str, scopes: list[str], audience: str, error: str) -> None:
    with pytest.raises(GrantRefused) as refusal:
        CLIENTS.grant(client_id, secret, scopes=scopes, audience=audience)

    assert refusal.value.error == error
