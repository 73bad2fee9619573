"""How people lie in MongoDB: the mapping with its schema version, and the indexes."""

from pymongo import IndexModel

from services.identity.domain.person import Person
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Indexes

MAPPER = Mapper(Person)
INDEXES: Indexes = {"people": [IndexModel("login", unique=True)]}
