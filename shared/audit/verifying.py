"""Judging an exported audit without us: only the export, the public key, and checkpoints that somebody else kept.

An export is text, one JSON to a line: first what it is, then the keys and checkpoints, then the entries in the order of their
numbers. An entry's bytes stand in its line exactly as they were hashed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.audit.chain import first_link
from shared.audit.checkpoint import Checkpoint, digest
from shared.audit.entry import canonical_json
from shared.audit.forgetting import MARK, Forgotten
from shared.audit.keys import Jwk, NotSigned
from shared.audit.tree import Frontier

FORMAT = "eshik-audit-export/1"
AT_ONCE = 4096
A_SERVICE = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class NotAnExport(Exception):
    """The file is none of ours, or cannot be read at all. The text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Broken:
    """what: edited, deleted, inserted, cut-off, rewritten, checkpoint. number: of the first entry concerned, where it can be
    told. id: of that entry, as it stands there."""

    what: str
    told: str
    number: int | None = None
    id: str | None = None


@dataclass(slots=True)
class Judged:
    """checked_against: checkpoints that were kept elsewhere. emptied: entries whose content was deleted by a rule. broken: the
    first fault; None where all of it holds."""

    service: str
    entries: int = 0
    checkpoints: int = 0
    checked_against: int = 0
    covered: int = 0
    emptied: int = 0
    broken: Broken | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kept:
    """What another body has: signed checkpoints and the keys that they keep beside them."""

    texts: Sequence[str]
    keys: Sequence[Jwk]

    @classmethod
    def in_folder(cls, folder: Path, service: str) -> "Kept":
        """The service's own folder in it, or all that lies there. service: as the export says, which is not believed.

        Raises NotAnExport where there is nothing.
        """
        if not A_SERVICE.fullmatch(service):
            raise NotAnExport("it names no service")
        at = folder / service if (folder / service).is_dir() else folder
        texts = [path.read_text().strip() for path in sorted(at.glob("*.jws"))]
        keys = [json.loads(path.read_text()) for path in sorted(at.glob("key-*.json"))]
        if not texts or not keys:
            raise NotAnExport(f"there are no checkpoints with a key in {at.name}")
        return cls(texts, keys)


def entry_line(number: int, link: str, text: str) -> str:
    """The entry last, and its bytes as they were hashed."""
    return f'{{"number":{number},"link":"{link}","entry":{text}}}'


def judge(lines: Iterable[bytes], kept: Kept | None) -> Judged:
    """Raises NotAnExport."""
    coming = iter(lines)
    service, keys, own = _head(coming)
    judged = Judged(service)
    checkpoints = _checked(judged, own, keys, kept)
    if judged.broken is None:
        _follow(judged, coming, checkpoints)
    return judged


def _head(coming: Iterator[bytes]) -> tuple[str, list[Jwk], list[str]]:
    try:
        head = json.loads(next(coming, b""))
        if head["format"] != FORMAT:
            raise NotAnExport("its first line names another format")
        return str(head["service"]), list(head["keys"]), [str(text) for text in head["checkpoints"]]
    except (ValueError, KeyError, TypeError):
        raise NotAnExport("its first line is not that of an export of the audit") from None


def _checked(judged: Judged, own: Sequence[str], keys: Sequence[Jwk], kept: Kept | None) -> dict[int, Checkpoint]:
    """By size. What others keep is believed, and judges what the export brings along."""
    texts = list(dict.fromkeys([*(kept.texts if kept else ()), *own]))
    trusted = kept.keys if kept else keys
    found: dict[int, Checkpoint] = {}
    numbers: dict[int, str] = {}
    for text in texts:
        try:
            checkpoint = Checkpoint.read(text, trusted)
        except NotSigned:
            whose = "one that others keep" if kept and text in kept.texts else "one of the export"
            judged.broken = Broken("checkpoint", f"a checkpoint ({whose}) is not signed by a key that is trusted")
            return {}
        if checkpoint.service != judged.service:
            continue
        if numbers.setdefault(checkpoint.number, text) != text:
            told = f"there are two different checkpoints with number {checkpoint.number}: the log was rewritten"
            judged.broken = Broken("rewritten", told)
            return {}
        other = found.setdefault(checkpoint.size, checkpoint)
        if (other.root, other.link) != (checkpoint.root, checkpoint.link):
            told = f"checkpoints {other.number} and {checkpoint.number} say different things of the same {other.size} entries"
            judged.broken = Broken("rewritten", told)
            return {}
    _notice_gaps(judged, numbers, trusted)
    judged.checkpoints = len(found)
    judged.checked_against = len(set(kept.texts) & set(numbers.values())) if kept else 0
    if kept and not judged.checked_against:
        raise NotAnExport(f"none of the checkpoints that others keep is of {judged.service}")
    return found


def _notice_gaps(judged: Judged, numbers: Mapping[int, str], keys: Sequence[Jwk]) -> None:
    for number in sorted(numbers):
        before = numbers.get(number - 1)
        previous = Checkpoint.read(numbers[number], keys).previous
        if before is None and number > 1:
            judged.notes.append(f"checkpoint {number - 1} is missing")
        elif before is not None and previous != digest(before):
            judged.broken = Broken("rewritten", f"checkpoint {number} does not name checkpoint {number - 1} as the one before it")
            return


