"""What a post asks for while it reviews, and what comes of it: papers and changes of the citizen, answers of another body."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.applications.domain import authority, life_errors
from services.applications.domain.application import Application
from services.applications.domain.asked import (
    ANSWERS,
    BODY_ANSWERS,
    OTHER,
    BodyAsked,
    Mark,
    PapersRequest,
    opened_by,
    wrong_marks,
)
from services.applications.domain.case import Case
from services.applications.domain.fees import FeeState
from services.applications.domain.form import check_answers, check_changed, oddities
from services.applications.domain.journal import CLOCK, Act, Action, citizen, officer
from services.applications.domain.relations import NONE_DECLARED, Relations
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.status import Status
from shared.actors import Citizen, Officer
from shared.contracts import applications as events


def request_papers(
    case: Application,
    marks: tuple[Mark, ...],
    words: Mapping[str, str],
    *,
    by: Officer,
    definition: ServiceDefinition,
    until: datetime,
    at: datetime,
    relations: Relations = NONE_DECLARED,
) -> Act:
    """Ask its citizen to change what is marked, and that alone. words: beside a mark, by pointer.

    Raises what proposing does, and NothingMarked, UnknownMark, WordsNeeded.
    """
    role = authority.to_propose(case, by, relations)
    marks = tuple({mark.pointer: mark for mark in marks}.values())
    if not marks:
        raise life_errors.NothingMarked
    if wrong := wrong_marks(marks, definition):
        raise life_errors.UnknownMark(wrong)
    said = {mark.pointer: words[mark.pointer].strip() for mark in marks if words.get(mark.pointer, "").strip()}
    for index, mark in enumerate(marks):
        if mark.note == OTHER and mark.pointer not in said:
            raise life_errors.WordsNeeded(f"/marks/{index}/text")
    case.asked, case.said = PapersRequest(marks, opened_by(marks, definition), by.id, at, until, case.version + 1), said
    event = case._event(events.ApplicationPapersRequested, at, until=until)
    return case._done(Action.REQUEST_PAPERS, officer(by, role), at, event, to=Status.PAPERS_REQUESTED)


def take_changes(case: Application, definition: ServiceDefinition, *, fee: FeeState | None, unconfirmed: bool) -> None:
    """What its citizen changed is what the post goes on with, also where they did not hand it in again. fee: where another one is
    owed by that. unconfirmed: somebody else must confirm it, and has not."""
    case.applicant = case.answers.get(definition.holder_field("name").key) or case.applicant
    case.fee = fee or case.fee
    case.turn = replace(case.turn, unconfirmed=unconfirmed)


def take_back_request(case: Application, *, by: Officer, at: datetime, owed: events.Owed = events.Owed.NOTHING) -> Act:
    """owed: a further fee, by what was changed until now."""
    role = authority.to_take_back_request(case, by, NONE_DECLARED)
    case.asked, case.said = None, {}
    left = {"owed": owed, "to_confirm": _to_confirm(case)}
    event = case._event(events.ApplicationPapersRequestEnded, at, because="taken_back", **left)
    return case._done(Action.TAKE_BACK_REQUEST, officer(by, role), at, event, to=_reviewed_again(case))


def change_what_was_asked(
    case: Application,
    changes: Mapping[str, str],
    *,
    by: Citizen,
    definition: ServiceDefinition,
    post: Post,
    formats: Formats,
    at: datetime,
) -> Act | None:
    """changes: answers by key; an empty one takes an answer back. None: nothing changes. Raises NothingAsked, NotMarked,
    InvalidInput."""
    asked = must_be_asked(case, by=by)
    changed = {key: value for key, value in changes.items() if value != case.answers.get(key, "")}
    if foreign := [ANSWERS + key for key in changed if ANSWERS + key not in asked.opens]:
        raise life_errors.NotMarked(foreign)
    kept = check_answers(changed, definition=definition, formats=formats, post=post, at=at)
    after = {**case.answers, **kept}
    for key in changed.keys() - kept.keys():
        after.pop(key, None)
    if after == case.answers:
        return None
    case.answers, case.asked = after, asked.changed({ANSWERS + key for key in changed})
    return case._done(Action.SAVE_ANSWERS, citizen(by), at)


def hand_in_again(
    case: Application,
    *,
    by: Citizen,
    definition: ServiceDefinition,
    post: Post,
    formats: Formats,
    at: datetime,
    owed: events.Owed = events.Owed.NOTHING,
    explained: bool = False,
) -> Act:
    """What was asked for is changed as far as its citizen can: the review goes on. explained: they wrote why nothing needs to be
    changed. Raises NothingAsked, InvalidInput, NothingChanged."""
    asked = must_be_asked(case, by=by)
    answers = check_changed(
        case.answers, asked.opens, attachments=case.attachments, definition=definition, formats=formats, post=post, at=at
    )
    if not explained and not any(mark.changed for mark in asked.marks):
        raise life_errors.NothingChanged([mark.pointer for mark in asked.marks])
    case.answers = answers
    case.applicant = case.answers[definition.holder_field("name").key]
    odd = oddities(case.answers, definition=definition, formats=formats)
    case.turn = case.turn.handed_in(urgent=case.turn.urgent, warnings=len(odd))
    case.asked = replace(asked, answered_at=at)
    event = case._event(events.ApplicationHandedInAgain, at, owed=owed)
    return case._done(Action.HAND_IN_AGAIN, citizen(by), at, event, to=_reviewed_again(case))


def is_open(case: Application, sequence: int) -> bool:
    """sequence: of the act that asked."""
    return case.status is Status.PAPERS_REQUESTED and case.asked is not None and case.asked.sequence == sequence


def run_out(case: Application, sequence: int, *, at: datetime, owed: events.Owed = events.Owed.NOTHING) -> Act | None:
    """Its citizen did not hand it in again in time: a person decides on what is there. None: that question is not open any
    more."""
    if not is_open(case, sequence):
        return None
    left = {"owed": owed, "to_confirm": _to_confirm(case)}
    event = case._event(events.ApplicationPapersRequestEnded, at, because="ran_out", **left)
    return case._done(Action.REQUEST_RAN_OUT, CLOCK, at, event, to=_reviewed_again(case))


def ask_body(
    case: Application, body: str, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED, of_ministry: bool = False
) -> Act:
    """body: one of catalogue/departments.toml that is asked. Raises what proposing does."""
    role = authority.to_propose(case, by, relations)
    case.body = BodyAsked(body, at, of_ministry=of_ministry)
    event = case._event(events.ApplicationSentToBody, at, body=body)
    return case._done(Action.ASK_BODY, officer(by, role), at, event, reason=body, to=Status.WITH_ANOTHER_BODY)


def note_body_answer(
    case: Application, answer: str | None = None, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED
) -> Act:
    """answer: of BODY_ANSWERS, where it is known. Raises UnknownAnswer."""
    role = authority.to_note_answer(case, by, relations)
    if answer is not None and answer not in BODY_ANSWERS:
        raise life_errors.UnknownAnswer
    if case.body is not None:
        case.body = replace(case.body, answered_at=at, answer=answer)
    event = case._event(events.ApplicationBodyAnswered, at)
    return case._done(Action.NOTE_BODY_ANSWER, officer(by, role), at, event, reason=answer, to=_reviewed_again(case))


def must_be_asked(case: Case, *, by: Citizen) -> PapersRequest:
    """Raises ApplicationNotFound, NothingAsked."""
    case.must_be_seen_by(by)
    if case.status is not Status.PAPERS_REQUESTED or case.asked is None:
        raise life_errors.NothingAsked
    return case.asked


def _to_confirm(case: Case) -> events.Unconfirmed:
    return events.Unconfirmed.ANEW if case.turn.unconfirmed else events.Unconfirmed.NOTHING


def _reviewed_again(case: Case) -> Status:
    """By the officer who had it; where nobody has it any more, by whoever takes it."""
    return Status.IN_REVIEW if case.claimed_by else Status.SUBMITTED
