"""Officers at work: what two of them see and do until a case is decided, printed, or refused."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from cli.casework.case import Case
from tests.browser.accessibility import axe
from tests.browser.opening import PHONE, Visitor, Visits
from tests.support.prepared import Prepared


def at_work(visitor: Visitor, officer: str, path: str) -> Page:
    """Signed in as that officer, in English, at this page."""
    visitor.open("/language/en").close()
    page = visitor.open(f"/sign-in?next={quote(path)}")
    page.locator(f"input[value={officer}]").check()
    press(page, "Sign in")
    page.wait_for_url(visitor.origin + path)
    return page


def path_of(case: Case) -> str:
    return f"/officer/applications/{case.id}"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def told(page: Page) -> str:
    return page.locator(".govuk-notification-banner__heading").inner_text()


def test_a_case_is_taken_proposed_and_approved_by_two_officers(visit: Visits, prepared: Prepared) -> None:
    case = prepared.handed_in("registration")
    second = at_work(visit(), "ermek", "/officer?list=proposed")
    expect(second.locator("[data-live-notice]")).to_have_text("This page updates by itself.")

    first = at_work(visit(), "nurlan", "/officer?list=submitted&sort=due")
    axe(first)
    first.get_by_label("Find by reference").fill(case.reference.lower().replace("-", " "))
    press(first, "Find")
    press(first, "Take this case")
    assert told(first).startswith("You have taken the case.")
    axe(first)
    press(first, "Propose to approve")
    assert told(first) == "Your proposal is made. Another officer decides."
    expect(first.get_by_role("link", name="Next in the queue")).to_be_visible()
    expect(first.get_by_role("button", name=re.compile("Approve"))).to_have_count(0)

    second.get_by_role("link", name=case.reference).click()  # it came by itself
    for picture in ("/files/", "preview.png"):
        expect(second.locator(f"img[src*='{picture}']")).not_to_have_js_property("naturalWidth", 0)
    expect(second.get_by_role("button", name=re.compile("Refuse"))).to_have_count(0)
    press(second, "Approve…")
    expect(second.locator(".eshik-act--told")).to_contain_text("Proposed: to approve")
    expect(second.locator("#answer-address_abroad")).to_be_visible()
    expect(second.locator("#answer-pin")).to_contain_text("not answered")
    expect(second.get_by_role("link", name="See the document before you approve")).to_be_visible()
    axe(second)
    press(second, "Approve")
    assert told(second) == "The application is approved."
    expect(second.get_by_role("heading", level=1)).to_contain_text("Ready")  # so did this, once the document was issued
    assert told(second) == "The application is approved."
    expect(second.get_by_text("This case has changed while you were looking.")).to_have_count(0)
    expect(first.get_by_text("This case has changed while you were looking.")).to_be_visible()  # this one did not decide
    axe(second)
    paper = second.context.request.get(f"{path_of(case)}/document.pdf")
    assert paper.headers["content-disposition"].startswith("inline")
    assert paper.body().startswith(b"%PDF")


def test_a_list_keeps_its_focus_while_it_changes(visit: Visits, prepared: Prepared) -> None:
    prepared.handed_in("power")
    page = at_work(visit(), "gulnara", "/officer?list=submitted")
    expect(page.locator("[data-live-notice]")).to_have_text("This page updates by itself.")
    page.locator("#by-due").focus()
    shown = page.locator("#news").inner_text()

    case = prepared.handed_in("power")

    expect(page.get_by_role("link", name=case.reference)).to_be_visible()
    expect(page.locator("#news")).not_to_have_text(shown)
    expect(page.locator("#by-due")).to_be_focused()


def test_without_javascript_on_a_phone_a_blank_is_recorded_and_the_paper_handed_over(visit: Visits, prepared: Prepared) -> None:
    case = prepared.approved("return", "gulnara")
    visitor = visit(viewport=PHONE, javascript=False)
    visitor.watch.allow(r"422 POST .*/blank")
    page = at_work(visitor, "nurlan", f"{path_of(case)}?list=awaiting_blank")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    number = page.get_by_label("Number printed on the blank")
    expect(number).to_have_accessible_description(re.compile("For example СВ-0012345."))
    number.fill("no number")
    press(page, "Check the number…")
    press(page, "Record the number and issue")
    expect(page.get_by_role("alert")).to_contain_text("This does not look like a number of a blank.")
    expect(number).to_have_value("no number")

    number.fill(f"СВ-{int(case.id[:8], 16) % 10**7:07d}")
    press(page, "Check the number…")
    expect(page.locator(".eshik-large")).to_contain_text("СВ-")
    press(page, "Record the number and issue")
    assert told(page) == "The number of the blank is recorded. The document is being issued."

    prepared.do(case.until("ready"))
    page.reload()
    press(page, "The citizen has the document…")
    expect(page.get_by_role("heading", level=1)).to_have_text("Have you given the document to the citizen?")
    press(page, "Record that it was given")
    assert told(page) == "It is recorded that the citizen has the document."
    expect(page.get_by_text("Nothing is left to do in this case.")).to_be_visible()


def test_a_refusal_needs_its_reason_and_is_confirmed_by_the_second_officer(visit: Visits, prepared: Prepared) -> None:
    case = prepared.handed_in("registration")
    prepared.do(case.claim("nurlan"))
    visitor = visit()
    visitor.watch.allow(r"422 POST .*/proposal")
    visitor.watch.allow(r"error.*422")
    first = at_work(visitor, "nurlan", path_of(case))
    press(first, "Propose to refuse")
    first.get_by_role("alert").get_by_role("link", name="Choose the reason for the refusal.").click()
    expect(first.locator("#reason")).to_be_focused()
    first.keyboard.press("Space")
    press(first, "Propose to refuse")
    assert told(first).startswith("Your proposal is made.")

    second = at_work(visit(), "gulnara", path_of(case))
    expect(second.get_by_role("button", name=re.compile("Approve"))).to_have_count(0)
    press(second, "Refuse…")
    expect(second.locator(".eshik-act--told")).to_contain_text("Proposed: to refuse")
    expect(second.locator(".eshik-act--told")).to_contain_text("registration card")
    press(second, "Refuse")
    assert told(second) == "The application is refused, and the citizen will be told."


def test_a_proposal_goes_back_with_a_note(visit: Visits, prepared: Prepared) -> None:
    case = prepared.proposed("registration")
    page = at_work(visit(), "gulnara", path_of(case))
    page.get_by_label("The proposal needs another look.").check()
    press(page, "Send back")
    assert told(page) == "The case is back with the officer who proposed."
    expect(page.locator(".eshik-timeline")).to_contain_text("The proposal needs another look.")
    expect(page.locator("#acts + .govuk-inset-text")).to_contain_text("Only the officer who took the application")


def test_a_case_taken_is_given_back_to_the_queue(visit: Visits, prepared: Prepared) -> None:
    case = prepared.handed_in("power")
    prepared.do(case.claim("nurlan"))
    page = at_work(visit(), "nurlan", path_of(case))
    press(page, "Give it back to the queue")
    assert told(page) == "The case is back in the queue. Another officer can take it."
    expect(page.get_by_role("button", name="Take this case")).to_be_visible()
    expect(page.locator(".eshik-facts--dense").first).to_contain_text("Nobody")


def test_who_was_slower_sees_the_case_as_it_stands_now(visit: Visits, prepared: Prepared) -> None:
    case = prepared.handed_in("power")
    visitor = visit()
    visitor.watch.allow(r"409 POST .*/claim")
    visitor.watch.allow(r"error.*409")
    page = at_work(visitor, "nurlan", path_of(case))
    prepared.do(case.claim("gulnara"))
    press(page, "Take this case")
    expect(page.get_by_role("alert")).to_contain_text("An officer of your post has already taken this application.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Under review")
    expect(page.get_by_role("button", name="Take this case")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_another_language_keeps_what_is_chosen_in_the_queue_and_among_roles(visit: Visits, *, javascript: bool) -> None:
    queue = at_work(visit(javascript=javascript, viewport=PHONE), "nurlan", "/officer?list=proposed&sort=name")
    queue.locator("#reference").fill("YEK-26-0000")
    queue.locator("header button[lang=ru]").click()
    expect(queue.locator("html")).to_have_attribute("lang", "ru")
    expect(queue.locator("#reference")).to_have_value("YEK-26-0000")
    expect(queue.locator("#list-proposed")).to_have_attribute("aria-current", "page")
    expect(queue.get_by_role("alert")).to_have_count(0)

    roles = at_work(visit(javascript=javascript, viewport=PHONE), "bakyt", "/officers")
    roles.locator("table th a", has_text="Нурлан").first.click()
    why = roles.locator("select[id^='why-']").first
    why.select_option("duty-ended")
    roles.locator("#again").select_option("never-arrived")
    roles.locator("header button[lang=ky]").click()
    expect(roles.locator("html")).to_have_attribute("lang", "ky")
    expect(why).to_have_value("duty-ended")
    expect(roles.locator("#again")).to_have_value("never-arrived")
    expect(roles.get_by_role("alert")).to_have_count(0)


def test_what_is_no_reference_says_what_to_type(visit: Visits) -> None:
    visitor = visit(javascript=False)
    visitor.watch.allow(r"422 POST .*/find")
    page = at_work(visitor, "nurlan", "/officer?list=ready")
    press(page, "Find")
    expect(page.get_by_role("alert")).to_contain_text("Type the reference of a case, for example YEK-26-82CEY77Z")
    page.get_by_label("Find by reference").fill("YEK-26-00000000")
    press(page, "Find")
    expect(page.get_by_role("alert")).to_contain_text("There is no application with this reference at your post.")
    expect(page.get_by_label("Find by reference")).to_have_value("YEK-26-00000000")
