"""Proof that one entry is in the audit, for whoever has its receipt: checked without us, with the public key and a checkpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.audit.checkpoint import Checkpoint, read_promise
from shared.audit.entry import canonical_json
from shared.audit.keys import Jwk, NotSigned
from shared.audit.tree import leaf_hash, root_from_path

FORMAT = "eshik-audit-proof/1"


class NotProved(Exception):
    """The proof does not hold. The text says at what."""


@dataclass(frozen=True, slots=True)
class Proved:
    number: int
    checkpoint: Checkpoint
    entry: Mapping[str, Any]


def proof_data(
    service: str, number: int, entry: Mapping[str, Any], path: list[bytes], checkpoint: str, key: Jwk
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "service": service,
        "number": number,
        "entry": dict(entry),
        "path": [node.hex() for node in path],
        "checkpoint": checkpoint,
        "key": key,
    }


def check_proof(proof: Mapping[str, Any], *, keys: Iterable[Jwk] | None = None, promise: str | None = None) -> Proved:
    """keys: trusted ones; without them the proof's own, and then it only shows that it is consistent. promise: of the receipt,
    which must have promised this very entry. Raises NotProved."""
    try:
        trusted = list(keys) if keys is not None else [proof["key"]]
        checkpoint = Checkpoint.read(proof["checkpoint"], trusted)
        leaf, number = leaf_hash(canonical_json(proof["entry"])), int(proof["number"])
        path = [bytes.fromhex(node) for node in proof["path"]]
        promised = read_promise(promise, trusted) if promise else None
    except NotSigned:
        raise NotProved("its checkpoint, or the promise, is not signed by a key that is trusted") from None
    except (ValueError, KeyError, TypeError):
        raise NotProved("it is not a proof") from None
    if promised and (promised["entry"], promised["hash"]) != (proof["entry"].get("id"), leaf.hex()):
        raise NotProved("the entry is not the one that was promised, or it was changed since")
    if checkpoint.service != proof["service"] or root_from_path(leaf, number - 1, checkpoint.size, path) != checkpoint.root:
        raise NotProved("the entry is not what the checkpoint says stands at its number")
    return Proved(number, checkpoint, proof["entry"])
