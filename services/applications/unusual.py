"""What is unusual in a case, which an officer compares with the papers; and what of it nobody has compared yet."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.comparing import to_compare
from services.applications.domain.form import Oddity, applying_answers, oddities, today
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import Status


def unusual_in(application: Application, definition: ServiceDefinition, day: date) -> list[Oddity]:
    """definition: the version that it runs on. day: today at its post."""
    catalogue, answers = the_catalogue(), application.answers
    if application.status is Status.DRAFT:
        answers = applying_answers(definition, answers, day)
    found = oddities(answers, definition=definition, formats=catalogue.formats)
    return [*found, *to_compare(answers, definition, catalogue.names, day)]


def note_unusual(application: Application, confirmed: Collection[str], at: datetime) -> None:
    """What nobody has compared yet keeps a case from being ready to decide: noted with the act, before it is saved."""
    catalogue = the_catalogue()
    definition = catalogue.definition_of(application)
    found = unusual_in(application, definition, today(catalogue.post(application.post_id), at))
    left = left_to_compare(found, confirmed)
    application.turn = replace(application.turn, warnings=len(left)).now(application)


def left_to_compare(found: Collection[Oddity], confirmed: Collection[str]) -> list[Oddity]:
    """confirmed: of its filling."""
    return [oddity for oddity in found if oddity.name not in confirmed]
