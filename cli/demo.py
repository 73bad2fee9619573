"""./eshik demo: one real case, from an empty form to a signed document and the messages about it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.casework.desk import DeskFailed
from cli.casework.one import show_service
from cli.casework.play import play_day
from cli.console import err, fail, out, show_rows
from cli.journey import KINDS, Journey, JourneyFailed, seconds_between
from cli.stack import Stack, the_stack
from cli.up import start
from cli.verify import VERDICTS
from deploy.local.places import CHECKOUT, write_whole
from services.applications.catalogue import the_catalogue
from shared.clock import FURTHEST, FileClock

# gulnara may decide, and so shows that nobody decides what they proposed themselves
CITIZEN, INTAKE, DECIDING, POST = "aigerim", "gulnara", "ermek", "yek"
NOTICES = {"registration": 2, "return": 4, "power": 4}  # events a person is told; the approval only where it asks for something


def demo(
    service: Annotated[
        str, typer.Option(metavar="CODE", help="Any service that is offered: ./eshik catalogue list.")
    ] = "registration",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON in the last line.")] = False,
    day: Annotated[
        bool, typer.Option("--day", help="Play a whole day at three consulates on the moved clock, and draw it.")
    ] = False,
    applications: Annotated[int, typer.Option(min=1, max=2000, help="With --day: how many are handed in.")] = 200,
    seed: Annotated[int, typer.Option(help="With --day: the same number gives the same plan.")] = 1,
    ahead: Annotated[
        int | None,
        typer.Option(metavar="N", help="Move the stack's clock N days ahead and show what falls due; 0 sets it right again."),
    ] = None,
) -> None:
    """Start what isn't running, then drive one case over the public HTTP API, showing each step.

    A citizen applies, an officer proposes, a second one decides, the document is signed, and e-mail and SMS go out.
    """
    stack = the_stack()
    if ahead is not None:
        _check_days(stack, ahead)
    known = _service(service)
    if not stack.is_up():
        start(stack)
    try:
        if ahead is not None:
            _show_time(stack, ahead)
        elif day:
            play_day(stack, applications, seed)
        elif known in KINDS:
            _show_case(stack, known, as_json=as_json)
        else:
            show_service(stack, known, as_json=as_json)
    except (JourneyFailed, DeskFailed) as error:
        fail(str(error))


def _service(given: str) -> str:
    """One of KINDS, or the id of another service that is offered. Ends where it is neither."""
    offered = [each.id for each in the_catalogue().services()]
    short = {kind.service_id: name for name, kind in KINDS.items()}
    if given not in (*KINDS, *offered):
        fail(f"there is no service {given}. Offered: {', '.join(offered)}")
    return short.get(given, given)


def _say(who: str, what: str) -> None:
    err.print(f"  [cyan]{who:<10}[/] {what}")


def _show_case(stack: Stack, name: str, *, as_json: bool) -> None:
    journey, kind = Journey(stack.ports, _say), KINDS[name]
    err.print("[bold]One case, from an empty form to a verified document[/]")
    for login in (CITIZEN, INTAKE, DECIDING):
        journey.sign_in(login)
    case = journey.submit(CITIZEN, kind, POST)
    case_id = case["id"]
    journey.propose(INTAKE, case_id)
    journey.try_to_decide_alone(INTAKE, case_id)
    journey.decide(DECIDING, case_id)
    journey.counter_act(INTAKE, case_id, kind)
    ready = journey.until_ready(CITIZEN, case_id)
    document = journey.document(CITIZEN, ready["document_id"])
    file = journey.download(CITIZEN, document["document_id"], stack.places.home / "documents", document["number"])
    _say("documents", f"issued {document['number']}, {document['size_bytes'] // 1024} KiB, signed")
    register = journey.verify(document)
    _say("anyone", f"asks the register by number, date and check code: “{register['text']}”")
    offline = _verify_offline(stack, file)
    _say("anyone", f"checks the file itself, offline: {offline['words']}")
    messages = journey.until_told(CITIZEN, case_id, NOTICES[name])
    for message in messages:
        _say("messages", f"{message['channel']:<5} {message['notice']}: {message['status']}")
    verdict = "valid" if register["status"] == offline["verdict"] == "valid" else f"{register['status']}/{offline['verdict']}"
    result = _result(case, ready, document, file, verdict, messages, journey.journal(INTAKE, case_id))
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _show_result(result)
    if verdict != "valid":
        fail("the document is not valid")


def _verify_offline(stack: Stack, file: Path) -> dict[str, str]:
    # here and not above: they would slow down each ./eshik command's start
    from cryptography import x509

    from services.documents.codes import codes_on_pages
    from services.documents.seal import load_keys
    from services.documents.verification import SealCheck, verify_paper

    roots = x509.load_pem_x509_certificates((stack.places.keys / "test-root.pem").read_bytes())
    keys = load_keys((stack.places.keys / "seal-keys.json").read_bytes())
    now = datetime.now(UTC) + timedelta(seconds=_offset(stack))
    judged = asyncio.run(verify_paper(file.read_bytes(), roots, now, SealCheck(keys, codes_on_pages)))
    return {"verdict": judged.verdict.value, "words": VERDICTS[judged.verdict]}


def _result(
    case: dict[str, Any],
    ready: dict[str, Any],
    document: dict[str, Any],
    file: Path,
    verdict: str,
    messages: list[dict[str, Any]],
    journal: list[dict[str, Any]],
) -> dict[str, Any]:
    sent = max(message["at"] for message in messages)
    relative = file.relative_to(CHECKOUT) if file.is_relative_to(CHECKOUT) else file
    return {
        "reference": case["reference"],
        "status": ready["status"],
        "document": {"number": document["number"], "pdf": str(relative), "verification": verdict},
        "messages": [{name: message[name] for name in ("channel", "event", "status")} for message in messages],
        "events": [event for entry in journal for event in entry["event_types"]],
        "seconds": {
            "submitted_to_issued": seconds_between(case["submitted_at"], document["signed_at"]),
            "submitted_to_notified": seconds_between(case["submitted_at"], sent),
        },
    }


def _show_result(result: dict[str, Any]) -> None:
    document, seconds = result["document"], result["seconds"]
    out.print()
    show_rows(
        [
            ["case", f"[bold]{result['reference']}[/] {result['status']}"],
            ["document", f"[bold]{document['number']}[/] {document['verification']}"],
            ["file", document["pdf"]],
            ["events", " → ".join(result["events"])],
            [
                "from submission",
                f"{seconds['submitted_to_issued']} s to the document, {seconds['submitted_to_notified']} s to the last message",
            ],
        ]
    )
    out.print(f"\nNext: ./eshik inbox shows the messages; ./eshik verify {document['pdf']} judges the file offline.")


def _check_days(stack: Stack, days: int) -> None:
    ahead = round(_offset(stack) / 86_400)
    if days < 0:
        fail("the clock only moves ahead: give a number of days, or 0 to set it right again")
    if days > FURTHEST.days - ahead:
        already = f"it is {ahead} days ahead already, and " if ahead else ""
        fail(f"{already}the clock moves {FURTHEST.days} days ahead at most; 0 sets it right again. Nothing was changed")


def _show_time(stack: Stack, days: int) -> None:
    if days == 0:
        write_whole(stack.places.clock, "0")
        out.print("The stack's clock shows the real time again.")
        return
    journey = Journey(stack.ports, _say)
    journey.sign_in(CITIZEN)
    draft = journey.post(CITIZEN, "/api/applications", {"service_id": KINDS["registration"].service_id, "post_id": POST})
    closes = journey.get(CITIZEN, f"/api/applications/{draft['id']}")["draft_closes_at"]
    _say(CITIZEN, f"begins {draft['reference']} and leaves it; an untouched draft closes at {closes}")
    write_whole(stack.places.clock, str(_offset(stack) + days * 86_400))
    now = datetime.now(UTC) + timedelta(seconds=_offset(stack))
    _say("clock", f"moved {days} days ahead: the stack now shows {now:%Y-%m-%d %H:%M} UTC")
    journey.sign_in(CITIZEN)  # the old token has run out
    due = datetime.fromisoformat(closes) <= now
    if due:
        journey.until_told(CITIZEN, draft["id"], 1)
    status = journey.get(CITIZEN, f"/api/applications/{draft['id']}")
    _say("time", f"{draft['reference']} is now: “{status['status_text']}”")
    out.print("\n./eshik demo --ahead 0 sets the clock right again.")


def _offset(stack: Stack) -> float:
    return FileClock(stack.places.clock).offset().total_seconds()
