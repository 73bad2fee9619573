"""GET /api/me/data in every service: what it keeps about the person who asks, page by page, and how much there is.

Nobody asks about somebody else: the person is the one of the token, and no parameter names one.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from shared.audit.entry import Kind
from shared.mongo.audit import AUDIT, audit_row
from shared.mongo.database import REQUEST_TIMEOUT_S, bounded
from shared.mongo.own_data import (
    COUNTED_UP_TO,
    LEFT_OUT_EVERYWHERE,
    OF_EVERY_SERVICE,
    SCHEMA_VERSION,
    WHO_ACTED,
    OwnData,
    Words,
    is_erased,
    own_page,
    own_summary,
)
from shared.runtime import Runtime
from shared.texts import Texts
from shared.tracing import trace
from shared.web.asking import asker
from shared.web.auth import SignedIn
from shared.web.language import language_of
from shared.web.recent import SignedInJustNow

ACT = "own-data:export"
NO_STORE = {"Cache-Control": "private, no-store"}


class OwnDataPage(BaseModel):
    """erased: your data here was erased; what is left says what was done when. records: each says of which kind it is in
    `record`; `in_words` is in your language and made for reading, all else is as it is kept; `file` has a path of this service,
    which the same token opens.
    """

    schema_version: int = Field(description="Of this answer. Fields may be added within a version")
    service: str
    person_id: str
    as_of: datetime
    language: str
    erased: bool
    records: list[dict[str, Any]]
    next: str | None = Field(description="Give it as `after` to read on; null: this was the last page")


class LeftOut(BaseModel):
    """field: null where nothing of the collection is given."""

    collection: str
    field: str | None
    why: str


class OwnDataSummary(BaseModel):
    """What an export would hold. not_given: what this service keeps and does not give, each with the reason (English)."""

    schema_version: int
    service: str
    erased: bool
    counts: dict[str, int] = Field(description=f"Records of each kind; {COUNTED_UP_TO} stands for that many or more")
    files: int
    bytes_of_files: int
    not_given: list[LeftOut]


def routes(data: OwnData) -> APIRouter:
    router = APIRouter(prefix="/api/me/data", tags=["own data"])
    kinds = (*data.kinds, *OF_EVERY_SERVICE)

    @router.get("")
    async def own_data(
        who: SignedInJustNow,
        request: Request,
        response: Response,
        after: Annotated[str | None, Query(max_length=400, description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 100,
    ) -> OwnDataPage:
        """All that this service keeps about you. 403 sign-in-again: needs a sign-in of the last minutes."""
        runtime: Runtime = request.app.state.runtime
        db, words = runtime.database.db, _words(request)
        if after is None:
            await _write_down(request)
        erased = await is_erased(db, who.id)
        page = await own_page(db, kinds, who.id, words, erased=erased, after=after, limit=limit)
        response.headers.update(NO_STORE | {"Content-Language": words.language})
        return OwnDataPage(
            schema_version=SCHEMA_VERSION,
            service=runtime.name,
            person_id=who.id,
            as_of=words.now,
            language=words.language,
            erased=erased,
            records=page.records,
            next=page.next,
        )

    @router.get("/summary")
    async def summary(who: SignedIn, request: Request, response: Response) -> OwnDataSummary:
        """How much that is, before it is asked for; and what of it is not given, and why."""
        runtime: Runtime = request.app.state.runtime
        db = runtime.database.db
        erased = await is_erased(db, who.id)
        found = await own_summary(db, kinds, who.id, erased=erased)
        response.headers.update(NO_STORE)
        return OwnDataSummary(
            schema_version=SCHEMA_VERSION,
            service=runtime.name,
            erased=erased,
            counts=dict(found.counts),
            files=found.files,
            bytes_of_files=found.bytes,
            not_given=_not_given(data),
        )

    return router


async def _write_down(request: Request) -> None:
    """Before the first page leaves; where no entry can be written, nothing is given. Raises DatabaseUnavailable."""
    runtime: Runtime = request.app.state.runtime
    if (who := asker(request)) is None:
        return
    at, about = runtime.clock.now(), {"person": who.id}
    row = audit_row(str(uuid4()), at, who, ACT, about, kind=Kind.LOOK, reason=None, request=trace().correlation_id)
    await bounded(runtime.database.db[AUDIT].insert_one(row), REQUEST_TIMEOUT_S)


def _words(request: Request) -> Words:
    texts: Texts = request.app.state.texts
    runtime: Runtime = request.app.state.runtime
    return Words(texts, language_of(request), runtime.clock.now())


def _not_given(data: OwnData) -> list[LeftOut]:
    whole = {**LEFT_OUT_EVERYWHERE, **data.left_out}
    parts = [(kind.collection, name, why) for kind in data.kinds for name, why in kind.left_out.items()]
    found = [LeftOut(collection=name, field=None, why=why) for name, why in whole.items()]
    found.append(LeftOut(collection="*", field="by", why=WHO_ACTED))
    return found + [LeftOut(collection=collection, field=name, why=why) for collection, name, why in parts]
