"""A try that came to nothing by our own fault is not used up."""

import pytest

from services.identity.counted import given_back_if_away
from shared.errors import DatabaseUnavailable, NotAllowed


async def test_what_was_counted_is_given_back_where_something_here_was_away_and_only_then() -> None:
    given_back: list[str] = []

    async def give_back() -> None:
        given_back.append("one")

    with pytest.raises(DatabaseUnavailable):
        async with given_back_if_away(give_back):
            raise DatabaseUnavailable("away")
    assert given_back == ["one"]
    with pytest.raises(NotAllowed):
        async with given_back_if_away(give_back):
            raise NotAllowed
    async with given_back_if_away(give_back):
        pass
    assert given_back == ["one"]


async def test_where_it_cannot_be_given_back_either_the_first_fault_is_told() -> None:
    async def give_back() -> None:
        raise DatabaseUnavailable("still away")

    with pytest.raises(DatabaseUnavailable, match=r"^away$"):
        async with given_back_if_away(give_back):
            raise DatabaseUnavailable("away")
