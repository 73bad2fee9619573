"""Texts for people: English msgids in the code, Kyrgyz and Russian in Babel catalogues (ky, ru), one folder per service."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("ky", "ru", "en")  # ky is the state language, ru the official one
DEFAULT_LANGUAGE = "ky"


def N_(msgid: str) -> str:  # noqa: N802  (gettext's own name for "mark, translate later")
    """Mark a text for the catalogues. In: the English text. Out: the same text."""
    return msgid


class Texts:
    """All texts of one process, read once at start."""

    def __init__(self, catalogues: Mapping[str, Mapping[str, str]]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, *folders: Path) -> "Texts":
        """Read <folder>/<language>/LC_MESSAGES/messages.po of each folder; later folders win."""
        catalogues: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
        for folder in (Path(__file__).parent / "locale", *folders):
            for language in LANGUAGES:
                catalogues[language].update(_read(folder / language / "LC_MESSAGES" / "messages.po"))
        return cls(catalogues)

    def translate(self, msgid: str, language: str, /, **params: str | int) -> str:
        """The text in that language (ky, ru or en), its {placeholders} filled; the English one where none is known."""
        text = self._catalogues.get(language, {}).get(msgid) or msgid
        return text.format(**params).replace("г..", "г.") if params else text  # a day in Russian ends with a point of its own


def best_language(accepted: Iterable[str]) -> str:
    """The first of the tags (RFC 9110 Accept-Language, in order of preference) that we speak, else Kyrgyz."""
    for tag in accepted:
        primary = tag.split(";")[0].strip().lower().split("-")[0]
        if primary in LANGUAGES:
            return primary
    return DEFAULT_LANGUAGE


@cache  # a process may make several apps
def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}
