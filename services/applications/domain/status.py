"""The states of an application, and which of them count as what."""

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    PROPOSED = "proposed"
    APPROVED = "approved"  # the document is being issued
    AWAITING_BLANK = "awaiting_blank"
    AWAITING_VISIT = "awaiting_visit"
    READY = "ready"
    HANDED_OVER = "handed_over"  # what is not digital, at the counter
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


UNDECIDED = (Status.SUBMITTED, Status.IN_REVIEW, Status.PROPOSED)
ISSUED = (Status.READY, Status.HANDED_OVER)
DECIDED = (Status.APPROVED, Status.AWAITING_BLANK, Status.AWAITING_VISIT, *ISSUED, Status.REFUSED)
OPEN = (*UNDECIDED, Status.APPROVED, Status.AWAITING_BLANK, Status.AWAITING_VISIT)  # handed in, and not ended
PREVIEWED = (*UNDECIDED, Status.APPROVED, Status.AWAITING_BLANK, Status.AWAITING_VISIT)
