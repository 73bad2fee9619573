"""Which papers a case needs and has, and cases stored when they had one file at most."""

from dataclasses import replace
from datetime import date

import pytest

from services.applications.domain.attachments import Attachment, missing_papers, paper_pointer, uploaded
from services.applications.domain.papers import ONLY_PAPER, PaperRule
from services.applications.domain.sourced import Condition
from services.applications.schema import MAPPER, file_ids
from services.applications.uploads.limits import the_limits
from tests.unit.applications.cases import AT, CITIZEN, draft

DAY = date(2026, 11, 23)
CHILD = PaperRule(code="birth-certificate", label="Birth certificate", needed=(Condition(field="born", age_below=16),))
BROUGHT = PaperRule(code="old-passport", label="Old passport", bring="original")
BOTH = PaperRule(code="proof", label="Proof", bring="both")
OPTIONAL = PaperRule(code="letter", label="Letter", required=False)
PAPERS = (CHILD, BROUGHT, BOTH, OPTIONAL)


def file(paper: str, *findings: str) -> Attachment:
    return Attachment(f"f-{paper}", "image/png", 10, "0" * 64, AT, paper=paper, redrawn=True, findings=findings)


def missing(born: str, *files: Attachment) -> list[str]:
    return [error.pointer for error in missing_papers(PAPERS, files, {"born": born}, DAY)]


@pytest.mark.parametrize(
    ("born", "pointers"),
    [("2010-11-24", ["/papers/birth-certificate", "/papers/proof"]), ("2010-11-23", ["/papers/proof"]), ("", ["/papers/proof"])],
)
def test_a_paper_is_missing_only_where_the_answers_ask_for_it(born: str, pointers: list[str]) -> None:
    assert missing(born) == pointers


def test_an_original_is_never_uploaded_and_what_is_optional_is_never_missing() -> None:
    assert [paper.code for paper in uploaded(PAPERS, {}, DAY)] == ["proof", "letter"]
    assert missing("", file("proof")) == []


def test_of_a_photograph_what_is_measured_stops_and_what_is_judged_does_not() -> None:
    assert missing("", file("proof", "photo-blurred", "photo-dark-background")) == []
    assert missing("", file("proof", "photo-blurred", "photo-too-small")) == ["/papers/proof"]


def test_a_new_file_takes_the_place_of_those_of_its_paper_alone_unless_it_is_kept_beside_them() -> None:
    case = draft()
    case.attach(file("letter"), by=CITIZEN, at=AT)
    case.attach(Attachment("f2", "image/png", 1, "1" * 64, AT, paper="letter"), by=CITIZEN, at=AT, beside=True)
    assert [each.id for each in case.attachments if each.paper == "letter"] == ["f-letter", "f2"]
    case.attach(Attachment("f3", "image/png", 1, "1" * 64, AT, paper="letter"), by=CITIZEN, at=AT)
    assert [each.id for each in case.attachments if each.paper == "letter"] == ["f3"]
    assert case.detach("f3", by=CITIZEN, at=AT) is not None
    assert case.detach("f3", by=CITIZEN, at=AT) is None


def test_the_only_paper_of_the_first_versions_keeps_its_pointer() -> None:
    assert (paper_pointer(ONLY_PAPER), paper_pointer("photo")) == ("/attachment", "/papers/photo")


def test_a_case_stored_with_one_file_is_read_with_its_papers_and_its_file_is_found_to_be_swept() -> None:
    document = MAPPER.to_document(draft())
    held = {"id": "f1", "media_type": "image/png", "size": 1, "sha256": "0" * 64, "stored_at": AT}
    old = {name: value for name, value in document.items() if name != "attachments"}
    old |= {"schema_version": 1, "attachment": held}
    read = MAPPER.from_document(old)
    assert [(each.id, each.paper, each.kept_id, each.shown_id) for each in read.attachments] == [("f1", ONLY_PAPER, "f1", "f1")]
    assert (file_ids(old), file_ids(old | {"attachment": None})) == (["f1"], [])


def test_all_that_lies_there_for_a_file_is_known_from_its_row() -> None:
    pdf = Attachment("p", "application/pdf", 9, "0" * 64, AT, paper="proof", shown_size=5, marked_size=3)
    case = replace(draft(), attachments=(file("photo"), pdf))
    assert file_ids(MAPPER.to_document(case)) == ["f-photo-shown", "p", "p-shown", "p-marked"]


def test_a_paper_takes_less_than_the_limit_of_every_file_where_its_rule_says_so_and_never_more() -> None:
    limit = the_limits().file_bytes
    for value, most in ((1_000, 1_000), (50_000_000, limit.value)):
        rule = OPTIONAL.model_copy(update={"max_bytes": limit.model_copy(update={"value": value})})
        assert the_limits().accepted(rule).most_bytes == most
