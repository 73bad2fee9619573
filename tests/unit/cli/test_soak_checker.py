"""What a soak's checker says of a run that went well, and of each fault planted into one."""

from collections import Counter
from typing import Any

import pytest

from cli.soak import history as acts
from cli.soak.chaos import Injected
from cli.soak.checker import check
from cli.soak.evidence import Evidence
from cli.soak.history import Act, Case, History
from cli.soak.run import Ledger, Result

STEPS = (acts.START, acts.SAVE, acts.ATTACH, acts.SUBMIT, acts.CLAIM, acts.PROPOSE_APPROVAL, acts.APPROVE)
NOTICES = ("application_received", "document_ready")


def a_run() -> tuple[History, Evidence]:
    """One case of a digital document, from its beginning to its messages, all acknowledged and all there."""
    case = Case("a1", "YEK-26-AAAA", "umut", "registration", "registration", status="approved", version=7, answers={"name": "x"})
    made = [
        Act(name, "a1", "" if name in acts.WITHOUT_KEY else f"who:{name}", tries=1, outcome="acknowledged", version=number)
        for number, name in enumerate(STEPS, start=1)
    ]
    case.acts = made[1:]
    row = {
        "_id": "a1",
        "status": "ready",
        "version": 8,
        "outcome": "digital_document",
        "document_id": "d1",
        "answers": {"name": "x"},
    }
    found = Evidence(
        applications={"a1": row},
        journal={"a1": [{"sequence": number, "action": name} for number, name in enumerate([*STEPS, acts.READY], start=1)]},
        documents={"a1": [{"_id": "d1", "state": "issued", "numbering": {"number": "YEK-KU-2026-000001"}}]},
        verified={"d1": "valid"},
        messages={"a1": [a_message(notice, channel) for notice in NOTICES for channel in ("email", "sms")]},
        answered={act.scope: {"id": "a1", "version": act.version} for act in made if act.scope},
        listed={"a1": "ready"},
    )
    found.arrived = Counter({row["_id"]: 1 for row in found.messages["a1"]})
    return History(cases={"a1": case}, starts=made[:1]), found


def begin_another(found: Evidence) -> None:
    found.applications["a2"] = {"_id": "a2", "status": "draft", "version": 1, "outcome": "digital_document"}
    found.journal["a2"] = [{"sequence": 1, "action": acts.START}]
    found.listed["a2"] = "draft"


def a_message(notice: str, channel: str, state: str = "sent") -> dict[str, Any]:
    return {"_id": f"{notice}/{channel}", "notice": notice, "channel": channel, "state": state}


def faults(history: History, found: Evidence) -> tuple[int, int, int]:
    verdict = check(history, found)
    return verdict.lost, verdict.duplicated, verdict.unexpected


def test_a_run_in_which_all_is_there_once_is_clean() -> None:
    history, found = a_run()
    verdict = check(history, found)
    assert verdict.wrong == []
    assert (verdict.attempted, verdict.acknowledged, verdict.recovered) == (7, 7, 0)


def test_an_acknowledged_act_that_the_journal_does_not_have_is_lost() -> None:
    history, found = a_run()
    history.cases["a1"].acts.append(Act(acts.RELEASE, "a1", "", tries=1, outcome="acknowledged"))
    assert faults(history, found) == (1, 0, 0)


def test_a_case_that_is_gone_is_lost() -> None:
    history, found = a_run()
    del found.applications["a1"]
    assert check(history, found).lost >= 1


def test_an_act_without_an_answer_that_is_not_there_is_no_fault() -> None:
    history, found = a_run()
    history.cases["a1"].acts.append(Act(acts.HANDOVER, "a1", "who:h", tries=1, unanswered=1, outcome="unknown"))
    assert faults(history, found) == (0, 0, 0)


def test_an_act_without_an_answer_that_is_there_is_recovered() -> None:
    history, found = a_run()
    history.cases["a1"].acts[-1].outcome = "unknown"
    verdict = check(history, found)
    assert (verdict.recovered, verdict.wrong) == (1, [])


def test_an_act_that_is_there_twice_is_duplicated() -> None:
    history, found = a_run()
    history.cases["a1"].acts = [act for act in history.cases["a1"].acts if act.name != acts.APPROVE]
    history.cases["a1"].acts.append(Act(acts.APPROVE, "a1", "", tries=1, outcome="acknowledged"))
    found.answered.pop(f"who:{acts.APPROVE}")
    found.journal["a1"][-1:] = [{"sequence": 8, "action": acts.APPROVE}]
    assert check(history, found).duplicated >= 1


def test_a_second_document_is_duplicated() -> None:
    history, found = a_run()
    found.documents["a1"].append({"_id": "d2", "state": "issued", "numbering": {"number": "YEK-KU-2026-000002"}})
    assert faults(history, found) == (0, 1, 0)


