"""Lives of applications, lived by the real domain: each with all the events that it publishes, and what becomes of it."""

from dataclasses import dataclass, field
from random import Random

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.journal import Act
from services.applications.domain.status import Status
from shared.actors import Officer
from shared.contracts.applications import ApplicationEvent
from tests.unit.applications import cases
from tests.unit.applications.cases import AT, CITIZEN, DECIDER, FORMATS, INTAKE, POST, POWER, REGISTRATION, RETURN

REASON = {REGISTRATION: "card-missing-or-wrong", RETURN: "valid-passport-held", POWER: "powers-unclear"}
ENDS = ("expired", "withdrawn", "refused", "approved", "approved", "approved", "approved")
BROKEN, UNPRINTABLE = "signer-broken", "unprintable-text"
# what the tries to issue come to: a reason each time it is given up, None where it is issued
TRIES: tuple[tuple[str | None, ...], ...] = (
    (), (None,), (BROKEN,), (BROKEN, None), (BROKEN, UNPRINTABLE), (UNPRINTABLE, BROKEN, None),
)  # fmt: skip


@dataclass
class Life:
    application: Application
    tries: tuple[str | None, ...] = ()
    channel_that_fails: str | None = None
    handed_over_by: Officer | None = None
    events: list[ApplicationEvent] = field(default_factory=list)

    def happened(self, act: Act | None) -> None:
        if act and act.event:
            self.events.append(act.event)


def any_life(number: int, chance: Random) -> Life:
    service_id, end = chance.choice((REGISTRATION, RETURN, POWER)), chance.choice(ENDS)
    definition = the_catalogue().service(service_id)
    application = cases.complete(service_id)
    application.id, application.reference = f"case-{number}", f"YEK-26-{number:08d}"
    life = Life(application, channel_that_fails=chance.choice((None, "sms", "email")))
    if end == "expired":
        life.happened(application.expire(at=AT))
        return life
    life.happened(application.submit(by=CITIZEN, definition=definition, post=POST, formats=FORMATS, at=AT))
    if end == "withdrawn":
        life.happened(application.withdraw(by=CITIZEN, at=AT))
        return life
    application.claim(by=INTAKE, at=AT)
    if end == "refused":
        application.propose_refusal(REASON[service_id], by=INTAKE, definition=definition, at=AT)
        life.happened(application.refuse(REASON[service_id], by=DECIDER, definition=definition, at=AT))
        return life
    application.propose_approval(by=INTAKE, at=AT)
    life.happened(application.approve(by=DECIDER, at=AT))
    if application.status is Status.AWAITING_BLANK:
        life.happened(application.record_blank(f"СВ-{number:07d}", by=INTAKE, definition=definition, at=AT))
    if application.status is Status.AWAITING_VISIT:
        life.happened(application.record_identity_check(by=INTAKE, at=AT))
    life.tries = chance.choice(TRIES)
    if service_id != REGISTRATION and chance.random() < 0.5:
        life.handed_over_by = INTAKE
    return life
