"""An officer fills in, attaches and hands in what the citizen at the counter says; each act is written down as the officer's."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.domain.filling_acts import must_be_helping
from services.applications.domain.journal import officer
from services.applications.fillings import Fillings
from services.applications.repository import Applications
from services.applications.use_cases.save_step import SaveStep, save_step
from services.applications.use_cases.submit_application import SubmitApplication, submit_application
from shared.actors import Citizen, Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SaveStepAtCounter:
    application_id: str
    step_id: str
    answers: Mapping[str, str]
    expected_version: int | None
    by: Officer


@dataclass(frozen=True, slots=True)
class HandInAtCounter:
    application_id: str
    by: Officer


async def save_step_at_counter(command: SaveStepAtCounter, uow: UnitOfWork) -> Application:
    """Raises NotAssisted, and what save_step raises."""
    citizen, role = await _citizen_helped(command.application_id, command.by, uow)
    step = SaveStep(command.application_id, command.step_id, command.answers, command.expected_version, citizen)
    return await save_step(step, uow, acting=officer(command.by, role))


async def hand_in_at_counter(command: HandInAtCounter, uow: UnitOfWork) -> Application:
    """Raises NotAssisted, and what submit_application raises."""
    citizen, role = await _citizen_helped(command.application_id, command.by, uow)
    return await submit_application(SubmitApplication(command.application_id, citizen), uow, acting=officer(command.by, role))


async def _citizen_helped(application_id: str, by: Officer, uow: UnitOfWork) -> tuple[Citizen, str]:
    """As who they act, and the role that allows it."""
    application = await Applications(uow).get(application_id)
    role = must_be_helping(application, await Fillings(uow).of(application), by=by, at=uow.at)
    return Citizen(application.citizen_id, assurance=application.assurance), role
