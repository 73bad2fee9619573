"""Hearing that the process is to end before its server waits for open answers: an endless one must end by itself."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def at_the_end(callback: Callable[[], None]) -> Iterator[None]:
    """Inside, SIGTERM and SIGINT also call back in the running loop; whoever handled them before still does.

    A server tells the lifespan that it ends only after every open answer has ended. In a thread that hears no signals, or where
    nobody handles them, nothing is called.
    """
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(callback)
        before[signal.Signals(number)](number, frame)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            if callable(handler := signal.getsignal(number)):
                before[number] = handler
                signal.signal(number, told)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is told:
                signal.signal(number, handler)
