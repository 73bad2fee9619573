"""An officer says that they compared something unusual with the paper, from the case's page."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from services.portal.pages.officer_acts import act_on
from services.portal.pages.officer_case import AtDesk
from services.portal.rendering import see_other

router = APIRouter(prefix="/officer/applications/{application_id}/warnings")
Sent = Annotated[str, Form(max_length=100)]


@router.post("")
async def compared(desk: AtDesk, pointer: Sent = "", code: Sent = "", key: Sent = "") -> Response:
    return await act_on(desk, "warnings/confirmation", {"pointer": pointer, "code": code}, key, done="compared")


@router.get("")
async def back_to_the_case(desk: AtDesk) -> Response:
    """Where the language is changed while the answer is shown."""
    return see_other(desk.address())
