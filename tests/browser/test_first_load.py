"""What a citizen's page costs on a slow line: all that is loaded at the first visit, compressed, with an empty cache."""

from __future__ import annotations

import pytest

from tests.browser.measuring import first_load
from tests.browser.opening import PHONE, Visits
from tests.support.prepared import Prepared

MOST_BYTES = 200_000
CITIZEN = "aigerim"


@pytest.fixture(scope="module")
def addresses(prepared: Prepared) -> dict[str, str]:
    submitted = prepared.handed_in("registration")
    asked = {"service_id": submitted.service.id, "post_id": submitted.post, "language": "ky"}
    draft = prepared.do(prepared.desk.post(CITIZEN, "/api/applications", asked))
    return {
        "home": "/",
        "service": f"/services/{submitted.service.id}",
        "sign-in": "/sign-in",
        "step": f"/applications/{draft['id']}/steps/name",
        "status": f"/applications/{submitted.id}",
    }


def test_the_first_load_of_a_citizen_s_page_is_at_most_200_kb(visit: Visits, addresses: dict[str, str]) -> None:
    visitor = visit(viewport=PHONE, language="ky")  # Cyrillic needs one font file more than English
    page = visitor.open("/sign-in?next=/services")
    page.locator(f"input[name=account][value={CITIZEN}]").check()
    page.locator("form[action='/sign-in'] button").click()
    page.wait_for_url("**/services")
    page.close()
    loads = {name: first_load(visitor, address) for name, address in addresses.items()}
    print("\n".join(f"{name}: {load}" for name, load in loads.items()))
    assert {name: load.total for name, load in loads.items() if load.total > MOST_BYTES} == {}
