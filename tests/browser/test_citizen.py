"""A citizen's way through the pages: on a phone without scripts, with mistakes, with two windows, and looking on."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe
from tests.browser.opening import PHONE, Visitor, Visits
from tests.support.stacks import RunningStack

ANSWERS = {"full_name": "Үмүт Кеңешова", "full_name_latin": "UMUT KENGESHOVA", "birth_date": "1990-02-05"}
RETURN = {**ANSWERS, "birth_place": "Ош", "circumstances": "lost", "country_of_stay": "RU"}


class Somebody:
    """One of the invented people at the API, for what others do meanwhile."""

    def __init__(self, stack: RunningStack, account: str) -> None:
        asked = httpx.post(f"http://127.0.0.1:{stack.ports.identity}/api/demo/sign-in", json={"account": account})
        self._headers = {"Authorization": f"Bearer {asked.json()['access_tokens']['applications']}"}
        self._api = f"http://127.0.0.1:{stack.ports.applications}/api"

    def does(self, method: str, path: str, body: object = None) -> dict[str, object]:
        headers = {**self._headers, "Idempotency-Key": uuid4().hex}
        answer = httpx.request(method, f"{self._api}{path}", json=body, headers=headers, timeout=20)
        assert answer.is_success, answer.text
        done: dict[str, object] = answer.json()
        return done

    def drafts(self, service: str, answers: dict[str, str]) -> str:
        made = self.does("POST", "/applications", {"service_id": service, "post_id": "yek"})
        self.does("PUT", f"/applications/{made['id']}/answers", {"answers": answers})
        return str(made["id"])


def approve(stack: RunningStack, case: str) -> None:
    gulnara, ermek = Somebody(stack, "gulnara"), Somebody(stack, "ermek")
    gulnara.does("POST", f"/officer/applications/{case}/claim")
    gulnara.does("POST", f"/officer/applications/{case}/proposal", {"outcome": "approve"})
    ermek.does("POST", f"/officer/applications/{case}/decision", {"outcome": "approve"})


def photo(folder: Path) -> Path:
    Image.effect_noise((1200, 900), 60).convert("RGB").save(folder / "passport.jpg", "JPEG")
    return folder / "passport.jpg"


def sign_in(page: Page, account: str) -> None:
    page.locator(f"input[value={account}]").check()
    page.locator("form[action='/sign-in'] button").click()


def in_english(visitor: Visitor, path: str, account: str) -> Page:
    """Signed in; what was not chosen would become the account's own language."""
    page = visitor.open(f"/language/en?next={path}")
    sign_in(page, account)
    return page


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"[name={name.replace('__', '-')}]").fill(value)


def go_on(page: Page) -> None:
    page.locator("main button[value=next]").click()


