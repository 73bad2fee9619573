"""A browser without scripts, to walk through the portal's pages over running services."""

import re

import httpx

from services.portal import csrf
from services.portal.session import Session
from tests.unit.portal.portal import COOKIE

FIELD = re.compile(r'name="csrf_token" value="(\w+)"')


class Visitor:
    """A browser without scripts: it keeps its cookies, and sends forms with the token of the page that it saw last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client, self._token = client, ""

    async def open(self, path: str) -> httpx.Response:
        return self._seen(await self._client.get(path))

    async def send(self, path: str, **fields: str) -> httpx.Response:
        if not self._token:
            await self.open("/sign-in")
        return self._seen(await self._client.post(path, data={csrf.FIELD: self._token, **fields}))

    def session(self) -> Session:
        return COOKIE.read(self._client.cookies[COOKIE.name])

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        found = FIELD.search(answer.text)
        self._token = found[1] if found else self._token
        return answer
