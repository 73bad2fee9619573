"""Builders: people, services and applications in every state, for tests of the rules."""

from datetime import UTC, datetime

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.domain.status import Status
from shared.actors import Assurance, Citizen, Officer

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # a Friday
CITIZEN = Citizen("aigerim", assurance=Assurance.COUNTER_SEEN)
INTAKE = Officer.of_post("nurlan", "yek", {"intake"})
DECIDER = Officer.of_post("gulnara", "yek", {"deciding"})
OTHER_DECIDER = Officer.of_post("ermek", "yek", {"deciding"})
HEAD = Officer.of_post("bakyt", "yek", {"head"})
ELSEWHERE = Officer.of_post("cholpon", "ist", {"intake", "deciding", "head"})

REGISTRATION, RETURN, POWER = "consular-registration-certificate", "return-certificate", "power-of-attorney"
FORMATS = the_catalogue().formats
POST = the_catalogue().post("yek")

HOLDER = {"full_name": "Айгерим Токтобекова", "full_name_latin": "AIGERIM TOKTOBEKOVA", "birth_date": "1990-04-23"}
ANSWERS = {
    REGISTRATION: HOLDER
    | {
        "document_number": "AC1234567",
        "registration_kind": "temporary",
        "country_of_stay": "RU",
        "address_abroad": "Екатеринбург, көчө Мира 1",
    },
    RETURN: HOLDER | {"birth_place": "Ош шаары", "circumstances": "lost", "country_of_stay": "RU"},
    POWER: HOLDER
    | {
        "document_number": "ID7654321",
        "attorney_name": "Өмүрбек Ңанаев",
        "attorney_birth_date": "1980-01-02",
        "powers": "Менин атымдан үйдү сатуу",
        "substitution": "not_allowed",
    },
}


def draft(service_id: str = REGISTRATION, *, citizen: Citizen = CITIZEN) -> Application:
    definition = the_catalogue().service(service_id)
    application, _ = Application.start(
        "a1", "YEK-26-0000000A", by=citizen, language="ky", definition=definition, post=POST, at=AT
    )
    return application


def complete(service_id: str = REGISTRATION) -> Application:
    application = draft(service_id)
    application.save_answers(ANSWERS[service_id], by=CITIZEN, at=AT)
    application.attach(Attachment("f1", "application/pdf", 1000, "0" * 64, AT), by=CITIZEN, at=AT)
    return application


def submitted(service_id: str = REGISTRATION) -> Application:
    application = complete(service_id)
    application.submit(by=CITIZEN, definition=the_catalogue().service(service_id), post=POST, formats=FORMATS, at=AT)
    return application


def in_review(service_id: str = REGISTRATION) -> Application:
    application = submitted(service_id)
    application.claim(by=INTAKE, at=AT)
    return application


def proposed(service_id: str = REGISTRATION) -> Application:
    application = in_review(service_id)
    application.propose_approval(by=INTAKE, at=AT)
    return application


def refusal_proposed(service_id: str, reason: str) -> Application:
    application = in_review(service_id)
    definition = the_catalogue().service(service_id)
    application.propose_refusal(reason, by=INTAKE, definition=definition, at=AT)
    return application


def ready(service_id: str = REGISTRATION) -> Application:
    application = approved(service_id)
    if application.status is Status.AWAITING_BLANK:
        application.record_blank("СВ-1234567", by=INTAKE, definition=the_catalogue().service(service_id), at=AT)
    if application.status is Status.AWAITING_VISIT:
        application.record_identity_check(by=INTAKE, at=AT)
    application.mark_ready("d1", at=AT)
    return application


def approved(service_id: str = REGISTRATION) -> Application:
    application = proposed(service_id)
    application.approve(by=DECIDER, at=AT)
    return application
