"""No route that takes something from strangers is without a limit of its own, at the service, at its page and at the gateway."""

import json
import re
from collections.abc import Iterator

from fastapi.routing import APIRoute

from cli.contracts import API
from deploy.local.environment import SERVICES
from services.portal.access import counted
from services.portal.app import AREAS
from shared.web.rates import TRIES, RateClass, routes_of
from tests.architecture.tree import CHECKOUT

GATEWAY = (CHECKOUT / "deploy" / "gateway" / "nginx.conf").read_text(encoding="utf-8")
BETWEEN_SERVICES = ("/api/internal/", "/oauth/")
DEFAULT = RateClass("default", 1, 1)
ANY = "0"


def operations(service: str) -> Iterator[tuple[str, bool]]:
    """Each route as rates.toml writes it, and whether one must have signed in for it."""
    document = json.loads((API / f"openapi-{service}.json").read_text(encoding="utf-8"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", bool(operation.get("security"))


def slowed_down(method: str, path: str) -> bool:
    """Whether the gateway counts it among the tries."""
    block = re.search(r"map \"\$request_method \$uri\" \$who_tries \{(.*?)\n    \}", GATEWAY, re.DOTALL)
    assert block
    patterns = re.findall(r'"~(\S+ \S+)"\s+\$who;', block[1])
    assert len(patterns) >= 2
    asked = f"{method} {re.sub(r'{[^}]*}', ANY, path)}"
    return any(re.search(pattern, asked) for pattern in patterns)


def test_whatever_takes_something_from_people_who_did_not_sign_in_has_a_limit_of_its_own() -> None:
    unlimited = [
        f"{service} {route}"
        for service in SERVICES
        for route, signed_in in operations(service)
        if not signed_in and not route.startswith("GET ") and route not in routes_of(service, DEFAULT, 1)
    ]
    assert unlimited == []


def test_every_route_with_a_limit_of_its_own_exists() -> None:
    for service in SERVICES:
        assert set(routes_of(service, DEFAULT, 1)) - {route for route, _ in operations(service)} == set(), service


def test_the_gateway_slows_down_all_that_a_service_counts_as_a_try() -> None:
    tries = [
        route.split(" ")
        for service in SERVICES
        for route, rate in routes_of(service, DEFAULT, 1).items()
        if rate.name == TRIES and not route.split(" ")[1].startswith(BETWEEN_SERVICES)
    ]
    assert len(tries) > 10
    assert [asked for asked in tries if not slowed_down(*asked)] == []


def test_the_gateway_slows_down_each_page_that_counts_tries() -> None:
    pages = [
        (method, route.path)
        for area in AREAS
        for route in area.router.routes
        if isinstance(route, APIRoute) and any(each.dependency is counted for each in route.dependencies)
        for method in route.methods or ()
    ]
    assert len(pages) > 8
    assert [page for page in pages if not slowed_down(*page)] == []


def test_a_page_without_tries_is_not_slowed_down() -> None:
    assert not slowed_down("POST", "/applications")
    assert not slowed_down("GET", "/v")
    assert not slowed_down("POST", "/api/officers/x/grants")
