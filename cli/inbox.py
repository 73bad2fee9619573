"""./eshik inbox: what the local stack's people would have received."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from cli.console import out, print_json, show_rows
from cli.stack import the_stack
from deploy.local.sinks.received import ReceivedMessage, received

TEXT_SHOWN = 70


class ChannelChoice(StrEnum):
    email = "email"
    sms = "sms"


def inbox(
    channel: Annotated[ChannelChoice | None, typer.Option(help="Only this channel.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Whole texts instead of their beginnings.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the e-mails and SMS that the two sinks received, newest last. Works while the stack is down, too."""
    messages = received(the_stack().places.inbox, channel.value if channel else None)
    if as_json:
        print_json([message.model_dump(mode="json") for message in messages])
    elif not messages:
        out.print("Nothing has arrived yet.")
    elif full:
        for message in messages:
            _show_whole(message)
    else:
        _show_list(messages)


def _show_list(messages: list[ReceivedMessage]) -> None:
    rows = [
        [
            f"{message.received_at:%Y-%m-%d %H:%M:%S}",
            message.channel,
            escape(", ".join(message.to)),
            str(message.deliveries),
            escape(_beginning(message.subject or message.text)),
        ]
        for message in messages
    ]
    show_rows(rows, ["received (UTC)", "by", "to", "times", "message"])


def _show_whole(message: ReceivedMessage) -> None:
    out.print(f"[bold]{message.received_at:%Y-%m-%d %H:%M:%S}  {message.channel}  to {', '.join(message.to)}[/]")
    if message.subject:
        out.print(message.subject, markup=False)
    out.print(message.text.strip(), markup=False)
    out.print("".join(f"[dim]attached: {name}[/]\n" for name in message.attachments))


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT_SHOWN else line[: TEXT_SHOWN - 1] + "…"
