"""E-mail by SMTP, phase by phase: until the message's own bytes are written, the server provably has nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.notifications.channels.outcomes import Accepted, NotHandedOver, Outcome, Rejected, Uncertain
from services.notifications.domain.wording import Email

START_INPUT = 354


class UnusableSmtpUrl(ValueError):
    """The address of the mail server is not smtp://, smtps:// or smtp+starttls:// with a host."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """smtp: plain (STARTTLS where offered); smtp+starttls: STARTTLS or nothing; smtps: TLS from the first byte."""

    host: str
    port: int
    implicit_tls: bool = False
    require_starttls: bool = False
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORT or not parts.hostname:
            raise UnusableSmtpUrl("smtp://, smtps:// or smtp+starttls:// with a host is needed")
        return cls(
            host=parts.hostname,
            port=parts.port or _DEFAULT_PORT[parts.scheme],
            implicit_tls=parts.scheme == "smtps",
            require_starttls=parts.scheme == "smtp+starttls",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


_DEFAULT_PORT = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class _Stop(Exception):
    """The conversation ended before the message's bytes; outcome says how."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class _SubjectsWhole(EmailPolicy):
    """EmailPolicy's own folding puts a space between two encoded words, where whoever reads it drops it: two words become one."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() != "subject" or value.isascii():
            return super().fold_binary(name, value)
        folded = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


_POLICY = _SubjectsWhole(linesep="\r\n")


class EmailChannel:
    def __init__(self, server: SmtpServer, *, sender: str, timeout_s: float = 20) -> None:
        self._server, self._timeout_s = server, timeout_s
        self._sender_name, self._sender = parseaddr(sender)

    async def send(self, *, notification_id: str, to: str, email: Email, at: datetime) -> Outcome:
        """Hand one message over. Sending the same notification again bears the same Message-ID."""
        try:
            message = self._message(notification_id, to, email, at)
        except (ValueError, IndexError, MessageError):
            return Rejected("address-not-supported")
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.implicit_tls,
            start_tls=False,
            timeout=self._timeout_s,
        )
        try:
            await self._until_ready_for_data(client, to)
            outcome = await self._hand_over(client, message)
        except _Stop as stop:
            outcome = stop.outcome
        await _leave(client)
        return outcome

    async def _until_ready_for_data(self, client: aiosmtplib.SMTP, to: str) -> None:
        """Connect to DATA's 354. Raises _Stop; nothing of the message is with the server then."""
        with _phase("connect", permanent_is_final=False):
            await client.connect()
            await client.ehlo()
        with _phase("tls", permanent_is_final=False):
            if self._server.require_starttls or (not self._server.implicit_tls and client.supports_extension("starttls")):
                await client.starttls()
        with _phase("login", permanent_is_final=False):
            if self._server.user is not None:
                await client.login(self._server.user, self._server.password or "")
        with _phase("sender", permanent_is_final=False):
            await client.mail(self._sender)
        with _phase("recipient", permanent_is_final=True):
            await client.rcpt(to)
        with _phase("data", permanent_is_final=True):
            response = await client.execute_command(b"DATA")
            if response.code != START_INPUT:
                raise aiosmtplib.SMTPDataError(response.code, "")

    async def _hand_over(self, client: aiosmtplib.SMTP, message: bytes) -> Outcome:
        """From here on a silence may mean that the server has the message."""
        protocol = client.protocol
        if protocol is None:
            return NotHandedOver("smtp-data-disconnected")
        try:
            protocol.write(_stuffed(message))
            response = await protocol.read_response(timeout=self._timeout_s)
        except (aiosmtplib.SMTPException, OSError):
            return Uncertain("smtp-no-answer-to-message")
        match response.code // 100:
            case 2:
                return Accepted()
            case 4:
                return NotHandedOver(f"smtp-message-{response.code}")
            case 5:
                return Rejected(f"smtp-message-{response.code}")
        return Uncertain("smtp-odd-answer-to-message")

    def _message(self, notification_id: str, to: str, email: Email, at: datetime) -> bytes:
        if not to.isascii():
            raise ValueError("SMTPUTF8 is not spoken here")
        message = EmailMessage(policy=_POLICY)
        message["From"] = Address(self._sender_name, addr_spec=self._sender)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = email.subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{notification_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(email.body, cte="base64")
        message["Content-Language"] = email.language
        return message.as_bytes()


@contextmanager
def _phase(name: str, *, permanent_is_final: bool) -> Iterator[None]:
    """Name what went wrong before the message's bytes. A 5xx to anything but recipient or data is about us, not about
    this message: it may be put right, so it is tried again."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        reason = f"smtp-{name}-{error.code}"
        final = permanent_is_final and error.code // 100 == 5
        raise _Stop(Rejected(reason) if final else NotHandedOver(reason)) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        reason = f"smtp-{name}-timeout" if isinstance(error, TimeoutError) else f"smtp-{name}-failed"
        raise _Stop(NotHandedOver(reason)) from None


def _stuffed(message: bytes) -> bytes:
    """RFC 5321, 4.5.2: a leading dot is doubled, a lone dot ends the message."""
    ended = message if message.endswith(b"\r\n") else message + b"\r\n"
    return (b"\r\n" + ended).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye where someone is there; what was said about the message stands either way."""
    try:
        if client.is_connected:
            await asyncio.wait_for(client.quit(), 2)
    except (aiosmtplib.SMTPException, OSError):
        pass
    finally:
        client.close()
