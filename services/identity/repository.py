"""People in MongoDB, one document each, guarded by a version."""

from services.identity.domain.person import Person
from services.identity.schema import MAPPER
from shared.mongo.aggregates import Aggregates
from shared.mongo.transactions import UnitOfWork


class People(Aggregates[Person]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "people", MAPPER)
