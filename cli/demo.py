"""./eshik demo: one real case of any service, a whole day of them, or a look ahead in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cli.casework.desk import Desk, DeskFailed
from cli.casework.one import CITIZEN, POST, SHORT, show_service, tell
from cli.casework.play import play_day
from cli.console import fail, out
from cli.stack import Stack, the_stack
from cli.up import start
from deploy.local.places import write_whole
from services.applications.catalogue import the_catalogue
from services.applications.domain.service_definition import ServiceDefinition
from shared.clock import FURTHEST, FileClock


def demo(
    service: Annotated[
        str, typer.Option(metavar="CODE", help="Any service that is offered: ./eshik catalogue list.")
    ] = "registration",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON in the last line.")] = False,
    day: Annotated[
        bool, typer.Option("--day", help="Play a whole day at three consulates on the moved clock, and draw it.")
    ] = False,
    applications: Annotated[int, typer.Option(min=1, max=2000, help="With --day: how many are handed in.")] = 200,
    seed: Annotated[int, typer.Option(help="With --day: the same number gives the same plan.")] = 1,
    ahead: Annotated[
        int | None,
        typer.Option(metavar="N", help="Move the stack's clock N days ahead and show what falls due; 0 sets it right again."),
    ] = None,
) -> None:
    """Start what isn't running, then drive one case over the public HTTP API, showing each step.

    A citizen applies, an officer proposes, a second one decides, the document is signed, and e-mail and SMS go out.
    """
    stack = the_stack()
    if ahead is not None:
        _check_days(stack, ahead)
    known = _service(service)
    if not stack.is_up():
        start(stack)
    try:
        if ahead is not None:
            _show_time(stack, ahead)
        elif day:
            play_day(stack, applications, seed)
        else:
            show_service(stack, known, as_json=as_json)
    except DeskFailed as error:
        fail(str(error))


def _service(given: str) -> ServiceDefinition:
    """By its id, or the short name of one of the first three. Ends where it is not offered."""
    offered = {service.id: service for service in the_catalogue().services()}
    found = offered.get(SHORT.get(given, given))
    return found or fail(f"there is no service {given}. Offered: {', '.join(offered)}")


def _check_days(stack: Stack, days: int) -> None:
    ahead = round(_offset(stack) / 86_400)
    if days < 0:
        fail("the clock only moves ahead: give a number of days, or 0 to set it right again")
    if days > FURTHEST.days - ahead:
        already = f"it is {ahead} days ahead already, and " if ahead else ""
        fail(f"{already}the clock moves {FURTHEST.days} days ahead at most; 0 sets it right again. Nothing was changed")


def _show_time(stack: Stack, days: int) -> None:
    if days == 0:
        write_whole(stack.places.clock, "0")
        out.print("The stack's clock shows the real time again.")
        return
    asyncio.run(_left_draft(stack, days))


async def _left_draft(stack: Stack, days: int) -> None:
    """What becomes of a draft that nobody touches."""
    async with Desk(stack.ports, stack.places.inbox, tell) as desk:
        asked = {"service_id": SHORT["registration"], "post_id": POST}
        draft = await desk.post(CITIZEN.login, "/api/applications", asked)
        own = f"/api/applications/{draft['id']}"
        closes = (await desk.get(CITIZEN.login, own))["draft_closes_at"]
        tell(CITIZEN.login, f"begins {draft['reference']} and leaves it; an untouched draft closes at {closes}")
        write_whole(stack.places.clock, str(_offset(stack) + days * 86_400))
        now = datetime.now(UTC) + timedelta(seconds=_offset(stack))
        tell("clock", f"moved {days} days ahead: the stack now shows {now:%Y-%m-%d %H:%M} UTC")
        desk.forget_sessions()

        async def closed() -> bool | None:
            return True if (await desk.get(CITIZEN.login, own))["status"] == "expired" else None

        if datetime.fromisoformat(closes) <= now:
            await desk.eventually(closed, "the draft is still open")
        status = await desk.get(CITIZEN.login, own)
        tell("time", f"{draft['reference']} is now: “{status['status_text']}”")
    out.print("\n./eshik demo --ahead 0 sets the clock right again.")


def _offset(stack: Stack) -> float:
    return FileClock(stack.places.clock).offset().total_seconds()
