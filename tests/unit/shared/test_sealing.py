"""Envelopes, key-encryption keys, the key file and blind indexes: what opens where, and what does not."""

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing.blind import BlindIndex, BlindKind
from shared.sealing.envelopes import DataKey, Place, is_sealed, joined
from shared.sealing.errors import KeyAway, SealBroken, UnusableKeys
from shared.sealing.key_encryption import KeyRing, Owner
from shared.sealing.key_file import WatchedKeyFile, keys_from_text, read_keys
from tests.support.sealing import BLIND, KEYS_OF_TESTS, OF_TESTS, KeyFile

KEY = DataKey("key-1", b"1" * 32)
HERE = Place("people", "person-1", "name")
OWNER = Owner("identity", "person-1", "key-1")


def broken(reason: str) -> "pytest.RaisesExc[SealBroken]":
    return pytest.raises(SealBroken, match=f"^{reason}$")


def test_what_was_sealed_opens_in_its_place() -> None:
    assert KEY.open(KEY.seal(b"Aigerim", HERE), HERE) == b"Aigerim"


def test_the_same_value_is_another_ciphertext_each_time() -> None:
    assert KEY.seal(b"Aigerim", HERE)["c"] != KEY.seal(b"Aigerim", HERE)["c"]


@pytest.mark.parametrize(
    "elsewhere", [Place("cases", "person-1", "name"), Place("people", "person-2", "name"), Place("people", "person-1", "email")]
)
def test_a_ciphertext_does_not_open_in_another_place(elsewhere: Place) -> None:
    with broken("moved-or-altered"):
        KEY.open(KEY.seal(b"Aigerim", HERE), elsewhere)


def test_a_ciphertext_does_not_open_under_another_key_even_one_with_its_id() -> None:
    sealed = KEY.seal(b"Aigerim", HERE)
    with broken("other-key"):
        DataKey("key-2", b"1" * 32).open(sealed, HERE)
    with broken("moved-or-altered"):
        DataKey("key-1", b"2" * 32).open(sealed, HERE)


@pytest.mark.parametrize("part", ["n", "c"])
def test_each_flipped_bit_is_seen(part: str) -> None:
    sealed = KEY.seal(b"Aigerim", HERE)
    whole = sealed["n"] if part == "n" else sealed["c"]
    for at, bit in product(range(len(whole)), range(8)):
        altered = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
        nonce, content = (altered, sealed["c"]) if part == "n" else (sealed["n"], altered)
        with broken("moved-or-altered"):
            KEY.open({"k": sealed["k"], "n": nonce, "c": content}, HERE)


def test_an_envelope_is_told_from_any_other_value() -> None:
    assert is_sealed(KEY.seal(b"", HERE))
    assert not any(
        is_sealed(other)
        for other in ("text", None, {}, {"k": "1", "n": b"", "c": "text"}, {"k": "1", "n": b"", "c": b"", "d": 1})
    )


@given(st.lists(st.text(max_size=4), max_size=5), st.lists(st.text(max_size=4), max_size=5))
def test_no_two_lists_of_parts_are_joined_to_the_same_bytes(one: list[str], other: list[str]) -> None:
    assert (joined(*one) == joined(*other)) == (one == other)


async def test_a_wrapped_key_opens_for_its_owner_only() -> None:
    ring = KeyRing("a", {"a": b"a" * 32})
    wrapped = await ring.wrap(b"secret", OWNER)
    assert await ring.unwrap(wrapped, OWNER) == b"secret"
    for other in (
        Owner("documents", "person-1", "key-1"),
        Owner("identity", "person-2", "key-1"),
        Owner("identity", "person-1", "key-2"),
    ):
        with broken("wrapped-key-altered"):
            await ring.unwrap(wrapped, other)


async def test_a_key_whose_key_encryption_key_is_gone_waits_for_it() -> None:
    wrapped = await KeyRing("a", {"a": b"a" * 32}).wrap(b"secret", OWNER)
    with pytest.raises(KeyAway):
        await KeyRing("b", {"b": b"b" * 32}).unwrap(wrapped, OWNER)


async def test_a_replaced_key_file_is_read_while_the_process_runs(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    ours, another = WatchedKeyFile(file.path), WatchedKeyFile(file.path)
    file.add("second")
    vars(another)["_looked_at"] = -1.0  # its second is over
    wrapped = await another.wrap(b"secret", OWNER)
    assert wrapped.kek == "second"
    assert await ours.unwrap(wrapped, OWNER) == b"secret"  # a key that it never heard of makes it look at once


async def test_a_key_file_that_was_damaged_leaves_the_keys_from_before(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    ours = WatchedKeyFile(file.path)
    wrapped = await ours.wrap(b"secret", OWNER)
    file.path.write_text("{")
    vars(ours)["_looked_at"] = -1.0
    assert await ours.unwrap(wrapped, OWNER) == b"secret"


def test_a_key_file_that_is_missing_is_told_once_and_again_after_it_was_there(
    fresh_logs: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = KeyFile(tmp_path / "keys.json")
    ours = WatchedKeyFile(file.path)

    def looked_at(times: int) -> int:
        for _ in range(times):
            vars(ours)["_looked_at"] = -1.0
            assert ours.current == "first"
        return capsys.readouterr().out.count("key_file_not_usable")

    content = file.path.read_bytes()
    file.path.unlink()
    assert looked_at(5) == 1
    file.path.write_bytes(content)
    assert looked_at(1) == 0
    file.path.unlink()
    assert looked_at(2) == 1


def test_another_blind_key_is_not_taken_while_the_process_runs(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    ours = WatchedKeyFile(file.path)
    file.path.write_text(json.dumps({"current": "x", "keys": {"x": OF_TESTS}, "blind": OF_TESTS}))
    vars(ours)["_looked_at"] = -1.0
    assert ours.current == "first"


NO_KEY_FILES = (
    "no json",
    "[]",
    "{}",
    json.dumps({"current": "a", "keys": {}, "blind": BLIND}),
    json.dumps({"current": "a", "keys": {"a": "c2hvcnQ="}, "blind": BLIND}),
    json.dumps({"current": "a", "keys": {"a": OF_TESTS}}),
    json.dumps({"current": "a", "keys": {"a": 7}, "blind": BLIND}),
    json.dumps({"current": "a", "keys": {"a": "ü"}, "blind": BLIND}),
)


@pytest.mark.parametrize("content", NO_KEY_FILES)
def test_a_key_file_that_is_not_one_is_refused_without_quoting_it(content: str) -> None:
    with pytest.raises(UnusableKeys) as refused:
        read_keys(content.encode())
    assert OF_TESTS not in str(refused.value)


def test_a_blind_index_finds_a_value_however_it_is_written() -> None:
    index = BlindIndex(b"b" * 32)
    assert index.of(BlindKind.PHONE, "+996 (700) 12-34-56") == index.of(BlindKind.PHONE, "+996700123456")
    assert index.of(BlindKind.EMAIL, " Aigerim@Example.org") == index.of(BlindKind.EMAIL, "aigerim@example.org")
    assert index.of(BlindKind.PIN, "2 1508 1990 00001") == index.of(BlindKind.PIN, "21508199000001")


def test_the_same_text_has_another_index_in_each_kind_and_under_each_key() -> None:
    written = "21508199000001"
    one, other = BlindIndex(b"b" * 32), keys_from_text(KEYS_OF_TESTS).blind
    found = [index.of(kind, written) for index in (one, other) for kind in BlindKind]
    assert len(set(found)) == len(found)
