"""./eshik demo: one case of a service, from the empty form to what the citizen takes home, told step by step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from cli.casework.answers import SHOWN
from cli.casework.case import Case
from cli.casework.desk import Desk, DeskFailed, Reply
from cli.casework.people import AIGERIM, OMURBEK
from cli.console import err, fail, out, show_rows
from cli.stack import Stack
from cli.verify import VERDICTS
from deploy.local.environment import PORTAL
from deploy.local.places import CHECKOUT
from services.applications.catalogue import the_catalogue
from services.applications.domain.service_definition import ServiceDefinition
from shared.clock import FileClock
from shared.contracts.applications import ApplicationApproved, OutcomeKind

# gulnara may decide, and so shows that nobody decides what they proposed themselves
CITIZEN, COUNTER, INTAKE, DECIDING, POST = AIGERIM, "nurlan", "gulnara", "ermek", "yek"
SHORT = {  # the three services that it began with
    "registration": "consular-registration-certificate",
    "return": "return-certificate",
    "power": "power-of-attorney",
}
CHANNELS = 2  # each thing that a person is told goes out as e-mail and as SMS
FINAL = {"sent", "failed", "unknown", "suppressed"}


def show_service(stack: Stack, service: ServiceDefinition, *, as_json: bool) -> None:
    """Raises DeskFailed."""
    result = asyncio.run(_shown(stack, service))
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _show_result(stack, result)
    document = result["document"]
    if document and document["verification"] != "valid":
        fail("the document is not valid")


def tell(who: str, what: str) -> None:
    err.print(f"  [cyan]{who:<10}[/] ", end="")
    err.print(what, markup=False, highlight=False)


def today_at(post: str, stack: Stack) -> date:
    """The stack's day, at the post."""
    zone = ZoneInfo(the_catalogue().post(post).time_zone)
    return (datetime.now(UTC) + FileClock(stack.places.clock).offset()).astimezone(zone).date()


def case_of(desk: Desk, service: ServiceDefinition, today: date) -> Case:
    chance = Random(service.id)  # noqa: S311 (invented answers)
    return Case(desk, service, CITIZEN, POST, chance, today, cosigner=OMURBEK, given=SHOWN[service.id])


async def _shown(stack: Stack, service: ServiceDefinition) -> dict[str, Any]:
    err.print(f"[bold]{service.title}: one case, from an empty form to what the citizen takes home[/]")
    async with Desk(stack.ports, stack.places.inbox, tell) as desk:
        case = case_of(desk, service, today_at(POST, stack))
        await _play(case)
        paper = await _paper(stack, case) if case.seen.get("document_id") else None
        await _give(case)
        journal = await desk.get(INTAKE, f"{case.at_post}/journal")
        events = [event for entry in journal["entries"] for event in entry["event_types"]]
        messages = await _messages(case, events)
        return _result(case, paper, messages, events)


async def _play(case: Case) -> None:
    """Until it is ready."""
    await case.hand_in()
    fee = await case.desk.get(CITIZEN.login, f"{case.own}/fee")
    owed = [f"{line['label']} {line['charged']['text']}" for line in fee["lines"] if line["charged"]["amount_minor"]]
    tell("eshik", f"says what it costs: {'; '.join(owed) or 'nothing'}")
    await case.pay(COUNTER, "review")
    await case.claim(INTAKE)
    await case.propose(INTAKE)
    if case.service.officers_required.value == 1:
        await case.decide(INTAKE)  # it does not wait for a second one
    else:
        await _try_to_decide_alone(case)
        await case.decide(DECIDING)
    await case.at_the_counter(COUNTER)
    await case.until("ready")


async def _try_to_decide_alone(case: Case) -> None:
    try:
        await case.desk.post(INTAKE, f"{case.at_post}/decision", {"outcome": "approve"})
    except DeskFailed as refused:
        if refused.status != 403:
            raise
        tell(INTAKE, f"tries to approve it alone and is refused: {refused.said}")
    else:
        raise DeskFailed("an officer decided alone")


async def _give(case: Case) -> None:
    if case.service.outcome is OutcomeKind.DIGITAL_DOCUMENT:
        return
    if case.given.get("delivery") == "by_mail":
        await case.send(COUNTER)
    else:
        await case.hand_over(COUNTER)


