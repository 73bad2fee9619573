"""Requests about personal data in words: kinds, states, and how the clock stands."""

from collections.abc import Mapping
from typing import Any

from shared.texts import N_

KINDS = {
    "export": N_("A copy of your data"),
    "correction": N_("Correction"),
    "erasure": N_("Erasure"),
}
STATES = {
    "open": N_("Open"),
    "answered": N_("Answered"),
    "refused": N_("Refused"),
    "withdrawn": N_("Taken back"),
}
CLOCKS = {  # of what is open
    "running": N_("Open"),
    "soon": N_("Due soon"),
    "late": N_("Late"),
    "told": N_("Waits"),
}
PLACES = {
    "account": N_("My account: name, e-mail address, telephone"),
    "applications": N_("An application: what I answered, or how it was decided"),
    "documents": N_("A document that was issued"),
    "messages": N_("Messages that you sent to me"),
}
SERVICES = {
    "applications": N_("Applications"),
    "documents": N_("Documents"),
    "notifications": N_("Messages"),
    "identity": N_("Account"),
}
_TAGS = {"soon": "govuk-tag--yellow", "late": "govuk-tag--red", "told": "govuk-tag--grey", "running": "govuk-tag--blue"}
_ENDED = {"answered": "govuk-tag--green", "refused": "govuk-tag--red", "withdrawn": "govuk-tag--grey"}


def tag_of(asked: Mapping[str, Any]) -> str:
    """The class of a tag."""
    return _TAGS.get(asked["clock"], "") if asked["state"] == "open" else _ENDED[asked["state"]]
