"""From an API's refusal to an error summary whose lines lead to the fields."""

from services.portal.apis import ApiProblem, WrongField
from services.portal.forms import Faults


def test_each_error_stands_at_its_field_and_in_the_summary() -> None:
    problem = ApiProblem(422, "invalid-request", errors=(WrongField("/number", "Too short."), WrongField("/date", "No date.")))
    faults = Faults.of_problem(problem, {"/number": "number", "/date": "day"})
    assert faults.summary == [{"text": "Too short.", "href": "#number"}, {"text": "No date.", "href": "#day"}]
    assert faults.of("number") == {"text": "Too short."}
    assert faults.of("other") is None


def test_an_error_of_another_page_leads_there() -> None:
    problem = ApiProblem(409, "incomplete", errors=(WrongField("/answers/passport", "Answer this."),))
    faults = Faults.of_problem(problem, {}, {"/answers/passport": "/applications/1/passport"})
    assert faults.summary == [{"text": "Answer this.", "href": "/applications/1/passport"}]


def test_an_error_without_a_page_is_a_line() -> None:
    problem = ApiProblem(422, "invalid-request", errors=(WrongField("/unheard-of", "Wrong."),))
    assert Faults.of_problem(problem, {}).summary == [{"text": "Wrong."}]


def test_a_refusal_without_fields_is_told_in_its_own_words() -> None:
    faults = Faults.of_problem(ApiProblem(409, "not-now", "It was handed in already."), {})
    assert (faults.summary, bool(faults)) == ([{"text": "It was handed in already."}], True)


def test_the_first_of_two_errors_stands_at_the_field_and_both_in_the_summary() -> None:
    faults = Faults()
    faults.add("day", "No date.", target="day-day")
    faults.add("day", "Too early.")
    assert faults.fields == {"day": {"text": "No date."}}
    assert [line["href"] for line in faults.summary] == ["#day-day", "#day"]


def test_what_is_read_aloud_before_an_error_is_in_the_page_s_language() -> None:
    faults = Faults()
    faults.add("day", "Мындай күн жок.")
    faults.speak("Ката")
    assert faults.of("day") == {"text": "Мындай күн жок.", "visuallyHiddenText": "Ката"}


def test_without_faults_there_is_nothing_to_show() -> None:
    assert not Faults()