async def _paper(stack: Stack, case: Case) -> dict[str, Any]:
    """The document, asked for as anyone would who holds it, and judged without the services."""
    desk, path = case.desk, f"/api/documents/{case.seen['document_id']}"
    document = await desk.get(CITIZEN.login, path, "documents")
    file = stack.places.home / "documents" / f"{document['number']}.pdf"
    file.parent.mkdir(parents=True, exist_ok=True)
    content = await desk.file(CITIZEN.login, f"{path}/file")
    file.write_bytes(content)
    tell("documents", f"issues {document['number']}, “{document['title']}”, {document['size_bytes'] // 1024} KiB, signed")
    printed = {name: document[name] for name in ("number", "issued_on", "check_code")}
    register = await desk.ask("/api/verifications", printed, "documents")
    tell("anyone", f"asks the register by number, date and check code: “{register['text']}”")
    verdict, words = await _judged_offline(stack, content)
    tell("anyone", f"checks the file itself, offline: {words}")
    agreed = "valid" if register["status"] == verdict == "valid" else f"{register['status']}/{verdict}"
    relative = file.relative_to(CHECKOUT) if file.is_relative_to(CHECKOUT) else file
    return {**printed, "pdf": str(relative), "verification": agreed, "signed_at": document["signed_at"]}


async def _judged_offline(stack: Stack, file: bytes) -> tuple[str, str]:
    # here and not above: they would slow down each ./eshik command's start
    from cryptography import x509

    from services.documents.codes import codes_on_pages
    from services.documents.seal import load_keys
    from services.documents.verification import SealCheck, verify_paper

    roots = x509.load_pem_x509_certificates((stack.places.keys / "test-root.pem").read_bytes())
    keys = load_keys((stack.places.keys / "seal-keys.json").read_bytes())
    now = datetime.now(UTC) + FileClock(stack.places.clock).offset()
    judged = await verify_paper(file, roots, now, SealCheck(keys, codes_on_pages))
    return judged.verdict.value, VERDICTS[judged.verdict]


async def _messages(case: Case, events: Iterable[str]) -> list[Reply]:
    """All of the case, once each has left or has been given up."""
    from services.notifications.event_handlers import HANDLERS

    told = {event.type for event in HANDLERS}
    if case.service.outcome is OutcomeKind.DIGITAL_DOCUMENT:
        told.remove(ApplicationApproved.type)  # that the document is issued follows at once, and says more
    expected = CHANNELS * sum(event in told for event in events)

    async def look() -> list[Reply] | None:
        path = f"/api/notifications?application_id={case.id}"
        found: list[Reply] = (await case.desk.get(CITIZEN.login, path, "notifications"))["messages"]
        return found if len(found) == expected and all(each["status"] in FINAL for each in found) else None

    messages = await case.desk.eventually(look, "not every message has an outcome")
    by_notice: dict[str, list[Reply]] = {}
    for message in messages:
        by_notice.setdefault(message["notice_text"], []).append(message)
    for notice, sent in by_notice.items():
        outcomes = ", ".join(f"{each['channel']} {each['status']}" for each in sent)
        tell("messages", f"“{notice}”: {outcomes}")
    return messages


def _result(case: Case, paper: dict[str, Any] | None, messages: list[Reply], events: list[str]) -> dict[str, Any]:
    handed_in = datetime.fromisoformat(case.seen["submitted_at"])

    def since(moment: str) -> float:
        return round((datetime.fromisoformat(moment) - handed_in).total_seconds(), 3)

    seconds = {"submitted_to_notified": since(max(message["at"] for message in messages))}
    if paper:
        seconds["submitted_to_issued"] = since(paper.pop("signed_at"))
    return {
        "reference": case.reference,
        "application_id": case.id,
        "status": case.status,
        "document": paper,
        "messages": [{name: message[name] for name in ("channel", "event", "status")} for message in messages],
        "events": events,
        "seconds": seconds,
    }


def _show_result(stack: Stack, result: dict[str, Any]) -> None:
    document, seconds = result["document"], result["seconds"]
    out.print()
    rows = [["case", f"[bold]{result['reference']}[/] {result['status'].replace('_', ' ')}"]]
    if document:
        rows += [["document", f"[bold]{document['number']}[/] {document['verification']}"], ["file", document["pdf"]]]
    else:
        rows.append(["document", "made by another body; the post passes it on"])
    rows.append(["events", " → ".join(result["events"])])
    to_document = f"{seconds['submitted_to_issued']} s to the document, " if document else ""
    rows.append(["from submission", f"{to_document}{seconds['submitted_to_notified']} s to the last message"])
    show_rows(rows)
    record = stack.record()
    if record and any(part.name == PORTAL and part.pid for part in record.parts):
        pages = stack.ports.pages_url
        out.print(f"\nIn a browser: {pages}/applications/{result['application_id']} as aigerim", markup=False)
        if document:
            printed = f"{document['number']}, {document['issued_on']}, {document['check_code']}"
            out.print(f"Anyone may check it at {pages}/v with {printed}", markup=False)
    judge = f"; ./eshik verify {document['pdf']} judges the file offline" if document else ""
    out.print(f"\nNext: ./eshik inbox shows the messages{judge}.", markup=False)
