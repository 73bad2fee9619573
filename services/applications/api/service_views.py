"""Services of the catalogue as people read them: every value with its source, and marked where it is illustrative."""

from datetime import date
from typing import Any

from services.applications.api import schemas, wording
from services.applications.api.views import reason_view
from services.applications.api.wording import Wording
from services.applications.domain.service_definition import (
    AssuranceRequired,
    AttachmentRule,
    Fee,
    FormField,
    OfficersRequired,
    ServiceDefinition,
    Term,
    Validity,
)
from services.applications.domain.sourced import Limit, Sourced
from services.applications.domain.tariff import FeeComponent
from shared.actors import Assurance
from shared.amounts import amount_text


def service_summary(definition: ServiceDefinition, day: date, say: Wording) -> schemas.ServiceSummary:
    fee = _stated_fee(definition, day)
    return schemas.ServiceSummary(
        id=definition.id,
        version=definition.version,
        title=say(definition.title),
        summary=say(definition.summary),
        outcome=definition.outcome.value,
        outcome_text=say(wording.OUTCOME[definition.outcome]),
        fee=_fee(fee, say) if fee else None,
        term=days_view(definition.term, say),
    )


def service_view(definition: ServiceDefinition, day: date, say: Wording) -> schemas.ServiceView:
    officers = definition.officers_required
    return schemas.ServiceView(
        **service_summary(definition, day, say).model_dump(),
        urgent=definition.urgent,
        term_extension=days_view(definition.term_extension, say) if definition.term_extension else None,
        validity=_validity(definition.validity, say) if definition.validity else None,
        officers_required=None if officers.illustrative else _limit(officers, say),
        draft_lifetime_days=_limit(definition.draft_lifetime_days, say),
        assurance=_assurance(definition.assurance, say),
        fields=[field_view(field, say) for field in definition.fields],
        steps=[schemas.StepView(id=step.id, title=say(step.title), fields=list(step.fields)) for step in definition.steps],
        attachment=_attachment(definition.attachment, say) if definition.attachment else None,
        refusal_reasons=[reason_view(reason, say) for reason in definition.refusal_reasons],
        send_back_notes=[reason_view(note, say) for note in definition.send_back_notes],
    )


def sourced_view(value: Sourced, text: str, say: Wording) -> dict[str, Any]:
    remark = value.remark or (wording.ILLUSTRATIVE if value.illustrative else None)
    return {
        "text": text,
        "source": value.source,
        "source_date": value.source_date,
        "certainty": value.certainty,
        "illustrative": value.illustrative,
        "valid_from": value.valid_from,
        "valid_to": value.valid_to,
        "remark": say(remark) if remark else None,
    }


def _assurance(required: AssuranceRequired, say: Wording) -> schemas.AssuranceView:
    level = Assurance(required.level)
    text = wording.CONTACT_IS_ENOUGH if level is Assurance.SELF_ASSERTED else wording.KNOWN_WHEN[level, required.when]
    return schemas.AssuranceView(level=level, when=required.when, **sourced_view(required, say(text), say))


def _stated_fee(definition: ServiceDefinition, day: date) -> Fee | FeeComponent | None:
    """The fee that everybody pays to the post, before any reduction."""
    if definition.tariff is None:
        return definition.fee_on(day)
    own = (one for one in definition.tariff.components if one.payee == "mission" and not one.needed and one.applies_on(day))
    return next(own, None)


def _fee(fee: Fee | FeeComponent, say: Wording) -> schemas.FeeView:
    amount = amount_text(fee.amount_minor, fee.currency, say.language, say.texts)
    text = amount if fee.amount_minor else say(wording.NO_FEE)
    return schemas.FeeView(amount_minor=fee.amount_minor, currency=fee.currency, **sourced_view(fee, text, say))


def days_view(term: Term, say: Wording) -> schemas.DaysView:
    text = wording.WORKING_DAYS if term.day_kind == "working" else wording.CALENDAR_DAYS
    return schemas.DaysView(days=term.days, day_kind=term.day_kind, **sourced_view(term, say(text, days=term.days), say))


def _validity(validity: Validity, say: Wording) -> schemas.DaysView:
    text = say(wording.CALENDAR_DAYS, days=validity.days)
    return schemas.DaysView(days=validity.days, day_kind="calendar", **sourced_view(validity, text, say))


def _limit(limit: Limit | OfficersRequired, say: Wording) -> schemas.LimitView:
    return schemas.LimitView(value=limit.value, **sourced_view(limit, str(limit.value), say))


def field_view(field: FormField, say: Wording) -> schemas.FieldView:
    return schemas.FieldView(
        key=field.key,
        label=say(field.label),
        hint=say(field.hint) if field.hint else None,
        type=field.type,
        required=field.required,
        max_length=field.max_length,
        multiline=field.multiline,
        max_lines=field.max_lines,
        when=field.when,
        needed=[schemas.ConditionView.model_validate(each.model_dump()) for each in field.needed],
        options=[schemas.OptionView(value=option.value, label=say(option.label)) for option in field.options],
    )


def _attachment(rule: AttachmentRule, say: Wording) -> schemas.AttachmentRuleView:
    return schemas.AttachmentRuleView(
        label=say(rule.label),
        hint=say(rule.hint) if rule.hint else None,
        required=rule.required,
        media_types=list(rule.media_types),
        max_bytes=_limit(rule.max_bytes, say),
    )
