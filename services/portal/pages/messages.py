"""The e-mails and SMS of a local stack, where they end instead of reaching anybody: the invented people's mailboxes."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from services.portal.access import Drawn
from services.portal.config import PortalSettings
from services.portal.csrf import form_of
from shared.web.tls import authorities

router = APIRouter(prefix="/messages")
NEWEST = 50
ANSWER_WITHIN_S = 4.0


@dataclass(frozen=True, slots=True)
class Inbox:
    """messages: newest first; away: what a sink that does not answer is called."""

    messages: list[dict[str, Any]]
    away: list[str]


@router.get("")
async def messages(request: Request, pages: Drawn) -> Response:
    return await _drawn(request, pages, "")


@router.post("")
async def messages_to(request: Request, pages: Drawn) -> Response:
    """Those to one address, which is sent by POST because addresses of people stand in no address of ours."""
    return await _drawn(request, pages, str((await form_of(request)).get("to") or ""))


async def _drawn(request: Request, pages: Drawn, to: str) -> Response:
    inbox = await _inbox(request.app.state.settings)
    addresses = sorted({address for message in inbox.messages for address in message["to"]})
    shown = [message for message in inbox.messages if not to or to in message["to"]][:NEWEST]
    context: dict[str, Any] = {"messages": shown, "addresses": addresses, "to": to if to in addresses else "", "away": inbox.away}
    return pages.render(request, "operator/messages.html", **context, path="/operator/messages", live=True)


async def _inbox(settings: PortalSettings) -> Inbox:
    """Raises HTTPException 404 where people's messages really leave."""
    if not (settings.local_stack and settings.inbox_url):
        raise HTTPException(404)
    sinks = {"email": settings.inbox_url, "sms": settings.sms_inbox_url or settings.inbox_url}
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False, verify=authorities()) as client:
        lists = await asyncio.gather(*(_listed(client, url, channel) for channel, url in sinks.items()))
    found = [message for listed in lists for message in listed or ()]
    return Inbox(
        messages=sorted(found, key=lambda message: str(message["received_at"]), reverse=True),
        away=[channel for channel, listed in zip(sinks, lists, strict=True) if listed is None],
    )


async def _listed(client: httpx.AsyncClient, url: str, channel: str) -> list[dict[str, Any]] | None:
    """What the sink of this channel holds; None where it does not answer as one."""
    try:
        answer = await client.get(f"{url.rstrip('/').removesuffix('/messages')}/messages", params={"channel": channel})
        return [message for message in answer.raise_for_status().json() if message["channel"] == channel]
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return None
