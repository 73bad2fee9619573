"""The list of services as people look through it: under headings, what cannot wait first, and how often one must come."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from services.applications.api import schemas
from services.applications.api.offering import Offer
from services.applications.api.service_views import service_summary
from services.applications.api.wording import Wording
from services.applications.domain.service_definition import ServiceDefinition


class ListedService(schemas.ServiceSummary):
    group: str
    urgent: bool = Field(description="Looked at before all others")
    visits: Literal["none", "to_apply", "to_collect", "both"] | None = Field(description="How often one comes, and for what")


class GroupView(BaseModel):
    id: str
    title: str


class ServiceList(BaseModel):
    services: list[ListedService]
    groups: list[GroupView] = Field(description="The headings under which there is a service, in their order")


def service_list(offer: Offer, day: date, say: Wording) -> ServiceList:
    listed = [_listed(each, offer, day, say) for each in offer.services()]
    used = {each.group for each in listed}
    groups = [GroupView(id=group.id, title=say(group.title)) for group in offer.catalogue.groups if group.id in used]
    return ServiceList(services=listed, groups=groups)


def _listed(definition: ServiceDefinition, offer: Offer, day: date, say: Wording) -> ListedService:
    return ListedService(
        **service_summary(definition, day, say).model_dump(),
        group=offer.catalogue.group_of(definition),
        urgent=definition.urgent,
        visits=definition.appearance.visits if definition.appearance else None,
    )
