"""What the processes of a local stack are started with, and in which order."""

from pathlib import Path

import pytest

from deploy.local.environment import PORTAL, SERVICES, service_environment
from deploy.local.keys import Keys, make_keys
from deploy.local.parts import Part, parts_of_stack
from deploy.local.places import Places
from deploy.local.ports import Ports
from services.portal.config import PortalSettings

PORTS = Ports(12_000)
OWN_SERVERS = {"ESHIK_MONGO_URL": "mongodb://db.example/", "ESHIK_RABBIT_URL": "amqp://broker.example/"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


def given(name: str, keys: Keys, **outer: str) -> dict[str, str]:
    return service_environment(name, Places(keys.folder), PORTS, keys, outer)


def started(keys: Keys, only: str = "") -> dict[str, Part]:
    return {part.name: part for part in parts_of_stack(Places(keys.folder), PORTS, keys, {"ESHIK_ONLY": only})[0]}


def test_the_portal_gets_all_its_settings_and_nothing_of_database_and_broker(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = given(PORTAL, keys, **OWN_SERVERS)
    assert not {"ESHIK_MONGO_URL", "ESHIK_RABBIT_URL", "ESHIK_SERVICE_SECRET"} & set(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = PortalSettings()
    assert settings.documents_url == "http://127.0.0.1:12003"
    assert (settings.inbox_url, settings.secure_cookies) == ("http://127.0.0.1:12026", False)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_the_servers_that_a_developer_names(service: str, keys: Keys) -> None:
    assert OWN_SERVERS.items() <= given(service, keys, **OWN_SERVERS).items()


def test_the_session_key_stays_the_same_from_start_to_start(tmp_path: Path) -> None:
    first = given(PORTAL, make_keys(tmp_path))["ESHIK_PORTAL_SESSION_KEY"]
    assert given(PORTAL, make_keys(tmp_path))["ESHIK_PORTAL_SESSION_KEY"] == first
    assert (tmp_path / "portal-session-key").stat().st_mode & 0o077 == 0


def test_the_code_on_a_paper_leads_to_the_portal(keys: Keys) -> None:
    assert given("documents", keys)["ESHIK_DOCUMENTS_VERIFICATION_ORIGIN"] == "http://localhost:12005/v"


def test_the_portal_starts_after_the_services_and_can_be_left_out(keys: Keys) -> None:
    assert set(started(keys)[PORTAL].needs) == set(SERVICES)
    assert started(keys)[PORTAL].address == "http://127.0.0.1:12005"
    assert PORTAL not in started(keys, only=",".join(SERVICES))
    assert set(SERVICES) <= set(started(keys, only=PORTAL))
