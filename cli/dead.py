"""./eshik dead: what could not be handled, looked at, replayed or discarded; each act leaves an entry in the audit."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape

from cli.console import fail, out, print_json, show_rows
from cli.databases import stack_now
from cli.dead_choice import Asked, must_be_clear, must_choose, none_chosen, of_all, tell_left_alone, with_letters
from cli.dead_letters import (
    Chosen,
    Discarded,
    Found,
    Letter,
    Plan,
    discard_all,
    look,
    plan,
    plan_discard,
    reasons,
    replay_all,
    show_one,
)
from cli.kernel_databases import operator_name
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
DIED_OF = (
    "Only those that died of this, as it is listed; or of a class of reasons, as metrics have it: unreadable, "
    "refused-by-broker, handler-failed."
)
WITH_IDS = "Of ids, all must be there: else nothing is done, and the exit code is 1. A filter may choose none."
Reason = Annotated[str, typer.Option("--reason", "--died-of", help=DIED_OF)]
EventType = Annotated[str, typer.Option("--event-type", help="Only this type, as in application.submitted.v1.")]
DiedOf = Annotated[str, typer.Option("--died-of", help=DIED_OF)]
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
    chosen = must_be_clear(Chosen(service=service, queue=queue, reason=reason, event_type=event_type, state=state), limit=limit)

    async def act(databases: dict[str, Database]) -> Asked[Found]:
        found = await look(databases, chosen, limit)
        return Asked(found, {} if found.count else await reasons(databases, state))

    asked = with_letters(act)
    found, there = asked.answer, asked.there
    if as_json:
        print_json(found.model_dump(mode="json"))
    elif not found.count:
        none_chosen("No dead letters.", there)
    else:
        _show(found)


@dead.command(context_settings=CONTEXT)
def show(letter_id: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """One dead letter: ids, times and the shape of its body; never what somebody may have written in it."""
    letter = with_letters(lambda databases: show_one(databases, letter_id))
    if letter is None:
        fail(f"there is no dead letter {letter_id}; ./eshik dead list --state all shows which there are")
    if as_json:
        print_json(letter.model_dump(mode="json"))
        return
    rows = [
        [name, escape(_plain(value))] for name, value in letter.model_dump(mode="json").items() if value not in (None, {}, [])
    ]
    show_rows(rows)


@dead.command(context_settings=CONTEXT, epilog=WITH_IDS)
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
    chosen = must_be_clear(Chosen(service=service, queue=queue, reason=reason, event_type=event_type, ids=ids or [], again=again))
    must_choose(chosen, all_of_them)

    async def act(databases: dict[str, Database]) -> Asked[Plan]:
        now = stack_now(the_stack())
        if dry_run:
            done = await plan(databases, chosen, now)
        else:
            done = await replay_all(databases, chosen, now, who=operator_name(who), a_second=rate)
        return Asked(done, {} if done.chosen else await reasons(databases, chosen.state))

    asked = with_letters(act)
    done, there = asked.answer, asked.there
    if as_json:
        print_json({"dry_run": dry_run, "rate": rate, **done.model_dump(mode="json")})
    else:
        _tell_replay(done, there, dry_run=dry_run, rate=rate)
    raise typer.Exit(1 if (done.too_old or done.left_alone) and not done.chosen else 0)


@dead.command(context_settings=CONTEXT, epilog=WITH_IDS)
def discard(
    reason: Annotated[
        str, typer.Option("--reason", help="Why they are not needed. It is kept with the act for good: it must name nobody.")
    ],
    ids: Ids = None,
    service: Service = "",
    queue: Queue = "",
    died_of: DiedOf = "",
    event_type: EventType = "",
    all_of_them: All = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be discarded, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask where --all stands alone.")] = False,
    who: Who = "",
    as_json: AsJson = False,
) -> None:
    """Set dead letters aside for good. They stay in the database, and are not offered for replay any more."""
    chosen = must_be_clear(Chosen(service=service, queue=queue, reason=died_of, event_type=event_type, ids=ids or []))
    must_choose(chosen, all_of_them)
    if not reason.strip():
        fail("say why: --reason is kept with the act")
    if not (chosen.ids or chosen.filter or dry_run or yes):
        of_all(lambda: with_letters(lambda databases: plan_discard(databases, chosen)))

    async def act(databases: dict[str, Database]) -> Asked[Discarded]:
        if dry_run:
            done = await plan_discard(databases, chosen)
        else:
            done = await discard_all(databases, chosen, who=operator_name(who), reason=reason.strip())
        return Asked(done, {} if done.discarded else await reasons(databases, chosen.state))

    asked = with_letters(act)
    done, there = asked.answer, asked.there
    if as_json:
        print_json({"dry_run": dry_run, **done.model_dump(mode="json")})
    else:
        _tell_discard(done, there, dry_run=dry_run)
    raise typer.Exit(1 if done.left_alone and not done.discarded else 0)


def _tell_discard(done: Discarded, there: dict[str, int], *, dry_run: bool) -> None:
    tell_left_alone(done.left_alone)
    if not done.discarded and not done.left_alone:
        none_chosen("No dead letter was chosen.", there)
    elif dry_run:
        out.print(f"{_letters(len(done.discarded))} would be discarded. Nothing was changed.")
    else:
        out.print(f"{_letters(len(done.discarded))} discarded.")


def _tell_replay(done: Plan, there: dict[str, int], *, dry_run: bool, rate: float) -> None:
    tell_left_alone(done.left_alone)
    for service, count in sorted(Counter(letter.service for letter in done.chosen).items()):
        out.print(f"{service}: {_letters(count)}", markup=False)
    if dry_run:
        out.print(f"{_letters(len(done.chosen))} would be replayed, at most {rate:g} a second. Nothing was changed.")
    elif done.chosen:
        out.print(
            f"{_letters(len(done.chosen))} to be replayed, at most {rate:g} a second; ./eshik dead list --state all shows them. "
            "One that dies again is parked once more: ./eshik dead list has it, with 1 or more under replays."
        )
    elif not done.left_alone and not done.too_old:
        none_chosen("No dead letter was chosen.", there)
    if done.unreadable:
        out.print(
            f"[yellow]{_letters(done.unreadable)} of these could not be read, and will die again unless the software "
            "that reads them has changed.[/]"
        )
    if done.too_old:
        out.print(
            f"[red]{_letters(len(done.too_old))} refused: older than what the inbox remembers, so that a replay could act "
            "a second time. ./eshik dead show ID says what they are; discard them, or do by hand what they were for.[/]"
        )


def _letters(count: int) -> str:
    return "1 dead letter" if count == 1 else f"{count} dead letters"


def _show(found: Found) -> None:
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
