"""From which address somebody asks. Only our own proxies are believed when they name another one than their own."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

LONGEST = 500  # of X-Forwarded-For; a proxy of ours writes one address


class Proxies:
    """The networks that our own proxies and processes are in. Raises ValueError for what is no network."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]
        self.holds = lru_cache(maxsize=4096)(self._holds)

    def _holds(self, address: str) -> bool:
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)

    def asker(self, peer: str, forwarded: str) -> str:
        """The last address of X-Forwarded-For that is not a proxy of ours; what stands before it anybody may have written."""
        if not self.holds(peer) or len(forwarded) > LONGEST:
            return peer
        told = [part.strip() for part in forwarded.split(",") if part.strip()]
        for address in reversed(told):
            if _parsed(address) is None:
                return peer  # a proxy of ours writes nothing but addresses
            if not self.holds(address):
                return address
        return told[0] if told else peer


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """One household or hostel has one IPv4 address, or a whole /64 of IPv6."""
    found = _parsed(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return address if found is None else str(found)


@lru_cache(maxsize=4096)
def site_of(address: str) -> str | None:
    """The /48 that one customer may have of IPv6, with 65,536 networks in it; None for IPv4."""
    found = _parsed(address.partition("%")[0])
    return str(ipaddress.ip_network((found, 48), strict=False)) if isinstance(found, ipaddress.IPv6Address) else None


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address written as IPv6 is the IPv4 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found
