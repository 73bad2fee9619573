"""What a form held, on its way to the API and back: nothing typed is lost, and a date that is none is named."""

from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import FormData

from services.portal.apis import ApiProblem, WrongField
from services.portal.pages.citizen_answers import faults_of, stored, to_send, typed
from services.portal.pages.citizen_draft import Draft, Step
from services.portal.rendering import Pages
from shared.texts import Texts

SERVICE: dict[str, Any] = {
    "fields": [
        {"key": "full_name", "label": "Full name", "type": "name"},
        {"key": "birth_date", "label": "Date of birth", "type": "date"},
        {"key": "pin", "label": "PIN", "type": "pin"},
    ],
    "steps": [
        {"id": "name", "title": "Your name", "fields": ["full_name"]},
        {"id": "birth", "title": "Your birth", "fields": ["birth_date", "pin"]},
    ],
}


EVERYTHING = ("full_name", "birth_date", "pin")


def draft(
    *, missing: dict[str, str] | None = None, attachment: object = None, asked: tuple[str, ...] = EVERYTHING, **answers: str
) -> Draft:
    notices = [{"pointer": pointer, "text": text} for pointer, text in (missing or {}).items()]
    paper = {"code": "attachment", "pointer": "/attachment", "label": "Copy of your passport", "bring": "file", "needed": True}
    papers = [paper | {"files": [attachment] if attachment else []}]
    case = {"id": "7", "answers": answers, "missing": notices, "papers": papers, "asked": [*asked]}
    return Draft(case, SERVICE)


def birth() -> Step:
    return draft().steps[1]


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "manifest.json").write_text("{}")
    return Pages(Texts({}), tmp_path, local_stack=True)


def test_three_parts_become_one_date_and_come_back_as_they_were() -> None:
    form = FormData([("birth_date-day", "5"), ("birth_date-month", "2"), ("birth_date-year", "1990")])
    sent = to_send(birth(), typed(birth(), form))
    assert sent == {"birth_date": "1990-02-05"}
    assert stored(birth(), sent)["birth_date"] == {"day": "5", "month": "2", "year": "1990"}


def test_what_was_left_empty_is_not_sent() -> None:
    assert to_send(birth(), typed(birth(), FormData([("pin", "  ")]))) == {}


@pytest.mark.parametrize(
    ("day", "month", "year", "told"),
    [
        ("31", "2", "1990", "There is no such date"),
        ("5", "February", "1990", "There is no such date"),
        ("5", "2", "90", "Write the year with four digits"),
        ("5", "", "1990", "Write the day, the month and the year"),
        ("5", "2", "2990", "in the API's words"),
    ],
)
def test_a_wrong_date_is_told_in_words_and_what_the_api_alone_knows_in_its_own(
    pages: Pages, day: str, month: str, year: str, told: str
) -> None:
    parts = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
    shown = typed(birth(), FormData(list(parts.items())))
    problem = ApiProblem(422, "invalid-input", errors=(WrongField("/answers/birth_date", "in the API's words"),))
    faults = faults_of(problem, draft(), birth(), shown, pages, "en")
    assert told in faults.fields["birth_date"]["text"]
    assert faults.summary[0]["href"] == "#birth_date-day"
    assert shown["birth_date"] == {"day": day, "month": month, "year": year}


def test_a_fault_of_another_page_is_a_line_that_leads_there(pages: Pages) -> None:
    problem = ApiProblem(422, "invalid-input", errors=(WrongField("/answers/full_name", "Please write the name."),))
    faults = faults_of(problem, draft(), birth(), typed(birth(), FormData()), pages, "en")
    assert faults.summary == [{"text": "Full name: Please write the name.", "href": "/applications/7/steps/name#full_name"}]


def test_a_step_is_open_done_or_needs_another_look() -> None:
    missing = {"/answers/full_name": "wrong", "/answers/birth_date": "Please answer this."}
    now = draft(missing=missing, full_name="1")
    assert [now.state(step) for step in now.steps] == ["look", "open"]
    assert draft(full_name="Үмүт").state(draft().steps[0]) == "done"
    assert draft().state(birth()) == "optional"


def test_one_goes_on_where_something_is_open_and_then_to_the_file() -> None:
    assert draft(missing={"/answers/birth_date": "Please answer this."}).first_open() == "/applications/7/steps/birth"
    assert draft(missing={"/attachment": "Please attach the file."}).first_open() == "/applications/7/attachment"
    assert draft().first_open() == "/applications/7/check"


def test_a_page_whose_questions_do_not_apply_is_left_out_of_the_way() -> None:
    others = draft(asked=("birth_date", "pin"))
    assert [(step.id, step.number) for step in others.steps] == [("birth", 1)]
    assert others.length == 3
    assert others.before(others.steps[0]) == "/applications/7"
    assert draft(asked=("full_name",)).after(draft().steps[0]) == "/applications/7/attachment"


def test_in_an_emergency_a_file_that_may_be_left_out_is_no_page_of_the_way() -> None:
    for required, next_page, length in ((False, "check", 3), (True, "attachment", 4)):
        asked = draft()
        papers = [paper | {"required": required} for paper in asked.case["papers"]]
        emergency = Draft(asked.case | {"papers": papers}, SERVICE | {"urgent": True})
        assert (emergency.after(emergency.steps[-1]), emergency.length) == (f"/applications/7/{next_page}", length)


def test_a_page_shows_the_questions_that_apply_and_keeps_what_it_asks_only_of_others() -> None:
    page = draft(asked=("full_name", "birth_date")).steps[1]
    assert (page.keys, page.hidden) == (("birth_date",), ("pin",))
    whole = draft(asked=()).whole_step("birth")
    assert whole is not None
    assert whole.keys == ("birth_date", "pin"), "what was typed on a page that no longer applies is saved all the same"
