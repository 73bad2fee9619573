"""How a connection ends when its process is told to, or when no request comes: uvicorn --http shared.web.draining:Draining."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE_S = 0.5
HEAD_S = 15.0  # for the head of a request, from the connection or its first byte; uvicorn itself would wait for ever


class Draining(H11Protocol):
    """uvicorn closes what is idle at once, and with it a connection whose request is on its way: its caller cannot know whether
    anybody read it. Here such a connection stays open for a moment; an answer given in it says that it is the last."""

    _ending = False
    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:  # a part of a head
            self._await_head()
        else:
            self._head_came()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_S, self.transport.close)

    def _head_came(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def shutdown(self) -> None:
        self._ending = True
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(GRACE_S, self._end)
        else:
            super().shutdown()

    def handle_events(self) -> None:
        super().handle_events()
        if self._ending and self.cycle is not None:
            self.cycle.keep_alive = False

    def _end(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()
