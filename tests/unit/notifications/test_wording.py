"""What people read is there in every language, says the reference, fits three SMS segments and gives nothing away."""

import unicodedata
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from services.notifications import digests
from services.notifications.api import wording as read_as
from services.notifications.domain import wording
from services.notifications.domain.notification import MessageAlreadyTaken
from services.notifications.domain.sms_segments import MAX_SEGMENTS, segments
from services.notifications.domain.wording import NOTICES, Wording
from services.notifications.event_handlers import HANDLERS
from shared.texts import LANGUAGES, Texts

LOCALE = Path(wording.__file__).parents[1] / "locale"
REFERENCE = "YEK-2026-000123-ABCD"  # longer than those we give
TEXTS = Texts.load(LOCALE)
EVERY = [(notice, language) for notice in NOTICES for language in LANGUAGES]
MSGIDS = {
    wording.GREETING,
    wording.FOOTER,
    wording.SPECIMEN,
    wording.CODE_SUBJECT,
    wording.CODE_BODY,
    wording.CODE_SMS,
    wording.INVITATION_SUBJECT,
    wording.INVITATION_BODY,
    digests.SUBJECT,
    digests.BODY,
    MessageAlreadyTaken.message,
    *read_as.CHANNELS.values(),
    *read_as.STATES.values(),
    *read_as.REASONS.values(),
    *read_as.NO_CONTACT_POINT_OF.values(),
    *(msgid for n in NOTICES.values() for msgid in (n.subject, n.body, n.sms)),
}


@pytest.mark.parametrize("specimen", [True, False])
@pytest.mark.parametrize(("notice", "language"), EVERY)
def test_an_sms_names_the_case_and_fits_three_segments(notice: str, language: str, specimen: bool) -> None:
    text = Wording(TEXTS, specimen=specimen).sms(notice, language=language, reference=REFERENCE)

    assert REFERENCE in text
    assert segments(text) <= MAX_SEGMENTS
    assert text.startswith("SPECIMEN. ") is specimen
    assert text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(("notice", "language"), [each for each in EVERY if each[0].startswith("appointment")])
def test_an_sms_about_an_appointment_in_another_town_fits_too(notice: str, language: str) -> None:
    words = {"reference": REFERENCE, "moment": "12.12.2026 10:00 (Краснодар / Krasnodar)"}
    assert segments(Wording(TEXTS, specimen=True).sms(notice, language=language, **words)) <= MAX_SEGMENTS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", ["payment_taken_back", "payment_taken_back_until", "payment_taken_back_only"])
def test_of_a_payment_that_was_taken_back_e_mail_and_sms_say_how_much_and_by_when(notice: str, language: str) -> None:
    words = Wording(TEXTS, specimen=True)
    amount = words.amount(123_456_789, "KRW", language=language)
    facts = {"language": language, "reference": REFERENCE, "amount": amount, "day": "20.12.2026"}
    letter, text = words.email(notice, **facts).body, words.sms(notice, **facts)
    for said in (letter, text):
        assert (amount in said, "20.12.2026" in said) == (True, notice == "payment_taken_back_until")
    assert segments(text) <= MAX_SEGMENTS


@pytest.mark.parametrize(("notice", "language"), EVERY)
def test_an_email_names_the_case_in_subject_and_body(notice: str, language: str) -> None:
    email = Wording(TEXTS, specimen=False).email(notice, language=language, reference=REFERENCE)

    assert REFERENCE in email.subject
    assert REFERENCE in email.body
    assert len(email.subject) <= 100
    assert "{" not in email.subject + email.body
    assert "SPECIMEN" not in email.subject + email.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_one_time_code_fits_one_sms_and_shows_in_no_subject(language: str) -> None:
    words = Wording(TEXTS, specimen=False)
    email, text = words.code_email("012345", language=language), words.code_sms("012345", language=language)

    assert segments(text) == 1
    assert text.startswith("012345")
    assert "012345" in email.body
    assert "012345" not in email.subject
    assert "{" not in email.subject + email.body + text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_test_system_says_so_in_subject_and_body(language: str) -> None:
    email = Wording(TEXTS, specimen=True).email("document_ready", language=language, reference=REFERENCE)

    assert email.subject.startswith("[SPECIMEN] ")
    assert TEXTS.translate(wording.SPECIMEN, language) in email.body


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_every_text_is_translated_and_no_translation_is_left_over(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    translated = {str(message.id): str(message.string) for message in catalogue if message.id}

    assert set(translated) == MSGIDS
    assert all(translated.values())
    for name in ("{reference}", "{code}", "{link}", "{amount}", "{day}"):
        assert all((name in msgid) == (name in text) for msgid, text in translated.items())


def test_every_kyrgyz_text_says_that_a_native_speaker_must_check_it() -> None:
    with (LOCALE / "ky" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)

    assert all("draft, a native speaker must check" in m.user_comments for m in catalogue if m.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_received_is_not_said_with_the_words_for_accepted(language: str) -> None:
    message = Wording(TEXTS, specimen=False).email("application_received", language=language, reference=REFERENCE)

    for word in ("принято", "кабыл алынды", "accepted"):
        assert word not in message.subject + message.body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 153 * 3, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ң" * 70, 1),
        ("ң" * 71, 2),
        ("ң" * 67 * 3, 3),
        ("ң" * (67 * 3 + 1), 4),
        ("a" * 70 + "ү", 2),
    ],
)
def test_segments_are_counted_as_a_phone_network_counts_them(text: str, expected: int) -> None:
    assert segments(text) == expected


def test_every_event_we_hear_has_a_handler_named_after_it() -> None:
    for event, handler in HANDLERS.items():
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event.__name__)
        assert handler.__name__ == f"on{snake}"
