"""Which services this installation offers: in production none with a value that is only our own default."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from services.applications.catalogue import Catalogue, the_catalogue
from services.applications.catalogue.checking import illustrative_values
from services.applications.domain.errors import UnknownService
from services.applications.domain.service_definition import ServiceDefinition


@dataclass(frozen=True, slots=True)
class Offer:
    catalogue: Catalogue
    illustrative: bool

    def services(self) -> tuple[ServiceDefinition, ...]:
        return self.catalogue.offered(illustrative=self.illustrative)

    def has(self, service_id: str) -> bool:
        """Raises UnknownService where there is none."""
        return self.illustrative or not illustrative_values(self.catalogue.service(service_id))

    def service(self, service_id: str) -> ServiceDefinition:
        """The newest version. Raises UnknownService, also where it is not offered."""
        definition = self.catalogue.service(service_id)
        if not self.has(service_id):
            raise UnknownService
        return definition


async def _offer(request: Request) -> Offer:
    return Offer(the_catalogue(), illustrative=request.app.state.runtime.settings.offer_illustrative)


Offered = Annotated[Offer, Depends(_offer)]
