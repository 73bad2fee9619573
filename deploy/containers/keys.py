"""The first step of docker-compose.yml: makes keys and secrets, and lays each service's own into a folder of its own."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.containers.tls import hand_out_certificates
from deploy.local.keys import AUDITED, SEALING, Keys, make_keys
from deploy.local.places import write_whole

SERVICE_USER = 10001  # of deploy/Dockerfile
BROKER_USER = "eshik"
CHECKED = "?cafile=/run/tls/authority.pem"  # as deploy/tls/compose.yml lays it; the name is checked too
KEY_FILE = "key-encryption-keys.json"  # as docker-compose.yml names it to each service
AUDIT_KEY = "audit-key.pem"
BROKER_ACCOUNT = "20-account.conf"


def hand_out(root: Path, *, tls: bool = False) -> None:
    """In: a folder with one folder a reader. What exists in `store` stays, so that issued papers still verify. tls: certificates
    as well, and the broker's address says how they are checked."""
    keys = make_keys(root / "store")
    password = _broker_password(keys)
    if tls:
        hand_out_certificates(root / "tls")
    for reader, files in _files(keys, password, tls=tls).items():
        folder = root / reader
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in {**files, **_sealing(keys, reader), **_audit(keys, reader)}.items():
            _lay(folder / name, content, open_to_reader=reader == "rabbitmq")


def _files(keys: Keys, password: str, *, tls: bool) -> Mapping[str, Mapping[str, bytes]]:
    """Who gets what. The names eshik_* are read by Settings, the others are named in docker-compose.yml."""
    address = (
        f"amqps://{BROKER_USER}:{password}@rabbitmq:5671/{CHECKED}" if tls else f"amqp://{BROKER_USER}:{password}@rabbitmq:5672/"
    )
    broker = {"eshik_rabbit_url": address.encode()}
    return {
        "identity": {
            **broker,
            "eshik_identity_sign_in_secret": keys.sign_in_secret.read_bytes(),
            **_secret(keys, "identity"),
            **_copies(keys.identity_signing_key, keys.service_clients),
        },
        "applications": {**broker, **_secret(keys, "applications")},
        "documents": {
            **broker,
            **_secret(keys, "documents"),
            **_copies(keys.signing_key, keys.signing_certificate, keys.root_certificate, keys.seal_key),
        },
        "notifications": {**broker, **_secret(keys, "notifications")},
        "portal": {"eshik_portal_session_key": keys.portal_session_key.read_bytes()},
        "rabbitmq": {BROKER_ACCOUNT: f"default_user = {BROKER_USER}\ndefault_pass = {password}\n".encode()},
    }


def _broker_password(keys: Keys) -> str:
    path = keys.folder / "rabbitmq-password"
    if not path.exists():
        write_whole(path, secrets.token_hex(24))
    return path.read_text(encoding="utf-8")


def _sealing(keys: Keys, reader: str) -> dict[str, bytes]:
    return {KEY_FILE: keys.key_encryption_keys(reader).read_bytes()} if reader in SEALING else {}


def _audit(keys: Keys, reader: str) -> dict[str, bytes]:
    return {AUDIT_KEY: keys.audit_key(reader).read_bytes()} if reader in AUDITED else {}


def _copies(*paths: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


def _secret(keys: Keys, service: str) -> dict[str, bytes]:
    return {"eshik_service_secret": (keys.secret_of(service) or "").encode()}


def _lay(path: Path, content: bytes, *, open_to_reader: bool) -> None:
    """RabbitMQ's image has a user of its own, so its one file is readable; nobody else mounts that folder."""
    write_whole(path, content, 0o444 if open_to_reader else 0o400)
    if os.geteuid() == 0 and not open_to_reader:
        os.chown(path, SERVICE_USER, SERVICE_USER)


if __name__ == "__main__":
    hand_out(Path(sys.argv[1]), tls="--tls" in sys.argv)
