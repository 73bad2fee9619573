"""docs/guarantees.md and the fault tests say the same."""

from collections import Counter

from deploy.local.places import CHECKOUT
from tests.support.guarantees import TABLE, fault_tests, last_full_run, rows, runs

# of the design's table: messages, transactions, topology, shutdown, replay, clocks, sealed data and schema versions
PROMISED = frozenset({*range(1, 28), 37, 38, 40, 42, 43, 46, 48, 49, 50})
ROWS = rows(TABLE.read_text(encoding="utf-8"))


def test_every_promised_guarantee_has_a_row() -> None:
    assert not PROMISED - frozenset().union(*(row.numbers for row in ROWS))


def test_every_fault_test_is_in_the_table_once_and_every_test_of_the_table_exists() -> None:
    named = Counter(test for row in ROWS for test in row.tests)
    assert set(named) == set(fault_tests())
    assert [test for test, times in named.items() if times > 1] == []


def test_every_row_names_a_mechanism_a_test_and_what_happened_without_the_mechanism() -> None:
    for row in ROWS:
        assert row.tests, row.guarantee
        assert row.without, row.guarantee
        assert row.files, row.guarantee
        assert [path for path in row.files if not (CHECKOUT / path).exists()] == []


def test_the_last_full_run_of_each_row_is_the_recorded_one() -> None:
    recorded = runs()
    assert [row.guarantee for row in ROWS if row.last_full_run != last_full_run(row.tests, recorded)] == []
