"""What the pages read from applications: the form in steps, answers as people read them."""

import httpx

from tests.integration.applications_client import Headers, aigerim, api, complete
from tests.unit.applications.cases import ANSWERS, POWER, REGISTRATION, RETURN

__all__ = ["aigerim", "api"]


async def test_the_form_of_a_service_comes_in_pages_that_ask_for_each_field_once(api: httpx.AsyncClient) -> None:
    for service_id in (REGISTRATION, RETURN, POWER):
        service = (await api.get(f"/api/services/{service_id}", headers={"Accept-Language": "ru"})).json()
        asked = [key for step in service["steps"] for key in step["fields"]]
        assert sorted(asked) == sorted(field["key"] for field in service["fields"])
        assert service["steps"][0] == {"id": "name", "title": "Ваше имя", "fields": ["full_name", "full_name_latin"]}
    powers = next(field for field in service["fields"] if field["key"] == "powers")
    assert (powers["multiline"], powers["max_lines"]) == (True, 40)


async def test_answers_are_shown_again_with_their_labels_as_a_person_reads_them(api: httpx.AsyncClient, aigerim: Headers) -> None:
    path = f"/api/applications/{await complete(api, aigerim)}"
    seen = (await api.get(path, headers=aigerim | {"Accept-Language": "en"})).json()
    assert [answer["key"] for answer in seen["answer_texts"]] == list(ANSWERS[REGISTRATION])
    told = {answer["label"]: answer["text"] for answer in seen["answer_texts"]}
    assert (told["Date of birth"], told["Country of stay"], told["Kind of registration"]) == ("23.04.1990", "Russia", "Temporary")
