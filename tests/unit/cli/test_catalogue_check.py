"""./eshik catalogue check: every value that is only our own default is named, and its service is not offered in production."""

import json

import pytest
from typer.testing import CliRunner

from cli.catalogue import catalogue
from services.applications.api.offering import Offer
from services.applications.catalogue import FOLDER, the_catalogue
from services.applications.domain.errors import UnknownService

RUNNER = CliRunner()


def checked() -> dict[str, dict[str, list[str]]]:
    answer = RUNNER.invoke(catalogue, ["check", "--production", "--json"])
    assert answer.exit_code == 1
    found: dict[str, dict[str, list[str]]] = json.loads(answer.stdout)
    return found


def test_without_production_a_complete_catalogue_is_well() -> None:
    assert RUNNER.invoke(catalogue, ["check"]).exit_code == 0


def test_every_value_marked_d_in_any_file_is_named_for_production() -> None:
    found = checked()
    newest = [FOLDER / "services" / f"{each.id}.{each.version}.toml" for each in the_catalogue().services()]
    shared = [path for path in FOLDER.rglob("*.toml") if path.parent.name != "services" and path.name != "planned.toml"]
    for service, path in zip(the_catalogue().services(), newest, strict=True):
        written = path.read_text(encoding="utf-8").count('certainty = "D"')
        assert len(found[service.id]["illustrative"]) >= written, service.id
    written = sum(path.read_text(encoding="utf-8").count('certainty = "D"') for path in shared)
    assert len(found["shared"]["illustrative"]) == written
    for known in (
        "casework.toml: appeal",
        "posts.toml: posts.mow.district",
        "queue.toml: claim_hours",
        "hours.toml: hours.default",
    ):
        assert known in found["shared"]["illustrative"]


def test_what_is_known_of_planned_services_is_listed() -> None:
    answer = RUNNER.invoke(catalogue, ["planned"])
    assert (answer.exit_code, "legalization" in answer.output) == (0, True)


def test_what_rests_on_a_default_of_ours_is_neither_listed_nor_given_in_production() -> None:
    offer = Offer(the_catalogue(), illustrative=False)
    named = {service for service, what in checked().items() if service != "shared" and what["illustrative"]}
    assert {each.id for each in offer.services()} == {each.id for each in the_catalogue().services()} - named
    for service in sorted(named):
        with pytest.raises(UnknownService):
            offer.service(service)
