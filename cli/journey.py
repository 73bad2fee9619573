"""One case over the public HTTP API, as a citizen's and two officers' programs would drive it.

Every request that changes something carries an Idempotency-Key and is repeated with it until it is answered, so that a
service killed in the middle neither loses nor doubles a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from deploy.local.ports import LOOPBACK, Ports

PATIENCE_S = 180.0
AGAIN_S = 0.25
REPEATED = {429, 500, 502, 503, 504}
FINAL = {"sent", "failed", "unknown"}
EXPECTED_CHANNELS = 2  # e-mail and SMS for each event that a person is told
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077" + "53de0000000c4944415408d763f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)

Reply = dict[str, Any]


class JourneyFailed(Exception):
    """A step was refused, or did not come about in time. The text names the step."""


class StepRefused(JourneyFailed):
    """The answer was a refusal: asking again cannot help."""


@dataclass(frozen=True)
class CaseKind:
    """A service of the catalogue with the answers of an invented citizen, and the act at the post that it needs."""

    service_id: str
    answers: dict[str, str]
    counter: tuple[str, Reply | None] | None = None  # route under the case, and its body


_HOLDER = {"full_name": "Айгерим Токтобекова", "full_name_latin": "AIGERIM TOKTOBEKOVA", "birth_date": "1990-04-23"}
KINDS = {
    "registration": CaseKind(
        "consular-registration-certificate",
        {
            **_HOLDER,
            "document_number": "AC1234567",
            "registration_kind": "temporary",
            "country_of_stay": "RU",
            "address_abroad": "Екатеринбург ш., Ынтымак көчөсү, 12-үй",
        },
    ),
    "return": CaseKind(
        "return-certificate",
        {**_HOLDER, "birth_place": "Ош шаары", "circumstances": "lost", "country_of_stay": "RU"},
        ("blank", {"blank_number": ""}),
    ),
    "power": CaseKind(
        "power-of-attorney",
        {
            **_HOLDER,
            "document_number": "ID7654321",
            "attorney_name": "Өмүрбек Ңанаев",
            "attorney_birth_date": "1980-01-02",
            "powers": "Бишкек шаарындагы үйүмдү менин атымдан сатуу, документтерге кол коюу жана акчаны алуу.",
            "substitution": "not_allowed",
        },
        ("identity-check", None),
    ),
}


def receipt_of(part: Reply, number: str) -> Reply:
    """What an officer enters of a part of a fee, as it is owed; dated on a day that is past or this one everywhere."""
    money = {name: part["amount"][name] for name in ("amount_minor", "currency")}
    return {"part": part["id"], "number": number, "paid_on": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}", **money}


@dataclass
class Journey:
    """Talks to a running stack. say is called with each step, once it has happened."""

    ports: Ports
    say: Callable[[str, str], None]
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)  # by login, one for each service
    patience_s: float = PATIENCE_S

    def __post_init__(self) -> None:
        self._client = httpx.Client(timeout=15, trust_env=False)

    def sign_in(self, login: str) -> None:
        granted = self._until_answered("POST", self._url("identity", "/api/demo/sign-in"), json={"account": login})
        self.tokens[login] = granted["access_tokens"]

    def submit(self, citizen: str, kind: CaseKind, post_id: str) -> Reply:
        """From an empty form to a submitted application. Out: its status view."""
        started = self.post(citizen, "/api/applications", {"service_id": kind.service_id, "post_id": post_id, "language": "ky"})
        case = f"/api/applications/{started['id']}"
        self.say(citizen, f"begins {started['service']['name']}: {started['reference']}")
        filled = self.put(citizen, f"{case}/answers", json={"answers": kind.answers})
        self.say(citizen, f"answers {len(kind.answers)} questions")
        if any(missing["code"].startswith("attachment") for missing in filled["missing"]) or "attachment" in str(
            filled["missing"]
        ):
            self.put(citizen, f"{case}/attachment", content=PICTURE, headers={"Content-Type": "image/png"})
            self.say(citizen, "attaches a picture of the passport")
        submitted = self.post(citizen, f"{case}/submission")
        self.say(citizen, f"submits: “{submitted['status_text']}”")
        return submitted

    def propose(self, officer: str, application_id: str) -> None:
        case = f"/api/officer/applications/{application_id}"
        self.post(officer, f"{case}/claim")
        self.say(officer, "takes the case from the queue")
        self.post(officer, f"{case}/proposal", {"outcome": "approve"})
        self.say(officer, "proposes to approve it")

    def try_to_decide_alone(self, officer: str, application_id: str) -> None:
        """The rule of two, shown: the one who proposed is refused."""
        url = self._url("applications", f"/api/officer/applications/{application_id}/decision")
        answer = self._send("POST", url, officer, json={"outcome": "approve"})
        if answer.status_code != httpx.codes.FORBIDDEN:
            raise JourneyFailed(f"an officer decided alone: HTTP {answer.status_code}")
        self.say(officer, f"tries to approve it alone and is refused: {answer.json()['detail']}")

    def decide(self, officer: str, application_id: str) -> None:
        decided = self.post(officer, f"/api/officer/applications/{application_id}/decision", {"outcome": "approve"})
        self.say(officer, f"approves it: “{decided['status_text']}”")

    def counter_act(self, officer: str, application_id: str, kind: CaseKind) -> None:
        if kind.counter is None:
            return
        route, body = kind.counter
        if body is not None:
            body = {"blank_number": f"СВ-{uuid4().int % 10_000_000:07d}"}
        try:
            self.post(officer, f"/api/officer/applications/{application_id}/{route}", body)
        except StepRefused as refusal:
            if "fee-not-paid" not in str(refusal):
                raise
            self.pay(officer, application_id)
            self.post(officer, f"/api/officer/applications/{application_id}/{route}", body)
        said = f"takes blank {body['blank_number']}" if body else "checks the identity at the counter"
        self.say(officer, said)

    def pay(self, officer: str, application_id: str) -> None:
        """At the post, all that is owed: the officer enters a receipt of their own numbering. Of what is free, nothing."""
        case = f"/api/officer/applications/{application_id}"
        fee = self.get(officer, f"{case}/fee")
        for part in fee["parts"]:
            if part["state"] == "open":
                self.post(officer, f"{case}/fee/receipts", receipt_of(part, f"D-{uuid4().hex[:12]}"))
                self.say(officer, f"enters a receipt of {part['amount']['text']}")

    def until_ready(self, citizen: str, application_id: str) -> Reply:
        """Out: the case as the citizen sees it, with document_id."""

        def look() -> Reply | None:
            seen = self.get(citizen, f"/api/applications/{application_id}")
            return seen if seen["status"] == "ready" else None

        ready: Reply = self._eventually(look, "the document is not ready")
        return ready

    def document(self, citizen: str, document_id: str) -> Reply:
        return self.get(citizen, f"/api/documents/{document_id}", service="documents")

    def download(self, citizen: str, document_id: str, folder: Path, number: str) -> Path:
        url = self._url("documents", f"/api/documents/{document_id}/file")
        answer = self._eventually(lambda: self._found(self._send("GET", url, citizen)), "the document cannot be downloaded")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{number}.pdf"
        file.write_bytes(answer.content)
        return file

    def verify(self, document: Reply) -> Reply:
        """As anyone who holds the paper: no sign-in."""
        printed = {name: document[name] for name in ("number", "issued_on", "check_code")}
        return self._until_answered("POST", self._url("documents", "/api/verifications"), json=printed)

    def until_told(self, citizen: str, application_id: str, notices: int) -> list[Reply]:
        """All messages of the case, each in a final state. notices: how many events must have been told."""

        def look() -> list[Reply] | None:
            path = f"/api/notifications?application_id={application_id}"
            messages: list[Reply] = self.get(citizen, path, service="notifications")["messages"]
            all_told = len(messages) == notices * EXPECTED_CHANNELS and all(m["status"] in FINAL for m in messages)
            return messages if all_told else None

        told: list[Reply] = self._eventually(look, "not every message has an outcome")
        return told

    def journal(self, officer: str, application_id: str) -> list[Reply]:
        entries: list[Reply] = self.get(officer, f"/api/officer/applications/{application_id}/journal")["entries"]
        return entries

    def get(self, login: str, path: str, service: str = "applications") -> Reply:
        return self._until_answered("GET", self._url(service, path), login)

    def post(self, login: str, path: str, body: Reply | None = None, *, key: str = "") -> Reply:
        """key: the Idempotency-Key; a new one where none is given, the same for the repetitions of this call."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._until_answered("POST", self._url("applications", path), login, json=body, headers=headers)

    def put(self, login: str, path: str, **content: Any) -> Reply:
        return self._until_answered("PUT", self._url("applications", path), login, **content)

    def _until_answered(self, method: str, url: str, login: str | None = None, **content: Any) -> Reply:
        headers = {"Idempotency-Key": str(uuid4()), **content.pop("headers", {})}
        answer = self._eventually(
            lambda: self._found(self._send(method, url, login, headers=headers, **content)), f"no answer to {method} {url}"
        )
        if not answer.is_success:
            raise StepRefused(f"{method} {httpx.URL(url).path}: HTTP {answer.status_code} {answer.text[:400]}")
        found: Reply = answer.json()
        return found

    def _send(self, method: str, url: str, login: str | None = None, **content: Any) -> httpx.Response:
        headers = {"Accept-Language": "en", "Idempotency-Key": str(uuid4()), **content.pop("headers", {})}
        if login:
            headers["Authorization"] = f"Bearer {self.tokens[login][self.ports.service_at(url)]}"
        return self._client.request(method, url, headers=headers, **content)

    @staticmethod
    def _found(answer: httpx.Response) -> httpx.Response | None:
        return None if answer.status_code in REPEATED else answer

    def _eventually(self, look: Callable[[], Any], otherwise: str) -> Any:
        end = time.monotonic() + self.patience_s
        while time.monotonic() < end:
            try:
                if found := look():
                    return found
            except httpx.TransportError:
                pass  # a service is being started again
            time.sleep(AGAIN_S)
        raise JourneyFailed(f"{otherwise} within {self.patience_s:.0f} s. ./eshik status shows where it is stuck.")

    def _url(self, service: str, path: str) -> str:
        return f"http://{LOOPBACK}:{self.ports.service(service)}{path}"


def seconds_between(earlier: str, later: str) -> float:
    return round((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds(), 3)
