"""What an officer's act is answered with: the case as it is now, in a few words."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends

from services.applications.api.officer_views import officer_receipt
from services.applications.api.schemas import OfficerReceipt
from services.applications.api.wording import Worded
from services.applications.domain.application import Application


async def _receipt(say: Worded) -> Callable[[Application], OfficerReceipt]:
    return lambda made: officer_receipt(made, say)


Receipt = Annotated[Callable[[Application], OfficerReceipt], Depends(_receipt)]
