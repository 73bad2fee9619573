"""Going on with a sign-in: once for each refresh token, however many pages ask at once, and again for an answer that was lost.

A browser may not get the cookie with the new tokens: the line broke, or an older answer came after it. What it then shows
was used already, and identity would take it for a copy in somebody else's hands. So what was granted is remembered here for
as long as its access tokens last; the next page gets the same.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from services.portal.session import fingerprint

REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Granted:
    """until: epoch seconds; when the sign-in ends unless somebody comes before."""

    tokens: dict[str, str]
    refresh: str
    until: float


class Renewals:
    """In this process only. Another one has identity's leeway of 30 seconds."""

    def __init__(self, runs_out: Callable[[dict[str, str]], bool]) -> None:
        self._runs_out = runs_out
        self._known: OrderedDict[str, Granted] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, refresh: str, ask: Callable[[], Awaitable[Granted]]) -> Granted:
        """What this refresh token brings. Raises what ask raises."""
        key = fingerprint(refresh)
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            known = self._known.pop(key, None)
            if known is None or self._runs_out(known.tokens):
                known = await ask()
            self._known[key] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            return known
