"""A person's own data as one zip: asked from each service with their own tokens, and handed on while it comes.

What is held at once is one page of records, the readable pages up to a bound, and the list of files. Nothing is written to a
disk. What could not be had is said in it; a zip that broke off does not open.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import structlog

from services.portal.apis import SERVICES, Api, ApiProblem, Service, SignedOut, or_none
from services.portal.own_copy_pages import ReadablePages
from services.portal.rendering import Pages
from services.portal.zipping import ZipStream, name_of_file
from shared.texts import N_

log = structlog.get_logger(__name__)

WITHIN_S = 12 * 60  # tokens are renewed before it begins, and last 15 minutes
MOST_PAGES = 200  # of each service, of 100 records each
MOST_FILES = 2_000
MOST_BYTES = 500_000_000
TRIES, PAUSE_S, LONGEST_PAUSE_S = 4, 2.0, 60.0  # a service that is away, or is asked too often, is asked again
AGAIN = (429, 503)
PATH = "/api/me/data"
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
FOLDERS = {"documents": N_("Documents"), "applications": N_("Attachments")}
Why = Literal["away", "broken-off", "too-much", "no-time"]


@dataclass
class Part:
    """What one service gave. missing: why not all of it."""

    records: int = 0
    pages: int = 0
    erased: bool = False
    missing: Why | None = None


@dataclass(frozen=True)
class Wanted:
    """name: in the zip."""

    service: Service
    path: str
    name: str
    size: int


@dataclass
class Contents:
    """What the zip holds, as it is told at its end."""

    parts: dict[Service, Part] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    missing_files: dict[str, Why] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return not self.missing_files and all(part.missing is None for part in self.parts.values())


class OwnCopy:
    """For one download."""

    def __init__(self, api: Api, pages: Pages, *, at: datetime) -> None:
        self._api, self._at = api, at
        self._zip, self._contents = ZipStream(at), Contents()
        self._readable = ReadablePages(pages, api.language, at)
        self._folder = {service: pages.texts.translate(text, api.language) for service, text in FOLDERS.items()}
        self._wanted: list[Wanted] = []
        self._names: set[str] = set()
        self._bytes = 0
        self._until = time.monotonic() + WITHIN_S

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The zip. Records first, then files, and at its end what is in it."""
        self._readable.posts = await or_none(self._api.posts()) or {}
        for service in SERVICES:
            async for sent in self._records(service):
                yield sent
        for wanted in self._wanted:
            async for sent in self._file(wanted):
                yield sent
        for name, page in self._readable.rest(self._contents):
            yield self._zip.whole(name, page)
        yield self._zip.whole("data/manifest.json", self._manifest())
        yield self._zip.end()
        log.info("own_data_handed_out", whole=self._contents.whole, files=len(self._contents.files))

    async def _records(self, service: Service) -> AsyncIterator[bytes]:
        part = self._contents.parts[service] = Part()
        after: str | None = None
        while True:
            if part.pages == MOST_PAGES or self._no_time:
                part.missing = "no-time" if self._no_time else "too-much"
                return
            page = await self._page(service, after)
            if page is None:
                part.missing = "broken-off" if part.pages else "away"
                return
            part.pages, part.records, part.erased = part.pages + 1, part.records + len(page["records"]), page["erased"]
            yield self._zip.whole(f"data/{service}-{part.pages}.json", _as_json(page))
            self._name_files(service, page["records"])
            for name, readable in self._readable.add(service, page["records"]):
                yield self._zip.whole(name, readable)
            if (after := page["next"]) is None:
                return

    async def _page(self, service: Service, after: str | None) -> dict[str, Any] | None:
        """None where the service does not give it, however often it is asked."""
        params = {"after": after} if after else None
        for tries_left in reversed(range(TRIES)):
            try:
                page: dict[str, Any] = await self._api.get(service, PATH, params)
            except SignedOut:
                return None
            except ApiProblem as problem:
                if problem.status not in AGAIN or not tries_left:
                    log.warning("own_data_missing", service=service, status=problem.status)
                    return None
                await asyncio.sleep(_pause(problem))
            else:
                return page
        return None

    def _name_files(self, service: Service, records: list[dict[str, Any]]) -> None:
        """Named here, so that the readable pages lead to them."""
        for record in records if service in FOLDERS else ():
            files = [record["file"]] if "file" in record else record.get("files", [])
            number = (record.get("numbering") or {}).get("number") or record.get("reference") or record["id"]
            in_words = record.get("in_words", {})
            title = in_words.get("title") or in_words.get("service") or ""
            for count, given in enumerate(files, 1):
                stem = f"{title} {number}" + (f" {count}" if len(files) > 1 else "")
                name = self._name(service, stem, f"{record['id']}-{count}", ENDINGS.get(given["media_type"], ".bin"))
                record.setdefault("files_in_zip", []).append({"name": name, "size": given["size"]})
                if len(self._wanted) == MOST_FILES:
                    self._contents.missing_files[name] = "too-much"
                else:
                    self._wanted.append(Wanted(service, given["path"], name, given["size"]))

    def _name(self, service: Service, stem: str, else_stem: str, ending: str) -> str:
        """In the zip, once."""
        name = f"{self._folder[service]}/{name_of_file(stem, ending)}"
        if name in self._names:
            name = f"{self._folder[service]}/{name_of_file(else_stem, ending)}"
        self._names.add(name)
        return name

    async def _file(self, wanted: Wanted) -> AsyncIterator[bytes]:
        if self._no_time or self._bytes + wanted.size > MOST_BYTES:
            self._contents.missing_files[wanted.name] = "no-time" if self._no_time else "too-much"
            return
        for tries_left in reversed(range(TRIES)):
            begun = False
            try:
                async with self._api.stream(wanted.service, wanted.path) as answer:
                    begun = True
                    async for sent in self._zip.file(wanted.name, answer.aiter_bytes()):
                        yield sent
            except SignedOut:
                break
            except ApiProblem as problem:
                if begun or problem.status not in AGAIN or not tries_left:
                    break
                await asyncio.sleep(_pause(problem))
            else:
                self._bytes += wanted.size
                self._contents.files.append(wanted.name)
                return
        self._contents.missing_files[wanted.name] = "broken-off" if begun else "away"

    @property
    def _no_time(self) -> bool:
        return time.monotonic() > self._until

    def _manifest(self) -> bytes:
        said = self._contents
        parts = {
            name: {"records": part.records, "pages": part.pages, "erased": part.erased, "missing": part.missing}
            for name, part in said.parts.items()
        }
        told = {"schema_version": 1, "made_at": self._at.isoformat(), "language": self._api.language, "whole": said.whole}
        return _as_json({**told, "parts": parts, "files": said.files, "missing_files": said.missing_files})


def _pause(problem: ApiProblem) -> float:
    told = float(problem.retry_after) if problem.retry_after.isdecimal() else PAUSE_S
    return min(told, LONGEST_PAUSE_S)


def _as_json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()
