"""Finding applications by what they say of a person: by POST, so that it stands in no address and no log."""

from fastapi import APIRouter

from services.applications.api import schemas
from services.applications.api.officer_views import officer_found
from services.applications.api.post import SeenPosts
from services.applications.api.wording import Worded
from services.applications.catalogue import the_catalogue
from services.applications.domain.findable import Wanted, ways_to
from services.applications.queries import found_by_what_they_say
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/officer/searches", tags=["officer"])
SEARCH = "queue-of-the-post"  # why it is looked at: of the list of reasons


@router.post("/people")
async def people(
    body: schemas.PersonSearch, by: CurrentOfficer, queries: RequestQueries, say: Worded, seen: SeenPosts, looks: RequestLooks
) -> schemas.FoundApplications:
    """Find applications among those you may see by PIN, phone or names; the beginning of a name finds nothing.

    422: nobody can be found by what is given.
    """
    catalogue = the_catalogue()
    ways = ways_to(Wanted(body.pin, body.phone, body.name), catalogue.names, catalogue.formats)
    found = await queries.run(found_by_what_they_say, by, ways)
    if found.rows:
        await looks("post:find_people", about={"cases": [row.id for row in found.rows]}, reason=SEARCH)
    return officer_found(found, by, seen.today, say)
