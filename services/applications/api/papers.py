"""The papers of one's own application: what is asked for, and the files of each."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from services.applications.api import paper_schemas as schemas
from services.applications.api import views
from services.applications.api.attachments import (
    FILE,
    MARKED,
    Sent,
    Store,
    TakesIn,
    file_of,
    give_file,
    give_marked,
    media_type_of,
    take_file,
)
from services.applications.api.paper_views import paper_list
from services.applications.api.wording import Worded, Wording
from services.applications.domain.application import Application
from services.applications.queries import application_for
from services.applications.use_cases.remove_attachment import RemoveAttachment, remove_attachment
from shared.web.auth import CurrentCitizen
from shared.web.commands import RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api/applications/{application_id}", tags=["citizen"])
Paper = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
FileId = Annotated[str, Path(max_length=64)]
Beside = Annotated[bool, Query(description="Kept with the files that the paper has; else it takes their place")]


@router.get("/papers")
async def papers(application_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded) -> schemas.PaperList:
    """Which papers the service asks for, which of them as the answers are now, and what is attached."""
    return _listed(await queries.run(application_for, by, application_id), say)


@router.put("/papers/{paper}", openapi_extra={"requestBody": {"required": True, **FILE}}, responses=also(413, 415))
async def put_paper(
    application_id: str,
    paper: Paper,
    request: Request,
    by: CurrentCitizen,
    commands: RepeatableCommands,
    intake: TakesIn,
    say: Worded,
    beside: Beside = False,
) -> schemas.PaperList:
    """The file itself as the body; the same file sent again beside the others changes nothing. A picture is drawn anew, a PDF
    kept as it came beside a copy in which nothing acts. 413: too large, or too many. 415: not what the paper takes, or not what
    it says it is. 422: damaged, locked, with files inside, or the virus scanner found something. 409: no draft any more."""
    sent = Sent(application_id, by, media_type_of(request), paper, beside)
    return _listed(await take_file(sent, request.stream(), commands, intake), say)


@router.post("/files/{file_id}/removal", response_model=schemas.PaperList)
async def remove(
    application_id: str, file_id: FileId, by: CurrentCitizen, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """Take a file off a draft. One that is not there is no error. 409: no draft any more."""
    command = RemoveAttachment(application_id, file_id, by)
    return await commands.run(remove_attachment, command, lambda saved: _listed(saved, say))


@router.get("/files/{file_id}", response_class=StreamingResponse, responses={200: FILE})
async def one_file(
    application_id: str, file_id: FileId, by: CurrentCitizen, queries: RequestQueries, store: Store
) -> StreamingResponse:
    """A PDF as it came; a picture as it was drawn anew."""
    application = await queries.run(application_for, by, application_id)
    return await give_file(application, file_of(application, file_id), store)


@router.get("/files/{file_id}/marked", response_class=StreamingResponse, responses=MARKED)
async def marked(application_id: str, file_id: FileId, by: CurrentCitizen, queries: RequestQueries, store: Store) -> Response:
    """A small picture of what is wrong with a photograph. 204: nothing is."""
    application = await queries.run(application_for, by, application_id)
    return await give_marked(application, file_id, store)


def _listed(application: Application, say: Wording) -> schemas.PaperList:
    return paper_list(application, views.definition_of(application), views.today_at_post(application, say), say)
