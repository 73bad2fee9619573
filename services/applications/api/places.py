"""Open to all: posts, whom they serve and when they are open, and to which one somebody goes."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.applications.api import place_schemas, place_views
from services.applications.api.offering import Offered
from services.applications.api.wording import Worded
from services.applications.catalogue import the_catalogue
from services.applications.domain.closing import in_place_of
from services.applications.domain.posts import route
from services.applications.queue.closures import closed_posts
from shared.web.commands import RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api", tags=["public"])
Country = Annotated[str, Query(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, where somebody lives")]
Region = Annotated[str | None, Query(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$", description="ISO 3166-2, of that country")]
ServiceId = Annotated[str, Query(max_length=64)]


@router.get("/posts")
async def posts(queries: RequestQueries, say: Worded) -> place_schemas.PostList:
    """All of them, also those where nothing is applied for here yet, and those that are closed, which say who serves instead."""
    closed = await queries.run(closed_posts)
    return place_schemas.PostList(posts=[place_views.post_view(post, closed, say) for post in the_catalogue().posts.values()])


@router.get("/posts/routing", responses=also(404))
async def routing(
    queries: RequestQueries, say: Worded, offered: Offered, country: Country, service: ServiceId, region: Region = None
) -> place_schemas.RoutingView:
    """To which post somebody who lives there goes for a service. 404: no such service."""
    definition, catalogue = offered.service(service), the_catalogue()
    found = route(
        catalogue.places,
        country=country,
        region=region,
        service_id=definition.id,
        only_at=definition.posts,
        free=definition.choice_of_post == "any",
    )
    found = in_place_of(found, definition, catalogue.posts, await queries.run(closed_posts))
    return place_views.routing_view(found, catalogue, say)


@router.get("/posts/{post_id}", responses=also(404))
async def post(post_id: str, queries: RequestQueries, say: Worded, offered: Offered) -> place_schemas.PostDetails:
    """With its hours, holidays, district and days elsewhere. 404: there is no such post."""
    catalogue = the_catalogue()
    found = catalogue.post(post_id)
    return place_views.post_details(found, await queries.run(closed_posts), catalogue, offered, say)


@router.get("/places")
async def places(say: Worded) -> place_schemas.Places:
    """Countries that are served, and the regions by which a post is found."""
    return place_views.places_view(the_catalogue(), say)


@router.get("/departments")
async def departments(say: Worded) -> place_schemas.DepartmentList:
    """Of the ministry and bodies of the state that posts ask, each with its inbox."""
    return place_views.departments_view(the_catalogue(), say)
