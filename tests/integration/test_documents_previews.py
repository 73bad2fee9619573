"""An officer previews the paper of a case: documents asks the real applications service, with a token of the real identity."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import pypdfium2
import pytest
from PIL import Image

from deploy.local.environment import service_environment
from deploy.local.keys import make_keys
from deploy.local.places import Places
from services.applications.app import create_app as create_applications
from services.documents.app import create_app as create_documents
from services.identity.app import create_app as create_identity
from shared.audit.reasons import OWN_ACT, WORKING
from tests.integration.applications_client import Headers, complete, keyed, submitted
from tests.support.places import Place
from tests.support.running import on_a_port

pytestmark = pytest.mark.places_again

CREATE = {"identity": create_identity, "applications": create_applications, "documents": create_documents}


@dataclass
class House:
    """Three services, each on a port of its own."""

    identity: httpx.AsyncClient
    applications: httpx.AsyncClient
    documents: httpx.AsyncClient

    async def signed_in(self, account: str, service: str = "documents") -> Headers:
        """As one asks this service."""
        response = await self.identity.post("/api/demo/sign-in", json={"account": account})
        token = response.json()["access_tokens"][service]
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en", "Eshik-Access-Reason": "covering-for-colleague"}

    async def preview(self, who: Headers, application_id: str, form: str = "pdf") -> httpx.Response:
        return await self.documents.get(f"/api/documents/previews/{application_id}", params={"format": form}, headers=who)


@pytest.fixture
async def house(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    keys, clients = make_keys(tmp_path / "keys"), dict[str, httpx.AsyncClient]()
    addresses: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        for name, create in CREATE.items():
            wanted = service_environment(name, Places(tmp_path), place.servers.ports, keys)
            own = {**addresses, "ESHIK_CLOCK_FILE": str(tmp_path / "clock")}
            for variable, value in {**wanted, **place.environment, **own}.items():
                monkeypatch.setenv(variable, value)
            clients[name] = await stack.enter_async_context(on_a_port(create()))
            addresses[f"ESHIK_{name.upper()}_URL"] = address = str(clients[name].base_url).rstrip("/")
            addresses["ESHIK_SERVICE_URLS"] = json.dumps({name: address})
        yield House(**clients)


def said(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


async def test_an_officer_of_the_post_sees_the_paper_before_anyone_decides(house: House) -> None:
    application_id = await submitted(house.applications, await house.signed_in("aigerim", "applications"))
    response = await house.preview(await house.signed_in("gulnara"), application_id)
    assert response.status_code == 200, response.text
    text = said(response.content)
    assert "PREVIEW — NOT A DOCUMENT" in text
    assert "YEK-KU-2" in text
    assert "-000001" not in text
    listed = await house.documents.get(
        "/api/documents", params={"application_id": application_id}, headers=await house.signed_in("gulnara")
    )
    assert listed.json() == {"documents": []}


async def test_a_preview_is_handed_out_as_a_file_that_runs_nothing_and_is_kept_nowhere(house: House) -> None:
    application_id = await submitted(house.applications, await house.signed_in("aigerim", "applications"))
    gulnara = await house.signed_in("gulnara")
    pdf, png = await house.preview(gulnara, application_id), await house.preview(gulnara, application_id, "png")
    assert (pdf.headers["Content-Type"], png.headers["Content-Type"]) == ("application/pdf", "image/png")
    assert pdf.headers["Content-Disposition"].startswith('attachment; filename="preview-YEK-')
    assert png.headers["Content-Disposition"].startswith('inline; filename="preview-YEK-')
    for response in (pdf, png):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response.headers["Cache-Control"] == "private, no-store"
    with Image.open(BytesIO(png.content)) as picture:
        assert picture.format == "PNG"


async def test_another_service_does_not_believe_that_an_officer_works_on_a_case_but_asks(house: House) -> None:
    application_id = await submitted(house.applications, await house.signed_in("aigerim", "applications"))
    nurlan, gulnara = await house.signed_in("nurlan", "applications"), await house.signed_in("gulnara", "applications")
    await house.applications.post(f"/api/officer/applications/{application_id}/claim", headers=keyed(nurlan))
    said = [(WORKING, "nurlan", 200), (WORKING, "gulnara", 428), (OWN_ACT, "gulnara", 428), (OWN_ACT, "nurlan", 200)]
    for reason, account, status in said:
        who = await house.signed_in(account) | {"Eshik-Access-Reason": reason}
        assert (await house.preview(who, application_id)).status_code == status, (reason, account)
    own = f"/api/officer/applications/{application_id}"
    assert (await house.applications.get(own, headers=gulnara | {"Eshik-Access-Reason": OWN_ACT})).status_code == 428
    await house.applications.post(f"{own}/release", headers=keyed(nurlan))
    assert (await house.applications.get(own, headers=nurlan | {"Eshik-Access-Reason": OWN_ACT})).status_code == 200


async def test_nobody_else_sees_a_preview(house: House) -> None:
    citizen = await house.signed_in("aigerim", "applications")
    application_id = await submitted(house.applications, citizen, post_id="ist")
    gulnara = await house.signed_in("gulnara")
    assert (await house.preview(gulnara, application_id)).status_code == 404
    await house.applications.post(f"/api/applications/{application_id}/withdrawal", headers=keyed(citizen))
    assert (await house.preview(gulnara, application_id)).status_code == 404  # nor that it was there, and is closed
    assert (await house.preview(gulnara, "00000000-0000-4000-8000-000000000000")).status_code == 404
    assert (await house.preview(await house.signed_in("aigerim"), application_id)).status_code == 403
    assert (await house.preview({}, application_id)).status_code == 401


async def test_what_is_closed_has_no_preview(house: House) -> None:
    citizen = await house.signed_in("aigerim", "applications")
    application_id = await submitted(house.applications, citizen)
    await house.applications.post(f"/api/applications/{application_id}/withdrawal", headers=keyed(citizen))
    response = await house.preview(await house.signed_in("gulnara"), application_id)
    assert (response.status_code, response.json()["type"]) == (409, "/problems/nothing-to-preview")


async def test_a_draft_is_not_there_for_an_officer(house: House) -> None:
    application_id = await complete(house.applications, await house.signed_in("aigerim", "applications"))
    assert (await house.preview(await house.signed_in("gulnara"), application_id)).status_code == 404


@pytest.mark.parametrize("application_id", ["..", "a%2Fb", "x%3Fy", "a" * 65])
async def test_an_id_cannot_lead_to_another_place(house: House, application_id: str) -> None:
    response = await house.documents.get(
        f"/api/documents/previews/{application_id}?format=pdf", headers=await house.signed_in("gulnara")
    )
    assert response.status_code in (404, 422)
