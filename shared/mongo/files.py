"""Files in GridFS: what its writers have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

from gridfs.errors import FileExists

from shared.errors import DatabaseUnavailable


@contextmanager
def own_repeat_is_unavailable() -> Iterator[None]:
    """For a file whose id nobody else has: DatabaseUnavailable where it is there already.

    The driver repeats a write whose answer was cut off. A server that forgot, over a restart, that it did it (SecantusDB does)
    says "duplicate key" then. Whether the file is whole nobody knows: it is dropped, and the caller comes again with a new id.
    """
    try:
        yield
    except FileExists as error:
        raise DatabaseUnavailable("FileExists") from error
