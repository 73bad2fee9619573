"""Countries by their two letters, with the names that CLDR gives them in Kyrgyz, Russian and English."""

from functools import cache

from babel import Locale

_NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
_KYRGYZ_ORDER = str.maketrans({"ң": "н\uffff", "ө": "о\uffff", "ү": "у\uffff", "ё": "е\uffff"})
COUNTRY_CODES = frozenset(
    code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
)


@cache
def country_names(language: str) -> dict[str, str]:
    """Code to name, in that language; in the order of its alphabet."""
    territories = Locale(language).territories
    named = [(code, str(territories.get(code, code))) for code in COUNTRY_CODES]
    return dict(sorted(named, key=lambda pair: pair[1].casefold().translate(_KYRGYZ_ORDER)))
