"""How a connection ends when its process is told to: uvicorn --http shared.web.draining:Draining."""

from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE_S = 0.5


class Draining(H11Protocol):
    """uvicorn closes what is idle at once, and with it a connection whose request is on its way: its caller cannot know whether
    anybody read it. Here such a connection stays open for a moment; an answer given in it says that it is the last."""

    _ending = False

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
