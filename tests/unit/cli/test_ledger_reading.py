"""What ./eshik ledger says of approvals and the register, from evidence alone."""

from cli.ledger_reading import Approval, ApprovalsAccount


def faults(**evidence: Approval) -> list[str]:
    (verdict,) = ApprovalsAccount(None, None).judge(evidence)
    return [fault.id for fault in verdict.faults]


def test_a_ready_application_without_its_document_is_told_also_when_the_inbox_has_forgotten_the_order() -> None:
    assert faults(a=Approval(approved=True, status="handed_over")) == ["a"]
    assert faults(a=Approval(said=True, approved=True, status="ready")) == ["a"], "once, not twice"


def test_an_approval_that_documents_has_not_heard_of_yet_is_no_fault() -> None:
    assert faults(a=Approval(approved=True), b=Approval(said=True, approved=True, status="ready", state="issued")) == []
