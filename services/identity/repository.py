"""People, sessions and erasures in MongoDB, one document each, guarded by a version."""

from services.identity.domain.erasure import Erasure
from services.identity.domain.person import Person
from services.identity.domain.session import Session
from services.identity.schema import ERASURES, MAPPER, SESSIONS
from shared.mongo.aggregates import Aggregates
from shared.mongo.transactions import UnitOfWork


class People(Aggregates[Person]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "people", MAPPER)


class Sessions(Aggregates[Session]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "sessions", SESSIONS)


class Erasures(Aggregates[Erasure]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "erasures_asked", ERASURES)
