"""For anyone who holds a paper: is it in the register?"""

from fastapi import APIRouter

router = APIRouter()
