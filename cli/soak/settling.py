"""Waiting until all that was asked for is worked off: nothing unsent, nothing queued, no job that is still to be done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from deploy.local.environment import SERVICES
from deploy.local.ports import LOOPBACK, Ports
from shared.mongo.purge_job import PURGE

ANSWER_WITHIN_S = 10
LOOK_EVERY_S = 1.0
CALM_LOOKS = 3  # the broker counts every 2 s: what it says once may be old
# clear away, close old drafts, delete by rule at night, or ask again about what nobody knows: no work that a case waits for
LATER = ("expire_draft", "sweep_attachment", "sweep_files", "ask_about_notification", PURGE)
NOT_TODAY = timedelta(
    hours=1
)  # what was never tried and is due after that (terms, requests, visits) is for a day the soak does not see
Databases = dict[str, Database[dict[str, Any]]]


def databases(ports: Ports) -> tuple[MongoClient[dict[str, Any]], Databases]:
    client: MongoClient[dict[str, Any]] = MongoClient(
        ports.mongo_url, serverSelectionTimeoutMS=ANSWER_WITHIN_S * 1000, socketTimeoutMS=60_000, tz_aware=True
    )
    return client, {name: client[name] for name in SERVICES}


def open_work(ports: Ports) -> dict[str, int]:
    """What is left to do, by its kind; empty when all is done."""
    left: dict[str, int] = {}
    client, found = databases(ports)
    try:
        for name, db in found.items():
            left[f"events unsent by {name}"] = db.outbox.count_documents({})
            soon = {"$or": [{"attempts": {"$gt": 0}}, {"due_at": {"$lt": datetime.now(UTC) + NOT_TODAY}}]}
            at_work = {"$or": [{"state": "leased"}, {"state": "waiting", "kind": {"$nin": LATER}, **soon}]}
            left[f"jobs of {name}"] = db.jobs.count_documents(at_work)
        left["queued messages"] = _queued(ports)
    except (PyMongoError, httpx.HTTPError, ValueError) as error:
        left[f"no answer ({type(error).__name__})"] = 1
    finally:
        client.close()
    return {what: count for what, count in left.items() if count}


def _queued(ports: Ports) -> int:
    url = f"http://{LOOPBACK}:{ports.rabbit_management}/api/queues"
    answer = httpx.get(url, auth=("guest", "guest"), timeout=ANSWER_WITHIN_S, trust_env=False)
    answer.raise_for_status()
    return sum(int(queue.get("messages", 0)) for queue in answer.json())


async def settle(ports: Ports, bound_s: float, tell: Callable[[dict[str, int]], None]) -> dict[str, int]:
    """Wait until nothing is left, at most bound_s. Out: what is left all the same."""
    end = time.monotonic() + bound_s
    calm = 0
    while True:
        left = await asyncio.to_thread(open_work, ports)
        calm = 0 if left else calm + 1
        if calm == CALM_LOOKS or (left and time.monotonic() > end):
            return left
        tell(left)
        await asyncio.sleep(LOOK_EVERY_S)
