"""What a citizen does with their own applications: begin, answer, attach, check, hand in, follow, withdraw, download."""

from fastapi import APIRouter

router = APIRouter()
