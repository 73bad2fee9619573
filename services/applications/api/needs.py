"""Open to all: what one will need for a service, worked out from the few answers that decide it. Nothing of them is kept."""

from datetime import date

from fastapi import APIRouter, Request

from services.applications.api import needs_schemas, schemas
from services.applications.api.offering import Offered
from services.applications.api.service_views import days_view, field_view, sourced_view
from services.applications.api.views import definition_of, today_at_post
from services.applications.api.wording import Worded, Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain.form import applying_answers, clean_alone
from services.applications.domain.needs import Applies, Needs, needs_of
from services.applications.domain.papers import PaperRule
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.tariff import FeeComponent
from services.applications.domain.who_may_apply import OnlyFor, WhoMayApply
from services.applications.queries import application_for
from services.applications.uploads.limits import the_limits
from shared.amounts import amount_text
from shared.contracts.applications import OutcomeKind
from shared.texts import N_
from shared.web.auth import CurrentCitizen
from shared.web.commands import RequestQueries

router = APIRouter(prefix="/api", tags=["public"])
_FOR = {
    "self": N_("for yourself"),
    "child": N_("for your child"),
    "relative": N_("for a relative"),
    "proxy": N_("for somebody who gave you a power of attorney"),
}
_FROM, _BELOW = N_("From {age} years."), N_("Under {age} years.")
_VISITS = {OutcomeKind.DIGITAL_DOCUMENT: "none"}  # where a service does not say it


@router.post("/services/{service_id}/needs")
async def needs(
    service_id: str, body: needs_schemas.KnownAnswers, request: Request, say: Worded, offered: Offered
) -> needs_schemas.NeedsView:
    """Papers, fees, days and visits. Without answers all that may be needed, with what it depends on. 422: an answer that no
    question has."""
    definition, day = offered.service(service_id), request.app.state.runtime.clock.now().date()
    answers = clean_alone(body.answers, definition=definition, formats=the_catalogue().formats, day=day)
    return _view(definition, answers, day, say)


@router.get("/applications/{application_id}/needs", tags=["citizen"])
async def needs_of_draft(
    application_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded
) -> needs_schemas.NeedsView:
    """The same for your own application, by what is answered in it."""
    application = await queries.run(application_for, by, application_id)
    definition, day = definition_of(application), today_at_post(application, say)
    return _view(definition, applying_answers(definition, application.answers, day), day, say)


def _view(definition: ServiceDefinition, answers: dict[str, str], day: date, say: Wording) -> needs_schemas.NeedsView:
    found = needs_of(definition, answers, day)
    asked = {field.key for field in found.questions}
    visits = definition.appearance.visits if definition.appearance else _VISITS.get(definition.outcome, "to_collect")
    return needs_schemas.NeedsView.model_validate(
        {
            "service": schemas.Named(id=definition.id, name=say(definition.title)),
            "questions": [field_view(field, say) for field in found.questions],
            "answers": {key: value for key, value in answers.items() if key in asked},
            "papers": [_paper(rule, applies, say) for rule, applies in found.papers],
            "fees": _fees(definition, found, day, say),
            "reductions": [
                {"label": say(each.label), "percent": each.percent, "applies": applies} for each, applies in found.reductions
            ],
            "cosigners": [{"label": say(each.label), "applies": applies} for each, applies in found.cosigners],
            "term": days_view(definition.term, say),
            "term_extension": days_view(definition.term_extension, say) if definition.term_extension else None,
            "visits": visits,
            "guidance": say(definition.guidance) if definition.guidance else None,
            "who_may_apply": _for_whom(definition.who_may_apply, day, say) if definition.who_may_apply else None,
            "legal_basis": [
                {"title": say(each.title), "source": each.source, "illustrative": each.certainty == "D"}
                for each in definition.legal_basis
            ],
            "complete": _complete(found),
        }
    )


def _for_whom(rule: WhoMayApply, day: date, say: Wording) -> dict[str, object]:
    return {
        "text": "; ".join(say(_FOR[each]) for each in rule.who),
        "only": [_only(each, say) for each in rule.only if each.applies_on(day)],
        "source": rule.source,
        "illustrative": rule.illustrative,
    }


def _only(rule: OnlyFor, say: Wording) -> str:
    if rule.none_of:
        return say(rule.text)
    return say(_FROM, age=rule.age_from) if rule.age_from else say(_BELOW, age=rule.age_below or 0)


def _complete(found: Needs) -> bool:
    rows = (*found.papers, *found.fees, *found.reductions, *found.cosigners)
    return all(applies == "yes" for _, applies in rows)


def _paper(rule: PaperRule, applies: Applies, say: Wording) -> dict[str, object]:
    return {
        "code": rule.code,
        "label": say(rule.label),
        "hint": say(rule.hint) if rule.hint else None,
        "bring": rule.bring,
        "required": rule.required,
        "media_types": list(rule.media_types),
        "max_bytes": the_limits().accepted(rule).most_bytes,
        "applies": applies,
        "illustrative": rule.certainty == "D",
    }


def _fees(definition: ServiceDefinition, found: Needs, day: date, say: Wording) -> list[dict[str, object]]:
    if definition.tariff is None and (fee := definition.fee_on(day)):
        stated = FeeComponent.model_construct(**fee.model_dump(), code="fee", label="", needed=())
        return [_fee(stated, "yes", say)]
    return [_fee(component, applies, say) for component, applies in found.fees]


def _fee(component: FeeComponent, applies: Applies, say: Wording) -> dict[str, object]:
    text = amount_text(component.amount_minor, component.currency, say.language, say.texts)
    return {
        **sourced_view(component, text, say),
        "code": component.code,
        "label": say(component.label) if component.label else "",
        "amount_minor": component.amount_minor,
        "currency": component.currency,
        "each": say(component.each) if component.each else None,
        "payee": component.payee,
        "paid_where": component.paid_where,
        "gate": component.gate,
        "applies": applies,
    }
