"""The dossier, read from applications at the moment of use: its personal data never travels by the broker."""

from typing import ClassVar

from shared.actors import Officer
from shared.contracts.http import Dossier
from shared.errors import NotAllowedNow
from shared.texts import N_
from shared.web.calls import ServiceCalls, ServiceUnavailable

NOT_NOW = "applications-409"


class NothingToPreview(NotAllowedNow):
    code: ClassVar[str] = "nothing-to-preview"
    message: ClassVar[str] = N_("There is no preview: the application is not handed in yet, or it is closed already.")


class Dossiers:
    def __init__(self, calls: ServiceCalls) -> None:
        self._calls = calls

    async def of(self, application_id: str) -> Dossier:
        """Raises NotFound, ServiceUnavailable."""
        response = await self._calls.get(f"/api/internal/applications/{application_id}/dossier")
        return Dossier.model_validate_json(response.content)

    async def draft_of(self, application_id: str, officer: Officer) -> Dossier:
        """As it would be if it were approved now, for an officer who sees the case. Raises NotFound, NothingToPreview,
        ServiceUnavailable."""
        try:
            path = f"/api/internal/applications/{application_id}/dossier-draft"
            response = await self._calls.get(path, {"grant": officer.written_grants()})
        except ServiceUnavailable as error:
            if str(error) == NOT_NOW:
                raise NothingToPreview from None
            raise
        return Dossier.model_validate_json(response.content)
