"""Where the payment provider tells what became of a payment. Its signature is the proof; a repeated word changes nothing."""

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from services.applications.domain.fee_errors import SignatureWrong
from services.applications.fees.provider import HEADER, Word, must_be_there
from services.applications.use_cases.fees.take_provider_word import take_provider_word
from shared.web.commands import RepeatableCommands
from shared.web.description import also
from shared.web.problems import HttpProblem

router = APIRouter(prefix="/api/payments", tags=["payments"])


class Heard(BaseModel):
    heard: str


@router.post(
    "/words",
    responses=also(401, 404, 409),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": Word.model_json_schema()}},
        }
    },
)
async def word(request: Request, commands: RepeatableCommands) -> Heard:
    """What the provider says of a payment, signed in the header Eshik-Payment-Signature: t=seconds,v1=HMAC-SHA-256 of
    `seconds.body`. It may come twice, late and out of order. 401: not the provider's, or too old. 404: no such checkout."""
    provider = must_be_there(request.app.state.payments)
    try:
        told = provider.read_word(request.headers.get(HEADER, ""), await request.body(), at=commands.at)
    except SignatureWrong as error:
        raise HttpProblem(401, error.code, error.message) from None
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from None
    return Heard(heard=await commands.run_repeatable(take_provider_word, told.as_command()))
