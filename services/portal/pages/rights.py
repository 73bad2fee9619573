"""Requests about personal data for those who answer them: late ones first, and one of them with its answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentAnswerer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.my_data import WORDS
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/rights")
RequestId = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
Word = Annotated[str, Form(max_length=100)]
Words = Annotated[str, Form(max_length=4000)]
FIELDS = {"/words": "words", "/ground": "ground"}
CHOOSE = N_("Choose whether it was done.")
CHOOSE_GROUND = N_("Choose why it is not done.")


@router.get("")
async def queue(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentAnswerer,
    state: Annotated[str, Query(pattern="^(open|answered|refused|withdrawn)$")] = "open",
) -> Response:
    listed = (await api.get("identity", "/api/rights", {"state": state}))["requests"]
    context = {"requests": listed, "posts": await api.posts(), "state": state, **WORDS}
    return pages.render(request, "rights/queue.html", **context)


@router.get("/{request_id}")
async def one(request: Request, request_id: RequestId, pages: Drawn, api: Asked, _who: CurrentAnswerer) -> Response:
    return await _draw(request, pages, api, request_id, {}, Faults())


@router.post("/{request_id}")
async def answer(
    request: Request,
    request_id: RequestId,
    pages: Drawn,
    api: Asked,
    _who: CurrentAnswerer,
    done: Word = "",
    ground: Word = "",
    words: Words = "",
    key: Word = "",
    then: Word = "",
) -> Response:
    typed, faults = {"done": done, "ground": ground, "words": words}, Faults()
    if then == TO_LANGUAGE:
        return await _draw(request, pages, api, request_id, typed, faults)
    if done not in {"yes", "no"}:
        faults.add("done", pages.say(request, CHOOSE))
    elif done == "no" and not ground:
        faults.add("ground", pages.say(request, CHOOSE_GROUND))
    if faults:
        return await _draw(request, pages, api, request_id, typed, faults, status=422)
    act, body = ("answer", {"words": words}) if done == "yes" else ("refusal", {"words": words, "ground": ground})
    try:
        await api.post("identity", f"/api/rights/{request_id}/{act}", body, key=key)
    except ApiProblem as problem:
        if problem.status not in {409, 422}:
            raise
        faults = Faults.of_problem(problem, FIELDS)
        return await _draw(request, pages, api, request_id, typed, faults, status=problem.status)
    return see_other(f"/rights/{request_id}")


async def _draw(
    request: Request, pages: Pages, api: Api, request_id: str, typed: dict[str, str], faults: Faults, *, status: int = 200
) -> Response:
    asked: dict[str, Any] = await api.get("identity", f"/api/rights/{request_id}")
    refusals = (await api.get("identity", "/api/rights/refusals"))["refusals"]
    context = {"asked": asked, "refusals": refusals, "posts": await api.posts(), "typed": typed, "path": f"/rights/{request_id}"}
    if asked["state"] == "open" and asked["kind"] == "correction":
        context["language_form"] = "answer-form"
    return pages.render(request, "rights/one.html", status, faults=faults, **context, **WORDS)
