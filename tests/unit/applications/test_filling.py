"""Who must confirm a draft, until when, and what a change after it means."""

from datetime import timedelta

import pytest

from services.applications.domain.asked import Mark, PapersRequest
from services.applications.domain.errors import NotADraft
from services.applications.domain.filling import INVITATION_LASTS, Filling
from services.applications.domain.filling_acts import answer, invite, must_be_confirmed, note_confirming, to_confirm
from services.applications.domain.filling_errors import (
    AlreadyConfirmed,
    ConfirmedAsAnother,
    MayNotConfirmOwn,
    NoSuchInvitation,
    NotConfirmedAnew,
    NotYetConfirmed,
    UnknownCosigner,
)
from services.applications.domain.status import Status
from services.applications.domain.turn import not_ready
from shared.actors import Assurance, Citizen
from tests.unit.applications.cases import AT, CITIZEN, INTAKE, RETURN, draft
from tests.unit.applications.conditional import CHILD, SECOND_PARENT, conditional

DEFINITION, OTHER = conditional(), Citizen("bakyt")
SECRET = "a hash"
MARKED = PapersRequest((Mark("/answers/birth_place", "unreadable"),), ("/answers/birth_place",), "nurlan", AT, AT, 3)


class Case:
    """A draft with its filling, as the use cases hold them."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.draft = draft(RETURN)
        self.filling = Filling(self.draft.id, self.draft.citizen_id)
        self.answer(answers)

    def answer(self, answers: dict[str, str]) -> None:
        before = dict(self.draft.answers)
        self.draft.save_answers(answers, by=CITIZEN, at=AT)
        self.filling.note_answers(before, answers, version=self.draft.version)

    def wanted(self, at: timedelta = timedelta()) -> list[str]:
        return [each.state for each in to_confirm(self.draft, self.filling, DEFINITION, AT.date(), AT + at)]

    def invite(self, secret: str = SECRET) -> None:
        wanted = to_confirm(self.draft, self.filling, DEFINITION, AT.date(), AT)
        invite(self.draft, self.filling, wanted, "second-parent", secret, by=CITIZEN, at=AT)

    def confirm(self, *, by: Citizen = OTHER, secret: str = SECRET, at: timedelta = timedelta()) -> bool:
        seen = self.draft.version
        return answer(self.draft, self.filling, secret, "confirmed", seen=seen, by=by, at=AT + at) is not None


def test_a_second_parent_is_needed_for_a_child_only() -> None:
    assert Case(CHILD | SECOND_PARENT).wanted() == ["to_invite"]
    grown_up = Case(CHILD | {"birth_date": "1990-04-23"})
    assert grown_up.wanted() == []
    with pytest.raises(UnknownCosigner):
        grown_up.invite()


def test_it_is_not_handed_in_before_they_confirmed_what_is_answered_now() -> None:
    case = Case(CHILD | SECOND_PARENT)

    def must_be() -> None:
        must_be_confirmed(to_confirm(case.draft, case.filling, DEFINITION, AT.date(), AT))

    case.invite()
    with pytest.raises(NotYetConfirmed):
        must_be()
    assert case.confirm()
    must_be()
    case.answer(CHILD | SECOND_PARENT | {"birth_place": "Нарын"})
    with pytest.raises(NotYetConfirmed):
        must_be()
    assert case.wanted() == ["changed"]


def test_saying_it_twice_is_saying_it_once() -> None:
    case = Case(CHILD | SECOND_PARENT)
    case.invite()
    assert case.confirm()
    assert not case.confirm()
    with pytest.raises(AlreadyConfirmed):
        case.invite("another")


def test_an_invitation_is_for_one_other_person_and_runs_out() -> None:
    case = Case(CHILD | SECOND_PARENT)
    case.invite()
    with pytest.raises(MayNotConfirmOwn):
        case.confirm(by=CITIZEN)
    with pytest.raises(NoSuchInvitation):
        case.confirm(secret="another")
    with pytest.raises(NoSuchInvitation):
        case.confirm(at=INVITATION_LASTS)
    assert case.wanted(INVITATION_LASTS) == ["run_out"]
    assert case.confirm(at=INVITATION_LASTS - timedelta(seconds=1))
    assert case.wanted(2 * INVITATION_LASTS) == ["confirmed"], "what was confirmed in time stands"
    with pytest.raises(NoSuchInvitation):
        case.confirm(by=Citizen("timur"))


def test_what_the_post_had_changed_after_the_submission_is_confirmed_anew_by_the_same_person() -> None:
    case = Case(CHILD | SECOND_PARENT)
    case.invite()
    assert case.confirm()
    case.draft.status, case.draft.asked = Status.PAPERS_REQUESTED, MARKED
    before = dict(case.draft.answers)
    case.draft.answers = before | {"birth_place": "Нарын"}
    case.filling.note_answers(before, case.draft.answers, version=case.draft.version + 1)
    case.draft.version += 1
    assert case.wanted() == ["changed"]
    assert case.confirm()
    assert case.wanted() == ["confirmed"]
    case.draft.status = Status.IN_REVIEW
    with pytest.raises(NotADraft):
        case.confirm()


def test_what_the_post_goes_on_with_unconfirmed_can_be_confirmed_still_and_is_then_ready_to_decide() -> None:
    case = Case(CHILD | SECOND_PARENT)
    case.invite()
    assert case.confirm()
    case.answer(CHILD | SECOND_PARENT | {"birth_place": "Нарын"})
    case.draft.status, case.draft.claimed_by = Status.IN_REVIEW, INTAKE.id
    note_confirming(case.draft, to_confirm(case.draft, case.filling, DEFINITION, AT.date(), AT))
    assert (not_ready(case.draft), case.draft.turn.ready) == (["unconfirmed"], False)
    with pytest.raises(NotConfirmedAnew):
        case.draft.propose_approval(by=INTAKE, at=AT)
    assert case.confirm()
    note_confirming(case.draft, to_confirm(case.draft, case.filling, DEFINITION, AT.date(), AT))
    assert (not_ready(case.draft), case.draft.turn.ready) == ([], True)
    case.draft.propose_approval(by=INTAKE, at=AT)


def test_two_who_must_confirm_are_two_people() -> None:
    case = Case(CHILD | SECOND_PARENT)
    case.invite()
    assert case.confirm()
    case.filling.invite("guardian", "another hash", at=AT)
    with pytest.raises(ConfirmedAsAnother):
        case.confirm(secret="another hash")
    assert case.confirm(by=Citizen("timur"), secret="another hash")


def test_what_is_known_of_who_confirmed_is_kept_as_it_was_then() -> None:
    case = Case(CHILD | SECOND_PARENT)
    case.invite()
    assert case.confirm(by=Citizen("bakyt", assurance=Assurance.COUNTER_SEEN))
    (shown,) = to_confirm(case.draft, case.filling, DEFINITION, AT.date(), AT)
    assert shown.assurance is Assurance.COUNTER_SEEN


def test_what_an_officer_compared_must_be_compared_anew_once_answers_change() -> None:
    case = Case(CHILD)
    assert case.filling.confirm_warning("name-script /answers/full_name")
    assert not case.filling.confirm_warning("name-script /answers/full_name")
    case.answer(CHILD | {"full_name": "Aigerim"})
    assert case.filling.confirmed == ()
