"""How people, sessions and erasures lie in MongoDB: mappings with their schema versions, sealed fields, and the indexes."""

from pymongo import IndexModel

from services.identity.domain.erasure import Erasure
from services.identity.domain.person import Person
from services.identity.domain.session import Session
from services.identity.officers_schema import INDEXES as OFFICERS_INDEXES
from services.identity.officers_schema import SEALED as OFFICERS_SEALED
from services.identity.passkeys_schema import INDEXES as PASSKEYS_INDEXES
from services.identity.passkeys_schema import SEALED as PASSKEYS_SEALED
from services.identity.rights_schema import INDEXES as RIGHTS_INDEXES
from services.identity.rights_schema import REQUESTS, RIGHTS_SEALED, SAID
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Indexes
from shared.mongo.sealing import Blind, SealedFields
from shared.sealing.blind import BlindKind
from shared.sealing.erased import ERASED

PEOPLE_SEALED = SealedFields(
    "people",
    person="_id",
    fields={"login": ERASED, "name": ERASED, "email": None, "phone": None},
    indexes={"login_index": Blind("login", BlindKind.LOGIN)},  # contacts are found in a collection of their own
    proven=True,
)
SESSIONS_SEALED = SealedFields("sessions", person="person_id", fields={"device": ""}, proven=True)
SUBJECTS_SEALED = SealedFields("openid_subjects", person="person_id", fields={}, proven=True, unproven={"used_at"})
SEALED = (PEOPLE_SEALED, SESSIONS_SEALED, SUBJECTS_SEALED, RIGHTS_SEALED, *OFFICERS_SEALED, *PASSKEYS_SEALED)

MAPPER = Mapper(Person, sealed=PEOPLE_SEALED)
SESSIONS = Mapper(Session, sealed=SESSIONS_SEALED)
ERASURES = Mapper(Erasure)
RIGHTS_MAPPERS = (REQUESTS, SAID)  # declared beside their collections
CHALLENGES_KEPT_S = 3_600
SESSIONS_KEPT_S = 30 * 86_400  # after they are over: who looks into a misuse sees when and how
INDEXES: Indexes = {
    "people": [
        IndexModel("login_index", unique=True, partialFilterExpression={"login_index": {"$exists": True}}),  # not of the erased
        IndexModel([("kind", 1), ("post_id", 1), ("_id", 1)]),  # officers, who are few
    ],
    "erasures_asked": [],  # _id is the person
    "contacts": [IndexModel("person_id")],  # _id is a blind index
    "sign_in_challenges": [IndexModel("expires_at", expireAfterSeconds=CHALLENGES_KEPT_S)],
    "sign_in_counts": [IndexModel("until", expireAfterSeconds=0)],
    "sessions": [IndexModel("person_id"), IndexModel("expires_at", expireAfterSeconds=SESSIONS_KEPT_S)],
    "openid_flows": [IndexModel("expires_at", expireAfterSeconds=CHALLENGES_KEPT_S)],
    "openid_subjects": [IndexModel("person_id")],  # _id is a blind index
    **OFFICERS_INDEXES,
    **PASSKEYS_INDEXES,
    **RIGHTS_INDEXES,
}
