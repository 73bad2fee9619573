"""The simulated payment provider: a page on which somebody pays or fails to, signed words about it, and the list of a day.

No money moves. It is asked and answers as services/applications/fees/provider.py says, and is the place for a real one's rules.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from html import escape
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import httpx
import uvicorn
from pydantic import BaseModel, ConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.local.places import write_whole
from deploy.local.ports import LOOPBACK
from shared.amounts import amount_text
from shared.clock import Clock, clock_from
from shared.texts import Texts, best_language

HEADER = "Eshik-Payment-Signature"
FIELDS = ("checkout", "amount", "currency", "return")
TEXTS = Texts.load()
TRY_AGAIN = frozenset({401, 404, 409, 429})  # and all from 500 on
LONGEST_PAUSE_S = 60.0
PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:18px/1.5 sans-serif;max-width:28rem;margin:2rem auto;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1rem;margin:.5rem 0;width:100%}}a{{display:inline-block;padding:.6rem .6rem .6rem 0}}</style>
<nav>{others}</nav>
<h1>{title}</h1><p>{specimen}</p><p><strong>{amount}</strong></p>
<form method="post" action="/pay?{query}"><button name="how" value="succeeded">{pay}</button>
<button name="how" value="failed">{fail}</button></form><p><a href="{back}">{leave}</a></p></html>"""
WORDS = {  # as a provider, it has its own
    "ky": {
        "name": "Кыргызча",
        "title": "Төлөмдүн үлгүсү",
        "specimen": "ҮЛГҮ: бул жерде эч кандай акча алынбайт.",
        "pay": "Төлөө",
        "fail": "Төлөм өтпөй калсын",
        "leave": "Төлөбөй кайтуу",
    },
    "ru": {
        "name": "Русский",
        "title": "Имитация оплаты",
        "specimen": "ОБРАЗЕЦ: деньги здесь не списываются.",
        "pay": "Оплатить",
        "fail": "Пусть оплата не пройдёт",
        "leave": "Вернуться без оплаты",
    },
    "en": {
        "name": "English",
        "title": "Simulated payment",
        "specimen": "SPECIMEN: no money moves here.",
        "pay": "Pay",
        "fail": "Let the payment fail",
        "leave": "Back without paying",
    },
}


class Telling(BaseModel):
    """How words are told from now on. lost: never; twice: a second time; backwards: all that wait, the newest first."""

    model_config = ConfigDict(extra="forbid")

    words: Literal["normal", "lost", "twice", "backwards"] = "normal"


