"""Answers against a service's form: cleaned, every wrong field named at once, and what is merely unusual as a warning."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.applications.domain.attachments import Attachment, missing_papers
from services.applications.domain.field_checks import CHECKS, Checking, Wrong, clean
from services.applications.domain.service_definition import Formats, FormField, Post, ServiceDefinition
from shared.errors import FieldError, InvalidInput
from shared.texts import N_


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something an officer should look at. It never stops a citizen."""

    pointer: str
    code: str
    text: str

    @property
    def name(self) -> str:
        """Under which it is confirmed."""
        return f"{self.code} {self.pointer}"


def check_answers(
    answers: Mapping[str, str], *, definition: ServiceDefinition, formats: Formats, post: Post, at: datetime
) -> dict[str, str]:
    """What may be saved in a draft: known fields, each fit for its type. Unanswered ones are left out.

    Raises InvalidInput with a pointer for each wrong field.
    """
    return clean_alone(answers, definition=definition, formats=formats, day=today(post, at))


def check_complete(
    answers: Mapping[str, str],
    *,
    attachments: Collection[Attachment],
    definition: ServiceDefinition,
    formats: Formats,
    post: Post,
    at: datetime,
) -> dict[str, str]:
    """What may be handed in: all of check_answers, nothing required missing, and no answer to a question that does not apply.
    Raises InvalidInput."""
    asked = asked_fields(definition, answers, today(post, at))
    applying = {field.key: answers[field.key] for field in asked if field.key in answers}
    unknown = {key: value for key, value in answers.items() if definition.field(key) is None}
    kept, wrong = _examine(applying | unknown, definition, formats, today(post, at))
    named = {error.pointer for error in wrong}
    for field in asked:
        if field.required and field.key not in kept and _pointer(field.key) not in named:
            wrong.append(FieldError(_pointer(field.key), N_("Please answer this.")))
    wrong += missing_papers(definition.all_papers, attachments, kept, today(post, at))
    if wrong:
        raise InvalidInput(wrong)
    return kept


def check_changed(
    answers: Mapping[str, str],
    changeable: Collection[str],
    *,
    attachments: Collection[Attachment],
    definition: ServiceDefinition,
    formats: Formats,
    post: Post,
    at: datetime,
) -> dict[str, str]:
    """What may be handed in where only this can be changed, by pointer: a fault elsewhere, as of a day that has passed since,
    was none when it was handed in, and nobody could mend it. Raises InvalidInput."""
    try:
        return check_complete(answers, attachments=attachments, definition=definition, formats=formats, post=post, at=at)
    except InvalidInput as error:
        if theirs := [each for each in error.errors if each.pointer in changeable]:
            raise InvalidInput(theirs) from None
        return applying_answers(definition, answers, today(post, at))


def clean_alone(answers: Mapping[str, str], *, definition: ServiceDefinition, formats: Formats, day: date) -> dict[str, str]:
    """Some answers without a draft. Raises InvalidInput with a pointer for each wrong one."""
    kept, wrong = _examine(answers, definition, formats, day)
    if wrong:
        raise InvalidInput(wrong)
    return kept


def asked_fields(definition: ServiceDefinition, answers: Mapping[str, str], day: date) -> tuple[FormField, ...]:
    """The questions that apply, in their order. An answer to one that does not apply is kept in a draft, where the citizen may
    come back to it, and decides nothing."""
    asked: list[FormField] = []
    decided: dict[str, str] = {}
    for field in definition.fields:  # what a question depends on stands before it
        if all(condition.holds(decided, day) for condition in field.needed):
            asked.append(field)
            if field.key in answers:
                decided[field.key] = answers[field.key]
    return tuple(asked)


def applying_answers(definition: ServiceDefinition, answers: Mapping[str, str], day: date) -> dict[str, str]:
    """Only those to questions that apply."""
    return {field.key: answers[field.key] for field in asked_fields(definition, answers, day) if field.key in answers}


def oddities(answers: Mapping[str, str], *, definition: ServiceDefinition, formats: Formats) -> list[Oddity]:
    """What is unusual: a name in other letters, an unknown series, a PIN that does not fit its structure or the date of birth."""
    born = answers.get(definition.holder_field("birth_date").key)
    found: list[Oddity] = []
    for field in definition.fields:
        value = answers.get(field.key)
        if value and field.type == "document_number" and not value.startswith(formats.document_number.known_prefixes):
            found.append(_odd(field, "unknown-series", N_("This series of documents is not known to us. Please compare.")))
        if value and field.type == "name" and not _is_cyrillic(value):
            found.append(
                _odd(field, "name-script", N_("This name has letters that are not Cyrillic. Compare it with the paper."))
            )
        if value and field.type == "pin":
            found += _pin_oddities(field, value, born, formats)
    return found


def today(post: Post, at: datetime) -> date:
    return at.astimezone(ZoneInfo(post.time_zone)).date()


def _examine(
    answers: Mapping[str, str], definition: ServiceDefinition, formats: Formats, day: date
) -> tuple[dict[str, str], list[FieldError]]:
    kept: dict[str, str] = {}
    wrong: list[FieldError] = []
    for key in answers:
        field = definition.field(key)
        if field is None:
            wrong.append(FieldError(_pointer(key), N_("This service has no such question.")))
            continue
        try:
            value = _checked(answers[key], field, Checking(field, formats, day))
        except Wrong as error:
            wrong.append(FieldError(_pointer(key), error.message, error.params))
            continue
        if value:
            kept[key] = value
    if definition.who_may_apply:
        wrong += [FieldError(_pointer(rule.field), rule.text) for rule in definition.who_may_apply.refused(kept, day)]
    return kept, wrong


def _checked(raw: str, field: FormField, checking: Checking) -> str:
    value = clean(raw, multiline=field.multiline)
    if len(value) > field.max_length:
        raise Wrong(N_("At most {max_length} characters."), max_length=field.max_length)
    if value.count("\n") >= field.max_lines:
        raise Wrong(N_("At most {max_lines} lines. Write what belongs together in one line."), max_lines=field.max_lines)
    return CHECKS[field.type](value, checking) if value else ""


def _is_cyrillic(name: str) -> bool:
    return all(unicodedata.name(sign, "").startswith("CYRILLIC") for sign in name if sign.isalpha())


def _pin_oddities(field: FormField, pin: str, born: str | None, formats: Formats) -> list[Oddity]:
    if not pin.startswith(formats.pin.known_prefixes):
        return [_odd(field, "pin-structure", N_("This PIN begins unusually. Please compare."))]
    written = f"{pin[5:9]}-{pin[3:5]}-{pin[1:3]}"
    try:
        date.fromisoformat(written)
    except ValueError:
        return [_odd(field, "pin-structure", N_("This PIN does not contain a date, as most do. Please compare."))]
    if born and born != written:
        return [_odd(field, "pin-birth-date", N_("The PIN and the date of birth do not agree. Please compare."))]
    return []


def _odd(field: FormField, code: str, text: str) -> Oddity:
    return Oddity(_pointer(field.key), code, text)


def _pointer(key: str) -> str:
    return "/answers/" + key.replace("~", "~0").replace("/", "~1")
