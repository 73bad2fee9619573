"""Texts in a person's language."""

from pathlib import Path

import pytest

from shared.texts import LANGUAGES, N_, Texts, best_language

PO = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


def texts(folder: Path, **by_language: str) -> Texts:
    for language, entries in by_language.items():
        path = folder / language / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        path.write_text(PO + entries, encoding="utf-8")
    return Texts.load(folder)


def test_a_mark_changes_nothing() -> None:
    assert N_("Hello") == "Hello"


def test_a_text_comes_in_the_language_asked_for(tmp_path: Path) -> None:
    found = texts(tmp_path, ky='msgid "Hello"\nmsgstr "Салам"\n', ru='msgid "Hello"\nmsgstr "Привет"\n')
    assert [found.translate("Hello", language) for language in LANGUAGES] == ["Салам", "Привет", "Hello"]


def test_placeholders_are_filled_in_every_language(tmp_path: Path) -> None:
    found = texts(tmp_path, ky='msgid "{count} days"\nmsgstr "{count} күн"\n')
    assert found.translate("{count} days", "ky", count=3) == "3 күн"
    assert found.translate("{count} days", "en", count=3) == "3 days"


def test_a_russian_day_that_ends_a_sentence_brings_its_point(tmp_path: Path) -> None:
    assert texts(tmp_path).translate("Until {day}.", "ru", day="5 мая 2027 г.") == "Until 5 мая 2027 г."


def test_a_text_without_parameters_may_hold_braces(tmp_path: Path) -> None:
    assert texts(tmp_path).translate("Write {} here", "ru") == "Write {} here"


@pytest.mark.parametrize("entry", ["", 'msgid "Hello"\nmsgstr ""\n', '#, fuzzy\nmsgid "Hello"\nmsgstr "Привет"\n'])
def test_what_is_not_translated_for_certain_stays_english(tmp_path: Path, entry: str) -> None:
    assert texts(tmp_path, ru=entry).translate("Hello", "ru") == "Hello"


def test_an_unknown_language_gets_english(tmp_path: Path) -> None:
    assert texts(tmp_path, ru='msgid "Hello"\nmsgstr "Привет"\n').translate("Hello", "de") == "Hello"


def test_a_service_may_say_it_in_its_own_words(tmp_path: Path) -> None:
    own = texts(tmp_path, ru='msgid "Not found"\nmsgstr "Нет такого документа"\n')
    assert own.translate("Not found", "ru") == "Нет такого документа"
    assert Texts.load().translate("Not found", "ru") not in ("Not found", "Нет такого документа")


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (["ru"], "ru"),
        (["ky-KG"], "ky"),
        (["RU-ru;q=0.8"], "ru"),
        (["de", "fr;q=0.9", "en;q=0.1"], "en"),
        (["de"], "ky"),
        ([], "ky"),
        ([""], "ky"),
        (["*"], "ky"),
    ],
)
def test_the_first_language_that_we_speak_is_taken(accepted: list[str], expected: str) -> None:
    assert best_language(accepted) == expected
