"""Every kind of person that may ask, with a token each, and things for them to ask about, in a house that runs."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from shared.web.tokens import TokenVerifier
from tests.integration.applications_client import keyed
from tests.support.house import House
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

Headers = dict[str, str]
PEOPLE = {  # of the demo's file: identity must know whoever asks about themselves
    "owner": "762d10f8-1c95-529f-8430-3120a244ebad",
    "citizen": "03514f31-a251-5a74-bcad-270dee818593",
    "intake": "c2e78f49-a558-59a4-90f6-763832bff8dc",
    "deciding": "6f99a9e1-84d4-5d64-ab59-a2133ece18a1",
    "head": "c365797b-7498-5192-8ffe-4703b585970d",
    "elsewhere": "5857844e-ce2c-5223-84df-c59de331c54e",
    "ministry": "dc964575-f5e3-563f-a9a7-20c8d50082f4",
}
REASON = {"Eshik-Access-Reason": "supervision", "Accept-Language": "en"}


async def trust(house: House, tokens: TestTokens) -> None:
    """Tokens of the test besides identity's, which the services go on using among themselves."""
    published = (await house.doors["identity"].get("/.well-known/jwks.json")).json()["keys"]
    both = {"keys": [*published, *(await tokens.keys())["keys"]]}

    async def fetch() -> dict[str, Any]:
        return both

    for name, app in house.apps.items():
        app.state.verifier = TokenVerifier(name, fetch, app.state.runtime.clock)


def people_of(tokens: TestTokens) -> dict[str, Headers]:
    def officer(person: str, role: str, post: str = "yek", **claims: object) -> Headers:
        return tokens.officer(PEOPLE[person], role, post=post, **claims)

    return {
        "owner": tokens.citizen(PEOPLE["owner"]),
        "citizen": tokens.citizen(PEOPLE["citizen"]),
        **{role: officer(role, role) for role in ("intake", "deciding", "head")},
        "weak": officer("deciding", "deciding", amr=["pwd"]),
        **{f"{role}_elsewhere": officer("elsewhere", role, "ist") for role in ("intake", "deciding", "head")},
        **{role: officer("ministry", role, "mfa") for role in ("ministry", "auditor", "administrator")},
        "service": tokens.service("notifications", "nothing:read"),
        "nobody": {},
    }


async def appointments_of(house: House, tokens: TestTokens) -> dict[str, str]:
    """One that is kept, a place on a waiting list, a ticket, and entries in two draws: one of them may be taken back."""
    api, people = house.doors["applications"], people_of(tokens)
    service, zone = "return-certificate", ZoneInfo("Asia/Yekaterinburg")
    now, today = datetime.now(UTC), datetime.now(zone).date()
    last = today + timedelta(days=40)

    async def post(path: str, who: Headers, body: Any) -> dict[str, Any]:
        answer = await api.post(path, json=body, headers=keyed(who))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    free = (await api.get("/api/appointments/slots", params={"post_id": "yek", "service_id": service})).json()
    visit = {"slot_id": free["days"][-1]["slots"][-1]["id"], "service_id": service, "visitor": "Үлгү"}
    kept = await post("/api/appointments", people["owner"], {"post_id": "yek", "visits": [visit]})
    about = {"post_id": "yek", "service_id": service}
    ticket = await post("/api/officer/walk-ins", people["intake"], {"post_id": "yek"})

    async def entered(first: int) -> tuple[str, str]:
        days = {"from_day": f"{today + timedelta(days=first)}", "until_day": f"{today + timedelta(days=first + 6)}"}
        moments = {"opens_at": now, "closes_at": now + timedelta(hours=2), "draws_at": now + timedelta(hours=3)}
        body = about | days | {name: moment.isoformat() for name, moment in moments.items()}
        draw_id = str((await post("/api/officer/draws", people["head"], body))["id"])
        entry = {"pin": "12345678901234", "visitor": "Үлгү", "hardship": "medical"}
        return draw_id, str((await post(f"/api/draws/{draw_id}/entries", people["owner"], entry))["id"])

    draw_id, _ = await entered(3)
    _, entry_id = await entered(10)
    waits = {"_id": "wait-of-the-owner", "citizen_id": PEOPLE["owner"], "post_id": "yek", "service_id": service, "version": 1}
    waits |= {"from_day": f"{today}", "until_day": f"{last}", "ends_at": now, "joined_at": now, "rank": 0, "state": "waiting"}
    waits |= {"booking_id": None, "live_key": "of-the-test"}
    await house.apps["applications"].state.runtime.database.db.waits.insert_one(waits)
    return {
        "appointment_id": kept["id"],
        "wait_id": "wait-of-the-owner",
        "ticket_id": ticket["id"],
        "draw_id": draw_id,
        "entry_id": entry_id,
        "today": f"{today}",
        "last_day": f"{last}",
    }


async def things_of(house: House, tokens: TestTokens, finished: str) -> dict[str, str]:
    """What the routes are asked about; the case is made anew for each."""
    doors, people = house.doors, people_of(tokens)
    listed = await doors["documents"].get("/api/documents", params={"application_id": finished}, headers=people["owner"])
    officer = (await doors["identity"].get(f"/api/officers/{PEOPLE['intake']}", headers=people["head"] | REASON)).json()
    declared = {"kind": "relative", "officer_id": str(uuid4())}
    related = await doors["applications"].post("/api/officer/relations", json=declared, headers=keyed(people["intake"]))
    wish = {"service": "account", "wrong": "a letter", "right": "as in the passport"}
    asked = await doors["identity"].post("/api/me/rights/corrections", json=wish, headers=keyed(people["owner"]))
    session = await doors["identity"].post("/api/demo/sign-in", json={"account": "aigerim"})
    await doors["applications"].get(f"/api/officer/applications/{finished}", headers=people["intake"] | REASON)

    async def known_look() -> str:
        seen = await doors["applications"].get(f"/api/applications/{finished}/looks", headers=people["owner"])
        return next((str(look["id"]) for look in seen.json()["looks"] if look["by"] == "officer"), "")

    look_id = await eventually(known_look, every_s=0.5)
    path, body = f"/api/applications/{finished}/objections", {"look_id": look_id}
    objection = (await doors["applications"].post(path, json=body, headers=keyed(people["owner"]))).json()
    desk = f"/api/officer/desks/{PEOPLE['deciding']}"
    await doors["applications"].put(desk, json={"skills": []}, headers=people["head"] | REASON)
    return {
        **await appointments_of(house, tokens),
        "look_id": look_id,
        "original_id": "none",
        "pouch_id": "none",
        "body": "consular-department",
        "step_id": "name",
        "cosigner": "other-parent",
        "paper": "attachment",
        "file_id": "none",
        "upload_id": "none",
        "offset": "0",
        "post_id": "yek",
        "officer_id": PEOPLE["deciding"],
        "objection_id": objection["id"],
        "finished_id": finished,
        "request_id": asked.json()["id"],
        "document_id": listed.json()["documents"][0]["document_id"],
        "person_id": PEOPLE["intake"],
        "grant_id": officer["grants"][0]["id"],
        "relation_id": related.json()["id"],
        "session_id": session.json()["session_id"],
        "service_id": "return-certificate",
        "provider": "nobody",
        "passkey": "nobodys",
    }