def test_a_number_that_two_documents_have_is_duplicated() -> None:
    history, found = a_run()
    found.documents["elsewhere"] = found.documents["a1"]
    assert faults(history, found) == (0, 1, 0)


def test_a_document_that_does_not_verify_is_lost() -> None:
    history, found = a_run()
    found.verified["d1"] = "unknown"
    assert faults(history, found) == (1, 0, 0)


def test_a_document_without_an_approval_is_unexpected() -> None:
    history, found = a_run()
    found.applications["a1"]["outcome"] = "print_on_blank"
    assert check(history, found).unexpected >= 1


def test_a_message_that_is_missing_is_lost() -> None:
    history, found = a_run()
    gone = found.messages["a1"].pop()
    del found.arrived[gone["_id"]]
    assert faults(history, found) == (1, 0, 0)


def test_a_message_that_counts_as_sent_and_never_arrived_is_lost() -> None:
    history, found = a_run()
    found.arrived[found.messages["a1"][0]["_id"]] = 0
    assert faults(history, found) == (1, 0, 0)


def test_a_message_that_arrived_twice_is_duplicated() -> None:
    history, found = a_run()
    found.arrived[found.messages["a1"][0]["_id"]] = 2
    assert faults(history, found) == (0, 1, 0)


def test_a_message_declared_unknown_may_or_may_not_have_arrived() -> None:
    history, found = a_run()
    for number, message in enumerate(found.messages["a1"][:2]):
        message["state"] = "unknown"
        found.arrived[message["_id"]] = number
    verdict = check(history, found)
    assert (verdict.wrong, verdict.unknown_messages) == ([], 2)


def test_a_message_that_nobody_queued_is_unexpected() -> None:
    history, found = a_run()
    found.arrived["who-knows"] = 1
    assert faults(history, found) == (0, 0, 1)


def test_a_case_that_nobody_began_is_unexpected() -> None:
    history, found = a_run()
    begin_another(found)
    assert faults(history, found) == (0, 0, 1)


def test_an_unanswered_beginning_that_became_a_case_is_recovered() -> None:
    history, found = a_run()
    history.starts.append(Act(acts.START, "", "who:again", tries=2, unanswered=2, outcome="unknown"))
    found.answered["who:again"] = {"id": "a2", "version": 1}
    begin_another(found)
    verdict = check(history, found)
    assert (verdict.recovered, verdict.wrong) == (1, [])


def test_an_act_that_was_refused_and_is_done_all_the_same_is_unexpected() -> None:
    history, found = a_run()
    history.cases["a1"].acts.append(Act(acts.WITHDRAW, "a1", "who:w", tries=1, outcome="refused"))
    found.answered["who:w"] = {"id": "a1", "version": 5}
    assert faults(history, found) == (0, 0, 1)


def test_a_step_that_the_state_does_not_allow_is_unexpected() -> None:
    history, found = a_run()
    entries = found.journal["a1"]
    entries[4]["action"], entries[5]["action"] = entries[5]["action"], entries[4]["action"]
    assert faults(history, found) == (0, 0, 1)


def test_a_hole_in_the_journal_is_lost() -> None:
    history, found = a_run()
    found.journal["a1"].pop(2)
    assert check(history, found).lost >= 1


def test_answers_other_than_those_acknowledged_last_are_lost() -> None:
    history, found = a_run()
    found.applications["a1"]["answers"] = {}
    assert faults(history, found) == (1, 0, 0)


def test_a_case_that_its_citizen_is_not_shown_is_lost() -> None:
    history, found = a_run()
    found.listed.clear()
    assert faults(history, found) == (1, 0, 0)


def test_a_case_that_its_citizen_is_shown_in_another_state_is_unexpected() -> None:
    history, found = a_run()
    found.listed["a1"] = "refused"
    assert faults(history, found) == (0, 0, 1)


def test_a_dead_letter_is_lost_and_a_job_given_up_is_unsettled() -> None:
    history, found = a_run()
    found.dead, found.given_up = [{"_id": "m1", "queue": "documents.inbox", "reason": "handler-failed"}], ["documents: issue"]
    verdict = check(history, found)
    assert (verdict.lost, verdict.unsettled) == (1, 1)


@pytest.mark.parametrize("fault", ["lost", "duplicated", "unexpected", "unsettled"])
def test_anything_wrong_makes_the_run_fail(fault: acts.Fault) -> None:
    history, found = a_run()
    assert result_of(history, found).holds
    history.note(fault, "a1", "planted")
    assert not result_of(history, found).holds


def test_a_ledger_that_does_not_hold_makes_the_run_fail() -> None:
    history, found = a_run()
    assert not result_of(history, found, Ledger(holds=False)).holds


def result_of(history: History, found: Evidence, ledger: Ledger | None = None) -> Result:
    return Result(1, 2, history, Injected(), check(history, found), ledger or Ledger(holds=True), 1.0, {})
