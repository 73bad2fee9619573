"""Every page of the portal: by which name it is known, who sees it, and how one gets there among the invented people's cases.

The browser tests look at each of them in each language, and ./eshik screenshots photographs them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import FilePayload, Page

from cli.seed_cases import POWER, REGISTRATION, RETURN

NOBODY = ""
ACTS = ("claim", "warnings", "extension", "release", "proposal", "send-back", "referral", "blank")
COUNTER, OF_A_DRAFT = "/officer/counter", ("", "/steps/{step_id}", "/papers/{paper}", "/hand-in")
CaseOf = tuple[str, str]  # the citizen and the service: nobody has two of one service


class Known(Protocol):
    """What acts on pages need to know of the stack: the paper that was issued to omurbek."""

    @property
    def document(self) -> dict[str, str]: ...

    def picture_of_document(self) -> bytes: ...


Act = Callable[[Page, Known], None]
TOO_MANY = 429


class TooManyTries(Exception):
    """One address may sign in, ask for codes and check documents only so often a minute."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass(frozen=True)
class PortalPage:
    """name: of its picture. route: as in the app. case: whose id stands in the path. act: what is done to see it.

    status: what the last answer is where it is no 200. state: one more state of a page that is listed already.
    """

    name: str
    route: str
    who: str = NOBODY
    path: str = ""
    case: CaseOf | None = None
    act: Act | None = None
    status: int = 200
    state: bool = False

    @property
    def address(self) -> str:
        """With {application_id} in place of the case's id."""
        return self.path or self.route


def _send(action: str, *, typed: dict[str, str] | None = None) -> Act:
    """Types by the fields' ids, and presses the first button of the form with this action."""

    def act(page: Page, _known: Known) -> None:
        for field, text in (typed or {}).items():
            page.locator(f"[id='{field}']").fill(text)
        press(page, f"form{action}")

    return act


def _ask_for_code(page: Page, _known: Known) -> None:
    """Each time with another contact: identity sends few codes to one."""
    contact = f"visitor{time.time_ns() // 10**6}@example.org"
    _send("[action='/sign-in/contact']", typed={"contact": contact})(page, _known)


def _show_half_a_code(page: Page, known: Known) -> None:
    _ask_for_code(page, known)
    _send("[action='/sign-in/code']", typed={"code": "123"})(page, known)


def _find_people(page: Page, _known: Known) -> None:
    page.locator("input[name=reason]").first.check()
    _send("[action='/officer/people']", typed={"name": "Кенешова"})(page, _known)


def _open_an_officer(page: Page, _known: Known) -> None:
    with page.expect_navigation():
        page.locator("table th a").last.click()


def press(page: Page, form: str) -> None:
    """The first button of the form. Raises TooManyTries."""
    with page.expect_navigation() as answer:
        page.locator(f"{form} button.govuk-button").first.click()
    if answer.value.status == TOO_MANY:
        raise TooManyTries(int(answer.value.headers.get("retry-after", "60")))


def _attach(content: Callable[[Known], bytes]) -> Act:
    def act(page: Page, known: Known) -> None:
        file: FilePayload = {"name": "paper.png", "mimeType": "image/png", "buffer": content(known)}
        page.locator("input[type=file]").set_input_files(file)
        press(page, "form[action='/v/file']")

    return act


def _ask_register(page: Page, known: Known) -> None:
    _type_document(page, known.document)
    press(page, "form[action='/v']")


def _ask_for_another(page: Page, known: Known) -> None:
    _type_document(page, known.document | {"check_code": "00000-00000"})
    press(page, "form[action='/v']")


def _type_document(page: Page, document: dict[str, str]) -> None:
    year, month, day = document["issued_on"].split("-")
    values = {"number": document["number"], "check_code": document["check_code"]}
    for field, text in (values | {"issued_on-day": day, "issued_on-month": month, "issued_on-year": year}).items():
        page.locator(f"[id='{field}']").fill(text)


def _open_details(page: Page, _known: Known) -> None:
    for summary in page.locator("details > summary").all():
        summary.click()


def _blank_picture(_known: Known) -> bytes:
    from io import BytesIO

    from PIL import Image

    kept = BytesIO()
    Image.new("RGB", (300, 300), "#ffffff").save(kept, "PNG")
    return kept.getvalue()


def _choose_a_time(page: Page, _known: Known) -> None:
    with page.expect_navigation():
        page.locator(".eshik-times a").last.click()


def _keep_nobody(page: Page, known: Known) -> None:
    _choose_a_time(page, known)
    press(page, "#people-form")


def _keep_a_time(page: Page, known: Known) -> None:
    _choose_a_time(page, known)
    _send("#people-form", typed={"visitor-0": "Өмүрбек Асанов"})(page, known)


