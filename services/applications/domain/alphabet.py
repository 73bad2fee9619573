"""The order of the Kyrgyz alphabet, which holds the Russian one: Ё after Е, Ң after Н, Ө after О, Ү after У."""

import unicodedata

_AFTER = "\uffff"  # behind every letter that can follow, so that all of Н comes before the first Ң
AFTER_ALL = _AFTER * 2  # the key of what has no name any more
_KYRGYZ_ORDER = str.maketrans({"ё": "е" + _AFTER, "ң": "н" + _AFTER, "ө": "о" + _AFTER, "ү": "у" + _AFTER})


def sort_key(text: str) -> str:
    """What to sort by, or to store and index: plain comparison of keys is the order of the alphabet. Case does not count."""
    return unicodedata.normalize("NFC", text).casefold().translate(_KYRGYZ_ORDER)
