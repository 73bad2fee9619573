"""What can be wrong with an act on an application. Messages are msgids; none of them names a person."""

from shared.errors import DomainError, FieldError, InvalidInput, NotAllowed, NotAllowedNow, NotFound
from shared.texts import N_


class UnknownService(NotFound):
    code = "service-not-found"
    message = N_("There is no such service. Choose one from the list of services.")


class UnknownPost(NotFound):
    code = "post-not-found"
    message = N_("There is no such post. Choose one from the list of posts.")


class ApplicationNotFound(NotFound):
    """Not there, or not for the one who asks: both look the same from outside."""

    code = "application-not-found"


class NoSuchReference(NotFound):
    code = "no-such-reference"
    message = N_("There is no application with this reference at your post. Compare it with what the citizen has.")


class AttachmentNotFound(NotFound):
    code = "attachment-not-found"
    message = N_("No file is attached to this application.")


class NotADraft(NotAllowedNow):
    code = "application-not-a-draft"
    message = N_("The application has been handed in and can no longer be changed.")


class AssuranceTooLow(NotAllowedNow):
    code = "assurance-too-low"
    message = N_(
        "For this service we must know who you are before you hand it in: come to a consular post with your passport once, or "
        "sign in by e-ID. What you have filled in stays."
    )


class PapersNotSeen(NotAllowedNow):
    code = "papers-not-seen"
    message = N_(
        "It is not known yet who the applicant is. Look at their papers, record at their account which ones you saw, and then "
        "hand it over."
    )


class DraftExpired(NotAllowedNow):
    code = "draft-expired"
    message = N_("This draft was left for too long and is closed. Please start a new application.")


class AlreadyClaimed(NotAllowedNow):
    code = "application-already-claimed"
    message = N_("An officer of your post has already taken this application.")


class NotClaimable(NotAllowedNow):
    code = "application-not-claimable"
    message = N_("Only an application that has been handed in and is not decided can be taken for review.")


class NotReleasable(NotAllowedNow):
    code = "application-not-releasable"
    message = N_("Only an application under review, with no proposal made, can be given back.")


class NotInReview(NotAllowedNow):
    code = "application-not-in-review"
    message = N_("A proposal can be made only while the application is under review.")


class NotProposed(NotAllowedNow):
    code = "application-not-proposed"
    message = N_("There is no proposal to decide on.")


class DecisionDiffersFromProposal(NotAllowedNow):
    """Two officers decide together: what only one of them wants is no decision."""

    code = "decision-differs-from-proposal"
    message = N_("Your colleague proposed otherwise. Send the case back with a note.")


class WithdrawnByCitizen(NotAllowedNow):
    code = "application-withdrawn"
    message = N_("The citizen took this application back. There is nothing to decide any more.")


class AlreadyDecided(NotAllowedNow):
    code = "application-already-decided"
    message = N_("The application is already decided.")


class NothingToWithdraw(NotAllowedNow):
    code = "nothing-to-withdraw"
    message = N_("Only an application that has been handed in can be withdrawn.")


class NotAwaitingBlank(NotAllowedNow):
    code = "application-not-awaiting-blank"
    message = N_("This application does not wait for a blank.")


class NotAwaitingVisit(NotAllowedNow):
    code = "application-not-awaiting-visit"
    message = N_("This application does not wait for a visit to the post.")


class NotReadyToHandOver(NotAllowedNow):
    code = "application-not-ready"
    message = N_("There is no document to hand over yet.")


class NothingToHandOver(NotAllowedNow):
    code = "nothing-to-hand-over"
    message = N_("This document is digital. The citizen downloads it, and nothing is handed over.")


class AlreadyHandedOver(NotAllowedNow):
    code = "already-handed-over"
    message = N_("The document has already been handed over.")


class NotAwaitingDocument(NotAllowedNow):
    code = "application-not-awaiting-document"
    message = N_("No document is expected for this application now.")


class NoDossier(NotAllowedNow):
    code = "no-dossier"
    message = N_("A dossier exists only for an application that is approved and cleared for issue.")


class NoPreview(NotAllowedNow):
    code = "no-preview"
    message = N_("A preview exists only while the application is handed in and its document is not issued.")


class BlankAlreadyUsed(NotAllowedNow):
    code = "blank-already-used"
    message = N_("A blank with this number is already recorded. Check the number on the blank.")


class NotTheClaimer(NotAllowed):
    code = "not-the-claimer"
    message = N_("Only the officer who took the application can make the proposal.")


class MayNotRelease(NotAllowed):
    code = "may-not-release"
    message = N_("Only the officer who took the application, or the head of the post, can give it back.")


