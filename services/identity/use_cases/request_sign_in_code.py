"""Somebody wants to sign in by a contact: a challenge is stored, and notifications is told. Nobody is looked up."""

import os
from dataclasses import dataclass

from services.identity.domain.challenge import LIFETIME, Challenge, seal_contact
from services.identity.domain.contact import Contact
from services.identity.domain.sign_in_secret import SignInSecret, fingerprint
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RequestSignInCode:
    """binding: what only the browser that asks holds."""

    contact: Contact
    language: str
    binding: str
    secret: SignInSecret


async def request_sign_in_code(command: RequestSignInCode, uow: UnitOfWork) -> Challenge:
    challenge_id = uow.new_id()
    challenge = Challenge(
        id=challenge_id,
        channel=command.contact.kind,
        sealed_contact=seal_contact(command.contact, challenge_id, os.urandom(12), command.secret),
        language=command.language,
        binding=fingerprint(command.binding),
        created_at=uow.at,
        expires_at=uow.at + LIFETIME,
    )
    uow.insert("sign_in_challenges", challenge.document())
    uow.publish(challenge.requested())
    return challenge
