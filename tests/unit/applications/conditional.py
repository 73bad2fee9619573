"""A service whose form, papers and co-signer depend on answers, made of one of the catalogue's."""

import json
from typing import Any

from services.applications.catalogue import the_catalogue
from services.applications.domain.service_definition import ServiceDefinition
from tests.unit.applications.cases import ANSWERS, RETURN

CHILD = ANSWERS[RETURN] | {"birth_date": "2019-03-01"}
SECOND_PARENT = {"second_parent": "Бакыт Токтобеков", "second_parent_latin": "BAKYT TOKTOBEKOV"}
SECOND_PARENT_SIGNS: dict[str, Any] = {
    "code": "second-parent",
    "label": "The second parent",
    "name_field": "second_parent",
    "needed": [{"field": "birth_date", "age_below": 16}],
    "source": "of a test",
    "certainty": "D",
}


def conditional(**changes: Any) -> ServiceDefinition:
    """The certificate of return, where a number is asked only of a paper that there still is, what was stolen has a police
    number, and for a child under 16 a second parent is named and confirms."""
    data = json.loads(the_catalogue().version(RETURN, 1).model_dump_json())
    fields = {field["key"]: field for field in data["fields"]}
    fields["former_document_number"] |= {
        "needed": [{"field": "circumstances", "one_of": ["expired", "damaged"]}],
        "required": True,
    }
    fields["travel_date"]["needed"] = [{"field": "former_document_number", "answered": True}]
    child = [{"field": "birth_date", "age_below": 16}]
    data["fields"] += [
        {"key": "second_parent", "label": "Full name", "type": "name", "needed": child},
        {"key": "second_parent_latin", "label": "Full name in Latin letters", "type": "latin_name", "needed": child},
    ]
    data["steps"].append({"id": "second-parent", "title": "Your name", "fields": ["second_parent", "second_parent_latin"]})
    data["same_person"] = [{"fields": ["full_name", "full_name_latin"]}, {"fields": ["second_parent", "second_parent_latin"]}]
    data["cosigners"] = [SECOND_PARENT_SIGNS]
    return ServiceDefinition.model_validate_json(json.dumps(data | changes))
