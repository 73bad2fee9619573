"""The job that looks whether a term runs out. It is scheduled again as long as there is something to look for."""

from datetime import datetime

from shared.jobs.job import NewJob

WATCH_TERM = "watch_term"


def term_watch(application_id: str, at: datetime) -> NewJob:
    """Of each moment one: who waits for the same is there already."""
    return NewJob(WATCH_TERM, f"{application_id}:{at:%Y%m%dT%H%M%S%f}", at, {"application_id": application_id})
