"""Contact points, asked from identity at the moment of use: they are neither in events nor kept here."""

from shared.contracts.http import ContactPoints
from shared.web.calls import ServiceCalls


class Contacts:
    def __init__(self, identity: ServiceCalls) -> None:
        self._identity = identity

    async def of(self, person_id: str) -> ContactPoints:
        """Raises NotFound for someone identity does not know, ServiceUnavailable where it does not answer."""
        response = await self._identity.get(f"/api/internal/people/{person_id}/contacts")
        return ContactPoints.model_validate_json(response.content)
