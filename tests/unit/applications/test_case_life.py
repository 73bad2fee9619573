"""Random lives: 100,000 acts of any people in any order move a case only along the table, or leave all of it as it was."""

from collections import Counter
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain import after_issue, asking, correspondence, queue_acts
from services.applications.domain.application import Application
from services.applications.domain.asked import Mark
from services.applications.domain.attachments import Attachment
from services.applications.domain.fees import FeeState, Money
from services.applications.domain.journal import Act, Action, service
from services.applications.domain.permissions import officer_may
from services.applications.domain.relations import NONE_DECLARED
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import OPEN, Status
from services.applications.domain.transitions import ENDS, TRANSITIONS, IllegalMove, must_be_legal
from shared.actors import Citizen, Officer
from shared.contracts.applications import OutcomeKind
from shared.errors import DomainError
from tests.unit.applications.cases import ANSWERS, AT, CITIZEN, FORMATS, POST, POWER, REGISTRATION, RETURN, complete

STEPS, SEED = 100_000, 20_261_123
REASON = {REGISTRATION: "card-missing-or-wrong", RETURN: "valid-passport-held", POWER: "powers-unclear"}
EVERYTHING = frozenset({"intake", "deciding", "head"})
ROLES = [EVERYTHING, EVERYTHING, frozenset({"intake"}), frozenset({"deciding"}), frozenset({"head"})]
MINISTRY = Officer.of_post("cholpon", "mfa", {"ministry"})
ELSEWHERE = the_catalogue().post("nov")
# of others' modules: what each does besides the state is tested with them, and none of them changes it
OTHERS = {
    Action.START, Action.INVITE_COSIGNER, Action.COSIGN, Action.DECLINE_TO_COSIGN, Action.ASSIST, Action.CONFIRM_WARNING,
    Action.NOTE_TERM, Action.EXTEND_TERM,
}  # fmt: skip
USUAL: dict[Status, list[str]] = {  # so that lives get far; all else is tried too, in a third of the steps
    Status.DRAFT: ["submit"],
    Status.FEE_DUE: ["settle_fee"],
    Status.SUBMITTED: ["claim"],
    Status.IN_REVIEW: ["propose_approval"] * 5 + ["propose_refusal", "request_papers", "ask_body"],
    Status.PAPERS_REQUESTED: ["change", "attach", "hand_in_again", "hand_in_again", "run_out", "take_back_request", "move"],
    Status.WITH_ANOTHER_BODY: ["note_body_answer"],
    Status.PROPOSED: ["approve", "approve", "approve", "refuse", "send_back"],
    Status.APPROVED: ["mark_ready"],
    Status.AWAITING_BLANK: ["record_blank"],
    Status.AWAITING_VISIT: ["record_identity_check"],
    Status.AWAITING_ARRIVAL: ["record_arrival"],
    Status.READY: ["record_handover", "record_sent", "correct", "annul"],
    Status.HANDED_OVER: ["correct", "annul"],
    Status.SENT: ["correct", "annul"],
}
MARKS = {kind: (Mark("/answers/full_name", "does-not-agree"), Mark("/attachment", "unreadable")) for kind in ANSWERS}


def definition_of(kind: str, outcome: OutcomeKind | None) -> ServiceDefinition:
    found = the_catalogue().versions[kind, 1]
    return found.model_copy(update={"outcome": outcome}) if outcome else found


