"""Looking for marked personal data where none may be: in bytes, in the ways that a text is written on its way."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Leak:
    """what: the name of the mark. where: the place, which is all that is told: the data itself is not."""

    what: str
    where: str


class Marks:
    """by name, as name or pin: a text that stands nowhere else."""

    def __init__(self, marks: Mapping[str, str]) -> None:
        self._forms = {form: name for name, mark in marks.items() for form in _forms(mark)}
        self._longest = max(map(len, self._forms))

    def in_bytes(self, data: bytes, where: str) -> set[Leak]:
        return {Leak(name, where) for form, name in self._forms.items() if form in data}

    def in_files(self, folder: Path, *, but: Iterable[Path] = ()) -> set[Leak]:
        """In each file below the folder, whatever it is."""
        left_out = tuple(but)
        found: set[Leak] = set()
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and not any(path.is_relative_to(each) for each in left_out):
                where = str(path.relative_to(folder))
                found |= {leak for data in self._blocks(path) for leak in self.in_bytes(data, where)}
        return found

    def _blocks(self, path: Path) -> Iterator[bytes]:
        """Each with the end of the one before, so that nothing is hidden in a seam."""
        try:
            with path.open("rb") as file:
                end = b""
                while block := file.read(BLOCK):
                    yield end + block
                    end = block[-self._longest :]
        except FileNotFoundError:  # a server put it away
            return


def _forms(mark: str) -> set[bytes]:
    """As it stands in UTF-8 and UTF-16, in JSON that is kept to ASCII, in an address, and inside of base64."""
    plain = mark.encode()
    written = {mark, mark.casefold(), mark.upper()}
    texts = {
        form for each in written for form in (each, json.dumps(each)[1:-1], quote(each), quote(each, safe=""), quote_plus(each))
    }
    return {text.encode() for text in texts} | {mark.encode("utf-16-le")} | set(_in_base64(plain))


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """At each of the three places where it may begin; what depends on its neighbours is cut off."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + plain)
        inside = encoded[4 if before else 0 : len(plain) // 3 * 4]
        if len(inside) >= 8:
            yield inside
            yield inside.translate(bytes.maketrans(b"+/", b"-_"))