def test_a_worker_abroad_applies_on_a_phone_without_scripts_and_gets_the_document(
    visit: Visits, stack: RunningStack, tmp_path: Path
) -> None:
    visitor = visit(viewport=PHONE, javascript=False, language="ky")
    visitor.watch.allow(r"401 GET .*/applications/begin")
    page = visitor.open("/")
    page.locator("main a[href='/services']").click()
    page.locator("a[href='/services/consular-registration-certificate']").click()
    page.locator("a.govuk-button--start").click()
    sign_in(page, "umut")
    expect(page.locator("input[name=post][value=yek]")).to_be_checked()
    expect(page.locator("input[name=language][value=ky]")).to_be_checked()
    page.locator("main form button:not([name])").click()
    page.locator("main a.govuk-button").click()
    fill(page, full_name="Үмүт Кеңешова", full_name_latin="Umut Kengeshova")
    go_on(page)
    fill(page, birth_date__day="5", birth_date__month="2", birth_date__year="1990")
    go_on(page)
    fill(page, document_number="ac 1234567")
    go_on(page)
    page.locator("input[value=temporary]").check()
    go_on(page)
    page.locator("select[name=country_of_stay]").select_option("RU")
    fill(page, address_abroad="Екатеринбург ш., Ынтымак көчөсү, 12-үй")
    go_on(page)
    go_on(page)  # the phone number may be left out
    page.locator("input[name=file]").set_input_files(photo(tmp_path))
    go_on(page)
    go_on(page)  # so may a photograph of oneself
    expect(page.get_by_text("AC1234567")).to_be_visible()
    page.locator("main form button").click()
    reference = page.locator(".govuk-panel .eshik-nums").inner_text()
    page.locator("main a.govuk-button").click()
    expect(page.locator(".govuk-caption-l")).to_have_text(reference)
    approve(stack, page.url.rpartition("/")[2])
    for _ in range(50):  # without scripts one reloads
        page.reload()
        if page.locator("#document").count():
            break
    with page.expect_download() as download:
        page.locator("a[href$='/document']").click()
    assert re.fullmatch(r"YEK-KU-\d{4}-\d{6}\.pdf", download.value.suggested_filename)
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_a_mistake_is_named_where_it_is_and_nothing_typed_is_lost(visit: Visits, stack: RunningStack, tmp_path: Path) -> None:
    case = Somebody(stack, "daniyar").drafts("power-of-attorney", {})
    visitor = visit()
    visitor.watch.allow(r"401 GET", r"422 POST .*/(steps|attachment)", r"415 POST .*/attachment")
    page = in_english(visitor, f"/applications/{case}/steps/birth", "daniyar")
    fill(page, birth_date__day="31", birth_date__month="2", birth_date__year="1990")
    go_on(page)
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("link", name="Date of birth: There is no such date").click()
    expect(page.locator("#birth_date-day")).to_be_focused()
    expect(page.locator("#birth_date-day")).to_have_value("31")
    axe(page)
    page.goto(f"/applications/{case}/steps/powers")
    fill(page, powers="To sell the house at 12 Yntymak Street")
    go_on(page)  # saved, although the other question is open
    expect(page.get_by_role("link", name="May the person pass these powers on")).to_be_visible()
    page.goto(f"/applications/{case}")
    page.get_by_role("link", name="What you authorise").click()
    expect(page.locator("#powers")).to_have_value("To sell the house at 12 Yntymak Street")
    page.goto(f"/applications/{case}/attachment")
    go_on(page)
    expect(page.locator("#file-error")).to_contain_text("Choose a file first.")
    text = tmp_path / "letter.txt"
    text.write_text("no picture")
    page.locator("input[name=file]").set_input_files(text)
    go_on(page)
    expect(page.locator("#file-error")).to_contain_text("The file must be one of these: JPEG, PNG, PDF.")
    text.with_suffix(".heic").write_text("no picture")
    page.locator("input[name=file]").set_input_files(text.with_suffix(".heic"))
    go_on(page)
    expect(page.locator("#file-error")).to_contain_text("Send a screenshot of it")
    page.goto(f"/applications/{case}/check")
    page.get_by_role("link", name="Full name: Please answer this.").click()
    expect(page).to_have_url(re.compile(r"/steps/name\?back=check#full_name$"))


@pytest.mark.parametrize("javascript", [True, False])
def test_another_language_keeps_what_is_typed_and_enter_still_goes_on(
    visit: Visits, stack: RunningStack, *, javascript: bool
) -> None:
    case = Somebody(stack, "umut").drafts("power-of-attorney", {})
    visitor = visit(javascript=javascript, viewport=PHONE)
    visitor.watch.allow(r"401 GET", r"422 POST .*/steps/powers")
    page = in_english(visitor, f"/applications/{case}/steps/powers", "umut")
    fill(page, powers="To sell\nthe house")
    page.locator("header button[lang=ky]").click()
    expect(page.locator("html")).to_have_attribute("lang", "ky")
    expect(page.locator("#powers")).to_have_value("To sell\nthe house")
    page.locator("footer button[lang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#powers")).to_have_value("To sell\nthe house")
    expect(page.locator("[role=alert]")).to_have_count(0)
    if javascript:
        axe(page)
    assert Somebody(stack, "umut").does("GET", f"/applications/{case}")["answers"] == {}
    page.goto(f"/applications/{case}/steps/birth")
    fill(page, birth_date__day="5", birth_date__month="2", birth_date__year="1990")
    page.locator("#birth_date-year").press("Enter")
    expect(page).not_to_have_url(re.compile("/steps/birth$|/language/"))
    page.goto("/applications/begin?service=return-certificate")
    page.locator("input[name=language][value=ru]").check()
    page.locator("header button[lang=ru]").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("input[name=language][value=ru]")).to_be_checked()


