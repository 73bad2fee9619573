"""What each answer says to browsers: nothing of it is to be run, framed, guessed at, or kept."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# of an API: JSON and files, which no page of another site may take in
OF_APIS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # where a route says nothing else: most of what we answer is about somebody
}


class SecurityHeaders:
    """Adds to each answer what the route has not said itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = OF_APIS) -> None:
        self.app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name.lower(), value) for name, value in message.get("headers", ())]
                said = {name for name, _ in given}
                message["headers"] = [*given, *(header for header in self._headers if header[0] not in said)]
            await send(message)

        await self.app(scope, receive, with_headers)
