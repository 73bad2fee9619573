"""What is known against the packages of the locks: told, accepted until a day, or not audited; never passed over in silence."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cli.advisories import DATABASE, LOCKS, Audit, Fault, UnusableList, _note, audit_locks, pins, read_accepted, summary, told
from tests.support.notifying import free_port

TODAY = date(2026, 11, 22)
FAULT = {
    "id": "PYSEC-2026-7",
    "aliases": ["CVE-2026-0007"],
    "summary": "Reads beyond its end",
    "affected": [
        {
            "package": {"name": "leaky", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ],
}
ENTRY = """[[accepted]]
id = "CVE-2026-0007"
package = "leaky"
reason = "we never hand it anything from outside"
since = 2026-11-01
until = {until}
"""


class Database(BaseHTTPRequestHandler):
    """Answers as OSV does: something is known against one package."""

    def do_POST(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"vulns": [FAULT]} if asked["package"]["name"] == "leaky" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None: ...


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Database)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(DATABASE, f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    """Two locks; one package stands in both in two versions."""
    folder = tmp_path / "locks"
    folder.mkdir()
    (folder / "one.txt").write_text("cryptography==50.0.2 \\\n    --hash=sha256:00\nleaky==1.0 \\\n    --hash=sha256:00\n")
    (folder / "two.txt").write_text("cryptography==49.0 ; python_version < '3.12' \\\n    --hash=sha256:00\n")
    return folder


def audited(locks: Path, accepted: str = "", today: date = TODAY) -> Audit:
    (locks / "accepted.toml").write_text(accepted)
    return audit_locks(today, locks=locks, accepted=locks / "accepted.toml", cache=locks / "cache")


@pytest.mark.usefixtures("database")
def test_a_known_fault_is_told_with_the_version_that_mends_it(locks: Path) -> None:
    audit = audited(locks)
    assert not audit.passed
    assert told(audit) == ["known fault: leaky 1.0: PYSEC-2026-7, mended in 2.0"]
    assert summary(audit) == "2 without a known fault, 1 with a known fault"


@pytest.mark.usefixtures("database")
def test_an_accepted_fault_is_shown_and_fails_nothing(locks: Path) -> None:
    audit = audited(locks, ENTRY.format(until="2026-11-22"))
    assert audit.passed
    assert audit.complete
    assert told(audit) == ["accepted (locks/accepted.toml): leaky 1.0: PYSEC-2026-7, mended in 2.0"]


def test_a_fault_is_accepted_only_until_its_day(locks: Path) -> None:
    (locks / "accepted.toml").write_text(ENTRY.format(until="2026-11-22"))
    (entry,) = read_accepted(locks / "accepted.toml")
    fault = Fault("leaky", "1.0", "PYSEC-2026-7", ("CVE-2026-0007",))
    assert entry.covers(fault, TODAY)
    assert not entry.covers(fault, TODAY + timedelta(days=1))
    assert not entry.covers(Fault("other", "1.0", "CVE-2026-0007"), TODAY)


def test_where_no_database_can_be_reached_every_package_counts_as_not_audited(
    locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE, f"http://127.0.0.1:{free_port()}")
    audit = audited(locks)
    assert not audit.complete
    assert summary(audit) == "3 not audited"
    names = "cryptography 49.0, cryptography 50.0.2, leaky 1.0"
    assert told(audit) == [f"not audited, no advisory database could be reached: 3 packages: {names}"]


def test_a_package_that_was_skipped_counts_as_not_audited() -> None:
    audit = Audit()
    _note(audit, [("leaky", "1.0")], {"leaky": {"skip_reason": "Dependency not found"}}, [], TODAY)
    assert summary(audit) == "1 not audited"
    assert told(audit) == ["not audited, the database does not know this version: 1 packages: leaky 1.0"]


@pytest.mark.parametrize("left_out", ["reason", "since", "until"])
def test_nothing_is_accepted_without_a_reason_and_two_days(tmp_path: Path, left_out: str) -> None:
    lines = [line for line in ENTRY.format(until="2026-12-01").splitlines() if not line.startswith(left_out)]
    (tmp_path / "accepted.toml").write_text("\n".join(lines))
    with pytest.raises(UnusableList, match="reason"):
        read_accepted(tmp_path / "accepted.toml")


def test_every_package_of_every_lock_is_asked_about() -> None:
    found = pins()
    assert {lock for locks in found.values() for lock in locks} == {path.stem for path in LOCKS.glob("*.txt")}
    assert len({lock for (name, _), locks in found.items() if name == "fastapi" for lock in locks}) >= 5
