"""Requests that schemathesis makes of an OpenAPI document, sent as every kind of person, and what is wrong with the answers.

Our own checks stand beside schemathesis's: each problem is one of RFC 9457, in the caller's language, and names each field; no
answer tells how the service is built.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events, from_schema

from shared.texts import Texts
from shared.web.field_words import UNREADABLE

Headers = Mapping[str, str]
LANGUAGES = ("ky", "ru", "en")
SAYS_NOTHING = {Texts.load().translate(UNREADABLE, language) for language in LANGUAGES}
# what only our own code and its libraries call so
INNER = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|pymongo|pydantic|starlette|fastapi|uvicorn|mongodb://|amqps?://"
    r"|\b(?:shared|services)[./]\w|\b[A-Z]\w+(?:Error|Exception)\b"
)
UNFILLED = re.compile(r"\{[a-z_]+\}")
# errors of RFC 6749 and the state of a process have shapes of their own, which their documents tell
OTHER_ERRORS = ("/oauth/token", "/health/ready")
ENDLESS = "/changes$"  # streams: what comes within a second is looked at
OTHERS = {"ignored_auth", "object_level_authorization"}  # test_authorisation.py asks every route as everybody
# a value that fits the schema may still be nobody's, or not allowed now
UNDECIDABLE = {"positive_data_acceptance"}
# what schemathesis takes for a refusal, and an address that grew too long, as the documents say
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "414", "415", "422", "428", "429", "5xx"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one operation, with the first request that showed it."""

    service: str
    operation: str
    check: str
    status: int
    message: str
    who: str
    curl: str

    def __str__(self) -> str:
        said = " ".join(self.message.split())[:600]
        return f"{self.service} {self.operation}: {self.check} ({self.status}, as {self.who}): {said}\n    {self.curl}"


@dataclass(slots=True)
class Asked:
    """What came of all requests to one service."""

    service: str
    findings: dict[tuple[str, str, int, str], Finding] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))  # by operation
    faults: list[str] = field(default_factory=list)  # of the asking itself

    @property
    def requests(self) -> int:
        return sum(sum(counter.values()) for counter in self.statuses.values())

    @property
    def answered(self) -> set[str]:
        """Operations that did what they are for at least once: who is refused at the door sees nothing."""
        return {name for name, counter in self.statuses.items() if any(status < 300 for status in counter)}


@dataclass(frozen=True, slots=True)
class Question:
    """service: its name. people: headers by kind of person. likely: kinds that get far, by operation ("GET /x"). known: values
    for parameters that name something, as {"path.application_id": ["…"]}. few: operations that cost much."""

    service: str
    document: dict[str, Any]
    address: str
    people: Mapping[str, Headers]
    likely: Mapping[str, Sequence[str]]
    known: Mapping[str, Sequence[str]]
    seed: int
    examples: int
    few: Sequence[str] = ()
    stateful: bool = False


