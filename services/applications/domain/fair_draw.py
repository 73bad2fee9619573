"""The fair draw itself: pure arithmetic on published data, which anybody can do again (docs/draw.md, ./eshik draw verify).

Before anybody can enter, the sha256 of a random seed is published. When entries are closed their codes are fixed and a digest of
them is published. After the draw the seed is. An entry's number is sha256(seed|digest of all entries|code); who is in hardship
comes first, then the lowest number. Each in turn gets the first time left that lies in the days that they can come. When an entry
came in, or how often somebody tried, is in none of this.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = "eshik-draw/1"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """code: known to whose entry it is, and nobody else. days: on which they can come; none: any."""

    code: str
    hardship: bool
    days: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        return {"code": self.code, "hardship": self.hardship, "days": list(self.days)}


def commitment(seed: bytes) -> str:
    """Published before the draw is open."""
    return hashlib.sha256(seed).hexdigest()


def codes_digest(codes: Iterable[str]) -> str:
    """Published when entries are closed: nobody can be put in or taken out after that without being seen."""
    return hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()


def entries_digest(entries: Iterable[PublicEntry]) -> str:
    data = [entry.as_data() for entry in _sorted(entries)]
    return hashlib.sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def in_order(seed: bytes, entries: Sequence[PublicEntry]) -> list[PublicEntry]:
    digest = entries_digest(entries)

    def number(entry: PublicEntry) -> str:
        return hashlib.sha256(f"{seed.hex()}|{digest}|{entry.code}".encode()).hexdigest()

    return sorted(entries, key=lambda entry: (not entry.hardship, number(entry), entry.code))


def result(seed: bytes, entries: Sequence[PublicEntry], slots: Sequence[str]) -> list[dict[str, Any]]:
    """By place: whose code, and which time or none. slots: in the order in which they are given out."""
    left, found = list(slots), []
    for place, entry in enumerate(in_order(seed, entries), 1):
        slot = next((slot for slot in left if not entry.days or day_of(slot) in entry.days), None)
        if slot:
            left.remove(slot)
        found.append({"place": place, "code": entry.code, "slot": slot})
    return found


def publication(seed: bytes, entries: Sequence[PublicEntry], slots: Sequence[str], about: Mapping[str, Any]) -> dict[str, Any]:
    """All that is needed to draw again. about: ids and times."""
    return {
        "format": FORMAT,
        **about,
        "commitment": commitment(seed),
        "codes_digest": codes_digest(entry.code for entry in entries),
        "seed": seed.hex(),
        "slots": list(slots),
        "entries": [entry.as_data() for entry in _sorted(entries)],
        "entries_digest": entries_digest(entries),
        "result": result(seed, entries, slots),
    }


def faults(published: Mapping[str, Any], *, commitment_before: str | None = None, codes_before: str | None = None) -> list[str]:
    """What does not hold in a publication; none where it is fair. commitment_before, codes_before: as somebody noted them on the
    draw's page before it was drawn. Raises ValueError, KeyError or TypeError for what is no publication."""
    if published["format"] != FORMAT:
        raise ValueError("this is another format")
    seed = bytes.fromhex(published["seed"])
    entries = [PublicEntry(str(row["code"]), row["hardship"] is True, tuple(row["days"])) for row in published["entries"]]
    codes = [entry.code for entry in entries]
    checks = {
        "the seed is not the one that was committed to": commitment(seed) == published["commitment"],
        "the commitment is not the one that was published before": commitment_before in (None, published["commitment"]),
        "the digest of the codes does not hold": codes_digest(codes) == published["codes_digest"],
        "the codes are not those that were published at closing": codes_before in (None, published["codes_digest"]),
        "the digest of the entries does not hold": entries_digest(entries) == published["entries_digest"],
        "a code is there twice": len(set(codes)) == len(codes),
        "a time is there twice": len(set(published["slots"])) == len(published["slots"]),
        "drawn again, the result is another one": result(seed, entries, published["slots"]) == published["result"],
    }
    return [fault for fault, holds in checks.items() if not holds]


def day_of(slot_id: str) -> str:
    return slot_id.split(".")[2]


def _sorted(entries: Iterable[PublicEntry]) -> list[PublicEntry]:
    return sorted(entries, key=lambda entry: entry.code)
