"""Due dates in the post's calendar, references to read aloud, and what a paper gets to know."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain.alphabet import sort_key
from services.applications.domain.application import Application
from services.applications.domain.calendars import Calendar
from services.applications.domain.countries import country_names
from services.applications.domain.errors import NoDossier, NoPreview
from services.applications.domain.references import read_reference, reference
from services.applications.domain.service_definition import Term
from services.applications.domain.status import Status
from services.applications.domain.term import clock_for
from services.applications.dossiers import dossier, draft_dossier
from shared.texts import LANGUAGES, Texts
from tests.unit.applications.cases import (
    AT,
    CITIZEN,
    DECIDER,
    INTAKE,
    POWER,
    REGISTRATION,
    RETURN,
    approved,
    draft,
    in_review,
    proposed,
    refusal_proposed,
    submitted,
)

TEXTS = Texts.load(Path(__file__).resolve().parents[3] / "services" / "applications" / "locale")
FIVE = the_catalogue().service(RETURN).term


def due_date(submitted: datetime, term: Term, zone: str) -> date:
    """Without holidays: those are in the golden cases of the legal clock."""
    definition = the_catalogue().service(RETURN).model_copy(update={"term": term})
    days = Calendar.all_week(zone)
    return clock_for(definition, days, status=Status.SUBMITTED, post_id="yek", at=submitted).due_on


@pytest.mark.parametrize(
    ("submitted", "zone", "due"),
    [
        (datetime(2026, 11, 16, 6, tzinfo=UTC), "Asia/Yekaterinburg", date(2026, 11, 23)),  # Monday
        (datetime(2026, 11, 20, 18, 59, tzinfo=UTC), "Asia/Yekaterinburg", date(2026, 11, 27)),  # still Friday there
        (datetime(2026, 11, 20, 19, 1, tzinfo=UTC), "Asia/Yekaterinburg", date(2026, 11, 27)),  # Saturday there
        (datetime(2026, 11, 22, 19, 1, tzinfo=UTC), "Asia/Yekaterinburg", date(2026, 11, 30)),  # Monday there
        (datetime(2026, 11, 22, 19, 1, tzinfo=UTC), "Europe/Moscow", date(2026, 11, 27)),  # Sunday there
    ],
)
def test_working_days_are_counted_in_the_calendar_of_the_post(submitted: datetime, zone: str, due: date) -> None:
    assert due_date(submitted, FIVE, zone) == due


def test_calendar_days_are_all_days() -> None:
    term = FIVE.model_copy(update={"day_kind": "calendar", "days": 30})
    assert due_date(AT, term, "Europe/Moscow") == date(2026, 12, 20)


def test_a_reference_has_the_post_the_year_and_letters_that_cannot_be_mistaken() -> None:
    assert reference("YEK", AT, bytes(5)) == "YEK-26-00000000"
    assert reference("YEK", AT, b"\xff" * 5) == "YEK-26-ZZZZZZZZ"
    drawn = {reference("IST", AT, number.to_bytes(5, "big")) for number in range(0, 2**40, 2**33 + 12345)}
    assert len(drawn) == 128
    assert not any(sign in code[7:] for code in drawn for sign in "ILOU")


@pytest.mark.parametrize(
    "written",
    ["YEK-26-7F3K0QX1", "yek 26 7f3k0qx1", " YEK267F3K0QX1 ", "yek–26–7f3koqxl", "УЕК-26-7F3К0QХ1", "Yek-26-7F3K0QXI"],
)
def test_a_reference_is_read_however_it_was_typed(written: str) -> None:
    assert read_reference(written) == "YEK-26-7F3K0QX1"


def test_a_post_code_keeps_its_letters_when_a_reference_is_read() -> None:
    assert read_reference("nov-2o-oooooooo") == "NOV-20-00000000"
    assert read_reference("ist2600000000") == "IST-26-00000000"


@pytest.mark.parametrize("written", ["", "YEK-26", "YEK-26-7F3K0QX12", "ҮҮҮ-26-7F3K0QX1", "$where"])
def test_what_cannot_be_a_reference_is_nobodys(written: str) -> None:
    assert read_reference(written) == ""


def test_names_stand_in_the_order_of_the_kyrgyz_alphabet() -> None:
    ordered = [
        "Аида",
        "Егор",
        "ежик",
        "Ёлкин",
        "Жылдыз",
        "Нурлан",
        "Няня",
        "Ңанаев",
        "Омор",
        "Оя",
        "Өмүрбек",
        "Пётр",
        "Уя",
        "Үсөн",
        "Фатима",
    ]
    backwards = ordered[::-1]
    assert sorted(backwards, key=sort_key) == ordered
    assert sort_key("АЛЫМ") == sort_key("алым")
    assert sort_key("и\u0306") == sort_key("й")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_of_iso_3166_has_a_name_and_nothing_else_is_offered(language: str) -> None:
    names = country_names(language)
    assert len(names) == 249
    assert not [code for code, name in names.items() if name == code]
    assert "CQ" not in names


def test_countries_are_named_and_sorted_by_the_readers_alphabet() -> None:
    assert country_names("ru")["KZ"] == "Казахстан"
    kyrgyz = list(country_names("ky").values())
    assert kyrgyz.index("Оман") < next(i for i, name in enumerate(kyrgyz) if name.startswith("Ө")) < kyrgyz.index("Палау")


def read(application: Application) -> dict[str, dict[str, str]]:
    return {fact.key: fact.value for fact in dossier(application, the_catalogue(), TEXTS).facts}


def test_a_paper_gets_the_printed_answers_with_labels_and_values_in_all_languages() -> None:
    paper = dossier(approved(REGISTRATION), the_catalogue(), TEXTS)
    facts = {fact.key: fact for fact in paper.facts}
    assert list(facts) == ["document_number", "registration_kind", "country_of_stay", "address_abroad"]
    assert facts["registration_kind"].label["ky"] == "Каттоонун түрү"
    assert facts["registration_kind"].value == {"ky": "Убактылуу", "ru": "Временный", "en": "Temporary"}
    assert facts["country_of_stay"].value["en"] == "Russia"
    assert (paper.holder_name, paper.holder_birth_date) == ("Айгерим Токтобекова", date(1990, 4, 23))
    assert (paper.valid_days, paper.blank_number, paper.post_time_zone) == (None, None, "Asia/Yekaterinburg")


def test_the_holder_is_not_told_twice_and_a_date_is_readable() -> None:
    power = approved(POWER)
    power.record_identity_check(by=INTAKE, at=AT)
    facts = read(power)
    assert "full_name" not in facts
    assert facts["attorney_birth_date"]["ky"] == "02.01.1980"


def test_a_power_of_attorney_lasts_what_was_chosen_and_a_year_when_nothing_was() -> None:
    power = approved(POWER)
    power.record_identity_check(by=INTAKE, at=AT)
    assert dossier(power, the_catalogue(), TEXTS).valid_days == 365
    power.answers["validity"] = "three_years"
    assert dossier(power, the_catalogue(), TEXTS).valid_days == 1095


def test_a_return_certificate_tells_its_blank_and_its_thirty_days() -> None:
    paper = approved(RETURN)
    with pytest.raises(NoDossier):
        dossier(paper, the_catalogue(), TEXTS)
    paper.record_blank("СВ-7654321", by=DECIDER, definition=the_catalogue().service(RETURN), at=AT)
    made = dossier(paper, the_catalogue(), TEXTS)
    assert (made.blank_number, made.valid_days) == ("СВ-7654321", 30)


def test_a_draft_has_no_dossier() -> None:
    application = draft()
    application.must_be_seen_by(CITIZEN)
    with pytest.raises(NoDossier):
        dossier(application, the_catalogue(), TEXTS)


@pytest.mark.parametrize("made", [submitted, in_review, proposed, approved])
@pytest.mark.parametrize("service_id", [REGISTRATION, RETURN, POWER])
def test_a_preview_is_the_paper_as_if_it_were_approved_now(made: Callable[[str], Application], service_id: str) -> None:
    paper = draft_dossier(made(service_id), the_catalogue(), TEXTS, at=AT + timedelta(days=1))
    assert (paper.approved_at, paper.post_id) == (AT + timedelta(days=1), "yek")
    assert paper.blank_number is None


def test_there_is_no_preview_of_a_draft_or_of_what_is_issued_or_closed() -> None:
    issued, withdrawn, refused = approved(), submitted(), refusal_proposed(REGISTRATION, "card-missing-or-wrong")
    issued.mark_ready("d1", at=AT)
    withdrawn.withdraw(by=CITIZEN, at=AT)
    refused.refuse("card-missing-or-wrong", by=DECIDER, definition=the_catalogue().service(REGISTRATION), at=AT)
    for application in (draft(), issued, withdrawn, refused):
        with pytest.raises(NoPreview):
            draft_dossier(application, the_catalogue(), TEXTS, at=AT)
