"""What ./eshik status makes of what it found, and how it reads without colour."""

import socket
from typing import Any

import pytest

from cli.console import out
from cli.findings import Findings, LedgerFinding, PartFinding, QueueFinding, StoreFinding, _attention, _part, _problems
from cli.status import _show
from deploy.local.record import PartRecord


def found(store: StoreFinding | None = None, *, running_s: float = 3600, **more: Any) -> Findings:
    parts = [PartFinding(name="documents", address="", state="ready", healthy=True)]
    facts: dict[str, Any] = {"queues": [], "parts": parts, **more}
    return Findings(running=True, phase="ready", port_base=1, running_s=running_s, stores=[store] if store else [], **facts)


def store(ledger: LedgerFinding | None = None, **counts: int) -> StoreFinding:
    facts: dict[str, Any] = {"dead_letters": 0, "unknown_messages": None, **counts}
    return StoreFinding(service="documents", unsent=0, oldest_unsent_s=None, jobs={}, ledger=ledger, **facts)


SOUND = LedgerFinding(age_s=40, holds=True)


def test_a_ledger_that_does_not_hold_asks_for_attention() -> None:
    assert _attention(found(store(SOUND))) == []
    (line,) = _attention(found(store(LedgerFinding(age_s=40, holds=False, faults={"events": 2}))))
    assert line == "the ledger of documents does not hold (events 2): run ./eshik ledger"


@pytest.mark.parametrize("last", [None, LedgerFinding(age_s=601, holds=True)])
def test_a_ledger_that_nobody_checks_asks_for_attention_once_the_stack_has_run_for_longer(last: LedgerFinding | None) -> None:
    (line,) = _attention(found(store(last)))
    assert line.startswith("documents has not checked its ledger")
    assert _attention(found(store(last), running_s=599)) == []
    assert _attention(found(store(last), parts=[])) == [], "it does not run here"


def test_an_inbox_without_a_consumer_asks_for_attention() -> None:
    queues = [
        QueueFinding(name=name, messages=0, unacknowledged=0, consumers=consumers)
        for name, consumers in (("documents.inbox", 0), ("notifications.inbox", 1), ("documents.inbox.retry-10", 0))
    ]
    assert _attention(found(queues=queues)) == ["nobody takes from documents.inbox yet"]


def test_one_dead_letter_is_told_as_one() -> None:
    assert "documents has 1 dead letter:" in _attention(found(store(SOUND, dead_letters=1)))[0]
    assert "documents has 2 dead letters:" in _attention(found(store(SOUND, dead_letters=2)))[0]


@pytest.mark.parametrize(
    ("name", "address"), [("rabbitmq", "amqp://guest:guest@{}/"), ("mongo", "mongodb://{}/?directConnection=true")]
)
def test_a_server_that_is_frozen_does_not_answer(name: str, address: str) -> None:
    """As the system answers for a stopped process: the connection is taken, and nothing is said."""
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        at = address.format(f"127.0.0.1:{frozen.getsockname()[1]}")
        finding = _part(PartRecord(name=name, state="ready", address=at))
    assert (finding.healthy, finding.state) == (False, "does not answer")
    assert _problems(found(parts=[finding]))[0].startswith(f"{name} does not answer")


def test_what_is_not_ready_differs_also_without_colour() -> None:
    parts = [
        PartFinding(name="good", address="", state="ready", healthy=True),
        PartFinding(name="bad", address="", state="not ready", healthy=False),
    ]
    with out.capture() as captured:
        _show(found(store(SOUND), parts=parts, problems=["bad is not ready"], attention=["look"]))
    lines = captured.get().splitlines()
    assert [line[0] for line in lines if "good" in line or "bad" in line or "look" in line] == ["●", "✗", "✗", "!"]
    assert any("holds, 40 s ago" in line for line in lines)
