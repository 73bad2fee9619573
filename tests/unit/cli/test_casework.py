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
from cli.casework.answers import answers, papers
from cli.casework.desk import Desk
from cli.casework.files import file_for
from cli.casework.people import people
from cli.casework.picture import COLOURS, draw
from deploy.local.ports import Ports
from services.applications.catalogue import the_catalogue
from services.applications.domain.form import check_answers
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


def test_the_same_seed_gives_the_same_people_and_the_same_day() -> None:
    assert people(30, Random(3)) == people(30, Random(3))
    first, second = planned(5), planned(5)
    assert [(each.case.service.id, each.case.post, each.fate, each.comes_at) for each in first] == [
        (each.case.service.id, each.case.post, each.fate, each.comes_at) for each in second
    ]
    assert {each.case.service.id for each in first} == {service.id for service in the_catalogue().services()}
    assert {each.fate for each in first} == set(plan.FATES)
    assert all(each.case.cosigner != each.case.person for each in first)


def test_the_day_after_a_friday_is_monday() -> None:
    assert plan.next_working_day(datetime(2026, 11, 27, 8, tzinfo=UTC), ZoneInfo("Asia/Yekaterinburg")) == date(2026, 11, 30)


def test_a_day_is_drawn_with_every_number_it_was_given() -> None:
    visits = planned(5)
    for visit in visits:
        visit.case.seen = {"id": "x", "status": "handed_over", "post": {"id": "yek"}}
    looks = [(f"{hour:02d}:00", Counter({"submitted": 200 - 20 * hour, "ended": 20 * hour})) for hour in range(10)]
    drawn = draw(plan.figures(visits, looks, {"nurlan": [1, 2, 3]}, [(3, "a post closes")], "below <that>"))
    texts = [element.text or "" for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 (our own drawing)
    counts = Counter(visit.case.service.title for visit in visits)
    assert {"a post closes", "below <that>", "6", *counts, *map(str, counts.values())} <= set(texts)
    assert drawn.count("<polygon") == len(COLOURS)


def planned(seed: int) -> list[plan.Visit]:
    return plan.plan(Desk(Ports(), Path()), the_catalogue(), Random(seed), TODAY, 200)
