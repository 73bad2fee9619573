"""A contact that a code can be sent to: an e-mail address or a telephone number, in the one way we write it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import FieldError, InvalidInput
from shared.texts import N_

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")  # visible ASCII: what every mail server takes
LONGEST = 254
_SIGNS = re.compile(r"[\s().\u00a0-]+")  # what people write between digits
_UNUSABLE = N_("Give an e-mail address as name@example.org, or a telephone number with its country code, as +996 700 123456.")


class ContactKind(StrEnum):
    """Also the channel that a code goes by."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Contact:
    kind: ContactKind
    value: str

    @classmethod
    def parse(cls, text: str) -> "Contact":
        """Raises InvalidInput for what is neither; nothing of it is quoted."""
        text = text.strip()
        if len(text) <= LONGEST and EMAIL.fullmatch(text):
            name, _, domain = text.rpartition("@")
            return cls(ContactKind.EMAIL, f"{name}@{domain.lower()}")
        number = _SIGNS.sub("", text)
        number = f"+{number[2:]}" if number.startswith("00") else number
        if E164.fullmatch(number):
            return cls(ContactKind.SMS, number)
        raise InvalidInput([FieldError("/contact", _UNUSABLE)])
