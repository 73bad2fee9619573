"""What other services of ours read, at the moment they need it: personal data does not travel through the broker."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.dossiers import dossier, draft_dossier
from services.applications.queries import application_for, application_of
from services.applications.term_queries import running_out
from services.applications.working import work_of
from shared.actors import Officer, ServiceCaller
from shared.audit.entry import About
from shared.contracts.http import Dossier, TermsRunningOut, WorkAskedFor, WorkOnCase
from shared.web.at_work import SCOPE, officer_asked_about
from shared.web.auth import service_with
from shared.web.commands import RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/internal", tags=["internal"])
TermsReader = Annotated[ServiceCaller, Depends(service_with("terms:read"))]
DossierReader = Annotated[ServiceCaller, Depends(service_with("dossier:read"))]
WorkReader = Annotated[ServiceCaller, Depends(service_with(SCOPE))]


@router.get("/applications/{application_id}/dossier", responses=also(409))
async def read_dossier(
    application_id: str, request: Request, _by: DossierReader, queries: RequestQueries, looks: RequestLooks
) -> Dossier:
    """All that a paper needs. 409: not approved, or a blank or visit is still awaited."""
    application = await queries.run(application_of, application_id)
    read = dossier(application, the_catalogue(), request.app.state.texts)
    await looks("dossier:read", about=_about(application), reason="issuing")
    return read


@router.get("/applications/{application_id}/dossier-draft", responses=also(409))
async def read_draft_dossier(
    application_id: str,
    grant: Annotated[
        list[Annotated[str, Field(max_length=100)]],
        Query(max_length=64, description="Of the officer who asks, each as role@post"),
    ],
    request: Request,
    _by: DossierReader,
    queries: RequestQueries,
    looks: RequestLooks,
) -> Dossier:
    """The same before the decision, for an officer's preview: approved_at is now.

    404: not for an officer with these grants; 409: closed, or issued.
    """
    application = await queries.run(application_for, Officer.with_written_grants(grant), application_id)
    state = request.app.state
    read = draft_dossier(application, the_catalogue(), state.texts, at=state.runtime.clock.now())
    await looks("dossier:read", about=_about(application), reason="previewing")
    return read


@router.post("/applications/{application_id}/work")
async def work_on_case(
    application_id: str, asked: WorkAskedFor, request: Request, _by: WorkReader, queries: RequestQueries
) -> WorkOnCase:
    """Whether this officer works on the case; a question. 404: not for an officer with these grants."""
    return await queries.run(work_of, officer_asked_about(asked), application_id, request.app.state.runtime.clock.now())


@router.get("/terms")
async def terms(_by: TermsReader, queries: RequestQueries) -> TermsRunningOut:
    """How many cases run out of time at which posts, and with which officers: for the mail of the morning."""
    return await queries.run(running_out, sorted(the_catalogue().posts))


def _about(application: Application) -> About:
    return {"case": application.id, "person": application.citizen_id, "post": application.post_id}
