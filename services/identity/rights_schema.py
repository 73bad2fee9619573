"""How requests about personal data, and what people said to purposes, lie in MongoDB."""

from pymongo import IndexModel

from services.identity.domain.consent import ConsentEntry
from services.identity.domain.rights_request import RightsRequest
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Indexes
from shared.mongo.sealing import SealedFields
from shared.mongo.transactions import UnitOfWork

RIGHTS, CONSENTS = "rights_requests", "consents"
RIGHTS_SEALED = SealedFields(RIGHTS, person="person_id", fields={"wish": None, "words": None})
NOT_THE_WORDS = dict.fromkeys(RIGHTS_SEALED.fields, 0)  # read so, one that can't be opened keeps nothing from the others
REQUESTS = Mapper(RightsRequest, sealed=RIGHTS_SEALED)
SAID = Mapper(ConsentEntry)
INDEXES: Indexes = {
    RIGHTS: [
        IndexModel([("person_id", 1), ("asked_at", -1)]),
        IndexModel([("state", 1), ("due_at", 1), ("_id", 1)]),  # the ministry's queue, and what is late
        IndexModel([("post_id", 1), ("state", 1), ("due_at", 1), ("_id", 1)]),
    ],
    CONSENTS: [IndexModel([("person_id", 1), ("purpose", 1), ("at", -1), ("_id", -1)])],
}


class RightsRequests(Aggregates[RightsRequest]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, RIGHTS, REQUESTS)


class Consents(Aggregates[ConsentEntry]):
    """Entries are added and never saved again."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, CONSENTS, SAID)
