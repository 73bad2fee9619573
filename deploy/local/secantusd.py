"""secantusd-py with what its command line lacks: abandoned transactions end, garbage rounds and checkpoints are short.

A process that is killed inside a transaction leaves it open on the server; whoever needs the same documents waits for its
end. MongoDB has transactionLifetimeLimitSeconds for that (60 by default, and 10 in docker-compose.yml) and looks by itself;
SecantusDB only looks when another transaction runs, which may be just the one that waits: so it is told to, every second.

A look for garbage through all that the server holds stops every command for 80 to 170 ms, several times a minute with Python's
own thresholds. A checkpoint once a minute, as WiredTiger has it by default, stops them for 300 to 900 ms; every few seconds it
has less to write.
"""

import gc
import os
import sys
import threading
import time
from typing import Any

from secantus import cli
from secantus.server import SecantusDBServer

TRANSACTION_LIFETIME_S = 10.0
LOOK_EVERY_S = 1.0
CHECKPOINT_EVERY_S = 10
GARBAGE_AFTER = (10_000, 20, 100)  # objects, then rounds of the younger generation; by default 700, 10, 10


def look_for_abandoned_transactions() -> None:
    """Make each server that starts in this process look for them by itself."""
    start = SecantusDBServer.start

    def start_and_look(server: Any, *args: Any, **kwargs: Any) -> Any:
        threading.Thread(target=_look, args=(server,), daemon=True).start()
        return start(server, *args, **kwargs)

    SecantusDBServer.start = start_and_look


def _look(server: Any) -> None:
    while True:
        time.sleep(LOOK_EVERY_S)
        server.transactions.prune_expired()


if __name__ == "__main__":
    defaults = SecantusDBServer.__init__.__kwdefaults__
    if defaults is None or "transaction_lifetime_seconds" not in defaults:
        sys.exit("this secantusdb has no transaction_lifetime_seconds: install the locked version")
    defaults["transaction_lifetime_seconds"] = TRANSACTION_LIFETIME_S
    look_for_abandoned_transactions()
    os.environ.setdefault("SECANTUS_CHECKPOINT_SECONDS", str(CHECKPOINT_EVERY_S))
    gc.freeze()  # what is imported stays
    gc.set_threshold(*GARBAGE_AFTER)
    sys.exit(cli.main())
