"""./eshik dead: what could not be handled, looked at, replayed or discarded; each act leaves an entry in the audit."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape

from cli.console import fail, out, print_json, show_rows
from cli.databases import stack_now
from cli.dead_letters import Chosen, Found, Letter, Plan, discard_all, look, plan, replay_all, show_one
from cli.kernel_databases import operator_name, with_databases
from cli.stack import the_stack
from shared.mongo.database import Database

CONTEXT = {"help_option_names": ["-h", "--help"]}
MOST_A_SECOND = 1_000.0

dead = typer.Typer(
    help="Messages that could not be handled: list, show, replay or discard them.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
)

Service = Annotated[str, typer.Option("--service", help="Only this service's.")]
Queue = Annotated[str, typer.Option("--queue", help="Only of this queue, as in notifications.inbox.")]
Reason = Annotated[str, typer.Option("--reason", "--died-of", help="Only those that died of this, as it is listed.")]
EventType = Annotated[str, typer.Option("--event-type", help="Only this type, as in application.submitted.v1.")]
DiedOf = Annotated[str, typer.Option("--died-of", help="Only those that died of this, as it is listed.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="These only.")]
All = Annotated[bool, typer.Option("--all", help="All of them; needed where neither ids nor a filter are given.")]
Who = Annotated[str, typer.Option("--who", help="Your name for the audit entry; else the operating system's user.")]


@dead.command("list", context_settings=CONTEXT)
def list_(
    service: Service = "",
    queue: Queue = "",
    reason: Reason = "",
    event_type: EventType = "",
    state: Annotated[str, typer.Option("--state", help="parked, replaying, replayed, discarded or all.")] = "parked",
    limit: Annotated[int, typer.Option("--limit", help="Show so many; all are counted.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Count dead letters by queue and reason, and list the newest."""
    chosen = Chosen(service=service, queue=queue, reason=reason, event_type=event_type, state=state)
    found = with_databases(lambda databases: look(databases, chosen, limit))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)


@dead.command(context_settings=CONTEXT)
def show(letter_id: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """One dead letter: ids, times and the shape of its body; never what somebody may have written in it."""
    letter = with_databases(lambda databases: show_one(databases, letter_id))
    if letter is None:
        fail(f"there is no dead letter {letter_id}")
    if as_json:
        print_json(letter.model_dump(mode="json"))
        return
    rows = [
        [name, escape(_plain(value))] for name, value in letter.model_dump(mode="json").items() if value not in (None, {}, [])
    ]
    show_rows(rows)


@dead.command(context_settings=CONTEXT)
def replay(
    ids: Ids = None,
    service: Service = "",
    queue: Queue = "",
    reason: Reason = "",
    event_type: EventType = "",
    all_of_them: All = False,
    again: Annotated[bool, typer.Option("--again", help="Those that were replayed before, too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be replayed, and change nothing.")] = False,
    rate: Annotated[float, typer.Option("--rate", min=0.01, max=MOST_A_SECOND, help="At most so many a second.")] = 10.0,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Move dead letters back to the inbox they died in. What was handled before is handled no second time."""
    chosen = Chosen(service=service, queue=queue, reason=reason, event_type=event_type, ids=ids or [], again=again)
    _must_choose(chosen, all_of_them)

    async def act(databases: dict[str, Database]) -> Plan:
        if dry_run:
            return await plan(databases, chosen, stack_now(the_stack()))
        return await replay_all(databases, chosen, stack_now(the_stack()), who=operator_name(who), a_second=rate)

    done = with_databases(act)
    if as_json:
        print_json({"dry_run": dry_run, "rate": rate, **done.model_dump(mode="json")})
    else:
        _tell_replay(done, dry_run=dry_run, rate=rate)
    raise typer.Exit(1 if done.too_old and not done.chosen else 0)


@dead.command(context_settings=CONTEXT)
def discard(
    reason: Annotated[str, typer.Option("--reason", help="Why they are not needed, for the audit entry. No names of people.")],
    ids: Ids = None,
    service: Service = "",
    queue: Queue = "",
    died_of: DiedOf = "",
    event_type: EventType = "",
    all_of_them: All = False,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Set dead letters aside for good. They stay in the database, and are not offered for replay any more."""
    chosen = Chosen(service=service, queue=queue, reason=died_of, event_type=event_type, ids=ids or [])
    _must_choose(chosen, all_of_them)
    if not reason.strip():
        fail("say why: --reason is kept with the act")
    ids_done = with_databases(lambda databases: discard_all(databases, chosen, who=operator_name(who), reason=reason.strip()))
    if as_json:
        print_json({"discarded": ids_done})
    else:
        out.print(f"{_letters(len(ids_done))} discarded.")


def _must_choose(chosen: Chosen, all_of_them: bool) -> None:
    if not (chosen.ids or chosen.filter or all_of_them):
        fail("say which: ids, --service, --queue, --died-of, --event-type, or --all")


def _tell_replay(done: Plan, *, dry_run: bool, rate: float) -> None:
    for service, count in sorted(Counter(letter.service for letter in done.chosen).items()):
        out.print(f"{service}: {_letters(count)}", markup=False)
    if dry_run:
        out.print(f"{_letters(len(done.chosen))} would be replayed, at most {rate:g} a second. Nothing was changed.")
    elif done.chosen:
        out.print(
            f"{_letters(len(done.chosen))} to be replayed, at most {rate:g} a second; ./eshik dead list --state all shows them."
        )
    else:
        out.print("No dead letter was chosen.")
    if done.too_old:
        out.print(
            f"[red]{_letters(len(done.too_old))} refused: older than what the inbox remembers, so that a replay could act "
            "a second time. ./eshik dead show ID says what they are; discard them, or do by hand what they were for.[/]"
        )


def _letters(count: int) -> str:
    return "1 dead letter" if count == 1 else f"{count} dead letters"


def _show(found: Found) -> None:
    if not found.count:
        out.print("No dead letters.")
        return
    show_rows(
        [[group.queue, escape(group.reason), group.state, str(group.count)] for group in found.groups],
        ["queue", "reason", "state", "count"],
    )
    out.print()
    show_rows([_row(letter) for letter in found.letters], ["id", "type", "reason", "state", "died (UTC)", "replays"])
    if found.count > len(found.letters):
        out.print(f"… and {found.count - len(found.letters)} more")


def _row(letter: Letter) -> list[str]:
    return [
        letter.id,
        letter.event_type or "–",
        escape(letter.reason),
        letter.state,
        f"{letter.died_at:%Y-%m-%d %H:%M:%S}",
        str(letter.replays),
    ]


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={item}" for name, item in value.items())
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
