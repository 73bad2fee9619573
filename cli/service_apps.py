"""Every service's app, made without a broker or database, to read from it what it offers and what it needs."""

from __future__ import annotations

import importlib
import os
import tempfile
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from fastapi import FastAPI

from deploy.local.environment import SERVICES, service_environment
from deploy.local.keys import make_keys
from deploy.local.places import Places
from deploy.local.ports import Ports
from shared.config import ProcessSettings


def every_app(*, local_stack: bool = False) -> dict[str, FastAPI]:
    """By service. local_stack: with the routes that only a developer's machine has. Nothing is started."""
    with tempfile.TemporaryDirectory() as folder:
        places = Places(Path(folder))
        keys = make_keys(places.keys)
        apps = {}
        for name in SERVICES:
            variables = service_environment(name, places, Ports(), keys) | {"ESHIK_LOCAL_STACK": str(int(local_stack))}
            with _environment(variables):
                apps[name] = _module(name).create_app()
        return apps


def settings_of(service: str) -> type[ProcessSettings]:
    """The settings class that the create_app of the service, or of the portal, takes, or adds its own to."""
    module = _module(service)
    annotation = typing.get_type_hints(module.create_app)["settings"]
    found: type[ProcessSettings] = next(kind for kind in typing.get_args(annotation) if kind is not type(None))
    own = getattr(module, "Settings", None)
    return own if isinstance(own, type) and issubclass(own, found) else found


def _module(service: str) -> ModuleType:
    return importlib.import_module(f"services.{service}.app")


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: value for name, value in os.environ.items() if name.startswith("ESHIK_")}
    for name in before:
        del os.environ[name]
    os.environ.update(ours := {name: value for name, value in variables.items() if name.startswith("ESHIK_")})
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]
        os.environ.update(before)
