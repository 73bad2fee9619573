"""Cases that tests of pages prepare over the API, as ./eshik demo plays them, while a browser is open."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from cli.casework.aside import Aside, aside
from cli.casework.case import Case
from cli.casework.one import SHORT, case_of
from services.applications.catalogue import the_catalogue
from tests.support.stacks import RunningStack

T = TypeVar("T")


class Prepared:
    def __init__(self, beside: Aside) -> None:
        self.beside, self.desk = beside, beside.desk

    def do(self, work: Awaitable[T]) -> T:
        return self.beside.do(work)

    def handed_in(self, service: str) -> Case:
        """By aigerim at yek. service: registration, return, power."""
        case = case_of(self.desk, the_catalogue().service(SHORT[service]), datetime.now(UTC).date())
        self.do(case.hand_in())
        return case

    def proposed(self, service: str, by: str = "nurlan") -> Case:
        case = self.handed_in(service)
        self.do(case.claim(by))
        self.do(case.propose(by))
        return case

    def approved(self, service: str, by: str) -> Case:
        """And paid."""
        case = self.proposed(service)
        self.do(case.decide(by))
        self.do(case.pay("nurlan"))
        return case


@contextmanager
def prepared_on(stack: RunningStack) -> Iterator[Prepared]:
    with aside(stack.ports, stack.places.inbox) as beside:
        yield Prepared(beside)
