"""Secrets come from files or the environment: settings type them so that nobody prints them, and no committed file holds one."""

import re

import pytest
import yaml
from pydantic import SecretStr

from cli.service_apps import settings_of
from deploy.local.environment import PROCESSES
from tests.architecture.tree import CHECKOUT

SECRET = re.compile(r"secret|password|token(?!s_)|session_key|key_encryption_keys$|mail_url", re.IGNORECASE)
DEPLOYED = [
    CHECKOUT / "docker-compose.yml",
    *(path for path in (CHECKOUT / "deploy").rglob("*") if path.suffix in (".conf", ".yml")),
]
WRITTEN = re.compile(r"(?i)(password|passwd|secret|token|pass)\s*[:=]\s*[\"']?(?!\$|/|none\b|null\b|false\b|true\b)[\w+/=-]{6,}")
PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]+:[^/\s@$]+@")


@pytest.mark.parametrize("service", PROCESSES)
def test_every_setting_that_holds_a_secret_is_typed_as_one(service: str) -> None:
    fields = settings_of(service).model_fields
    named = {name for name in fields if SECRET.search(name) and not name.endswith(("_file", "_minute", "_hour"))}
    assert named or service == "notifications"
    assert [name for name in named if fields[name].annotation is not SecretStr] == []


@pytest.mark.parametrize("path", DEPLOYED, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_no_file_of_the_deployment_holds_a_secret(path: object) -> None:
    text = (CHECKOUT / str(path)).read_text(encoding="utf-8")
    code = "\n".join(line.partition("#")[0] for line in text.splitlines())
    assert WRITTEN.findall(code) == []
    assert PRIVATE.findall(code) == []


def test_a_secret_in_such_a_file_would_be_seen() -> None:
    assert WRITTEN.search("default_pass = hunter22")
    assert WRITTEN.search('POSTGRES_PASSWORD: "abcdef123"')
    assert PRIVATE.search("amqp://eshik:hunter2@rabbitmq:5672/")
    assert not WRITTEN.search("ESHIK_SECRETS_DIR: /run/eshik")


def test_neither_database_nor_metrics_nor_a_service_is_published() -> None:
    """The gateway leads nobody to /metrics or /api/operator: tests/unit/deploy/test_compose.py."""
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    published = {name for name, part in services.items() if part.get("ports")}
    assert not published & {*PROCESSES, "mongo", "keys"}
    assert all(port.startswith("127.0.0.1:") for name in published for port in services[name]["ports"])
