"""Every text on a paper exists in Kyrgyz and Russian, and our fonts can print it."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.documents.domain.paper import PaperKind
from services.documents.wording import CITIZENSHIPS, FACT_LABELS, KINDS, LABELS
from shared.texts import Texts
from tests.support.pki import LOCALE

TEXTS = Texts.load(LOCALE)


def msgids() -> Iterator[str]:
    for wording in KINDS.values():
        yield from (wording.title, wording.statement, wording.note)
    for texts in (LABELS, FACT_LABELS, CITIZENSHIPS):
        yield from texts.values()


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(PaperKind)


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_every_printed_text_is_translated(language: str) -> None:
    missing = [msgid for msgid in msgids() if TEXTS.translate(msgid, language) == msgid]
    assert missing == []


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_every_marked_text_of_the_service_is_translated_with_its_placeholders(language: str) -> None:
    marked = [ast.literal_eval(call.args[0]) for call in calls_of("N_", LOCALE.parent)]
    assert marked
    for msgid in marked:
        text = TEXTS.translate(msgid, language)
        assert text != msgid
        assert placeholders(text) == placeholders(msgid)


def calls_of(name: str, folder: Path) -> Iterator[ast.Call]:
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