class MustBeAnotherOfficer(NotAllowed):
    code = "must-be-another-officer"
    message = N_("You took or proposed this application. Another officer must decide.")


class MustBeUnrelated(NotAllowed):
    """Why is not said: it is nobody's business but that of those who declared it."""

    code = "must-be-unrelated-officer"
    message = N_("You may not act on this application. Another officer must: of your post, of another post or of the ministry.")


class ProposerMustBeReplaced(NotAllowed):
    code = "proposer-must-be-replaced"
    message = N_("The officer who proposed may not act on this application. Send it back: another officer must review it.")


class SameAsOneself(InvalidInput):
    code = "same-as-oneself"

    def __init__(self) -> None:
        super().__init__([FieldError("/officer_id", N_("Name two different people."))])


class RelationNotFound(NotFound):
    code = "relation-not-found"


class RelationAlreadyEnded(NotAllowedNow):
    code = "relation-already-ended"
    message = N_("This declaration has already been ended.")


class MayNotDeclareForOthers(NotAllowed):
    code = "may-not-declare-for-others"
    message = N_("You declare your own relations. For another officer the head of the post does it.")


class MayNotEndRelation(NotAllowed):
    code = "may-not-end-relation"
    message = N_("Only a head of one of the two posts, or the ministry, can end this declaration, and nobody who is part of it.")


class MayNotConfirmRelation(NotAllowed):
    code = "may-not-confirm-relation"
    message = N_("Another person confirms this: a head of one of the two posts or the ministry, who is not part of it.")


class RelationAlreadyConfirmed(NotAllowedNow):
    code = "relation-already-confirmed"
    message = N_("This declaration has already been confirmed.")


class RelationAlreadyDeclared(NotAllowedNow):
    code = "relation-already-declared"
    message = N_("You have declared this already.")


class TooManyDeclared(NotAllowedNow):
    code = "too-many-declared"
    message = N_("You have declared as many relations as one can. The head of the post can end those that hold no longer.")


class TooManyRelations(NotAllowedNow):
    code = "too-many-relations"
    message = N_(
        "So much is declared of those who have to do with this case that it cannot be judged. The ministry must look at it."
    )


class RoleNotAllowed(NotAllowed):
    code = "role-not-allowed"


class MayNotReview(RoleNotAllowed):
    code = "role-may-not-review"
    message = N_("Your role does not allow this. An intake or deciding officer of your post can do it.")


class MayNotDecide(RoleNotAllowed):
    code = "role-may-not-decide"
    message = N_("Your role does not allow this. A deciding officer or the head of your post can do it.")


class MayNotRefer(RoleNotAllowed):
    code = "may-not-refer"
    message = N_("Only the officer who took the application, or the head of the post, can give the decision to others.")


class TooManyToSort(NotAllowedNow):
    code = "too-many-to-sort-by-name"
    message = N_("More than {most} applications stand here: too many to sort by name. Sort them by time, or search for the name.")


class UploadTookTooLong(NotAllowedNow):
    code = "upload-took-too-long"
    message = N_("The upload took too long. Please send the file again.")


class AttachmentTooLarge(DomainError):
    """HTTP 413."""

    code = "attachment-too-large"
    message = N_("The file is larger than {limit_megabytes} MB. Take the photo in a lower resolution, or make the PDF smaller.")


class AttachmentTypeNotAccepted(DomainError):
    """HTTP 415."""

    code = "attachment-type-not-accepted"
    message = N_(
        "The file must be one of these: {accepted}. If your phone takes HEIC photos, set its camera to “Most Compatible”."
    )


class InvalidReason(InvalidInput):
    code = "invalid-reason"

    def __init__(self, pointer: str) -> None:
        super().__init__([FieldError(pointer, N_("Choose a reason from the list of this service."))])


class InvalidBlankNumber(InvalidInput):
    code = "invalid-blank-number"

    def __init__(self, example: str) -> None:
        message = N_("This does not look like a number of a blank. It is written like this: {example}.")
        super().__init__([FieldError("/blank_number", message, {"example": example})])


class LookNotFound(NotFound):
    code = "look-not-found"
    message = N_("There is no such look at this application that one could object to.")


class ObjectionNotFound(NotFound):
    code = "objection-not-found"
    message = N_("There is no such objection at your posts.")


class ObjectionAnswered(NotAllowedNow):
    code = "objection-answered"
    message = N_("This objection was answered before.")


class OwnLookObjectedTo(NotAllowed):
    code = "own-look-objected-to"
    message = N_("The objection is about a look of your own. Another head or the ministry answers it.")


class NotUnderCheckpoint(NotAllowedNow):
    code = "not-under-checkpoint"
    message = N_("No checkpoint of the audit holds this yet. The next one comes within minutes.")
