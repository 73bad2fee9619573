"""For those who run it: health, queues, unsent events, dead letters; on a local stack the messages that were sent."""

from fastapi import APIRouter

router = APIRouter()
