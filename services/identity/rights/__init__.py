"""Data files about people's rights over their data, read once: terms of answers, refusals, purposes, each with its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from services.identity.domain.consent import Consent, Said
from services.identity.domain.rights_request import RequestKind, Term
from shared.texts import LANGUAGES

FOLDER = Path(__file__).parent
MESSAGES = "messages"  # the purpose on which messages to a person rest
ByLanguage = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RightsTerms:
    """refusals: by code. objection: how somebody objects who does not agree."""

    version: int
    source: str
    certainty: str
    terms: Mapping[RequestKind, Term]
    soon: timedelta
    refusals: Mapping[str, ByLanguage]
    objection: ByLanguage


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What somebody says yes or no to. words: by language, title, text and withdrawal."""

    consent: Consent
    words: Mapping[str, ByLanguage]


@dataclass(frozen=True, slots=True)
class Purposes:
    """by_law: what is said and not asked, by code."""

    version: int
    source: str
    certainty: str
    by_law: Mapping[str, ByLanguage]
    consents: Mapping[str, ConsentText]


@cache
def rights_terms() -> RightsTerms:
    data = _read("terms.toml")
    terms = {kind: Term(data["version"], timedelta(days=data["days"][kind.value])) for kind in RequestKind}
    return RightsTerms(
        data["version"],
        data["source"],
        data["certainty"],
        terms,
        timedelta(days=data["soon_days"]),
        {code: _texts(row) for code, row in data["refusals"].items()},
        _texts(data["objection"]),
    )


@cache
def purposes() -> Purposes:
    data = _read("purposes.toml")
    by_law = {code: _texts(row) for code, row in data["law"].items()}
    consents = {
        name: ConsentText(
            Consent(name, row["text_version"], Said(row["unsaid"])), {language: row[language] for language in LANGUAGES}
        )
        for name, row in data["consent"].items()
    }
    return Purposes(data["version"], data["source"], data["certainty"], by_law, consents)


def _texts(row: Mapping[str, Any]) -> ByLanguage:
    return {language: str(row[language]) for language in LANGUAGES}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
