"""A contact that a code can be sent to: an e-mail address or a telephone number, in the one way we write it."""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

from shared.errors import FieldError, InvalidInput
from shared.texts import N_

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
EMAIL = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")  # visible ASCII: what every mail server takes
LONGEST = 254
# country codes of ITU-T E.164 that are of no country: freephone, shared cost, satellites, global networks, premium rate.
# Nobody lives there, and a message costs up to a hundred times as much
NO_COUNTRY = ("+800", "+808", "+870", "+878", "+881", "+882", "+883", "+888", "+979")
# numbers of a country that are nobody's telephone, by the library's own tables; one that these do not know may be somebody's
NOBODYS = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
_DOTS_DO_NOT_COUNT = frozenset({"gmail.com", "googlemail.com"})
_RANGE = 3  # digits: numbers that differ in no more than these are often one owner's
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
        if E164.fullmatch(number) and not number.startswith(NO_COUNTRY) and _somebodys(number):
            return cls(ContactKind.SMS, number)
        raise InvalidInput([FieldError("/contact", _UNUSABLE)])

    @property
    def mailbox(self) -> str:
        """As limits count it: what reaches one mailbox under many names is one. Who it belongs to is never judged by this."""
        if self.kind is ContactKind.SMS:
            return self.value
        name, _, domain = self.value.casefold().rpartition("@")
        name = name.partition("+")[0] or name
        return f"{name.replace('.', '') if domain in _DOTS_DO_NOT_COUNT else name}@{domain}"

    @property
    def number_range(self) -> str | None:
        """The thousand numbers around a telephone number, which whoever earns by messages may hold as one."""
        return self.value[:-_RANGE] if self.kind is ContactKind.SMS else None


def _somebodys(number: str) -> bool:
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) not in NOBODYS
    except phonenumbers.NumberParseException:
        return False
