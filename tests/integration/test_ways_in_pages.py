"""Pages over a real identity: the e-ID's way out and back, an officer's password and recovery codes, the audit's search."""

import csv
import html
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from shared.web.tokens import claims_of
from tests.integration.test_officer_sign_in import Clock, around, clock, identity, notifications, phone, token
from tests.integration.test_openid_sign_in import PAGES, ministry, settle
from tests.support.notifying import Surroundings
from tests.support.officers import PASSWORD, Authenticator, show_code, show_password
from tests.support.openid import provider_of_others, signed_in_there
from tests.support.places import Place
from tests.support.serving import eventually
from tests.support.visitors import Visitor
from tests.unit.portal.portal import portal, visiting

__all__ = ["around", "clock", "identity", "ministry", "notifications", "phone", "token"]
pytestmark = pytest.mark.places_again
TO_PROVIDER = re.compile(r'href="([^"]+/auth\?[^"]+)"')
CODES = re.compile(r"<li>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</li>")


@asynccontextmanager
async def a_visitor(around: Surroundings) -> AsyncIterator[Visitor]:
    async with visiting(portal(identity_url=f"http://127.0.0.1:{around.identity_port}", tries_per_minute=1000)) as client:
        yield Visitor(client)


@pytest.fixture
async def visitor(around: Surroundings, identity: httpx.AsyncClient) -> AsyncIterator[Visitor]:
    async with a_visitor(around) as made:
        yield made


@pytest.fixture
async def eid(place: Place, tmp_path: Path) -> AsyncIterator[str]:
    async with provider_of_others(tmp_path, f"{PAGES}/sign-in/openid/eid") as issuer:
        settle(place, tmp_path, eid={"issuer": issuer, "kind": "citizen", "assurance": "e-id"})
        yield issuer


async def test_an_invited_officer_links_the_ministrys_account_on_the_page_of_the_invitation(
    ministry: str, visitor: Visitor, token: str
) -> None:
    shown = await visitor.send("/officer/enrolment", link=token)
    assert "/sign-in/openid/ministry/go" in shown.text
    going = await visitor.send("/sign-in/openid/ministry/go", token=token)
    assert going.status_code == 200, going.text
    back = await signed_in_there(html.unescape(TO_PROVIDER.findall(going.text)[0]), "m-417")
    done = await visitor.open(f"/sign-in/openid/ministry?{httpx.QueryParams(back)}")
    assert (done.status_code, done.headers["location"]) == (303, "/officer")


async def test_the_national_e_id_leads_there_and_back_and_its_errors_are_told_in_words(eid: str, visitor: Visitor) -> None:
    assert "Other</button>" in (await visitor.open("/sign-in?next=/services")).text
    came_alone = await visitor.open("/sign-in/openid/eid?code=c&state=s")
    assert came_alone.status_code == 422
    assert "this browser did not go there" in came_alone.text
    assert "code=c" not in came_alone.text  # nor in the links that change the language

    going = await visitor.send("/sign-in/openid/eid/go", target="/services")
    given_up = await visitor.open("/sign-in/openid/eid?error=access_denied&state=s")
    assert "You did not sign in there" in given_up.text

    going = await visitor.send("/sign-in/openid/eid/go", target="/services")
    address = html.unescape(TO_PROVIDER.findall(going.text)[0])
    assert address.startswith(eid)
    back = await signed_in_there(address, "20101199000123")
    wrong = await visitor.open(f"/sign-in/openid/eid?{httpx.QueryParams(back | {'state': 'another'})}")
    assert "did not sign you in" in wrong.text

    going = await visitor.send("/sign-in/openid/eid/go", target="/services", **{"kept.powers": "to sell the house"})
    assert 'name="powers" value="to sell the house"' in going.text
    assert 'target="_blank"' in going.text
    back = await signed_in_there(html.unescape(TO_PROVIDER.findall(going.text)[0]), "20101199000123")
    done = await visitor.open(f"/sign-in/openid/eid?{httpx.QueryParams(back)}")
    assert (done.status_code, done.headers["location"]) == (303, "/services")
    who = visitor.session().person
    assert who is not None
    assert (who.name, who.assurance) == ("Айпери Үлгү кызы", "e-id")
    assert "You signed in with the national e-ID" in (await visitor.open("/account")).text
    again = await visitor.open(f"/sign-in/openid/eid?{httpx.QueryParams(back)}")  # the page is loaded once more
    assert again.headers["location"] == "/applications"


