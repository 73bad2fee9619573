"""The services that hear our events, as the ledger asks them over HTTP."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from shared.config import Settings
from shared.contracts.http import EventsKnown
from shared.messaging import topology
from shared.web.calls import ServiceCalls, ServiceUnavailable
from shared.web.ledger import PATH, scope_of


class HttpPeer:
    def __init__(self, calls: ServiceCalls) -> None:
        self.calls = calls

    async def known(self, events: Mapping[str, Sequence[str]]) -> tuple[Mapping[str, str], int | None]:
        """Raises ServiceUnavailable."""
        answer = await self.calls.post(PATH, {"events": {kind: list(ids) for kind, ids in events.items()}})
        try:
            known = EventsKnown.model_validate_json(answer.content)
        except ValidationError:
            raise ServiceUnavailable("ledger-answer") from None
        return known.places, known.queued


def peers_of(name: str, settings: Settings) -> dict[str, HttpPeer]:
    """By service. None without a secret of our own, and none whose address we do not know: those are then not asked."""
    if not settings.service_secret.get_secret_value():
        return {}
    urls = {service: settings.service_urls.get(service) for service in topology.SUBSCRIPTIONS if service != name}
    return {
        service: HttpPeer(ServiceCalls(settings, name=name, base_url=url, audience=service, scope=scope_of(service)))
        for service, url in urls.items()
        if url
    }
