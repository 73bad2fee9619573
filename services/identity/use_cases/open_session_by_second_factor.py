"""After the password an officer shows the authenticator's code, or a recovery code: the session opens."""

from dataclasses import dataclass

from services.identity.domain.credentials import HalfSignIn, hash_recovery_code
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.officers_schema import OfficerCredentials
from services.identity.officers_tries import forget_tries, place_of
from services.identity.repository import People
from services.identity.sessions import OpenedSession, open_session
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenSessionBySecondFactor:
    half: HalfSignIn
    code: str
    secret: SignInSecret
    device: str = ""


async def open_session_by_second_factor(command: OpenSessionBySecondFactor, uow: UnitOfWork) -> OpenedSession | None:
    """None where the code is wrong or was used, or the credentials were replaced meanwhile. Raises ConcurrentUpdate where
    the same code came twice at once."""
    half, every = command.half, OfficerCredentials(uow)
    credentials, person = await every.find({"_id": half.person_id}), await People(uow).find({"_id": half.person_id})
    if credentials is None or credentials.set_at != half.set_at or person is None or person.is_erased:
        return None
    by_code = credentials.spend_code(command.code, uow.at)
    if not (by_code or credentials.spend_recovery_code(hash_recovery_code(command.code, command.secret))):
        return None
    used = await uow.db.officer_sign_ins.update_one(
        {"_id": half.id, "used_at": None}, {"$set": {"used_at": uow.at}}, session=uow.session
    )
    if not used.matched_count:
        return None
    await every.save(credentials)
    await forget_tries(place_of(person.login, command.secret), uow)
    opened = await open_session(person, methods=["pwd", "otp"], assurance=person.assurance, uow=uow, device=command.device)
    how = "authenticator" if by_code else "recovery-code"
    uow.audit("session:open", about={"person": person.id, "session": opened.session.id, "methods": ["pwd", "otp"], "by": how})
    return opened
