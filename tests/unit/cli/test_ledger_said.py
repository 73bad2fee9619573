"""What ./eshik ledger prints, read without colour, and what it ends with."""

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from rich.text import Text
from typer.testing import CliRunner

from cli.ledger import NOT_ASKED, UNSEEN, _in_one_line, _row, ledger
from cli.ledger_advice import ADVICE, advice
from cli.ledger_reading import ApprovalsAccount, Page, queued_at
from services.applications.fees.ledger import FeesAccount
from services.applications.ledger import ApplicationsAccount
from services.documents.ledger import DocumentsAccount
from services.identity.ledger import RULE as RIGHTS
from services.notifications.ledger import MessagesAccount
from shared.ledger import Fault, Side, Verdict, events_verdict, jobs_verdict
from shared.mongo.audit_account import AuditAccount
from shared.mongo.purge_account import PurgeAccount
from shared.mongo.seals_account import RULE as SEALS

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SIDE = Side("somewhere", {"rows": 1})
NOBODY: Any = None


def verdict(rule: str, *lost: str) -> Verdict:
    return Verdict(rule, SIDE, SIDE, tuple(Fault(key, key, "lost") for key in lost))


def said(pages: list[Page], *, queues_seen: bool = True) -> str:
    return Text.from_markup(_in_one_line(pages, queues_seen=queues_seen)).plain


def test_a_rule_that_does_not_hold_differs_also_without_colour() -> None:
    sound, broken = ([Text.from_markup(cell).plain for cell in _row(verdict("journal", *lost))] for lost in ((), ("a",)))
    assert (sound[0], sound[3]) == ("●", "=")
    assert (broken[0], broken[3]) == ("✗", "≠")


def test_the_last_line_names_the_rules_that_do_not_hold() -> None:
    jobs = [Page("documents", [verdict("jobs", "j")]), Page("applications", [verdict("jobs"), verdict("journal", "a")])]
    assert said(jobs) == "✗ 2 rules do not hold: jobs of documents, journal."
    assert said([Page("between services", [verdict("events of applications", "e")])]).startswith("✗ 1 rule does not hold: events")
    assert said([Page("applications", [verdict("journal")])]) == "● All of it holds."


def test_queues_that_could_not_be_seen_are_told_with_the_verdict() -> None:
    assert said([Page("applications", [verdict("journal")])], queues_seen=False) == f"! What could be judged holds; {UNSEEN}."
    assert UNSEEN in said([Page("applications", [verdict("journal", "a")])], queues_seen=False)


def test_what_is_too_young_to_be_judged_stands_in_the_row() -> None:
    row = _row(events_verdict("applications", [], [], 0, "ids", "places", young=30))
    assert row[-1].endswith("(30 younger than a minute, not judged yet)")
    assert "(" not in _row(events_verdict("applications", [], [], 0, "ids", "places"))[-1]


def test_each_rule_has_its_advice() -> None:
    accounts = [*ApplicationsAccount(NOBODY, NOW).judge({}), *DocumentsAccount(NOBODY, NOW).judge({})]
    accounts += FeesAccount(NOBODY).judge({})
    others = [*MessagesAccount(NOBODY, NOW).judge({}), *ApprovalsAccount(None, None).judge({}), jobs_verdict({}, "", "")]
    in_every_service = [*AuditAccount(NOBODY, "applications", NOW).judge({}), *PurgeAccount(NOBODY, frozenset()).judge({})]
    assert {found.rule for found in [*accounts, *others, *in_every_service]} | {SEALS, RIGHTS} == ADVICE.keys()
    assert "./eshik dead list" in advice("events of applications")


def asked(*arguments: str) -> tuple[int, str, str]:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(ledger)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_an_eshik_that_does_not_run_could_not_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESHIK_HOME", str(tmp_path))
    monkeypatch.delenv("ESHIK_MONGO_URL", raising=False)
    code, printed, _ = asked("--json")
    assert code == NOT_ASKED == 2
    assert json.loads(printed) == {"holds": None, "problem": "Eshik is not running: ./eshik up starts it."}
    assert len(printed.splitlines()) == 1
    assert asked()[:2] == (NOT_ASKED, "")


def test_the_help_tells_both_exit_codes() -> None:
    code, printed, _ = asked("--help")
    assert code == 0
    assert "exit code 1" in " ".join(printed.split())
    assert "exit code 2" in " ".join(printed.split())


def test_a_broker_that_does_not_answer_is_no_empty_one() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # held, and not listened on
        url = str(httpx.URL(scheme="http", host="127.0.0.1", port=nobody.getsockname()[1]))
        assert queued_at(url, "") is None
    assert queued_at(None, "") is None