class Provider:
    def __init__(self, file: Path, secret: bytes, words_url: str, clock: Clock) -> None:
        self._file, self._secret, self._url, self._clock = file, secret, words_url, clock
        self.payments: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}
        self.telling = Telling()
        self._held: list[dict[str, Any]] = []  # to be told backwards
        self._tasks: set[asyncio.Task[None]] = set()

    def knows_link(self, asked: dict[str, str]) -> bool:
        text = "\n".join(f"{name}={asked.get(name, '')}" for name in FIELDS).encode()
        return hmac.compare_digest(self._sign(text), asked.get("signature", ""))

    def may_list(self, path: str, signature: str) -> bool:
        return hmac.compare_digest(self._sign(path.encode()), signature)

    def pay(self, asked: dict[str, str], how: str) -> dict[str, Any]:
        """Each visit is a payment of its own, as where somebody pays twice."""
        number = f"{asked['checkout']}-{len(self.payments)}"
        payment = {
            "payment": f"pay_{hashlib.sha256(number.encode()).hexdigest()[:20]}",
            "checkout": asked["checkout"],
            "state": how,
            "amount_minor": int(asked["amount"]),
            "currency": asked["currency"],
            "sequence": 1,
            "paid_at": self._clock.now().astimezone(UTC).isoformat(),
        }
        return self._keep(payment)

    def refund(self, payment_id: str) -> dict[str, Any]:
        known = self.payments[payment_id]
        return self._keep(known | {"state": "refunded", "sequence": known["sequence"] + 1})

    def of_day(self, day: str) -> list[dict[str, Any]]:
        return [one for one in self.payments.values() if one["paid_at"].startswith(day)]

    def _keep(self, payment: dict[str, Any]) -> dict[str, Any]:
        self.payments[payment["payment"]] = payment
        write_whole(self._file, json.dumps(self.payments).encode())
        self._tell(payment)
        return payment

    def _tell(self, payment: dict[str, Any]) -> None:
        if self.telling.words == "backwards":
            self._held.append(payment)
        elif self.telling.words != "lost":
            for _ in range(2 if self.telling.words == "twice" else 1):
                self._begin([payment])

    def tell_backwards(self) -> None:
        held, self._held = self._held, []
        self._begin([*reversed(held)])

    def _begin(self, payments: list[dict[str, Any]]) -> None:
        task = asyncio.create_task(self._one_after_the_other(payments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one_after_the_other(self, payments: list[dict[str, Any]]) -> None:
        for payment in payments:
            await self._until_heard(payment)

    async def _until_heard(self, payment: dict[str, Any]) -> None:
        body, pause_s = json.dumps(payment).encode(), 0.2
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            while True:
                moment = str(int(self._clock.now().timestamp()))
                signature = f"t={moment},v1={self._sign(moment.encode() + b'.' + body)}"
                headers = {HEADER: signature, "Content-Type": "application/json"}
                try:
                    answer = await client.post(self._url, content=body, headers=headers)
                    if answer.status_code < 500 and answer.status_code not in TRY_AGAIN:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _sign(self, text: bytes) -> str:
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Doors:
    """GET /pay is what a citizen sees; POST /pay pays; POST /payments/{id}/refund takes back; GET /payments/{day} is the list."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def page(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if not self._provider.knows_link(asked):
            return _problem(400, "this link is not signed by whom we know")
        if request.method == "GET":
            return HTMLResponse(_drawn(asked))
        how = dict(parse_qsl((await request.body()).decode())).get("how", "")
        if how not in ("succeeded", "failed"):
            return _problem(422, "how: succeeded or failed")
        self._provider.pay(asked, how)
        return RedirectResponse(asked["return"], status_code=303)

    async def refund(self, request: Request) -> Response:
        if request.path_params["payment"] not in self._provider.payments:
            return _problem(404, "no such payment")
        return JSONResponse(self._provider.refund(request.path_params["payment"]))

    async def listed(self, request: Request) -> Response:
        if not self._provider.may_list(request.url.path, request.headers.get(HEADER, "")):
            return _problem(401, "not signed")
        return JSONResponse(self._provider.of_day(request.path_params["day"]))

    async def behaviour(self, request: Request) -> Response:
        if request.method == "PUT":
            self._provider.telling = Telling.model_validate_json(await request.body())
            if self._provider.telling.words != "backwards":
                self._provider.tell_backwards()
        return JSONResponse(self._provider.telling.model_dump())

    async def live(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})


def create_app(file: Path, secret: bytes, words_url: str, clock: Clock) -> Starlette:
    provider = Provider(file, secret, words_url, clock)
    doors = Doors(provider)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        yield
        await provider.end()

    return Starlette(
        routes=[
            Route("/pay", doors.page, methods=["GET", "POST"]),
            Route("/payments/{payment}/refund", doors.refund, methods=["POST"]),
            Route("/payments/{day}", doors.listed),
            Route("/behaviour", doors.behaviour, methods=["GET", "PUT"]),
            Route("/health/ready", doors.live),
            Route("/health/live", doors.live),
        ],
        lifespan=life,
    )


def _drawn(asked: dict[str, str]) -> str:
    language = asked.get("language", "") if asked.get("language") in WORDS else best_language([])
    others = " ".join(
        f'<a lang="{code}" href="/pay?{escape(urlencode(asked | {"language": code}))}">{words["name"]}</a>'
        for code, words in WORDS.items()
        if code != language
    )
    amount = escape(amount_text(int(asked["amount"]), asked["currency"], language, TEXTS))
    back, query = escape(asked["return"]), escape(urlencode(asked))
    return PAGE.format(language=language, others=others, amount=amount, back=back, query=query, **WORDS[language])


def _problem(status: int, title: str) -> Response:
    return JSONResponse({"title": title}, status_code=status)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, required=True, help="where payments are kept")
    parser.add_argument("--secret-file", type=Path, required=True)
    parser.add_argument("--words-url", required=True, help="where words about payments are sent")
    parser.add_argument("--clock-file", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    given.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    app = create_app(given.file, given.secret_file.read_bytes().strip(), given.words_url, clock_from(given.clock_file))
    uvicorn.run(app, host=LOOPBACK, port=given.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
