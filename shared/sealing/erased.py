"""What is left where a person's data was erased, and how that is shown."""

from typing import Final

from shared.texts import N_, Texts

ERASED: Final = "\N{SYMBOL FOR DELETE}"  # what an erased name reads as


def shown(value: str, texts: Texts, language: str) -> str:
    """A name or another text as it is shown: in words where it was erased."""
    return texts.translate(N_("erased"), language) if value == ERASED else value
