"""How fees and payments lie in MongoDB. A fee has the id of its case; nothing here is sealed: ids, codes, amounts and times."""

from pymongo import DESCENDING, IndexModel

from services.applications.domain.fee_account import Checkout, Fee, Payment
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Indexes

FEES = Mapper(Fee)
PAYMENTS = Mapper(Payment)
CHECKOUTS = Mapper(Checkout)
RECONCILED = "reconciliations"
INDEXES: Indexes = {
    "fees": [IndexModel([("citizen_id", 1), ("_id", 1)])],
    "payments": [  # _id is the number of the receipt, or the provider's
        IndexModel([("case_id", 1), ("at", 1)]),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("day", 1), ("at", 1)]),
        IndexModel([("state", 1), ("post_id", 1), ("at", 1)]),
        IndexModel("provider_day"),
    ],
    "checkouts": [
        IndexModel([("case_id", 1), ("opened_at", 1)]),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
        IndexModel("opened_at"),
    ],
    RECONCILED: [IndexModel([("ran_at", DESCENDING)])],  # _id is the day
}
