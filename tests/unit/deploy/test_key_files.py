"""Key files: what is made is usable, a turn keeps what came before, and the current key is not destroyed."""

from pathlib import Path

import pytest

from deploy.local.key_files import StillCurrent, destroy, new_key_file, turn
from deploy.local.keys import SEALING, make_keys
from shared.sealing.key_file import read_keys


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_bytes(new_key_file())
    return path


def test_each_service_gets_keys_of_its_own_and_keeps_them(tmp_path: Path) -> None:
    keys = make_keys(tmp_path)
    made = {service: keys.key_encryption_keys(service).read_bytes() for service in SEALING}
    assert len({read_keys(content).blind for content in made.values()}) == len(SEALING)
    make_keys(tmp_path)
    assert {service: keys.key_encryption_keys(service).read_bytes() for service in SEALING} == made


def test_a_turn_adds_a_key_and_leaves_all_else_as_it_was(file: Path) -> None:
    before = read_keys(file.read_bytes())
    kek = turn(file)
    after = read_keys(file.read_bytes())
    assert (after.current, after.blind) == (kek, before.blind)
    assert before.keys.items() <= after.keys.items()
    assert len(after.keys) == 2


def test_only_an_old_key_is_destroyed(file: Path) -> None:
    old = read_keys(file.read_bytes()).current
    with pytest.raises(StillCurrent):
        destroy(old, file)
    new = turn(file)
    destroy(old, file)
    assert list(read_keys(file.read_bytes()).keys) == [new]


def test_the_name_of_a_destroyed_key_is_never_given_to_another(file: Path) -> None:
    old = read_keys(file.read_bytes()).current
    new = turn(file)
    destroy(old, file)
    assert turn(file) not in (old, new)


def test_nobody_else_may_read_a_key_file(file: Path) -> None:
    turn(file)
    assert file.stat().st_mode & 0o077 == 0
