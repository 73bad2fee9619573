"""The lists of a post that an officer moves among, and the way back to the one a case was opened from."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query

from services.portal.apis import Api
from services.portal.session import Person
from shared.texts import N_

ROWS = 25
SOON = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class CaseList:
    """name: in addresses. status: of all in it; without one, what the officer has taken. open: nothing is decided yet.
    given: what other posts gave to the officer, or to the ministry, to decide. only: unanswered, overdue or ready."""

    name: str
    title: str
    status: str = ""
    open: bool = False
    given: bool = False
    only: str = ""

    @property
    def question(self) -> dict[str, Any]:
        """What the API is asked for."""
        if self.given or self.only:
            return {self.only or "given": "true"}
        return {"status": self.status} if self.status else {"mine": "true"}

    def count(self, counts: dict[str, Any] | None) -> int | None:
        """counts: as the API gives them; None where they are not known."""
        if counts is None:
            return None
        if not self.status:
            return int(counts[self.only or ("given" if self.given else "mine")])
        return next((int(each["count"]) for each in counts["statuses"] if each["status"] == self.status), 0)


MINE = CaseList("mine", N_("My cases"), open=True)
TO_TAKE = CaseList("submitted", N_("To be taken"), "submitted", open=True)
TO_DECIDE = CaseList("proposed", N_("For decision"), "proposed", open=True)
GIVEN = CaseList("given", N_("Given to you to decide"), open=True, given=True)
UNANSWERED = CaseList("unanswered", N_("Waiting for our answer"), open=True, only="unanswered")
LISTS = (
    MINE,
    UNANSWERED,
    TO_TAKE,
    CaseList("ready_to_decide", N_("Ready to decide"), open=True, only="ready"),
    CaseList("overdue", N_("Overdue"), open=True, only="overdue"),
    CaseList("in_review", N_("Under review"), "in_review", open=True),
    CaseList("papers_requested", N_("Waiting for papers"), "papers_requested", open=True),
    CaseList("with_another_body", N_("With another body"), "with_another_body", open=True),
    CaseList("fee_due", N_("Waiting for the fee"), "fee_due", open=True),
    TO_DECIDE,
    CaseList("awaiting_blank", N_("To be printed on a blank"), "awaiting_blank"),
    CaseList("awaiting_visit", N_("Waiting for a visit"), "awaiting_visit"),
    CaseList("awaiting_arrival", N_("Being made elsewhere"), "awaiting_arrival"),
    CaseList("approved", N_("Being issued"), "approved"),
    CaseList("ready", N_("Ready"), "ready"),
    CaseList("handed_over", N_("Handed over"), "handed_over"),
    CaseList("sent", N_("Sent by mail"), "sent"),
    CaseList("refused", N_("Refused"), "refused"),
    CaseList("withdrawn", N_("Withdrawn"), "withdrawn"),
    CaseList("annulled", N_("Annulled"), "annulled"),
)
BY_NAME = {each.name: each for each in (*LISTS, GIVEN)}
SORTS = ("waiting", "due", "name", "next")
FIRST_DUE = {"submitted": "next", "ready_to_decide": "next", "overdue": "due"}
STATUS_TITLES = {each.status: each.title for each in LISTS if each.status}
STATUS_LOOKS = {  # as a tag: see assets/sass/eshik/_status.scss; the reader is an officer
    "fee_due": "open",
    "submitted": "open",
    "in_review": "open",
    "papers_requested": "open",
    "with_another_body": "open",
    "proposed": "yours",
    "awaiting_blank": "yours",
    "awaiting_visit": "yours",
    "awaiting_arrival": "open",
    "approved": "open",
    "ready": "done",
    "handed_over": "done",
    "sent": "done",
    "refused": "no",
    "withdrawn": "closed",
    "annulled": "no",
}


@dataclass(frozen=True, slots=True)
class Trail:
    """Which list, sorted how. It goes along in the addresses of a case, so that one comes back to where one was."""

    list_name: str = ""
    sort: str = ""

    @property
    def case_list(self) -> CaseList | None:
        return BY_NAME.get(self.list_name)

    @property
    def sorted_by(self) -> str:
        """Where nothing else is chosen, what is to be done first comes first: urgent cases, then those that are due next."""
        return self.sort or (FIRST_DUE.get(self.list_name) or SORTS[0])

    def query(self, **more: str) -> str:
        """As it is appended to a path; empty where there is nothing to say."""
        said = {"list": self.list_name, "sort": self.sort} | more
        text = urlencode({name: value for name, value in said.items() if value})
        return f"?{text}" if text else ""

    def on(self, case_list: CaseList) -> "Trail":
        return Trail(case_list.name, self.sort)

    def by(self, sort: str) -> "Trail":
        return Trail(self.list_name, sort)


def _trail(
    list_name: Annotated[str, Query(alias="list", max_length=40)] = "", sort: Annotated[str, Query(max_length=40)] = ""
) -> Trail:
    """Whatever else an address says is as if it said nothing."""
    return Trail(list_name if list_name in BY_NAME else "", sort if sort in SORTS else "")


Trailed = Annotated[Trail, Depends(_trail)]


async def post_of(api: Api, who: Person) -> dict[str, Any]:
    """Where an officer belongs, with its name and time zone; for the ministry a name of its own."""
    own = {"id": who.post_id or "", "name": "", "time_zone": "Asia/Bishkek"}
    return (await api.posts()).get(who.post_id or "", own)


def first_list(who: Person, cases_in_hand: int) -> CaseList:
    """Where an officer begins: at what they have in hand, else at what their roles wait for."""
    if cases_in_hand:
        return MINE
    if "ministry" in who.roles:
        return GIVEN
    return TO_TAKE if {"intake", "deciding"} & set(who.roles) else TO_DECIDE


async def rows_of(api: Api, trail: Trail, *, after: str = "") -> dict[str, Any]:
    """A page of a list as the API gives it: applications, next. Raises ApiProblem, SignedOut."""
    question = (trail.case_list or TO_TAKE).question | {"sort": trail.sorted_by, "limit": ROWS}
    page: dict[str, Any] = await api.get(
        "applications", "/api/officer/applications", question | ({"after": after} if after else {})
    )
    return page


async def next_case(api: Api, trail: Trail, done_with: str) -> str | None:
    """The id of the first case of the list that is not the one just left; one to be decided must have been another's."""
    rows = (await rows_of(api, trail))["applications"]
    others = (row for row in rows if row["id"] != done_with and not (row["status"] == "proposed" and row["claimed_by_you"]))
    return next((str(row["id"]) for row in others), None)
