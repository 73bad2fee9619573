"""How a route changes or reads something: one command in one transaction, or one query, both within the request's time."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Concatenate, ParamSpec, TypeVar
from uuid import uuid4

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, WithJsonSchema

from shared.audit.checkpoint import promise
from shared.crash_points import crash_point
from shared.mongo.database import REQUEST_TIMEOUT_S, Db, Document, bounded
from shared.mongo.operation import Operation
from shared.mongo.transactions import OnceOnly, Transactions, UnitOfWork, UseCase
from shared.runtime import Runtime
from shared.texts import N_
from shared.web.asking import asker
from shared.web.problems import HttpProblem

C = TypeVar("C")
R = TypeVar("R")
P = ParamSpec("P")
Respond = Callable[[R], BaseModel]

PROMISED_WITHIN = timedelta(minutes=5)  # beside two checkpoints: the database may be away for a moment
_KEY = re.compile(r"[A-Za-z0-9._~:+/=-]{8,128}")
# only described: it is judged below, and by Commands.run for the routes that need one
_KeyText = Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{_KEY.pattern}$"})]
_KEY_MISSING = N_("Send the header Idempotency-Key with a value of your own (8 to 128 characters), the same when you repeat.")
_KEY_UNUSABLE = N_("This Idempotency-Key cannot be used: send 8 to 128 Latin letters and digits, and of signs . _ ~ : + / = -")


class Commands:
    """For one request. at: its time; new_id: an id made before the transaction."""

    def __init__(self, request: Request, idempotency_key: str | None) -> None:
        self._request, self._key = request, idempotency_key
        self._transactions: Transactions = request.app.state.runtime.transactions
        self.operation = Operation.now(self._transactions.clock)  # who asks is added when it runs: a token may be read after this
        self.at = self.operation.at

    @staticmethod
    def new_id() -> str:
        return str(uuid4())

    async def run(
        self, use_case: UseCase[C, R], command: C, respond: Respond[R], *, status: int = 200, promised: bool = False
    ) -> JSONResponse:
        """Run once per Idempotency-Key of this caller: a repeated request gets the stored response and changes nothing.
        promised: the answer's `promise` says by when the entry of this act will be under a checkpoint of the audit.

        Raises HttpProblem 400 without a usable key; the problem idempotency-key-reused (422) for the same key with other data.
        """
        once = OnceOnly(self._scope(), await self._request_hash())
        body, replayed = await self._transactions.run_idempotently(
            use_case,
            command,
            once,
            operation=self._asked(self.operation),
            respond=lambda result: respond(result).model_dump(mode="json"),
            receipt=self._promise if promised else None,
        )
        crash_point("request.before_reply")
        return JSONResponse(body, status, headers={"Idempotency-Replayed": "true"} if replayed else None)

    async def run_repeatable(self, use_case: UseCase[C, R], command: C, *, operation: Operation | None = None) -> R:
        """Run what may safely be repeated as it is (a PUT), without a key. operation: another step of the same request."""
        fixed = self._asked(operation or self.operation)
        return await self._transactions.run(use_case, command, operation=fixed, timeout_s=REQUEST_TIMEOUT_S)

    def next_operation(self) -> Operation:
        """For a request of several transactions (reserve, store, mark): ids of their own, the same trace."""
        return Operation.now(self._transactions.clock)

    def _promise(self, uow: UnitOfWork) -> Document:
        """None where no key signs. It is stored with the response, so a repeat gets the same."""
        runtime: Runtime = self._request.app.state.runtime
        if runtime.audit_key is None or uow.entry is None:
            return {"promise": None}
        collection, row = uow.entry
        source = next(source for source in runtime.audit_sources if source.collection == collection)
        by = uow.at + 2 * timedelta(seconds=runtime.settings.audit_checkpoint_every_s) + PROMISED_WITHIN
        return {"promise": promise(source.read(runtime.name, row), by, runtime.audit_key)}

    def _asked(self, operation: Operation) -> Operation:
        return replace(operation, who=asker(self._request))

    def _scope(self) -> str:
        if not self._key:
            raise HttpProblem(400, "idempotency-key-missing", _KEY_MISSING)
        if not _KEY.fullmatch(self._key):
            raise HttpProblem(400, "idempotency-key-unusable", _KEY_UNUSABLE)
        return f"{self._request.state.subject}:{self._key}"

    async def _request_hash(self) -> str:
        line = f"{self._request.method} {self._request.url.path}?{self._request.url.query}\n".encode()
        return hashlib.sha256(line + await self._request.body()).hexdigest()


class Queries:
    """Reads for one request."""

    def __init__(self, request: Request) -> None:
        self._db: Db = request.app.state.runtime.database.db

    async def run(self, query: Callable[Concatenate[Db, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        """Raises what the query raises, or DatabaseUnavailable within REQUEST_TIMEOUT_S."""
        return await bounded(query(self._db, *args, **kwargs), REQUEST_TIMEOUT_S)


# async: a plain function is sent to a thread, which costs more than all else that FastAPI does for a small request
async def _commands(
    request: Request,
    idempotency_key: Annotated[
        _KeyText | None, Header(description="A value of your own; repeat it when you repeat the request. Kept 7 days")
    ] = None,
) -> Commands:
    if idempotency_key and not _KEY.fullmatch(idempotency_key):  # of those that need none, too
        raise HttpProblem(400, "idempotency-key-unusable", _KEY_UNUSABLE)
    return Commands(request, idempotency_key)


async def _repeatable(request: Request) -> Commands:
    return Commands(request, None)


async def _queries(request: Request) -> Queries:
    return Queries(request)


RequestCommands = Annotated[Commands, Depends(_commands)]
RepeatableCommands = Annotated[Commands, Depends(_repeatable)]  # for routes that take no key: run_repeatable alone
RequestQueries = Annotated[Queries, Depends(_queries)]
UNDER_KEY, COMMANDS = _commands, {_commands, _repeatable}  # what the description of a route looks for
