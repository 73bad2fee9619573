"""What the routes of appointments, waiting lists, tickets and draws take and answer."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.applications.api.schemas import Id, Named

SlotId = Annotated[str, Field(pattern=r"^[a-z]{3}\.[a-z0-9-]{1,20}\.\d{4}-\d\d-\d\d\.\d{4}$")]
PostId = Annotated[str, Field(pattern=r"^[a-z]{3}$")]
ServiceId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
Place = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,16}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f<>]+$")]
Phone = Annotated[str, Field(pattern=r"^\+[0-9]{6,15}$")]
Who = Literal["self", "child", "spouse", "parent", "other"]
Attendance = Literal["expected", "arrived", "served", "absent"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SlotView(BaseModel):
    id: str
    starts_at: AwareDatetime = Field(description="In the post's own time")
    time: str = Field(description="As 09:30")
    minutes: int
    window: str


class SlotDay(BaseModel):
    day: date
    slots: list[SlotView]


class DayElsewhere(BaseModel):
    """On which the post receives in another town."""

    id: str
    name: str = Field(description="Of the town")
    day: date
    hours: str
    time_zone: str
    bookable_from: date
    illustrative: bool


class FreeTimes(BaseModel):
    """place: of which day elsewhere they are; null: at the post. elsewhere: the days elsewhere on which it receives for this."""

    place: DayElsewhere | None
    elsewhere: list[DayElsewhere]
    time_zone: str
    first_day: date = Field(description="Today at the post")
    last_day: date = Field(description="How far ahead times can be booked now")
    people_at_once: int
    hold_minutes: int
    illustrative: bool = Field(description="No official source was found for the hours: ask the post")
    days: list[SlotDay]


class WantedVisit(_Body):
    slot_id: SlotId
    service_id: ServiceId
    who: Who = "self"
    visitor: Name = Field(description="Who comes, as in the passport: for the officer at the counter")
    application_id: Id | None = Field(None, description="Your own application that the visit is about")


class NewAppointment(_Body):
    """One time for each person who comes, all on one day."""

    post_id: PostId
    visits: list[WantedVisit] = Field(min_length=1, max_length=20)
    phone: Phone | None = Field(None, description="Only to call you about this visit")


class Taking(_Body):
    """visitor, phone: for a time offered from a waiting list, where nobody was named yet."""

    visitor: Name | None = None
    phone: Phone | None = None


class VisitView(BaseModel):
    slot_id: str
    starts_at: AwareDatetime
    time: str
    minutes: int
    window: str
    service: Named
    who: Who
    visitor: str | None
    application_id: str | None
    attendance: Attendance


class AppointmentView(BaseModel):
    id: str
    reference: str
    post: Named
    place: Named | None = Field(description="The town, where it is not at the post")
    day: date
    time_zone: str
    state: Literal["held", "offered", "booked", "cancelled", "lapsed"]
    state_text: str
    held_until: datetime | None
    answer_awaited: bool = Field(description="We asked whether you will come, and you did not answer yet")
    confirmed: bool
    end_text: str | None
    phone: str | None
    visits: list[VisitView]
    may: list[Literal["book", "confirm", "cancel"]]


class AppointmentList(BaseModel):
    appointments: list[AppointmentView]


class NewWait(_Body):
    post_id: PostId
    service_id: ServiceId
    from_day: date
    until_day: date
    place: Place | None = Field(None, description="A day elsewhere: then of that day, whatever the days say")
    application_id: Id | None = Field(None, description="Your own application, where its service is not offered any more")


class WaitView(BaseModel):
    id: str
    post: Named
    place: Named | None
    service: Named
    from_day: date
    until_day: date
    state: Literal["waiting", "offered", "taken", "missed", "left"]
    state_text: str
    appointment_id: str | None


class WaitList(BaseModel):
    waits: list[WaitView]


class CallView(BaseModel):
    """since: the silence began."""

    outcome: Literal["waits", "not-reached", "confirmed"]
    called_at: datetime | None


class OfficerAppointment(AppointmentView):
    call: CallView | None
    arrived_question: bool = Field(description="A receipt shows that a question whether they come has arrived")


class TicketView(BaseModel):
    id: str
    number: int
    service: Named | None
    state: Literal["waiting", "called", "served", "left"]
    window: str | None
    taken_at: datetime
    ahead: int = Field(description="How many wait before it")


class DayView(BaseModel):
    post: Named
    day: date
    today: bool = Field(description="Whether it is that day now, where the list is of")
    place: DayElsewhere | None = Field(description="Of which day elsewhere the list is; null: at the post")
    elsewhere: list[DayElsewhere] = Field(description="The days elsewhere that are still to come")
    windows: list[str]
    appointments: list[OfficerAppointment]
    tickets: list[TicketView]
    calls: list[OfficerAppointment]


class AttendanceNote(_Body):
    slot_id: SlotId
    attendance: Attendance


class CallNote(_Body):
    outcome: Literal["confirmed", "not-reached", "cannot-come"]


class NewTicket(_Body):
    post_id: PostId
    service_id: ServiceId | None = None
    place: Place | None = Field(None, description="A day in another town, on that day: its numbers are a series of their own")


class NextTicket(_Body):
    post_id: PostId
    window: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,20}$")]
    place: Place | None = Field(None, description="A day in another town: who waits there")


class TicketEnd(_Body):
    outcome: Literal["served", "left"]


class NewDraw(_Body):
    post_id: PostId
    service_id: ServiceId
    from_day: date
    until_day: date
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    draws_at: AwareDatetime


class DrawView(BaseModel):
    """commitment: sha256 of the seed. publication: once it is drawn, all that is needed to draw again (docs/draw.md)."""

    id: str
    post: Named
    service: Named
    state: Literal["announced", "closed", "drawn"]
    state_text: str
    open: bool
    commitment: str
    codes_digest: str | None
    entries: int | None = Field(description="How many, once it is closed")
    announced_at: datetime
    opens_at: datetime
    closes_at: datetime
    draws_at: datetime
    drawn_at: datetime | None
    time_zone: str
    days: list[date]
    slots: list[str]
    publication: dict[str, Any] | None


class DrawList(BaseModel):
    draws: list[DrawView]


class NewEntry(_Body):
    pin: Annotated[str, Field(min_length=1, max_length=40)]
    visitor: Name
    phone: Phone | None = None
    days: list[date] = Field([], max_length=100, description="On which you can come; none: any day of the draw")
    hardship: Literal["medical", "bereavement", "no-valid-document", "small-child", "other"] | None = Field(
        None, description="Why you must come before others: an officer looks at it before the draw"
    )


class EntryView(BaseModel):
    id: str
    code: str = Field(description="What is published of your entry: only you know that it is yours")
    days: list[date]
    hardship: Literal["none", "claimed", "confirmed", "declined"]
    ground: str | None
    place: int | None
    outcome: Literal["drawn", "passed-over"] | None
    appointment_id: str | None


class ClaimView(BaseModel):
    id: str
    code: str
    visitor: str | None
    ground: str | None
    ground_text: str | None
    hardship: Literal["claimed", "confirmed", "declined"]


class ClaimList(BaseModel):
    claims: list[ClaimView]


class Verdict(_Body):
    verdict: Literal["confirmed", "declined"]
