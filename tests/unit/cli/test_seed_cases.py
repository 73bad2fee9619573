"""The cases that up opens the small consulate with."""

from collections import Counter

from cli.seed_cases import CASES


def test_each_case_is_known_again_by_its_citizen_its_service_and_its_post() -> None:
    names = Counter((case.citizen, case.service_id, case.post_id) for case in CASES)
    assert set(names.values()) == {1}
    assert {case.until for case in CASES if case.post_id == "yek"} == {
        "draft",
        "submitted",
        "in_review",
        "proposed",
        "awaiting_blank",
        "awaiting_visit",
        "ready",
        "handed_over",
        "refused",
        "withdrawn",
    }
