"""What will I need? Before one begins, worked out from a few answers that are kept nowhere; and a sheet of a draft, to print."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from markupsafe import Markup

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.citizen_answers import Shown, stored, to_send, typed
from services.portal.pages.citizen_draft import ANSWERS, Step, field_id, stays_on_page
from services.portal.pages.citizen_files import KINDS
from services.portal.pages.draft_steps import TEXTAREA_FROM
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter()
ServiceId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
ASKED = ("choice", "country", "date")
BRING = {
    "file": N_("Attach it to the form."),
    "original": N_("Bring the original to the post."),
    "both": N_("Attach it to the form, and bring the original to the post."),
}
VISITS = {
    "none": N_("You need not come to the post."),
    "to_apply": N_("You come to the post once: to apply in person."),
    "to_collect": N_("You come to the post once: to collect what was made."),
    "both": N_("You come to the post twice: to apply in person, and to collect what was made."),
}
PAID_WHERE = {
    "post_or_online": N_("Paid at the post or online"),
    "bank_in_kyrgyzstan": N_("Paid at a bank in Kyrgyzstan"),
}
GATES = {"review": N_("before the post begins"), "issue": N_("before the document is made")}
WORDS: dict[str, Any] = {"bring": BRING, "kinds": KINDS, "visits": VISITS, "paid_where": PAID_WHERE, "gates": GATES}


@router.get("/services/{service_id}/needs")
async def ask(request: Request, service_id: ServiceId, pages: Drawn, api: Asked) -> Response:
    return await _draw(request, pages, api, service_id, {}, Faults())


@router.post("/services/{service_id}/needs")
async def tell(request: Request, service_id: ServiceId, pages: Drawn, api: Asked) -> Response:
    """What was typed goes to the API and nowhere else, in the body: it stands in no address."""
    form = await form_of(request)
    described = await api.service(service_id)
    given = [field for field in described["fields"] if field["type"] in ASKED and _is_in(form, field)]
    step = Step("needs", "", 1, tuple(given))
    shown = typed(step, form)
    if form.get("then") == TO_LANGUAGE:
        return await _draw(request, pages, api, service_id, {}, Faults(), shown=shown)
    return await _draw(request, pages, api, service_id, to_send(step, shown), Faults(), shown=shown)


@router.get("/applications/{application_id}/sheet")
async def sheet(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    """To print and bring: what is needed, and a code by which the post finds the case."""
    case = await api.get("applications", f"/api/applications/{application_id}")
    if case["status"] in {"expired", "withdrawn"}:
        return see_other(f"/applications/{application_id}")
    needs = await api.get("applications", f"/api/applications/{application_id}/needs")
    posts = await api.posts()
    context = {"case": case, "needs": needs, "post": posts.get(case["post"]["id"], {}), "qr": _qr(_counter(request, case))}
    return pages.render(request, "citizen/sheet.html", **context, **WORDS)


def _counter(request: Request, case: Mapping[str, Any]) -> str:
    """The address at which an officer opens it. The reference alone is nobody's data, and shows nothing to anybody else."""
    scheme = "https" if request.app.state.settings.secure_cookies else request.url.scheme
    return f"{scheme}://{request.url.netloc}/counter/{case['reference']}"


def _qr(text: str) -> Markup:
    """As SVG without a style of its own, which the Content Security Policy would refuse. segno writes it, no person's text."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(scale=4, border=4, dark="#1b2733", light="#fff", svgclass=None, lineclass=None, omitsize=True))  # noqa: S704 (a picture that segno made of our own text)


def _is_in(form: Any, field: Mapping[str, Any]) -> bool:
    return field["key"] in form or f"{field['key']}-day" in form


async def _draw(
    request: Request,
    pages: Pages,
    api: Api,
    service_id: str,
    answers: Mapping[str, str],
    faults: Faults,
    *,
    shown: Shown | None = None,
) -> Response:
    """Where an answer cannot be understood, it is shown as it was typed, beside what is needed without it."""
    path, status = f"/api/services/{service_id}/needs", 200
    try:
        needs = await api.post("applications", path, {"answers": dict(answers)})
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        wrong = {error.pointer.removeprefix(ANSWERS): error.detail for error in problem.errors}
        good = {key: value for key, value in answers.items() if key not in wrong}
        needs, status = await api.post("applications", path, {"answers": good}), problem.status
        for field in needs["questions"]:
            if text := wrong.get(field["key"]):
                faults.add(field["key"], text, target=field_id(field))
    questions = [{**field, "required": True} for field in needs["questions"]]  # the page says that all may be left out
    step = Step("needs", "", 1, tuple(questions))
    values = stored(step, needs["answers"]) | {key: value for key, value in (shown or {}).items() if key in step.keys}
    countries = await api.countries() if any(field["type"] == "country" for field in questions) else []
    context: dict[str, Any] = {"needs": needs, "step": step, "shown": values, "countries": countries, "told": bool(answers)}
    return pages.render(
        request, "public/needs.html", status, faults=faults, autocomplete={}, textarea_from=TEXTAREA_FROM, **context, **WORDS
    )
