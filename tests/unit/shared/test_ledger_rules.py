"""The rules of the ledger: each finds what it is for, and nothing in a sound system or one at work."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from shared.ledger import (
    EMPTY_FOR,
    OVERTAKEN_FOR,
    Delivery,
    Fault,
    JobSeen,
    Kept,
    Queued,
    Side,
    Told,
    Watched,
    balance,
    by_group,
    events_verdict,
    jobs_verdict,
    journal_faults,
    missing_faults,
    watch,
)
from shared.mongo.ledger import ALL, Span, parts_of_all

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
GROUPS = {"open": ("submitted", "proposed"), "decided": ("ready",)}
LEFT = Side("the journal", {"told": 0})
MISSING = [Delivery(f"e{number}", "documents", NOW - timedelta(minutes=5)) for number in range(3)]


def faults_of(found: dict[str, str | None], due: dict[str, str | None]) -> list[tuple[str, str]]:
    return [(f.id, f.what.partition(":")[0]) for f in balance("cases", LEFT, found, due, GROUPS, "status").faults]


def test_what_is_due_and_there_in_a_known_state_is_no_fault() -> None:
    verdict = balance("cases", LEFT, {"a": "submitted", "b": "ready"}, {"a": "told", "b": "told"}, GROUPS, "status")
    assert verdict.holds
    assert verdict.right.counts == {"open": 1, "decided": 1}


def test_what_is_due_and_not_there_is_lost() -> None:
    assert faults_of({}, {"a": "told"}) == [("a", "lost")]
    assert faults_of({"a": None}, {"a": "told"}) == [("a", "lost")]


def test_what_is_there_and_due_to_nobody_is_made_up() -> None:
    assert faults_of({"a": "ready"}, {}) == [("a", "there, and nothing says why")]


def test_a_state_that_nobody_knows_is_a_fault_and_counted_apart() -> None:
    assert faults_of({"a": "half-ready"}, {"a": "told"}) == [("a", "in a state that nobody knows")]
    assert by_group(["ready", "half-ready"], GROUPS) == {"open": 0, "decided": 1, "unknown state": 1}


def test_a_journal_that_leads_to_the_version_and_state_is_sound() -> None:
    assert journal_faults("a", Told(3, 3, frozenset({"submitted"})), Kept(3, "submitted")) == []


def test_a_journal_that_lacks_an_entry_or_leads_elsewhere_is_not() -> None:
    submitted = frozenset({"submitted"})
    wrong = [
        (None, Kept(1, "draft")),
        (Told(1, 1, submitted), None),
        (Told(3, 3, submitted), Kept(4, "submitted")),
        (Told(2, 3, submitted), Kept(3, "submitted")),
        (Told(3, 3, submitted), Kept(3, "ready")),
    ]
    assert [len(journal_faults("a", told, kept)) for told, kept in wrong] == [1] * 5


def test_a_missing_event_is_a_fault_when_the_queues_of_its_subscriber_are_empty() -> None:
    found = missing_faults(MISSING, {"documents": Queued(0)}, {}, NOW, exact=True)
    assert [fault.id for fault in found] == ["e0", "e1", "e2"]


def test_missing_events_are_on_their_way_where_the_queues_hold_as_many() -> None:
    assert missing_faults(MISSING, {"documents": Queued(3)}, {}, NOW, exact=True) == []
    assert missing_faults(MISSING, {}, {}, NOW, exact=True) == []  # nobody can say


def test_more_missing_events_than_messages_in_the_queues_are_faults() -> None:
    assert len(missing_faults(MISSING, {"documents": Queued(2)}, {}, NOW, exact=True)) == 3


def test_queues_that_look_empty_for_a_moment_are_no_proof_where_messages_in_hand_are_not_counted() -> None:
    seen = {MISSING[0].key: Watched(NOW - EMPTY_FOR, NOW - EMPTY_FOR + timedelta(seconds=1))}
    assert missing_faults(MISSING, {"documents": Queued(0)}, seen, NOW, exact=False) == []
    assert len(missing_faults(MISSING, {"documents": Queued(0)}, seen, NOW + timedelta(seconds=1), exact=False)) == 1


def test_an_event_that_later_ones_have_long_overtaken_is_a_fault_whatever_its_queues_hold() -> None:
    seen = {MISSING[0].key: Watched(NOW - timedelta(hours=1), None, NOW - OVERTAKEN_FOR)}
    found = missing_faults(MISSING, {"documents": Queued(500)}, seen, NOW, exact=False)
    assert [fault.id for fault in found] == ["e0"]


def test_watching_remembers_since_when_and_forgets_what_has_arrived() -> None:
    key = MISSING[0].key
    first = watch(MISSING[:1], [], {"documents": Queued(0)}, {}, NOW)
    assert first == {key: Watched(NOW, NOW, None)}
    later, at = Delivery("e9", "documents", NOW + timedelta(seconds=30), "handled"), NOW + timedelta(minutes=2)
    second = watch(MISSING[:1], [later], {"documents": Queued(4)}, first, at)
    assert second == {key: Watched(NOW, None, at)}
    assert watch(MISSING[:1], [later], {}, second, at + timedelta(minutes=1)) == second
    assert watch([], MISSING[:1], {}, second, at) == {}


def test_an_earlier_event_that_was_handled_overtakes_nothing() -> None:
    earlier = Delivery("e9", "documents", NOW - timedelta(seconds=1), "handled")
    assert watch(MISSING[:1], [earlier], {}, {}, NOW)[MISSING[0].key].overtaken_since is None


def test_deliveries_are_counted_by_where_they_are_and_faults_are_on_no_way() -> None:
    there = [Delivery("e7", "documents", NOW, "handled"), Delivery("e8", "documents", NOW, "parked"), *MISSING]
    verdict = events_verdict("applications", there, [Fault(MISSING[0].key, "e0", "lost")], 5, "left", "right")
    assert verdict.right.counts == {"in the outbox": 0, "handled": 1, "parked": 1, "on their way": 2}
    assert (verdict.left.total, verdict.holds) == (5, False)


def test_a_job_in_an_unknown_state_or_left_behind_by_its_worker_is_a_fault() -> None:
    jobs = {
        "a": JobSeen("done"),
        "b": JobSeen("lost"),
        "c": JobSeen("leased", 5),
        "d": JobSeen("leased", 61),
        "e": JobSeen("alarmed"),
    }
    verdict = jobs_verdict(jobs, "left", "right")
    assert [fault.id for fault in verdict.faults] == ["b", "d"]
    assert verdict.right.counts == {"done": 1, "waiting": 2, "alarmed": 1, "unknown state": 1}


@pytest.mark.parametrize("count", [16, 256])
def test_the_parts_of_all_ids_leave_no_gap_and_do_not_overlap(count: int) -> None:
    parts = parts_of_all(count)
    assert len(parts) == count
    assert (parts[0].first, parts[-1].end) == (ALL.first, ALL.end)
    assert all(one.end == following.first for one, following in pairwise(parts))
    some = ["0-first", "00ff", "7f3a", "a1", "ffff-ffff", "message"]
    assert all(sum(part.first <= key < part.end for part in parts) == 1 for key in some)


def test_everything_needs_no_query_and_a_kind_of_job_is_a_closed_range() -> None:
    assert ALL.of() == {}
    assert Span("a", "b").of("application_id") == {"application_id": {"$gte": "a", "$lt": "b"}}
    assert ALL.of(prefix="send:") == {"_id": {"$gte": "send:", "$lt": "send:~"}}
