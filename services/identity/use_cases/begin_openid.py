"""Somebody goes to a provider to show who they are: the flow is kept for ten minutes, with what only their browser holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain.sign_in_secret import fingerprint
from shared.mongo.database import Db
from shared.mongo.transactions import UnitOfWork

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BeginOpenid:
    flow_id: str
    provider: str
    binding: str
    invitation_id: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    binding: str
    invitation_id: str | None


async def begin_openid(command: BeginOpenid, uow: UnitOfWork) -> None:
    row = {"_id": command.flow_id, "provider": command.provider, "binding": fingerprint(command.binding)}
    uow.insert("openid_flows", {**row, "invitation_id": command.invitation_id, "expires_at": uow.at + LIFETIME, "used_at": None})


async def use_flow(db: Db, flow_id: str, provider: str, *, at: datetime) -> Flow | None:
    """Once, before anybody is asked about the code. None where it is used up, too old, or another provider's."""
    live = {"_id": flow_id, "provider": provider, "used_at": None, "expires_at": {"$gt": at}}
    if not (await db.openid_flows.update_one(live, {"$set": {"used_at": at}})).matched_count:
        return None
    row = await db.openid_flows.find_one({"_id": flow_id})
    return Flow(row["_id"], row["binding"], row["invitation_id"]) if row else None
