"""Cards: an aggregate with sealed fields, for tests of sealing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from shared.clock import SystemClock
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.sealing import Blind, SealedFields
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.sealing.blind import BlindKind
from shared.sealing.erased import ERASED
from shared.sealing.key_file import ServiceKeys, keys_from_text
from tests.support.places import Place
from tests.support.sealing import KEYS_OF_TESTS

SERVICE = "cards"
FIELDS = SealedFields(
    "cards",
    person="person_id",
    fields={"name": ERASED, "phone": None, "answers": {}},
    indexes={
        "phone_index": Blind("phone", BlindKind.PHONE),
        "name_tokens": Blind("name", BlindKind.NAME_TOKEN, split=str.split),
    },
)


@dataclass
class Card:
    id: str
    person_id: str
    name: str
    phone: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    version: int = 1


MAPPER = Mapper(Card, sealed=FIELDS)
INDEXES = {**KERNEL_INDEXES, "cards": []}
Run = Callable[..., Awaitable[Any]]


class Cards(Aggregates[Card]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "cards", MAPPER)


def database_of_cards(place: Place, keys: ServiceKeys | None) -> Database:
    """Its collections are there already, or are made by make_cards."""
    database = Database(place.mongo_url, f"{place.database_prefix}{SERVICE}", service=SERVICE, keys=keys)
    database.prepared = True
    return database


async def make_cards(database: Database) -> None:
    await database.ensure_indexes(INDEXES, {"cards": FIELDS.validator()})


def keys_of_tests() -> ServiceKeys:
    return keys_from_text(KEYS_OF_TESTS)


async def write(card: Card, uow: UnitOfWork) -> None:
    await Cards(uow).add(card)


async def change(card_id: str, uow: UnitOfWork) -> None:
    card = await Cards(uow).get(card_id)
    card.answers, card.version = {"times": card.answers.get("times", 0) + 1}, card.version + 1
    await Cards(uow).save(card)


async def change_name(renamed: Card, uow: UnitOfWork) -> None:
    await Cards(uow).get(renamed.id)
    await Cards(uow).save(renamed)


def running(database: Database) -> Run:
    return Transactions(database, SystemClock()).run
