"""Messages put into a queue without any of our code, confirmed and persistent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aio_pika

AT_ONCE = 500


async def fill(url: str, queue: str, bodies: Sequence[bytes]) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for start in range(0, len(bodies), AT_ONCE):
            await asyncio.gather(
                *(
                    channel.default_exchange.publish(
                        aio_pika.Message(
                            body,
                            content_type="application/cloudevents+json",
                            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                            message_id=f"m{number}",
                            type="application.approved.v1",
                            headers={"event-id": f"m{number}"},
                        ),
                        queue,
                    )
                    for number, body in enumerate(bodies[start : start + AT_ONCE], start)
                )
            )
