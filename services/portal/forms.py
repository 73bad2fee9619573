"""What a form shows when it was refused: an error summary linked to its fields, and what was typed."""

from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass, field

from services.portal.apis import ApiProblem
from shared.texts import N_

SHORT_YEAR = N_("Write the year with four digits, for example 1990.")
ON_THE_PAGE = frozenset({409, 413, 415, 422})  # what is drawn again with what was typed; all else is a page of the frame
TO_LANGUAGE = "language"  # as a form's "then": nothing is sent, the same page is drawn in the language chosen just now


def year_is_short(year: str) -> bool:
    """Whether these are digits, but not four, as in "90": nobody guesses the century."""
    return year.strip().isdecimal() and len(year.strip()) != 4


@dataclass(slots=True)
class Faults:
    """summary: lines for govukErrorSummary; fields: the text beside each field, by the field's name (as errorMessage)."""

    summary: list[dict[str, str]] = field(default_factory=list)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, name: str, text: str, *, target: str = "") -> None:
        """target: the id to jump to, where it is not the field's name."""
        self.summary.append({"text": text, "href": f"#{target or name}"})
        self.fields.setdefault(name, {"text": text})

    def add_line(self, text: str, *, href: str = "") -> None:
        """Something that belongs to no field of this page; href: another page that has it."""
        self.summary.append({"text": text, "href": href} if href else {"text": text})

    def of(self, name: str) -> dict[str, str] | None:
        """For a component's errorMessage; None where the field is fine."""
        return self.fields.get(name)

    def speak(self, error: str) -> None:
        """error: the word that is read aloud before each field's text."""
        for text in self.fields.values():
            text["visuallyHiddenText"] = error

    def __bool__(self) -> bool:
        return bool(self.summary)

    @classmethod
    def of_problem(cls, problem: ApiProblem, names: Mapping[str, str], elsewhere: Mapping[str, str] | None = None) -> "Faults":
        """In: names maps a JSON pointer to a field of this page (its id), elsewhere to the path of the page that has it."""
        faults = cls()
        for error in problem.errors:
            if error.pointer in names:
                faults.add(names[error.pointer], error.detail)
            else:
                faults.add_line(error.detail, href=(elsewhere or {}).get(error.pointer, ""))
        if not problem.errors:
            faults.add_line(problem.detail)
        return faults


async def refused(
    act: Awaitable[object], names: Mapping[str, str] | None = None, *, stays: Collection[int] = ON_THE_PAGE
) -> Faults:
    """Waits for what an API is asked to do. Out: what is wrong with it; nothing where it was done. names: as of_problem takes
    them. Raises ApiProblem of any other status than stays."""
    try:
        await act
    except ApiProblem as problem:
        if problem.status not in stays:
            raise
        return Faults.of_problem(problem, names or {})
    return Faults()
