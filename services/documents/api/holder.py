"""Documents for their citizen, and for officers of the post that issued them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.documents.api.answers import state_of, title_of
from services.documents.api.schemas import DocumentList, DocumentView
from services.documents.domain.register_entry import RegisterEntry
from services.documents.queries import document_seen_by, documents_of_application, issued_document_seen_by
from services.documents.storage import Files
from shared.web.auth import CurrentPerson
from shared.web.commands import RequestQueries

router = APIRouter(prefix="/api/documents", tags=["documents"])


@router.get("")
async def list_documents(
    request: Request, person: CurrentPerson, queries: RequestQueries, application_id: Annotated[str, Query(max_length=64)]
) -> DocumentList:
    """The documents of one application: your own, or one of your posts."""
    found = await queries.run(documents_of_application, person, application_id)
    return DocumentList(documents=[_view(request, entry) for entry in found])


@router.get("/{document_id}")
async def show_document(document_id: str, request: Request, person: CurrentPerson, queries: RequestQueries) -> DocumentView:
    return _view(request, await queries.run(document_seen_by, person, document_id))


@router.get("/{document_id}/file", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
async def download_document(document_id: str, request: Request, person: CurrentPerson, queries: RequestQueries) -> Response:
    """The signed PDF, byte for byte as it was signed."""
    entry = await queries.run(issued_document_seen_by, person, document_id)
    tag = f'"{entry.sha256}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    data = await Files(request.app.state.runtime.database).read(entry.file_id or "")
    number = entry.numbering.number if entry.numbering else entry.id
    headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return Response(data, media_type="application/pdf", headers=headers)


def _view(request: Request, entry: RegisterEntry) -> DocumentView:
    return DocumentView.of(entry, title=title_of(request, entry), state_text=state_of(request, entry))