def _follow(judged: Judged, coming: Iterator[bytes], checkpoints: Mapping[int, Checkpoint]) -> None:
    """The chain line by line, and the tree at each checkpoint."""
    link, number, frontier = first_link(judged.service), 0, Frontier()
    stops = sorted(checkpoints)
    pending: list[bytes] = []
    passed = 0
    forgotten = Forgotten()
    hashing = sha256
    for line in coming:
        prefix, separator, rest = line.partition(b'","entry":')
        expected = number + 1
        if separator and rest[-2:] == b"}\n":
            text = rest[:-2]
            leaf = hashing(b"\x00" + text).digest()
        else:
            prefix, text, leaf = _normal(line, expected)
        if not text:
            forgotten.note_emptied(expected)
        elif MARK in text:
            forgotten.note_cover(expected, text)
        follows = hashing(b"\x02" + link + expected.to_bytes(8, "big") + leaf).digest()
        if prefix != b'{"number":%d,"link":"%s' % (expected, follows.hex().encode()):
            judged.broken = _named(prefix, text, expected, link, next(coming, None))
            return
        link, number = follows, expected
        pending.append(leaf)
        if stops and stops[0] == number:
            frontier, pending = frontier.grown(pending), []
            checkpoint = checkpoints[stops.pop(0)]
            if (frontier.root, link) != (checkpoint.root, checkpoint.link):
                judged.broken = _rewritten(passed, checkpoint)
                return
            passed = number
        elif len(pending) >= AT_ONCE:
            frontier, pending = frontier.grown(pending), []
    judged.entries, judged.covered, judged.emptied = number, passed, forgotten.count
    _judge_end(judged, stops, forgotten.fault(checkpoints))


def _judge_end(judged: Judged, left: Sequence[int], emptied: tuple[int, str] | None) -> None:
    """left: sizes of checkpoints that the log does not reach. emptied: an entry without content that nothing accounts for."""
    if left:
        told = (
            f"the log ends with entry {judged.entries}, and a checkpoint is there for {left[-1]}: "
            f"entry {judged.entries + 1} is the first missing"
        )
        judged.broken = Broken("cut-off", told, judged.entries + 1)
    elif emptied:
        judged.broken = Broken("deleted", emptied[1], emptied[0])
    elif judged.entries > judged.covered:
        younger = judged.entries - judged.covered
        judged.notes.append(f"{younger} entries are younger than the last checkpoint: a cut among them is not seen")


def _rewritten(passed: int, checkpoint: Checkpoint) -> Broken:
    told = (
        f"the log follows by itself, and is not what checkpoint {checkpoint.number} says of its first {checkpoint.size} entries: "
        f"it was rewritten from entry {passed + 1} or later"
    )
    return Broken("rewritten", told, passed + 1)


def _normal(line: bytes, expected: int) -> tuple[bytes, bytes, bytes]:
    """What a line begins with, the entry's bytes, and their hash. A line that was written with other spaces or order means the
    same; one of an emptied entry has no bytes, and its hash stands there."""
    try:
        data = json.loads(line)
        link, number = str(data["link"]), int(data["number"])
        prefix = b'{"number":%d,"link":"%s' % (number, link.encode())
        if "entry" not in data:
            return prefix, b"", bytes.fromhex(data["hash"])
        text = canonical_json(data["entry"])
        return prefix, text, sha256(b"\x00" + text).digest()
    except (ValueError, KeyError, TypeError):
        raise NotAnExport(f"the line of entry {expected} cannot be read") from None


def _named(prefix: bytes, text: bytes, expected: int, link: bytes, after: bytes | None) -> Broken:
    """What happened where the chain breaks, as far as the line itself and the one after it tell."""
    try:
        said = json.loads(prefix + b'"}')
        number, own_link = int(said["number"]), bytes.fromhex(said["link"])
    except (ValueError, KeyError, TypeError):
        raise NotAnExport(f"the line of entry {expected} cannot be read") from None
    entry_id = _id_of(text)
    if number > expected:
        missing = f"entry {expected} is" if number == expected + 1 else f"entries {expected} to {number - 1} are"
        return Broken("deleted", f"{missing} missing", expected)
    if number < expected:
        return Broken("inserted", f"entry {number} is there once more: this line was put in", expected, entry_id)
    if after is not None and _links_on(after, link, expected):
        return Broken("inserted", f"a line was put in before entry {expected}", expected, entry_id)
    if after is not None and _links_on(after, own_link, expected + 1):
        return Broken("edited", f"entry {expected} is not what was hashed", expected, entry_id)
    told = f"entry {expected} does not follow what stands before it: it was edited or put in, or one before it was taken out"
    return Broken("edited", told if after is not None else f"entry {expected} is not what was hashed", expected, entry_id)


def _links_on(line: bytes, link: bytes, number: int) -> bool:
    try:
        prefix, _, leaf = _normal(line, number)
    except NotAnExport:
        return False
    follows = sha256(b"\x02" + link + number.to_bytes(8, "big") + leaf).digest()
    return prefix == b'{"number":%d,"link":"%s' % (number, follows.hex().encode())


def _id_of(text: bytes) -> str | None:
    try:
        found: Any = json.loads(text)
        return str(found["id"])
    except (ValueError, KeyError, TypeError):
        return None
