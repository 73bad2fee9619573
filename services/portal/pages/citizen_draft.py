"""A draft as its pages need it: the steps of its form, how far each is, and where what is missing can be mended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from services.portal.apis import Api, ApiProblem
from services.portal.forms import ON_THE_PAGE, Faults

ANSWERS = "/answers/"
State = Literal["done", "open", "look", "optional"]


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    title: str
    number: int
    fields: tuple[dict[str, Any], ...]
    place: int = 0  # among all steps of the form, asked or not
    hidden: tuple[str, ...] = ()  # keys of what this page asks only of others

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(field["key"] for field in self.fields)


@dataclass(frozen=True, slots=True)
class Draft:
    """case: the application as the API tells it to its citizen; service: the form that it is filled in by."""

    case: dict[str, Any]
    service: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/applications/{self.case['id']}"

    @property
    def api_path(self) -> str:
        return f"/api/applications/{self.case['id']}"

    @property
    def answers(self) -> dict[str, str]:
        """Those of questions that there still are, whether they apply or not."""
        asked = {field["key"] for field in self.service["fields"]}
        return {key: value for key, value in self.case["answers"].items() if key in asked}

    @property
    def steps(self) -> tuple[Step, ...]:
        """Those that ask something, by what is answered now."""
        asked = set(self.case["asked"])
        found = [self._step(place, asked) for place in range(len(self.service["steps"]))]
        asking = [step for step in found if step.fields]
        return tuple(replace(step, number=number) for number, step in enumerate(asking, 1))

    def _step(self, place: int, asked: Collection[str]) -> Step:
        fields = {field["key"]: field for field in self.service["fields"]}
        step = self.service["steps"][place]
        shown = tuple(fields[key] for key in step["fields"] if key in asked)
        return Step(step["id"], step["title"], place + 1, shown, place, tuple(key for key in step["fields"] if key not in asked))

    @property
    def papers(self) -> tuple[dict[str, Any], ...]:
        """Those that are asked for as files, as the answers are now, and those that have one already."""
        return tuple(each for each in self.case["papers"] if each["bring"] != "original" and (each["needed"] or each["files"]))

    @property
    def papers_on_the_way(self) -> tuple[dict[str, Any], ...]:
        """Those that have a page between the questions and the check. Where it is urgent, what may be left out is added from
        the check, or later."""
        return tuple(each for each in self.papers if not self.service.get("urgent") or each["required"])

    def paper(self, code: str) -> dict[str, Any] | None:
        return next((each for each in self.case["papers"] if each["code"] == code and each["bring"] != "original"), None)

    def paper_path(self, paper: Mapping[str, Any]) -> str:
        return f"{self.path}{paper['pointer']}"

    def after_paper(self, code: str) -> str:
        """The next paper, else the check."""
        codes = [each["code"] for each in self.papers_on_the_way]
        later = self.papers_on_the_way[codes.index(code) + 1 :] if code in codes else ()
        return self.paper_path(later[0]) if later else f"{self.path}/check"

    def before_paper(self, code: str) -> str:
        codes = [each["code"] for each in self.papers]
        place = codes.index(code) if code in codes else 0
        return self.paper_path(self.papers[place - 1]) if place else self.step_path(self.steps[-1])

    def paper_state(self, paper: Mapping[str, Any]) -> State:
        if paper["pointer"] in self.missing:
            return "look" if paper["files"] else "open"
        return "done" if paper["files"] else "optional"

    @property
    def length(self) -> int:
        """Of the whole way: the steps, the files, and the check at the end."""
        return len(self.steps) + len(self.papers_on_the_way) + 1

    @property
    def missing(self) -> dict[str, str]:
        """What is missing or wrong, by its pointer."""
        return {notice["pointer"]: notice["text"] for notice in self.case["missing"]}

    def step(self, step_id: str) -> Step | None:
        return next((step for step in self.steps if step.id == step_id), None)

    def whole_step(self, step_id: str) -> Step | None:
        """With all its questions, whether they apply or not: what was typed there is saved all the same."""
        places = {step["id"]: place for place, step in enumerate(self.service["steps"])}
        everything = {field["key"] for field in self.service["fields"]}
        return self._step(places[step_id], everything) if step_id in places else None

    def step_path(self, step: Step) -> str:
        return f"{self.path}/steps/{step.id}"

    def before(self, step: Step) -> str:
        earlier = [each for each in self.steps if each.place < step.place]
        return self.step_path(earlier[-1]) if earlier else self.path

    def after(self, step: Step) -> str:
        later = [each for each in self.steps if each.place > step.place]
        if later:
            return self.step_path(later[0])
        return self.paper_path(self.papers_on_the_way[0]) if self.papers_on_the_way else f"{self.path}/check"

    def first_open(self) -> str:
        """Where to go on."""
        unfinished = next((self.step_path(step) for step in self.steps if self.state(step) in {"open", "look"}), None)
        to_attach = (self.paper_path(each) for each in self.papers if self.paper_state(each) in {"open", "look"})
        return unfinished or next(to_attach, f"{self.path}/check")

    def state(self, step: Step) -> State:
        named = [key for key in step.keys if ANSWERS + key in self.missing]
        if any(self.answers.get(key) for key in named):
            return "look"
        if named:
            return "open"
        return "done" if any(self.answers.get(key) for key in step.keys) else "optional"

    def place_of(self, pointer: str, *, to_check: bool = False) -> tuple[str, str]:
        """In: a pointer of the API. Out: what it is called, and the address where it can be mended; empty where unknown.

        to_check: the page goes back to the check afterwards.
        """
        back = "?back=check" if to_check else ""
        for paper in self.papers:
            if paper["pointer"] == pointer:
                return str(paper["label"]), f"{self.paper_path(paper)}{back}"
        key = pointer.removeprefix(ANSWERS)
        for step in self.steps:
            for field in step.fields:
                if field["key"] == key:
                    return str(field["label"]), f"{self.step_path(step)}{back}#{field_id(field)}"
        return "", ""

    def elsewhere(self, faults: Faults, told: Mapping[str, str], *, to_check: bool = False) -> None:
        """A line for each pointer and its text, which leads to where it can be mended."""
        for pointer, text in told.items():
            label, href = self.place_of(pointer, to_check=to_check)
            faults.add_line(f"{label}: {text}" if label else text, href=href)


async def draft_of(api: Api, application_id: UUID) -> Draft:
    """Raises ApiProblem, SignedOut."""
    case = await api.get("applications", f"/api/applications/{application_id}")
    return Draft(case, await api.service(case["service"]["id"], of_case=True))


def field_id(field: Mapping[str, Any]) -> str:
    """The id of the input that a link jumps to."""
    return f"{field['key']}-day" if field["type"] == "date" else str(field["key"])


def stays_on_page(problem: ApiProblem) -> bool:
    """Whether the page is drawn again with what was typed; all else is a page of the frame."""
    return problem.status in ON_THE_PAGE
