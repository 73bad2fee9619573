"""What is asked of identity's database when somebody scrapes: requests about personal data that were not answered in time."""

from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from services.identity.domain.rights_request import RequestKind
from services.identity.rights_queries import late_by_kind
from shared.mongo.database import Db

COUNTED = 1_000


async def late_requests(db: Db, now: datetime) -> Metric:
    """Told at zero too: an alert that sees no series sees nothing."""
    told = f"Requests about personal data whose term is over without an answer, counted to {COUNTED}"
    family = GaugeMetricFamily("eshik_rights_requests_late", told, labels=["kind"])
    late = await late_by_kind(db, now, COUNTED)
    for kind in RequestKind:
        family.add_metric([kind.value], late.get(kind.value, 0))
    return family
