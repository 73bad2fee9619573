"""Proofs: that a document, with what lies in it in plain, is as it was written, and is that of the person whose key proves it.

A proof is an envelope around nothing, under the person's data key (AES-GCM as a MAC): bound with it are collection, record and a
digest of the document. A rotation of key-encryption keys leaves it as it is, and it opens for no other person and record.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from shared.sealing.envelopes import DataKey, Place, Sealed
from shared.sealing.errors import SealBroken

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The same bytes before it is written and after it is read, whatever the order of its fields. Raises SealBroken for a value
    of a kind that we do not write."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), default=_as_text).encode()


def prove(content: bytes, key: DataKey, place: Place) -> Sealed:
    return key.seal(b"", _bound(content, place))


def verify(content: bytes, proof: Sealed, key: DataKey, place: Place) -> None:
    """Raises SealBroken."""
    key.open(proof, _bound(content, place))


def _bound(content: bytes, place: Place) -> Place:
    return Place(place.collection, place.record, f"{place.field}:{sha256(content).hexdigest()}")


def _as_text(value: Any) -> Any:
    """What JSON has no word for. A database keeps milliseconds."""
    match value:
        case datetime():
            return {"time": (value - _EPOCH) // _MILLISECOND}
        case bytes():
            return {"bytes": value.hex()}
        case _:
            raise SealBroken("moved-or-altered")
