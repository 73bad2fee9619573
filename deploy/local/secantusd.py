"""secantusd-py with the one setting its command line lacks: how long an abandoned transaction keeps its locks.

A process that is killed inside a transaction leaves it open on the server; whoever needs the same documents waits for its
end. MongoDB has transactionLifetimeLimitSeconds for that (60 by default, and 10 in docker-compose.yml).
"""

import sys

from secantus import cli
from secantus.server import SecantusDBServer

TRANSACTION_LIFETIME_S = 10.0

if __name__ == "__main__":
    defaults = SecantusDBServer.__init__.__kwdefaults__
    if defaults is None or "transaction_lifetime_seconds" not in defaults:
        sys.exit("this secantusdb has no transaction_lifetime_seconds: install the locked version")
    defaults["transaction_lifetime_seconds"] = TRANSACTION_LIFETIME_S
    sys.exit(cli.main())
