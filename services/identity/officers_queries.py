"""Reads for officers' sign-in and enrolment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.identity.domain.credentials import Credentials
from services.identity.domain.invitation import Invitation, InvitationOver
from services.identity.domain.person import Person, PersonKind
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.officers_schema import CREDENTIALS, INVITATIONS
from services.identity.schema import MAPPER, PEOPLE_SEALED
from shared.mongo.database import Db, Document

READ_AT_ONCE = 100
IN_CHARGE = ("head", "ministry")


@dataclass(frozen=True, slots=True)
class KnownOfficer:
    person: Person
    credentials: Credentials


async def officer_by_login(db: Db, login: str) -> KnownOfficer | None:
    """None where there is no such officer, or none with a password."""
    row = await db.people.find_one({**PEOPLE_SEALED.where(db, "login_index", login), "kind": PersonKind.OFFICER.value})
    found = await db.officer_credentials.find_one({"_id": row["_id"] if row else ""})
    return KnownOfficer(await MAPPER.read(db, row), await CREDENTIALS.read(db, found)) if row and found else None


async def credentials_of(db: Db, person_id: str) -> KnownOfficer | None:
    row, found = await db.people.find_one({"_id": person_id}), await db.officer_credentials.find_one({"_id": person_id})
    return KnownOfficer(await MAPPER.read(db, row), await CREDENTIALS.read(db, found)) if row and found else None


async def in_charge(db: Db, *, on: date) -> dict[str, list[str]]:
    """Posts by the officers who head them; EVERY_POST for the ministry's. Not those whose role is not in force. All of them,
    however many: whoever was left out would hear of nothing."""
    there: Document = {"kind": PersonKind.OFFICER.value, "grants": {"$elemMatch": {"role": {"$in": list(IN_CHARGE)}}}}
    found: dict[str, list[str]] = {}
    rows: list[Document] = []
    async for row in db.people.find(there).sort([("post_id", 1), ("_id", 1)]):
        rows.append(row)
        if len(rows) == READ_AT_ONCE:
            found |= await _posts_in_charge(db, rows, on)
            rows = []
    return found | await _posts_in_charge(db, rows, on)


async def _posts_in_charge(db: Db, rows: Sequence[Document], on: date) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for person in await MAPPER.read_all(db, rows):
        grants = [grant for grant in person.grants if grant.role in IN_CHARGE and grant.in_force(on)]
        if posts := sorted({post for grant in grants for post in grant.posts}):
            found[person.id] = posts
    return found


async def opened_invitation(db: Db, invitation_id: str, binding: str, *, at: datetime) -> tuple[Invitation, Person]:
    """Which this browser opened, and used at most a moment ago. Raises InvitationOver, InvitationOpened."""
    invitation, person = await _invitation(db, invitation_id)
    if not invitation.was_just_used_by(fingerprint(binding), at):
        invitation.must_be_open(at)
        invitation.must_be_opened_by(fingerprint(binding), at)
    return invitation, person


async def open_invitation(db: Db, invitation_id: str, *, at: datetime) -> tuple[Invitation, Person]:
    """Raises InvitationOver."""
    invitation, person = await _invitation(db, invitation_id)
    invitation.must_be_open(at)
    return invitation, person


async def _invitation(db: Db, invitation_id: str) -> tuple[Invitation, Person]:
    """Raises InvitationOver, also for one that there never was."""
    row = await db.officer_invitations.find_one({"_id": invitation_id})
    person = await db.people.find_one({"_id": row["person_id"]}) if row else None
    if row is None or person is None:
        raise InvitationOver
    return await INVITATIONS.read(db, row), await MAPPER.read(db, person)
