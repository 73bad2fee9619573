"""What is told of posts: where they are, whom they serve, when they are open, where they work on other days."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.applications.api.named import Named

Certainty = Literal["A", "B", "C", "D"]


class PostClosed(BaseModel):
    """The post is closed. serves: the posts that take its applications, and those of its district, in its place."""

    since: datetime
    serves: list[Named]
    text: str


class PostView(BaseModel):
    id: str
    name: str
    kind: Literal["embassy", "consulate_general", "office", "honorary"]
    kind_text: str
    country: str = Field(description="ISO 3166-1")
    country_text: str
    city: str
    takes_applications: bool = Field(description="Here and now. At the others people apply as they always did")
    closed: PostClosed | None = Field(description="Where it is closed")
    time_zone: str
    source: str
    certainty: Certainty


class PostList(BaseModel):
    posts: list[PostView]


class DayHours(BaseModel):
    """Of a weekday; empty texts: closed."""

    day: str
    open: str
    intake: str
    issue: str


class HoursView(BaseModel):
    days: list[DayHours]
    source: str
    certainty: Certainty
    illustrative: bool


class HolidayView(BaseModel):
    on: date
    text: str
    name: str
    name_language: str = Field(description="In which the name is written")
    of: str = Field(description="The country whose holiday it is")
    estimated: bool


class MobileDayView(BaseModel):
    id: str
    on: date
    text: str
    city: str
    hours: str
    time_zone: str
    bookable: bool = Field(description="Its times can be booked now")
    illustrative: bool


class DistrictView(BaseModel):
    regions: list[Named]
    rest: bool = Field(description="And all of the country that no other post serves")
    source: str
    certainty: Certainty
    illustrative: bool


class StaffView(BaseModel):
    office: str
    text: str
    count: int
    illustrative: bool


class PostDetails(PostView):
    address: str | None
    parent: Named | None = Field(description="Of which mission it is a part, or to which it passes papers on")
    serves: list[str] = Field(description="Countries besides its own")
    district: DistrictView | None = Field(description="None: not known; people of the country choose among its posts")
    hours: HoursView | None
    open_now: bool
    opens_at: datetime | None = Field(description="When it opens next; null while it is open")
    opens_text: str | None = Field(description="The same, in its own time")
    holidays: list[HolidayView] = Field(description="The next days on which it is closed besides its week")
    mobile_days: list[MobileDayView]
    services: list[Named] = Field(description="That are applied for there")
    staff: list[StaffView]


class RegionView(BaseModel):
    id: str = Field(description="ISO 3166-2")
    name: str
    country: str
    federal_district: str | None


class Places(BaseModel):
    countries: list[Named] = Field(description="In which a post is, or which one serves")
    regions: list[RegionView] = Field(description="Of countries with more than one post")


class RoutingView(BaseModel):
    why: Literal["district", "rest_of_country", "country", "choice", "passed_on", "closed", "nowhere"]
    text: str
    own: Named | None = Field(description="The post that serves the place, whether or not it takes applications here")
    posts: list[Named] = Field(description="Where to apply, the best first")
    free: bool = Field(description="Any other post may be chosen too")


class DepartmentView(BaseModel):
    id: str
    name: str
    kind: Literal["ministry", "state_body", "host_body"]
    inbox: str
    illustrative: bool


class DepartmentList(BaseModel):
    departments: list[DepartmentView]
