"""Questions that are asked only where others were answered so."""

import json

import pytest
from pydantic import ValidationError

from services.applications.domain.attachments import Attachment
from services.applications.domain.form import applying_answers, asked_fields, check_answers, check_complete
from shared.errors import InvalidInput
from tests.unit.applications.cases import ANSWERS, AT, FORMATS, POST, RETURN
from tests.unit.applications.conditional import CHILD, SECOND_PARENT, conditional

DEFINITION = conditional()
FILE = Attachment("f1", "image/png", 10, "0" * 64, AT)
DAMAGED = ANSWERS[RETURN] | {"circumstances": "damaged"}


def asked(answers: dict[str, str]) -> set[str]:
    return {field.key for field in asked_fields(DEFINITION, answers, AT.date())}


def handed_in(answers: dict[str, str]) -> dict[str, str]:
    return check_complete(answers, attachments=[FILE], definition=DEFINITION, formats=FORMATS, post=POST, at=AT)


def lacking(answers: dict[str, str]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        handed_in(answers)
    return [error.pointer for error in caught.value.errors]


def test_a_question_is_asked_only_where_what_it_depends_on_was_answered_so() -> None:
    assert "former_document_number" not in asked({})
    assert "former_document_number" not in asked({"circumstances": "lost"})
    assert "former_document_number" in asked({"circumstances": "expired"})


def test_an_age_is_that_of_the_day_at_the_post() -> None:
    assert "second_parent" in asked({"birth_date": "2010-11-21"})
    assert "second_parent" not in asked({"birth_date": "2010-11-20"}), "16 today"
    assert "second_parent" not in asked({"birth_date": "no date"})


def test_an_answer_to_a_question_that_does_not_apply_decides_nothing() -> None:
    hidden = {"circumstances": "lost", "former_document_number": "AC1234567"}
    assert "travel_date" in asked(hidden | {"circumstances": "damaged"})
    assert "travel_date" not in asked(hidden)


def test_a_required_question_that_does_not_apply_is_not_missing() -> None:
    assert lacking(DAMAGED) == ["/answers/former_document_number"]
    assert handed_in(ANSWERS[RETURN]) == ANSWERS[RETURN]
    assert lacking(CHILD) == ["/answers/second_parent", "/answers/second_parent_latin"]
    assert handed_in(CHILD | SECOND_PARENT) == CHILD | SECOND_PARENT


def test_a_draft_keeps_what_was_typed_and_what_is_handed_in_has_only_what_applies() -> None:
    changed_mind = ANSWERS[RETURN] | {"former_document_number": "AC1234567"}
    kept = check_answers(changed_mind, definition=DEFINITION, formats=FORMATS, post=POST, at=AT)
    assert kept["former_document_number"] == "AC1234567"
    assert "former_document_number" not in handed_in(kept)
    assert "former_document_number" not in applying_answers(DEFINITION, kept, AT.date())


def test_an_answer_that_no_longer_applies_holds_nobody_up() -> None:
    assert "former_document_number" not in handed_in(ANSWERS[RETURN] | {"former_document_number": "of no use"})


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        ({"field": "travel_date", "answered": True}, "not asked before"),
        ({"field": "circumstances", "one_of": ["eaten"]}, "no answer to circumstances"),
        ({"field": "full_name", "age_below": 16}, "no date"),
    ],
)
def test_a_condition_that_cannot_hold_is_refused_at_the_start(needed: dict[str, object], said: str) -> None:
    data = json.loads(DEFINITION.model_dump_json())
    next(field for field in data["fields"] if field["key"] == "former_document_number")["needed"] = [needed]
    with pytest.raises(ValidationError, match=said):
        conditional(fields=data["fields"])


def test_the_holder_is_asked_always() -> None:
    data = json.loads(DEFINITION.model_dump_json())
    data["fields"][1]["needed"] = [{"field": "full_name", "answered": True}]
    with pytest.raises(ValidationError, match="asked always"):
        conditional(fields=data["fields"])
