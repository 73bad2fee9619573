"""How many segments an SMS takes: GSM 03.38's seven-bit alphabet where it suffices, else UCS-2 (Kyrgyz and Russian)."""

from math import ceil

MAX_SEGMENTS = 3
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_ESCAPED = frozenset("^{}\\[~]|€\f")  # two septets each


def segments(text: str) -> int:
    """Segments of the text; a long one spends six octets of each on saying which part it is."""
    if set(text) <= _GSM7 | _GSM7_ESCAPED:
        septets = sum(2 if letter in _GSM7_ESCAPED else 1 for letter in text)
        return 1 if septets <= 160 else ceil(septets / 153)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else ceil(units / 67)
