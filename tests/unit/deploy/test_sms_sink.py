"""The SMS gateway's stand-in: the address that ./eshik status shows answers with what came."""

from pathlib import Path

import httpx

from deploy.local.sinks.sms import create_app


async def test_what_came_is_listed_newest_last(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(create_app(tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://sink") as sink:
        assert (await sink.get("/messages")).json() == []
        for name in ("n-1", "n-2", "n-1"):
            await sink.post("/messages", json={"id": name, "to": "+79120000101", "text": "Документ даяр"})
        listed = (await sink.get("/messages")).json()
        assert [(one["id"], one["to"], one["text"], one["deliveries"]) for one in listed] == [
            ("n-1", ["+79120000101"], "Документ даяр", 2),
            ("n-2", ["+79120000101"], "Документ даяр", 1),
        ]
        assert (await sink.get("/messages/n-1")).json()["deliveries"] == 2
