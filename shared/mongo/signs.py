"""Signs that this process committed new documents of a collection, for whoever works there and waits.

A sign only wakes. What is to be done is read from the collection, and whoever is woken looks now and then without one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

KEPT = 10_000


class Listener:
    """Who works in one collection. Remembers what its process committed there lately: a change stream tells it once more."""

    def __init__(self, collection: str, wake: asyncio.Event) -> None:
        self.collection, self.wake = collection, wake
        self._own: set[str] = set()
        self._in_order: deque[str] = deque()

    def expect(self, ids: Sequence[str]) -> None:
        self._own.update(ids)
        self._in_order.extend(ids)
        while len(self._in_order) > KEPT:
            self._own.discard(self._in_order.popleft())

    def forget(self, ids: Sequence[str]) -> None:
        self._own.difference_update(ids)

    def is_own(self, document_id: object) -> bool:
        return document_id in self._own


class Signs:
    """Of one process and one database."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    @contextmanager
    def listener(self, collection: str, wake: asyncio.Event) -> Iterator[Listener]:
        listener = Listener(collection, wake)
        self._listeners.append(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)

    @contextmanager
    def transaction(self) -> Iterator[Callable[[Mapping[str, Sequence[str]]], None]]:
        """Around a transaction and its commit. Gives a function to be told, before the commit, the ids of what it inserted, by
        collection: the stream may be faster than the commit's own answer. After the block whoever waits is woken."""
        concerned: list[tuple[Listener, Sequence[str]]] = []

        def expect(ids: Mapping[str, Sequence[str]]) -> None:
            concerned[:] = [(listener, ids[listener.collection]) for listener in self._listeners if listener.collection in ids]
            for listener, some in concerned:
                listener.expect(some)

        try:
            yield expect
        except BaseException:  # perhaps it is committed all the same, perhaps another process does it now: the stream tells
            for listener, some in concerned:
                listener.forget(some)
            raise
        for listener, _ in concerned:
            listener.wake.set()
