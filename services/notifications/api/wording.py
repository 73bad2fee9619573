"""A message in the words of whoever looks at a case: what it told, how, and what became of it."""

from services.notifications.domain.notification import (
    NO_CONTACT_POINT,
    NOT_WANTED,
    PROVIDER_UNAVAILABLE,
    TOO_OLD,
    Channel,
    Notification,
    State,
)
from services.notifications.domain.wording import NOTICES
from shared.contracts.http import ContactPoints
from shared.texts import N_, Texts

CHANNELS = {Channel.EMAIL: N_("E-mail"), Channel.SMS: N_("Text message (SMS)")}
STATES = {
    State.QUEUED: N_("Waiting to be sent"),
    State.SENDING: N_("Being sent"),
    State.SENT: N_("Sent"),
    State.FAILED: N_("Not delivered: it was not accepted"),
    State.SUPPRESSED: N_("Not sent by this way"),
    State.UNKNOWN: N_("It is not known whether it arrived"),
}
NO_CONTACT_POINT_OF = {
    Channel.EMAIL: N_("Not sent: no e-mail address is known"),
    Channel.SMS: N_("Not sent: no telephone number is known"),
}
REASONS = {
    TOO_OLD: N_("Not sent: the news was too old by then"),
    NOT_WANTED: N_("Not sent: no messages are wanted; the news is in the account"),
    PROVIDER_UNAVAILABLE: N_("Not sent: the provider could not be reached"),
}
HIDDEN = "•••"
DIGITS_SHOWN = 4
SHORTEST = 8  # of what is shorter, four digits would be the half


def channel_text(message: Notification, texts: Texts, language: str) -> str:
    return texts.translate(CHANNELS[message.channel], language)


def notice_text(message: Notification, texts: Texts, language: str) -> str:
    """The line that stood above the e-mail."""
    return texts.translate(NOTICES[message.notice].subject, language, reference=message.reference)


def status_text(message: Notification, texts: Texts, language: str) -> str:
    words = STATES[message.state]
    if message.state in (State.FAILED, State.SUPPRESSED):
        by_channel = NO_CONTACT_POINT_OF[message.channel] if message.reason == NO_CONTACT_POINT else words
        words = REASONS.get(message.reason or "", by_channel)
    return texts.translate(words, language)


def masked_contact(message: Notification, contacts: ContactPoints | None) -> str | None:
    """Enough for its owner to know it again. Nothing for a message that was never sent anywhere."""
    if contacts is None or message.state not in (State.SENDING, State.SENT, State.UNKNOWN):
        return None
    return _masked_address(contacts.email) if message.channel is Channel.EMAIL else _masked_number(contacts.phone)


def _masked_address(address: str | None) -> str | None:
    """a•••@citizen.example"""
    name, at, domain = (address or "").rpartition("@")
    return f"{name[:1]}{HIDDEN}{at}{domain}" if name and domain else None


def _masked_number(number: str | None) -> str | None:
    """•••0101"""
    return f"{HIDDEN}{number[-DIGITS_SHOWN:]}" if number and len(number) >= SHORTEST else None
