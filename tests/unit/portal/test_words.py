"""Codes in words: every act that the code writes into the audit has its words, in each language."""

import re
from collections.abc import Iterator
from pathlib import Path

from services.documents.domain.register_entry import EntryState
from services.identity.domain.grants import GivingReason, WithdrawalReason
from services.identity.domain.invitation import InvitationReason
from services.identity.domain.papers import PAPERS
from services.identity.domain.session import EndedBecause
from services.identity.use_cases.take_assurance_back import DoubtReason
from services.portal.words import all_words, word
from shared.texts import LANGUAGES

CHECKOUT = Path(__file__).parents[3]
AN_ACT = re.compile(r'"([a-z_-]+:[a-z_-]+)"')
NO_ACTS = {  # they look like one
    "codes:read": "a scope of a service",
    "cases:work": "a scope of a service",
    "terms:read": "a scope of a service",
    **{f"ledger:{service}": "a scope of a service" for service in ("identity", "applications", "documents", "notifications")},
    "module:attribute": "how a command is written",
    "application:propose": "what a citizen's journal says in place of the two acts that say what was proposed",
    "application:decide": "a station of the portal's picture of a case's way",
}


def test_every_act_of_the_code_has_words() -> None:
    written = {code: where for where, code in acts_in(CHECKOUT, ("services", "shared", "cli", "deploy"))}
    assert len(written) > 60
    known = all_words()["acts"]
    assert {code: where for code, where in written.items() if code not in known and code not in NO_ACTS} == {}
    assert {f"document:{state.value}" for state in EntryState} <= set(known)


def test_every_reason_that_an_act_is_written_with_has_words() -> None:
    known = all_words()["reasons"]
    assert set(PAPERS) <= set(known)
    for reasons in (GivingReason, WithdrawalReason, InvitationReason, DoubtReason, EndedBecause):
        assert {reason.value for reason in reasons} <= set(known)


def test_words_are_there_in_each_language_and_a_code_without_them_is_shown_itself() -> None:
    for kind, codes in all_words().items():
        for code, texts in codes.items():
            assert set(texts) == set(LANGUAGES), (kind, code)
            assert all(text.strip() for text in texts.values()), (kind, code)
    assert word("application:view", "ru", "acts") == "Открыто дело"
    assert word("never:heard-of", "ru", "acts") == "never:heard-of"
    assert word(None, "ky", "roles") == ""


def acts_in(root: Path, folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Where each text stands that is spelled as an act is: a thing, a colon, a verb."""
    for folder in folders:
        for file in (root / folder).rglob("*.py"):
            if not {"bench", "soak"} & set(file.parts):
                for code in AN_ACT.findall(file.read_text(encoding="utf-8")):
                    yield str(file.relative_to(root)), code
