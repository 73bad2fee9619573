"""The SMS gateway of docker-compose.yml: the local stack's sink. ESHIK_SINK_INBOX names the folder where it keeps messages."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.applications import Starlette

from deploy.local.sinks import sms


def create_app() -> Starlette:
    return sms.create_app(Path(os.environ["ESHIK_SINK_INBOX"]))
