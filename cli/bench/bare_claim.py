"""The floor of W7: what any claim must do that loses nothing, in one PyMongo transaction of a bare process; and a page's query.

It looks for the Idempotency-Key, reads the case and what is declared of its people, writes the case where its version is still
the one it read, and leaves the four rows of a claim: the entry of the journal, the claim, the job that ends it, the answer
under the key. It makes as many commands as ours. Its rows are ours, sealed beforehand: the floor opens and seals nothing,
judges nothing, and does not know who may claim. Beside it stands a claim that is one update by version and leaves nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import AsyncMongoClient, ReadPreference, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from cli.bench.child import Link
from cli.bench.documents import Document, recall, renewed
from cli.bench.drafts import case_id, reference
from cli.bench.pace import at_once

MAJORITY = WriteConcern(w="majority", j=True)
AT_ONCE, ROWS = 20, 10
WAITING = {"post_id": "yek", "status": "submitted"}
SHOWN = dict.fromkeys(
    (
        *("reference", "citizen_id", "service_id", "service_version", "post_id", "status", "status_since", "started_at"),
        *("submitted_at", "applicant", "due_on", "claimed_by", "issue_problem", "turn"),
    ),
    1,
)


class _Bare:
    def __init__(self, link: Link) -> None:
        self.client: AsyncMongoClient[Document] = AsyncMongoClient(
            link.place.mongo_url, tz_aware=True, maxPoolSize=64, w="majority", journal=True
        )
        self.db = self.client[f"{link.settings['prefix']}applications"]
        self._learned = recall(link.settings["learned"])

    def written(self, number: int) -> dict[str, Document]:
        """What a claim leaves, for this case."""
        instead = {case_id(0): case_id(number), reference(0): reference(number)}
        rows = {name: renewed(documents[0], instead) for name, documents in self._learned.items()}
        key: str = rows["idempotency_keys"]["_id"]
        rows["idempotency_keys"]["_id"] = f"{key[:-8]}{number:08d}"
        return rows

    async def claim(self, number: int, rows: Mapping[str, Document]) -> None:
        async def body(session: AsyncClientSession) -> None:
            db = self.db
            await db.idempotency_keys.find_one({"_id": rows["idempotency_keys"]["_id"]}, session=session)
            found = await db.applications.find_one({"_id": case_id(number)}, session=session)
            people = [rows["applications"]["claimed_by"], rows["applications"]["citizen_id"]]
            await db.relations.find({"people": {"$in": people}, "ended": None}, session=session).to_list()
            guard = {"_id": case_id(number), "version": found["version"] if found else 0}
            await db.applications.replace_one(guard, rows["applications"], session=session)
            for name in ("journal", "claims", "jobs", "idempotency_keys"):
                await db[name].insert_one(rows[name], session=session)

        async with self.client.start_session() as session:
            await session.with_transaction(
                body, read_concern=ReadConcern("snapshot"), write_concern=MAJORITY, read_preference=ReadPreference.PRIMARY
            )

    async def claim_alone(self, number: int, rows: Mapping[str, Document]) -> None:
        version = rows["applications"]["version"]
        guard = {"_id": case_id(number), "version": version - 1, "claimed_by": None}
        change = {"claimed_by": rows["applications"]["claimed_by"], "status": "in_review", "version": version}
        await self.db.applications.update_one(guard, {"$set": change})

    async def page(self, after: str | None) -> int:
        query: Document = dict(WAITING)
        if after is not None:
            last = await self.db.applications.find_one({"_id": after}, {"turn.key": 1})
            key = last["turn"]["key"] if last else ""
            query |= {"turn.key": {"$gte": key}, "$or": [{"turn.key": {"$gt": key}}, {"_id": {"$gt": after}}]}
        return len(await self.db.applications.find(query, SHOWN).sort([("turn.key", 1), ("_id", 1)]).limit(ROWS).to_list())


async def serve(link: Link) -> None:
    await _claims(link, bare := _Bare(link), bare.claim)
    from cli.bench.worklist import page_times  # here: it takes this module

    asked = await link.heard("pages")
    link.say(done=await page_times(bare.page, case_id(asked["late"]), asked["times"]))


async def serve_alone(link: Link) -> None:
    bare = _Bare(link)
    await _claims(link, bare, bare.claim_alone)


async def _claims(link: Link, bare: _Bare, claim: Any) -> None:
    """Twice: to warm up, and measured."""
    link.say(ready=True)
    for _ in range(2):
        asked = await link.heard("claims")
        numbers = range(asked["first"], asked["first"] + asked["count"])
        rows = {number: bare.written(number) for number in numbers}

        async def do(number: int, rows: Mapping[int, Mapping[str, Document]] = rows) -> None:
            await claim(number, rows[number])

        link.say(done=(await at_once(numbers, AT_ONCE, do)).as_data())
