"""The journal: who did what to an application, when, with which events. It is added to and never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from shared.actors import Citizen, Officer
from shared.contracts.applications import ApplicationEvent

ActorKind = Literal["citizen", "officer", "system"]


class Action(StrEnum):
    """Grammar: <aggregate>:<verb>."""

    START = "application:start"
    SAVE_ANSWERS = "application:save_answers"
    ATTACH = "application:attach"
    DETACH = "application:detach"
    INVITE_COSIGNER = "application:invite_cosigner"
    COSIGN = "application:cosign"
    DECLINE_TO_COSIGN = "application:decline_to_cosign"
    ASSIST = "application:assist"
    CONFIRM_WARNING = "application:confirm_warning"
    SUBMIT = "application:submit"
    SETTLE_FEE = "application:settle_fee"
    NOTE_FEE = "application:note_fee"
    TAKE_BACK_PAYMENT = "application:take_back_payment"
    HAND_IN_AGAIN = "application:hand_in_again"
    WITHDRAW = "application:withdraw"
    WRITE_TO_POST = "application:write_to_post"
    EXPIRE = "application:expire"
    REMIND_OF_FEE = "application:remind_of_fee"
    LAPSE = "application:lapse"
    CLAIM = "application:claim"
    RELEASE = "application:release"
    ASSIGN = "application:assign"
    CLAIM_RAN_OUT = "application:claim_ran_out"
    MOVE = "application:move"
    MOVE_TO_QUEUE = "application:move_to_queue"
    REQUEST_PAPERS = "application:request_papers"
    TAKE_BACK_REQUEST = "application:take_back_request"
    REQUEST_RAN_OUT = "application:request_ran_out"
    ASK_BODY = "application:ask_body"
    NOTE_BODY_ANSWER = "application:note_body_answer"
    WRITE_TO_CITIZEN = "application:write_to_citizen"
    PROPOSE_APPROVAL = "application:propose_approval"
    PROPOSE_REFUSAL = "application:propose_refusal"
    REFER = "application:refer"
    SEND_BACK = "application:send_back"
    APPROVE = "application:approve"
    REFUSE = "application:refuse"
    RECORD_BLANK = "application:record_blank"
    RECORD_IDENTITY_CHECK = "application:record_identity_check"
    MARK_READY = "application:mark_ready"
    RECORD_ARRIVAL = "application:record_arrival"
    RECORD_HANDOVER = "application:record_handover"
    RECORD_SENT = "application:record_sent"
    KEEP_ORIGINAL = "application:keep_original"
    RETURN_ORIGINAL = "application:return_original"
    PUT_IN_POUCH = "application:put_in_pouch"
    NOTE_POUCH_ARRIVED = "application:note_pouch_arrived"
    CORRECT = "application:correct"
    ANNUL = "application:annul"
    NOTE_ISSUE_PROBLEM = "application:note_issue_problem"
    NOTE_UNDELIVERABLE = "application:note_undeliverable"
    NOTE_TERM = "application:note_term"
    EXTEND_TERM = "application:extend_term"


@dataclass(frozen=True, slots=True)
class ActorRef:
    """Who acted: an id of identity, the name of a service of ours, or the clock. role: the one that allowed the act."""

    kind: ActorKind
    id: str
    role: str | None = None


CLOCK = ActorRef("system", "clock")


def citizen(actor: Citizen) -> ActorRef:
    return ActorRef("citizen", actor.id, "applicant")


def officer(actor: Officer, role: str) -> ActorRef:
    return ActorRef("officer", actor.id, role)


def service(name: str) -> ActorRef:
    return ActorRef("system", name)


@dataclass(frozen=True, slots=True)
class Act:
    """What one transition of an application was, for the journal and the outbox. reason: a code, never free text."""

    action: Action
    by: ActorRef
    at: datetime
    sequence: int
    reason: str | None = None
    event: ApplicationEvent | None = None
    watch_term_at: datetime | None = None  # when somebody must look at its term next
