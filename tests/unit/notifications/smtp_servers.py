"""Mail servers on real ports: aiosmtpd where it behaves, a scripted socket where a server misbehaves between the lines."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """An aiosmtpd handler that keeps what it takes; refusals by what it is told to answer."""

    rcpt_answer: str | None = None
    mail_answer: str | None = None
    data_answer: str = "250 kept"
    data_delay_s: float = 0
    kept: list[Envelope] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802  (aiosmtpd's own name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail_answer:
            return self.mail_answer
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.data_delay_s)
        if self.data_answer.startswith("2"):
            self.kept.append(envelope)
        return self.data_answer


@asynccontextmanager
async def listening(protocol: Callable[[], Any]) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def mail_server(mailbox: Mailbox, **options: Any) -> AsyncIterator[int]:
    async with listening(lambda: SMTP(mailbox, hostname="mx.example", enable_SMTPUTF8=False, **options)) as port:
        yield port


@dataclass
class Script:
    """Answers by the verb of a line; None hangs up without a word, and "" keeps silent."""

    greeting: str | None = "220 mx.example"
    answers: dict[str, str | None] = field(default_factory=dict)
    end_of_message: str | None = "250 kept"
    heard: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

    def answer(self, verb: str) -> str | None:
        return self.answers.get(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok"))


@asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(script, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _converse(script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if not await _say(writer, script.greeting):
        return
    while line := (await reader.readline()).decode().strip():
        verb = line.split(" ")[0].upper()
        script.heard.append(verb)
        if not await _say(writer, script.answer(verb)):
            return
        if verb == "DATA" and (script.answer(verb) or "").startswith("354"):
            script.messages.append(await reader.readuntil(b"\r\n.\r\n"))
            if not await _say(writer, script.end_of_message):
                return


async def _say(writer: asyncio.StreamWriter, line: str | None) -> bool:
    if line is None:
        return False
    if line:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()
    return True
