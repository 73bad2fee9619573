"""Every text on a paper exists in Kyrgyz and Russian, and our fonts can print it."""

from collections.abc import Iterator

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


def test_the_slugs_of_the_catalogue_name_kinds_too() -> None:
    assert PaperKind("return-certificate") is PaperKind.RETURN_CERTIFICATE
    with pytest.raises(ValueError, match="library-card"):
        PaperKind("library-card")


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(PaperKind)


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_every_printed_text_is_translated(language: str) -> None:
    missing = [msgid for msgid in msgids() if TEXTS.translate(msgid, language) == msgid]
    assert missing == []
