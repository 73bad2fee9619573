"""Which officers may do what at a post's counter, of what is no case: appointments, tickets, draws."""

from services.applications.domain import errors
from shared.actors import NEED_SECOND_FACTOR, POST_ROLES, Officer
from shared.errors import SecondFactorNeeded

_COUNTER = ("intake", "deciding", "head")


def to_serve(post_id: str, by: Officer) -> str:
    """Out: the role in which. Raises UnknownPost where it is none of theirs, RoleNotAllowed, SecondFactorNeeded."""
    return _held(post_id, by, _COUNTER)


def to_head(post_id: str, by: Officer) -> str:
    """For what the head of a post alone does. Raises UnknownPost, RoleNotAllowed, SecondFactorNeeded."""
    return _held(post_id, by, ("head",))


def _held(post_id: str, by: Officer, allowing: tuple[str, ...]) -> str:
    held = by.roles_at(post_id)
    if not by.is_ministry and not held & POST_ROLES:
        raise errors.UnknownPost
    role = next((role for role in allowing if role in held), None)
    if role is None:
        raise errors.RoleNotAllowed
    if role in NEED_SECOND_FACTOR and not by.second_factor:
        raise SecondFactorNeeded
    return role