async def test_an_officer_changes_the_password_and_takes_new_recovery_codes_after_a_sign_in_of_the_last_minutes(
    around: Surroundings, identity: httpx.AsyncClient, phone: Authenticator, clock: Clock
) -> None:
    elsewhere = (await show_code(identity, (await show_password(identity)).json(), phone.at(clock.now()))).json()
    clock.forward()
    async with a_visitor(around) as visitor:
        await _sign_in(visitor, phone, clock, PASSWORD)
        account = await visitor.open("/account")
        assert "left: 10" in account.text
        form = {"current": "not it", "password": "too short", "again": "too short"}
        short = await visitor.send("/account/password", **form | {"current": PASSWORD})
        assert (short.status_code, "at least 12 characters" in short.text) == (422, True)
        new = "көпүрө-алма-жолборс-77"
        wrong = await visitor.send("/account/password", current="not it", password=new, again=new)
        assert "This is not your present password" in wrong.text
        assert new not in wrong.text
        assert "not the same" in (await visitor.send("/account/password", current=PASSWORD, password=new, again="x")).text

        clock.forward(timedelta(minutes=11))
        late = await visitor.send("/account/recovery-codes")
        assert (late.status_code, "This needs a sign-in of the last minutes" in late.text) == (403, True)
        await _sign_in(visitor, phone, clock, PASSWORD, target="/account/recovery-codes")
        codes = CODES.findall((await visitor.send("/account/recovery-codes")).text)
        assert len(set(codes)) == 10
        changed = await visitor.send("/account/password", current=PASSWORD, password=new, again=new)
        assert (changed.status_code, changed.headers["location"]) == (303, "/account?said=changed")
        assert (await visitor.open("/account")).status_code == 200
    over = await identity.post("/api/sessions/refresh", json={"refresh_token": elsewhere["refresh_token"]})
    assert over.status_code == 401
    async with a_visitor(around) as visitor:
        clock.forward()
        await visitor.send("/officer/sign-in", login="tynchtyk", password=new)
        opened = await visitor.send("/officer/sign-in/code", code=codes[0])
        assert opened.headers["location"] == "/officer"


async def test_an_auditor_searches_by_an_officers_name_and_saves_what_is_found(visitor: Visitor) -> None:
    await visitor.send("/sign-in", account="bakyt")
    await visitor.open("/officers")  # a look, though the posts' names are away here
    assert "No officer" in (await visitor.send("/audit", name="Мелис")).text  # of the ministry, not of the head's post
    await visitor.send("/sign-out")
    await visitor.open("/sign-in")
    await visitor.send("/sign-in", account="melis")
    assert "No officer" in (await visitor.send("/audit", name="Манас")).text

    async def found() -> str:
        text = (await visitor.send("/audit", name="бакыт ороз")).text
        entries = text.partition('id="found"')[2]
        return text if "Read the list of officers" in entries and "Looked an officer up" in entries else ""

    text = await eventually(found, within_s=60)
    assert "Бакыт Орозалиев" in text
    assert "head of the post" in text
    assert "does not answer" in text  # the other services are away here
    saved = await visitor.send("/audit/export", name="бакыт ороз")
    assert saved.headers["content-disposition"] == 'attachment; filename="eshik-audit.csv"'
    rows = [*csv.reader(io.StringIO(saved.text.removeprefix("\ufeff")))]
    assert ["officer:list", "Read the list of officers", "Officer"] in [row[3:6] for row in rows]

    async def exported() -> bool:
        return (
            "Saved audit entries as a file" in (await visitor.send("/audit", act="audit:export")).text.partition('id="found"')[2]
        )

    await eventually(exported, within_s=60)


async def _sign_in(visitor: Visitor, phone: Authenticator, clock: Clock, password: str, target: str = "") -> None:
    """With the next code: each is good once."""
    clock.forward()
    shown = await visitor.send("/officer/sign-in", login="tynchtyk", password=password, target=target)
    assert shown.status_code == 303, shown.text
    opened = await visitor.send("/officer/sign-in/code", code=phone.at(clock.now()), target=target)
    assert opened.headers["location"] == (target or "/officer"), opened.text
    who = visitor.session().person
    assert who is not None
    assert claims_of(who.tokens["identity"])["amr"] == ["pwd", "otp"]
