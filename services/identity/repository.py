"""People and sessions in MongoDB, one document each, guarded by a version."""

from services.identity.domain.person import Person
from services.identity.domain.session import Session
from services.identity.schema import MAPPER, SESSIONS
from shared.mongo.aggregates import Aggregates
from shared.mongo.transactions import UnitOfWork


class People(Aggregates[Person]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "people", MAPPER)


class Sessions(Aggregates[Session]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "sessions", SESSIONS)
