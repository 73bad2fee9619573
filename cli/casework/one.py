"""./eshik demo --service CODE: one case of any service, from the empty form to what the citizen takes home."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from cli.casework.case import Case
from cli.casework.desk import Desk
from cli.casework.people import Person
from cli.console import err, out, show_rows
from cli.stack import Stack
from services.applications.catalogue import the_catalogue
from services.applications.domain.service_definition import ServiceDefinition
from shared.clock import FileClock
from shared.contracts.applications import OutcomeKind

POST, INTAKE, DECIDING = "yek", "nurlan", "ermek"
CITIZEN = Person("aigerim", "Айгерим Токтобекова", "AIGERIM TOKTOBEKOVA", date(1990, 4, 23), "12304199000101", "AC1234567", "ky")
OTHER = Person("omurbek", "Өмүрбек Төлөгөнов", "OMURBEK TOLOGONOV", date(1979, 3, 14), "21403197900103", "AC0000103", "ky")


def show_service(stack: Stack, service_id: str, *, as_json: bool) -> None:
    """Raises DeskFailed."""
    service = the_catalogue().service(service_id)
    err.print(f"[bold]{service.title}: from the empty form to what the citizen takes home[/]")
    result = asyncio.run(_shown(stack, service))
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    out.print()
    rows = [
        ["case", f"[bold]{result['reference']}[/] {result['status']}"],
        ["document", result["document"] or "made by another body"],
        ["events", " → ".join(result["events"])],
    ]
    show_rows(rows)
    out.print("\nNext: ./eshik inbox shows the messages; the case is in the account of aigerim and at the post.")


async def _shown(stack: Stack, service: ServiceDefinition) -> dict[str, Any]:
    def tell(who: str, act: str) -> None:
        err.print(f"  [cyan]{who:<10}[/] {act}")

    zone = ZoneInfo(the_catalogue().post(POST).time_zone)
    today = (datetime.now(UTC) + FileClock(stack.places.clock).offset()).astimezone(zone).date()
    desk = Desk(stack.ports, stack.places.inbox, tell)
    case = Case(desk, service, CITIZEN, POST, Random(service.id), today, cosigner=OTHER)  # noqa: S311 (invented answers)
    try:
        await case.hand_in()
        await case.pay("review", INTAKE)
        await desk.post(INTAKE, f"{case.at_post}/claim", act="takes the case")
        await case.propose(INTAKE)
        await case.decide(DECIDING)
        await case.at_the_counter(INTAKE)

        async def ready() -> bool | None:
            return True if (await case.look())["status"] == "ready" else None

        await desk.eventually(ready, "it is not ready")
        document = await _document(desk, case)
        tell("eshik", f"{document} is issued and signed" if document else "it is ready at the counter")
        if service.outcome is not OutcomeKind.DIGITAL_DOCUMENT:
            await case.hand_over(INTAKE)
        journal = await desk.get(INTAKE, f"{case.at_post}/journal")
        events = [event for entry in journal["entries"] for event in entry["event_types"]]
        return {"reference": case.reference, "status": case.status, "document": document, "events": events}
    finally:
        await desk.close()


async def _document(desk: Desk, case: Case) -> str | None:
    if not (document_id := case.seen.get("document_id")):
        return None
    found = await desk.get(case.person.login, f"/api/documents/{document_id}", "documents")
    return str(found["number"])
