"""How far a declaration reaches: by who said it, who confirmed it, and where the case is."""

from dataclasses import replace
from itertools import pairwise

from services.applications.domain.relations import Confirmation, EndReason, Relation, RelationKind, Relations
from tests.unit.applications.cases import AT


def said(one: str, other: str, by: str, kind: RelationKind = RelationKind.RELATIVE, post: str = "yek") -> Relation:
    first, second = sorted((one, other))
    return Relation(f"{one}-{other}", (first, second), kind, post, by, AT)


def test_what_somebody_says_of_themselves_binds_them_everywhere_and_a_head_s_word_binds_the_cases_of_that_post() -> None:
    own, of_others = said("a", "b", by="a"), said("c", "d", by="head")
    for place in ("yek", "ist", None):
        assert Relations.of([own], place).between("a", "b")
        assert Relations.of([of_others], place).between("c", "d") == (place == "yek")
    assert Relations.of([of_others], "ist", "yek").between("c", "d")  # decided at the head's post


def test_a_head_s_word_reaches_as_far_as_whoever_confirmed_it() -> None:
    of_others = said("c", "d", by="head")
    at_ist, by_ministry = (of_others.confirm("another", place, AT) for place in ("ist", "ministry"))
    assert [Relations.of([at_ist], place).between("c", "d") for place in ("yek", "ist", "nov")] == [True, True, False]
    assert [Relations.of([by_ministry], place).between("c", "d") for place in ("yek", "ist", "nov")] == [True] * 3


def test_two_accounts_are_one_person_only_once_a_second_person_said_so() -> None:
    """Until then they are a pair: nobody alone ties somebody to all that is declared of another."""
    chain = [said(one, other, by=one, kind=RelationKind.SAME_PERSON) for one, other in pairwise("abcd")]
    alone = Relations.of([*chain, said("d", "e", by="d")], "yek")
    assert alone.between("a", "b")
    assert not alone.between("a", "c")
    assert not alone.between("a", "e")
    confirmed = [replace(each, confirmed=Confirmation("head", "yek", AT)) for each in chain]
    assert Relations.of([*confirmed, said("d", "e", by="d")], "yek").between("a", "e")


def test_an_ended_declaration_gives_back_its_place() -> None:
    relation = replace(said("a", "b", by="a"), live_key="a:3")
    ended = relation.end("head", EndReason.NO_LONGER, AT)
    assert (ended.live_key, ended.version) == (f"ended:{relation.id}", 2)
    assert not Relations.of([ended], "yek").between("a", "b")
