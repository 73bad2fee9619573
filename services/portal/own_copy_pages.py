"""The readable part of somebody's own data: index.html, which opens without a network, and further pages where there is much."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from services.portal.apis import Service
from services.portal.rendering import Pages
from shared.texts import N_

if TYPE_CHECKING:
    from services.portal.own_copy import Contents

HELD = 400_000  # signs of one page, above which the next begins
TITLES: Mapping[Service, str] = {
    "identity": N_("Your account"),
    "applications": N_("Your applications"),
    "documents": N_("Your documents"),
    "notifications": N_("What we told you"),
}
KINDS = {
    "person": N_("About you"),
    "session": N_("Where you signed in"),
    "passkey": N_("Passkeys"),
    "linked-account": N_("Accounts elsewhere that you sign in with"),
    "credentials": N_("Password and authenticator"),
    "invitation": N_("Invitations"),
    "rights-request": N_("What you asked for"),
    "consent": N_("What you agreed to"),
    "application": N_("Applications"),
    "desk": N_("Posts that have you on their list, and what you are able to do"),
    "objection": N_("Looks that you objected to"),
    "message-of-case": N_("What you and the post wrote to each other"),
    "original": N_("Originals that a post holds or held for you"),
    "appointment": N_("Your appointments"),
    "waiting-list": N_("Where you wait for a time"),
    "draw-entry": N_("Your entries in draws of appointments"),
    "filling": N_("How your applications were filled in, and who confirmed them"),
    "cosignature": N_("What you confirmed for somebody else"),
    "relation": N_("Relations that were declared"),
    "fee": N_("Fees that were worked out"),
    "payment": N_("Payments and receipts"),
    "checkout": N_("Beginnings of payments online"),
    "document": N_("Documents"),
    "message": N_("Messages"),
    "journal": N_("What happened to your applications"),
    "history": N_("What happened, and who looked"),
    "erasure": N_("Erasure"),
    "erasure-asked": N_("Erasure"),
    "legal-hold": N_("What is kept by law"),
}


TIMES = ("started_at", "ordered_at", "queued_at", "opened_at", "asked_at", "declared_at", "created_at", "at")


def _time_of(record: Mapping[str, Any]) -> str:
    return next((str(record[name]) for name in TIMES if record.get(name)), "")


class ReadablePages:
    """In the person's language. posts: by id, as the API gives them."""

    def __init__(self, pages: Pages, language: str, at: datetime) -> None:
        self._pages, self._language, self._at = pages, language, at
        self.posts: Mapping[str, Mapping[str, Any]] = {}
        self._held: list[str] = []
        self._names: list[str] = []
        self._at_heading = ("", "")  # which service and kind the last lines were of

    def add(self, service: Service, records: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
        """Out: a page that is full, with its name."""
        for kind, rows in groupby(records, key=lambda record: str(record["record"])):
            service_before, kind_before = self._at_heading
            headings = {
                "section": TITLES[service] if service != service_before or not self._held else "",
                "heading": KINDS.get(kind, kind) if (service, kind) != (service_before, kind_before) or not self._held else "",
            }
            newest_first = sorted(rows, key=_time_of, reverse=True)
            known = {"service": service, "kind": kind, "rows": newest_first, "posts": self.posts}
            self._held.append(self._drawn("records", **headings, **known))
            self._at_heading = (service, kind)
        if sum(map(len, self._held)) > HELD:
            name = f"page-{len(self._names) + 2}.html"
            self._names.append(name)
            yield name, self._framed()

    def rest(self, contents: "Contents") -> Iterator[tuple[str, bytes]]:
        """The index, which says what is missing and leads to all pages."""
        yield "index.html", self._framed(contents=contents, further=self._names, titles=TITLES)

    def _framed(self, **known: Any) -> bytes:
        body = Markup("".join(self._held))  # noqa: S704  (drawn by templates that escape)
        self._held = []
        return self._drawn("frame", body=body, at=self._at, **known).encode()

    def _drawn(self, template: str, **known: Any) -> str:
        return self._pages.text(self._language, f"my_data/{template}.html", **known)