TIMES = f"/appointments/new?post=yek&service={RETURN}&people=1"
APPLICATION = "/applications/{application_id}"
CASE = "/officer/applications/{application_id}"
STEP = f"{APPLICATION}/steps/{{step_id}}"
WRONG_DAY = {"birth_date-day": "31", "birth_date-month": "2", "birth_date-year": "1990"}
BARELY, FULL, READY = ("omurbek", RETURN), ("umut", POWER), ("omurbek", REGISTRATION)
SUBMITTED, IN_REVIEW, REFUSED = ("umut", REGISTRATION), ("janyl", REGISTRATION), ("meerim", REGISTRATION)
PROPOSED, TO_REFUSE, FOR_BLANK = ("janyl", POWER), ("ruslan", POWER), ("umut", RETURN)
FOR_VISIT, WITHDRAWN, PRINTED = ("omurbek", POWER), ("daniyar", RETURN), ("meerim", RETURN)


def _step(case: CaseOf, step: str, *, state: bool = True) -> PortalPage:
    name = f"step-{'return' if case == BARELY else 'power'}-{step}"
    return PortalPage(name, STEP, case[0], f"{APPLICATION}/steps/{step}", case, state=state)


def _status(name: str, case: CaseOf, *, state: bool = True, act: Act | None = None) -> PortalPage:
    return PortalPage(f"status-{name}", APPLICATION, case[0], case=case, state=state, act=act)


def _case(name: str, case: CaseOf, who: str, *, state: bool = True) -> PortalPage:
    return PortalPage(f"case-{name}", CASE, who, case=case, state=state)


