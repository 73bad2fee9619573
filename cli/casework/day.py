"""A consulate's day on the moved clock, quarter by quarter: citizens, counters, decisions, a post that closes."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from cli.casework.desk import Desk, DeskFailed
from cli.casework.plan import OFFICERS, TICKS, Officer, Visit, standing
from shared.contracts.applications import OutcomeKind

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
TICK = timedelta(minutes=15)
AT_ONCE = 6
CLOSING, CLOSING_HOUR, GOES_TO, CLOSED_BY = "ist", 14, "yek", "asel"
BOOKED_AT, BOOKINGS, COMES = "yek", 16, 0.85


async def together(tasks: Iterable[Awaitable[object]], failed: Callable[[DeskFailed], None]) -> None:
    """A few at once; what one of them could not do is told, and the day goes on."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(task: Awaitable[object]) -> None:
        async with turns:
            try:
                await task
            except DeskFailed as error:
                failed(error)

    await asyncio.gather(*(one(task) for task in tasks))


@dataclass
class Day:
    """The day as it goes on. move: sets the stack's clock; show: is called with each quarter of an hour."""

    desk: Desk
    visits: list[Visit]
    opens_at: datetime
    move: Callable[[datetime], None]
    show: Callable[[str, Counter[str]], None]
    acts: dict[str, list[int]]
    random: Random
    tick: int = 0
    looks: list[tuple[str, Counter[str]]] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    closed: bool = False
    spent: Counter[str] = field(default_factory=Counter)
    booked: dict[str, datetime] = field(default_factory=dict)  # by appointment
    attended: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        await together((self._book(visit) for visit in self._who_book()), self._failed)
        self.notes.append((0, f"{len(self.booked)} people have a time"))
        for self.tick in range(TICKS + 1):
            now = self.opens_at + TICK * self.tick
            self.move(now)
            self.desk.forget_sessions()
            self.spent.clear()
            if now.hour == CLOSING_HOUR and not self.closed:
                await self._close_post()
            for work in (self._citizens(), self._desks(now), self._counters(), self._decisions(), self._reviews()):
                await together(work, self._failed)
            await together((visit.case.look() for visit in self.visits if self._goes_on_by_itself(visit)), self._failed)
            self.looks.append((f"{now:%H:%M}", standing(self.visits)))
            self.show(*self.looks[-1])

    def count(self, who: str) -> None:
        """An act was answered."""
        officer = who.partition("@")[0]
        row = self.acts.setdefault(officer, [0] * (TICKS + 1))
        row[self.tick] += 1

    def _failed(self, error: DeskFailed) -> None:
        self.failures[ID.sub("…", str(error))] += 1

    # citizens

    def _citizens(self) -> Iterable[Awaitable[object]]:
        for visit in self.visits:
            if not visit.begun and visit.comes_at <= self.tick:
                visit.since = self.tick
                yield visit.case.hand_in()
            elif visit.begun and visit.case.status == "papers_requested" and self.tick - visit.since >= 4:
                yield visit.case.change_what_was_asked()
            elif visit.fate == "withdraw" and visit.begun and visit.case.status in ("submitted", "in_review"):
                yield visit.case.withdraw()

    # times

    def _who_book(self) -> list[Visit]:
        """One application each of the first people who come to the post with windows."""
        by_person = {visit.case.person.login: visit for visit in self.visits if visit.case.post == BOOKED_AT}
        return list(by_person.values())[:BOOKINGS]

    async def _book(self, visit: Visit) -> None:
        """The day before: a free time of the day, kept and then booked."""
        person, service = visit.case.person, visit.case.service.id
        day = self.opens_at.date().isoformat()
        path = f"/api/appointments/slots?post_id={BOOKED_AT}&service_id={service}&from={day}&days=1"
        found = await self.desk.get(person.login, path)
        free = [slot for each in found["days"] if each["day"] == day for slot in each["slots"]]
        for _ in range(3):  # another may be quicker
            if not free:
                return
            slot = free.pop(self.random.randrange(len(free)))
            wanted = {"slot_id": slot["id"], "service_id": service, "who": "self", "visitor": person.name}
            body = {"post_id": BOOKED_AT, "visits": [wanted]}
            try:
                held = await self.desk.post(person.login, "/api/appointments", body, act="keeps a time")
            except DeskFailed as error:
                if error.status == 409:
                    continue
                raise
            await self.desk.post(person.login, f"/api/appointments/{held['id']}/booking", {}, act="books it")
            self.booked[held["id"]] = datetime.fromisoformat(slot["starts_at"])
            return

    def _desks(self, now: datetime) -> Iterable[Awaitable[object]]:
        """Whose time has come: most are there."""
        for appointment, starts_at in list(self.booked.items()):
            officer = self._at_counter(BOOKED_AT)
            if starts_at <= now - TICK and officer:
                del self.booked[appointment]
                self._spend(officer)
                yield self._serve(appointment, officer.login)

    async def _serve(self, appointment: str, officer: str) -> None:
        path = f"/api/officer/appointments/{appointment}"
        there = self.random.random() < COMES
        visit = (await self.desk.get(officer, path))["visits"][0]
        for attendance in ("arrived", "served") if there else ("absent",):
            body = {"slot_id": visit["slot_id"], "attendance": attendance}
            await self.desk.post(officer, f"{path}/attendance", body, act=attendance)
        self.attended["served" if there else "absent"] += 1

    # officers

    def _counters(self) -> Iterable[Awaitable[object]]:
        """Fees, blanks, visits, arrivals, handing over: whoever of the post has time."""
        for visit in self.visits:
            officer = self._at_counter(self._post(visit))
            if not visit.begun or officer is None:
                continue
            status, made = visit.case.status, visit.case.service.outcome
            if status == "fee_due" and visit.fate != "never_paid":
                self._spend(officer)
                yield visit.case.pay("review", officer.login)
            elif status in ("awaiting_blank", "awaiting_visit") or (status == "awaiting_arrival" and visit.arrives):
                self._spend(officer, 2)
                yield visit.case.at_the_counter(officer.login)
            elif status == "with_another_body" and self.tick - visit.since >= 6:
                self._spend(officer)
                yield visit.case.note_body_answer(officer.login)
            elif status == "ready" and made is not OutcomeKind.DIGITAL_DOCUMENT:
                self._spend(officer, 2)
                yield visit.case.hand_over(officer.login)

    def _decisions(self) -> Iterable[Awaitable[object]]:
        for visit in self.visits:
            if visit.begun and visit.case.status == "proposed":
                officer = self._decider(visit)
                if officer:
                    self._spend(officer)
                    yield visit.case.decide(officer.login, "refuse" if visit.fate == "refuse" else "approve")

    def _reviews(self) -> Iterable[Awaitable[object]]:
        """Each officer takes what is next as long as they have time."""
        return [
            self._review(officer) for officer in OFFICERS if officer.reviews and not (self.closed and officer.post == CLOSING)
        ]

    async def _review(self, officer: Officer) -> None:
        for each in self.visits:
            if each.begun and each.case.status == "in_review" and f"taken:{officer.login}" in each.done:
                await self._work_on(each, officer)
        while self.spent[officer.login] < officer.budget:
            try:
                taken = await self.desk.post(officer.login, "/api/officer/next-application", {}, act="takes the next application")
            except DeskFailed as error:
                if error.status == 409:  # none waits
                    return
                raise
            self._spend(officer, 2)
            visit = next((each for each in self.visits if each.begun and each.case.id == taken["id"]), None)
            if visit is None:
                continue  # somebody else's, from before this day
            visit.done = {act for act in visit.done if not act.startswith("taken:")} | {f"taken:{officer.login}"}
            await self._work_on(visit, officer)

    async def _work_on(self, visit: Visit, officer: Officer) -> None:
        case = visit.case
        if visit.fate == "ask_papers" and "asked" not in visit.done:
            visit.done.add("asked")
            visit.since = self.tick
            await case.ask_citizen(officer.login)
        elif visit.fate == "body" and "body" not in visit.done:
            visit.done.add("body")
            visit.since = self.tick
            await case.ask_body(officer.login)
        else:
            await case.propose(officer.login, "refuse" if visit.fate == "refuse" else "approve")
            await case.look()

    async def _close_post(self) -> None:
        self.closed = True
        body = {"reason": "premises", "targets": [GOES_TO]}
        try:
            await self.desk.post(CLOSED_BY, f"/api/officer/posts/{CLOSING}/closure", body, act="closes a post")
        except DeskFailed as error:
            self._failed(error)
            return
        moving = [visit for visit in self.visits if visit.begun and self._post(visit) == CLOSING]
        await self.desk.eventually(self._has_moved, f"{CLOSING} is not empty")
        await together((visit.case.look() for visit in moving), self._failed)
        for visit in self.visits:
            if not visit.begun and visit.case.post == CLOSING:
                visit.case.post = GOES_TO
        moved = sum(self._post(visit) != CLOSING for visit in moving)
        self.notes.append((self.tick, f"{CLOSING} closes: {moved} cases go on at {GOES_TO}"))

    async def _has_moved(self) -> bool | None:
        told = await self.desk.get(CLOSED_BY, f"/api/officer/posts/{CLOSING}/closure")
        return None if told["left"] else True

    def _post(self, visit: Visit) -> str:
        return str(visit.case.seen["post"]["id"]) if visit.begun else visit.case.post

    def _decider(self, visit: Visit) -> Officer | None:
        """Another one than who took it."""
        post, has_taken = self._post(visit), {act.partition(":")[2] for act in visit.done}
        return self._least_busy([each for each in OFFICERS if post in each.decides and each.login not in has_taken])

    def _at_counter(self, post: str) -> Officer | None:
        return self._least_busy([each for each in OFFICERS if each.post == post and each.reviews])

    def _least_busy(self, officers: Iterable[Officer]) -> Officer | None:
        free = [each for each in officers if self.spent[each.login] < each.budget]
        return min(free, key=lambda each: self.spent[each.login], default=None)

    def _spend(self, officer: Officer, acts: int = 1) -> None:
        """Planned: what is not answered yet counts too, so that nobody is given all of it."""
        self.spent[officer.login] += acts

    @staticmethod
    def _goes_on_by_itself(visit: Visit) -> bool:
        return visit.begun and visit.case.status == "approved"
