"""An export whose older entries have no content any more still verifies; one that was emptied by hand does not."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.audit.chain import first_link, next_link
from shared.audit.checkpoint import Checkpoint, digest
from shared.audit.entry import Entry, Kind, Who
from shared.audit.forgetting import FORGET, emptied_line
from shared.audit.keys import AuditKey
from shared.audit.tree import Frontier
from shared.audit.verifying import FORMAT, Judged, entry_line, judge
from tests.support.auditing import new_key

LOOKED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = datetime(2029, 11, 24, 21, 0, tzinfo=UTC)
STOPS = {10: LOOKED + timedelta(minutes=5), 20: LOOKED + timedelta(days=300), 31: LATER + timedelta(minutes=5)}


def entry(number: int) -> Entry:
    who = Who("officer", f"officer-{number % 3}", "deciding", "yek", "s-1")
    return Entry(f"audit:{number}", "applications", Kind.LOOK, LOOKED, who, "application:view", {"case": f"case-{number}"})


def cover(numbers: Sequence[str], *, term: str = "P3Y", kind: str = "system") -> Entry:
    about: dict[str, Any] = {
        "kind": "access-log",
        "rule": "all-1",
        "run": "2029-11-25",
        "count": 10,
        "term": term,
        "numbers": numbers,
    }
    return Entry("audit:31", "applications", Kind.CHANGE, LATER, Who(kind, "applications"), FORGET, about, "retention")


def judged(entries: Sequence[Entry], emptied: Sequence[int], key: AuditKey) -> Judged:
    link, frontier, lines, texts = first_link("applications"), Frontier(), [], list[str]()
    for number, one in enumerate(entries, 1):
        link, frontier = next_link(link, number, one.hash()), frontier.grown([one.hash()])
        text = emptied_line(number, link.hex(), one.hash().hex())
        lines.append((text if number in emptied else entry_line(number, link.hex(), one.canonical().decode())).encode() + b"\n")
        if number in STOPS:
            previous = digest(texts[-1]) if texts else None
            at = STOPS[number]
            texts.append(Checkpoint("applications", len(texts) + 1, number, frontier.root, link, at, previous).signed(key))
    head = {"format": FORMAT, "service": "applications", "keys": [key.public], "checkpoints": texts}
    return judge([json.dumps(head).encode() + b"\n", *lines], None)


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    return new_key(tmp_path / "audit.pem")


THIRTY = [entry(number) for number in range(1, 31)]


def test_entries_that_were_emptied_when_their_term_was_over_leave_the_chain_whole(key: AuditKey) -> None:
    emptied = [1, 2, 3, 5, 6, 7, 8, 9, 10]  # the fourth is held by law
    found = judged([*THIRTY, cover(["1-3", "5-10"])], emptied, key)
    assert (found.broken, found.entries, found.emptied) == (None, 31, 9)


def test_an_entry_that_was_emptied_and_named_by_nobody_is_told(key: AuditKey) -> None:
    found = judged([*THIRTY, cover(["1-3"])], [1, 2, 3, 4], key)
    assert found.broken is not None
    assert (found.broken.what, found.broken.number) == ("deleted", 4)


@pytest.mark.parametrize(
    "by",
    [
        cover(["1-3"], kind="operator"),
        replace(cover(["1-3"]), act="audit:search"),
        cover(["one-three"]),
        cover(["1-3"], term="x"),
    ],
)
def test_who_may_not_say_so_or_says_nonsense_accounts_for_nothing(key: AuditKey, by: Entry) -> None:
    found = judged([*THIRTY, by], [1], key)
    assert found.broken is not None
    assert found.broken.number == 1


def test_an_entry_that_was_emptied_sooner_than_its_term_allows_is_told(key: AuditKey) -> None:
    """Entry 15 was there when the second checkpoint was signed, 300 days after the first: its three years are not over."""
    found = judged([*THIRTY, cover(["1-15"])], list(range(1, 16)), key)
    assert found.broken is not None
    assert found.broken.number == 11
    assert "sooner" in found.broken.told


def test_what_says_so_must_come_after_what_it_is_about(key: AuditKey) -> None:
    found = judged([cover(["2-4"]), *THIRTY], [2], key)
    assert found.broken is not None
    assert found.broken.number == 2


def test_an_emptied_entry_whose_hash_was_changed_breaks_the_chain(key: AuditKey) -> None:
    other = replace(THIRTY[4], act="application:claim")
    entries = [*THIRTY, cover(["1-10"])]
    whole = judged(entries, [5], key)
    assert whole.broken is None
    link = first_link("applications")
    lines = []
    for number, one in enumerate(entries, 1):
        link = next_link(link, number, one.hash())
        line = (
            emptied_line(5, link.hex(), other.hash().hex())
            if number == 5
            else entry_line(number, link.hex(), one.canonical().decode())
        )
        lines.append(line.encode() + b"\n")
    head = {"format": FORMAT, "service": "applications", "keys": [key.public], "checkpoints": []}
    broken = judge([json.dumps(head).encode() + b"\n", *lines], None).broken
    assert broken is not None
    assert broken.number == 5
