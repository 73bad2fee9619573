"""./eshik contracts: what others build on, written down from the code: schemas, AsyncAPI, OpenAPI, settings, who may do what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from cli.additive import breaks
from cli.authorisation_page import PAGE, authorisation_page
from cli.case_life_page import case_life_files
from cli.console import fail, out
from cli.service_apps import every_app
from cli.settings_page import settings_page
from deploy.local.places import CHECKOUT
from shared.contracts.base import EVENTS
from shared.messaging.asyncapi import EXAMPLES, asyncapi_document
from shared.web.app import VERSION

SCHEMAS = CHECKOUT / "shared" / "contracts" / "schemas"
API = CHECKOUT / "docs" / "api"
SETTINGS_PAGE = CHECKOUT / "docs" / "settings.md"

contracts = typer.Typer(
    help="The written contracts: event schemas, AsyncAPI and OpenAPI documents, settings.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@contracts.command()
def update() -> None:
    """Write them anew. Refused where an event would break its readers: publish a new version beside it instead."""
    _must_have_examples()
    if broken := broken_contracts():
        fail("; ".join(broken) + ". Readers would break: leave it as it is and add a new major version beside it.")
    files = generated()
    changed = [path for path in files if _text(path) != files[path]]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
        out.print(f"written {path.relative_to(CHECKOUT)}", markup=False)
    out.print(f"{len(files) - len(changed)} of {len(files)} were current.")


@contracts.command()
def check() -> None:
    """Say which of them is out of date."""
    _must_have_examples()
    if old := outdated(generated()):
        fail(f"out of date: {', '.join(old)}. Run ./eshik contracts update and look at what changed.")
    out.print("All written contracts are current.")


def generated() -> dict[Path, str]:
    """Every file, as it should be."""
    files = {SCHEMAS / f"{kind}.json": _json(event_schema(kind)) for kind in EVENTS}
    files[API / "asyncapi.json"] = _json(asyncapi_document(VERSION))
    files |= {API / f"openapi-{name}.json": _json(app.openapi()) for name, app in every_app().items()}
    return files | {SETTINGS_PAGE: settings_page(), PAGE: authorisation_page()} | case_life_files()


def outdated(files: dict[Path, str]) -> list[str]:
    return [str(path.relative_to(CHECKOUT)) for path, text in files.items() if _text(path) != text]


def event_schema(kind: str) -> dict[str, Any]:
    """The schema of one event's data as a reader has it: a field with a default is optional."""
    return EVENTS[kind].model_json_schema(mode="validation")


def broken_contracts() -> list[str]:
    """Compared with the snapshots: each event that is gone, or whose change is more than an addition."""
    found = []
    for path in sorted(SCHEMAS.glob("*.json")):
        kind = path.stem
        if kind not in EVENTS:
            found.append(f"{kind} is gone")
            continue
        found += [f"{kind}: {each}" for each in breaks(json.loads(path.read_text(encoding="utf-8")), event_schema(kind))]
    return found


def _must_have_examples() -> None:
    missing = [path for kind in EVENTS if not (path := EXAMPLES / f"{kind}.json").exists()]
    if missing:
        fail(f"write an example first: {', '.join(str(path.relative_to(CHECKOUT)) for path in missing)}")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
