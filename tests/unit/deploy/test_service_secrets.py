"""Secrets between services: made once, and completed where a newer release knows one more service."""

import json
from pathlib import Path

from deploy.local.keys import SERVICE_SCOPES, make_keys
from services.identity.domain.service_client import AUDIENCE_OF_SCOPE
from shared.messaging.topology import SUBSCRIPTIONS
from shared.web.ledger import scope_of


def test_a_state_folder_of_an_older_release_gets_the_secret_it_lacks_and_keeps_the_others(tmp_path: Path) -> None:
    keys = make_keys(tmp_path)
    older = json.loads(keys.service_secrets.read_text())
    lacking = {name: secret for name, secret in older.items() if name != "applications"}
    keys.service_secrets.write_text(json.dumps(lacking))
    completed = json.loads(make_keys(tmp_path).service_secrets.read_text())
    assert {name: completed[name] for name in lacking} == lacking
    assert completed.keys() == SERVICE_SCOPES.keys()


def test_each_publisher_may_ask_every_service_that_hears_its_events() -> None:
    assert {scope_of(service): service for service in SUBSCRIPTIONS}.items() <= AUDIENCE_OF_SCOPE.items()
    for service in SUBSCRIPTIONS:
        others = {scope_of(other) for other in SUBSCRIPTIONS if other != service}
        heard_by = {scope for scope in others if scope in SERVICE_SCOPES[service]}
        assert heard_by, f"{service} publishes, and may ask nobody"
