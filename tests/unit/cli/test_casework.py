"""Invented casework: what people answer and upload is what each service asks for, and a day is planned and drawn."""

from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from cli.casework import plan
from cli.casework.answers import SHOWN, answers, papers
from cli.casework.desk import Desk
from cli.casework.figures import Played, figures
from cli.casework.files import file_for
from cli.casework.people import AIGERIM, people
from cli.casework.picture import COLOURS, draw
from deploy.local.ports import Ports
from services.applications.catalogue import the_catalogue
from services.applications.domain.form import check_answers, oddities
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.uploads.photos import judged
from services.applications.uploads.told import Photo

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 7, tzinfo=UTC)


@pytest.mark.parametrize("service", the_catalogue().services(), ids=lambda service: service.id)
def test_what_is_answered_and_uploaded_is_what_the_service_asks_for(service: ServiceDefinition) -> None:
    catalogue = the_catalogue()
    for number, person in enumerate(people(20, Random(7))):
        said = answers(service, person, Random(number), TODAY)
        kept = check_answers(said, definition=service, formats=catalogue.formats, post=catalogue.post("yek"), at=NOON)
        needed = [field.key for field in service.fields if field.required and all(c.holds(kept, TODAY) for c in field.needed)]
        assert set(needed) <= set(kept)
        for paper in papers(service, said, TODAY):
            kind, content = file_for(paper)
            picture = Image.open(BytesIO(content))
            assert kind in paper.media_types
            if rule := paper.photo:
                assert judged(picture, Photo(rule.width_mm, rule.height_mm, rule.least_pixels))[0] == ()


@pytest.mark.parametrize("service", the_catalogue().services(), ids=lambda service: service.id)
def test_each_case_that_is_shown_is_answered_in_full_and_leaves_nothing_to_compare(service: ServiceDefinition) -> None:
    catalogue = the_catalogue()
    said = answers(service, AIGERIM, Random(service.id), TODAY, SHOWN[service.id])
    kept = check_answers(said, definition=service, formats=catalogue.formats, post=catalogue.post("yek"), at=NOON)
    assert {key: kept.get(key, "") for key, value in SHOWN[service.id].items()} == SHOWN[service.id]
    assert oddities(kept, definition=service, formats=catalogue.formats) == []


def test_the_same_seed_gives_the_same_people_and_the_same_day() -> None:
    assert people(30, Random(3)) == people(30, Random(3))
    first, second = planned(5), planned(5)
    assert [came_with(visit) for visit in first] == [came_with(visit) for visit in reversed(second)][::-1]
    assert {each.case.service.id for each in first} == {service.id for service in the_catalogue().services()}
    assert {each.fate for each in first} == set(plan.FATES)
    assert all(each.case.cosigner != each.case.person for each in first)


def test_the_day_after_a_friday_is_monday() -> None:
    assert plan.next_working_day(datetime(2026, 11, 27, 8, tzinfo=UTC), ZoneInfo("Asia/Yekaterinburg")) == date(2026, 11, 30)


def test_a_day_is_drawn_with_every_number_it_was_given() -> None:
    visits = planned(5)
    for visit in visits:
        visit.case.seen = {"id": "x", "status": "handed_over", "post": {"id": "yek"}}
    looks = [(f"{hour:02d}:00", Counter({"submitted": 90 - 10 * hour, "handed_over": 110 + 10 * hour})) for hour in range(10)]
    played = Played("24.11.2026", visits, looks, {"nurlan": [1, 2, 3]}, [20] * 10, [(3, "a post closes")], moved=7)
    drawn = draw(figures(played, "below <that>"))
    texts = [element.text or "" for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 (our own drawing)
    counts = Counter(visit.case.service.title for visit in visits)
    assert {"a post closes", "below <that>", "6", *counts, *map(str, counts.values())} <= set(texts)
    assert drawn.count("<polygon") == len(COLOURS)
    assert "longest queue: 90 at 00:00" in texts


def test_the_sentence_of_a_day_and_who_held_its_time_are_counted_from_where_the_cases_stood() -> None:
    looks = [
        ("09:00", Counter({"submitted": 6, "fee_due": 2})),
        ("09:15", Counter({"submitted": 2, "refused": 1, "withdrawn": 1, "handed_over": 3, "awaiting_arrival": 1})),
    ]
    told = figures(Played("24.11.2026", planned(5)[:8], looks, {}, [8, 0], [], moved=2), "")
    assert told.summary == (
        "8 applications were handed in; 6 officers decided 5 of them by the evening: 4 approved, 1 refused. 3 citizens have what "
        "they came for, 1 took theirs back, and 2 wait for the next day. The queue was longest at 09:00, with 6 cases. "
        "2 went on at another post when theirs closed."
    )
    assert told.held == {"the post: in the queue": 2.0, "the citizen": 0.5, "another body": 0.25}


def planned(seed: int) -> list[plan.Visit]:
    return plan.plan(Desk(Ports(), Path()), the_catalogue(), seed, TODAY, 200)


def came_with(visit: plan.Visit) -> tuple[object, ...]:
    case = visit.case
    said = answers(case.service, case.person, case.random, TODAY)  # whoever is asked first: the answers are their own
    return case.service.id, case.person, case.post, visit.fate, visit.comes_at, visit.arrives, tuple(said.items())
