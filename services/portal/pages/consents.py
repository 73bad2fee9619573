"""What rests on a person's word: asked on the last page of an application, and changed at any time under My data."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem, or_none
from services.portal.forms import Faults
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/my-data/consents")
Word = Annotated[str, Form(max_length=100)]
SAID = {"given": N_("Yes"), "withdrawn": N_("No")}
HOW = {"review-page": N_("before sending an application"), "my-data": N_("under My data")}
CHANGED = "consent-text-changed"


@router.get("")
async def consents(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    return await _draw(request, pages, api, Faults())


@router.post("")
async def say(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    purpose: Word = "",
    version: Word = "",
    said: Word = "",
    key: Word = "",
) -> Response:
    if said in SAID and version.isdecimal():
        body = {"purpose": purpose, "text_version": int(version), "said": said, "how": "my-data"}
        try:
            await api.post("identity", "/api/me/consents", body, key=key)
        except ApiProblem as problem:
            if problem.code != CHANGED:
                raise
            faults = Faults()
            faults.add_line(problem.detail)
            return await _draw(request, pages, api, faults, status=409)
    return see_other("/my-data/consents")


async def to_ask(api: Api) -> list[dict[str, Any]]:
    """Purposes that were not answered yet. None of them where identity is away: an application does not wait for it."""
    told = await or_none(api.get("identity", "/api/me/consents"))
    return [purpose for purpose in told["purposes"] if purpose["ask"]] if told else []


async def say_what_was_chosen(api: Api, form: FormData, key: str) -> None:
    """Fields consent-PURPOSE with the text's version and the word, as "1:given". What was not chosen is not said.

    Raises ApiProblem: what somebody said is not lost, so the form is sent again."""
    for name, value in form.multi_items():
        version, _, said = str(value).partition(":")
        if name.startswith("consent-") and said in SAID and version.isdecimal():
            purpose = name.removeprefix("consent-")
            body = {"purpose": purpose, "text_version": int(version), "said": said, "how": "review-page"}
            await api.post("identity", "/api/me/consents", body, key=f"{key}-{purpose}" if key else "")


async def _draw(request: Request, pages: Pages, api: Api, faults: Faults, *, status: int = 200) -> Response:
    told = await api.get("identity", "/api/me/consents")
    titles = {purpose["purpose"]: purpose["title"] for purpose in told["purposes"]}
    context = {"told": told, "titles": titles, "said": SAID, "how": HOW, "path": "/my-data/consents"}
    return pages.render(request, "my_data/consents.html", status, faults=faults, **context)
