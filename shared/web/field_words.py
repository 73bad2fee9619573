"""What is wrong with one field of a request, in words, by pydantic's name for the error; pydantic fills the names in {}."""

from shared.texts import N_

UNREADABLE = N_("This cannot be read here. See the description of the interface.")
NOT_JSON = N_("The body is not valid JSON.")
NOT_JSON_FROM = N_("The body is not valid JSON: it cannot be read from sign {at} on.")
NOT_SENT_AS = N_("Send the body as {accepted}, and say so in the header Content-Type. Nothing was changed.")

_DATE = N_("Write a date as YYYY-MM-DD, for example 1990-04-23.")
_TIME = N_("Write a time with its zone, as 2026-11-22T09:30:00Z.")
_FORM = N_("This does not have the expected form.")
_WHOLE = N_("This must be a whole number.")
_NUMBER = N_("This must be a number.")
_YES_OR_NO = N_("This must be true or false.")
_LIST = N_("This must be a list.")
_FIELDS = N_("This must be an object with named fields.")
_CHOICE = N_("Choose one of: {expected}.")

FIELD_WORDS = {
    "missing": N_("This is missing."),
    "extra_forbidden": N_("This field is not known here."),
    "json_invalid": NOT_JSON,
    "string_too_long": N_("This is too long: at most {max_length} characters."),
    "string_too_short": N_("This is too short: at least {min_length} characters."),
    "string_type": N_("This must be text."),
    "string_unicode": N_("This is not readable text."),
    "string_pattern_mismatch": _FORM,
    "value_error": _FORM,
    "uuid_type": _FORM,
    "uuid_parsing": _FORM,
    "too_long": N_("There are too many entries: at most {max_length}."),
    "too_short": N_("There are too few entries: at least {min_length}."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": N_("This must be more than {gt}."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "less_than": N_("This must be less than {lt}."),
    "less_than_equal": N_("This must be at most {le}."),
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "dict_type": _FIELDS,
    "model_type": _FIELDS,
    "model_attributes_type": _FIELDS,
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "timezone_aware": _TIME,
}
