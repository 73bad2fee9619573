"""How often somebody may ask: so many requests a minute from one address and of one account, fewer where it costs or guesses.

Counted in this process. A service with several processes lets through that many times more; what must hold over all of them
(codes, passwords) is counted in the database as well (services/identity/counted.py; docs/adr/0023).
"""

import re
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from shared.addresses import network_of, site_of

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 30
MOST_KEYS = 100_000  # about 30 MB
SITES = 8  # a /48 may ask as often as so many networks in it
WINDOW_S = 60
DEFAULT = "default"
TRIES = "tries"
FILE = Path(__file__).with_name("rates.toml")


class Windows(MemoryStorage):
    """The library's own storage looks at every key it has at each hit; this one does so every half minute, and has a bound."""

    def __init__(self) -> None:
        super().__init__()
        self._sweep_at = time.time() + SWEEP_EVERY_S

    async def get(self, key: str) -> int:
        return self.storage.get(key, 0) if self.expirations.get(key, 0.0) > time.time() else 0

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        if now >= self._sweep_at or len(self.storage) >= MOST_KEYS:
            self._sweep(now)
        if self.expirations.get(key, 0.0) <= now:
            self.storage[key], self.expirations[key] = 0, now + expiry
        self.storage[key] += amount
        return self.storage[key]

    async def decr(self, key: str, amount: int = 1) -> int:
        if key in self.storage:
            self.storage[key] = max(0, self.storage[key] - amount)
        return self.storage.get(key, 0)

    def _sweep(self, now: float) -> None:
        for key in [key for key, until in self.expirations.items() if until <= now]:
            del self.expirations[key], self.storage[key]
        if len(self.storage) >= MOST_KEYS:  # more addresses than we can remember: nobody is refused for it
            log.warning("rate_limits_forgotten", keys=len(self.storage))
            self.storage.clear()
            self.expirations.clear()
        self._sweep_at = now + SWEEP_EVERY_S


@dataclass(frozen=True, slots=True)
class RateClass:
    """Routes that share a count. 0: no limit."""

    name: str
    per_address: int
    per_account: int


@dataclass(frozen=True, slots=True)
class Over:
    """Who asked too often. by: address or account."""

    by: str
    rate: RateClass
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """RFC 9110's Retry-After, and the fields of draft-ietf-httpapi-ratelimit-headers."""
        most = self.rate.per_address if self.by == "address" else self.rate.per_account
        return {
            "Retry-After": str(self.seconds),
            "RateLimit-Policy": f'"{self.rate.name}";q={most};w={WINDOW_S}',
            "RateLimit": f'"{self.rate.name}";r=0;t={self.seconds}',
        }


class Rates:
    """For one process: its classes, and what was counted."""

    def __init__(self, service: str, *, per_address: int, per_account: int, tries: int) -> None:
        """tries: of the class of that name, for one address. The others are in rates.toml."""
        self._limiter = SlidingWindowCounterRateLimiter(Windows())
        self._default = RateClass(DEFAULT, per_address, per_account)
        self.routes = routes_of(service, self._default, tries)
        self._exact = {route: rate for route, rate in self.routes.items() if "{" not in route}
        self._templates = [(_pattern(route), rate) for route, rate in self.routes.items() if "{" in route]

    def class_of(self, method: str, path: str) -> RateClass:
        asked = f"{method} {path}"
        if rate := self._exact.get(asked):
            return rate
        return next((rate for pattern, rate in self._templates if pattern.fullmatch(asked)), self._default)

    async def count_address(self, address: str, rate: RateClass) -> Over | None:
        """In: an address as TellAddress found it. None: go on."""
        if over := await self._over(rate, "address", rate.per_address, network_of(address)):
            return over
        site = site_of(address)
        return await self._over(rate, "address", rate.per_address * SITES, site) if site else None

    async def count_account(self, account: str, rate: RateClass) -> Over | None:
        return await self._over(rate, "account", rate.per_account, account)

    async def _over(self, rate: RateClass, by: str, most: int, who: str) -> Over | None:
        if not most:
            return None
        limit = RateLimitItemPerMinute(most)
        if await self._limiter.hit(limit, rate.name, by, who):
            return None
        stats = await self._limiter.get_window_stats(limit, rate.name, by, who)
        return Over(by, rate, max(1, ceil(stats.reset_time - time.time())))


def routes_of(service: str, default: RateClass, tries: int) -> Mapping[str, RateClass]:
    """As rates.toml says them; what a class does not say is as for all routes. Raises ValueError for a route in two classes."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8")).get(service, {})
    known: dict[str, RateClass] = {}
    for name, entry in said.items():
        per_address = tries if name == TRIES else entry.get("per_address", default.per_address)
        rate = RateClass(name, per_address, entry.get("per_account", default.per_account))
        for route in entry["routes"]:
            if route in known:
                raise ValueError(f"{route} is in two classes")
            known[route] = rate
    return known


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", route)))
