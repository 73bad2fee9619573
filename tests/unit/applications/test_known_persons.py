"""What must be known of who a citizen is: as the catalogue says, before it is handed in or before it is handed over."""

from dataclasses import replace

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.errors import AssuranceTooLow, PapersNotSeen
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import Status
from shared.actors import Assurance, Citizen
from tests.unit.applications import cases

SELF_ASSERTED = Citizen("aigerim")


def needs(level: str, when: str, service_id: str = cases.RETURN) -> ServiceDefinition:
    definition = the_catalogue().service(service_id)
    changed = definition.assurance.model_copy(update={"level": level, "when": when})
    return definition.model_copy(update={"assurance": changed})


def handed_in(by: Citizen, definition: ServiceDefinition) -> Application:
    application = cases.complete(definition.id)
    application.submit(by=by, definition=definition, post=cases.POST, formats=cases.FORMATS, at=cases.AT)
    return application


def ready(by: Citizen, definition: ServiceDefinition) -> Application:
    return replace(handed_in(by, definition), status=Status.READY, document_id="d1", ready_at=cases.AT)


@pytest.mark.parametrize("level", ["counter-seen", "e-id"])
def test_a_service_that_must_know_before_it_is_handed_in_refuses_who_proved_a_contact_only(level: str) -> None:
    draft = cases.complete(cases.RETURN)
    with pytest.raises(AssuranceTooLow):
        draft.submit(by=SELF_ASSERTED, definition=needs(level, "submission"), post=cases.POST, formats=cases.FORMATS, at=cases.AT)


@pytest.mark.parametrize("known", [Assurance.COUNTER_SEEN, Assurance.E_ID])
def test_and_takes_it_from_who_is_known_as_well_or_better(known: Assurance) -> None:
    citizen = Citizen("aigerim", assurance=known)
    assert handed_in(citizen, needs("counter-seen", "submission")).status is Status.SUBMITTED


def test_a_service_that_must_know_at_the_counter_takes_it_and_is_not_handed_over_before() -> None:
    application = ready(SELF_ASSERTED, needs("counter-seen", "handover"))
    with pytest.raises(PapersNotSeen):
        application.record_handover(by=cases.INTAKE, at=cases.AT)
    assert application.status is Status.READY


def test_once_the_papers_were_seen_it_is_handed_over() -> None:
    application = replace(ready(SELF_ASSERTED, needs("counter-seen", "handover")), assurance=Assurance.COUNTER_SEEN)
    application.record_handover(by=cases.INTAKE, at=cases.AT)
    assert application.status is Status.HANDED_OVER


def test_what_was_known_before_is_not_forgotten_with_an_older_token() -> None:
    draft = replace(cases.complete(cases.RETURN), assurance=Assurance.COUNTER_SEEN)
    definition = needs("counter-seen", "submission")
    draft.submit(by=SELF_ASSERTED, definition=definition, post=cases.POST, formats=cases.FORMATS, at=cases.AT)
    assert draft.assurance is Assurance.COUNTER_SEEN


@pytest.mark.parametrize("service_id", [cases.REGISTRATION, cases.RETURN, cases.POWER])
def test_each_service_names_its_level_with_a_source_and_how_sure_it_is(service_id: str) -> None:
    rule = the_catalogue().service(service_id).assurance
    assert (rule.level in list(Assurance), rule.certainty, bool(rule.source)) == (True, "D", True)
