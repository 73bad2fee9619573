"""The small consulate that up opens with, as it should be and as it is."""

from collections import Counter

from cli.seed_cases import CASES
from tests.support.stacks import RunningStack


def statuses(stack: RunningStack) -> Counter[tuple[str, str, str]]:
    rows = stack.rows("applications", "applications")
    return Counter((row["service_id"], row["post_id"], row["status"]) for row in rows)


def planned() -> Counter[tuple[str, str, str]]:
    return Counter((case.service_id, case.post_id, case.until) for case in CASES)
