"""What can be wrong while a draft is filled in, confirmed by others, or entered at the counter."""

from collections.abc import Mapping
from typing import Any

from shared.errors import ConcurrentUpdate, NotAllowed, NotAllowedNow, NotFound
from shared.texts import N_


class UnknownStep(NotFound):
    code = "step-not-found"
    message = N_("This service has no such page of questions.")


class AnswersChanged(ConcurrentUpdate):
    """current: the version, and what this page holds now."""

    code = "answers-changed-elsewhere"
    message = N_("These answers were changed elsewhere since you looked. Compare them with yours, and save again.")

    def __init__(self, current: Mapping[str, Any]) -> None:
        super().__init__()
        self.current = current


class UnknownCosigner(NotAllowedNow):
    code = "cosigner-not-found"
    message = N_("Nobody else has to confirm this application as that.")


class AlreadyConfirmed(NotAllowedNow):
    code = "already-confirmed"
    message = N_("This person has already confirmed the application as it is.")


class NoSuchInvitation(NotFound):
    code = "no-such-invitation"
    message = N_(
        "This code asks nobody to confirm anything: it is not right, it has run out, or a newer one was made. Ask for a new one."
    )


class MayNotConfirmOwn(NotAllowed):
    code = "may-not-confirm-own"
    message = N_("The other person confirms from their own account. Give them the code.")


class ChangedBeforeConfirmation(NotAllowedNow):
    code = "changed-before-confirmation"
    message = N_("The answers were changed since you saw them. Look at them once more, then confirm.")


class NotYetConfirmed(NotAllowedNow):
    code = "not-yet-confirmed"
    message = N_(
        "Somebody else must confirm this application before you hand it in. Give them their code; what you have filled in stays."
    )


class NotConfirmedAnew(NotAllowedNow):
    code = "not-confirmed-anew"
    message = N_(
        "Answers were changed after somebody else had confirmed them, and that person has not confirmed them as they are now. "
        "They can still do so with their code."
    )


class ConfirmedAsAnother(NotAllowed):
    code = "confirmed-as-another"
    message = N_("You have answered for another person in this application. Each person answers from their own account.")


class NoSuchWarning(NotAllowedNow):
    code = "no-such-warning"
    message = N_("There is no such warning now. Look at the case again.")


class NotAssisted(NotFound):
    code = "not-assisted"
    message = N_(
        "You are not helping anybody with such a draft. Enter the reference on the citizen's sheet, or begin a new one with them."
    )
