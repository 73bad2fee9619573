"""What an officer should compare, beyond single answers: names that disagree, and what a machine-readable zone says otherwise."""

from collections.abc import Mapping
from datetime import date

from services.applications.domain.form import Oddity
from services.applications.domain.mrz import Mrz, NotReadable, read_mrz
from services.applications.domain.name_identity import disagreements, same_as_in_passport
from services.applications.domain.name_tokens import NameRules
from services.applications.domain.service_definition import FormField, ServiceDefinition
from shared.texts import N_

_DISAGREE = N_(
    "This name and the other one that names the same person differ by more than spelling. Compare them with the paper."
)
_UNREADABLE = N_(
    "These are not the machine-readable lines of a passport or ID card, or a sign is missing. Compare them with the paper."
)
_FAULTY = N_("A check digit or a code in the machine-readable lines does not fit. Compare them with the paper.")
_OF_MRZ = {
    "mrz-name": N_("The machine-readable lines name the person otherwise. Compare the name with the paper."),
    "mrz-birth-date": N_("The machine-readable lines have another date of birth. Compare it with the paper."),
    "mrz-number": N_("The machine-readable lines have another document number. Compare it with the paper."),
    "mrz-pin": N_("The machine-readable lines have another PIN. Compare it with the paper."),
    "mrz-expired": N_("By its machine-readable lines this paper has expired."),
}


def to_compare(answers: Mapping[str, str], definition: ServiceDefinition, names: NameRules, day: date) -> list[Oddity]:
    """answers: those that apply. day: today at the post."""
    found = [Oddity(f"/answers/{each.second}", "name-identity", _DISAGREE) for each in disagreements(answers, definition, names)]
    for field in definition.fields:
        if field.type == "mrz" and (text := answers.get(field.key)):
            found += _of_zone(field, text, answers, definition, names, day)
    return found


def _of_zone(
    field: FormField, text: str, answers: Mapping[str, str], definition: ServiceDefinition, names: NameRules, day: date
) -> list[Oddity]:
    pointer = f"/answers/{field.key}"
    try:
        read = read_mrz(text, today=day)
    except NotReadable:
        return [Oddity(pointer, "mrz-unreadable", _UNREADABLE)]
    found = [Oddity(pointer, "mrz-faulty", _FAULTY)] if read.faults else []
    otherwise = _otherwise(read, answers, definition, names, day)
    return found + [Oddity(pointer, code, _OF_MRZ[code]) for code, differs in otherwise.items() if differs]


def _otherwise(
    read: Mrz, answers: Mapping[str, str], definition: ServiceDefinition, names: NameRules, day: date
) -> dict[str, bool]:
    """Whether it says otherwise than the answers about the holder; what is missing in either differs in nothing."""
    latin = answers.get(definition.holder_field("name_latin").key) or answers.get(definition.holder_field("name").key)
    born = answers.get(definition.holder_field("birth_date").key)
    pin = definition.holder_pin(answers)
    number = next((answers[f.key] for f in definition.fields if f.type == "document_number" and answers.get(f.key)), None)
    return {
        "mrz-name": bool(latin and read.name and not same_as_in_passport(latin, read.name, names)),
        "mrz-birth-date": bool(born and read.birth_date and read.birth_date.isoformat() != born),
        "mrz-number": bool(number and read.number and read.number != number),
        "mrz-pin": bool(pin and read.pin and read.pin != pin),
        "mrz-expired": bool(read.expiry_date and read.expiry_date < day),
    }
