"""An officer says that they compared something unusual with the paper."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.applications.api import filling_schemas, schemas
from services.applications.api.receipts import Receipt
from services.applications.use_cases.confirm_warning import ConfirmWarning, confirm_warning
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands

router = APIRouter(prefix="/api/officer/applications", tags=["officer"])


@router.post("/{application_id}/warnings/confirmation", response_model=schemas.OfficerReceipt)
async def confirmation(
    application_id: str, body: filling_schemas.WarningNamed, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """One warning of the case, by its pointer and code. It stands until the answers change. 409: there is none like it now."""
    return await commands.run(confirm_warning, ConfirmWarning(application_id, body.pointer, body.code, by), receipt)
