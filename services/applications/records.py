"""What earlier cases of the same account say of a person's name: the record that passport and request are compared with."""

from pymongo import DESCENDING

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.form import Oddity
from services.applications.domain.name_identity import record_of, recorded_otherwise
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import Status
from services.applications.schema import MAPPER
from shared.mongo.database import Db, Session
from shared.texts import N_

LOOKED_AT = 5  # the newest
_NEVER_HANDED_IN = (Status.DRAFT, Status.EXPIRED)
_OTHERWISE = N_("An earlier case of this person has another name, by more than spelling. Compare it with the paper.")


async def otherwise_recorded(
    db: Db, application: Application, definition: ServiceDefinition, session: Session | None = None
) -> list[Oddity]:
    """One warning at the name, or none. Nothing of the earlier cases is told."""
    own = db.applications.find({"citizen_id": application.citizen_id}, session=session)
    newest = own.sort([("started_at", DESCENDING), ("_id", DESCENDING)]).limit(LOOKED_AT + 1)
    rows = [row for row in await newest.to_list() if row["_id"] != application.id and row["status"] not in _NEVER_HANDED_IN]
    catalogue = the_catalogue()
    earlier = [
        record_of(each.answers, catalogue.definition_of(each)) for each in await MAPPER.read_all(db, rows) if not each.is_erased
    ]
    if not recorded_otherwise(record_of(application.answers, definition), earlier, catalogue.names):
        return []
    return [Oddity(f"/answers/{definition.holder_field('name').key}", "name-record", _OTHERWISE)]
