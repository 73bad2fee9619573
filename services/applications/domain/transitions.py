"""The one table of what may happen to a case in which state, and where it leads. Every act asks it; docs/case-life.md is it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.applications.domain.journal import Action
from services.applications.domain.status import GIVEN, ISSUED, OPEN, UNDECIDED, Status
from shared.contracts.applications import OutcomeKind

AFTER_APPROVAL: Mapping[OutcomeKind, Status] = {
    OutcomeKind.DIGITAL_DOCUMENT: Status.APPROVED,
    OutcomeKind.PRINT_ON_BLANK: Status.AWAITING_BLANK,
    OutcomeKind.PREPARED_FOR_VISIT: Status.AWAITING_VISIT,
    OutcomeKind.MADE_ELSEWHERE: Status.AWAITING_ARRIVAL,
}
EVER = tuple(Status)
REVIEWED_AGAIN = (Status.IN_REVIEW, Status.SUBMITTED)  # by the officer who had it, or, where nobody has it any more, by any
# others are asked and confirm what is answered; also what was changed on request and is not confirmed when the post goes on
CONFIRMED_IN = (Status.DRAFT, *UNDECIDED)
NOT_ANSWERED = (Action.TAKE_BACK_REQUEST, Action.REQUEST_RAN_OUT)  # the post has it again, and its citizen handed nothing in
HANDED_IN = tuple(status for status in Status if status not in (Status.DRAFT, Status.EXPIRED))
SEEN_BY_POST = (*HANDED_IN, Status.EXPIRED)  # what was never paid is closed, and what the post holds of it goes back
# what is done again when something that was issued is corrected: nobody checks the identity a second time
AFTER_CORRECTION: Mapping[OutcomeKind, Status] = {**AFTER_APPROVAL, OutcomeKind.PREPARED_FOR_VISIT: Status.APPROVED}


@dataclass(frozen=True, slots=True)
class Move:
    """starts: the states in which it may be done; none: it begins a case. leads: where to; none: the state stays."""

    starts: tuple[Status, ...]
    leads: tuple[Status, ...] = ()

    @property
    def changes_state(self) -> bool:
        return bool(self.leads)


class IllegalMove(AssertionError):
    """A mistake of ours: an act that the table does not have. What it did is not saved."""


TRANSITIONS: Mapping[Action, Move] = {
    # its citizen
    Action.START: Move((), (Status.DRAFT,)),
    Action.SAVE_ANSWERS: Move((Status.DRAFT, Status.PAPERS_REQUESTED)),
    Action.ATTACH: Move((Status.DRAFT, Status.PAPERS_REQUESTED)),
    Action.DETACH: Move((Status.DRAFT, Status.PAPERS_REQUESTED)),
    Action.INVITE_COSIGNER: Move(CONFIRMED_IN),
    Action.COSIGN: Move(CONFIRMED_IN),
    Action.DECLINE_TO_COSIGN: Move(CONFIRMED_IN),
    Action.ASSIST: Move((Status.DRAFT,)),
    Action.SUBMIT: Move((Status.DRAFT,), (Status.SUBMITTED, Status.FEE_DUE)),
    Action.HAND_IN_AGAIN: Move((Status.PAPERS_REQUESTED,), REVIEWED_AGAIN),
    Action.WITHDRAW: Move(UNDECIDED, (Status.WITHDRAWN,)),
    Action.WRITE_TO_POST: Move(HANDED_IN),
    # the fee
    Action.SETTLE_FEE: Move((Status.FEE_DUE,), (Status.SUBMITTED,)),
    Action.NOTE_FEE: Move(EVER),
    Action.TAKE_BACK_PAYMENT: Move(EVER),
    Action.REMIND_OF_FEE: Move((Status.FEE_DUE,)),
    Action.LAPSE: Move((Status.FEE_DUE,), (Status.EXPIRED,)),
    # officers review
    Action.CLAIM: Move((Status.SUBMITTED,), (Status.IN_REVIEW,)),
    Action.RELEASE: Move((Status.IN_REVIEW,), (Status.SUBMITTED,)),
    Action.ASSIGN: Move((Status.SUBMITTED, Status.IN_REVIEW), (Status.IN_REVIEW,)),
    Action.CONFIRM_WARNING: Move(OPEN),
    Action.REQUEST_PAPERS: Move((Status.IN_REVIEW,), (Status.PAPERS_REQUESTED,)),
    Action.TAKE_BACK_REQUEST: Move((Status.PAPERS_REQUESTED,), REVIEWED_AGAIN),
    Action.ASK_BODY: Move((Status.IN_REVIEW,), (Status.WITH_ANOTHER_BODY,)),
    Action.NOTE_BODY_ANSWER: Move((Status.WITH_ANOTHER_BODY,), REVIEWED_AGAIN),
    Action.WRITE_TO_CITIZEN: Move(SEEN_BY_POST),
    Action.EXTEND_TERM: Move(OPEN),
    # officers decide
    Action.PROPOSE_APPROVAL: Move((Status.IN_REVIEW,), (Status.PROPOSED,)),
    Action.PROPOSE_REFUSAL: Move((Status.IN_REVIEW,), (Status.PROPOSED,)),
    Action.REFER: Move((Status.PROPOSED,)),
    Action.SEND_BACK: Move((Status.PROPOSED,), (Status.IN_REVIEW,)),
    Action.APPROVE: Move((Status.PROPOSED,), tuple(AFTER_APPROVAL.values())),
    Action.REFUSE: Move((Status.PROPOSED,), (Status.REFUSED,)),
    # the counter
    Action.RECORD_BLANK: Move((Status.AWAITING_BLANK,), (Status.APPROVED,)),
    Action.RECORD_IDENTITY_CHECK: Move((Status.AWAITING_VISIT,), (Status.APPROVED,)),
    Action.RECORD_ARRIVAL: Move((Status.AWAITING_ARRIVAL,), (Status.READY,)),
    Action.RECORD_HANDOVER: Move((Status.READY,), (Status.HANDED_OVER,)),
    Action.RECORD_SENT: Move((Status.READY,), (Status.SENT,)),
    Action.KEEP_ORIGINAL: Move(SEEN_BY_POST),
    Action.PUT_IN_POUCH: Move(SEEN_BY_POST),
    Action.NOTE_POUCH_ARRIVED: Move(SEEN_BY_POST),
    Action.RETURN_ORIGINAL: Move(SEEN_BY_POST),
    # after the issue
    Action.CORRECT: Move(ISSUED, tuple(dict.fromkeys(AFTER_CORRECTION.values()))),
    Action.ANNUL: Move(ISSUED, (Status.ANNULLED,)),
    # other services and the clock
    Action.MARK_READY: Move((Status.APPROVED,), (Status.READY,)),
    Action.NOTE_ISSUE_PROBLEM: Move((Status.APPROVED,)),
    Action.NOTE_UNDELIVERABLE: Move(EVER),
    Action.NOTE_TERM: Move(OPEN),
    Action.EXPIRE: Move((Status.DRAFT,), (Status.EXPIRED,)),
    Action.REQUEST_RAN_OUT: Move((Status.PAPERS_REQUESTED,), REVIEWED_AGAIN),
    Action.CLAIM_RAN_OUT: Move((Status.IN_REVIEW,), (Status.SUBMITTED,)),
    Action.MOVE: Move((Status.DRAFT, *OPEN, *ISSUED)),
    Action.MOVE_TO_QUEUE: Move((Status.IN_REVIEW, Status.PROPOSED), (Status.SUBMITTED,)),
}
NOT_PAID_FOR = (Status.REFUSED, Status.WITHDRAWN, Status.EXPIRED, Status.ANNULLED)  # any more, whatever was taken back
ENDS = (*NOT_PAID_FOR, *GIVEN)  # the post owes nothing more


def must_be_legal(action: Action, before: Status, after: Status) -> None:
    """Raises IllegalMove."""
    move = TRANSITIONS[action]
    stays = after is before and not move.changes_state
    if before not in move.starts or not (stays or after in move.leads):
        raise IllegalMove(f"{action.value}: {before.value} to {after.value}")


def starts(action: Action) -> Collection[Status]:
    return TRANSITIONS[action].starts
