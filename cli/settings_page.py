"""docs/settings.md: every variable that Eshik reads, from the settings classes and, for the command itself, from here."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cli.service_apps import settings_of
from deploy.local.environment import PROCESSES
from shared.config import ProcessSettings, Settings

# read by all services before their settings, or by containers
OF_THE_DEPLOYMENT = {
    "ESHIK_SECRETS_DIR": "A folder with one file per setting, as `eshik_service_secret`; the environment goes before it",
    "ESHIK_SINK_INBOX": "Compose only: folder where the stand-in for an SMS gateway keeps what it was given",
}
# read by ./eshik, by the local stack or by tests, and by no settings class
OF_THE_COMMAND = {
    "ESHIK_PORT_BASE": "First of the 30 ports that a local stack uses. Default 8400",
    "ESHIK_HOME": "Folder of the local stack's state. Default .eshik in the checkout",
    "ESHIK_PYTHON": "The Python (3.11 or newer) that the environment is made with. Default: the first that fits",
    "ESHIK_RABBIT_MANAGEMENT_URL": "Where `./eshik status` asks for queue depths when ESHIK_RABBIT_URL names a broker of yours",
    "ESHIK_ADVISORIES_URL": "Database of known faults for `./eshik check`, answering as OSV does. Default: the package index",
    "ESHIK_CRASH_AT": "Tests only: names of crash points, separated by commas, where a service ends as by kill -9",
    "ESHIK_TEST_FULL": "Tests only: 1 for the full counts of the fault tests; set by `./eshik test --full`",
    "ESHIK_TEST_SEED": "Tests only: the seed of the requests that `./eshik test fuzz` makes; it prints the one that it took",
    "ESHIK_TEST_RABBIT4_ROOT": "Tests only: root folder of a system with RabbitMQ 4; set by `./eshik test all`",
    "ESHIK_TEST_JUDGES_PYTHON": "Tests only: Python of the independent judges' environment; set by `./eshik test all`",
}
# how our own processes tell each other what they are; nobody sets them by hand
INTERNAL = {
    "ESHIK_ONLY": "Which parts of the local stack a supervisor starts",
    "ESHIK_STACK_PART": "The part of the local stack that a process is",
    "ESHIK_CALLED_FROM": "The folder that ./eshik was called from, for relative paths",
    "ESHIK_TEST_PORT_REGION": "Where tests that run side by side look for free ports, each in another region: 0 to 39",
    "ESHIK_VENV": "Folder of the environment that the command runs in",
}
_INTRODUCTION = """# Settings

Made by `./eshik contracts update`; a test holds it current. Services read their settings from the environment, or from files
of the same names in lower case in the folder that `ESHIK_SECRETS_DIR` names, as containers hand secrets over; the environment
goes before. A missing required one stops the start and is named. The local stack sets all of them
(`deploy/local/environment.py`).
"""


def settings_page() -> str:
    process, service = set(ProcessSettings.model_fields), set(Settings.model_fields)
    sections = [
        _section("Every process: the services and the portal", _rows(ProcessSettings, process)),
        _section("Every service", _rows(Settings, service - process)),
    ]
    for name in PROCESSES:
        kind = settings_of(name)
        rows = _rows(kind, set(kind.model_fields) - service - process)
        sections.append(_section(name.capitalize(), rows) if rows else f"## {name.capitalize()}\n\nNone of its own.\n")
    sections.append(_listed("Containers", OF_THE_DEPLOYMENT))
    sections.append(_listed("The command, the local stack and tests", OF_THE_COMMAND))
    sections.append(_listed("Set by Eshik itself", INTERNAL))
    return "\n".join([_INTRODUCTION, *sections])


def variable_of(kind: type[ProcessSettings], name: str) -> str:
    """The environment variable of one field."""
    alias = kind.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"{kind.model_config.get('env_prefix', '')}{name}".upper()


def _rows(kind: type[ProcessSettings], names: Iterable[str]) -> list[str]:
    fields = {name: field for name, field in kind.model_fields.items() if name in set(names)}
    return [f"| `{variable_of(kind, name)}` | {_default(field)} | {_cell(field.description)} |" for name, field in fields.items()]


def _section(title: str, rows: list[str]) -> str:
    return "\n".join([f"## {title}\n", "| variable | default | what it is |", "|---|---|---|", *rows, ""])


def _listed(title: str, variables: dict[str, str]) -> str:
    rows = [f"| `{name}` | {_cell(text)} |" for name, text in variables.items()]
    return "\n".join([f"## {title}\n", "| variable | what it is |", "|---|---|", *rows, ""])


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "**required**"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value in (None, "", ()):
        return "none"
    return f"`{value if isinstance(value, str) else json.dumps(int(value) if isinstance(value, bool) else value)}`"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")
