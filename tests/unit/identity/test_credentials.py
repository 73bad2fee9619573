"""An officer's second factor: what is shown as a code may be anything that a keyboard writes."""

from datetime import UTC, datetime

import pyotp
import pytest

from services.identity.domain.credentials import step_of

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["АВСЕНК", "１２３４５６", "2345-6789-АВСЕ-FGHJ", "٠١٢٣٤٥", ""])
def test_what_is_written_with_another_keyboard_is_a_wrong_code_and_no_error(typed: str) -> None:
    assert step_of(pyotp.random_base32(), typed, NOW) is None


def test_the_present_code_is_found() -> None:
    totp_secret = pyotp.random_base32()
    assert step_of(totp_secret, pyotp.TOTP(totp_secret).at(NOW), NOW) == int(NOW.timestamp()) // 30
