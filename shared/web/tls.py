"""The one TLS context of a process's calls to others: reading all authorities costs 15 ms of CPU, for each client anew."""

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Verifies as httpx does by default, with the certificate authorities that come with it."""
    return httpx.create_ssl_context(trust_env=False)
