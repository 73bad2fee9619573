"""./eshik up and ./eshik down."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from cli.console import err, fail, out, show_rows
from cli.logs import LogTail
from cli.stack import Stack, StackFailed, the_stack
from deploy.local.environment import PORTAL, PROCESSES, SERVICES
from deploy.local.places import CHECKOUT
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.record import StackRecord
from deploy.local.system import Obstacle, os_release, support, system_name

MARKS = {
    "ready": "[green]●[/]",
    "starting": "[yellow]○[/]",
    "restarting": "[red]○[/]",
    "stopped": "[dim]○[/]",
    "failed": "[red]●[/]",
}
DEMO_ACCOUNTS = CHECKOUT / "deploy" / "local" / "demo_accounts.json"
ROLES = {
    "citizen": "citizen",
    "intake": "intake",
    "deciding": "decisions",
    "head": "head of post",
    "administrator": "operator",
    "ministry": "ministry",
    "auditor": "auditor",
}
ALL_BUT_THE_PAGES = ",".join([*SERVICES, "mail-sink", "sms-sink", "payments"])  # and what these need
LOOK_EVERY_S = 0.3


class Progress:
    """Shows the parts while they come and go: a live table on a terminal, one line per change elsewhere."""

    def __init__(self) -> None:
        self._live = Live(console=err, refresh_per_second=10, transient=True)
        self._said: dict[str, str] = {}

    def __enter__(self) -> Progress:
        if err.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, record: StackRecord) -> None:
        if err.is_terminal:
            self._live.update(_progress_table(record))
            return
        for part in record.parts:
            if part.state != self._said.get(part.name, "waiting"):
                self._said[part.name] = part.state
                err.print(f"  {part.state:<10} {part.name} {f'({part.note})' if part.note else ''}".rstrip(), markup=False)

    def say(self, text: str) -> None:
        err.print("  " + text, markup=False)


def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when all is ready; ./eshik down ends it.")] = False,
    only: Annotated[str, typer.Option(metavar="PARTS", help="Only these parts with what they need, as in rabbitmq,mongo.")] = "",
    no_pages: Annotated[bool, typer.Option("--no-pages", help="Only the APIs: nothing is built, no Node is needed.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Without the invented people's applications.")] = False,
) -> None:
    """Start everything on this machine and show its addresses.

    The first start makes the environment, installs RabbitMQ where it is missing (Debian 12, as root or with sudo), builds
    the pages' styles and fills in a small consulate of invented people. A start cleans up what a killed stack left. In the
    foreground, Ctrl-C takes everything down again.
    """
    filled = not empty and not only
    only = only or (ALL_BUT_THE_PAGES if no_pages else "")
    stack = _stack_or_fail()
    if stack.is_up():
        _fill(stack, wanted=filled)
        out.print("[bold]Eshik is already up[/] [dim](./eshik down ends it)[/]\n")
        _show_addresses(stack)
        return
    _name_untested_system()
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup keeps us running
        signal.signal(signal.SIGHUP, _as_ctrl_c)
    record = start(stack, foreground=not detach, only=only)
    try:
        _fill(stack, wanted=filled)
        out.print(f"[bold]Eshik is up[/] [dim]({record.seconds:.1f} s)[/]\n")
        _show_addresses(stack)
        if detach:
            out.print("\n[dim]Next: ./eshik demo, ./eshik status, ./eshik inbox; ./eshik down ends it.[/]")
            return
        out.print("\n[dim]Ctrl-C takes it down. Warnings and errors appear here; all else is in[/]", end=" ")
        out.print(str(stack.places.logs), style="dim", markup=False)
        _stay(stack)
    except KeyboardInterrupt:
        out.print()
        _take_down(stack)
        out.print("Eshik is down.")


def _fill(stack: Stack, *, wanted: bool) -> None:
    """The small consulate of invented people, where it is not there yet. Its absence never keeps the stack from working."""
    record = stack.record()
    running = {part.name for part in record.parts if part.pid} if record else set()
    if not wanted or not running.issuperset(SERVICES):
        return
    from cli.seed import SeedFailed, seed  # here: httpx and Pillow slow down each ./eshik command's start

    try:
        seed(stack)
    except SeedFailed as reason:
        err.print(f"[yellow]The invented people's applications are not all there:[/] {escape(str(reason))}")


def start(stack: Stack, *, foreground: bool = False, only: str = "") -> StackRecord:
    """Bring the stack up with progress on stderr; ends the command with the reason when that fails. For demo too."""
    try:
        with Progress() as progress:
            return stack.bring_up(progress.show, progress.say, foreground=foreground, only=only)
    except (StackFailed, Obstacle) as reason:
        fail(str(reason))
    except KeyboardInterrupt:
        _take_down(stack)
        raise typer.Exit(130) from None


def down() -> None:
    """End everything that up started, also what a killed one left, and wait until it is gone."""
    stack = _stack_or_fail()
    was_running = stack.record() is not None
    ended = _take_down(stack)
    if ended:
        names = ", ".join(sorted(set(ended.values())))
        err.print(f"[dim]Ended what had been left without a supervisor: {names}.[/]")
    out.print("Eshik is down." if was_running or ended else "Nothing was running.")


def _stay(stack: Stack) -> None:
    """Show what goes wrong until the supervisor ends; Ctrl-C is the caller's."""
    tails = [LogTail(name, stack.places.logs / f"{name}.log") for name in PROCESSES]
    tails.append(LogTail("", stack.supervisor_log, everything=True))
    while stack.record() is not None:
        for tail in tails:
            for line in tail.new_lines():
                out.print(f"[yellow]{tail.name:<14}[/]" if tail.name else "", end="")
                out.print(line, markup=False)
        time.sleep(LOOK_EVERY_S)
    left = stack.take_down()
    if left:
        fail("the supervisor was killed; everything it had started was ended. ./eshik up starts anew.")
    out.print("Eshik was taken down.")


