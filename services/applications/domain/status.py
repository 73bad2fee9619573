"""The states of an application, and which of them count as what."""

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    FEE_DUE = "fee_due"  # handed in; nobody looks at it before it is paid
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    PAPERS_REQUESTED = "papers_requested"  # the citizen is to mend what is marked
    WITH_ANOTHER_BODY = "with_another_body"  # asked by the post; its answer is awaited
    PROPOSED = "proposed"
    APPROVED = "approved"  # the document is being issued
    AWAITING_BLANK = "awaiting_blank"
    AWAITING_VISIT = "awaiting_visit"
    AWAITING_ARRIVAL = "awaiting_arrival"  # another body makes it, and sends it to the post
    READY = "ready"
    HANDED_OVER = "handed_over"  # what is not digital, at the counter
    SENT = "sent"  # what is not digital, by mail
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    ANNULLED = "annulled"  # after it was issued


UNDECIDED = (
    Status.FEE_DUE,
    Status.SUBMITTED,
    Status.IN_REVIEW,
    Status.PAPERS_REQUESTED,
    Status.WITH_ANOTHER_BODY,
    Status.PROPOSED,
)
GIVEN = (Status.HANDED_OVER, Status.SENT)
ISSUED = (Status.READY, *GIVEN)
TO_BE_MADE = (Status.APPROVED, Status.AWAITING_BLANK, Status.AWAITING_VISIT, Status.AWAITING_ARRIVAL)
DECIDED = (*TO_BE_MADE, *ISSUED, Status.REFUSED)
OPEN = (*UNDECIDED, *TO_BE_MADE)  # handed in, and not ended
PREVIEWED = OPEN
VISITED = (Status.DRAFT, *OPEN, Status.READY)  # its citizen may still have to come
