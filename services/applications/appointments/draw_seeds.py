"""The seed of a draw until it is published: under a key of its own, so that the database alone does not tell it."""

from services.applications.domain import appointment_errors as errors
from shared.mongo.sealing import key_for
from shared.mongo.transactions import UnitOfWork
from shared.sealing.envelopes import Place

COLLECTION = "draw_seeds"


async def keep_seed(draw_id: str, seed: bytes, uow: UnitOfWork) -> None:
    key = await key_for(uow, f"draw:{draw_id}")
    assert key is not None  # noqa: S101 (it is nobody's, so nobody's erasure destroys it)
    uow.insert(COLLECTION, {"_id": draw_id, "seed": key.seal(seed, _place(draw_id))})


async def kept_seed(draw_id: str, uow: UnitOfWork) -> bytes:
    """Raises DrawNotFound, SealBroken, KeyAway."""
    row = await uow.db[COLLECTION].find_one({"_id": draw_id}, session=uow.session)
    key = await key_for(uow, f"draw:{draw_id}")
    if row is None or key is None:
        raise errors.DrawNotFound
    return key.open(row["seed"], _place(draw_id))


def _place(draw_id: str) -> Place:
    return Place(COLLECTION, draw_id, "seed")
