"""What posts are called, in the language of whoever asks; and how the API names one thing among others."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.applications.api.wording import Wording
from services.applications.catalogue import the_catalogue


class Named(BaseModel):
    id: str
    name: str


def named_post(post_id: str, say: Wording) -> Named:
    return Named(id=post_id, name=post_name(post_id, say))


def post_name(post_id: str, say: Wording) -> str:
    """The id itself where there is no such post, as where an officer belongs to the ministry."""
    post = the_catalogue().posts.get(post_id)
    return in_language(post.names, say) if post else post_id


def in_language(names: Mapping[Any, str], say: Wording) -> str:
    """names: given in all three languages."""
    return names[say.language]
