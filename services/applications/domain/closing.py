"""The closing of a post: who closed it and why, and where what lies there goes on."""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from services.applications.domain.authority import MINISTRY
from services.applications.domain.posts import Post, Routing
from services.applications.domain.queue_errors import MayNotClosePost, NoPlaceForService, PostIsClosed, PostNotClosed
from services.applications.domain.service_definition import ServiceDefinition
from shared.actors import Officer
from shared.errors import SecondFactorNeeded


class ClosingReason(StrEnum):
    CLOSED_FOR_GOOD = "closed-for-good"
    EMERGENCY = "emergency"
    STAFF = "no-staff"
    PREMISES = "premises"


@dataclass(slots=True)
class Closure:
    """id: the post. round: how many times it was closed. targets: where its cases go on."""

    id: str
    closed_at: datetime
    closed_by: str
    reason: ClosingReason
    targets: tuple[str, ...]
    round: int = 1
    emptied_at: datetime | None = None  # when nothing was left to move
    stuck: tuple[str, ...] = ()  # ids of what no open post takes in its place: it stays, and a person must say where it goes
    reopened_at: datetime | None = None
    version: int = 1

    @property
    def is_closed(self) -> bool:
        return self.reopened_at is None

    @property
    def name(self) -> str:
        """Under which its cases moved: one that is closed again is another one."""
        return f"{self.id}:{self.round}"

    def again(self, *, by: Officer, reason: ClosingReason, targets: tuple[str, ...], at: datetime) -> None:
        if self.is_closed:
            raise PostIsClosed
        self.closed_at, self.closed_by, self.reason, self.targets = at, by.id, reason, targets
        self.round, self.version = self.round + 1, self.version + 1
        self.emptied_at = self.reopened_at = None
        self.stuck = ()

    def note_empty(self, *, at: datetime) -> None:
        """Nothing is left that can move."""
        self.emptied_at, self.version = at, self.version + 1

    def note_stuck(self, cases: Collection[str]) -> None:
        self.stuck, self.version = tuple(sorted({*self.stuck, *cases})), self.version + 1

    def look_again(self) -> str:
        """Something may have become movable. Out: what this series of looks is called."""
        self.stuck, self.emptied_at, self.version = (), None, self.version + 1
        return str(self.version)

    def reopen(self, *, at: datetime) -> None:
        """It takes applications again; what has moved stays where it is."""
        if not self.is_closed:
            raise PostNotClosed
        self.reopened_at, self.version = at, self.version + 1


@dataclass(frozen=True, slots=True)
class Left:
    """A case that is still at a closed post. over: its citizen has what was issued."""

    id: str
    service_id: str
    service_version: int
    over: bool = False


def to_close(post_id: str, by: Officer) -> str:
    """The role: head of the post, or the ministry, with a second factor. Raises MayNotClosePost."""
    role = "head" if "head" in by.roles_at(post_id) else MINISTRY if by.is_ministry else None
    if role is None:
        raise MayNotClosePost
    if not by.second_factor:
        raise SecondFactorNeeded
    return role


def takes(post: Post, definition: ServiceDefinition) -> bool:
    return post.offers(definition.id, definition.posts)


def places_left(closure: Closure, closed: Mapping[str, Closure]) -> list[str]:
    """Where its cases go on: at its targets, and instead of one that is closed by now, at that one's. closed: by post."""
    found: set[str] = set()
    asked, left = {closure.id}, list(closure.targets)
    while left:
        if (post := left.pop()) not in asked:
            asked.add(post)
            if post in closed:
                left += closed[post].targets
            else:
                found.add(post)
    return sorted(found)


def in_place_of(
    routing: Routing, service: ServiceDefinition, posts: Mapping[str, Post], closed: Mapping[str, Closure]
) -> Routing:
    """Instead of a post that is closed by now, those where its cases go on and that take the service."""
    left: list[str] = []
    for post in routing.posts:
        instead = places_left(closed[post], closed) if post in closed else [post]
        left += [each for each in instead if each not in left and (each == post or takes(posts[each], service))]
    if tuple(left) == routing.posts:
        return routing
    return replace(routing, why="closed" if left else "nowhere", posts=tuple(left))


def place_for(citizen_id: str, definition: ServiceDefinition, targets: Collection[Post], *, over: bool = False) -> Post:
    """Where a case goes on: all of one person's at the same post, as far as it takes the services; the same however often it
    is asked. over: what was issued is answered for by any of them, where none takes the service. Raises NoPlaceForService."""
    able = [post for post in targets if takes(post, definition)] or (list(targets) if over else [])
    able.sort(key=attrgetter("id"))
    if not able:
        raise NoPlaceForService(service=definition.id)
    return able[zlib.crc32(citizen_id.encode()) % len(able)]
