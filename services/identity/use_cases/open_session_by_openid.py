"""A provider said who somebody is: an invited officer, known by the subject they linked, or a citizen, known or new."""

from dataclasses import dataclass
from typing import Literal

from services.identity.domain.invitation import Invitation
from services.identity.domain.person import Person, PersonKind
from services.identity.officers_schema import Invitations
from services.identity.repository import People
from services.identity.schema import SUBJECTS_SEALED
from services.identity.sessions import OpenedSession, open_session
from shared.actors import Assurance
from shared.mongo.database import Document
from shared.mongo.sealing import opened, sealed
from shared.mongo.transactions import UnitOfWork
from shared.sealing.blind import BlindKind
from shared.texts import LANGUAGES


@dataclass(frozen=True, slots=True)
class OpenSessionByOpenid:
    """subject: the provider's name for the person, which is stored as a keyed hash only. invitation_id: of an officer who was
    invited, and links this subject by it."""

    provider: str
    kind: Literal["officer", "citizen"]
    subject: str
    methods: tuple[str, ...]
    assurance: Assurance
    name: str = ""
    language: str = "ky"
    invitation_id: str | None = None
    device: str = ""


async def open_session_by_openid(command: OpenSessionByOpenid, uow: UnitOfWork) -> OpenedSession | None:
    """None for an officer whom nobody invited. Never by an e-mail address: who can have one set at the provider is not who
    it was given to. Raises InvitationOver; SealBroken; DuplicateKeyError where the same new subject came twice at once."""
    link = uow.db.keys.blind.of(BlindKind.SUBJECT, f"{command.provider}:{command.subject}")
    # written, not only read: a link that is taken away at this moment must meet this sign-in, and one of the two wins
    row = await uow.db.openid_subjects.find_one_and_update({"_id": link}, {"$set": {"used_at": uow.at}}, session=uow.session)
    if row:
        await must_be_theirs(row, uow)
    person = await (People(uow).find({"_id": row["person_id"]}) if row else _linked(command, link, uow))
    if person is None or person.is_erased or person.kind != command.kind:
        return None
    assurance = command.assurance if person.kind is PersonKind.CITIZEN else person.assurance
    opened = await open_session(person, methods=command.methods, assurance=assurance, uow=uow, device=command.device)
    about = {"person": person.id, "session": opened.session.id, "methods": list(command.methods), "by": command.provider}
    uow.audit("session:open", about=about)
    return opened


async def must_be_theirs(row: Document, uow: UnitOfWork) -> None:
    """Whose an account elsewhere is lies in plain. Raises SealBroken."""
    await opened(SUBJECTS_SEALED, [row], uow.db, uow=uow, whole=True)


async def _linked(command: OpenSessionByOpenid, link: str, uow: UnitOfWork) -> Person | None:
    people = People(uow)
    if command.kind == "officer":
        if command.invitation_id is None:
            return None
        invitation: Invitation = await Invitations(uow).get(command.invitation_id)
        invitation.use(uow.at)
        await Invitations(uow).save(invitation)
        person = await people.find({"_id": invitation.person_id})
    else:
        person_id, language = uow.new_id(), command.language if command.language in LANGUAGES else "ky"
        person = Person.citizen(id=person_id, login=person_id, name=command.name, language=language, email=None, phone=None)
        await people.add(person)
    if person is None:
        return None
    linked = {"_id": link, "person_id": person.id, "provider": command.provider, "linked_at": uow.at}
    await uow.db.openid_subjects.insert_one(await sealed(SUBJECTS_SEALED, linked, uow), session=uow.session)
    uow.audit("openid:link", about={"person": person.id, "provider": command.provider})
    return person
