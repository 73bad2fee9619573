"""The composition root of applications."""

from pathlib import Path

from fastapi import FastAPI

from services.applications.api import citizen, internal, officer, post, public
from services.applications.catalogue import the_catalogue
from services.applications.event_handlers import HANDLERS
from services.applications.jobs import job_kinds
from services.applications.schema import INDEXES
from shared.config import Settings
from shared.runtime import Runtime
from shared.texts import Texts
from shared.web.app import build_app


def create_app(settings: Settings | None = None) -> FastAPI:
    """Raises CatalogueError where a data file cannot be used, ValidationError where a setting is missing."""
    the_catalogue()
    runtime = Runtime(
        "applications",
        settings or Settings(),
        handlers=HANDLERS,
        jobs=job_kinds(lambda: runtime.database.db),
        indexes=INDEXES,
    )
    return build_app(
        runtime,
        title="Eshik applications",
        texts=Texts.load(Path(__file__).parent / "locale"),
        routers=[public.router, citizen.router, post.router, officer.router, internal.router],
    )
