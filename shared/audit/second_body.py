"""Where checkpoints go that the database's administrator can't reach: a folder that somebody else keeps, or their mailbox."""

import asyncio
import json
import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol
from urllib.parse import unquote, urlsplit

from shared.audit.checkpoint import digest
from shared.audit.keys import Jwk
from shared.config import Settings

MAIL_WITHIN_S = 10.0


class NotPlaced(Exception):
    """The second body did not take it, or holds another one under its number. reason: a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SecondBody(Protocol):
    """name: a word for metrics and for the row of the checkpoint."""

    @property
    def name(self) -> str: ...

    async def put(self, service: str, number: int, text: str, key: Jwk) -> None:
        """Keep it; the same once more changes nothing. Raises NotPlaced."""
        ...

    async def newest(self, service: str) -> tuple[int, str] | None:
        """Number and text of the newest one that it has; None: none, or it cannot be asked. Raises NotPlaced."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A file for each checkpoint, never written over; best on a disk of another machine, where we may only add files."""

    path: Path
    name: str = "folder"

    async def put(self, service: str, number: int, text: str, key: Jwk) -> None:
        try:
            await asyncio.to_thread(self._write, service, number, text, key)
        except OSError as error:
            raise NotPlaced(type(error).__name__) from error

    async def newest(self, service: str) -> tuple[int, str] | None:
        try:
            return await asyncio.to_thread(self._read, service)
        except OSError as error:
            raise NotPlaced(type(error).__name__) from error

    def _read(self, service: str) -> tuple[int, str] | None:
        numbers = [int(file.stem) for file in (self.path / service).glob("*.jws") if file.stem.isdecimal()]
        return (max(numbers), _file(self.path, service, max(numbers)).read_text().strip()) if numbers else None

    def _write(self, service: str, number: int, text: str, key: Jwk) -> None:
        folder = self.path / service
        folder.mkdir(parents=True, exist_ok=True)
        _lay(folder / f"key-{key['kid']}.json", json.dumps(key, indent=1).encode())
        _lay(_file(self.path, service, number), text.encode())


def _file(folder: Path, service: str, number: int) -> Path:
    return folder / service / f"{number:08d}.jws"


def _lay(path: Path, content: bytes) -> None:
    """Whole or not at all, and never over another. Raises NotPlaced, OSError."""
    if path.exists():
        if path.read_bytes() != content:
            raise NotPlaced("another-one-is-there")
        return
    with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(file.name, path)  # fails where somebody was faster
    except FileExistsError:
        raise NotPlaced("another-one-is-there") from None
    finally:
        Path(file.name).unlink()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An e-mail for each checkpoint to a body outside. url: as smtp://host:25, smtps:// or smtp+starttls://user:password@host."""

    url: str
    sender: str
    to: str
    name: str = "mail"

    async def put(self, service: str, number: int, text: str, key: Jwk) -> None:
        try:
            await asyncio.to_thread(self._send, service, number, text, key)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise NotPlaced(type(error).__name__) from error

    async def newest(self, service: str) -> tuple[int, str] | None:  # noqa: ARG002
        return None

    def _send(self, service: str, number: int, text: str, key: Jwk) -> None:
        message = EmailMessage()
        message["From"], message["To"] = self.sender, self.to
        message["Subject"] = f"Eshik audit checkpoint {service} {number}"
        message["Message-ID"] = f"<{digest(text)[:32]}@audit.eshik>"  # the same where it is sent twice
        message.set_content(f"Keep this message. ./eshik audit verify compares the audit with it.\n\n{text}\n")
        message.add_attachment(text.encode(), maintype="application", subtype="jose", filename=f"{service}-{number:08d}.jws")
        message.add_attachment(
            json.dumps(key).encode(), maintype="application", subtype="json", filename=f"key-{key['kid']}.json"
        )
        parts = urlsplit(self.url)
        if parts.scheme not in ("smtp", "smtps", "smtp+starttls") or not parts.hostname:
            raise ValueError("url")
        tls = ssl.create_default_context()
        if parts.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=MAIL_WITHIN_S, context=tls)
        else:
            client = smtplib.SMTP(parts.hostname, parts.port or 25, timeout=MAIL_WITHIN_S)
        with client:
            if parts.scheme == "smtp+starttls":
                client.starttls(context=tls)
            if parts.username:
                client.login(unquote(parts.username), unquote(parts.password or ""))
            client.send_message(message)


def second_bodies(settings: Settings) -> list[SecondBody]:
    """Those that are configured."""
    bodies: list[SecondBody] = []
    if settings.audit_checkpoint_folder:
        bodies.append(Folder(settings.audit_checkpoint_folder))
    if settings.audit_mail_to:
        bodies.append(Mailbox(settings.audit_mail_url.get_secret_value(), settings.audit_mail_from, settings.audit_mail_to))
    return bodies