class World:
    """One case, and what may happen to it."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.now = chance, AT
        self.kind = chance.choice([REGISTRATION, RETURN, POWER])
        elsewhere = self.kind == REGISTRATION and chance.random() < 0.4
        self.definition = definition_of(self.kind, OutcomeKind.MADE_ELSEWHERE if elsewhere else None)
        self.case = copy(complete(self.kind))
        self.first = chance.choice([FeeState(), FeeState(), FeeState(review="due"), FeeState(issue="due")])
        self.documents = 0

    def acts(self) -> dict[str, Callable[[], Act | None]]:
        case, at, chance = self.case, self.now, self.chance
        citizen = CITIZEN if chance.random() < 0.8 else Citizen("timur")
        by = Officer.of_post(chance.choice(["o1", "o2", "o3"]), chance.choice(["yek"] * 6 + ["nov"]), chance.choice(ROLES))
        head = chance.choice([by, MINISTRY])
        rules: dict[str, Any] = {"definition": self.definition, "at": at}
        form: dict[str, Any] = {**rules, "post": POST, "formats": FORMATS}
        reason, name = REASON[self.kind], f"Айгерим {'Токтобекова' if chance.random() < 0.5 else 'Токтосунова'}"
        file = Attachment(f"f{chance.randrange(9)}", "image/png", 1, "0" * 64, at)
        return {
            "save_answers": lambda: case.save_answers({**ANSWERS[self.kind], "full_name": name}, by=citizen, at=at),
            "attach": lambda: case.attach(file, by=citizen, at=at),
            "detach": lambda: case.detach(file.id, by=citizen, at=at),
            "submit": lambda: case.submit(by=citizen, fee=self.first, **form),
            "settle_fee": lambda: case.note_fee(FeeState(review="paid", issue="paid"), by=service("payments"), at=at),
            "note_fee": lambda: case.note_fee(FeeState(issue="waived"), by=service("payments"), at=at),
            "take_back_payment": self.take_back,
            "remind_of_fee": lambda: case.remind_of_fee(pay_by=at.date(), until=at, at=at),
            "lapse": lambda: case.lapse(at=at),
            "withdraw": lambda: case.withdraw(by=citizen, at=at),
            "expire": lambda: case.expire(at=at),
            "claim": lambda: case.claim(by=by, at=at),
            "release": lambda: case.release(by=by, at=at),
            "assign": lambda: queue_acts.assign(case, chance.choice(["o1", "o2"]), by=by, at=at, relations=NONE_DECLARED),
            "claim_ran_out": lambda: queue_acts.run_out(case, case.claimed_by or "", case.status_since or at, at=at),
            "move": lambda: queue_acts.move(case, chance.choice([POST, ELSEWHERE]), closure="c", at=at),
            "request_papers": lambda: asking.request_papers(
                case, MARKS[self.kind], {}, by=by, until=at + timedelta(days=30), **rules
            ),
            "take_back_request": lambda: asking.take_back_request(case, by=by, at=at),
            "change": lambda: asking.change_what_was_asked(case, {"full_name": name}, by=citizen, **form),
            "change_another": lambda: asking.change_what_was_asked(case, {"full_name_latin": "OTHER"}, by=citizen, **form),
            "hand_in_again": lambda: asking.hand_in_again(case, by=citizen, explained=True, **form),
            "run_out": lambda: asking.run_out(case, case.asked.sequence if case.asked else 0, at=at),
            "ask_body": lambda: asking.ask_body(case, "civil-status-office", by=by, at=at),
            "note_body_answer": lambda: asking.note_body_answer(case, by=by, at=at),
            "write_to_post": lambda: correspondence.write_to_post(case, by=citizen, unanswered=0, at=at),
            "write_to_citizen": lambda: correspondence.write_to_citizen(case, by=by, at=at),
            "keep_original": lambda: correspondence.keep_original(case, by=by, at=at),
            "return_original": lambda: correspondence.return_original(case, by=by, at=at),
            "put_in_pouch": lambda: correspondence.put_in_pouch(case, by=by, at=at),
            "note_pouch_arrived": lambda: correspondence.note_pouch_arrived(case, by=by, at=at),
            "propose_approval": lambda: case.propose_approval(by=by, at=at),
            "propose_refusal": lambda: case.propose_refusal(reason, by=by, **rules),
            "refer": lambda: case.refer("mow", by=by, at=at),
            "send_back": lambda: case.send_back("proposal-needs-another-look", by=by, **rules),
            "approve": lambda: case.approve(by=by, at=at),
            "refuse": lambda: case.refuse(reason, by=by, **rules),
            "record_blank": lambda: case.record_blank("СВ-1234567", by=by, **rules),
            "record_identity_check": lambda: case.record_identity_check(by=by, at=at),
            "record_arrival": lambda: after_issue.record_arrival(case, by=by, at=at),
            "record_handover": lambda: case.record_handover(by=by, at=at),
            "record_sent": lambda: after_issue.record_sent(case, "courier", by=by, at=at),
            "correct": lambda: after_issue.correct(case, {"full_name": name}, "our-mistake", by=head, **form),
            "annul": lambda: after_issue.annul(case, "issued-by-mistake", by=head, at=at),
            "mark_ready": lambda: case.mark_ready(f"d{case.revision}", at=at),
            "note_issue_problem": lambda: case.note_issue_problem("unprintable-text", at=at),
            "note_undeliverable": lambda: case.note_undeliverable("outcome-unknown", at=at),
        }

    def take_back(self) -> Act | None:
        if self.case.fee.state != "paid":
            return None
        owed, taken, by = FeeState(issue="due"), Money(2_000, "USD"), service("payments")
        return self.case.take_back_payment(owed, taken, pay_by=self.now.date(), by=by, at=self.now)

    def step(self) -> tuple[str, Status, Act | None]:
        """Out: what was tried, the state before, and the act where it was let."""
        acts, usual = self.acts(), USUAL.get(self.case.status)
        name = self.chance.choice(usual if usual and self.chance.random() < 0.66 else list(acts))
        before, status = copy(self.case), self.case.status
        try:
            act = acts[name]()
        except DomainError:
            act = None
        if act is None:
            assert self.case == before, name
        self.now += timedelta(minutes=1)
        return name, status, act


def holds(case: Application, act: Act, before: Status) -> None:
    """What must be so after every act."""
    move, after = TRANSITIONS[act.action], case.status
    assert before in move.starts
    assert after in move.leads if move.changes_state else after is before
    assert act.sequence == case.version
    assert act.event is None or (act.event.sequence, act.event.acted_by_role) == (case.version, act.by.role or act.by.kind)
    if after in (Status.APPROVED, Status.AWAITING_BLANK, Status.AWAITING_VISIT, Status.AWAITING_ARRIVAL, Status.READY):
        assert case.decided_by
        assert case.decided_by not in (case.claimed_by, case.proposal and case.proposal.by)
    if act.action in (Action.APPROVE, Action.RECORD_BLANK, Action.RECORD_IDENTITY_CHECK, Action.RECORD_ARRIVAL):
        assert after is not Status.APPROVED or not case.fee.blocks("issue")
    if act.action in (Action.CORRECT, Action.RECORD_HANDOVER, Action.RECORD_SENT):
        assert not case.fee.blocks("issue"), "a payment was taken back"
    if act.action in (Action.CORRECT, Action.ANNUL):
        assert act.by.id not in (case.decided_by, case.claimed_by)


def test_a_hundred_thousand_acts_move_cases_only_along_the_table_and_all_of_it_is_walked() -> None:
    chance = Random(SEED)
    walked: Counter[tuple[Action, Status, Status]] = Counter()
    world = World(chance)
    ended = 0
    for _ in range(STEPS):
        _name, before, act = world.step()
        if act is not None:
            holds(world.case, act, before)
            walked[act.action, before, world.case.status] += 1
        ended = ended + 1 if world.case.status in ENDS else 0
        if ended > 12 or (ended and world.case.status not in (Status.HANDED_OVER, Status.SENT) and ended > 4):
            world, ended = World(chance), 0
    table = {(action, status) for action, move in TRANSITIONS.items() for status in move.starts if move.changes_state}
    assert table - {(action, before) for action, before, _ in walked} == set()
    led = {(action, after) for action, move in TRANSITIONS.items() if action not in OTHERS for after in move.leads}
    assert led - {(action, after) for action, _, after in walked} == set()
    assert set(TRANSITIONS) - OTHERS == {action for action, _, _ in walked}


def test_what_a_page_offers_an_officer_is_never_against_the_table() -> None:
    chance = Random(SEED + 1)
    acts = {
        "claim": Action.CLAIM, "propose": Action.PROPOSE_APPROVAL, "release": Action.RELEASE, "refer": Action.REFER,
        "decide": Action.APPROVE, "send_back": Action.SEND_BACK, "record_blank": Action.RECORD_BLANK,
        "identity_check": Action.RECORD_IDENTITY_CHECK, "handover": Action.RECORD_HANDOVER,
        "take_back_request": Action.TAKE_BACK_REQUEST, "note_body_answer": Action.NOTE_BODY_ANSWER,
        "record_arrival": Action.RECORD_ARRIVAL, "change_issued": Action.ANNUL,
    }  # fmt: skip
    world = World(chance)
    for number in range(2_000):
        world.step()
        for offered in officer_may(world.case, Officer.of_post("o1", "yek", EVERYTHING), NONE_DECLARED):
            assert world.case.status in TRANSITIONS[acts[offered]].starts, offered
        if number % 40 == 0:
            world = World(chance)


def test_every_act_of_the_journal_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Action)


def test_nothing_leads_out_of_a_refused_withdrawn_expired_or_annulled_case() -> None:
    over = {Status.REFUSED, Status.WITHDRAWN, Status.EXPIRED, Status.ANNULLED}
    assert [action for action, move in TRANSITIONS.items() if move.changes_state and over & set(move.starts)] == []


def test_every_open_case_can_end() -> None:
    ways = {(start, to) for move in TRANSITIONS.values() for start in move.starts for to in move.leads}
    for status in OPEN:
        reached, new = {status}, {status}
        while new:
            new = {to for start, to in ways if start in new} - reached
            reached |= new
        assert reached & set(ENDS), status


@pytest.mark.parametrize(("before", "after"), [(Status.DRAFT, Status.APPROVED), (Status.REFUSED, Status.IN_REVIEW)])
def test_a_move_that_is_not_in_the_table_is_a_mistake_and_is_not_made(before: Status, after: Status) -> None:
    with pytest.raises(IllegalMove):
        must_be_legal(Action.APPROVE, before, after)


def test_a_question_that_ran_out_when_it_was_asked_anew_changes_nothing() -> None:
    world = World(Random(1))
    case = complete(REGISTRATION)
    at: datetime = world.now
    case.submit(by=CITIZEN, definition=definition_of(REGISTRATION, None), post=POST, formats=FORMATS, at=at)
    officer = Officer.of_post("o1", "yek", EVERYTHING)
    case.claim(by=officer, at=at)
    rules: dict[str, Any] = {"definition": definition_of(REGISTRATION, None), "until": at, "at": at}
    asking.request_papers(case, MARKS[REGISTRATION], {}, by=officer, **rules)
    first = case.asked.sequence if case.asked else 0
    asking.take_back_request(case, by=officer, at=at)
    asking.request_papers(case, MARKS[REGISTRATION], {}, by=officer, **rules)
    assert asking.run_out(case, first, at=at) is None
    assert case.status is Status.PAPERS_REQUESTED
