"""What waits for a time in appointments and draws."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.applications.use_cases.appointments.announce_draw import CLOSE_DRAW, RUN_DRAW
from services.applications.use_cases.appointments.ask_attendance import AskAttendance, ask_attendance
from services.applications.use_cases.appointments.book_appointment import ASK_ATTENDANCE, JUDGE_SILENCE
from services.applications.use_cases.appointments.end_appointment import JudgeSilence, LapseHold, judge_silence, lapse_hold
from services.applications.use_cases.appointments.offer_times import LAPSE_HOLD
from services.applications.use_cases.appointments.run_draw import SETTLE_DRAW, OfDraw, close_draw, run_draw, settle_draw
from shared.jobs.job import Finish, Job, JobKind, JobKinds


def appointment_job_kinds() -> JobKinds:
    return {
        LAPSE_HOLD: JobKind(_finish(lapse_hold, LapseHold)),
        ASK_ATTENDANCE: JobKind(_finish(ask_attendance, AskAttendance)),
        JUDGE_SILENCE: JobKind(_finish(judge_silence, JudgeSilence)),
        CLOSE_DRAW: JobKind(_finish(close_draw, OfDraw)),
        RUN_DRAW: JobKind(_finish(run_draw, OfDraw), lease_s=30),
        SETTLE_DRAW: JobKind(_finish(settle_draw, OfDraw), lease_s=30),
    }


def _finish(
    use_case: Callable[[Any, Any], Awaitable[None]], command: Callable[..., object]
) -> Callable[[Job], Awaitable[Finish]]:
    """All that the job says is in its data."""

    async def run(job: Job) -> Finish:
        return Finish(use_case, command(**job.data))

    return run
