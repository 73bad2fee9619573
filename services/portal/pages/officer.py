"""What officers of a post do: queue, case, claim, propose, decide, hand over."""

from fastapi import APIRouter

router = APIRouter()
