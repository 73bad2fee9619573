"""For whom an officer fills in at the counter: somebody who shows a code that was sent to them, or their papers."""

import hmac
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from pymongo.errors import DuplicateKeyError

from services.identity.api.answers import NO_STORE
from services.identity.api.schemas import Asked
from services.identity.api.sign_in import SignIn
from services.identity.counted import give_try_back, given_back_if_away, take_a_try
from services.identity.domain.challenge import Challenge
from services.identity.domain.counter_grant import CounterGrant, How
from services.identity.domain.papers import SeenPaper
from services.identity.domain.person import Person
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.token_keys import TokenKeys
from services.identity.use_cases.enter_person_at_counter import EnterPersonAtCounter, enter_person_at_counter
from services.identity.use_cases.meet_person_by_code import MeetPersonByCode, meet_person_by_code
from shared.actors import POST_ROLES, Assurance, Officer
from shared.texts import N_
from shared.web.auth import officer_with
from shared.web.commands import Commands, RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.problems import HttpProblem

_NOT_RIGHT = N_(
    "This code is not right, it has run out after 10 minutes or 5 tries, or it was used. Look at it again, or send a new one."
)
CounterOfficer = Annotated[Officer, Depends(officer_with(*POST_ROLES, strong=True))]


class CodeToldAtCounter(Asked):
    """What POST /api/sign-in/codes answered to the officer, and the code that the citizen read out."""

    challenge: Annotated[str, Field(max_length=64)]
    binding: Annotated[str, Field(max_length=128)]
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class PersonWithPapers(Asked):
    name: Annotated[str, Field(min_length=1, max_length=120, description="As in the paper")]
    language: Literal["ky", "ru", "en"]
    paper: SeenPaper = Field(description="What they showed at the counter")


class PersonEntered(BaseModel):
    """What is kept of the answer."""

    person_id: str
    assurance: Assurance
    language: str


class AtCounter(BaseModel):
    """grant: for this officer and this person alone, for 15 minutes: an application is begun with it."""

    person_id: str
    assurance: Assurance
    grant: str


def routes(parts: SignIn, keys: TokenKeys) -> APIRouter:
    router = APIRouter(prefix="/api/people/at-counter", tags=["people"])

    def told(met: PersonEntered, by: Officer, how: How) -> AtCounter:
        signed = keys.sign(CounterGrant(met.person_id, met.language, met.assurance, by.id, how))
        return AtCounter(person_id=met.person_id, assurance=met.assurance, grant=signed.access_token)

    @router.post("", status_code=201)
    async def with_papers(
        body: PersonWithPapers, who: CounterOfficer, commands: RequestCommands, response: Response
    ) -> AtCounter:
        """Somebody who has neither telephone nor e-mail, and whose papers you saw: an account is made for them, to which nobody
        can sign in yet."""
        command = EnterPersonAtCounter(commands.new_id(), body.name, body.language, body.paper, who)
        kept = await commands.run(enter_person_at_counter, command, _entered)  # without the grant, which is made anew each time
        response.headers.update(NO_STORE)
        return told(PersonEntered.model_validate_json(bytes(kept.body)), who, "counter")

    @router.post("/by-code", responses=also(409))
    async def by_code(
        body: CodeToldAtCounter, who: CounterOfficer, commands: RepeatableCommands, reads: RequestQueries, response: Response
    ) -> AtCounter:
        """Somebody who read out the code that was sent to them. Five tries for each challenge. 409 for every way to be wrong."""
        person = await _met(parts, body, who, commands, reads)
        if person is None:
            raise HttpProblem(409, "code-not-right", _NOT_RIGHT)
        response.headers.update(NO_STORE)
        return told(_entered(person), who, "code")

    return router


def _entered(person: Person) -> PersonEntered:
    return PersonEntered(person_id=person.id, assurance=person.assurance, language=person.language)


async def _met(parts: SignIn, body: CodeToldAtCounter, who: Officer, commands: Commands, reads: RequestQueries) -> Person | None:
    challenge: Challenge | None = await reads.run(take_a_try, body.challenge, at=commands.at)
    if challenge is None:
        return None
    right = hmac.compare_digest(parts.secret.code(challenge.id), body.code)
    if not (right and hmac.compare_digest(challenge.binding, fingerprint(body.binding))):
        return None
    command = MeetPersonByCode(challenge, challenge.contact(parts.secret), who)
    async with given_back_if_away(lambda: reads.run(give_try_back, challenge.id)):
        try:
            return await commands.run_repeatable(meet_person_by_code, command)
        except DuplicateKeyError:  # somebody proved the same new contact at this moment: now it has an owner
            return await commands.run_repeatable(meet_person_by_code, command, operation=commands.next_operation())
