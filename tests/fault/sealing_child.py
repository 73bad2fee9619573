"""What a test of rotation kills: it wraps data keys of cards anew; its environment says by which file of keys."""

import os
from pathlib import Path

import shared.mongo.rewrapping
from shared.config import Settings
from shared.mongo.database import Database
from shared.mongo.rewrapping import Rewrapper
from shared.sealing.key_file import keys_from_file
from tests.support.cards import SERVICE


def rewrapper() -> Rewrapper:
    settings = Settings()
    vars(shared.mongo.rewrapping)["LOOK_EVERY_S"] = 0.2
    keys = keys_from_file(Path(os.environ["FAULT_KEY_FILE"]))
    database = Database(settings.mongo_url, f"{settings.database_prefix}{SERVICE}", service=SERVICE, keys=keys)
    return Rewrapper(database, keys.encryption, SERVICE)
