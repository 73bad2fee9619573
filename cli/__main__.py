"""The commands of ./eshik; each has its own module."""

from __future__ import annotations

import sys

import typer

from cli.check import check, run_tests
from cli.console import fail
from cli.inbox import inbox
from cli.lazy import add_lazily
from cli.status import status
from cli.up import down, up
from deploy.local.system import Obstacle, explain

INTERRUPTED = 130

app = typer.Typer(
    help="Eshik: an open platform for a foreign ministry's consular services. Start with up, then demo.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
add_lazily(
    app,
    "demo",
    "cli.demo:demo",
    "Start what isn't running, then drive one case from application to signed document and messages.",
)
app.command()(status)
add_lazily(app, "jobs", "cli.jobs:jobs", "Jobs that were given up, and those that wait; jobs again puts them back to work.")
add_lazily(app, "dead", "cli.dead:dead", "Messages that could not be handled: list, show, replay or discard them.")
add_lazily(app, "ledger", "cli.ledger:ledger", "Whether nothing is lost: what must be there is there, by its id.")
add_lazily(app, "erasure", "cli.erasure:erasure", "Erase a person's data everywhere, or hold it by law.")
add_lazily(
    app, "retention", "cli.retention:retention", "How long what is kept: the rules, what falls due, what the daily purge deleted."
)
add_lazily(
    app,
    "catalogue",
    "cli.catalogue:catalogue",
    "The services as data: complete or not, what is only our default, what is planned.",
)
add_lazily(app, "keys", "cli.keys:keys", "The keys that personal data lies under: how they stand, rotate, destroy.")
add_lazily(app, "audit", "cli.audit:audit", "The audit as a file that anybody can verify: export, verify, prove.")
app.command()(inbox)
add_lazily(app, "verify", "cli.verify:verify", "Verify an issued document offline: its signature, and its printed seal.")
add_lazily(app, "draw", "cli.draw:draw", "Fair draws of appointments: draw again from what was published.")
app.command()(down)
app.command()(check)
app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(run_tests)
add_lazily(
    app,
    "bench",
    "cli.bench.command:bench",
    "Measure the event path beside bare drivers that do the same, and what was not chosen; bench driver compares drivers.",
)
add_lazily(
    app, "soak", "cli.soak.command:soak", "A real load while everything is killed and frozen at random; nothing may be lost."
)
add_lazily(app, "screenshots", "cli.screenshots:screenshots", "Photograph every page of the running stack.")
add_lazily(app, "contracts", "cli.contracts:contracts", "Event schemas, AsyncAPI, OpenAPI and the settings page.")
add_lazily(app, "wording", "cli.wording:wording", "Work on the texts for people, in Kyrgyz, Russian and English.")


def main() -> None:
    try:
        app(prog_name="./eshik")
    except Obstacle as obstacle:
        _fail(str(obstacle))
    except OSError as error:
        if error.errno is None:
            raise
        _fail(explain(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _fail(text: str) -> None:
    try:
        fail(text)
    except typer.Exit as end:
        sys.exit(end.exit_code)


if __name__ == "__main__":
    main()
