"""Pages of visits over the real API of applications: what they offer, what they say, and what they lead to."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from services.applications.app import create_app
from services.applications.config import Settings
from services.portal.apis import SERVICES
from services.portal.app import create_app as create_portal
from services.portal.session import Session
from tests.integration.applications_client import Headers, keyed, submitted
from tests.support.appointing import AT
from tests.support.places import Place
from tests.support.serving import serving
from tests.support.tokens import TestTokens
from tests.unit.portal.portal import assets, person, settings, visiting, with_token

RETURN = "return-certificate"
LONG: dict[str, Any] = {"iat": AT, "exp": datetime.now(UTC) + timedelta(days=100)}


class Identity:
    """What pages ask of it here. known: of who they are; token: the next one of the sign-in, which knows it too."""

    def __init__(self) -> None:
        self.known, self.token, self.renewed = "self-asserted", "", 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/api/me")
        async def me() -> dict[str, str]:
            return {"assurance": self.known}

        @app.post("/api/sessions/refresh")
        async def refresh() -> dict[str, object]:
            self.renewed += 1
            return {"access_tokens": dict.fromkeys(SERVICES, self.token), "refresh_token": "next", "refresh_expires_in": 1000}

        return app


def bearer(headers: Headers) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


def signed_in(headers: Headers, **known: Any) -> Session:
    return Session(csrf="c" * 32, person=person(tokens=dict.fromkeys(SERVICES, bearer(headers)), **known))


@asynccontextmanager
async def pages_of(
    api: httpx.AsyncClient, session: Session, identity: Identity | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    portal = create_portal(settings(assets=assets()))
    async with visiting(portal, session) as client:
        asked = httpx.ASGITransport((identity or Identity()).app())
        async with httpx.AsyncClient(transport=asked, base_url="http://identity") as stand_in:
            own = dict(portal.state.apis._clients)
            portal.state.apis._clients |= {"applications": api, "identity": stand_in}
            yield client
            portal.state.apis._clients |= own  # the portal closes what is its own


def clock_at(moment: datetime, clock: Path) -> None:
    clock.write_text(str((moment - datetime.now(UTC)).total_seconds()))


async def announced(api: httpx.AsyncClient, head: Headers) -> str:
    moments = {"opens_at": AT, "closes_at": AT + timedelta(days=3), "draws_at": AT + timedelta(days=4)}
    body = {"post_id": "yek", "service_id": RETURN, "from_day": "2026-12-07", "until_day": "2026-12-07"}
    body |= {name: moment.isoformat() for name, moment in moments.items()}
    made = await api.post("/api/officer/draws", json=body, headers=keyed(head))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_the_form_of_a_draw_is_shown_to_who_is_proven_and_others_read_first_what_is_missing_and_how_to_get_it(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock_at(AT, tmp_path / "clock")
    soon = LONG | {"exp": datetime.now(UTC) + timedelta(minutes=15)}  # as a true token, so that a longer one is asked for
    unknown, proven = (tokens.citizen("aigerim", acr=acr, **soon) for acr in ("self-asserted", "counter-seen"))
    async with serving(create_app(place.settings(clock_file=tmp_path / "clock")), tokens) as api:
        path = f"/draws/{await announced(api, tokens.officer('bakyt', 'head', **LONG))}"
        identity = Identity()
        identity.token = bearer(proven)
        session = signed_in(unknown)
        async with pages_of(api, session, identity) as client:
            before = (await client.get(path)).text
            sent = await client.post(f"{path}/entry", data=with_token(session, visitor="Үлгү", pin="1" * 14, key=str(uuid4())))
            identity.known = "counter-seen"  # the officer at the counter has seen the passport
            after = (await client.get(path)).text
        async with pages_of(api, signed_in(proven)) as client:
            known = (await client.get(path)).text
    assert 'id="entry-form"' not in before
    assert 'form="entry-form"' not in before, "nor does the choice of the language send it"
    assert "Nobody has seen your papers yet." in before
    assert "before 26 November 2026, 10:00." in before
    assert 'href="/posts/yek"' in before
    assert 'href="/account#raise"' in before
    assert (sent.status_code, 'id="entry-form"' in sent.text) == (422, False)
    assert ('id="entry-form"' in after, identity.renewed) == (True, 1), "the sign-in of before learns of it"
    assert 'id="entry-form"' in known
    assert "6, on 7 December 2026" in known


async def test_a_day_that_is_waited_for_is_shown_once_and_a_span_with_both_its_days(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock_at(AT, tmp_path / "clock")
    citizen = tokens.citizen("aigerim", **LONG)
    async with serving(create_app(place.settings(clock_file=tmp_path / "clock")), tokens) as api:
        for service, until in ((RETURN, "2026-11-28"), ("passport-adult", "2026-11-29")):  # a weekend: nobody is received
            body = {"post_id": "yek", "service_id": service, "from_day": "2026-11-28", "until_day": until}
            made = await api.post("/api/waiting-list", json=body, headers=keyed(citizen))
            assert made.status_code == 201, made.text
        async with pages_of(api, signed_in(citizen)) as client:
            page = (await client.get("/appointments")).text
    shown = [re.sub(r"\s+", " ", line) for line in re.findall(r"· (\d[^<]*2026)<br>", page)]
    assert sorted(shown) == ["28 November 2026", "28 November 2026 – 29 November 2026"]


async def test_a_visit_that_took_place_is_offered_no_cancelling_and_a_form_left_open_shows_how_it_stands(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock, slot = tmp_path / "clock", "yek.a.2026-12-08.0930"
    clock_at(AT, clock)
    citizen, officer = tokens.citizen("aigerim", **LONG), tokens.officer("nurlan", "intake", **LONG)
    async with serving(create_app(place.settings(clock_file=clock)), tokens) as api:
        visit = {"slot_id": slot, "service_id": RETURN, "visitor": "Үлгү"}
        made = await api.post("/api/appointments", json={"post_id": "yek", "visits": [visit]}, headers=keyed(citizen))
        path, session = f"/appointments/{made.json()['id']}", signed_in(citizen)
        await api.post(f"/api{path}/booking", json={}, headers=keyed(citizen))
        async with pages_of(api, session) as client:
            before = (await client.get(path)).text
            clock_at(datetime(2026, 12, 8, 2, tzinfo=UTC), clock)
            body = {"slot_id": slot, "attendance": "served"}
            noted = await api.post(f"/api/officer{path}/attendance", json=body, headers=keyed(officer))
            assert noted.status_code == 200, noted.text
            late = await client.post(f"{path}/cancellation", data=with_token(session, key=str(uuid4())))
            after, own = (await client.get(path)).text, (await client.get("/appointments")).text
    assert f'action="{path}/cancellation"' in before
    assert late.status_code == 422
    assert "An officer wrote down that this visit took place." in late.text
    for page in (late.text, after):
        assert f'action="{path}/' not in page
        assert "The visit took place." in page
    assert "govuk-tag--green" not in own


async def test_a_case_whose_service_is_offered_no_more_leads_to_its_times_and_is_named_in_what_is_booked(
    place: Place, tokens: TestTokens
) -> None:
    citizen = tokens.citizen("aigerim")
    async with serving(create_app(place.settings()), tokens) as api:
        case = await submitted(api, citizen, RETURN)
    offering_none = Settings.beside(place.settings()).model_copy(update={"offer_illustrative": False})
    async with serving(create_app(offering_none), tokens) as api:
        session = signed_in(citizen)
        async with pages_of(api, session) as client:
            stands = await client.get(f"/applications/{case}")
            link = f"/appointments/new?case={case}"
            assert (stands.status_code, link in stands.text) == (200, True)
            times = (await client.get(link)).text
            chosen = re.findall(r'href="(/appointments/people[^"]+)"', times)[-1].replace("&amp;", "&")
            people = (await client.get(chosen)).text
            asked = dict(re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', people))
            form = with_token(session, **{name: asked[name] for name in ("post", "service", "place", "case", "slots", "key")})
            kept = await client.post("/appointments/people", data=form | {"visitor-0": "Үлгү", "who-0": "self"})
            assert kept.status_code == 303, kept.text
            made = (await api.get(f"/api{kept.headers['location']}", headers=citizen)).json()
    assert [visit["application_id"] for visit in made["visits"]] == [case]


async def test_who_travels_gives_and_calls_tickets_from_the_list_of_the_town(
    place: Place, tokens: TestTokens, tmp_path: Path
) -> None:
    clock_at(datetime(2026, 12, 12, 5, tzinfo=UTC), tmp_path / "clock")  # ten in the morning there
    officer = tokens.officer("nurlan", "intake", **LONG)
    session = signed_in(officer, kind="officer", post_id="yek", roles=("intake",))
    there = {"post": "yek", "place": "tyumen"}
    app = create_app(place.settings(clock_file=tmp_path / "clock"))
    async with serving(app, tokens) as api, pages_of(api, session) as client:
        given = await client.post("/day-list/tickets", data=with_token(session, **there, key=str(uuid4())))
        assert given.headers["location"] == "/day-list?post=yek&place=tyumen"
        called = await client.post(
            "/day-list/tickets/next", data=with_token(session, **there, window="tyumen-2", key=str(uuid4()))
        )
        assert called.status_code == 303, called.text
        listed = (await client.get("/day-list", params=there)).text
        end = "/day-list/tickets/yek.tyumen.2026-12-12.1/end"
        assert f'action="{end}"' in listed
        ended = await client.post(end, data=with_token(session, **there, outcome="served", key=str(uuid4())))
        assert ended.headers["location"] == "/day-list?post=yek&place=tyumen"
        after, at_post = (await client.get("/day-list", params=there)).text, (await client.get("/day-list?post=yek")).text
    assert "Ticket 1" in listed
    assert '<option value="tyumen-2">TYUMEN-2</option>' in listed
    assert "All times are those of the town: Yekaterinburg." in listed
    assert (f'action="{end}"' in after, "Ticket 1" in at_post) == (False, False)
