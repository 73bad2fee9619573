"""Our posts: where they are, when they are open, whom they serve; and the one to which somebody goes. Open to all."""

import re
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, Drawn
from services.portal.apis import Api, or_none

router = APIRouter(prefix="/posts")
PostId = Annotated[str, Path(pattern=r"^[a-z]{3}$")]
FIND_POST = "find"  # the button beside where one lives
COUNTRY, REGION = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


@router.get("")
async def posts(request: Request, pages: Drawn, api: Asked) -> Response:
    """By country, in the order of the reader's alphabet; first where one can apply here."""
    listed, places = (await api.posts()).values(), await api.places()
    order = {each["id"]: number for number, each in enumerate(places["countries"])}
    known = sorted(listed, key=lambda post: (order[post["country"]], not post["takes_applications"], post["kind"], post["city"]))
    by_country = [(text, list(group)) for text, group in groupby(known, key=lambda post: str(post["country_text"]))]
    return pages.render(request, "public/posts.html", by_country=by_country)


@router.get("/{post_id}")
async def post(request: Request, post_id: PostId, pages: Drawn, api: Asked) -> Response:
    described = await api.get("applications", f"/api/posts/{post_id}")
    return pages.render(request, "public/post.html", post=described)


def begin_place(country: str, region: str) -> dict[str, str]:
    """Where somebody says they live, as the API takes it; what is neither is left out."""
    if not COUNTRY.fullmatch(country):
        return {}
    inside = REGION.fullmatch(region) and region.startswith(f"{country}-")
    return {"country": country} | ({"region": region} if inside else {})


async def places_to_begin(api: Api, service_id: str, chosen: dict[str, str]) -> dict[str, Any]:
    """What the page asks where to apply: countries, regions, posts that take applications; and, where one said where one
    lives, the post that serves it. Where one lives stands in no address."""
    posts, places = await api.posts(), await api.places()
    taking = [post for post in posts.values() if post.get("takes_applications", True)]
    routing = None
    if lives := begin_place(chosen.get("country", ""), chosen.get("region", "")):
        routing = await or_none(api.get("applications", "/api/posts/routing", {"service": service_id} | lives))
    if routing and routing["posts"]:
        best = [post["id"] for post in routing["posts"]]
        taking = sorted(taking, key=lambda post: best.index(post["id"]) if post["id"] in best else len(best))
        taking = taking if routing["free"] else [post for post in taking if post["id"] in best]
        chosen["post"] = best[0] if len(best) == 1 else chosen.get("post", "")
    return {"posts": taking, "places": places, "routing": routing}
