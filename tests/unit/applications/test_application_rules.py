"""Each transition of an application: who may, when, and what follows."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain import errors
from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.domain.journal import Act, Action
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import Status
from shared.actors import Citizen, Officer
from shared.contracts.applications import (
    ApplicationApproved,
    ApplicationClearedForIssue,
    ApplicationExpired,
    ApplicationRefused,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from shared.errors import DomainError, InvalidInput, NotFound
from tests.unit.applications.cases import (
    ANSWERS,
    AT,
    CITIZEN,
    DECIDER,
    ELSEWHERE,
    FORMATS,
    HEAD,
    INTAKE,
    OTHER_DECIDER,
    POST,
    POWER,
    REGISTRATION,
    RETURN,
    approved,
    complete,
    draft,
    in_review,
    proposed,
    ready,
    refusal_proposed,
    submitted,
)

STRANGER = Citizen("timur")
FILE = Attachment("f2", "image/png", 10, "1" * 64, AT)


def submit(application: Application, by: Citizen = CITIZEN) -> Act:
    definition = the_catalogue().service(application.service_id)
    return application.submit(by=by, definition=definition, post=POST, formats=FORMATS, at=AT)


def definition_of(application: Application) -> ServiceDefinition:
    return the_catalogue().version(application.service_id, application.service_version)


def refuses(application: Application, error: type[DomainError], act: Callable[[], object]) -> None:
    before = asdict(application)
    with pytest.raises(error):
        act()
    assert asdict(application) == before  # what is refused leaves all as it was


def test_a_started_application_is_a_draft_of_its_citizen() -> None:
    application = draft()
    assert (application.status, application.citizen_id, application.version) == (Status.DRAFT, "aigerim", 1)


def test_only_its_citizen_edits_a_draft() -> None:
    application = complete()
    refuses(application, errors.ApplicationNotFound, lambda: application.save_answers({}, by=STRANGER, at=AT))
    refuses(application, errors.ApplicationNotFound, lambda: application.attach(FILE, by=STRANGER, at=AT))
    refuses(application, errors.ApplicationNotFound, lambda: submit(application, STRANGER))
    refuses(application, errors.ApplicationNotFound, lambda: application.withdraw(by=STRANGER, at=AT))


def test_a_draft_may_be_saved_incomplete_but_not_submitted() -> None:
    application = draft()
    application.save_answers({"full_name": "Айгерим"}, by=CITIZEN, at=AT)
    with pytest.raises(InvalidInput) as caught:
        submit(application)
    pointers = {error.pointer for error in caught.value.errors}
    assert {"/answers/birth_date", "/answers/document_number", "/attachment"} <= pointers
    assert "/answers/pin" not in pointers
    assert application.status is Status.DRAFT


def test_submitting_says_so_and_fixes_the_service_version_and_the_due_date() -> None:
    application = complete()
    act = submit(application)
    assert isinstance(act.event, ApplicationSubmitted)
    assert act.event.sequence == act.sequence == application.version
    assert (application.status, application.submitted_at) == (Status.SUBMITTED, AT)
    assert (application.service_version, application.due_on) == (2, "2026-11-27")  # five working days after a Friday


def test_a_submitted_application_cannot_be_submitted_or_changed_again() -> None:
    application = submitted()
    refuses(application, errors.NotADraft, lambda: submit(application))
    refuses(application, errors.NotADraft, lambda: application.save_answers({}, by=CITIZEN, at=AT))
    refuses(application, errors.NotADraft, lambda: application.attach(FILE, by=CITIZEN, at=AT))


def test_an_attachment_is_needed_only_where_the_service_asks_for_one() -> None:
    application = draft(RETURN)
    application.save_answers(ANSWERS[RETURN], by=CITIZEN, at=AT)
    assert submit(application).action is Action.SUBMIT


@pytest.mark.parametrize("case", [submitted, in_review, proposed])
def test_its_citizen_withdraws_it_before_a_decision(case: Callable[[], Application]) -> None:
    application = case()
    assert isinstance(application.withdraw(by=CITIZEN, at=AT).event, ApplicationWithdrawn)
    assert application.status is Status.WITHDRAWN


def test_nothing_is_withdrawn_after_the_decision_or_before_the_submission() -> None:
    decided, unsent = approved(), draft()
    refuses(decided, errors.AlreadyDecided, lambda: decided.withdraw(by=CITIZEN, at=AT))
    refuses(unsent, errors.NothingToWithdraw, lambda: unsent.withdraw(by=CITIZEN, at=AT))


def test_an_officer_of_the_post_claims_and_nobody_else_can_after() -> None:
    application = submitted()
    refuses(application, errors.ApplicationNotFound, lambda: application.claim(by=ELSEWHERE, at=AT))
    refuses(application, errors.RoleNotAllowed, lambda: application.claim(by=HEAD, at=AT))
    application.claim(by=INTAKE, at=AT)
    assert (application.status, application.claimed_by) == (Status.IN_REVIEW, "nurlan")
    refuses(application, errors.AlreadyClaimed, lambda: application.claim(by=DECIDER, at=AT))


def test_a_claim_that_comes_second_names_no_person() -> None:
    assert "{" not in errors.AlreadyClaimed.message
    assert errors.AlreadyClaimed().params == {}


def test_a_draft_does_not_exist_for_officers() -> None:
    application = complete()
    refuses(application, NotFound, lambda: application.claim(by=INTAKE, at=AT))
    refuses(application, NotFound, lambda: application.must_be_seen_by(INTAKE))


def test_only_the_claimer_proposes() -> None:
    application = in_review()
    refuses(application, errors.NotTheClaimer, lambda: application.propose_approval(by=DECIDER, at=AT))
    application.propose_approval(by=INTAKE, at=AT)
    assert application.status is Status.PROPOSED
    refuses(application, errors.NotInReview, lambda: application.propose_approval(by=INTAKE, at=AT))


def test_a_proposed_refusal_needs_a_reason_of_the_service() -> None:
    application = in_review()
    definition = definition_of(application)
    for reason in ("", "powers-unclear"):
        act = partial(application.propose_refusal, reason, by=INTAKE, definition=definition, at=AT)
        refuses(application, errors.InvalidReason, act)
    done = application.propose_refusal("card-missing-or-wrong", by=INTAKE, definition=definition, at=AT)
    assert done.reason == "card-missing-or-wrong"


def test_a_ground_of_another_mission_is_none_here() -> None:
    application = in_review()
    found = definition_of(application)
    elsewhere = tuple(ground.model_copy(update={"posts": ("was",)}) for ground in found.refusal_reasons)
    definition = found.model_copy(update={"refusal_reasons": elsewhere})
    act = partial(application.propose_refusal, "card-missing-or-wrong", by=INTAKE, definition=definition, at=AT)
    refuses(application, errors.InvalidReason, act)


@pytest.mark.parametrize("by", [INTAKE, HEAD])
def test_a_taken_case_is_given_back_by_who_took_it_or_the_head(by: Officer) -> None:
    application = in_review()
    act = application.release(by=by, at=AT)
    assert (application.status, application.claimed_by) == (Status.SUBMITTED, None)
    assert (act.action.value, act.event) == ("application:release", None)
    application.claim(by=DECIDER, at=AT)


def test_nobody_else_gives_a_case_back_and_a_proposed_one_stays() -> None:
    taken, waiting = in_review(), proposed()
    refuses(taken, errors.MayNotRelease, lambda: taken.release(by=DECIDER, at=AT))
    refuses(taken, errors.ApplicationNotFound, lambda: taken.release(by=ELSEWHERE, at=AT))
    refuses(waiting, errors.NotReleasable, lambda: waiting.release(by=INTAKE, at=AT))


def test_who_claimed_never_decides_whatever_their_roles() -> None:
    both = Officer.of_post("nurlan", "yek", {"intake", "deciding", "head"})
    application = proposed()
    definition = definition_of(application)
    refuses(application, errors.MustBeAnotherOfficer, lambda: application.approve(by=both, at=AT))
    refuses(
        application,
        errors.MustBeAnotherOfficer,
        lambda: application.refuse("card-missing-or-wrong", by=both, definition=definition, at=AT),
    )


def test_an_intake_officer_and_another_post_do_not_decide() -> None:
    application = proposed()
    second_intake = Officer.of_post("aida", "yek", {"intake"})
    refuses(application, errors.RoleNotAllowed, lambda: application.approve(by=second_intake, at=AT))
    refuses(application, errors.ApplicationNotFound, lambda: application.approve(by=ELSEWHERE, at=AT))


@pytest.mark.parametrize(
    ("service_id", "status"),
    [(REGISTRATION, Status.APPROVED), (RETURN, Status.AWAITING_BLANK), (POWER, Status.AWAITING_VISIT)],
)
def test_what_follows_an_approval_depends_on_the_service(service_id: str, status: Status) -> None:
    application = proposed(service_id)
    act = application.approve(by=HEAD, at=AT)
    assert isinstance(act.event, ApplicationApproved)
    assert (application.status, act.event.outcome) == (status, application.outcome)
    assert act.by.role == "head"


def test_a_decision_is_made_once() -> None:
    application = approved()
    refuses(application, errors.AlreadyDecided, lambda: application.approve(by=OTHER_DECIDER, at=AT))


def test_nothing_is_decided_without_a_proposal() -> None:
    application = in_review()
    refuses(application, errors.NotProposed, lambda: application.approve(by=DECIDER, at=AT))


def test_what_was_withdrawn_is_not_decided_and_says_so() -> None:
    application = proposed()
    application.withdraw(by=CITIZEN, at=AT)
    refuses(application, errors.WithdrawnByCitizen, lambda: application.approve(by=DECIDER, at=AT))


def test_who_decides_must_agree_with_the_proposal_or_send_it_back() -> None:
    for_approval, for_refusal = proposed(POWER), refusal_proposed(POWER, "powers-unclear")
    definition = definition_of(for_refusal)
    refuses(
        for_approval,
        errors.DecisionDiffersFromProposal,
        lambda: for_approval.refuse("powers-unclear", by=DECIDER, definition=definition, at=AT),
    )
    refuses(for_refusal, errors.DecisionDiffersFromProposal, lambda: for_refusal.approve(by=DECIDER, at=AT))
    refuses(
        for_refusal,
        errors.DecisionDiffersFromProposal,
        lambda: for_refusal.refuse("powers-not-lawful", by=DECIDER, definition=definition, at=AT),
    )
    for_refusal.send_back("proposal-needs-another-look", by=DECIDER, definition=definition, at=AT)


def test_a_refusal_carries_the_code_of_its_reason() -> None:
    application = refusal_proposed(REGISTRATION, "card-missing-or-wrong")
    act = application.refuse("card-missing-or-wrong", by=DECIDER, definition=definition_of(application), at=AT)
    assert isinstance(act.event, ApplicationRefused)
    assert (application.status, act.event.reason) == (Status.REFUSED, "card-missing-or-wrong")


def test_sent_back_it_is_again_with_the_one_who_claimed_it() -> None:
    application = proposed()
    definition = definition_of(application)
    refuses(application, errors.InvalidReason, lambda: application.send_back("no", by=DECIDER, definition=definition, at=AT))
    act = application.send_back("proposal-needs-another-look", by=DECIDER, definition=definition, at=AT)
    assert (application.status, application.claimed_by, application.proposal) == (Status.IN_REVIEW, "nurlan", None)
    assert (act.event, act.reason) == (None, "proposal-needs-another-look")
    application.propose_approval(by=INTAKE, at=AT)


@pytest.mark.parametrize("number", ["СВ-1234567", "св 1234567", "CB1234567"])
def test_one_blank_has_one_spelling(number: str) -> None:
    application = approved(RETURN)
    act = application.record_blank(number, by=INTAKE, definition=definition_of(application), at=AT)
    assert application.blank_number == "СВ-1234567"
    assert isinstance(act.event, ApplicationClearedForIssue)
    assert application.status is Status.APPROVED


def test_a_wrong_number_of_a_blank_is_answered_with_how_it_is_written() -> None:
    waiting = approved(RETURN)
    with pytest.raises(errors.InvalidBlankNumber) as refused:
        waiting.record_blank("0012345", by=INTAKE, definition=definition_of(waiting), at=AT)
    assert refused.value.errors[0].params == {"example": "СВ-0012345"}


def test_a_wrong_number_or_moment_for_a_blank_is_refused() -> None:
    waiting, digital = approved(RETURN), approved()
    refuses(
        waiting,
        errors.InvalidBlankNumber,
        lambda: waiting.record_blank("17", by=INTAKE, definition=definition_of(waiting), at=AT),
    )
    refuses(
        digital,
        errors.NotAwaitingBlank,
        lambda: digital.record_blank("СВ-1234567", by=INTAKE, definition=definition_of(digital), at=AT),
    )


def test_an_identity_check_clears_what_was_prepared_once() -> None:
    application = approved(POWER)
    refuses(application, errors.ApplicationNotFound, lambda: application.record_identity_check(by=ELSEWHERE, at=AT))
    act = application.record_identity_check(by=INTAKE, at=AT)
    assert isinstance(act.event, ApplicationClearedForIssue)
    assert application.identity_checked_at == AT
    refuses(application, errors.NotAwaitingVisit, lambda: application.record_identity_check(by=INTAKE, at=AT))


def test_an_issued_document_makes_it_ready_however_often_it_is_told() -> None:
    application = approved()
    assert application.mark_ready("d1", at=AT) is not None
    assert (application.status, application.document_id) == (Status.READY, "d1")
    assert application.mark_ready("d1", at=AT) is None


def test_a_document_that_nobody_waits_for_is_an_error_and_not_swallowed() -> None:
    application = approved(RETURN)  # its blank is not recorded
    refuses(application, errors.NotAwaitingDocument, lambda: application.mark_ready("d1", at=AT))


def test_a_failed_issue_is_noted_and_a_later_document_heals_it() -> None:
    application = approved()
    application.note_issue_problem("unprintable-text", at=AT)
    assert (application.status, application.issue_problem) == (Status.APPROVED, "unprintable-text")
    application.mark_ready("d1", at=AT)
    assert application.issue_problem is None
    assert application.note_issue_problem("unprintable-text", at=AT) is None  # it came late


def test_a_failed_issue_does_not_move_the_time_of_the_status() -> None:
    application = approved()
    application.note_issue_problem("unprintable-text", at=AT + timedelta(hours=1))
    assert application.status_since == AT


@pytest.mark.parametrize("service_id", [RETURN, POWER])
def test_what_is_not_digital_is_handed_over_once_and_by_the_post_only(service_id: str) -> None:
    application = ready(service_id)
    refuses(application, errors.ApplicationNotFound, lambda: application.record_handover(by=ELSEWHERE, at=AT))
    act = application.record_handover(by=HEAD, at=AT)
    assert (application.status, application.handed_over_at) == (Status.HANDED_OVER, AT)
    assert (act.action, act.event, act.by.role) == (Action.RECORD_HANDOVER, None, "head")
    refuses(application, errors.AlreadyHandedOver, lambda: application.record_handover(by=INTAKE, at=AT))
    refuses(application, errors.AlreadyDecided, lambda: application.withdraw(by=CITIZEN, at=AT))


def test_nothing_is_handed_over_before_it_is_ready_or_where_it_is_digital() -> None:
    early, digital = approved(RETURN), ready()
    refuses(early, errors.NotReadyToHandOver, lambda: early.record_handover(by=INTAKE, at=AT))
    refuses(digital, errors.NothingToHandOver, lambda: digital.record_handover(by=INTAKE, at=AT))


def test_an_event_of_the_document_that_comes_after_the_handover_changes_nothing() -> None:
    application = ready(RETURN)
    application.record_handover(by=INTAKE, at=AT)
    assert application.mark_ready("d1", at=AT) is None
    assert application.note_issue_problem("unprintable-text", at=AT) is None
    assert application.status is Status.HANDED_OVER


def test_an_expired_draft_keeps_nothing_of_what_was_typed() -> None:
    application = complete()
    act = application.expire(at=AT)
    assert act is not None
    assert isinstance(act.event, ApplicationExpired)
    assert (application.status, application.answers, application.attachment) == (Status.EXPIRED, {}, None)
    refuses(application, errors.DraftExpired, lambda: submit(application))


def test_what_was_handed_in_does_not_expire() -> None:
    application = submitted()
    assert application.expire(at=AT) is None
    assert application.answers


def test_a_message_that_did_not_arrive_is_noted_in_any_state() -> None:
    for application in (submitted(), approved(), draft()):
        assert application.note_undeliverable("outcome-unknown", at=AT).reason == "outcome-unknown"


def test_a_dossier_exists_only_when_cleared_for_issue() -> None:
    for waiting in (proposed(), approved(RETURN), approved(POWER)):
        refuses(waiting, errors.NoDossier, waiting.must_have_dossier)
    assert approved().must_have_dossier() == AT
