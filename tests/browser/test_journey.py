"""The whole case by hand in each way, as a new user would: from the first page to a document that anybody can check.."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from cli.journey import KINDS, Journey, Reply
from cli.seed import specimen_picture
from cli.seed_cases import HOLDERS
from tests.browser import whole_case as case
from tests.browser.opening import Visits
from tests.browser.somebody import Somebody, somebody
from tests.support.stacks import RunningStack


@pytest.fixture
def journey(stack: RunningStack) -> Journey:
    """For what is prepared or waited for over the API."""
    made = Journey(stack.ports, lambda _who, _what: None)
    for login in ("aigerim", "nurlan", "ermek"):
        made.sign_in(login)
    return made


def test_by_mouse_in_english(visit: Visits, stack: RunningStack, journey: Journey, tmp_path: Path) -> None:
    people = [somebody(visit, "en") for _ in range(4)]
    whole_case(people, stack, journey, tmp_path)


def test_by_keyboard_alone_and_the_focus_is_seen(visit: Visits, stack: RunningStack, journey: Journey, tmp_path: Path) -> None:
    people = [somebody(visit, "en", keyboard=True) for _ in range(4)]
    whole_case(people, stack, journey, tmp_path)


def test_by_thumb_on_a_phone_in_kyrgyz(visit: Visits, stack: RunningStack, journey: Journey, tmp_path: Path) -> None:
    people = [somebody(visit, "ky", phone=True) for _ in range(4)]
    whole_case(people, stack, journey, tmp_path)


def test_without_javascript_on_a_phone_in_russian(visit: Visits, stack: RunningStack, journey: Journey, tmp_path: Path) -> None:
    people = [somebody(visit, "ru", phone=True, javascript=False) for _ in range(4)]
    whole_case(people, stack, journey, tmp_path, javascript=False)


def test_a_power_of_attorney_is_issued_at_the_counter_and_the_citizen_sees_it(visit: Visits, journey: Journey) -> None:
    begun = journey.submit("aigerim", KINDS["power"], "yek")
    journey.propose("nurlan", begun["id"])
    journey.decide("ermek", begun["id"])
    citizen, officer = somebody(visit, "ru", phone=True), somebody(visit, "en")
    citizen.visitor.watch.allow(r"401 GET .*/applications")
    citizen.follow("My applications")
    case.sign_in(citizen, case.CITIZEN)
    citizen.open(begun["reference"])
    citizen.reads("You come to the post, and your identity is checked")
    case.go_to_work(officer, case.FIRST_OFFICER)
    case.find(officer, begun["reference"])
    officer.press("All of it agrees…")
    officer.is_at("Have you compared the citizen with the passport?")
    officer.press("Record the check and issue")
    officer.reads("The identity check is recorded. The document is being issued.")
    expect(citizen.button(case.DOWNLOAD)).to_be_visible()


def whole_case(people: list[Somebody], stack: RunningStack, journey: Journey, folder: Path, *, javascript: bool = True) -> None:
    citizen, first, second, anyone = people
    picture = folder / "passport.jpg"
    picture.write_bytes(specimen_picture(HOLDERS["omurbek"]))
    case.begin(citizen)
    case.fill_in(citizen, picture)
    reference = case.send(citizen)

    case.go_to_work(first, case.FIRST_OFFICER)
    case.propose(first, reference)
    case.go_to_work(second, case.SECOND_OFFICER)
    case.approve(second, reference)

    printed = printed_of(journey, reference)
    if not javascript:  # with it, the page that is open all the time changes by itself
        citizen.page.reload()
    file = case.fetch(citizen, printed, folder)
    assert file.read_bytes().startswith(b"%PDF-")
    judged = stack.eshik("verify", str(file))
    assert judged.returncode == 0, judged.stdout + judged.stderr

    case.check_printed(anyone, printed)
    photo = case.photograph(file)
    case.check_picture(anyone, photo)
    seal = urlsplit(case.address_in_code(photo))
    assert f"{seal.scheme}://{seal.netloc}" == stack.pages_url
    anyone.page.goto(f"{seal.path}#{seal.fragment}")
    if javascript:
        anyone.is_at("This document is in force")
        anyone.reads(case.CITIZEN)
        assert seal.fragment not in anyone.page.url
    else:
        expect(anyone.page.locator("noscript p")).to_be_visible()  # says what to do instead
        case.type_printed(anyone, printed)


def printed_of(journey: Journey, reference: str) -> case.Printed:
    """Waits until the document is issued."""
    cases: list[Reply] = journey.get("aigerim", "/api/applications?limit=100")["applications"]
    ready = journey.until_ready("aigerim", next(each["id"] for each in cases if each["reference"] == reference))
    document = journey.document("aigerim", ready["document_id"])
    return case.Printed(document["number"], document["issued_on"], document["check_code"])
