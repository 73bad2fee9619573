"""What an application will need, before anybody begins it: worked out from the few answers that decide it, or told as open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.applications.domain.papers import PaperRule
from services.applications.domain.service_definition import CoSigner, FormField, ServiceDefinition
from services.applications.domain.sourced import Condition
from services.applications.domain.tariff import FeeComponent, Reduction

Applies = Literal["yes", "no", "depends"]
ASKED = ("choice", "country", "date")  # what somebody answers without a paper in their hand


@dataclass(frozen=True, slots=True)
class Needs:
    """Each with whether it applies; what does not is left out. questions: those that decide it, as far as they apply."""

    questions: tuple[FormField, ...]
    papers: tuple[tuple[PaperRule, Applies], ...]
    fees: tuple[tuple[FeeComponent, Applies], ...]
    reductions: tuple[tuple[Reduction, Applies], ...]
    cosigners: tuple[tuple[CoSigner, Applies], ...]


def needs_of(definition: ServiceDefinition, answers: Mapping[str, str], day: date) -> Needs:
    """answers: some of those that decide, cleaned. day: today at the post, or of whoever asks."""
    known = _known(definition, answers, day)
    tariff = definition.tariff
    components = [each for each in tariff.components if each.applies_on(day)] if tariff else []
    reductions = [each for each in tariff.reductions if each.applies_on(day) and each.conditions] if tariff else []

    def judged(conditions: Iterable[Condition]) -> Applies:
        return _applies(conditions, known, day)

    def kept(rows: Iterable[tuple[object, Applies]]) -> tuple[tuple[object, Applies], ...]:
        return tuple(row for row in rows if row[1] != "no")

    return Needs(
        questions=_questions(definition, known, day),
        papers=kept((each, judged(each.needed)) for each in definition.all_papers),  # type: ignore[arg-type]
        fees=kept((each, judged(each.needed)) for each in components),  # type: ignore[arg-type]
        reductions=kept((each, judged(each.conditions)) for each in reductions),  # type: ignore[arg-type]
        cosigners=kept((each, judged(each.needed)) for each in definition.cosigners),  # type: ignore[arg-type]
    )


def _known(definition: ServiceDefinition, answers: Mapping[str, str], day: date) -> dict[str, str | None]:
    """By question: the answer; an empty text where the question does not apply; None where nothing is known yet."""
    known: dict[str, str | None] = {}
    for field in definition.fields:
        asked = _applies(field.needed, known, day)
        known[field.key] = "" if asked == "no" else answers.get(field.key) if asked == "yes" else None
    return known


def _applies(conditions: Iterable[Condition], known: Mapping[str, str | None], day: date) -> Applies:
    judged = [_holds(condition, known.get(condition.field), day) for condition in conditions]
    if "no" in judged:
        return "no"
    return "depends" if "depends" in judged else "yes"


def _holds(condition: Condition, answer: str | None, day: date) -> Applies:
    if answer is None:
        return "depends"
    return "yes" if condition.holds({condition.field: answer}, day) else "no"


def _questions(definition: ServiceDefinition, known: Mapping[str, str | None], day: date) -> tuple[FormField, ...]:
    """Those that something depends on, and those that they depend on themselves; one that may turn out not to apply comes once
    what decides that is answered."""
    rules = [each.needed for each in definition.all_papers] + [each.needed for each in definition.cosigners]
    if definition.tariff:
        rules += [each.needed for each in definition.tariff.components]
        rules += [each.conditions for each in definition.tariff.reductions]
    wanted = {condition.field for rule in rules for condition in rule}
    for field in reversed(definition.fields):  # what a question depends on stands before it
        if field.key in wanted:
            wanted |= {condition.field for condition in field.needed}
    return tuple(
        field
        for field in definition.fields
        if field.key in wanted and field.type in ASKED and _applies(field.needed, known, day) == "yes"
    )
