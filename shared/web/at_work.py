"""Whether an officer works on a case, asked of applications: their own word is not believed where the case is not known."""

from dataclasses import replace
from typing import Any

from shared.actors import Officer
from shared.config import Settings
from shared.contracts.http import WorkAskedFor, WorkOnCase
from shared.errors import Unavailable
from shared.web.calls import ServiceCalls

SCOPE = "cases:work"


class WorkAway(Unavailable):
    """Nobody can be asked: then a reason of the list must be given."""


class AskWork:
    def __init__(self, settings: Settings, name: str) -> None:
        url = settings.service_urls.get("applications")
        self._calls = url and ServiceCalls(settings, name=name, base_url=url, audience="applications", scope=SCOPE)

    async def __call__(self, case: str, officer: Officer) -> WorkOnCase:
        """Raises NotFound for a case that this officer does not see, Unavailable."""
        if not self._calls:
            raise WorkAway
        response = await self._calls.post(f"/api/internal/applications/{case}/work", _asked_about(officer))
        return WorkOnCase.model_validate_json(response.content)

    async def close(self) -> None:
        if self._calls:
            await self._calls.close()


def _asked_about(officer: Officer) -> dict[str, Any]:
    grants = officer.written_grants()
    asked = WorkAskedFor(officer_id=officer.id, post_id=officer.post_id, grants=grants, second_factor=officer.second_factor)
    return asked.model_dump(mode="json")


def officer_asked_about(asked: WorkAskedFor) -> Officer:
    known = Officer.with_written_grants(asked.grants)
    return replace(known, id=asked.officer_id, post_id=asked.post_id, second_factor=asked.second_factor)
