"""What a test of rotation kills: python -m tests.fault.sealing_child KEY_FILE. It wraps data keys of cards anew."""

import asyncio
import sys
from pathlib import Path

import shared.mongo.rewrapping
from shared.config import Settings
from shared.mongo.database import Database
from shared.mongo.rewrapping import Rewrapper
from shared.sealing.key_file import keys_from_file
from tests.support.cards import SERVICE


async def main(key_file: Path) -> None:
    settings = Settings()
    vars(shared.mongo.rewrapping)["LOOK_EVERY_S"] = 0.2
    keys = keys_from_file(key_file)
    database = Database(settings.mongo_url, f"{settings.database_prefix}{SERVICE}", service=SERVICE, keys=keys)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await Rewrapper(database, keys.encryption, SERVICE).run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
