"""From an event on the broker to a message in somebody's hands, with every way a provider can fail."""

import email
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.keys import Keys, make_keys
from services.notifications.app import create_app
from shared.contracts.applications import (
    ApplicationApproved,
    ApplicationMoved,
    ApplicationPaymentTakenBack,
    ApplicationRefused,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    MovedAs,
    OutcomeKind,
    Owed,
)
from shared.contracts.base import Event
from shared.contracts.documents import DocumentIssued
from tests.support.notifying import BOTH, ONLY_EMAIL, ONLY_PHONE, REFUSED_EMAIL, Surroundings, surroundings
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def around(place: Place, keys: Keys, tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings(place, keys, tmp_path) as parts:
        yield parts


@pytest.fixture
async def unattended(
    around: Surroundings, tokens: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Notifications, while identity is away."""
    for name, value in around.environment("notifications").items():
        monkeypatch.setenv(name, value)
    async with serving(create_app(), tokens) as client:
        yield client


@pytest.fixture
async def api(around: Surroundings, unattended: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with around.identity():
        yield unattended


def app_behind(client: httpx.AsyncClient) -> FastAPI:
    transport: Any = client._transport
    app: FastAPI = transport._inner.app  # inside the transport that asks again
    return app


def of(kind: type[Event], *, citizen: str = BOTH, case: str = "a1", **more: Any) -> Event:
    facts = {"sequence": 2, "occurred_at": AT, "application_id": case, "citizen_id": citizen, "reference": "YEK-26-A1B2"}
    where = {"document_id": "d1", "revision": 1} if issubclass(kind, DocumentIssued) else {"post_id": "yek"}
    return kind.model_validate({**facts, **where, "service_id": "return-certificate", **more})


async def messages(
    api: httpx.AsyncClient, tokens: TestTokens, *, citizen: str = BOTH, case: str = "a1"
) -> dict[str, dict[str, Any]]:
    """By channel and notice, as `email:application_received`."""
    response = await api.get("/api/notifications", params={"application_id": case}, headers=tokens.citizen(citizen))
    return {f"{m['channel']}:{m['notice']}": m for m in response.json()["messages"]}


async def settled(
    api: httpx.AsyncClient, tokens: TestTokens, *, citizen: str = BOTH, case: str = "a1", count: int = 2
) -> dict[str, dict[str, Any]]:
    async def check() -> dict[str, dict[str, Any]] | None:
        found = await messages(api, tokens, citizen=citizen, case=case)
        done = [m for m in found.values() if m["status"] in ("sent", "failed", "unknown", "suppressed")]
        return found if len(done) >= count else None

    return await eventually(check, within_s=40) or {}


def outcome(message: dict[str, Any]) -> tuple[str, str | None]:
    return message["status"], message["reason"]


async def test_of_a_payment_that_was_taken_back_its_citizen_reads_how_much_by_when_and_how_to_pay_again(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    taken = {"amount_minor": 160_050, "currency": "RUB", "owed": Owed.FEE, "pay_by": "2026-12-20"}
    await around.publish(of(ApplicationPaymentTakenBack, **taken))
    told = await settled(api, tokens)
    assert {outcome(told[f"{channel}:payment_taken_back_until"]) for channel in ("email", "sms")} == {("sent", None)}
    (envelope,) = around.mailbox.kept
    assert isinstance(envelope.content, bytes)
    letter = email.message_from_bytes(envelope.content, policy=default).get_content()
    assert all(part in letter for part in ("1\u00a0600,50\u00a0рубль", "20.12.2026", "YEK-26-A1B2")), letter


async def test_a_submitted_application_is_told_by_mail_and_sms_in_the_citizen_s_language(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted))
    told = await settled(api, tokens)

    by_mail, by_sms = told["email:application_received"], told["sms:application_received"]
    (envelope,) = around.mailbox.kept
    assert isinstance(envelope.content, bytes)
    letter = email.message_from_bytes(envelope.content, policy=default)
    text = (await around.gateway.get(f"/messages/{by_sms['id']}")).json()
    assert (outcome(by_mail), outcome(by_sms)) == (("sent", None), ("sent", None))
    assert envelope.rcpt_tos == ["aigerim@citizen.example"]
    assert letter["Message-ID"] == f"<{by_mail['id']}@eshik.example>"
    assert letter["Subject"] == "[SPECIMEN] YEK-26-A1B2 арызыңыз келип түштү"
    assert text["deliveries"] == 1


async def test_no_contact_point_and_no_name_is_kept_here(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted))
    listed = await settled(api, tokens)
    db = app_behind(api).state.runtime.database.db
    kept = [str(row) for name in await db.list_collection_names() for row in await db[name].find().to_list()]

    for personal in ("aigerim@", "+79120000101", "Айгерим", "Токтобекова"):
        assert personal not in str(listed) + "".join(kept)
    for masked in ("@citizen.example", "0101"):
        assert masked not in "".join(kept)


async def test_only_what_matters_to_the_citizen_is_told(around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens) -> None:
    await around.publish(of(ApplicationApproved, outcome=OutcomeKind.DIGITAL_DOCUMENT))
    await around.publish(of(ApplicationMoved, from_post_id="ist", closure_id="ist:1", moved_as=MovedAs.OVER))
    await around.publish(of(ApplicationApproved, outcome=OutcomeKind.PRINT_ON_BLANK))
    await around.publish(of(ApplicationApproved, outcome=OutcomeKind.PREPARED_FOR_VISIT))
    await around.publish(of(ApplicationRefused, reason="documents-missing"))
    await around.publish(of(ApplicationWithdrawn))
    await around.publish(of(DocumentIssued))
    told = await settled(api, tokens, count=10)

    notices = ("document_in_preparation", "visit_needed", "application_refused", "application_withdrawn", "document_ready")
    assert set(told) == {f"{channel}:{notice}" for channel in ("email", "sms") for notice in notices}
    assert {m["status"] for m in told.values()} == {"sent"}


async def test_an_event_that_arrives_five_times_at_once_is_told_once(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted), times=5)
    told = await settled(api, tokens)
    await around.publish(of(ApplicationWithdrawn))
    await settled(api, tokens, count=4)

    assert len(around.mailbox.kept) == 2
    assert await around.sms_deliveries(told["sms:application_received"]["id"]) == 1


async def test_a_mailbox_that_does_not_exist_is_final_and_told_to_those_who_look_after_the_case(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    around.mailbox.rcpt_answer = "550 no such mailbox"
    await around.publish(of(ApplicationSubmitted, citizen=REFUSED_EMAIL))
    told = await settled(api, tokens, citizen=REFUSED_EMAIL)

    (event,) = await eventually(around.undeliverable)
    assert outcome(told["email:application_received"]) == ("failed", "smtp-recipient-550")
    assert (event.notification_id, event.channel, event.reason) == (
        told["email:application_received"]["id"],
        "email",
        "smtp-recipient-550",
    )
    assert event.application_id == "a1"


async def test_a_busy_provider_is_asked_again_until_it_takes_the_message(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    around.mailbox.data_answer = "451 later"
    await around.gateway_behaves("busy")
    await around.publish(of(ApplicationSubmitted))
    waiting = await eventually(lambda: _back_in_line(api, tokens))
    around.mailbox.data_answer = "250 kept"
    told = await settled(api, tokens)

    assert waiting
    assert {m["status"] for m in told.values()} == {"sent"}
    assert len(around.mailbox.kept) == 1
    assert await around.undeliverable() == []


async def _back_in_line(api: httpx.AsyncClient, tokens: TestTokens) -> bool:
    mail = (await messages(api, tokens)).get("email:application_received")
    return bool(mail and mail["status"] == "queued" and mail["at"] > mail["queued_at"])


async def test_a_gateway_that_took_an_sms_and_fell_silent_is_asked_and_not_called_again(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.gateway_behaves("drop_after_accepting")
    await around.publish(of(ApplicationSubmitted, citizen=ONLY_PHONE))
    told = await settled(api, tokens, citizen=ONLY_PHONE)

    assert outcome(told["sms:application_received"]) == ("sent", None)
    assert await around.sms_deliveries(told["sms:application_received"]["id"]) == 1


async def test_a_gateway_that_never_answers_leaves_an_sms_unknown_and_it_is_not_sent_again(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.gateway_behaves("hang")
    await around.publish(of(ApplicationSubmitted, citizen=ONLY_PHONE))
    told = await settled(api, tokens, citizen=ONLY_PHONE)

    (event,) = await eventually(around.undeliverable)
    assert outcome(told["sms:application_received"]) == ("unknown", "outcome-unknown")
    assert (event.channel, event.reason) == ("sms", "outcome-unknown")
    assert await around.sms_deliveries(told["sms:application_received"]["id"]) == 0


async def test_a_gateway_that_comes_back_and_knows_the_sms_settles_it_without_a_second_call(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.gateway_behaves("hang")
    await around.publish(of(ApplicationSubmitted, citizen=ONLY_PHONE))
    lost = (await settled(api, tokens, citizen=ONLY_PHONE))["sms:application_received"]
    late = {"id": lost["id"], "to": "+996999000102", "text": "the first call, at last"}
    (await around.gateway.post("/messages", json=late)).raise_for_status()
    (around.folder / "clock").write_text("120")
    told = await eventually(lambda: _sent_by_sms(api, tokens), within_s=40)

    assert lost["status"] == "unknown"
    assert told["id"] == lost["id"]
    assert await around.sms_deliveries(lost["id"]) == 1


async def _sent_by_sms(api: httpx.AsyncClient, tokens: TestTokens) -> dict[str, Any]:
    message = (await messages(api, tokens, citizen=ONLY_PHONE)).get("sms:application_received", {})
    return message if message.get("status") == "sent" else {}


async def test_a_person_who_can_be_told_one_way_needs_no_officer(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted, citizen=ONLY_EMAIL))
    told = await settled(api, tokens, citizen=ONLY_EMAIL)

    assert outcome(told["sms:application_received"]) == ("suppressed", "no-contact-point")
    assert outcome(told["email:application_received"]) == ("sent", None)
    assert await around.undeliverable() == []


async def test_a_person_who_cannot_be_told_at_all_is_brought_to_an_officer_s_notice(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted, citizen="nobody-we-know"))
    told = await settled(api, tokens, citizen="nobody-we-know")
    await eventually(lambda: _empty_outbox(api))

    assert {outcome(m) for m in told.values()} == {("failed", "no-contact-point")}
    assert {(e.channel, e.reason) for e in await around.undeliverable()} == {
        ("email", "no-contact-point"),
        ("sms", "no-contact-point"),
    }


async def _empty_outbox(api: httpx.AsyncClient) -> bool:
    db = app_behind(api).state.runtime.database.db
    return bool(await db.outbox.count_documents({}) == 0)


async def test_while_identity_is_away_messages_wait_and_lose_no_try(
    around: Surroundings, unattended: httpx.AsyncClient, tokens: TestTokens
) -> None:
    async with around.identity():
        pass  # from now on the people are there as soon as it answers
    await around.publish(of(ApplicationSubmitted))
    await eventually(lambda: _put_back(unattended))
    waiting = await messages(unattended, tokens)
    async with around.identity():
        told = await settled(unattended, tokens)

    db = app_behind(unattended).state.runtime.database.db
    assert {m["status"] for m in waiting.values()} == {"queued"}
    assert {m["status"] for m in told.values()} == {"sent"}
    assert {row["attempts"] async for row in db.jobs.find()} == {0}


async def _put_back(api: httpx.AsyncClient) -> bool:
    db = app_behind(api).state.runtime.database.db
    return bool(await db.jobs.count_documents({"reason": {"$ne": None}}) == 2)


async def test_what_a_mail_server_said_is_not_forgotten_when_the_database_is_away_at_that_moment(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    around.mailbox.data_delay_s = 0.8
    await around.publish(of(ApplicationSubmitted, citizen=ONLY_EMAIL))
    await eventually(lambda: _sending(api, tokens))
    database = app_behind(api).state.runtime.database
    away = {"failCommands": ["update"], "errorCode": 50}  # as a time-out: the outcome cannot be written, nor the job put back
    await database.client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 3}, "data": away})
    told = await settled(api, tokens, citizen=ONLY_EMAIL)
    (job,) = [row async for row in database.db.jobs.find({"key": told["email:application_received"]["id"]})]

    assert outcome(told["email:application_received"]) == ("sent", None)
    assert job["fence"] > 1
    assert len(around.mailbox.kept) == 1


async def _sending(api: httpx.AsyncClient, tokens: TestTokens) -> bool:
    mail = (await messages(api, tokens, citizen=ONLY_EMAIL)).get("email:application_received")
    return bool(mail and mail["status"] == "sending")


async def test_news_that_has_become_old_is_not_sent_any_more(
    around: Surroundings, unattended: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted))
    await eventually(lambda: _put_back(unattended))
    (around.folder / "clock").write_text(str(timedelta(days=4).total_seconds()))
    late = TestTokens(app_behind(unattended).state.runtime.clock)
    app_behind(unattended).state.verifier._fetch = late.keys
    async with around.identity():
        told = await settled(unattended, late)

    assert {outcome(m) for m in told.values()} == {("failed", "too-old")}
    assert around.mailbox.kept == []


async def test_a_case_s_messages_are_seen_by_its_citizen_and_its_post_and_by_nobody_else(
    around: Surroundings, api: httpx.AsyncClient, tokens: TestTokens
) -> None:
    await around.publish(of(ApplicationSubmitted))
    await around.publish(of(DocumentIssued))
    await settled(api, tokens, count=4)

    async def seen(headers: dict[str, str]) -> int:
        response = await api.get("/api/notifications", params={"application_id": "a1"}, headers=headers)
        assert response.status_code == 200
        return len(response.json()["messages"])

    assert await seen(tokens.citizen(BOTH)) == 4
    assert await seen(tokens.officer("o1", post="yek")) == 4
    assert await seen(tokens.citizen(ONLY_EMAIL)) == 0
    assert await seen(tokens.officer("o2", post="ist")) == 0


async def test_without_a_person_s_token_nothing_is_shown(api: httpx.AsyncClient, tokens: TestTokens) -> None:
    asked = {"params": {"application_id": "a1"}}

    assert (await api.get("/api/notifications", **asked)).status_code == 401  # type: ignore[arg-type]
    as_service = await api.get("/api/notifications", **asked, headers=tokens.service("documents", "dossier:read"))  # type: ignore[arg-type]
    assert as_service.status_code == 403
    assert (await api.get("/api/notifications", headers=tokens.citizen(BOTH))).status_code == 422
