"""The later life of a case as its citizen and its post see it, in words."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.applications.api import life_schemas, views
from services.applications.api.named import in_language, named_post, post_name
from services.applications.api.wording import Wording
from services.applications.catalogue import the_catalogue
from services.applications.catalogue.casework import Choice, casework, choice
from services.applications.domain import authority
from services.applications.domain.application import Application
from services.applications.domain.asked import BODY_ANSWERS, NOTES, pointers_of
from services.applications.domain.correspondence import Message, Original, Pouch
from services.applications.domain.relations import Relations
from services.applications.domain.status import OPEN, Status
from services.applications.life import Carried
from services.applications.offices import is_of_ministry
from shared.actors import Officer
from shared.errors import DomainError
from shared.sealing.erased import shown

OfficerMay = Literal["request_papers", "ask_body", "write", "keep", "send", "correct"]
CitizenMay = Literal["change", "write"]


def citizen_life(
    application: Application, messages: Sequence[Message], originals: Sequence[Original], say: Wording
) -> life_schemas.CitizenLife:
    may: list[CitizenMay] = ["change"] if application.status is Status.PAPERS_REQUESTED else []
    may += ["write"] if application.status not in (Status.DRAFT, Status.EXPIRED) else []
    held = [_original(each, say) for each in originals]
    return life_schemas.CitizenLife(**_life(application, messages, say), originals=held, may=may)


def officer_life(
    application: Application,
    relations: Relations,
    messages: Sequence[Message],
    originals: Sequence[Original],
    by: Officer,
    say: Wording,
) -> life_schemas.OfficerLife:
    definition, rules = views.definition_of(application), casework()
    lists = {
        "carriers": rules.carriers,
        "annulments": rules.annulments,
        "corrections": rules.corrections,
        "kinds": rules.originals,
    }
    chosen: dict[str, Any] = {name: [_chosen(each, say) for each in found] for name, found in lists.items()}
    held = [life_schemas.HeldOriginal(**_original(each, say).model_dump(), kept_where=each.kept_where) for each in originals]
    return life_schemas.OfficerLife(
        **_life(application, messages, say),
        **chosen,
        bodies=_bodies(say),
        originals=held,
        unanswered_since=application.unanswered_since,
        markable=[life_schemas.Markable(pointer=at, label=say(label)) for at, label in pointers_of(definition).items()],
        notes=[life_schemas.Chosen(code=code, text=say(text)) for code, text in NOTES.items()],
        body_answers=[life_schemas.Chosen(code=code, text=say(text)) for code, text in BODY_ANSWERS.items()],
        may=_may(application, relations, by),
    )


def pouch_view(pouch: Pouch, say: Wording) -> life_schemas.PouchView:
    return life_schemas.PouchView(
        id=pouch.id,
        post=named_post(pouch.post_id, say),
        to=_place_name(pouch.to, say),
        seal=pouch.seal,
        items=len(pouch.originals),
        sent_at=pouch.sent_at,
        arrived_at=pouch.arrived_at,
        missing=len(pouch.missing),
    )


def pouch_places(posts: Collection[str], say: Wording) -> list[life_schemas.Chosen]:
    """posts: from where, which are left out where there is one only."""
    others = [each for each in the_catalogue().posts if {each} != {*posts}]
    return [*_bodies(say), *(life_schemas.Chosen(code=each, text=post_name(each, say)) for each in others)]


def _place_name(place: str, say: Wording) -> str:
    """Of a post, a body or a department."""
    return _body_name(place, say) or post_name(place, say)


def _bodies(say: Wording) -> list[life_schemas.Chosen]:
    return [life_schemas.Chosen(code=each.id, text=in_language(each.names, say)) for each in the_catalogue().places.asked()]


def _body_name(code: str, say: Wording) -> str:
    department = the_catalogue().places.departments.get(code)
    return in_language(department.names, say) if department else ""


def pouch_details(pouch: Pouch, contents: Sequence[Carried], places: Collection[str], say: Wording) -> life_schemas.PouchDetails:
    items = [
        life_schemas.PouchItemView(
            application_id=each.original.application_id,
            reference=each.reference,
            original_id=each.original.id,
            kind=_kind(each.original, say),
            state="on_its_way" if not pouch.arrived_at else "missing" if each.original.id in pouch.missing else "arrived",
        )
        for each in contents
    ]
    opens = pouch.arrived_at is None or bool(pouch.missing)
    for_others = pouch.to not in places and (pouch.to in the_catalogue().posts or is_of_ministry(pouch.to))
    return life_schemas.PouchDetails(**pouch_view(pouch, say).model_dump(), contents=items, opens=opens, for_others=for_others)


def papers_here(found: Sequence[Carried], say: Wording) -> life_schemas.PapersHere:
    papers = [
        life_schemas.PaperHere(
            application_id=each.original.application_id,
            reference=each.reference,
            original_id=each.original.id,
            kind=_kind(each.original, say),
            kept_where=shown(each.original.kept_where, say.texts, say.language),
            received_at=each.original.received_at,
        )
        for each in found
    ]
    return life_schemas.PapersHere(papers=papers)


def original_view(original: Original, say: Wording) -> life_schemas.HeldOriginal:
    return life_schemas.HeldOriginal(**_original(original, say).model_dump(), kept_where=original.kept_where)


def message_view(message: Message) -> life_schemas.MessageView:
    return life_schemas.MessageView(
        id=message.id, written_by=message.written_by.value, role=message.role, text=message.text, at=message.at
    )


def _life(application: Application, messages: Sequence[Message], say: Wording) -> dict[str, Any]:
    rules = casework()
    mail, annulled, body = application.mail, application.annulled, application.body
    carrier = choice(rules.carriers, mail.carrier if mail else None)
    reason = choice(rules.annulments, annulled.reason if annulled else None)
    return {
        "asked": _asked(application, say),
        "body": life_schemas.BodyView(
            name=_body_name(body.code, say) or body.code,
            asked_at=body.at,
            answered_at=body.answered_at,
            answer=say(BODY_ANSWERS[body.answer]) if body.answer else None,
        )
        if body
        else None,
        "appeal": _appeal(application, say),
        "mail": life_schemas.MailView(carrier=carrier.name(say.language), at=mail.at) if mail and carrier else None,
        "annulment": life_schemas.AnnulmentView(reason=reason.name(say.language), at=annulled.at)
        if annulled and reason
        else None,
        "revision": application.revision,
        "messages": [message_view(each) for each in messages],
        "version": application.version,
    }


def _asked(application: Application, say: Wording) -> life_schemas.AskedView | None:
    asked = application.asked
    if asked is None:
        return None
    labels = pointers_of(views.definition_of(application))
    zone = ZoneInfo(the_catalogue().post(application.post_id).time_zone)
    marks = [
        life_schemas.MarkView(
            pointer=mark.pointer,
            label=say(labels[mark.pointer]) if mark.pointer in labels else mark.pointer,
            note=mark.note,
            note_text=say(NOTES[mark.note]),
            text=application.said.get(mark.pointer, ""),
            changed=mark.changed,
        )
        for mark in asked.marks
    ]
    return life_schemas.AskedView(
        marks=marks,
        opens=list(asked.opens),
        asked_at=asked.at,
        until=asked.until.astimezone(zone).date(),
        open=application.status is Status.PAPERS_REQUESTED,
        answered_at=asked.answered_at,
    )


def _appeal(application: Application, say: Wording) -> life_schemas.AppealView | None:
    if application.status is not Status.REFUSED or application.refusal_reason is None:
        return None
    reason = views.definition_of(application).refusal_reason(application.refusal_reason)
    rule = casework().appeal
    until = application.appeal_until
    return life_schemas.AppealView(
        ground=say(reason.text) if reason else application.refusal_reason,
        article=say(reason.article) if reason and reason.article else None,
        how=rule.words(say.language),
        until=date.fromisoformat(until) if until else None,
        illustrative=rule.illustrative,
    )


def _original(original: Original, say: Wording) -> life_schemas.OriginalView:
    state: Literal["kept", "travelling", "returned"] = "travelling" if original.pouch_id else "kept"
    return life_schemas.OriginalView(
        id=original.id,
        kind=_kind(original, say),
        state="returned" if original.returned_at else state,
        received_at=original.received_at,
        returned_at=original.returned_at,
    )


def _kind(original: Original, say: Wording) -> str:
    kind = choice(casework().originals, original.kind)
    return kind.name(say.language) if kind else original.kind


def _chosen(each: Choice, say: Wording) -> life_schemas.Chosen:
    return life_schemas.Chosen(code=each.code, text=each.name(say.language))


def _may(application: Application, relations: Relations, by: Officer) -> list[OfficerMay]:
    checks: dict[OfficerMay, Callable[[], object]] = {
        "request_papers": partial(authority.to_propose, application, by, relations),
        "ask_body": partial(authority.to_propose, application, by, relations),
        "write": partial(authority.to_write, application, by, relations),
        "send": partial(authority.to_hand_over, application, by, relations),
        "correct": partial(authority.to_change_issued, application, by, relations),
    }
    if application.status in OPEN or application.status is Status.READY:
        checks["keep"] = partial(authority.at_counter, application, by)
    return [act for act, check in checks.items() if _lets(check)]


def _lets(check: Callable[[], object]) -> bool:
    try:
        check()
    except DomainError:
        return False
    return True
