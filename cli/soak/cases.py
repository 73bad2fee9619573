"""One case from an empty form to its end, as a citizen and officers drive it, each answer compared with what its state allows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NoReturn

import httpx

from cli.casework.answers import SHOWN, answers, receipt
from cli.casework.files import SMALLEST_PNG
from cli.casework.one import SHORT
from cli.casework.people import AIGERIM
from cli.soak import history as acts
from cli.soak.client import Client, NotAsModelled, Reply, code_of, is_changed_meanwhile
from cli.soak.history import Act, Case, History
from services.applications.catalogue import the_catalogue

POST = "yek"
INTAKE, DECIDING, HEAD = "nurlan", ("gulnara", "ermek"), "bakyt"
REVIEWERS = (INTAKE, *DECIDING)
DECIDERS = (*DECIDING, HEAD)
CITIZENS = ("aigerim", "omurbek", "umut", "janyl", "meerim", "ruslan", "daniyar", "nurgul", "torokul", "timur")
REASONS = {  # the last one of each service's list
    "registration": "attachment-unreadable",
    "return": "identity-not-established",
    "power": "powers-unclear",
}
NOTE = "proposal-needs-another-look"
AFTER_APPROVAL = {"registration": "approved", "return": "awaiting_blank", "power": "awaiting_visit"}
FATES = {"approve": 62, "refuse": 13, "withdraw": 11, "race": 7, "draft": 7}
MAY_BE_ISSUED = ("approve", "race")
GIVES_UP = 0.06
ASKS_AGAIN = 0.04
SEEN_WHILE = {"approved": ("approved", "ready")}  # what goes on by itself
NO_CLAIM, NO_WITHDRAWAL = "application-already-claimed", ("application-already-decided", "nothing-to-withdraw")
NO_DECISION = ("application-withdrawn", "application-not-proposed")


@dataclass
class Driver:
    """Drives cases, one after the other."""

    client: Client
    history: History
    random: Random
    blanks: Iterator[int]  # each number is on one sheet of paper

    async def one(self, *, with_document: bool) -> Case | None:
        """A new case, brought as far as its fate wants. Out: one whose document is awaited, where it came to that."""
        kind = self.random.choice(list(SHORT))
        fates = {fate: weight for fate, weight in FATES.items() if with_document or fate not in MAY_BE_ISSUED}
        fate = self.random.choices(list(fates), list(fates.values()))[0]
        case = await self._begun(self.random.choice(CITIZENS), kind)
        await self._fill_in(case)
        if fate == "draft":
            return None
        await self._citizen_acts(case, acts.SUBMIT, "submission", "submitted", twice=self._now_and_then(0.1))
        if fate == "withdraw" and self._now_and_then(0.4):
            await self._citizen_acts(case, acts.WITHDRAW, "withdrawal", "withdrawn")
            return None
        claimer = await self._claimed(case)
        verdict = {"outcome": "refuse", "reason": REASONS[kind]} if fate == "refuse" else {"outcome": "approve"}
        await self._proposed(case, claimer, verdict)
        if fate == "withdraw":
            await self._citizen_acts(case, acts.WITHDRAW, "withdrawal", "withdrawn")
            await self._must_refuse(case, self._another(claimer), "decision", verdict, 409)
            return None
        decider = self._another(claimer)
        if fate == "race":
            await self._race(case, decider, verdict)
        else:
            name, then = (acts.REFUSE, "refused") if fate == "refuse" else (acts.APPROVE, AFTER_APPROVAL[kind])
            await self._officer_acts(case, decider, name, "decision", then, verdict, twice=self._now_and_then(0.1))
        await self._at_the_counter(case)
        return case if case.status == "approved" else None

    # the citizen

    async def _begun(self, citizen: str, kind: str) -> Case:
        body: Reply = {"service_id": SHORT[kind], "post_id": POST, "language": self.random.choice(["ky", "ru"])}
        send = self.client.post_twice if self._now_and_then(0.08) else self.client.post
        act, answer = await send(citizen, acts.START, "/api/applications", body)
        if answer.status_code != httpx.codes.CREATED:
            self._unexpected("", acts.START, answer)
        begun = answer.json()
        if begun["id"] in self.history.cases:
            self.history.note("duplicated", begun["id"], "two beginnings were answered with one case")
        case = Case(begun["id"], begun["reference"], citizen, SHORT[kind], kind)
        self.history.cases[case.id] = case
        act.case, act.version = case.id, begun["version"]
        return case

    async def _fill_in(self, case: Case) -> None:
        service, today = the_catalogue().service(case.service_id), datetime.now(UTC).date()
        wanted = answers(service, AIGERIM, self.random, today, SHOWN[case.service_id])
        if self._now_and_then(0.5):
            await self._saved(case, dict(list(wanted.items())[:3]))
        await self._saved(case, wanted)
        for _ in range(1 + self._now_and_then(0.15)):
            await self._put(case, acts.ATTACH, "attachment", content=SMALLEST_PNG, headers={"Content-Type": "image/png"})
        await self._look(case)

    async def _saved(self, case: Case, answers: dict[str, str]) -> None:
        """With the version that was seen, as the pages do: a request that comes late, out of a frozen process, is refused."""
        said = await self._put(case, acts.SAVE, "answers", json={"answers": answers, "version": case.version})
        case.answers = said["answers"]

    async def _put(self, case: Case, name: str, what: str, **content: Any) -> Reply:
        """Until it is done: where an earlier try of ours was, unseen, the case is read again first."""
        while True:
            act, answer = await self.client.put(case.citizen, name, f"/api/applications/{case.id}/{what}", case=case, **content)
            if not is_changed_meanwhile(answer):
                return self._note(case, act, answer, "draft")
            await self._look(case)
            if "version" in content.get("json", {}):
                content["json"]["version"] = case.version

    async def _citizen_acts(self, case: Case, name: str, step: str, then: str, *, twice: bool = False) -> None:
        path = f"/api/applications/{case.id}/{step}"
        if twice:
            act, answer = await self.client.post_twice(case.citizen, name, path, case=case)
        else:
            act, answer = await self.client.post(case.citizen, name, path, case=case, may_give_up=self._now_and_then(GIVES_UP))
        self._note(case, act, answer, then)
        await self._look(case)

    # officers

    async def _officer_acts(
        self, case: Case, officer: str, name: str, step: str, then: str, body: Reply | None = None, *, twice: bool = False
    ) -> None:
        path = f"/api/officer/applications/{case.id}/{step}"
        if twice:
            act, answer = await self.client.post_twice(officer, name, path, body, case=case)
        else:
            give_up = self._now_and_then(GIVES_UP)
            act, answer = await self.client.post(officer, name, path, body, case=case, may_give_up=give_up)
        self._note(case, act, answer, then)
        if self._now_and_then(ASKS_AGAIN):
            await self.client.again(act, officer, path, body, answer)

    async def _claimed(self, case: Case) -> str:
        if self._now_and_then(0.2):
            await self.client.get(self.random.choice(REVIEWERS), "/api/officer/applications")
        claimer = await self._claimed_by_one_of_two(case) if self._now_and_then(0.2) else await self._claimed_by_one(case)
        if self._now_and_then(0.1):
            await self._officer_acts(case, claimer, acts.RELEASE, "release", "submitted")
            claimer = await self._claimed_by_one(case)
        return claimer

    async def _claimed_by_one(self, case: Case) -> str:
        claimer = self.random.choice(REVIEWERS)
        await self._officer_acts(case, claimer, acts.CLAIM, "claim", "in_review", twice=self._now_and_then(0.05))
        return claimer

    async def _claimed_by_one_of_two(self, case: Case) -> str:
        two = self.random.sample(REVIEWERS, 2)
        path = f"/api/officer/applications/{case.id}/claim"
        answered = await asyncio.gather(*(self.client.post(who, acts.CLAIM, path, case=case) for who in two))
        first = [(who, act, answer) for who, (act, answer) in zip(two, answered, strict=True) if answer.is_success]
        others = [answer for _, answer in answered if not answer.is_success]
        if len(first) != 1 or any(code_of(answer) != NO_CLAIM for answer in others):
            codes = [answer.status_code if answer.is_success else code_of(answer) for _, answer in answered]
            self.history.note("unexpected", case.id, f"two officers claimed at once, and were answered {codes}")
            raise NotAsModelled
        who, act, answer = first[0]
        self.history.refusals += 1
        self._note(case, act, answer, "in_review")
        return who

    async def _proposed(self, case: Case, claimer: str, verdict: Reply) -> None:
        name = acts.PROPOSE_APPROVAL if verdict["outcome"] == "approve" else acts.PROPOSE_REFUSAL
        await self._officer_acts(case, claimer, name, "proposal", "proposed", verdict)
        if self._now_and_then(0.1):
            back = {"outcome": "send_back", "reason": NOTE}
            await self._officer_acts(case, self._another(claimer), acts.SEND_BACK, "decision", "in_review", back)
            await self._officer_acts(case, claimer, name, "proposal", "proposed", verdict)
        if self._now_and_then(0.15):
            await self._must_refuse(case, claimer, "decision", verdict, 403)

    async def _must_refuse(self, case: Case, officer: str, step: str, body: Reply, status: int) -> None:
        _, answer = await self.client.post(officer, acts.APPROVE, f"/api/officer/applications/{case.id}/{step}", body, case=case)
        self.history.refusals += 1
        if answer.status_code != status:
            self._unexpected(case.id, f"{step} that must be refused with {status}", answer)

    async def _race(self, case: Case, decider: str, verdict: Reply) -> None:
        """The citizen takes it back while an officer approves: one of them comes first, and the other is told so."""
        decision = f"/api/officer/applications/{case.id}/decision"
        approval, withdrawal = await asyncio.gather(
            self.client.post(decider, acts.APPROVE, decision, verdict, case=case),
            self.client.post(case.citizen, acts.WITHDRAW, f"/api/applications/{case.id}/withdrawal", case=case),
        )
        self.history.refusals += 1
        approved, withdrawn = approval[1].is_success, withdrawal[1].is_success
        told = (withdrawn and code_of(approval[1]) in NO_DECISION) or (approved and code_of(withdrawal[1]) in NO_WITHDRAWAL)
        if approved == withdrawn or not told:
            codes = [answer.status_code if answer.is_success else code_of(answer) for _, answer in (approval, withdrawal)]
            self.history.note("unexpected", case.id, f"approval and withdrawal at once were answered {codes}")
            raise NotAsModelled
        act, answer = approval if approved else withdrawal
        self._note(case, act, answer, AFTER_APPROVAL[case.kind] if approved else "withdrawn")

    async def _at_the_counter(self, case: Case) -> None:
        officer = self.random.choice((*REVIEWERS, HEAD))
        if case.status in ("awaiting_blank", "awaiting_visit"):
            await self._paid(case, officer)
        if case.status == "awaiting_blank":
            body = {"blank_number": f"СВ-{next(self.blanks):07d}"}
            await self._officer_acts(case, officer, acts.BLANK, "blank", "approved", body)
        elif case.status == "awaiting_visit":
            await self._officer_acts(case, officer, acts.VISIT, "identity-check", "approved")

    async def _paid(self, case: Case, officer: str) -> None:
        answer = await self.client.get(case.citizen, f"/api/applications/{case.id}/fee")
        if not answer.is_success:
            self._unexpected(case.id, "reading the fee of one's own case", answer)
        for part in answer.json()["parts"]:
            if part["state"] == "open":
                paid = receipt(part, f"S-{next(self.blanks):07d}", datetime.now(UTC).date() - timedelta(days=1))
                await self._officer_acts(case, officer, acts.PAY, "fee/receipts", case.status, paid)

    async def follow(self, case: Case) -> bool:
        """Whether its document is there; then the paper is looked up as its receiver would, and handed over where it is one."""
        seen = await self._look(case)
        if case.status != "ready":
            return False
        document = await self.client.get(case.citizen, f"/api/documents/{seen['document_id']}", "documents")
        if not document.is_success:
            self._unexpected(case.id, "reading the document of a case that is ready", document)
        printed = {name: document.json()[name] for name in ("number", "issued_on", "check_code")}
        verified = (await self.client.ask("/api/verifications", printed, "documents")).json()
        if verified.get("status") != "valid":
            self.history.note("unexpected", case.id, f"the document of a case that is ready verifies as {verified.get('status')}")
        if case.kind != "registration" and self._now_and_then(0.6):
            officer = self.random.choice(REVIEWERS)
            await self._officer_acts(case, officer, acts.HANDOVER, "handover", "handed_over")
        return True

    # what every answer must be

    async def _look(self, case: Case) -> Reply:
        answer = await self.client.get(case.citizen, f"/api/applications/{case.id}")
        if not answer.is_success:
            self._unexpected(case.id, "reading one's own case", answer)
        seen: Reply = answer.json()
        if seen["status"] not in SEEN_WHILE.get(case.status, (case.status,)) or seen["version"] < case.version:
            shown = f"{seen['status']} in version {seen['version']}"
            self.history.note("unexpected", case.id, f"shown as {shown} after an answer that said {case.status}, {case.version}")
            raise NotAsModelled
        case.status, case.version = seen["status"], seen["version"]
        return seen

    def _note(self, case: Case, act: Act, answer: httpx.Response, then: str) -> Reply:
        if not answer.is_success:
            self._unexpected(case.id, act.name, answer)
        said: Reply = answer.json()
        if said["status"] not in SEEN_WHILE.get(then, (then,)) or said["version"] < case.version:
            self.history.note(
                "unexpected", case.id, f"{act.name} answered {said['status']}, version {said['version']}, not {then}"
            )
            raise NotAsModelled
        case.status, case.version = said["status"], said["version"]
        act.version = said["version"]
        return said

    def _unexpected(self, about: str, what: str, answer: httpx.Response) -> NoReturn:
        self.history.note("unexpected", about, f"{what}: HTTP {answer.status_code} {code_of(answer)}")
        raise NotAsModelled

    def _another(self, officer: str) -> str:
        return self.random.choice([who for who in DECIDERS if who != officer])

    def _now_and_then(self, chance: float) -> bool:
        return self.random.random() < chance
