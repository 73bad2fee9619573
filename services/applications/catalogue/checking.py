"""What a service file must say to be offered, what in it is only illustrative, and whether its parts fit together."""

from collections.abc import Collection, Iterator
from typing import Any

from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.sourced import Condition, Definition


def illustrative_values(definition: ServiceDefinition) -> list[str]:
    """Where in the file a value stands that is marked D: term, refusal_reasons.valid-passport-held, …"""
    return [where for where, mark in marks(definition) if mark == "D"]


def marks(definition: ServiceDefinition) -> Iterator[tuple[str, str]]:
    """Every value that carries a certainty mark, with where it stands."""
    return ((where, mark) for where, part in parts(definition) if (mark := getattr(part, "certainty", None)))


def lacks(definition: ServiceDefinition) -> list[str]:
    """What a citizen or an officer would look for and not find. A service that lacks something is not complete."""
    needed = {
        "guidance": definition.guidance,
        "legal_basis": definition.legal_basis,
        "who_may_apply": definition.who_may_apply,
        "appearance": definition.appearance,
        "clock": definition.clock,
        "papers": definition.papers,
        "tariff": definition.tariff,
    }
    missing = [name for name, value in needed.items() if not value]
    return missing + ["group"] * (definition.group == "other")


def faults(definition: ServiceDefinition, posts: Collection[str]) -> list[str]:
    """Parts that name something which is not there: fields, options, fee components, posts."""
    return [
        *_wrong_conditions(definition),
        *_wrong_limits(definition),
        *(f"posts: {post}: there is no such post" for post in definition.posts if post not in posts),
        *(
            f"refusal_reasons.{reason.code}: {post}: there is no such post"
            for reason in definition.refusal_reasons
            for post in reason.posts
            if post not in posts
        ),
        *_unknown_fields(definition),
        *_unknown_components(definition),
    ]


def parts(part: Any, where: str = "") -> Iterator[tuple[str, Definition]]:
    """The part itself and all that it is made of, with where each stands."""
    if isinstance(part, Definition):
        yield where, part
        for name in type(part).model_fields:
            yield from parts(getattr(part, name), f"{where}.{name}" if where else name)
    elif isinstance(part, tuple):
        for position, each in enumerate(part):
            yield from parts(each, f"{where}.{getattr(each, 'code', None) or getattr(each, 'key', None) or position}")


def _wrong_conditions(definition: ServiceDefinition) -> Iterator[str]:
    for where, condition in parts(definition.tariff, "tariff"):
        if not isinstance(condition, Condition):
            continue
        field = definition.field(condition.field)
        if field is None:
            yield f"{where}: {condition.field} is no field"
            continue
        for value in condition.one_of:
            if field.options and field.option(value) is None:
                yield f"{where}: {condition.field} has no option {value}"


def _wrong_limits(definition: ServiceDefinition) -> Iterator[str]:
    """An age that is asked of something that is no date, or an answer that nobody can give, would hold nobody."""
    for rule in definition.who_may_apply.only if definition.who_may_apply else ():
        field = definition.field(rule.field)
        kinds = ("choice", "country") if rule.none_of else ("date",)
        if field is not None and field.type not in kinds:
            yield f"who_may_apply.only: {rule.field} is not of the kind {' or '.join(kinds)}"


def _unknown_fields(definition: ServiceDefinition) -> Iterator[str]:
    for component in definition.tariff.components if definition.tariff else ():
        if component.times_field and definition.field(component.times_field) is None:
            yield f"tariff.components.{component.code}: {component.times_field} is no field"


def _unknown_components(definition: ServiceDefinition) -> Iterator[str]:
    if definition.tariff is None:
        return
    known = {component.code for component in definition.tariff.components}
    for reduction in definition.tariff.reductions:
        for code in reduction.components:
            if code not in known:
                yield f"tariff.reductions.{reduction.code}: there is no component {code}"
