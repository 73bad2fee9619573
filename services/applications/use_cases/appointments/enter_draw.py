"""A proven person enters a draw, once; or takes the entry back. When it comes, and how often somebody tries, changes nothing."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from services.applications.appointments.repository import DrawEntries, Draws, through_gate
from services.applications.appointments.schema import ENTRIES
from services.applications.catalogue import the_catalogue
from services.applications.domain import appointment_errors as errors
from services.applications.domain.counter import to_serve
from services.applications.domain.draw import MOST_ENTRIES, Draw, DrawEntry, Ground
from services.applications.domain.fair_draw import day_of
from services.applications.domain.references import reference
from shared.actors import Assurance, Citizen, Officer
from shared.errors import FieldError, InvalidInput
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_

_NO_SUCH_DAY = N_("This draw gives out no time on that day.")
_NOT_A_PIN = N_("A PIN has 14 digits.")


@dataclass(frozen=True, slots=True)
class EnterDraw:
    """days: ISO; none: any day of the draw."""

    entry_id: str
    draw_id: str
    pin: str
    days: tuple[str, ...]
    ground: Ground | None
    visitor: str
    phone: str | None
    by: Citizen


@dataclass(frozen=True, slots=True)
class LeaveDraw:
    draw_id: str
    by: Citizen


@dataclass(frozen=True, slots=True)
class JudgeHardship:
    entry_id: str
    verdict: Literal["confirmed", "declined"]
    by: Officer


async def enter_draw(command: EnterDraw, uow: UnitOfWork) -> DrawEntry:
    """Raises DrawNotFound, DrawNotOpen, NotProven, InvalidInput, AlreadyEntered, DrawFull."""
    draw = await Draws(uow).known(command.draw_id)
    draw.must_be_open(uow.at)
    if not command.by.assurance.reaches(Assurance.COUNTER_SEEN):
        raise errors.NotProven
    _must_be_usable(command, draw)
    await through_gate(uow, draw.id, command.by.id)
    entries = DrawEntries(uow)
    mine = {"draw_id": draw.id, "citizen_id": command.by.id}
    of_pin = {"draw_id": draw.id} | _pin_index(command.pin, uow)
    if await entries.find(mine) or await entries.find(of_pin):
        raise errors.AlreadyEntered
    if await _is_full(draw, uow):
        raise errors.DrawFull
    entry = DrawEntry(
        command.entry_id,
        draw.id,
        command.by.id,
        code=reference(the_catalogue().post(draw.post_id).code, uow.at, UUID(uow.new_id()).bytes),
        entered_at=uow.at,
        ends_at=draw.ends_at,
        days=tuple(sorted(set(command.days))),
        pin=command.pin,
        visitor=command.visitor,
        phone=command.phone,
        hardship="claimed" if command.ground else "none",
        ground=command.ground,
    )
    try:
        await entries.add(entry)
    except DuplicateKeyError:
        raise errors.AlreadyEntered from None
    uow.audit("draw:enter", about={"draw": draw.id, "entry": entry.id, "person": entry.citizen_id, "post": draw.post_id})
    return entry


async def leave_draw(command: LeaveDraw, uow: UnitOfWork) -> Draw:
    """Raises DrawNotFound, DrawNotOpen, NotEntered."""
    draw = await Draws(uow).known(command.draw_id)
    entry = await DrawEntries(uow).find({"draw_id": draw.id, "citizen_id": command.by.id})
    if entry is None:
        raise errors.NotEntered
    draw.must_be_open(uow.at)
    await through_gate(uow, draw.id, command.by.id)
    await uow.db.draw_entries.delete_one({"_id": entry.id}, session=uow.session)
    uow.audit("draw:leave", about={"draw": draw.id, "entry": entry.id, "person": entry.citizen_id, "post": draw.post_id})
    return draw


async def judge_hardship(command: JudgeHardship, uow: UnitOfWork) -> DrawEntry:
    """Before it is drawn, and knowing as little of the seed as anybody. Raises DrawNotFound, DrawDone, NoClaim, RoleNotAllowed,
    SecondFactorNeeded."""
    entries = DrawEntries(uow)
    entry = await entries.find({"_id": command.entry_id})
    if entry is None:
        raise errors.DrawNotFound
    draw = await Draws(uow).known(entry.draw_id)
    role = to_serve(draw.post_id, command.by)
    draw.must_not_be_drawn()
    await through_gate(uow, draw.id, entry.citizen_id)
    entry.judge(command.verdict, by=command.by.id, at=uow.at)
    await entries.save(entry)
    about = {"draw": draw.id, "entry": entry.id, "person": entry.citizen_id, "post": draw.post_id}
    uow.audit("draw:judge_hardship", about=about, reason=command.verdict, role=role, post=draw.post_id)
    return entry


def _must_be_usable(command: EnterDraw, draw: Draw) -> None:
    faults = []
    if len(command.pin) != 14 or not command.pin.isascii() or not command.pin.isdigit():
        faults.append(FieldError("/pin", _NOT_A_PIN))
    drawn = {day_of(slot) for slot in draw.slots}
    faults += [FieldError(f"/days/{index}", _NO_SUCH_DAY) for index, day in enumerate(command.days) if day not in drawn]
    if faults:
        raise InvalidInput(faults)


def _pin_index(pin: str, uow: UnitOfWork) -> dict[str, str]:
    return dict(ENTRIES.where(uow.db, "pin_index", pin))


async def _is_full(draw: Draw, uow: UnitOfWork) -> bool:
    return (
        await uow.db.draw_entries.count_documents({"draw_id": draw.id}, limit=MOST_ENTRIES, session=uow.session) >= MOST_ENTRIES
    )
