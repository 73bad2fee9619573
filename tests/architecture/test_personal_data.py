"""The list of personal data and the code say the same: what is kept about people is sealed, or open for a written reason."""

import re
import sys
import tomllib
from dataclasses import fields
from functools import cache
from typing import Any

import pytest

from cli.service_apps import every_app
from deploy.local.environment import SERVICES
from shared.mongo.aggregates import Mapper
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.sealing import SealedFields
from shared.runtime import Runtime
from tests.architecture.tree import CHECKOUT

NEVER_PERSONAL = {"id", "version"}  # of every aggregate


@cache
def listed() -> dict[str, dict[str, dict[str, Any]]]:
    """By service (kernel: what every service has) and collection."""
    return tomllib.loads((CHECKOUT / "shared" / "sealing" / "personal_data.toml").read_text(encoding="utf-8"))


@cache
def runtime(service: str) -> Runtime:
    found: Runtime = every_app()[service].state.runtime
    return found


def declared(service: str, kind: type) -> list[Any]:
    """What any module of the service declares of this kind; the same under two names is one."""
    runtime(service)  # loads them
    modules = [module for name, module in sys.modules.items() if name.startswith(f"services.{service}.")]
    return list({id(value): value for module in modules for value in vars(module).values() if isinstance(value, kind)}.values())


def fields_of(row: dict[str, Any]) -> set[str]:
    """The first parts of paths: what an aggregate has as fields."""
    return {path.partition(".")[0] for path in (*row.get("sealed", ()), *row.get("open", {}))}


@pytest.mark.parametrize("service", SERVICES)
def test_every_collection_of_a_service_is_listed_and_no_other(service: str) -> None:
    assert set(listed()[service]) == set(runtime(service)._indexes) - set(KERNEL_INDEXES)


def test_every_collection_that_all_services_have_is_listed() -> None:
    assert set(listed()["kernel"]) == set(KERNEL_INDEXES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_declared_sealed_fields_are_the_listed_ones_and_the_database_refuses_them_in_plain(service: str) -> None:
    found = {one.collection: one for one in declared(service, SealedFields)}
    sealed = {name: row for name, row in listed()[service].items() if "sealed" in row}
    of_all = {name: row for name, row in listed()["kernel"].items() if "sealed" in row}
    assert {name: (set(one.fields), set(one.indexes), one.proven) for name, one in found.items() if name not in of_all} == {
        name: (set(row["sealed"]), set(row.get("indexed", ())), row.get("proven", False)) for name, row in sealed.items()
    }
    validators = runtime(service)._validators
    assert validators.keys() >= found.keys()
    assert all(validators[name] == one.validator() for name, one in found.items())


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_of_what_is_kept_is_sealed_or_open_for_a_reason(service: str) -> None:
    sections = [fields_of(row) for row in listed()[service].values()]
    for mapper in declared(service, Mapper):
        own = {field.name for field in fields(mapper.kind)} - NEVER_PERSONAL
        assert own in sections, f"{mapper.kind.__name__}: list each of its fields in personal_data.toml, and no other"


def test_each_reason_is_written_down() -> None:
    given = {
        why
        for service, rows in listed().items()
        if service != "why"
        for row in rows.values()
        for why in row.get("open", {}).values()
    }
    assert given <= listed()["why"].keys()


def test_a_proven_row_is_written_by_its_mapper_or_with_a_new_proof_and_by_nothing_else() -> None:
    """An update beside it would leave a row that nobody believes any more."""
    found = []
    for service in SERVICES:
        for one in declared(service, SealedFields):
            beside = re.compile(rf"\bdb(?:\.{one.collection}|\[.{one.collection}.\])\s*\.(?:update|replace|find_one_and|bulk)")
            alone = "|".join(map(re.escape, one.unproven)) or "(?!)"
            harmless = re.compile(rf'"\$(?:set|inc)": {{{{?"(?:{alone})": [^,}}]+}}')
            for file in sorted((CHECKOUT / "services" / service).rglob("*.py")) if one.proven else ():
                for number, line in enumerate(file.read_text(encoding="utf-8").split("await ")):
                    if beside.search(line) and not harmless.search(line):
                        found.append(f"{file.relative_to(CHECKOUT)}: {one.collection}, {number}")
    assert found == []
