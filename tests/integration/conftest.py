"""Whatever a program asks of its database in any of these tests is served by an index, or a list in docs/queries says why not."""

from collections.abc import Iterator

import pytest
from pymongo import monitoring

from tests.support.query_lists import RECORDER, asked_without_index, write_down

monitoring.register(RECORDER)  # before any client of this process's services is made


@pytest.fixture(scope="module", autouse=True)
def every_query_has_its_index() -> Iterator[None]:
    RECORDER.seen.clear()  # what was asked before, by tests of another folder
    yield
    asked = {database: set(shapes) for database, shapes in RECORDER.seen.items()}
    write_down(asked)
    assert asked_without_index(asked) == [], "make an index, ask otherwise, or say in docs/queries why it needs none"
