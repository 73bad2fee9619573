"""Opening a session, and what its holder is given: the one place where a person's tokens are made, however they signed in.

A use case that has found out who somebody is calls open_session in its transaction; its route answers with
SessionTokens.granted, which signs outside of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.access_token import LIFETIME, SERVICES, grant_for
from services.identity.domain.person import Person
from services.identity.domain.session import Session
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.repository import Sessions
from services.identity.token_keys import TokenKeys
from shared.actors import Assurance
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that is stored, and whose it is."""

    session: Session
    person: Person


@dataclass(frozen=True, slots=True)
class GrantedTokens:
    """access_tokens: one for each service, by its name."""

    access_tokens: dict[str, str]
    expires_in_s: int
    refresh_token: str
    refresh_expires_in_s: int


async def open_session(
    person: Person, *, methods: Sequence[str], assurance: Assurance, uow: UnitOfWork, device: str = ""
) -> OpenedSession:
    """methods: RFC 8176 names of what was shown; assurance: what that proves of who it is. device: its owner's word for it."""
    session = Session.open(uow.new_id(), person, methods=methods, assurance=assurance, device=device, at=uow.at)
    await Sessions(uow).add(session)
    return OpenedSession(session, person)


class SessionTokens:
    """Makes the tokens of a session, for what it is at that moment."""

    def __init__(self, keys: TokenKeys, secret: SignInSecret) -> None:
        self._keys, self._secret = keys, secret

    def granted(self, opened: OpenedSession, *, at: datetime) -> GrantedTokens:
        session, person = opened.session, opened.person
        grants = {service: grant_for(person, session, service, on=at.date()) for service in SERVICES}
        access = {service: self._keys.sign(grant).access_token for service, grant in grants.items()}
        return GrantedTokens(
            access,
            int(LIFETIME.total_seconds()),
            self._secret.refresh_token(session.id, session.generation),
            max(0, int((session.expires_at - at).total_seconds())),
        )

    def shown(self, refresh_token: str) -> tuple[str, int] | None:
        """Session and generation of a refresh token; None for what was not made here."""
        return self._secret.read_refresh_token(refresh_token)
