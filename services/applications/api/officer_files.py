"""The files of a case for officers: the copy that they look at, and the file itself, as it came, to be compared."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response, StreamingResponse

from services.applications.api import paper_schemas as schemas
from services.applications.api import views
from services.applications.api.attachments import FILE, MARKED, Store, file_of, give_file, give_marked
from services.applications.api.officer import seen
from services.applications.api.paper_views import paper_list
from services.applications.api.wording import Worded
from services.applications.queries import case_for
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestQueries
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/officer/applications/{application_id}", tags=["officer"])
FileId = Annotated[str, Path(max_length=64)]


@router.get("/papers")
async def papers(
    application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> schemas.PaperList:
    """Which papers the service asks for, and what is attached. 428: as for the application itself."""
    application, relations = await queries.run(case_for, by, application_id)
    await seen(looks, "application:view", application, relations, by)
    return paper_list(application, views.definition_of(application), views.today_at_post(application, say), say)


@router.get("/files/{file_id}", response_class=StreamingResponse, responses={200: FILE})
async def one_file(
    application_id: str, file_id: FileId, by: CurrentOfficer, queries: RequestQueries, store: Store, looks: RequestLooks
) -> StreamingResponse:
    """The copy in which nothing acts. 428: as for the application itself."""
    application, relations = await queries.run(case_for, by, application_id)
    attachment = file_of(application, file_id)
    await seen(looks, "application:view_attachment", application, relations, by)
    return await give_file(application, attachment, store, to_look_at=True)


@router.get("/files/{file_id}/original", response_class=StreamingResponse, responses={200: FILE})
async def original(
    application_id: str, file_id: FileId, by: CurrentOfficer, queries: RequestQueries, store: Store, looks: RequestLooks
) -> StreamingResponse:
    """A PDF as it came, which may carry a signature, and may act when it is opened. 428: as for the application itself."""
    application, relations = await queries.run(case_for, by, application_id)
    attachment = file_of(application, file_id)
    await seen(looks, "application:view_attachment", application, relations, by)
    return await give_file(application, attachment, store)


@router.get("/files/{file_id}/marked", response_class=StreamingResponse, responses=MARKED)
async def marked(
    application_id: str, file_id: FileId, by: CurrentOfficer, queries: RequestQueries, store: Store, looks: RequestLooks
) -> Response:
    """A small picture of what is wrong with a photograph. 204: nothing is. 428: as for the application itself."""
    application, relations = await queries.run(case_for, by, application_id)
    await seen(looks, "application:view_attachment", application, relations, by)
    return await give_marked(application, file_id, store)
