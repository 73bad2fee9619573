"""A consulate's day on the moved clock, quarter by quarter: citizens, counters, decisions, a post that closes."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from cli.casework.desk import Desk, DeskFailed
from cli.casework.figures import city_of, standing
from cli.casework.plan import OFFICERS, TICK, TICKS, Officer, Visit
from shared.contracts.applications import OutcomeKind

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
AT_ONCE = 3  # of citizens, and of officers: more would only make each wait for the one database
CLOSING, CLOSING_HOUR, GOES_TO, CLOSED_BY = "ist", 14, "yek", "asel"
CLOSURE = f"/api/officer/posts/{CLOSING}/closure"
BOOKED_AT, BOOKINGS, COMES = "yek", 16, 0.85
ANSWERS_AFTER, BODY_ANSWERS_AFTER = 4, 6  # ticks


@dataclass
class Day:
    """The day as it goes on. move: sets the stack's clock; show: is called after each quarter of an hour, and when a case is
    handed in before it."""

    desk: Desk
    visits: list[Visit]
    opens_at: datetime
    move: Callable[[datetime], None]
    show: Callable[[str, Counter[str]], None]
    random: Random
    tick: int = 0
    looks: list[tuple[str, Counter[str]]] = field(default_factory=list)  # how many stood where, by status
    acts: dict[str, list[int]] = field(default_factory=dict)  # by officer and tick
    came: list[int] = field(default_factory=lambda: [0] * (TICKS + 1))
    notes: list[tuple[int, str]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    closed: bool = False
    moved: int = 0
    spent: Counter[str] = field(default_factory=Counter)
    booked: dict[str, datetime] = field(default_factory=dict)  # by appointment
    attended: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Also where it is interrupted, the post that was closed opens again."""
        try:
            self.closed = bool((await self.desk.get(CLOSED_BY, CLOSURE))["closed"])  # by a day that was ended in the middle
            await self._open_again()
            await self._all(self.desk.token(login, "applications") for login in self._citizens_of_the_day())
            await self._all(self._book(visit) for visit in self._who_book())
            for self.tick in range(TICKS + 1):
                await self._quarter(self.opens_at + TICK * self.tick)
            await self._made_what_was_approved()
        finally:
            await self._open_again()

    async def _open_again(self) -> None:
        if self.closed:
            await self.desk.post(CLOSED_BY, f"/api/officer/posts/{CLOSING}/reopening", act="opens the post again")
            self.closed = False

    def count(self, who: str) -> None:
        """An act was answered."""
        self.acts.setdefault(who, [0] * (TICKS + 1))[self.tick] += 1

    async def _quarter(self, now: datetime) -> None:
        self.move(now)
        self.desk.forget_sessions()
        self.spent.clear()
        if now.hour == CLOSING_HOUR and not self.closed:
            await self._close_post()
        await self._see_what_was_made()
        at_work = [*self._decisions(), *self._counters(), *self._desks(now), *self._reviews()]
        await asyncio.gather(self._all(at_work), self._all(self._citizens()))
        self.looks.append((f"{now:%H:%M}", standing(self.visits)))
        self.show(*self.looks[-1])

    async def _all(self, tasks: Iterable[Awaitable[object]]) -> None:
        """A few at once; what one of them could not do is told, and the day goes on."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(task: Awaitable[object]) -> None:
            async with turns:
                try:
                    await task
                except DeskFailed as error:
                    self.failures[ID.sub("…", str(error))] += 1

        await asyncio.gather(*(one(task) for task in tasks))

    # citizens

    def _citizens_of_the_day(self) -> set[str]:
        pairs = ((visit.case.person, visit.case.cosigner) for visit in self.visits)
        return {person.login for pair in pairs for person in pair if person}

    def _citizens(self) -> Iterable[Awaitable[object]]:
        for visit in self.visits:
            if not visit.case.seen and visit.comes_at <= self.tick:
                yield self._come(visit)
            elif visit.status == "papers_requested" and self.tick - visit.since >= ANSWERS_AFTER:
                yield visit.case.change_what_was_asked()
            elif visit.fate == "withdraw" and visit.status in ("submitted", "in_review"):
                yield visit.case.withdraw()

    async def _come(self, visit: Visit) -> None:
        await visit.case.hand_in()
        self.came[self.tick] += 1

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
        self.random.shuffle(free)
        for slot in free[:3]:  # another may be quicker
            wanted = {"slot_id": slot["id"], "service_id": service, "who": "self", "visitor": person.name}
            try:
                held = await self.desk.post(person.login, "/api/appointments", {"post_id": BOOKED_AT, "visits": [wanted]})
            except DeskFailed as error:
                if error.status == 409:
                    continue
                raise
            await self.desk.post(person.login, f"/api/appointments/{held['id']}/booking", {})
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
            if (
                visit.status
                and (officer := self._at_counter(visit.post))
                and (work := self._at_the_counter(visit, officer.login))
            ):
                self._spend(officer, 2)
                yield work

    def _at_the_counter(self, visit: Visit, officer: str) -> Awaitable[object] | None:
        case = visit.case
        match visit.status:
            case "fee_due" if visit.fate != "never_paid":
                return case.pay(officer, "review")
            case "awaiting_blank" | "awaiting_visit":
                return case.at_the_counter(officer)
            case "awaiting_arrival" if visit.arrives:
                return case.at_the_counter(officer)
            case "with_another_body" if self.tick - visit.since >= BODY_ANSWERS_AFTER:
                return case.note_body_answer(officer)
            case "ready" if case.service.outcome is not OutcomeKind.DIGITAL_DOCUMENT:
                return case.hand_over(officer)
        return None

    def _decisions(self) -> Iterable[Awaitable[object]]:
        for visit in self.visits:
            if visit.status == "proposed" and (officer := self._decider(visit)):
                self._spend(officer)
                yield self._decide(visit, officer.login)

    async def _decide(self, visit: Visit, officer: str) -> None:
        if visit.fate == "send_back" and not visit.turned:
            visit.turned = True
            await visit.case.send_back(officer)
        else:
            await visit.case.decide(officer, "refuse" if visit.fate == "refuse" else "approve")

    def _reviews(self) -> Iterable[Awaitable[object]]:
        """Each officer goes on with what they have, and takes what is next as long as they have time."""
        return [
            self._review(officer) for officer in OFFICERS if officer.reviews and not (self.closed and officer.post == CLOSING)
        ]

    async def _review(self, officer: Officer) -> None:
        for visit in self.visits:
            if visit.status == "in_review" and visit.hands[-1:] == [officer.login] and visit.fate != "withdraw":
                await self._work_on(visit, officer)
        while self.spent[officer.login] < officer.budget and self._somebody_waits(officer):
            try:
                taken = await self.desk.post(officer.login, "/api/officer/next-application", {}, act="takes the next application")
            except DeskFailed as error:
                if error.status == 409:  # none waits
                    return
                raise
            self._spend(officer, 2)
            mine = next((each for each in self.visits if each.case.seen and each.case.id == taken["id"]), None)
            if mine:  # else somebody's from before this day
                mine.case.note(taken)
                mine.hands.append(officer.login)
                if mine.fate != "withdraw":  # its citizen takes it back
                    await self._work_on(mine, officer)

    def _somebody_waits(self, officer: Officer) -> bool:
        return any(visit.status == "submitted" and visit.post == officer.post for visit in self.visits)

    async def _work_on(self, visit: Visit, officer: Officer) -> None:
        self._spend(officer)
        if visit.fate in ("ask_papers", "body") and not visit.turned:
            visit.turned, visit.since = True, self.tick
            ask = visit.case.ask_citizen if visit.fate == "ask_papers" else visit.case.ask_body
            await ask(officer.login)
        else:
            await visit.case.propose(officer.login, "refuse" if visit.fate == "refuse" else "approve")

    # what goes on by itself

    async def _see_what_was_made(self) -> int:
        """Documents come by themselves. Out: how many are being made yet."""
        waiting = [visit for visit in self.visits if visit.status == "approved"]
        left: set[str] = set()
        for post in {visit.post for visit in waiting}:
            officer = next(each.login for each in OFFICERS if each.post == post)
            listed = await self.desk.get(officer, "/api/officer/applications?status=approved&limit=100")
            left |= {row["id"] for row in listed["applications"]}
        for visit in waiting:
            if visit.case.id not in left:
                await visit.case.look()
        return sum(visit.status == "approved" for visit in waiting)

    async def _made_what_was_approved(self) -> None:
        async def made() -> bool | None:
            return None if await self._see_what_was_made() else True

        await self.desk.eventually(made, "not every document was made")
        self.looks[-1] = self.looks[-1][0], standing(self.visits)

    async def _close_post(self) -> None:
        body = {"reason": "premises", "targets": [GOES_TO]}
        await self.desk.post(CLOSED_BY, CLOSURE, body, act="closes a post")
        self.closed = True
        moving = [visit for visit in self.visits if visit.status and visit.post == CLOSING]
        await self.desk.eventually(self._has_moved, f"{CLOSING} is not empty")
        await self._all(visit.case.look() for visit in moving)
        for visit in self.visits:
            if not visit.case.seen and visit.case.post == CLOSING:
                visit.case.post = GOES_TO
        self.moved = sum(visit.post != CLOSING for visit in moving)
        self.notes.append((self.tick, f"{city_of(CLOSING)} closes: {self.moved} cases go on in {city_of(GOES_TO)}"))

    async def _has_moved(self) -> bool | None:
        told = await self.desk.get(CLOSED_BY, CLOSURE)
        return None if told["left"] else True

    def _decider(self, visit: Visit) -> Officer | None:
        """Another one than who has had it; where one officer is enough, who has it."""
        may = [each for each in OFFICERS if visit.post in each.decides]
        if visit.case.service.officers_required.value > 1:
            may = [each for each in may if each.login not in visit.hands]
        return self._least_busy(may)

    def _at_counter(self, post: str) -> Officer | None:
        return self._least_busy(each for each in OFFICERS if each.post == post and each.reviews)

    def _least_busy(self, officers: Iterable[Officer]) -> Officer | None:
        free = [each for each in officers if self.spent[each.login] < each.budget]
        return min(free, key=lambda each: self.spent[each.login], default=None)

    def _spend(self, officer: Officer, acts: int = 1) -> None:
        """Planned: what is not answered yet counts too, so that nobody is given all of it."""
        self.spent[officer.login] += acts
