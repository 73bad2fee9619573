"""People in MongoDB, one document each, guarded by a version."""

from pymongo import IndexModel

from services.identity.domain.person import Person
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Indexes
from shared.mongo.transactions import UnitOfWork

MAPPER = Mapper(Person)
INDEXES: Indexes = {"people": [IndexModel("login", unique=True)]}


class People(Aggregates[Person]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow.db.people, uow.session, MAPPER)
