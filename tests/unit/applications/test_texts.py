"""Every text a person can read is there in Kyrgyz and Russian, with the same placeholders."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from pydantic import BaseModel

from services.applications.api.status_words import TO_CITIZEN, TO_OFFICER, Voice
from services.applications.api.wording import ACTION
from services.applications.catalogue import the_catalogue
from services.applications.domain.journal import Action
from services.applications.domain.sourced import Msgid
from services.applications.domain.status import Status
from services.applications.scopes import OF_A_POST

SERVICE = Path(__file__).resolve().parents[3] / "services" / "applications"

CLOSED = (Status.HANDED_OVER, Status.SENT, Status.REFUSED, Status.WITHDRAWN, Status.EXPIRED, Status.ANNULLED)


def msgids() -> set[str]:
    in_code = extract_from_dir(SERVICE, keywords={"N_": None}, method_map=[("**.py", "python")])
    told = (*the_catalogue().versions.values(), *the_catalogue().groups)
    return {str(found[2]) for found in in_code} | {text for each in told for text in in_data(each)}


def in_data(part: Any) -> Iterator[str]:
    """What the models mark as a msgid, in all that they are made of."""
    if isinstance(part, tuple):
        for each in part:
            yield from in_data(each)
    elif isinstance(part, BaseModel):
        for name, hint in get_type_hints(type(part), include_extras=True).items():
            value = getattr(part, name)
            if Msgid in (hint, *get_args(hint)):
                yield from filter(None, [value])
            else:
                yield from in_data(value)


def catalogue(language: str) -> dict[str, str]:
    with (SERVICE / "locale" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    translated = {msgid for msgid, text in catalogue(language).items() if text}
    assert msgids() - translated == set()
    assert translated - msgids() == set()


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_placeholders_survive_translation(language: str) -> None:
    for msgid, text in catalogue(language).items():
        assert sorted(re.findall(r"{\w+}", msgid)) == sorted(re.findall(r"{\w+}", text)), msgid


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words_for_its_citizen(status: Status) -> None:
    assert has_words(TO_CITIZEN, status)


@pytest.mark.parametrize("status", OF_A_POST)
def test_every_status_has_words_for_officers(status: Status) -> None:
    assert has_words(TO_OFFICER, status)


def has_words(voice: Voice, status: Status) -> bool:
    """What it is, what happened and what is next; and while something is awaited, who has it and until when."""
    told = {status in voice.status, status in voice.happened, status in voice.next or status is Status.READY}
    if status not in CLOSED:
        told |= {status in voice.holder, status in voice.until or (voice is TO_OFFICER and status is Status.READY)}
    return told == {True}


def test_every_act_has_words_for_the_journal() -> None:
    assert set(ACTION) == {action.value for action in Action} | {"application:propose"}


def test_a_received_application_is_not_called_accepted() -> None:
    assert "кабыл алынды" not in catalogue("ky")["Received"]
    assert "принято" not in catalogue("ru")["Received"].lower()


def test_kyrgyz_texts_use_kyrgyz_letters_and_are_marked_as_drafts() -> None:
    text = (SERVICE / "locale" / "ky" / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    assert {"ң", "ө", "ү"} <= set(text)
    assert text.count("#. draft, a native speaker must check") == len(catalogue("ky"))
