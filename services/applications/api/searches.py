"""Finding applications by what they say of a person: by POST, so that it stands in no address and no log."""

from fastapi import APIRouter

from services.applications.api import search_schemas
from services.applications.api.officer_views import officer_found
from services.applications.api.post import SeenPosts
from services.applications.api.wording import Worded
from services.applications.catalogue import the_catalogue
from services.applications.domain.findable import Wanted, ways_to
from services.applications.domain.looking import role_of
from services.applications.queries import found_by_what_they_say
from shared.audit.entry import About
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/officer/searches", tags=["officer"])
ACT = "post:find_people"


@router.post("/people", responses=also(404))
async def people(
    body: search_schemas.PersonSearch,
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    seen: SeenPosts,
    looks: RequestLooks,
) -> search_schemas.FoundApplications:
    """Find applications among those you may see by PIN, phone or names; the beginning of a name finds nothing.

    428: say why, in the header Eshik-Access-Reason: whoever is found sees it, and a search that finds nobody is written down
    too. 422: nobody can be found by what is given.
    """
    catalogue = the_catalogue()
    ways = ways_to(Wanted(body.pin, body.phone, body.name), catalogue.names, catalogue.formats)
    found = await queries.run(found_by_what_they_say, by, ways)
    given = [name for name in ("pin", "phone", "name") if getattr(body, name)]
    cases: list[About] = [{"case": row.id, "person": row.citizen_id, "post": row.post_id, "given": given} for row in found.rows]
    await looks.of_each(ACT, cases or [{"found": 0, "given": given}], role=role_of(by, by.post_id))
    return officer_found(found, by, seen.today, say)
