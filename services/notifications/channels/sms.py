"""SMS by an HTTP gateway: POST /messages {"id", "to", "text"}.

The id is the notification's, so that a gateway can tell a repeated message from a new one, and GET /messages/{id} answers
whether it knows it. Never GET to send: that puts a number and a text into the logs of everything on the way.
"""

import httpx

from services.notifications.channels.outcomes import Accepted, NotHandedOver, Outcome, Rejected, Uncertain
from shared.web.tls import authorities

MOST_CONNECTIONS = 10  # more than jobs work at once
_NOTHING_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TRY_AGAIN = frozenset({401, 403, 408, 425, 429, 503})  # refused before it was taken; ours to put right, or theirs


class SmsChannel:
    def __init__(self, gateway_url: str, *, timeout_s: float = 15) -> None:
        # no kept-alive connection: one that died while idle would make a message look lost that was never sent
        self._client = httpx.AsyncClient(
            base_url=gateway_url,
            timeout=httpx.Timeout(timeout_s, connect=5),
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
            verify=authorities(),
        )

    async def send(self, *, notification_id: str, to: str, text: str) -> Outcome:
        """Hand one message over, under the notification's id."""
        try:
            response = await self._client.post("/messages", json={"id": notification_id, "to": to, "text": text})
        except _NOTHING_LEFT:
            return NotHandedOver("sms-gateway-unreachable")
        except httpx.HTTPError:
            return Uncertain("sms-gateway-no-answer")
        if response.is_success:
            return Accepted()
        reason = f"sms-gateway-{response.status_code}"
        if response.status_code in _TRY_AGAIN:
            return NotHandedOver(reason)
        return Rejected(reason) if response.is_client_error else Uncertain(reason)

    async def knows(self, notification_id: str) -> bool:
        """Whether the gateway says it has the message. False where it does not, or does not answer."""
        try:
            response = await self._client.get(f"/messages/{notification_id}")
        except httpx.HTTPError:
            return False
        return response.is_success

    async def has_delivered(self, notification_id: str) -> bool:
        """Whether the gateway has a receipt of the phone. False where it has none yet, or does not answer."""
        try:
            response = await self._client.get(f"/messages/{notification_id}")
            return response.is_success and response.json().get("status") == "delivered"
        except (httpx.HTTPError, ValueError, AttributeError):
            return False

    async def aclose(self) -> None:
        await self._client.aclose()
