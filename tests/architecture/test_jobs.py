"""Every job that some code schedules has somebody who works it, and an end."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cli.service_apps import every_app
from deploy.local.environment import SERVICES
from shared.jobs.job import JobKinds
from shared.mongo.erasure import ERASE_PERSON
from tests.architecture.tree import calls, files, relative, source


@cache
def worked(service: str) -> JobKinds:
    kinds: JobKinds = every_app()[service].state.runtime._jobs
    return kinds


def scheduled(service: str) -> Iterator[tuple[str, str]]:
    """Place and kind of each NewJob(...) in the service's code."""
    for path in files(f"services/{service}"):
        for name, call in calls(source(path)):
            if name == "NewJob":
                yield f"{relative(path)}:{call.lineno}", kind_of(call, path)
            if name == "erase_or_hold":  # it schedules its next look by itself
                yield f"{relative(path)}:{call.lineno}", ERASE_PERSON


def kind_of(call: ast.Call, path: Path) -> str:
    """The kind as written, or the constant of the module that it names."""
    given = call.args[0] if call.args else next(word.value for word in call.keywords if word.arg == "kind")
    if isinstance(given, ast.Constant):
        return str(given.value)
    assert isinstance(given, ast.Name), f"{relative(path)}:{call.lineno}: name the kind by a constant"
    module = importlib.import_module(relative(path).removesuffix(".py").replace("/", "."))
    return str(getattr(module, given.id))


@pytest.mark.parametrize("service", SERVICES)
def test_every_job_that_is_scheduled_is_worked_and_none_is_worked_in_vain(service: str) -> None:
    assert {kind for _, kind in scheduled(service)} == set(worked(service))


@pytest.mark.parametrize("service", SERVICES)
def test_every_job_ends_in_tries_that_are_counted_and_waits_that_grow(service: str) -> None:
    for name, kind in worked(service).items():
        assert 1 <= kind.max_attempts <= 1000, name
        assert 0 < kind.retry_s <= kind.retry_max_s, name
        assert kind.lease_s >= 1, name
