"""What the two sinks received, read back from the inbox folder."""

from __future__ import annotations

import json
from datetime import datetime
from email import policy
from email.parser import BytesParser
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

Channel = Literal["email", "sms"]


class ReceivedMessage(BaseModel):
    """One message as a person would have got it. deliveries counts how often the sender handed it over."""

    channel: Channel
    id: str
    received_at: datetime
    to: list[str]
    subject: str | None = None
    text: str
    html: str | None = None
    attachments: list[str] = []
    headers: dict[str, str] = {}
    deliveries: int = 1
    file: str


def email_folder(inbox: Path) -> Path:
    return inbox / "email"


def sms_folder(inbox: Path) -> Path:
    return inbox / "sms"


def received(inbox: Path, channel: Channel | None = None) -> list[ReceivedMessage]:
    """All messages in the inbox, newest last."""
    messages: list[ReceivedMessage] = []
    if channel in (None, "email"):
        messages += [_read_email(path) for path in email_folder(inbox).glob("[!.]*.eml")]
    if channel in (None, "sms"):
        messages += [read_sms(path) for path in sms_folder(inbox).glob("[!.]*.json")]
    return sorted(messages, key=lambda message: (message.received_at, message.file))


def read_sms(path: Path) -> ReceivedMessage:
    """One stored SMS."""
    return ReceivedMessage.model_validate({**json.loads(path.read_bytes()), "channel": "sms", "file": path.name})


@lru_cache(maxsize=10_000)
def _read_email(path: Path) -> ReceivedMessage:
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    return ReceivedMessage(
        channel="email",
        id=str(message.get("Message-ID", path.stem)),
        received_at=datetime.fromisoformat(str(message["X-Sink-Received-At"])),
        to=[address.strip() for address in str(message["X-Sink-To"]).split(",")],
        subject=str(message.get("Subject", "")),
        text=text.get_content() if text else "",
        html=html.get_content() if html else None,
        attachments=[part.get_filename() or "unnamed" for part in message.iter_attachments()],
        headers={name.lower(): str(value) for name, value in message.items()},
        file=path.name,
    )
