"""Commands whose modules are imported only when they are called, because they load services or heavy packages."""

from __future__ import annotations

import importlib
import signal

import typer
from typer.main import get_command

from cli.console import fail

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def add_lazily(app: typer.Typer, name: str, target: str, help_text: str) -> None:
    """Register a command that runs target ("module:attribute", a function with typer's annotations or a Typer app)."""

    def command(context: typer.Context) -> None:
        found = _load(name, target)
        if not isinstance(found, typer.Typer):
            inner = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            inner.command(context_settings={"help_option_names": ["-h", "--help"]})(found)
            found = inner
        get_command(found)(args=context.args, prog_name=f"./eshik {name}")

    app.command(name=name, help=help_text, add_help_option=False, context_settings=PASS_ON)(command)


def _load(name: str, target: str) -> typer.Typer:
    module, _, attribute = target.partition(":")
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while it loads just ends it: libraries make a long error of it
    try:
        found = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as missing:
        if missing.name != module:
            raise
        fail(f"{name} is not part of this version of Eshik yet")
    finally:
        signal.signal(signal.SIGINT, before)
    return found  # type: ignore[no-any-return]