def ask(question: Question) -> Asked:
    """Blocks until all is asked."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(question.document)), config=_config(question))
    by_token = _asks_as_everybody(schema, question)
    asked = Asked(question.service)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(asked, event, by_token)
        elif isinstance(event, (events.NonFatalError, events.FatalError)):
            asked.faults.append(_fault(event))
    return asked


def _config(question: Question) -> schemathesis.Config:
    bound = {name: list(values) for name, values in question.known.items() if values}
    generation = {"max-examples": question.examples, "database": "none", "no-shrink": True, "with-security-parameters": False}
    return schemathesis.Config.from_dict(
        {
            "seed": question.seed,
            "base-url": question.address,
            "continue-on-failure": True,
            "request-timeout": 30,
            "suppress-health-check": ["all"],
            "cache": {"enabled": False},
            "output": {"sanitization": {"enabled": False}},
            "generation": generation,
            "phases": {"stateful": {"enabled": question.stateful}},
            "checks": {
                **{name: {"enabled": False} for name in sorted(OTHERS | UNDECIDABLE)},
                # a case that is not there, or not theirs, is told before the key that is missing
                "missing_required_header": {"expected-statuses": ["400", "401", "403", "404", "409", "422"]},
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
            "dictionaries": {_name(name): {"values": values} for name, values in bound.items()},
            "parameters": {name: {"dictionary": _name(name), "probability": 0.7} for name in bound},
            "operations": [
                {
                    "include-path-regex": ENDLESS,
                    "request-timeout": 1,
                    "max-stream-events": 1,
                    "checks": {"response_schema_conformance": {"enabled": False}},  # 3.1 knows the stream as one string only
                },
                *({"include-name": name, "generation": generation | {"max-examples": 2}} for name in question.few),
            ],
        }
    )


def _name(parameter: str) -> str:
    return re.sub(r"\W", "-", parameter)


def _asks_as_everybody(schema: Any, question: Question) -> dict[str, str]:
    """Each request as somebody else, those who get far more often. Out: the kind of person by what identifies them."""
    turns: dict[str, Iterator[str]] = {}
    languages = Random(question.seed)

    @schema.auth(refresh_interval=None)
    class _Everybody:
        def get(self, case: Any, context: Any) -> str:
            label = context.operation.label
            return next(turns.setdefault(label, _kinds(label, question)))

        def set(self, case: Any, kind: str, context: Any) -> None:
            own = dict(case.headers or {}) | {"Accept-Language": languages.choice(LANGUAGES)}
            case.headers.update({**question.people[kind], **own})

    return {headers.get("Authorization", ""): kind for kind, headers in question.people.items()}


def _kinds(label: str, question: Question) -> Iterator[str]:
    chance = Random(f"{question.seed}/{label}")
    likely = [kind for kind in question.likely.get(label, ()) if kind in question.people]
    while True:
        yield chance.choice(likely) if likely and chance.random() < 0.75 else chance.choice(list(question.people))


def _note(asked: Asked, event: events.ScenarioFinished, by_token: Mapping[str, str]) -> None:
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is None:
            continue
        label, status = recorder.cases[case_id].value.operation.label, interaction.response.status_code
        asked.statuses[label][status] += 1
        for node in recorder.checks.get(case_id, []):
            if node.status == Status.FAILURE and node.failure_info:
                failure = node.failure_info.failure
                who = by_token.get((interaction.request.headers.get("Authorization") or [""])[0], "somebody")
                finding = Finding(
                    asked.service,
                    label,
                    node.name,
                    status,
                    f"{failure.title}: {failure.message} | {_shown(interaction.response)}",
                    who,
                    node.failure_info.code_sample,
                )
                asked.findings.setdefault((label, node.name, status, failure.title), finding)


def _fault(event: Any) -> str:
    info = getattr(event, "info", None)
    label = getattr(event, "label", "")
    return f"{label}: {info.title if info else ''} {' '.join((info.message if info else str(event.exception)).split())[:600]}"


def _shown(response: Response) -> str:
    return response.text[:300] if _is_text(response) else f"{len(response.content)} bytes"


def _is_text(response: Response) -> bool:
    kind = _media_type(response)
    return "json" in kind or kind.startswith("text/")


def _media_type(response: Response) -> str:
    return (response.headers.get("content-type") or [""])[0].partition(";")[0].strip().lower()


@schemathesis.check
def tells_a_problem_in_the_callers_language(ctx: CheckContext, response: Response, case: Any) -> None:
    """RFC 9457, with all that a person and a program need."""
    if response.status_code < 400 or case.path in OTHER_ERRORS:
        return
    assert _media_type(response) == "application/problem+json", f"an error as {_media_type(response)}"
    body = response.json()
    assert body["type"].startswith("/problems/"), "type"
    assert body["status"] == response.status_code, "status"
    assert all(isinstance(body[name], str) and body[name] for name in ("title", "detail", "correlation_id")), "title, detail"
    asked = case.headers.get("Accept-Language") if case.headers else None
    if asked in LANGUAGES:
        assert response.headers.get("content-language") == [asked], "another language than the one asked for"


@schemathesis.check
def names_each_field_that_cannot_stay(ctx: CheckContext, response: Response, case: Any) -> None:
    if response.status_code != 422 or _media_type(response) != "application/problem+json":
        return
    body = response.json()
    if body.get("type") != "/problems/invalid-request":
        return
    assert body.get("errors"), "no field is named"
    for error in body["errors"]:
        assert error["pointer"] == "" or error["pointer"].startswith("/"), "the pointer leads nowhere"  # RFC 6901: "" is the body
        assert error["detail"] not in SAYS_NOTHING, f"{error['pointer']}: nothing is said of what is wrong"


@schemathesis.check
def tells_nothing_of_how_it_is_built(ctx: CheckContext, response: Response, case: Any) -> None:
    if not _is_text(response):
        return
    found = INNER.search(response.text) or (UNFILLED.search(response.text) if response.status_code >= 400 else None)
    assert not found, f"inner name: {found[0] if found else ''}"
