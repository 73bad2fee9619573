"""docker-compose.yml, the Dockerfile and the gateway keep their promises, read as files."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from deploy.containers.keys import hand_out
from deploy.local.parts import HOW_TO_SERVE
from services.applications.app import create_app as applications
from services.documents.app import create_app as documents
from services.documents.config import Settings as DocumentsSettings
from services.identity.app import create_app as identity
from services.identity.config import IdentitySettings
from services.notifications.app import create_app as notifications
from services.notifications.config import NotificationsSettings
from services.portal.app import create_app as portal
from services.portal.config import PortalSettings
from shared.config import ProcessSettings, Settings
from tests.support.images import CHECKOUT, COMPOSE, IMAGES, PORTAL, SERVICES, compose, environment_in_compose, image_of, stages

SETTINGS: dict[str, type[ProcessSettings]] = {
    "identity": IdentitySettings,
    "applications": Settings,
    "documents": DocumentsSettings,
    "notifications": NotificationsSettings,
    "portal": PortalSettings,
}
CREATE: dict[str, Any] = {
    "identity": identity,
    "applications": applications,
    "documents": documents,
    "notifications": notifications,
    "portal": portal,
}
# the last three each service has for what is its own: the pages ask all of them
BETWEEN_SERVICES = (
    *("/api/internal/", "/api/operator/", "/api/audit/", "/oauth/", "/health/", "/metrics", "/openapi.json"),
    *("/api/retention", "/api/me/data", "/api/me/holds"),
)
ENDS = "keys"  # the one step that is done when it ends


def all_in_compose() -> list[Any]:
    return [pytest.param(name, part, id=name) for name, part in compose()["services"].items()]


@pytest.mark.parametrize(("name", "part"), all_in_compose())
def test_every_container_is_limited_pinned_and_restarted(name: str, part: dict[str, Any]) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+", part["image"]), "an image's tag names its exact version"
    assert "mem_limit" in part
    assert {"max-size", "max-file"} <= set(part["logging"]["options"])
    assert not part.get("privileged")
    assert "no-new-privileges:true" in part["security_opt"]
    assert part["restart"] == ("no" if name == ENDS else "unless-stopped")


def test_what_one_address_may_send_at_once_fits_into_the_memory_where_it_lies() -> None:
    """Six slow bodies once filled it, and nobody else could send a file."""
    text = (CHECKOUT / "deploy/gateway/nginx.conf").read_text(encoding="utf-8")
    bodies, largest = (int(re.findall(words, text)[0]) for words in (r"limit_conn uploads (\d+);", r"max_body_size (\d+)m;"))
    for name in ("gateway", "portal"):
        found = re.fullmatch(r"/\w+:size=(\d+)([mg]),mode=1777", compose()["services"][name]["tmpfs"][0])
        assert found
        assert int(found[1]) * (1024 if found[2] == "g" else 1) > 2 * bodies * largest, name


@pytest.mark.parametrize(("name", "part"), all_in_compose())
def test_nothing_is_published_beyond_this_machine(name: str, part: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in part.get("ports", []))
    if name in (*IMAGES, "mongo"):
        assert part["networks"] == ["inside"]
        assert "ports" not in part


@pytest.mark.parametrize(("name", "part"), all_in_compose())
def test_whatever_is_waited_for_can_be_waited_for(name: str, part: dict[str, Any]) -> None:
    for other, how in part.get("depends_on", {}).items():
        awaited = compose()["services"][other]
        if how["condition"] == "service_healthy":
            assert "healthcheck" in awaited or awaited["build"]["target"] in ("service", "portal"), f"{other} has no health check"
        else:
            assert how["condition"] == "service_completed_successfully"
            assert other == ENDS


@pytest.mark.parametrize("service", SERVICES)
def test_compose_gives_a_service_every_setting_it_needs(service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _settings(service, tmp_path, monkeypatch)
    assert isinstance(made, Settings)
    assert made.rabbit_url.startswith("amqp://eshik:")
    assert bool(made.service_secret.get_secret_value()) == (service in SERVICES)
    for name in type(made).model_fields:
        value = getattr(made, name)
        assert not isinstance(value, Path) or value.is_file(), f"{name} names no file"


def test_each_service_gets_only_its_own_keys(tmp_path: Path) -> None:
    hand_out(tmp_path)
    given = {service: {path.name for path in (tmp_path / service).iterdir()} for service in IMAGES}
    assert given == {
        "identity": {
            "eshik_rabbit_url",
            "eshik_identity_sign_in_secret",
            "eshik_service_secret",
            "identity-signing-key.pem",
            "service-clients.json",
            "audit-key.pem",
            "key-encryption-keys.json",
        },
        "applications": {"eshik_rabbit_url", "eshik_service_secret", "audit-key.pem", "key-encryption-keys.json"},
        "documents": {
            "eshik_rabbit_url",
            "audit-key.pem",
            "key-encryption-keys.json",
            "eshik_service_secret",
            "document-signing-key.pem",
            "document-signing-certificate.pem",
            "test-root.pem",
            "seal-key.pem",
        },
        "notifications": {"eshik_rabbit_url", "eshik_service_secret", "audit-key.pem", "key-encryption-keys.json"},
        "portal": {"eshik_portal_session_key"},
    }
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    hand_out(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before, "a second start changes nothing"


def test_compose_gives_the_portal_every_setting_it_needs_and_neither_database_nor_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _settings(PORTAL, tmp_path, monkeypatch)
    assert isinstance(made, PortalSettings)
    assert made.session_key.get_secret_value()
    given = {*environment_in_compose(PORTAL, tmp_path), *(path.name.upper() for path in (tmp_path / PORTAL).iterdir())}
    assert not {"ESHIK_MONGO_URL", "ESHIK_RABBIT_URL"} & given
    assert set(compose()["services"][PORTAL]["depends_on"]) == {ENDS}


@pytest.mark.parametrize("service", IMAGES)
def test_an_image_runs_as_a_numbered_user_with_its_own_service_only(service: str) -> None:
    image = image_of(service)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image.user)
    assert [source for source, _ in image.copies] == ["shared", "services/__init__.py", f"services/{service}"]
    assert image.environment["UVICORN_APP"] == f"services.{service}.app:create_app"
    started = ["python", "-m", "uvicorn", "--factory", "--host", "0.0.0.0", "--port", "8000"]  # noqa: S104 (in a container, whose ports compose keeps)
    assert image.command == [*started, *HOW_TO_SERVE]
    assert compose()["services"][service]["build"]["args"] == {"SERVICE": service}


def test_the_gateway_leads_every_public_route_to_its_service_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = _rooms()
    for service, create in CREATE.items():
        app: FastAPI = create(_settings(service, tmp_path, monkeypatch))
        paths = [str(route.path) for route in iter_route_contexts(app.routes)]
        assert len(paths) > 3
        for path in (re.sub(r"\{[^}]+\}", "x", path) for path in paths):
            expected = "" if path.startswith(BETWEEN_SERVICES) else service
            assert _room_of(f"{path}?page=2", rooms) == expected, path


@pytest.mark.parametrize(
    "path",
    [
        "/openapi.json",
        "/health/ready",
        "/metrics",
        "/metrics?name=x",
        "/api/operator/state",
        "/api",
        "/api/meow",
        "/api/internal/people/x/contacts",
        "//api/me",
        "/api/me/../internal/x",
        "/oauth/token",
    ],
)
def test_the_gateway_leads_nothing_else_inside(path: str) -> None:
    assert _room_of(path, _rooms()) == ""


def test_the_services_believe_the_network_inside_and_no_other_about_who_asks() -> None:
    (subnet,) = (each["subnet"] for each in compose()["networks"]["inside"]["ipam"]["config"])
    for name in IMAGES:
        trusted = json.loads(compose()["services"][name]["environment"]["ESHIK_TRUSTED_PROXIES"])
        assert trusted == ["127.0.0.0/8", "::1/128", subnet]
    assert "--no-proxy-headers" in HOW_TO_SERVE, "uvicorn would believe others too"


def test_docker_compose_itself_reads_the_file() -> None:
    found = shutil.which("docker-compose")
    if found is None:
        pytest.skip("docker-compose is not installed: apt-get install docker-compose")
    done = subprocess.run([found, "-f", str(COMPOSE), "config", "--quiet"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _settings(service: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ProcessSettings:
    """Made from exactly what compose gives, and the files of the keys step."""
    hand_out(folder)
    for name in [name for name in os.environ if name.startswith("ESHIK_")]:
        monkeypatch.delenv(name)
    for name, value in environment_in_compose(service, folder / service).items():
        monkeypatch.setenv(name, value)
    assets = folder / "assets"  # in the image, the stage assets made them
    assets.mkdir(exist_ok=True)
    (assets / "manifest.json").write_text("{}", encoding="utf-8")
    if service == PORTAL:
        monkeypatch.setenv("ESHIK_PORTAL_ASSETS", str(assets))
    return SETTINGS[service](_secrets_dir=folder / service)


def _rooms() -> list[tuple[re.Pattern[str], str]]:
    text = (CHECKOUT / "deploy/gateway/nginx.conf").read_text(encoding="utf-8")
    return [(re.compile(pattern), room) for pattern, room in re.findall(r'^\s+"~(\S+)"\s+"?(\w*)"?;', text, flags=re.MULTILINE)]


def _room_of(request: str, rooms: list[tuple[re.Pattern[str], str]]) -> str:
    return next((room for pattern, room in rooms if pattern.search(request)), "")


def test_the_builder_is_given_all_that_the_dockerfile_copies_and_no_state() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {source.split("/")[0] for stage in stages("documents").values() for source, _ in stage.copies}
    assert copied == {"locks", "shared", "services", "deploy"}
    assert "*" in ignored, "nothing by default"
    assert {word[1:] for word in ignored if word.startswith("!")} == copied
