"""409 says where the case or the appointment stands now, so that a page can draw it beside what was typed."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pymongo.errors import PyMongoError

from services.applications.domain.filling_errors import AnswersChanged
from shared.errors import NotAllowedNow
from shared.mongo.database import REQUEST_TIMEOUT_S, Collection, Document, bounded
from shared.web.problems import problem


def tell_current_state(app: FastAPI) -> None:
    """Adds `current` to every 409 about one application: its status and version, and of a page of answers also those. About an
    appointment: its state, its version, and what an officer wrote down of each visit."""

    async def not_now(request: Request, error: Exception) -> Response:
        assert isinstance(error, NotAllowedNow)  # noqa: S101 (it is registered for this class)
        current = error.current if isinstance(error, AnswersChanged) else await _state(request)
        more = {"current": dict(current)} if current else {}
        return problem(request, request.app.state.texts, 409, error.code, error.message, params=error.params, more=more)

    app.add_exception_handler(NotAllowedNow, not_now)


async def _state(request: Request) -> Mapping[str, Any]:
    """Whoever may not see the case was answered 404 before. Empty where it is about no case, or not known now."""
    db = request.app.state.runtime.database.db
    if application_id := request.path_params.get("application_id"):
        row = await _row(db.applications, application_id, "status", "version")
        return {"status": row["status"], "version": row["version"]} if row else {}
    if appointment_id := request.path_params.get("appointment_id"):
        row = await _row(db.bookings, appointment_id, "state", "version", "visits.attendance")
        attendance = [visit["attendance"] for visit in row["visits"]] if row else []
        return {"state": row["state"], "version": row["version"], "attendance": attendance} if row else {}
    return {}


async def _row(collection: Collection, row_id: str, *fields: str) -> Document | None:
    try:
        return await bounded(collection.find_one({"_id": row_id}, dict.fromkeys(fields, 1)), REQUEST_TIMEOUT_S)
    except PyMongoError:
        return None
