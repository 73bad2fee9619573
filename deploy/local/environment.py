"""The environment of every service process: the one place where the local stack's settings are decided."""

from __future__ import annotations

import json
from collections.abc import Mapping

from deploy.local.keys import Keys
from deploy.local.places import CHECKOUT, Places
from deploy.local.ports import LOOPBACK, Ports

SERVICES = ("identity", "applications", "documents", "notifications")  # each with a database of its own
PORTAL = "portal"  # the pages: a process of ours like the services, without database and broker
PROCESSES = (*SERVICES, PORTAL)
ASSETS = CHECKOUT / ".eshik" / "assets"

# what a developer or a test may set for the processes of a local stack; the first ones are no business of the portal
TO_SERVICES = ("ESHIK_MONGO_URL", "ESHIK_RABBIT_URL", "ESHIK_DATABASE_PREFIX", "ESHIK_RETRY_DELAYS_S")
PASSED_ON = (
    *TO_SERVICES,
    "ESHIK_LOG_LEVEL",
    "ESHIK_OTLP_URL",
    "ESHIK_AUDIT_CHECKPOINT_EVERY_S",
    "ESHIK_AUDIT_CHECKPOINT_FOLDER",
    "ESHIK_CRASH_AT",
    "ESHIK_DOCUMENTS_VERIFICATION_ORIGIN",
    "ESHIK_IDENTITY_OPENID_PROVIDERS_FILE",
    "ESHIK_NOTIFICATIONS_SENDER",
    "ESHIK_PORTAL_ASSETS",
    "ESHIK_TRIES_PER_MINUTE",
)


def service_environment(
    name: str, places: Places, ports: Ports, keys: Keys, outer: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What the service called name, or the portal, is started with; `outer` may replace the values of PASSED_ON."""
    passed_on = set(PASSED_ON) - (set() if name in SERVICES else set(TO_SERVICES))
    given = {variable: value for variable, value in (outer or {}).items() if variable in passed_on and value}
    secret = keys.secret_of(name)
    return {
        **_shared(places, ports),
        **(_servers(ports) | _sealing(name, keys) | _audit(name, places, keys) if name in SERVICES else {}),
        **_own(name, ports, keys),
        **({"ESHIK_SERVICE_SECRET": secret} if secret else {}),
        **given,
    }


def _shared(places: Places, ports: Ports) -> dict[str, str]:
    addresses = {f"ESHIK_{name.upper()}_URL": f"http://{LOOPBACK}:{ports.service(name)}" for name in SERVICES}
    return {
        "ESHIK_CLOCK_FILE": str(places.clock),
        "ESHIK_LOG_LEVEL": "info",
        "ESHIK_LOCAL_STACK": "1",
        "HOME": str(places.home),
        "PYTHONUNBUFFERED": "1",
        **addresses,
    }


def _servers(ports: Ports) -> dict[str, str]:
    urls = {name: f"http://{LOOPBACK}:{ports.service(name)}" for name in SERVICES}
    return {
        "ESHIK_MONGO_URL": ports.mongo_url,
        "ESHIK_RABBIT_URL": ports.rabbit_url,
        "ESHIK_SERVICE_URLS": json.dumps(urls),  # of those that hear events
    }


def _audit(name: str, places: Places, keys: Keys) -> dict[str, str]:
    """The folder stands for the one that somebody else keeps."""
    return {
        "ESHIK_AUDIT_KEY_FILE": str(keys.audit_key(name)),
        "ESHIK_AUDIT_CHECKPOINT_FOLDER": str(places.second_body),
        "ESHIK_AUDIT_CHECKPOINT_EVERY_S": "60",
    }


def _sealing(name: str, keys: Keys) -> dict[str, str]:
    return {"ESHIK_KEY_ENCRYPTION_KEYS_FILE": str(keys.key_encryption_keys(name))}


def _own(name: str, ports: Ports, keys: Keys) -> dict[str, str]:
    return {
        "identity": {
            "ESHIK_IDENTITY_SIGNING_KEY_FILE": str(keys.identity_signing_key),
            "ESHIK_IDENTITY_SIGN_IN_SECRET": keys.sign_in_secret.read_text(encoding="utf-8"),
            "ESHIK_IDENTITY_SERVICE_CLIENTS_FILE": str(keys.service_clients),
            "ESHIK_IDENTITY_PAGES_URL": ports.pages_url,
            "ESHIK_IDENTITY_DEMO_ACCOUNTS_FILE": str(CHECKOUT / "deploy" / "local" / "demo_accounts.json"),
        },
        "applications": {
            "ESHIK_APPLICATIONS_PAYMENT_URL": f"http://{LOOPBACK}:{ports.payments}",
            "ESHIK_APPLICATIONS_PAYMENT_SECRET": keys.payment_secret.read_text(encoding="utf-8"),
            "ESHIK_APPLICATIONS_PAGES_URL": ports.pages_url,
        },
        "documents": {
            "ESHIK_DOCUMENTS_SIGNING_KEY_FILE": str(keys.signing_key),
            "ESHIK_DOCUMENTS_SIGNING_CERTIFICATE_FILE": str(keys.signing_certificate),
            "ESHIK_DOCUMENTS_TRUST_ROOT_FILE": str(keys.root_certificate),
            "ESHIK_DOCUMENTS_SEAL_KEY_FILE": str(keys.seal_key),
            "ESHIK_DOCUMENTS_VERIFICATION_ORIGIN": f"{ports.pages_url}/v",
        },
        "notifications": {
            "ESHIK_NOTIFICATIONS_SMTP_URL": f"smtp://{LOOPBACK}:{ports.smtp}",
            "ESHIK_NOTIFICATIONS_SMS_GATEWAY_URL": f"http://{LOOPBACK}:{ports.sms_gateway}",
            "ESHIK_NOTIFICATIONS_SENDER": "Eshik <no-reply@eshik.example>",
        },
        PORTAL: {
            "ESHIK_PORTAL_SESSION_KEY": keys.portal_session_key.read_text(encoding="utf-8"),
            "ESHIK_PORTAL_ASSETS": str(ASSETS),
            "ESHIK_PORTAL_SECURE_COOKIES": "0",  # http on this machine
            "ESHIK_PORTAL_INBOX_URL": f"http://{LOOPBACK}:{ports.inbox}",
            "ESHIK_PORTAL_SMS_INBOX_URL": f"http://{LOOPBACK}:{ports.sms_gateway}",
        },
    }.get(name, {})
