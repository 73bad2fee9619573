"""Nothing that is kept about a person is forgotten where they ask for it: it is given, or left out for a written reason."""

from collections.abc import Iterator
from importlib import import_module

import pytest

from deploy.local.environment import SERVICES
from shared.mongo.own_data import LEFT_OUT_EVERYWHERE, OF_EVERY_SERVICE, OwnData, OwnRecords
from shared.mongo.sealing import SealedFields
from tests.architecture.test_personal_data import declared, listed

SECRETS = {  # sealed, and yet not given to whom they are about: with them somebody else could sign in
    ("identity", "officer_credentials", "password"),
    ("identity", "officer_credentials", "totp_secret"),
    ("identity", "officer_invitations", "totp_secret"),
}


def own_data(service: str) -> OwnData:
    found: OwnData = import_module(f"services.{service}.api.own_data").OWN_DATA
    return found


def kinds(service: str) -> tuple[OwnRecords, ...]:
    return (*own_data(service).kinds, *OF_EVERY_SERVICE)


def forgotten(collections: Iterator[str] | set[str], data: OwnData) -> list[str]:
    given = {kind.collection for kind in (*data.kinds, *OF_EVERY_SERVICE)}
    return sorted(set(collections) - given - data.left_out.keys() - LEFT_OUT_EVERYWHERE.keys())


@pytest.mark.parametrize("service", SERVICES)
def test_every_collection_is_given_to_whom_it_is_about_or_left_out_for_a_reason(service: str) -> None:
    kept = {*listed()[service], *listed()["kernel"]}
    assert forgotten(kept, own_data(service)) == [], (
        "add it to services/SERVICE/api/own_data.py, or say there why it is not given"
    )
    given = {kind.collection for kind in kinds(service)}
    assert given <= kept
    left_out = {**own_data(service).left_out, **LEFT_OUT_EVERYWHERE}
    assert not given & left_out.keys()
    assert left_out.keys() <= kept
    assert all(why.strip() for why in left_out.values())


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_sealed_is_given_opened_but_for_secrets(service: str) -> None:
    given = {kind.collection: kind for kind in kinds(service)}
    sealed = {one.collection: one for one in declared(service, SealedFields) if one.fields or one.collection in given}
    assert sealed.keys() <= given.keys()
    for collection, fields in sealed.items():
        kind = given[collection]
        opened_with = kind.sealed
        assert id(opened_with) == id(fields), f"{collection}: it would be read without being opened"
        assert (kind.whose, kind.shaped) == (fields.person, None)
        hidden = {path.partition(".")[0] for path in fields.fields} & kind.left_out.keys()
        assert {(service, collection, field) for field in hidden} <= SECRETS


@pytest.mark.parametrize("service", SERVICES)
def test_each_field_that_is_left_out_is_one_that_is_kept_and_has_its_reason(service: str) -> None:
    for kind in own_data(service).kinds:
        assert all(why.strip() for why in kind.left_out.values())
        row = listed()[service].get(kind.collection, {})
        if "open" in row or "sealed" in row:
            assert kind.left_out.keys() <= {*row.get("sealed", ()), *row.get("open", {})}


def test_a_forgotten_collection_would_be_seen() -> None:
    data = OwnData((OwnRecords("card", "cards", "person_id"),), {"counters": "nobody's"})
    assert forgotten({"cards", "counters", "inbox", "diaries"}, data) == ["diaries"]
