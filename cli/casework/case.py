"""One case over the public API, from an empty form to its end: what its citizen, others who confirm it, and officers do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Literal
from uuid import uuid4

from cli.casework.answers import answers, papers
from cli.casework.desk import Desk, DeskFailed, Reply
from cli.casework.files import file_for
from cli.casework.people import Person
from services.applications.domain.service_definition import ServiceDefinition
from shared.contracts.applications import OutcomeKind

Outcome = Literal["approve", "refuse"]
MADE_BY_US = (OutcomeKind.DIGITAL_DOCUMENT, OutcomeKind.PRINT_ON_BLANK, OutcomeKind.PREPARED_FOR_VISIT)


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
        asked = {"service_id": self.service.id, "post_id": self.post, "language": self.person.language}
        who = self.person.login
        self.seen = await self.desk.post(who, "/api/applications", asked, act="begins an application")
        said = answers(self.service, self.person, self.random, self.today, self.given)
        await self.desk.put(who, f"{self.own}/answers", json={"answers": said})
        for paper in papers(self.service, said, self.today):
            kind, content = file_for(paper)
            await self.desk.put(who, f"{self.own}/papers/{paper.code}", content=content, headers={"Content-Type": kind})
        await self._have_it_confirmed()
        await self.desk.post(who, f"{self.own}/submission", act="hands it in")
        await self.look()

    async def _have_it_confirmed(self) -> None:
        wanted = await self.desk.get(self.person.login, f"{self.own}/cosigners")
        for each in wanted["cosigners"]:
            if self.cosigner is None:
                raise DeskFailed(f"{self.service.id}: {each['code']} must confirm it, and there is nobody")
            path = f"{self.own}/cosigners/{each['code']}/invitation"
            invitation = await self.desk.post(self.person.login, path, act="asks the other to confirm")
            code = {"code": invitation["code"]}
            other = self.cosigner.login
            shown = await self.desk.post(other, "/api/cosignatures/openings", code, act="reads what is to be confirmed")
            await self.desk.post(
                other, "/api/cosignatures", code | {"version": shown["version"], "decision": "confirmed"}, act="confirms it"
            )

    async def pay(self, gate: str, officer: str) -> None:
        """What is due before the review or the issue. Where it is paid at the post, the officer enters the receipt."""
        fee = await self.desk.get(self.person.login, f"{self.own}/fee")
        for part in fee["parts"]:
            if part["state"] != "open" or part["gate"] != gate:
                continue
            receipt = {
                "part": part["id"],
                "number": f"D{self.today:%y%m%d}/{uuid4().int % 10**9:09d}",
                "amount_minor": part["amount"]["amount_minor"],
                "currency": part["amount"]["currency"],
                "paid_on": self.today.isoformat(),
            }
            said = f"enters a receipt of {part['amount']['text']}"
            await self.desk.post(officer, f"{self.at_post}/fee/receipts", receipt, act=said)
        await self.look()

    async def change_what_was_asked(self) -> None:
        """A new file for each paper that was marked; the answers that were marked stay, as they were right."""
        life = await self.desk.get(self.person.login, f"{self.own}/life")
        for mark in life["asked"]["marks"]:
            paper = self.service.paper(mark["pointer"].rpartition("/")[2])
            if paper:
                kind, content = file_for(paper)
                path = f"{self.own}/papers/{paper.code}"
                await self.desk.put(self.person.login, path, content=content, headers={"Content-Type": kind})
        await self.desk.post(self.person.login, f"{self.own}/resubmission", act="hands it in again")
        await self.look()

    async def withdraw(self) -> None:
        await self.desk.post(self.person.login, f"{self.own}/withdrawal", act="takes it back")
        await self.look()

    async def look(self) -> Reply:
        self.seen = await self.desk.get(self.person.login, self.own)
        return self.seen

    # officers

    async def propose(self, officer: str, outcome: Outcome = "approve") -> None:
        """Who took it from the queue proposes, after they compared what is unusual with the papers."""
        for odd in (await self.desk.get(officer, self.at_post))["warnings"]:
            if not odd.get("confirmed"):
                named = {"pointer": odd["pointer"], "code": odd["code"]}
                await self.desk.post(officer, f"{self.at_post}/warnings/confirmation", named, act="compares it with the paper")
        await self.desk.post(officer, f"{self.at_post}/proposal", self._verdict(outcome), act=f"proposes to {outcome} it")

    async def ask_citizen(self, officer: str) -> None:
        """Mark the first paper, or the first answer, as unreadable."""
        life = await self.desk.get(officer, f"{self.at_post}/life")
        marks = [each["pointer"] for each in life["markable"]]
        uploaded = {f"/papers/{paper.code}" for paper in self.service.papers if paper.bring != "original"}
        pointer = next((each for each in marks if each in uploaded), marks[0])
        body = {"marks": [{"pointer": pointer, "note": life["notes"][0]["code"]}]}
        await self.desk.post(officer, f"{self.at_post}/papers-request", body, act="asks the citizen for a better paper")
        await self.look()

    async def ask_body(self, officer: str) -> None:
        life = await self.desk.get(officer, f"{self.at_post}/life")
        body = {"body": life["bodies"][0]["code"]}
        await self.desk.post(officer, f"{self.at_post}/body-request", body, act="asks another body")
        await self.look()

    async def note_body_answer(self, officer: str) -> None:
        await self.desk.post(officer, f"{self.at_post}/body-answer", act="notes the body's answer")
        await self.look()

    async def decide(self, officer: str, outcome: Outcome = "approve") -> None:
        done = "approves it" if outcome == "approve" else "refuses it"
        await self.desk.post(officer, f"{self.at_post}/decision", self._verdict(outcome), act=done)
        await self.look()

    async def at_the_counter(self, officer: str) -> None:
        """The one step that its state waits for at the post, if it does."""
        await self.pay("issue", officer)
        step: tuple[str, Reply | None, str] | None = {
            "awaiting_blank": ("blank", {"blank_number": self._blank()}, "takes a blank and records its number"),
            "awaiting_visit": ("identity-check", None, "compares the citizen with the passport"),
            "awaiting_arrival": ("arrival", None, "records that it has arrived"),
        }.get(self.status)
        if step:
            route, body, said = step
            await self.desk.post(officer, f"{self.at_post}/{route}", body, act=said)
            await self.look()

    async def hand_over(self, officer: str) -> None:
        await self._must_be_known(officer)
        await self.desk.post(officer, f"{self.at_post}/handover", act="hands it over")
        await self.look()

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

    def _blank(self) -> str:
        rule = self.service.blank
        return rule.written.format(f"{uuid4().int % 10**7:07d}") if rule else ""

    def _verdict(self, outcome: Outcome) -> Reply:
        reason = {"reason": self.service.refusal_reasons[-1].code} if outcome == "refuse" else {}
        return {"outcome": outcome, **reason}
