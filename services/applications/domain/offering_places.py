"""At which posts a service is applied for, and who may choose."""

from services.applications.domain.posts import Places, Post, serves
from services.applications.domain.service_definition import ServiceDefinition
from shared.errors import NotAllowedNow
from shared.texts import N_


class NotOfferedThere(NotAllowedNow):
    code = "not-offered-there"
    message = N_("This service is not applied for at this post. Choose another one.")


class NotTheirPost(NotAllowedNow):
    code = "not-your-post"
    message = N_("This service is applied for only at the post of the region where you live.")


def must_be_offered(
    definition: ServiceDefinition, post: Post, places: Places, *, lives_in: tuple[str, str | None] | None
) -> None:
    """lives_in: country and region; asked only where the post cannot be chosen. Raises NotOfferedThere, NotTheirPost."""
    if not post.offers(definition.id, definition.posts):
        raise NotOfferedThere
    if definition.choice_of_post == "any":
        return
    country, region = lives_in or ("", None)
    if not serves(places, post.id, country=country, region=region, service_id=definition.id, only_at=definition.posts):
        raise NotTheirPost
