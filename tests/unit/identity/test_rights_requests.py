"""A request about one's own data: its clock, its one answer, and what its data file says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from services.identity.domain.rights_request import (
    AlreadyEnded,
    Clock,
    NotByHand,
    RequestKind,
    RequestState,
    RightsRequest,
    Term,
    Wish,
)
from services.identity.rights import purposes, rights_terms
from shared.errors import InvalidInput
from shared.texts import LANGUAGES

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WEEK, SOON = timedelta(days=7), timedelta(days=2)
WISH = Wish("account", "", "Aigerim with one i", "Aigerim")
ENDINGS: dict[RequestState, Callable[[RightsRequest], object]] = {
    RequestState.ANSWERED: lambda request: request.answer("done", by="head", at=AT),
    RequestState.REFUSED: lambda request: request.refuse("no-proof", "show it", by="head", at=AT),
    RequestState.WITHDRAWN: lambda request: request.withdraw(at=AT, by="p1"),
}


def asked(kind: RequestKind = RequestKind.CORRECTION) -> RightsRequest:
    return RightsRequest.ask("r1", "p1", kind, term=Term(1, WEEK), at=AT, wish=WISH if kind is RequestKind.CORRECTION else None)


def test_the_clock_runs_is_soon_over_and_is_late_in_the_moment_after_the_term() -> None:
    request, moment = asked(), timedelta(milliseconds=1)
    assert request.due_at == AT + WEEK
    for at, clock in (
        (AT, Clock.RUNNING),
        (AT + WEEK - SOON - moment, Clock.RUNNING),
        (AT + WEEK - SOON, Clock.SOON),
        (AT + WEEK, Clock.SOON),
        (AT + WEEK + moment, Clock.LATE),
    ):
        assert request.clock(at, SOON) is clock, at
    request.answer("done", by="head", at=AT)
    assert request.clock(AT + 2 * WEEK, SOON) is Clock.STOPPED


def test_a_request_ends_once_in_one_way() -> None:
    for state, end in ENDINGS.items():
        request = asked()
        end(request)
        assert (request.state, request.answered_at, request.version) == (state, AT, 2)
        for again in ENDINGS.values():
            with pytest.raises(AlreadyEnded):
                again(request)


def test_an_answer_and_a_refusal_are_in_writing() -> None:
    for words in ("", "  \n"):
        with pytest.raises(InvalidInput):
            asked().answer(words, by="head", at=AT)
        with pytest.raises(InvalidInput):
            asked().refuse("no-proof", words, by="head", at=AT)
    with pytest.raises(InvalidInput) as told:
        RightsRequest.ask("r1", "p1", RequestKind.CORRECTION, term=Term(1, WEEK), at=AT, wish=Wish("account", "", "", " "))
    assert [error.pointer for error in told.value.errors] == ["/wrong", "/right"]


def test_nobody_answers_an_erasure_by_hand() -> None:
    with pytest.raises(NotByHand):
        asked(RequestKind.ERASURE).answer("done", by="head", at=AT)
    with pytest.raises(NotByHand):
        asked(RequestKind.ERASURE).refuse("no-proof", "no", by="head", at=AT)


def test_once_it_is_told_what_holds_an_erasure_nothing_is_late_and_only_news_are_told_again() -> None:
    request = asked(RequestKind.ERASURE)
    event = request.held(["open-case"], at=AT)
    assert event is not None
    assert (event.kind, event.person_id, request.clock(AT + 2 * WEEK, SOON)) == ("erasure", "p1", Clock.TOLD)
    assert request.held(["open-case"], at=AT + SOON) is None
    assert request.held(["appeal"], at=AT + SOON) is not None
    assert request.told_at == AT
    request.answered_itself(at=AT + WEEK)
    assert (request.state, request.ground) == (RequestState.ANSWERED, [])


def test_the_data_files_say_every_term_and_text_with_source_and_certainty() -> None:
    terms, known = rights_terms(), purposes()
    assert set(terms.terms) == set(RequestKind)
    assert {term.length for term in terms.terms.values()} == {WEEK}
    for data in (terms, known):
        assert "No. 58" in data.source
        assert data.certainty == "D"  # until somebody has read the Digital Code
    assert "759" in known.source
    assert known.by_law
    texts = [terms.objection, *terms.refusals.values(), *known.by_law.values()]
    assert all(set(text) == set(LANGUAGES) and all(text.values()) for text in texts)
    for consent in known.consents.values():
        assert set(consent.words) == set(LANGUAGES)
        assert all(set(words) == {"title", "text", "withdrawal"} for words in consent.words.values())
