"""What somebody is given of the relations that were declared of them: nobody else's id, in whatever field it lies."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from services.applications.api.own_data import OWN_DATA
from services.applications.domain.fee_account import Adjustment, Fee, Returned
from services.applications.domain.fees import FeeFacts, Money
from services.applications.domain.relations import EndReason, Relation, RelationKind
from services.applications.fees.schema import FEES
from services.applications.schema import RELATIONS
from shared.mongo.own_data import Words
from shared.texts import Texts

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_a_relation_names_neither_the_other_one_nor_who_declared_confirmed_or_ended_it() -> None:
    [kind] = [one for one in OWN_DATA.kinds if one.kind == "relation"]
    in_force = Relation("r1", ("citizen-1", "officer-2"), RelationKind.RELATIVE, "yek", "head-3", AT, live_key="head-3:0")
    confirmed = in_force.confirm("ministry-4", "ministry", AT)
    ended = replace(confirmed.end("ministry-5", next(iter(EndReason)), AT), live_key="head-3:0")
    for relation in (in_force, confirmed, ended):
        given = kind.given(RELATIONS.to_document(relation), Words(Texts({}), "en", AT), "citizen-1", erased=False)
        text = json.dumps(given)
        assert given["post_id"] == "yek"
        assert not [one for one in ("officer-2", "head-3", "ministry-4", "ministry-5") if one in text]


def test_a_fee_says_what_was_granted_and_why_and_not_by_which_officer() -> None:
    [kind] = [one for one in OWN_DATA.kinds if one.kind == "fee"]
    facts = FeeFacts("s", 1, "2026-11-22", "citizen", None, (), ())
    granted = (Adjustment("reduction", "hardship", "officer-2", "head", AT, "no-means"),)
    back = (Returned(Money(100, "USD"), "less-is-owed", "officer-2", "intake", AT),)
    fee = Fee("case-1", "citizen-1", "yek", facts, (), (), AT, granted, returned=back)
    given = kind.given(FEES.to_document(fee), Words(Texts({}), "en", AT), "citizen-1", erased=False)
    [told] = given["adjustments"]
    assert (told["code"], told["reason"], told["role"]) == ("hardship", "no-means", "head")
    assert [(one["amount"]["amount_minor"], one["reason"]) for one in given["returned"]] == [(100, "less-is-owed")]
    assert "officer-2" not in json.dumps(given)
