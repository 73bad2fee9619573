"""Going on with a sign-in: once for each refresh token, however many pages ask at once, and again for an answer that was lost.

A browser may not get the cookie with the new tokens: the line broke, or an older answer came after it. What it then shows
was used already, and identity would take it for a copy in somebody else's hands. So what was granted is remembered here for
as long as its access tokens last; the next page gets the same. What is remembered takes a bounded part of the memory: an
officer's tokens can be twenty times as long as a citizen's, so it is counted in bytes.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from services.portal.session import fingerprint

REMEMBERED_BYTES = 32 * 2**20  # some 8,000 citizens, or 1,700 officers at forty posts
_OF_EACH = 600  # bytes of Python's own, beside the tokens


@dataclass(frozen=True, slots=True)
class Granted:
    """until: epoch seconds; when the sign-in ends unless somebody comes before."""

    tokens: dict[str, str]
    refresh: str
    until: float

    @property
    def size(self) -> int:
        return _OF_EACH + len(self.refresh) + sum(len(token) for token in self.tokens.values())


class Renewals:
    """In this process only. Another one has identity's leeway of 30 seconds."""

    def __init__(self, runs_out: Callable[[dict[str, str]], bool], most_bytes: int = REMEMBERED_BYTES) -> None:
        self._runs_out, self._most, self._bytes = runs_out, most_bytes, 0
        self._known: OrderedDict[str, Granted] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, refresh: str, ask: Callable[[], Awaitable[Granted]]) -> Granted:
        """What this refresh token brings. Raises what ask raises."""
        key = fingerprint(refresh)
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:
            known = self._forget(key)
            if known is None or self._runs_out(known.tokens):
                known = await ask()
            self._remember(key, known)
            return known

    @property
    def remembered_bytes(self) -> int:
        return self._bytes

    def _remember(self, key: str, granted: Granted) -> None:
        """The one asked for longest ago goes first, and with it all at that end whose tokens have run out."""
        self._forget(key)
        self._known[key] = granted
        self._bytes += granted.size
        while self._known:
            oldest = next(iter(self._known))
            if self._bytes <= self._most and not self._runs_out(self._known[oldest].tokens):
                return
            self._forget(oldest)

    def _forget(self, key: str) -> Granted | None:
        known = self._known.pop(key, None)
        self._bytes -= known.size if known else 0
        return known
