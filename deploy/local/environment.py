"""The environment of every service process: the one place where the local stack's settings are decided."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.local.keys import Keys
from deploy.local.places import CHECKOUT, Places
from deploy.local.ports import LOOPBACK, Ports

SERVICES = ("identity", "applications", "documents", "notifications")

# what a developer or a test may set for the services of a local stack
PASSED_ON = (
    "ESHIK_MONGO_URL",
    "ESHIK_RABBIT_URL",
    "ESHIK_DATABASE_PREFIX",
    "ESHIK_LOG_LEVEL",
    "ESHIK_RETRY_DELAYS_S",
    "ESHIK_CRASH_AT",
    "ESHIK_DOCUMENTS_VERIFICATION_ORIGIN",
    "ESHIK_NOTIFICATIONS_SENDER",
)


def service_environment(
    name: str, places: Places, ports: Ports, keys: Keys, outer: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What the service called name is started with; `outer` may replace the values of PASSED_ON."""
    given = {variable: value for variable, value in (outer or {}).items() if variable in PASSED_ON and value}
    secret = keys.secret_of(name)
    return {
        **_shared(places, ports),
        **_own(name, ports, keys),
        **({"ESHIK_SERVICE_SECRET": secret} if secret else {}),
        **given,
    }


def _shared(places: Places, ports: Ports) -> dict[str, str]:
    addresses = {f"ESHIK_{name.upper()}_URL": f"http://{LOOPBACK}:{ports.service(name)}" for name in SERVICES}
    return {
        "ESHIK_MONGO_URL": ports.mongo_url,
        "ESHIK_RABBIT_URL": ports.rabbit_url,
        "ESHIK_CLOCK_FILE": str(places.clock),
        "ESHIK_LOG_LEVEL": "info",
        "ESHIK_LOCAL_STACK": "1",
        "HOME": str(places.home),
        "PYTHONUNBUFFERED": "1",
        **addresses,
    }


def _own(name: str, ports: Ports, keys: Keys) -> dict[str, str]:
    return {
        "identity": {
            "ESHIK_IDENTITY_SIGNING_KEY_FILE": str(keys.identity_signing_key),
            "ESHIK_IDENTITY_SERVICE_CLIENTS_FILE": str(keys.service_clients),
            "ESHIK_IDENTITY_DEMO_ACCOUNTS_FILE": str(CHECKOUT / "deploy" / "local" / "demo_accounts.json"),
        },
        "documents": {
            "ESHIK_DOCUMENTS_SIGNING_KEY_FILE": str(keys.signing_key),
            "ESHIK_DOCUMENTS_SIGNING_CERTIFICATE_FILE": str(keys.signing_certificate),
            "ESHIK_DOCUMENTS_TRUST_ROOT_FILE": str(keys.root_certificate),
            "ESHIK_DOCUMENTS_SEAL_KEY_FILE": str(keys.seal_key),
            "ESHIK_DOCUMENTS_VERIFICATION_ORIGIN": "https://verify.eshik.example",
        },
        "notifications": {
            "ESHIK_NOTIFICATIONS_SMTP_URL": f"smtp://{LOOPBACK}:{ports.smtp}",
            "ESHIK_NOTIFICATIONS_SMS_GATEWAY_URL": f"http://{LOOPBACK}:{ports.sms_gateway}",
            "ESHIK_NOTIFICATIONS_SENDER": "Eshik <no-reply@eshik.example>",
        },
    }.get(name, {})
