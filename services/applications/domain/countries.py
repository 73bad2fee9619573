"""Countries by their two letters, with the names that CLDR gives them in Kyrgyz, Russian and English."""

from functools import cache

from babel import Locale

from services.applications.domain.alphabet import sort_key

# what CLDR names beside the countries and territories of ISO 3166-1: unions, test locales, islands with a reserved code
_NOT_IN_ISO = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "XK"}
COUNTRY_CODES = frozenset(
    code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha() and code not in _NOT_IN_ISO
)

_OWN_NAMES = {"ru": {"KG": "Кыргызстан"}}  # as the country itself writes it; CLDR has the older one


@cache
def country_names(language: str) -> dict[str, str]:
    """Code to name, in that language; in the order of its alphabet."""
    territories = Locale(language).territories
    own = _OWN_NAMES.get(language, {})
    named = [(code, own.get(code) or str(territories[code])) for code in COUNTRY_CODES]
    return dict(sorted(named, key=lambda pair: sort_key(pair[1])))
