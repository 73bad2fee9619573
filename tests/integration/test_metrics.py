"""What Prometheus reads of services at work: what is there, what is not told, and what is said when a part is away."""

import asyncio
import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from pymongo import AsyncMongoClient, monitoring

from deploy.local.environment import SERVICES
from services.applications.app import create_app as applications
from services.identity.domain.rights_request import RequestKind
from shared.clock import SystemClock
from shared.contracts.base import EVENTS
from shared.messaging import topology
from shared.metrics import BROKEN_SEALS, JOB_OUTCOMES, REASONS, SECOND_BODIES
from shared.metrics_http import METHODS
from shared.mongo.database import Document
from shared.web.metrics import DEAD_STATES
from shared.web.middleware import UNMATCHED
from tests.integration.applications_client import submitted
from tests.integration.test_operator_state import app_without
from tests.support.images import CHECKOUT
from tests.support.places import Place
from tests.support.scraping import FAULTS, Driven, driven, scrape, table_of, value
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens

OF_THE_LANGUAGE = ("python_", "process_")  # what every exporter of Python tells of itself
PAGE = CHECKOUT / "docs" / "observability.md"
UNIT = re.compile(r"_(seconds|bytes|total|events|rows|messages|consumers|up|info)$")


class Asked(monitoring.CommandListener):
    """Counts the reads of dead letters in one database."""

    def __init__(self) -> None:
        self.of, self.times = "", 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.database_name == self.of and event.command.get("find") == "dead_letters":
            self.times += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@pytest.fixture
async def after_a_case(place: Place, tmp_path: Path) -> Driven:
    return await driven(place, tmp_path)


def samples_of(text: str) -> list[Sample]:
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def purged_kinds() -> set[str]:
    return {one.kind for name in SERVICES for one in import_module(f"services.{name}.retention").retention().purged}


async def test_every_label_has_one_of_few_values_that_are_known_beforehand(after_a_case: Driven) -> None:
    queues = {spec.name for spec in topology.queues((1, 2))}
    allowed: dict[str, set[str]] = {
        "route": {*after_a_case.routes, "/assets/*", UNMATCHED},
        "method": {*METHODS, "other"},
        "status": {f"{first}xx" for first in range(1, 6)},
        "event_type": {*EVENTS, "unknown"},
        "outcome": set(JOB_OUTCOMES),
        "reason": {*REASONS, *BROKEN_SEALS},
        "state": set(DEAD_STATES),
        "body": set(SECOND_BODIES),
        "queue": queues,
        "part": {"database", "broker"},
        "rule": set(FAULTS),
        "kind": {"inbox", "ladder", "dead", "unknown", *after_a_case.job_kinds, *purged_kinds(), *RequestKind},
    }
    seen: dict[str, set[str]] = {}
    for sample in after_a_case.samples():
        if not sample.name.startswith(OF_THE_LANGUAGE):
            for label, told in sample.labels.items():
                seen.setdefault(label, set()).add(told)
    seen.pop("le")
    assert {label: told - allowed.get(label, set()) for label, told in seen.items() if told - allowed.get(label, set())} == {}
    assert seen.keys() == allowed.keys(), "each was seen at least once"


async def test_nothing_of_anybody_is_told(after_a_case: Driven) -> None:
    for text in after_a_case.texts.values():
        assert [word for word in after_a_case.known if word.lower() in text.lower()] == []
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text), "an id"


async def test_names_begin_with_ours_and_say_their_unit(after_a_case: Driven) -> None:
    names = {family.name: family.type for family in after_a_case.families() if not family.name.startswith(OF_THE_LANGUAGE)}
    assert [name for name in names if not name.startswith("eshik_")] == []
    assert [name for name, kind in names.items() if kind == "histogram" and not UNIT.search(name)] == []
    assert [name for name in names if re.search(r"_(ms|millis|minutes)(_|$)", name)] == []


async def test_each_process_tells_of_its_requests_and_of_itself(after_a_case: Driven) -> None:
    for process in ("identity", "applications", "documents", "notifications", "portal"):
        samples = list(after_a_case.samples(process))
        assert (value(samples, "eshik_http_requests_total", status="2xx") or 0) > 0, process
        assert (value(samples, "process_resident_memory_bytes") or 0) > 0, process


async def test_a_request_is_counted_by_its_template_and_an_unknown_one_by_none(after_a_case: Driven) -> None:
    samples = list(after_a_case.samples("applications"))
    submission = {"route": "/api/applications/{application_id}/submission", "method": "POST"}
    assert value(samples, "eshik_http_requests_total", status="2xx", **submission) == 1
    assert value(samples, "eshik_http_request_duration_seconds_count", **submission) == 1
    assert value(samples, "eshik_http_requests_total", status="4xx", route=UNMATCHED) == 1
    assert value(samples, "eshik_http_requests_total", status="4xx", method="other") == 1
    assert value(after_a_case.samples("portal"), "eshik_http_requests_total", route="/assets/*", status="4xx") == 1


