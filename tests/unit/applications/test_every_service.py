"""Every service that is offered: complete, every way through its form can be handed in, and nothing in it waits for ever."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.checking import lacks, parts
from services.applications.domain.attachments import Attachment, uploaded
from services.applications.domain.form import asked_fields, check_answers, check_complete
from services.applications.domain.service_definition import FormField, ServiceDefinition
from services.documents.domain.paper import PaperKind
from shared.contracts.applications import OutcomeKind
from shared.errors import InvalidInput
from shared.texts import Texts
from tests.unit.applications.test_texts import SERVICE
from tests.unit.applications.zones import passport

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY = AT.date()
GROWN, CHILD = "1990-04-23", "2019-02-01"
BY_TYPE = {
    "name": "Өмүрбек Ңанаев",
    "latin_name": "OMURBEK NANAEV",
    "phone": "+79120000101",
    "country": "RU",
    "text": "Бишкек ш., Ынтымак көчөсү, 12",
    "document_number": "AC1234567",
    "pin": "22304199000123",
    "mrz": passport(),
}
CATALOGUE = the_catalogue()
TEXTS = Texts.load(SERVICE / "locale")
each_service = pytest.mark.parametrize("service", CATALOGUE.services(), ids=lambda service: service.id)


@dataclass(frozen=True)
class Way:
    """One way through a form: what was answered, with one choice (or age) made as the name says."""

    name: str
    answers: Mapping[str, str]


def ways(service: ServiceDefinition) -> Iterator[Way]:
    """Each option of each question, with all that this opens; and once with a holder who is a child."""
    given: dict[str, list[dict[str, str]]] = {"": [{}]}
    for field in service.fields:
        before = list(leading_to(service, field))
        given[field.key] = [{**before[0], field.key: option.value} for option in field.options] if before else []
    born = service.holder_field("birth_date").key
    given["a child"] = [{born: CHILD}] if is_for(service, born, CHILD) else []
    for key, all_given in given.items():
        for chosen in all_given:
            yield Way(f"{key}={chosen.get(key, '')}", filled(service, chosen))


def leading_to(service: ServiceDefinition, field: FormField) -> Iterator[dict[str, str]]:
    """What must be answered so that this question is asked. Conditions of the catalogue are on choices."""
    if not field.needed:
        yield {}
    for condition in field.needed:
        before = service.field(condition.field)
        assert before is not None
        for found in leading_to(service, before):
            yield {**found, condition.field: condition.one_of[0]}


def filled(service: ServiceDefinition, given: Mapping[str, str]) -> dict[str, str]:
    said: dict[str, str] = {}
    for field in service.fields:
        if all(condition.holds(said, TODAY) for condition in field.needed):
            said[field.key] = given.get(field.key) or answer(service, field)
    return said


def answer(service: ServiceDefinition, field: FormField) -> str:
    if field.options:
        return field.options[0].value
    if field.type == "date":
        return "2027-01-31" if field.when == "future" else GROWN if is_for(service, field.key, GROWN) else CHILD
    return BY_TYPE[field.type]


def is_for(service: ServiceDefinition, key: str, value: str) -> bool:
    """Whether somebody who answers this may apply."""
    return service.who_may_apply is not None and not list(service.who_may_apply.refused({key: value}, TODAY))


def files(service: ServiceDefinition, answers: Mapping[str, str], day: date) -> list[Attachment]:
    wanted = uploaded(service.all_papers, answers, day)
    return [Attachment(paper.code, paper.media_types[0], 1000, "0" * 64, AT, paper=paper.code) for paper in wanted]


@each_service
def test_it_says_all_that_a_citizen_or_an_officer_looks_for(service: ServiceDefinition) -> None:
    assert lacks(service) == []


@each_service
def test_every_way_through_its_form_can_be_handed_in(service: ServiceDefinition) -> None:
    for way in ways(service):
        kept = check_complete(
            way.answers,
            attachments=files(service, way.answers, TODAY),
            definition=service,
            formats=CATALOGUE.formats,
            post=CATALOGUE.post("yek"),
            at=AT,
        )
        assert kept.keys() == way.answers.keys(), way.name


@each_service
def test_each_of_its_questions_and_papers_is_asked_for_on_some_way(service: ServiceDefinition) -> None:
    all_ways = [way.answers for way in ways(service)]
    asked = {field.key for answers in all_ways for field in asked_fields(service, answers, TODAY)}
    needed = {paper.code for answers in all_ways for paper in service.all_papers if paper.is_needed(answers, TODAY)}
    assert asked == {field.key for field in service.fields}
    assert needed == {paper.code for paper in service.all_papers}


@each_service
def test_whom_it_is_not_for_is_told_so_at_that_answer(service: ServiceDefinition) -> None:
    assert service.who_may_apply is not None
    for rule in service.who_may_apply.only:
        wrong = rule.none_of[0] if rule.none_of else GROWN if rule.age_below else CHILD
        with pytest.raises(InvalidInput) as refused:
            check_answers({rule.field: wrong}, definition=service, formats=CATALOGUE.formats, post=CATALOGUE.post("yek"), at=AT)
        assert [(error.pointer, error.message) for error in refused.value.errors] == [(f"/answers/{rule.field}", rule.text)]


AGES = {
    "passport-adult": ("birth_date", 16, None), "passport-lost": ("birth_date", 16, None),
    "passport-child": ("child_birth_date", None, 16), "meken-kart": ("birth_date", 18, None),
    "minor-travel-consent": ("child_birth_date", None, 18),
}  # fmt: skip


def test_ages_are_those_of_the_sources_to_the_very_birthday() -> None:
    limits = {
        each.id: (rule.field, rule.age_from, rule.age_below)
        for each in CATALOGUE.services()
        for rule in (each.who_may_apply.only if each.who_may_apply else ())
        if not rule.none_of
    }
    assert limits == AGES
    adult, child = CATALOGUE.service("passport-adult"), CATALOGUE.service("passport-child")
    for born, grown in (("2010-11-23", True), ("2010-11-24", False)):  # 16 today, and tomorrow
        assert is_for(adult, "birth_date", born) is grown
        assert is_for(child, "child_birth_date", born) is not grown


@each_service
def test_the_act_that_a_refusal_rests_on_is_one_that_the_service_names(service: ServiceDefinition) -> None:
    acts = {law.title for law in service.legal_basis}
    assert {reason.article for reason in service.refusal_reasons if reason.article} <= acts


def test_a_ground_of_one_mission_is_a_ground_there_only() -> None:
    for service_id in ("passport-adult", "passport-lost"):
        service = CATALOGUE.service(service_id)
        only_there = {each.code for each in service.grounds_at("was")} - {each.code for each in service.grounds_at("yek")}
        assert only_there == {"entered-as-tourist"}


@each_service
def test_a_page_of_its_form_asks_for_one_thing(service: ServiceDefinition) -> None:
    """But where it is urgent: there all is asked on two pages, and the check is the third."""
    few, many, on_a_page = (2, 2, 5) if service.urgent else (3, 10, 3)
    assert few <= len(service.steps) <= many
    for answers in (way.answers for way in ways(service)):
        for step in service.steps:
            assert len(set(step.fields) & answers.keys()) <= on_a_page, step.id


@each_service
def test_the_title_of_a_page_says_no_question_over_again(service: ServiceDefinition) -> None:
    for step in service.steps:
        assert step.title not in [field.label for field in service.fields if field.key in step.fields], step.id


@each_service
def test_what_is_our_own_default_is_not_marked_as_read_somewhere(service: ServiceDefinition) -> None:
    own = [
        where
        for where, part in parts(service)
        if getattr(part, "certainty", "D") != "D" and "our own default" in getattr(part, "source", "")
    ]
    assert own == []


@each_service
@pytest.mark.parametrize("language", ["ky", "ru"])
def test_its_guidance_has_the_same_paragraphs_in_every_language(service: ServiceDefinition, language: str) -> None:
    assert service.guidance is not None
    told = TEXTS.translate(service.guidance, language)
    assert told.count("\n\n") == service.guidance.count("\n\n") >= 2


def test_what_ends_in_a_paper_of_ours_is_one_that_documents_can_print() -> None:
    printed = {each.document_kind for each in CATALOGUE.services() if each.outcome is not OutcomeKind.MADE_ELSEWHERE}
    assert printed == set(PaperKind)


def test_help_is_asked_for_without_a_fee_a_file_or_a_visit_and_goes_first() -> None:
    service = CATALOGUE.service("request-for-help")
    assert service.urgent
    assert service.tariff is not None
    assert [part.amount_minor for part in service.tariff.components] == [0]
    assert [paper.required for paper in service.all_papers] == [False]
    assert service.appearance is not None
    assert (service.appearance.visits, service.officers_required.value, service.posts) == ("none", 1, ())
