"""The draw as arithmetic: fair, the same for everybody who does it again, and deaf to who came first or tried often."""

import hashlib
import json
import random
from collections import Counter
from typing import Any

import pytest

from services.applications.domain.fair_draw import PublicEntry, codes_digest, commitment, faults, publication, result

SEED = bytes(range(32))
SLOTS = [f"yek.b.2026-12-0{day}.{hour}00" for day in (2, 4) for hour in ("09", "10", "11")]
ABOUT = {"draw": "d1", "post": "yek"}


def entries(count: int, *, hardship: int = 0, days: tuple[str, ...] = ()) -> list[PublicEntry]:
    return [PublicEntry(f"YEK-26-{number:08d}", number < hardship, days) for number in range(count)]


def by_hand(published: dict[str, Any]) -> list[dict[str, Any]]:
    """As docs/draw.md says it, and not as our code does it."""
    rows = sorted(published["entries"], key=lambda row: row["code"])
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    numbered = [
        (not row["hardship"], hashlib.sha256(f"{published['seed']}|{digest}|{row['code']}".encode()).hexdigest(), row)
        for row in rows
    ]
    free, found = list(published["slots"]), []
    for place, (_, _, row) in enumerate(sorted(numbered, key=lambda each: each[:2]), 1):
        mine = [slot for slot in free if not row["days"] or slot.split(".")[2] in row["days"]][:1]
        free = [slot for slot in free if slot not in mine]
        found.append({"place": place, "code": row["code"], "slot": mine[0] if mine else None})
    return found


def test_anybody_can_draw_again_from_what_is_published() -> None:
    published = json.loads(json.dumps(publication(SEED, entries(40, hardship=3), SLOTS, ABOUT)))
    assert faults(published) == []
    assert by_hand(published) == published["result"]


def test_in_which_order_entries_came_changes_nothing() -> None:
    asked = entries(50, hardship=4)
    expected = result(SEED, asked, SLOTS)
    for seed in range(20):
        shuffled = random.Random(seed).sample(asked, len(asked))
        assert result(SEED, shuffled, SLOTS) == expected


def test_whoever_is_in_hardship_comes_before_all_others() -> None:
    found = result(SEED, entries(20, hardship=4), SLOTS)
    assert {row["code"] for row in found[:4]} == {f"YEK-26-{number:08d}" for number in range(4)}
    assert all(row["slot"] for row in found[:4])


def test_each_time_is_given_once_and_only_on_a_day_on_which_they_can_come() -> None:
    asked = [*entries(5, days=("2026-12-04",)), *(PublicEntry(f"B{number}", False, ()) for number in range(5))]
    found = result(SEED, asked, SLOTS)
    given = [row["slot"] for row in found if row["slot"]]
    assert len(given) == len(set(given)) == len(SLOTS)
    days = {entry.code: entry.days for entry in asked}
    assert all(row["slot"].split(".")[2] in days[row["code"]] for row in found if row["slot"] and days[row["code"]])


def test_a_bot_has_the_same_chance_as_anybody_else() -> None:
    """One entry a person: a thousand tries are one entry, and the first to come is one of all."""
    asked, draws = entries(30), 2_000
    won: Counter[str] = Counter()
    for number in range(draws):
        seed = hashlib.sha256(str(number).encode()).digest()
        won.update(row["code"] for row in result(seed, asked, SLOTS) if row["slot"])
    expected = draws * len(SLOTS) / len(asked)
    spread = (expected * (1 - len(SLOTS) / len(asked))) ** 0.5
    assert all(abs(won[entry.code] - expected) < 4.5 * spread for entry in asked)
    assert sum(won.values()) == draws * len(SLOTS)


def test_one_entry_more_or_less_draws_all_anew() -> None:
    """Nobody who knows the seed can say what an entry would bring without knowing all others."""
    asked = entries(30)
    orders = [row["code"] for row in result(SEED, asked, SLOTS)], [row["code"] for row in result(SEED, asked[:-1], SLOTS)]
    assert [code for code in orders[0] if code != asked[-1].code] != orders[1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": "00" * 32}, "the seed is not the one that was committed to"),
        ({"slots": SLOTS[::-1]}, "drawn again, the result is another one"),
        ({"slots": [SLOTS[0], *SLOTS]}, "a time is there twice"),
        ({"codes_digest": "0" * 64}, "the digest of the codes does not hold"),
    ],
)
def test_what_was_altered_is_found(change: dict[str, Any], told: str) -> None:
    assert told in faults(publication(SEED, entries(10), SLOTS, ABOUT) | change)


def test_an_entry_put_in_taken_out_or_moved_up_is_found() -> None:
    published = publication(SEED, entries(10), SLOTS, ABOUT)
    for rows in (published["entries"][1:], [*published["entries"], {"code": "X", "hardship": False, "days": []}]):
        assert "the digest of the codes does not hold" in faults(published | {"entries": rows})
    first = published["entries"][0] | {"hardship": True}
    assert "the digest of the entries does not hold" in faults(published | {"entries": [first, *published["entries"][1:]]})


def test_what_somebody_noted_before_the_draw_is_compared() -> None:
    published = publication(SEED, entries(10), SLOTS, ABOUT)
    codes = codes_digest(row["code"] for row in published["entries"])
    assert faults(published, commitment_before=commitment(SEED), codes_before=codes) == []
    assert faults(published, commitment_before=commitment(b"another")) == [
        "the commitment is not the one that was published before"
    ]
    assert faults(published, codes_before="0" * 64) == ["the codes are not those that were published at closing"]
