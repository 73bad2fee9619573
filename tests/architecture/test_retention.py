"""Everything that is kept has a rule for how long, or a reason why none; and what the rules say is what the code does."""

from datetime import date
from functools import cache

import pytest

from cli.service_apps import every_app
from deploy.local.environment import SERVICES
from shared.mongo.database import Indexes
from shared.mongo.indexes import KERNEL_INDEXES
from shared.retention.rules import Rules
from shared.runtime import Runtime

DAY = date(2026, 11, 23)
EMPTY_AT_ONCE = {"sign_in_counts", "sign_in_delays"}  # the rows say themselves when they are over


@cache
def runtime(service: str) -> Runtime:
    found: Runtime = every_app()[service].state.runtime
    return found


def rules(service: str) -> Rules:
    retention = runtime(service).retention
    assert retention is not None
    return retention.book.on(DAY)


def uncovered(kept: set[str], of: Rules) -> list[str]:
    return sorted(kept - set(of.covered()))


def lives(indexes: Indexes) -> dict[str, int]:
    """Seconds after which the database deletes rows by itself, by collection."""
    return {
        name: index.document["expireAfterSeconds"]
        for name, models in indexes.items()
        for index in models
        if "expireAfterSeconds" in index.document
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_collection_of_every_service_has_a_rule_or_a_reason_why_none(service: str) -> None:
    kept = set(KERNEL_INDEXES) | set(runtime(service)._indexes)
    assert uncovered(kept, rules(service)) == []
    assert sorted(set(rules(service).covered()) - kept) == []  # and no rule is about what is not there


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_database_deletes_by_itself_is_what_the_rules_say_and_nothing_else_is(service: str) -> None:
    found = lives({**KERNEL_INDEXES, **runtime(service)._indexes})
    told = {
        name: int(kind.rule.term.shortest.total_seconds())
        for kind in rules(service).kinds.values()
        if kind.rule.by == "index"
        for name in kind.rule.collections
    }
    assert {name: seconds for name, seconds in found.items() if name not in EMPTY_AT_ONCE} == told
    assert all(found.get(name, 0) == 0 for name in EMPTY_AT_ONCE)


def test_a_collection_without_a_rule_would_be_seen() -> None:
    assert uncovered({"applications", "diary"}, rules("applications")) == ["diary"]
