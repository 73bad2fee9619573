"""The collections every service has, with their indexes; a service adds its own."""

from pymongo import IndexModel

from shared.jobs import job
from shared.mongo import audit, data_keys, dead_letters, erasure, inbox, outbox, purging
from shared.mongo.database import Indexes

IDEMPOTENCY_KEYS_KEPT_S = 7 * 86_400  # a retry after a week is a new request

KERNEL_INDEXES: Indexes = {
    **outbox.INDEXES,
    **inbox.INDEXES,
    **job.INDEXES,
    **dead_letters.INDEXES,
    **audit.INDEXES,
    **data_keys.INDEXES,
    **erasure.INDEXES,
    **purging.INDEXES,
    "ledger": [],
    "idempotency_keys": [IndexModel("at", expireAfterSeconds=IDEMPOTENCY_KEYS_KEPT_S)],
    "leases": [],
}
