"""Why an act in the later life of a case is refused: asking its citizen or another body, giving, annulling, correcting."""

from shared.errors import FieldError, InvalidInput, NotAllowed, NotAllowedNow, NotFound
from shared.texts import N_


class NothingAsked(NotAllowedNow):
    code = "nothing-asked"
    message = N_("The post has not asked for changes now, or goes on already.")


class NotMarked(InvalidInput):
    """Something else than what was asked for would change."""

    code = "not-marked"

    def __init__(self, pointers: list[str]) -> None:
        super().__init__([FieldError(pointer, N_("The post did not ask to change this.")) for pointer in pointers])


class NothingChanged(InvalidInput):
    """Handed in again as it was, and nothing is said about that."""

    code = "nothing-changed"

    def __init__(self, pointers: list[str]) -> None:
        message = N_("The post marked this, and nothing marked was changed. Change it, or write why nothing needs to be changed.")
        super().__init__([FieldError(pointer, message) for pointer in pointers])


class NothingMarked(InvalidInput):
    code = "nothing-marked"

    def __init__(self) -> None:
        super().__init__([FieldError("/marks", N_("Mark at least one answer or paper."))])


class UnknownMark(InvalidInput):
    """There is no such answer or paper in the form, or no such note."""

    code = "unknown-mark"

    def __init__(self, pointers: list[str]) -> None:
        super().__init__([FieldError(pointer, N_("Choose an answer or paper of this form, and a note.")) for pointer in pointers])


class WordsNeeded(InvalidInput):
    code = "words-needed"

    def __init__(self, pointer: str) -> None:
        super().__init__([FieldError(pointer, N_("Write what is needed: this note does not say it."))])


class UnknownBody(InvalidInput):
    code = "unknown-body"

    def __init__(self) -> None:
        super().__init__([FieldError("/body", N_("Choose a body from the list."))])


class UnknownAnswer(InvalidInput):
    code = "unknown-answer"

    def __init__(self) -> None:
        super().__init__([FieldError("/answer", N_("Choose what it answered from the list."))])


class NotWithAnotherBody(NotAllowedNow):
    code = "not-with-another-body"
    message = N_("This application does not wait for the answer of another body.")


class NotAwaitingArrival(NotAllowedNow):
    code = "not-awaiting-arrival"
    message = N_("Nothing that another body makes is awaited for this application.")


class NotIssued(NotAllowedNow):
    code = "not-issued"
    message = N_("Nothing was issued for this application, or it was annulled.")


class AfterIssueByAnother(NotAllowed):
    code = "after-issue-by-another"
    message = N_("You reviewed or decided this application. Another head, or the ministry, corrects or annuls what was issued.")


class MayNotChangeIssued(NotAllowed):
    code = "may-not-change-issued"
    message = N_("Only the head of the post or the ministry corrects or annuls what was issued.")


class NothingCorrected(InvalidInput):
    code = "nothing-corrected"

    def __init__(self) -> None:
        super().__init__([FieldError("/answers", N_("Nothing is different from what was issued."))])


class NothingToWriteTo(NotAllowedNow):
    code = "nothing-to-write-to"
    message = N_("Messages can be written once the application is handed in.")


class TooManyMessages(NotAllowedNow):
    code = "too-many-messages"
    message = N_("You have written {most} messages that have no answer yet. Please wait for the answer of the post.")


class OriginalNotFound(NotFound):
    code = "original-not-found"
    message = N_("There is no such original paper at your post.")


class OriginalNotHere(NotAllowedNow):
    code = "original-not-here"
    message = N_("This original is not at the post: it was given back, or is on its way.")


class PouchNotFound(NotFound):
    code = "pouch-not-found"
    message = N_("There is no such pouch of your post.")


class PouchArrived(NotAllowedNow):
    code = "pouch-arrived"
    message = N_("The arrival of this pouch was recorded before.")
