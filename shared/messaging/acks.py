"""Acknowledging deliveries: in one frame where nothing unhandled can be meant by it, else one by one."""

from collections.abc import Sequence

import structlog
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError

from shared.messaging.broker import only_our_cancel

log = structlog.get_logger(__name__)


class Acks:
    """What one consumer has settled: handled and committed, or copied to another queue.

    A channel counts its deliveries from 1. A frame "all up to this one" is sent only where every delivery up to there is
    settled; what lies beyond one that is still in hand is acknowledged by itself.
    """

    def __init__(self) -> None:
        self._channel: object = None
        self._up_to = 0
        self._beyond: set[int] = set()

    async def settle(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        settled = [message for message in messages if self._note(message)]
        together = [message for message in settled if message.channel is self._channel and _tag(message) <= self._up_to]
        alone = [message for message in settled if message not in together]
        if together:
            await ack(max(together, key=_tag), multiple=True)
        for message in alone:
            await ack(message)

    def _note(self, message: AbstractIncomingMessage) -> bool:
        """False where its channel is closed: its deliveries come again, and the inbox knows them."""
        if not is_open(message):
            return False
        channel = message.channel
        if channel is not self._channel:  # after a reconnect tags begin anew
            self._channel, self._up_to, self._beyond = channel, 0, set()
        self._beyond.add(_tag(message))
        while self._up_to + 1 in self._beyond:
            self._up_to += 1
            self._beyond.remove(self._up_to)
        return True


def is_open(message: AbstractIncomingMessage) -> bool:
    """Whether the channel that it came by is still there."""
    try:
        return message.channel is not None
    except RuntimeError:
        return False


async def ack(message: AbstractIncomingMessage, *, multiple: bool = False) -> None:
    try:
        with only_our_cancel():
            await message.ack(multiple=multiple)
    except (AMQPError, OSError, RuntimeError) as error:
        # its channel is gone: the broker delivers it again, and the inbox knows it
        log.info("ack_not_possible", error=type(error).__name__)


def _tag(message: AbstractIncomingMessage) -> int:
    return message.delivery_tag or 0
