"""Feeds for pages that show what changes while one looks (server-sent events)."""

from fastapi import APIRouter

router = APIRouter()
