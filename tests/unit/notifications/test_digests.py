"""The mail of the morning: who is told of terms that run out, with which numbers, and when it is next."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.notifications import digests
from services.notifications.digests import next_morning, told
from services.notifications.domain.wording import Wording
from shared.contracts.http import OfficersInCharge, TermCount, TermsRunningOut
from shared.texts import LANGUAGES, Texts

TEXTS = Texts.load(Path(digests.__file__).parent / "locale")
TERMS = TermsRunningOut(
    posts={"yek": TermCount(at_risk=3, overdue=2), "mow": TermCount(at_risk=1, overdue=0)},
    officers={"nurlan": TermCount(at_risk=1, overdue=2), "cholpon": TermCount(at_risk=1, overdue=0)},
)


def test_each_officer_is_told_once_by_the_cases_they_have_and_who_is_in_charge_by_those_of_their_posts() -> None:
    charge = OfficersInCharge(officers={"cholpon": ["yek"], "ministry": ["*"], "calm": ["ist"]}, pages_url="")
    found = {person: (each.overdue, each.at_risk, each.page) for person, each in told(TERMS, charge)}
    assert found == {
        "nurlan": (2, 1, "/officer/terms?mine=true"),
        "cholpon": (2, 3, "/officer/terms"),
        "ministry": (2, 4, "/officer/terms"),
    }


def test_who_heads_a_post_is_told_of_the_cases_too_that_they_have_at_others_and_of_none_twice() -> None:
    at_posts = {"yek": {"cholpon": TermCount(at_risk=1, overdue=0)}, "mow": {"cholpon": TermCount(at_risk=1, overdue=0)}}
    charge = OfficersInCharge(officers={"cholpon": ["yek"]}, pages_url="")
    found = dict(told(TERMS.model_copy(update={"at_posts": at_posts}), charge))
    assert (found["cholpon"].overdue, found["cholpon"].at_risk, found["cholpon"].page) == (2, 4, "/officer/terms")


def test_the_next_morning_lies_ahead() -> None:
    assert next_morning(datetime(2026, 11, 23, 0, 59, tzinfo=UTC)) == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert next_morning(datetime(2026, 11, 23, 1, tzinfo=UTC)) == datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_numbers_and_the_page_and_no_case(language: str) -> None:
    words = Wording(TEXTS, specimen=False)
    email = words.composed_email(
        digests.SUBJECT, digests.BODY, language=language, overdue=2, at_risk=3, link="http://pages/officer/terms"
    )
    assert "http://pages/officer/terms" in email.body
    assert {"2", "3"} <= set(email.subject)
    assert "YEK" not in email.body
