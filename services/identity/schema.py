"""How people and their sessions lie in MongoDB: the mappings with their schema versions, and the indexes."""

from pymongo import IndexModel

from services.identity.domain.person import Person
from services.identity.domain.session import Session
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Indexes

MAPPER = Mapper(Person)
SESSIONS = Mapper(Session)
SESSIONS_KEPT_S = 30 * 86_400  # after they are over: who looks into a misuse sees when and how
INDEXES: Indexes = {
    "people": [IndexModel("login", unique=True)],
    "sessions": [IndexModel("person_id"), IndexModel("expires_at", expireAfterSeconds=SESSIONS_KEPT_S)],
}