def _take_down(stack: Stack) -> dict[int, str]:
    if stack.record() is None and not stack.leftovers():
        return {}
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Progress() as progress:
            return stack.take_down(progress.show)
    except KeyboardInterrupt:  # a second Ctrl-C: no more patience
        err.print("  ending everything at once")
        return stack.end_at_once()


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stack_or_fail() -> Stack:
    try:
        return the_stack()
    except Obstacle as obstacle:
        fail(str(obstacle))


def _name_untested_system() -> None:
    release = os_release()
    known = support(release)
    if known != "supported":
        err.print(f"[yellow]{system_name(release)} is {known}:[/] Eshik's local stack is made for Debian 12.")


def _progress_table(record: StackRecord) -> Table:
    table = Table.grid(padding=(0, 2))
    for part in record.parts:
        if part.state != "absent":
            state = "" if part.state == "ready" else part.note or part.state
            table.add_row(" ", MARKS.get(part.state, "[dim]·[/]"), part.name, f"[dim]{state}[/]")
    return table


def _show_addresses(stack: Stack) -> None:
    record = stack.record()
    ports = stack.ports
    parts = record.parts if record else []
    if any(part.name == PORTAL and part.pid for part in parts):
        out.print(f"  [bold green]Open {ports.pages_url}[/] [dim]and sign in as one of the invented people below[/]\n")
    rows = [
        [f"  {part.name}", part.address or "–", f"[dim]{part.note or 'its API is described in /openapi.json'}[/]"]
        for part in parts
        if part.name in SERVICES
    ]
    for name, address, note in _tools(ports, {part.name for part in parts if part.pid}):
        rows.append([f"  {name}", address, f"[dim]{note}[/]"])
    show_rows(rows)
    _show_accounts(DEMO_ACCOUNTS)


def _tools(ports: Ports, running: set[str]) -> list[tuple[str, str, str]]:
    rows = [
        ("rabbitmq", "RabbitMQ", f"http://{LOOPBACK}:{ports.rabbit_management}", "its own pages; guest, guest"),
        ("mongo", "MongoDB", ports.mongo_url, "SecantusDB, which speaks MongoDB's protocol"),
        ("mail-sink", "inbox", f"http://{LOOPBACK}:{ports.inbox}/messages", "e-mails and SMS; they reach nobody else"),
    ]
    return [(name, address, note) for part, name, address, note in rows if part in running]


def _show_accounts(path: Path) -> None:
    people = json.loads(path.read_text(encoding="utf-8"))
    out.print("\n  [bold]Demo accounts[/] [dim](invented people)[/]")
    show_rows(
        [
            [
                f"  {person['login']}",
                " and ".join(ROLES[role] for role in person.get("roles", ["citizen"])),
                person["post_id"],
                f"[dim]{person['name']}, {person['language']}[/]",
            ]
            for person in [*people["citizens"], *people["officers"]]
        ]
    )