async def test_events_jobs_duplicates_and_dead_letters_of_a_case_are_counted(after_a_case: Driven) -> None:
    said = list(after_a_case.samples("applications"))
    assert value(said, "eshik_events_published_total", event_type="application.submitted.v1") == 1
    assert value(said, "eshik_relay_lag_seconds_count", event_type="application.submitted.v1") == 1
    heard = list(after_a_case.samples("notifications"))
    assert value(heard, "eshik_handler_duration_seconds_count", event_type="application.submitted.v1") == 1
    assert value(heard, "eshik_inbox_duplicates_total", event_type="application.submitted.v1") == 1
    assert value(heard, "eshik_dead_letters_stored_total") == 1
    assert (value(heard, "eshik_job_runs_total", outcome="done") or 0) >= 4
    assert value(after_a_case.samples("documents"), "eshik_job_duration_seconds_count", kind="issue_document") == 1


async def test_what_is_asked_of_database_and_broker_is_told(after_a_case: Driven) -> None:
    samples = list(after_a_case.samples("notifications"))
    assert value(samples, "eshik_scrape_part_up") == 2
    assert value(samples, "eshik_outbox_rows") == 0
    assert value(samples, "eshik_queue_consumers", queue="notifications.inbox", kind="inbox") == 1
    assert value(samples, "eshik_queue_messages", kind="ladder") == 0
    assert value(after_a_case.samples("applications"), "eshik_ledger_holds") == 0
    assert value(after_a_case.samples("applications"), "eshik_ledger_faults", rule="events") == 2


async def test_the_list_in_the_documentation_is_what_is_told(after_a_case: Driven) -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = page.partition("<!-- metrics -->\n")[2].partition("\n<!-- /metrics -->")[0]
    assert listed == table_of(after_a_case), f"write this between the two marks of {PAGE.name}:\n{table_of(after_a_case)}"


async def test_every_metric_that_the_documentation_explains_exists(after_a_case: Driven) -> None:
    explained = set(re.findall(r"`(eshik_\w+)`", PAGE.read_text(encoding="utf-8").partition("## All metrics")[0]))
    assert explained
    assert explained <= set(re.findall(r"`(eshik_\w+)`", table_of(after_a_case)))


async def test_what_waits_is_counted_with_its_age(place: Place, tokens: TestTokens) -> None:
    long_ago = SystemClock().now() - timedelta(seconds=300)
    job = {"kind": "expire_draft", "due_at": long_ago}
    async with serving(app_without(place, "ESHIK_RABBIT_URL"), tokens, until_ready=False) as client:
        await eventually(lambda: _prepared(client), within_s=30)
        await submitted(client, tokens.citizen("aigul"))
        async with AsyncMongoClient[Document](place.mongo_url) as mongo:
            db = mongo[f"{place.database_prefix}applications"]
            given_up = {**job, "_id": "given-up", "state": "alarmed"}
            replay = {**given_up, "kind": "replay_dead_letter", "_id": "replay"}
            await db.jobs.insert_many([given_up, replay, {**job, "kind": "worked_by_nobody", "_id": "late", "state": "waiting"}])
            await db.dead_letters.insert_one({"_id": "m", "state": "parked", "reason": "SomeError", "dead_at": long_ago})
            await db.outbox.update_one({}, {"$set": {"occurred_at": long_ago}})

        async def told() -> list[Sample]:
            samples = samples_of(await scrape(client))
            return samples if value(samples, "eshik_jobs_late") else []

        samples = await eventually(told)
    assert value(samples, "eshik_outbox_rows") == 1
    assert (value(samples, "eshik_oldest_unsent_event_age_seconds") or 0) >= 300
    assert value(samples, "eshik_jobs_late", kind="unknown") == 1
    assert value(samples, "eshik_jobs_alarmed", kind="expire_draft") == 1
    assert value(samples, "eshik_jobs_alarmed", kind="replay_dead_letter") == 1
    assert (value(samples, "eshik_oldest_due_job_age_seconds") or 0) >= 300
    assert value(samples, "eshik_dead_letters", state="parked", reason="handler-failed") == 1


async def test_what_cannot_be_asked_is_absent_and_said_to_be_away(place: Place, tokens: TestTokens) -> None:
    async with serving(app_without(place, "ESHIK_RABBIT_URL"), tokens, until_ready=False) as client:
        await eventually(lambda: _prepared(client), within_s=30)
        without_broker = await scrape(client)
    async with serving(app_without(place, "ESHIK_MONGO_URL"), tokens, until_ready=False) as client:
        without_database = await scrape(client)

    assert "eshik_queue_messages" not in without_broker
    assert value(samples_of(without_broker), "eshik_scrape_part_up", part="broker") == 0
    assert value(samples_of(without_broker), "eshik_scrape_part_up", part="database") == 1
    assert "eshik_outbox_rows" not in without_database
    assert "eshik_ledger_holds" not in without_database
    assert value(samples_of(without_database), "eshik_scrape_part_up", part="database") == 0


async def test_many_scrapes_at_once_ask_the_database_once(place: Place, tokens: TestTokens) -> None:
    asked = Asked()
    monitoring.register(asked)  # by every client that is made from now on
    async with serving(applications(place.settings()), tokens) as client:
        asked.of = f"{place.database_prefix}applications"
        await asyncio.gather(*(scrape(client) for _ in range(20)))
    assert 0 < asked.times <= 2 * len(DEAD_STATES), "twice at most, where the machine stood still"


async def test_a_ledger_that_was_never_checked_is_absent_and_not_said_to_hold(place: Place, tokens: TestTokens) -> None:
    async with serving(applications(place.settings()), tokens) as client:
        assert "eshik_ledger" not in await scrape(client)


async def _prepared(client: httpx.AsyncClient) -> bool:
    return "indexes" not in (await client.get("/health/ready")).json()["parts"]
