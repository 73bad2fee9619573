"""The Merkle tree against the values that implementations of RFC 6962 share, and its proofs for every place in small trees."""

import pytest

from shared.audit.tree import EMPTY_ROOT, Frontier, inclusion_path, leaf_hash, root_from_path, root_of

# the test vectors of Certificate Transparency: eight leaves, and the root after each
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(HASHES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root == EMPTY_ROOT


def test_growing_in_parts_is_growing_at_once() -> None:
    assert Frontier().grown(HASHES[:3]).grown(HASHES[3:7]).grown(HASHES[7:]) == Frontier().grown(HASHES)


def test_the_roots_of_whole_tiles_are_told_as_they_are_completed() -> None:
    leaves, completed = [leaf_hash(str(number).encode()) for number in range(1_000)], dict[tuple[int, int], bytes]()
    Frontier().grown(leaves[:300], completed).grown(leaves[300:], completed)
    assert completed == {(1, place): root_of(leaves[256 * place : 256 * (place + 1)]) for place in range(3)}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 31])
def test_a_proof_holds_for_its_own_place_and_no_other(size: int) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    root = root_of(leaves)
    for index in range(size):
        path = inclusion_path(index, size, lambda first, many: root_of(leaves[first : first + many]))
        assert [other for other in range(size) if root_from_path(leaves[index], other, size, path) == root] == [index]
