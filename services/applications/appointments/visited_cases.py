"""A case for which somebody comes: for a service that is not offered any more only who has a case of it books a visit."""

from services.applications.domain import appointment_errors as errors
from services.applications.domain.application import Application
from services.applications.domain.errors import UnknownService
from services.applications.domain.status import VISITED
from services.applications.queries import application_for
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.mongo.database import Db
from shared.mongo.transactions import UnitOfWork


async def visited_case(db: Db, by: Citizen, application_id: str) -> Application:
    """Theirs. Raises ApplicationNotFound, NoVisitNow."""
    case = await application_for(db, by, application_id)
    _must_go_on(case)
    return case


async def must_be_visited_for(
    service_id: str, application_id: str | None, by: Citizen, uow: UnitOfWork, *, offered: bool
) -> None:
    """offered: then no case need be named. Raises ApplicationNotFound, UnknownService, NoVisitNow."""
    case = await Applications(uow).get_for(by, application_id) if application_id else None
    if offered:
        return
    if case is None or case.service_id != service_id:
        raise UnknownService
    _must_go_on(case)


def _must_go_on(case: Application) -> None:
    if case.status not in VISITED:
        raise errors.NoVisitNow