PUBLIC = (
    PortalPage("home", "/"),
    PortalPage("services", "/services"),
    PortalPage("service-registration", "/services/{service_id}", path=f"/services/{REGISTRATION}"),
    PortalPage("service-return", "/services/{service_id}", path=f"/services/{RETURN}", act=_open_details, state=True),
    PortalPage("service-power", "/services/{service_id}", path=f"/services/{POWER}", state=True),
    PortalPage("needs", "/services/{service_id}/needs", path="/services/passport-child/needs"),
    PortalPage(
        "needs-told", "/services/{service_id}/needs", path="/services/passport-child/needs", act=_send("#needs"), state=True
    ),
    PortalPage("sign-in", "/sign-in"),
    PortalPage("sign-in-nobody-chosen", "/sign-in", act=_send("[action='/sign-in']"), status=422, state=True),
    PortalPage(
        "sign-in-no-contact",
        "/sign-in",
        act=_send("[action='/sign-in/contact']", typed={"contact": "123"}),
        status=422,
        state=True,
    ),
    PortalPage("code", "/sign-in/code", path="/sign-in", act=_ask_for_code),
    PortalPage("code-half", "/sign-in/code", path="/sign-in", act=_show_half_a_code, status=422, state=True),
    PortalPage("officer-sign-in", "/officer/sign-in"),
    PortalPage(
        "officer-sign-in-nothing-typed", "/officer/sign-in", act=_send("[action='/officer/sign-in']"), status=422, state=True
    ),
    PortalPage("enrolment", "/officer/enrolment"),
    PortalPage("enrolment-no-link", "/officer/enrolment", act=_send("[action='/officer/enrolment']"), status=422, state=True),
    PortalPage("draws", "/draws"),
    PortalPage("posts", "/posts"),
    PortalPage("post", "/posts/{post_id}", path="/posts/yek"),
    PortalPage("post-not-here", "/posts/{post_id}", path="/posts/uus", state=True),
    PortalPage("check", "/v"),
    PortalPage("check-by-code", "/v/", state=True),
    PortalPage("check-nothing-typed", "/v", act=_send("[action='/v']"), status=422, state=True),
    PortalPage("answer-in-force", "/v", act=_ask_register, state=True),
    PortalPage("answer-in-force-by-picture", "/v", act=_attach(lambda known: known.picture_of_document()), state=True),
    PortalPage("answer-not-found", "/v", act=_ask_for_another, state=True),
    PortalPage("answer-no-code", "/v", act=_attach(_blank_picture), state=True),
    PortalPage("problem-not-found", "/nowhere", status=404, state=True),
)
CITIZEN = (
    PortalPage("applications", "/applications", "omurbek"),
    PortalPage("applications-none", "/applications", "timur", state=True),
    PortalPage("begin", "/applications/begin", "omurbek", f"/applications/begin?service={REGISTRATION}"),
    PortalPage("draft", APPLICATION, BARELY[0], case=BARELY),
    PortalPage("draft-full", APPLICATION, FULL[0], case=FULL, state=True),
    _step(BARELY, "name", state=False),
    _step(BARELY, "birth"),
    PortalPage(
        "step-wrong-date",
        STEP,
        BARELY[0],
        f"{APPLICATION}/steps/birth",
        BARELY,
        _send("[action$='/steps/birth']", typed=WRONG_DAY),
        422,
        state=True,
    ),
    _step(BARELY, "pin"),
    _step(BARELY, "passport"),
    _step(BARELY, "journey"),
    _step(BARELY, "phone"),
    _step(FULL, "papers"),
    _step(FULL, "attorney"),
    _step(FULL, "powers"),
    _step(FULL, "validity"),
    PortalPage("attachment-none", f"{APPLICATION}/attachment", BARELY[0], case=BARELY),
    PortalPage("attachment", f"{APPLICATION}/attachment", FULL[0], case=FULL, state=True),
    PortalPage("check-answers-incomplete", f"{APPLICATION}/check", BARELY[0], case=BARELY, state=True),
    PortalPage("check-answers", f"{APPLICATION}/check", FULL[0], case=FULL),
    PortalPage("sent", f"{APPLICATION}/sent", SUBMITTED[0], case=SUBMITTED),
    PortalPage("fee", f"{APPLICATION}/fee", SUBMITTED[0], case=SUBMITTED),
    _status("submitted", SUBMITTED, act=_open_details),
    _status("in-review", IN_REVIEW),
    _status("proposed", PROPOSED),
    _status("awaiting-blank", FOR_BLANK),
    _status("awaiting-visit", FOR_VISIT),
    _status("ready", READY, act=_open_details),
    _status("ready-printed", PRINTED),
    _status("refused", REFUSED),
    _status("withdrawn", WITHDRAWN),
    PortalPage("withdraw", f"{APPLICATION}/withdraw", SUBMITTED[0], case=SUBMITTED),
    PortalPage("problem-not-yours", "/officer", "omurbek", status=403, state=True),
    PortalPage("sheet", f"{APPLICATION}/sheet", FULL[0], case=FULL),
    PortalPage("confirm", "/confirm", "omurbek"),
    PortalPage("confirm-no-code", "/confirm", "omurbek", act=_send("[action='/confirm']"), status=422, state=True),
    PortalPage("appointments", "/appointments", "omurbek"),
    PortalPage("appointment-choose", "/appointments/new", "omurbek"),
    PortalPage("appointment-times", "/appointments/new", "omurbek", TIMES, state=True),
    PortalPage("appointment-people", "/appointments/people", "omurbek", TIMES, act=_choose_a_time),
    PortalPage("appointment-nobody-typed", "/appointments/people", "omurbek", TIMES, act=_keep_nobody, status=422, state=True),
    PortalPage("appointment-kept", "/appointments/{appointment_id}", "omurbek", TIMES, act=_keep_a_time),
    PortalPage("sessions", "/sessions", "omurbek"),
    PortalPage("my-data", "/my-data", "omurbek"),
    PortalPage("my-data-export", "/my-data/export", "omurbek"),
    PortalPage("my-data-correction", "/my-data/correction", "omurbek"),
    PortalPage(
        "my-data-correction-nothing-typed",
        "/my-data/correction",
        "omurbek",
        act=_send("[action='/my-data/correction']"),
        status=422,
        state=True,
    ),
    PortalPage("my-data-erasure", "/my-data/erasure", "umut"),
    PortalPage("my-data-erasure-nothing-holds-it", "/my-data/erasure", "timur", state=True),
    PortalPage("my-data-consents", "/my-data/consents", "omurbek"),
    PortalPage("account", "/account", "omurbek"),
    PortalPage("account-officer", "/account", "nurlan", state=True),
    PortalPage("passkeys", "/account/passkeys", "omurbek"),
    PortalPage("password", "/account/password", "nurlan"),
    PortalPage("recovery-codes", "/account/recovery-codes", "nurlan"),
)
OFFICER = (
    PortalPage("counter", "/officer/counter", "nurlan"),
    PortalPage("counter-no-code", "/officer/counter", "nurlan", act=_send(f"[action='{COUNTER}/sheet']"), status=422, state=True),
    PortalPage("queue", "/officer", "gulnara"),
    PortalPage("queue-to-take", "/officer", "nurlan", "/officer?list=submitted&sort=name", state=True),
    PortalPage("queue-to-decide", "/officer", "ermek", "/officer?list=proposed", state=True),
    PortalPage("queue-ready", "/officer", "gulnara", "/officer?list=ready", state=True),
    PortalPage("terms", "/officer/terms", "bakyt"),
    PortalPage("queue-empty", "/officer", "gulnara", "/officer?list=handed_over", state=True),
    PortalPage("queue-no-such-reference", "/officer", "gulnara", act=_send("[action^='/officer/find']"), status=422, state=True),
    _case("to-take", SUBMITTED, "nurlan"),
    _case("to-propose", IN_REVIEW, "nurlan", state=False),
    _case("to-decide", PROPOSED, "ermek"),
    _case("not-to-decide-alone", PROPOSED, "nurlan"),
    _case("to-refuse", TO_REFUSE, "ermek"),
    _case("for-blank", FOR_BLANK, "ermek"),
    _case("for-visit", FOR_VISIT, "nurlan"),
    _case("ready", READY, "gulnara"),
    _case("printed", PRINTED, "nurlan"),
    _case("refused", REFUSED, "gulnara"),
    PortalPage("confirm-approval", f"{CASE}/approve", "ermek", case=PROPOSED),
    PortalPage("confirm-refusal", f"{CASE}/refuse", "ermek", case=TO_REFUSE),
    PortalPage("case-fee", f"{CASE}/fee", "nurlan", case=FOR_VISIT),
    PortalPage("life", f"{CASE}/life", "nurlan", case=FOR_VISIT),
    PortalPage("ask-citizen", f"{CASE}/life/request", "nurlan", f"{CASE}/life/request?at=/answers/full_name", case=IN_REVIEW),
    PortalPage("queue-unanswered", "/officer", "nurlan", "/officer?list=unanswered", state=True),
    PortalPage("pouches", "/officer/pouches", "nurlan"),
    PortalPage("pouch-new", "/officer/pouches/new", "nurlan"),
    PortalPage("inboxes", "/officer/inboxes", "asel"),
    PortalPage("cash", "/officer/cash", "bakyt"),
    PortalPage("confirm-identity", f"{CASE}/identity-check", "nurlan", case=FOR_VISIT),
    PortalPage("papers-seen", f"{CASE}/papers", "nurlan", case=FOR_VISIT),
    PortalPage("confirm-handover", f"{CASE}/handover", "nurlan", case=PRINTED),
    PortalPage(
        "confirm-blank",
        CASE,
        "ermek",
        case=FOR_BLANK,
        act=_send("[action$='/blank']", typed={"blank_number": "СВ-0000108"}),
        state=True,
    ),
)
OPERATOR = (
    PortalPage("operator", "/operator", "ainura"),
    PortalPage("messages", "/operator/messages", "ainura"),
)
HEADS = (
    PortalPage("day-list", "/day-list", "nurlan"),
    PortalPage("draws-of-post", "/officer/draws", "bakyt"),
    PortalPage("head-post", "/post", "bakyt"),
    PortalPage("head-post-not-sure", "/post", "bakyt", act=_send("[action^='/post/closure']"), status=422, state=True),
    PortalPage("ministry-posts", "/post", "asel", state=True),
    PortalPage("objections", "/objections", "bakyt"),
    PortalPage("objections-answered", "/objections", "melis", "/objections?state=answered", state=True),
    PortalPage("people", "/officer/people", "nurlan"),
    PortalPage(
        "people-nothing-typed", "/officer/people", "nurlan", act=_send("[action='/officer/people']"), status=422, state=True
    ),
    PortalPage("people-found", "/officer/people", "nurlan", act=_find_people, state=True),
    PortalPage("data-requests", "/rights", "bakyt"),
    PortalPage("officers", "/officers", "bakyt"),
    PortalPage("officer-invite", "/officers/invite", "bakyt"),
    PortalPage(
        "officer-invite-nothing-typed",
        "/officers/invite",
        "ainura",
        act=_send("[action='/officers/invite']"),
        status=422,
        state=True,
    ),
    PortalPage("officer-roles", "/officers/{officer_id}", "bakyt", "/officers", act=_open_an_officer),
    PortalPage("officers-waiting", "/officers/waiting", "asel"),
    PortalPage("relations", "/relations", "nurlan"),
    PortalPage("relations-nothing-typed", "/relations", "bakyt", act=_send("[action='/relations']"), status=422, state=True),
)
AUDIT = (
    PortalPage("retention", "/retention", "melis"),
    PortalPage("audit", "/audit", "melis"),
    PortalPage("audit-found", "/audit", "melis", act=_send("[action='/audit']", typed={"name": "нурлан"}), state=True),
    PortalPage(
        "audit-nobody", "/audit", "melis", act=_send("[action='/audit']", typed={"name": "Манас"}), status=422, state=True
    ),
    PortalPage(
        "audit-no-such-day",
        "/audit",
        "bakyt",
        act=_send("[action='/audit']", typed={"since-day": "31", "since-month": "2", "since-year": "2026"}),
        status=422,
        state=True,
    ),
)
PAGES = (*PUBLIC, *CITIZEN, *OFFICER, *OPERATOR, *HEADS, *AUDIT)
