"""What a request meets deep inside, as a broken seal, is counted as its app's, so that an alert can see it."""

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.metrics import Metrics, current_metrics


class CountHere:
    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            current_metrics.set(self._metrics)  # not reset: a request is a task of its own
        await self.app(scope, receive, send)
