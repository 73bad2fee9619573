"""What one will need: the few answers that decide it, and what is open without them."""

from services.applications.domain.needs import Needs, needs_of
from tests.unit.applications.cases import AT
from tests.unit.applications.conditional import conditional

CHILD = {"field": "birth_date", "age_below": 16}
DEFINITION = conditional(
    papers=[
        {"code": "birth-certificate", "label": "Full name", "needed": [CHILD]},
        {"code": "police-paper", "label": "Full name", "needed": [{"field": "circumstances", "one_of": ["stolen"]}]},
        {"code": "ticket", "label": "Full name", "needed": [{"field": "travel_date", "answered": True}]},
        {"code": "photo", "label": "Full name"},
    ],
)


def needs(**answers: str) -> Needs:
    return needs_of(DEFINITION, answers, AT.date())


def papers(found: Needs) -> dict[str, str]:
    return {paper.code: applies for paper, applies in found.papers}


def test_without_answers_all_that_may_be_needed_is_told_and_what_it_depends_on() -> None:
    found = needs()
    assert papers(found) == {
        "attachment": "yes",
        "birth-certificate": "depends",
        "police-paper": "depends",
        "ticket": "depends",
        "photo": "yes",
    }
    assert [field.key for field in found.questions] == ["birth_date", "circumstances"]
    assert [applies for _, applies in found.cosigners] == ["depends"]


def test_what_an_answer_rules_out_is_left_out() -> None:
    found = needs(birth_date="1990-04-23", circumstances="lost")
    assert papers(found) == {"attachment": "yes", "photo": "yes"}, "a ticket is asked for with a former passport only"
    assert found.cosigners == ()


def test_a_question_that_comes_to_apply_is_asked_next() -> None:
    found = needs(birth_date="2019-03-01", circumstances="damaged")
    assert papers(found)["birth-certificate"] == "yes"
    assert papers(found)["ticket"] == "depends"
    assert [applies for _, applies in found.cosigners] == ["yes"]