def test_of_two_windows_the_second_one_is_asked_before_it_overwrites(visit: Visits, stack: RunningStack) -> None:
    case = Somebody(stack, "meerim").drafts("return-certificate", ANSWERS)
    visitor = visit()
    visitor.watch.allow(r"401 GET", r"409 POST .*/steps/name")
    first = in_english(visitor, f"/applications/{case}/steps/name", "meerim")
    second, third = visitor.open(f"/applications/{case}/steps/name"), visitor.open(f"/applications/{case}/steps/passport")
    fill(first, full_name="Мээрим Осмонова")
    go_on(first)
    third.locator("input[value=lost]").check()
    go_on(third)  # another question: nobody is in the way
    expect(third).to_have_url(re.compile("/steps/journey$"))
    fill(second, full_name="Мээрим Асанова")
    go_on(second)
    expect(second.get_by_role("alert")).to_contain_text("changed in another window")
    expect(second.locator("#full_name")).to_have_value("Мээрим Асанова")
    go_on(second)
    expect(second).to_have_url(re.compile("/steps/birth$"))


def test_answers_that_were_changed_since_they_were_looked_at_are_not_sent_unseen(visit: Visits, stack: RunningStack) -> None:
    meerim = Somebody(stack, "meerim")
    case = meerim.drafts("return-certificate", RETURN)
    visitor = visit()
    visitor.watch.allow(r"401 GET", r"409 POST .*/check")
    page = in_english(visitor, f"/applications/{case}/check", "meerim")
    meerim.does("PUT", f"/applications/{case}/answers", {"answers": {**RETURN, "birth_place": "Нарын"}})
    page.locator("main form button").click()
    expect(page.get_by_role("alert")).to_contain_text("These answers were changed since you looked")
    expect(page.get_by_text("Нарын")).to_be_visible()
    axe(page)
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile("/sent$"))


def test_a_form_that_is_sent_twice_does_its_work_once(visit: Visits) -> None:
    visitor = visit()
    visitor.watch.allow(r"401 GET")
    page = in_english(visitor, "/applications/begin?service=return-certificate", "ruslan")
    page.locator("form[action='/applications/begin']").wait_for()
    form: dict[str, str | float | bool] = dict(page.evaluate("[...new FormData(document.querySelector('main form'))]"))
    made = [page.request.post("/applications/begin", form=form, max_redirects=0).headers["location"] for _ in range(2)]
    assert made[0] == made[1]
    page.goto(f"{made[0]}/steps/name")
    fill(page, full_name="Руслан Ибраимов", full_name_latin="Ruslan Ibraimov")
    form = dict(page.evaluate("[...new FormData(document.querySelector('main form'))]"))
    answers = [page.request.post(f"{made[0]}/steps/name", form=form, max_redirects=0).status for _ in range(2)]
    assert answers == [303, 303]


def test_the_status_page_tells_what_changes_while_one_looks_and_keeps_open_what_is_open(
    visit: Visits, stack: RunningStack
) -> None:
    janyl, gulnara = Somebody(stack, "janyl"), Somebody(stack, "gulnara")
    case = janyl.drafts("return-certificate", RETURN)
    janyl.does("POST", f"/applications/{case}/submission")
    visitor = visit(viewport=PHONE)
    visitor.watch.allow(r"401 GET")
    page = in_english(visitor, f"/applications/{case}", "janyl")
    page.locator("#journal summary").click()
    expect(page.locator("[data-live-notice]")).to_have_text("This page updates by itself.")
    gulnara.does("POST", f"/officer/applications/{case}/claim")
    expect(page.locator("main .govuk-tag")).to_have_text("Under review")
    expect(page.get_by_text("An officer took the application for review.")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Take the application back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.locator("main .govuk-tag")).to_have_text("Withdrawn")
