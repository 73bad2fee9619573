"""The dossier: all that a paper needs of an approved application, with every label and value in all languages."""

from collections.abc import Callable
from datetime import date, datetime

from services.applications.catalogue import Catalogue
from services.applications.domain.application import Application
from services.applications.domain.countries import country_names
from services.applications.domain.service_definition import FormField, ServiceDefinition
from shared.contracts.http import Dossier, DossierFact
from shared.texts import LANGUAGES, Texts


def dossier(application: Application, catalogue: Catalogue, texts: Texts) -> Dossier:
    """Raises NoDossier unless it is approved and cleared for issue."""
    return _dossier(application, application.must_have_dossier(), catalogue, texts)


def draft_dossier(application: Application, catalogue: Catalogue, texts: Texts, *, at: datetime) -> Dossier:
    """For an officer's look at a paper that is not approved yet: as if it were approved now. Raises NoPreview."""
    application.must_have_preview()
    return _dossier(application, at, catalogue, texts)


def _dossier(application: Application, approved_at: datetime, catalogue: Catalogue, texts: Texts) -> Dossier:
    post = catalogue.post(application.post_id)
    definition = catalogue.definition_of(application)
    answers = application.answers
    return Dossier(
        application_id=application.id,
        reference=application.reference,
        citizen_id=application.citizen_id,
        service_id=application.service_id,
        document_kind=definition.document_kind,
        outcome=application.outcome,
        post_id=application.post_id,
        post_names=dict(post.names.items()),
        post_cities=dict(post.cities.items()),
        post_time_zone=post.time_zone,
        holder_name=answers[definition.holder_field("name").key],
        holder_name_latin=answers[definition.holder_field("name_latin").key],
        holder_birth_date=date.fromisoformat(answers[definition.holder_field("birth_date").key]),
        holder_pin=definition.holder_pin(answers),
        language=application.language,
        facts=tuple(_fact(field, answers[field.key], texts) for field in definition.fields if _is_printed(field, answers)),
        blank_number=application.blank_number,
        valid_days=_valid_days(definition, answers),
        approved_at=approved_at,
    )


def value_in(language: str, field: FormField, value: str, texts: Texts) -> str:
    """An answer as a person reads it: the label of a choice, the name of a country, a date with its day first."""
    if field.type == "choice" and (option := field.option(value)):
        return texts.translate(option.label, language)
    if field.type == "country":
        return country_names(language).get(value, value)
    if field.type == "date":
        return f"{date.fromisoformat(value):%d.%m.%Y}"
    return value


def _is_printed(field: FormField, answers: dict[str, str]) -> bool:
    return field.printed and field.holder is None and field.key in answers


def _fact(field: FormField, value: str, texts: Texts) -> DossierFact:
    return DossierFact(
        key=field.key,
        label=_by_language(lambda language: texts.translate(field.label, language)),
        value=_by_language(lambda language: value_in(language, field, value, texts)),
    )


def _by_language(text: Callable[[str], str]) -> dict[str, str]:
    return {language: text(language) for language in LANGUAGES}


def _valid_days(definition: ServiceDefinition, answers: dict[str, str]) -> int | None:
    rule = definition.validity
    if rule is None:
        return None
    field = definition.field(rule.field) if rule.field else None
    option = field.option(answers.get(field.key, "")) if field else None
    return option.valid_days if option and option.valid_days else rule.days
