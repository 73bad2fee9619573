"""What can go wrong with sealed data. None of these carries a value, a person's id or a key."""

from shared.errors import NotAllowedNow, Unavailable
from shared.texts import N_


class SealBroken(Exception):
    """Sealed data is not what was sealed here: altered, moved, or without its key. reason: a code, as moved-or-altered."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyAway(Unavailable):
    """The key-encryption key that is needed is not in the key file now: an operator puts it back, and the same call works."""


class UnusableKeys(Exception):
    """The key file is not what it must be; says which part, and quotes nothing."""


class PersonIsErased(NotAllowedNow):
    code = "person-erased"
    message = N_("The personal data of this person was erased. Nothing new is written about them.")
