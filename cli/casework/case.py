"""One case over the public API, from an empty form to its end: what its citizen, others who confirm it, and officers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Literal
from uuid import uuid4

from cli.casework.answers import answers, papers, receipt
from cli.casework.desk import Desk, DeskFailed, Reply
from cli.casework.files import file_for
from cli.casework.people import Person
from services.applications.domain.papers import PaperRule
from services.applications.domain.service_definition import ServiceDefinition

Outcome = Literal["approve", "refuse"]
UNCHANGED = "Бул паспорттогудай жазылган, өзгөртө турган эч нерсе жок."
AT_COUNTER = {  # what a case waits for at the post: the route of that act, and what is told of it
    "awaiting_blank": ("blank", "takes a numbered blank for it"),
    "awaiting_visit": ("identity-check", "compares the citizen with the passport at the counter"),
    "awaiting_arrival": ("arrival", "records that it has arrived from the body that makes it"),
}


@dataclass
class Case:
    """Where it stands after the last answer. cosigner: who confirms it where somebody must."""

    desk: Desk
    service: ServiceDefinition
    person: Person
    post: str
    random: Random
    today: date
    cosigner: Person | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    seen: Reply = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.seen["id"])

    @property
    def reference(self) -> str:
        return str(self.seen["reference"])

    @property
    def status(self) -> str:
        return str(self.seen["status"])

    @property
    def own(self) -> str:
        return f"/api/applications/{self.id}"

    @property
    def at_post(self) -> str:
        return f"/api/officer/applications/{self.id}"

    # its citizen

    async def hand_in(self) -> None:
        """From an empty form to the submission, with all files and with everybody's confirmation."""
        await self.begin()
        await self._have_it_confirmed()
        await self.submit()

    async def begin(self) -> None:
        """A draft with all answers and files."""
        asked = {"service_id": self.service.id, "post_id": self.post, "language": self.person.language}
        who = self.person.login
        self.seen = await self.desk.post(
            who, "/api/applications", asked, act=lambda begun: f"begins {begun['service']['name']}: {begun['reference']}"
        )
        said = answers(self.service, self.person, self.random, self.today, self.given)
        await self.desk.put(who, f"{self.own}/answers", act=f"answers {len(said)} questions", json={"answers": said})
        await self._attach(papers(self.service, said, self.today))

    async def _attach(self, wanted: Sequence[PaperRule]) -> None:
        for paper in wanted:
            kind, content = file_for(paper)
            path = f"{self.own}/papers/{paper.code}"
            said = f"attaches: {paper.label}"
            await self.desk.put(self.person.login, path, act=said, content=content, headers={"Content-Type": kind})

    async def _have_it_confirmed(self) -> None:
        if not self.service.cosigners:
            return
        wanted = await self.desk.get(self.person.login, f"{self.own}/cosigners")
        for each in wanted["cosigners"]:
            if self.cosigner is None:
                raise DeskFailed(f"{self.service.id}: {each['code']} must confirm it, and there is nobody")
            path = f"{self.own}/cosigners/{each['code']}/invitation"
            invitation = await self.desk.post(self.person.login, path, act="gives the other person a code to confirm it with")
            code, other = {"code": invitation["code"]}, self.cosigner.login
            shown = await self.desk.post(other, "/api/cosignatures/openings", code, act="reads it in an account of their own")
            said = code | {"version": shown["version"], "decision": "confirmed"}
            await self.desk.post(other, "/api/cosignatures", said, act=f"confirms: {shown['as_what']}")

    async def submit(self) -> None:
        await self._acts(self.person.login, f"{self.own}/submission", "hands it in: “{status_text}”")

    async def change_what_was_asked(self) -> None:
        """A new file for each paper that was marked; the answers that were marked stay, as they were right."""
        life = await self.desk.get(self.person.login, f"{self.own}/life")
        marked = [self.service.paper(mark["pointer"].rpartition("/")[2]) for mark in life["asked"]["marks"]]
        papers = [paper for paper in marked if paper]
        await self._attach(papers)
        said = None if papers else {"note": UNCHANGED}
        await self._acts(self.person.login, f"{self.own}/resubmission", "hands it in again: “{status_text}”", said)

    async def withdraw(self) -> None:
        await self._acts(self.person.login, f"{self.own}/withdrawal", "takes it back: “{status_text}”")

    async def look(self) -> Reply:
        self.seen = await self.desk.get(self.person.login, self.own)
        return self.seen

    async def until(self, status: str) -> Reply:
        """What goes on by itself has got there."""

        async def there() -> Reply | None:
            return self.seen if (await self.look())["status"] == status else None

        return await self.desk.eventually(there, f"{self.reference} is not {status}")

    # officers

    async def pay(self, officer: str, gate: str = "") -> None:
        """What is due before the review or the issue, or all of it: an officer enters the receipts."""
        fee = await self.desk.get(self.person.login, f"{self.own}/fee")
        for part in fee["parts"]:
            if part["state"] == "open" and gate in ("", part["gate"]):
                body = receipt(part, f"D{self.today:%y%m%d}/{uuid4().int % 10**9:09d}", self.today)
                when = f"{part['gate_text'][0].lower()}{part['gate_text'][1:]}"
                said = f"enters a receipt of {part['amount']['text']}, due {when}"
                await self._acts(officer, f"{self.at_post}/fee/receipts", said, body)

    async def claim(self, officer: str) -> None:
        await self._acts(officer, f"{self.at_post}/claim", "takes the case from the queue")

    async def propose(self, officer: str, outcome: Outcome = "approve") -> None:
        """Who took it from the queue proposes, after they compared what is unusual with the papers."""
        for odd in (await self.desk.get(officer, self.at_post))["warnings"]:
            if not odd.get("confirmed"):
                named = {"pointer": odd["pointer"], "code": odd["code"]}
                said = f"compares with the papers: {odd['text']}"
                await self.desk.post(officer, f"{self.at_post}/warnings/confirmation", named, act=said)
        await self._acts(officer, f"{self.at_post}/proposal", f"proposes to {outcome} it", self._verdict(outcome))

    async def ask_citizen(self, officer: str) -> None:
        """Mark the first paper, or the first answer, as unreadable."""
        life = await self.desk.get(officer, f"{self.at_post}/life")
        marks = [each["pointer"] for each in life["markable"]]
        uploaded = {f"/papers/{paper.code}" for paper in self.service.papers if paper.bring != "original"}
        pointer = next((each for each in marks if each in uploaded), marks[0])
        body = {"marks": [{"pointer": pointer, "note": life["notes"][0]["code"]}]}
        await self._acts(officer, f"{self.at_post}/papers-request", "asks the citizen for a better paper", body)

    async def ask_body(self, officer: str) -> None:
        life = await self.desk.get(officer, f"{self.at_post}/life")
        await self._acts(officer, f"{self.at_post}/body-request", "asks another body", {"body": life["bodies"][0]["code"]})

    async def note_body_answer(self, officer: str) -> None:
        await self._acts(officer, f"{self.at_post}/body-answer", "notes the body's answer")

    async def decide(self, officer: str, outcome: Outcome = "approve") -> None:
        done = "approves it" if outcome == "approve" else "refuses it"
        await self._acts(officer, f"{self.at_post}/decision", f"{done}: “{{status_text}}”", self._verdict(outcome))

    async def send_back(self, officer: str) -> None:
        """The deciding officer wants another look at it."""
        body = {"outcome": "send_back", "reason": self.service.send_back_notes[-1].code}
        await self._acts(officer, f"{self.at_post}/decision", f"sends it back: {self.service.send_back_notes[-1].text}", body)

    async def at_the_counter(self, officer: str) -> None:
        """What is still to be paid, and the one step that it waits for at the post, if it does."""
        await self.pay(officer, "issue")
        if step := AT_COUNTER.get(self.status):
            route, said = step
            rule = self.service.blank if route == "blank" else None
            body = {"blank_number": rule.written.format(f"{uuid4().int % 10**7:07d}")} if rule else None
            await self._acts(officer, f"{self.at_post}/{route}", said, body)

    async def hand_over(self, officer: str) -> None:
        await self._must_be_known(officer)
        await self._acts(officer, f"{self.at_post}/handover", "gives it to the citizen at the counter: “{status_text}”")

    async def send(self, officer: str) -> None:
        """By mail, as the citizen asked for."""
        carrier = (await self.desk.get(officer, f"{self.at_post}/life"))["carriers"][0]
        said = f"sends it to the citizen, {carrier['text'].lower()}: “{{status_text}}”"
        await self._acts(officer, f"{self.at_post}/dispatch", said, {"carrier": carrier["code"]})

    async def _must_be_known(self, officer: str) -> None:
        """Whoever takes something home has shown their papers at the counter."""
        seen = await self.desk.get(officer, self.at_post)
        if seen["papers_needed"]:
            body = {"paper": "passport-for-travel"}
            path = f"/api/people/{seen['citizen_id']}/assurance"
            try:
                await self.desk.post(officer, path, body, service="identity", act="sees the citizen's passport")
            except DeskFailed as error:
                if error.status != 409:  # a colleague has just seen it
                    raise
            await self.desk.eventually(lambda: self._is_known(officer), "what was seen at the counter is not known here")

    async def _is_known(self, officer: str) -> bool | None:
        return None if (await self.desk.get(officer, self.at_post))["papers_needed"] else True

    async def _acts(self, who: str, path: str, said: str, body: Reply | None = None) -> None:
        """The answer says where the case stands now. said: with {status_text}, how that reads."""
        self.note(await self.desk.post(who, path, body, act=lambda now: said.replace("{status_text}", now["status_text"])))

    def note(self, answer: Reply) -> None:
        """Where it stands, unless somebody has been told later news."""
        if answer["version"] >= self.seen.get("version", 0):
            self.seen |= answer

    def _verdict(self, outcome: Outcome) -> Reply:
        reason = {"reason": self.service.refusal_reasons[-1].code} if outcome == "refuse" else {}
        return {"outcome": outcome, **reason}
