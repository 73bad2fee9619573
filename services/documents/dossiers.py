"""The approved dossier, read from applications at the moment of use: its personal data never travels by the broker."""

from shared.contracts.http import Dossier
from shared.web.calls import ServiceCalls


class Dossiers:
    def __init__(self, calls: ServiceCalls) -> None:
        self._calls = calls

    async def of(self, application_id: str) -> Dossier:
        """Raises NotFound, ServiceUnavailable."""
        response = await self._calls.get(f"/api/internal/applications/{application_id}/dossier")
        return Dossier.model_validate_json(response.content)
