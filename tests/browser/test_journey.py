"""The whole case by hand in each way, as a new user would: from the first page to a document that anybody can check.."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from cli.casework.desk import Reply
from cli.seed import specimen_picture
from cli.seed_cases import HOLDERS
from tests.browser import whole_case as case
from tests.browser.opening import Visits
from tests.browser.somebody import Somebody, somebody
from tests.support.prepared import Prepared
from tests.support.stacks import RunningStack


def test_by_mouse_in_english(visit: Visits, stack: RunningStack, prepared: Prepared, tmp_path: Path) -> None:
    citizen, desk = somebody(visit, "en"), somebody(visit, "en")
    file, printed = whole_case(citizen, desk, prepared, tmp_path)
    judged = stack.eshik("verify", str(file))
    assert judged.returncode == 0, judged.stdout + judged.stderr
    case.check_printed(desk, printed)
    desk.press("Check another document")
    case.check_picture(desk, case.photograph(file))


def test_by_keyboard_alone_and_the_focus_is_seen(visit: Visits, prepared: Prepared, tmp_path: Path) -> None:
    citizen, desk = somebody(visit, "en", keyboard=True), somebody(visit, "en", keyboard=True)
    _, printed = whole_case(citizen, desk, prepared, tmp_path)
    case.check_printed(desk, printed)


def test_by_thumb_on_a_phone_in_kyrgyz(visit: Visits, stack: RunningStack, prepared: Prepared, tmp_path: Path) -> None:
    citizen, desk = somebody(visit, "ky", phone=True), somebody(visit, "ky", phone=True)
    file, _ = whole_case(citizen, desk, prepared, tmp_path)
    code = urlsplit(case.address_in_code(case.photograph(file)))
    assert f"{code.scheme}://{code.netloc}" == stack.pages_url
    desk.page.goto(f"{code.path}#{code.fragment}")
    desk.is_at("The code is genuine, and the document is in force")
    desk.reads(case.CITIZEN)
    assert code.fragment not in desk.page.url


def test_without_javascript_on_a_phone_in_russian(visit: Visits, prepared: Prepared, tmp_path: Path) -> None:
    citizen, desk = (somebody(visit, "ru", phone=True, javascript=False) for _ in range(2))
    file, printed = whole_case(citizen, desk, prepared, tmp_path, javascript=False)
    picture = case.photograph(file)
    desk.page.goto(case.address_in_code(picture))
    expect(desk.page.locator("noscript p")).to_be_visible()  # says what to do instead
    case.check_picture(desk, picture)
    desk.press("Check another document")
    case.type_printed(desk, printed)


def test_a_power_of_attorney_is_issued_at_the_counter_and_the_citizen_sees_it(visit: Visits, prepared: Prepared) -> None:
    begun = prepared.approved("power", "ermek")
    citizen, officer = somebody(visit, "ru", phone=True), somebody(visit, "en")
    citizen.visitor.watch.allow(r"401 GET .*/applications")
    citizen.follow("My applications")
    case.sign_in(citizen, case.CITIZEN)
    citizen.open(begun.reference)
    citizen.reads("You come to the post, and your identity is checked")
    case.go_to_work(officer, case.FIRST_OFFICER)
    case.find(officer, begun.reference)
    officer.press("All of it agrees…")
    officer.is_at("Have you compared the citizen with the passport?")
    officer.press("Record the check and issue")
    officer.reads("The identity check is recorded. The document is being issued.")
    citizen.reads("The printed document is given to you at the post. The file is for you to look at and does not replace it.")


def whole_case(
    citizen: Somebody, desk: Somebody, prepared: Prepared, folder: Path, *, javascript: bool = True
) -> tuple[Path, case.Printed]:
    """Two officers use one desk after the other; the citizen's page is open meanwhile. Out: the document."""
    picture = folder / "passport.jpg"
    picture.write_bytes(specimen_picture(HOLDERS["omurbek"]))
    case.begin(citizen)
    case.fill_in(citizen, picture)
    reference = case.send(citizen)

    case.go_to_work(desk, case.FIRST_OFFICER)
    case.propose(desk, reference)
    case.leave(desk)
    case.go_to_work(desk, case.SECOND_OFFICER)
    case.approve(desk, reference)
    case.leave(desk)

    printed = printed_of(prepared, reference)
    if not javascript:  # with it, the page changes by itself
        citizen.page.reload()
    file = case.fetch(citizen, printed, folder)
    assert file.read_bytes().startswith(b"%PDF-")
    return file, printed


def printed_of(prepared: Prepared, reference: str) -> case.Printed:
    """Waits until the document is issued."""
    desk = prepared.desk

    async def issued() -> Reply | None:
        cases = (await desk.get("aigerim", "/api/applications?limit=100"))["applications"]
        ready = next(each for each in cases if each["reference"] == reference)
        if ready["status"] != "ready":
            return None
        found = await desk.get("aigerim", f"/api/applications/{ready['id']}")
        return await desk.get("aigerim", f"/api/documents/{found['document_id']}", "documents")

    document = prepared.do(desk.eventually(issued, "the document is not ready"))
    return case.Printed(document["number"], document["issued_on"], document["check_code"])
