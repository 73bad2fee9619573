"""./eshik keys: the keys that personal data lies under: how they stand, turning to new ones, and destroying the old ones."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pymongo.database import Database

from cli.console import fail, out, print_json, show_rows
from cli.databases import ServiceDatabases, running_databases, stack_now
from cli.kernel_databases import operator_name
from cli.stack import the_stack
from deploy.local.key_files import destroy as destroy_key
from deploy.local.key_files import next_id, turn
from deploy.local.keys import Keys
from shared.mongo.audit import OperatorAct, audited
from shared.mongo.data_keys import COLLECTION
from shared.sealing.errors import UnusableKeys
from shared.sealing.key_file import read_keys

POLL_S = 0.5
WAIT_S = 120.0
SETTLED_AFTER_S = 90.0  # longer than a transaction lives, and a look at the file
CONTEXT = {"help_option_names": ["-h", "--help"]}

keys = typer.Typer(
    help="The keys that personal data lies under.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
)
Who = Annotated[str, typer.Option("--who", help="Your name for the audit entry; else the operating system's user.")]


@dataclass(frozen=True, slots=True)
class Standing:
    """One service. wrapped: how many data keys lie under each key-encryption key; in_file: those that its key file holds."""

    service: str
    current: str
    in_file: frozenset[str]
    wrapped: Mapping[str, int]
    destroyed: int

    @property
    def to_move(self) -> int:
        return sum(count for kek, count in self.wrapped.items() if kek != self.current)

    @property
    def locked_out(self) -> int:
        """Data keys that nothing opens, for their key-encryption key is not in the file."""
        return sum(count for kek, count in self.wrapped.items() if kek not in self.in_file)

    @property
    def idle(self) -> list[str]:
        return sorted(kek for kek in self.in_file if kek != self.current and not self.wrapped.get(kek))


@keys.command(context_settings=CONTEXT)
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """How many data keys lie under which key-encryption key. Ends with 1 where some cannot be opened."""
    with _databases() as (databases, files):
        found = standings(databases, files)
    if as_json:
        shown = ("service", "current", "to_move", "locked_out", "idle", "destroyed")
        print_json([{name: getattr(one, name) for name in shown} | {"wrapped": dict(one.wrapped)} for one in found])
    else:
        _show(found)
    if any(one.locked_out for one in found):
        raise typer.Exit(1)


@keys.command(context_settings=CONTEXT)
def rotate(
    who: Who = "", wait_s: Annotated[float, typer.Option("--wait", help="Seconds to wait for the services.")] = WAIT_S
) -> None:
    """Turn every service to a new key-encryption key, and wait until all data keys lie under it; the services go on working.

    Where an earlier rotation is not finished, it is finished, and no further key is made.
    """
    with _databases() as (databases, files):
        unfinished = {one.service for one in standings(databases, files) if one.to_move}
        for service in [name for name in files if name not in unfinished]:
            kek = next_id(files[service])
            # the entry first: killed in between, it names a key that never came, which is better than a key that nobody named
            _note(databases[service], OperatorAct(stack_now(the_stack()), operator_name(who), "keys:rotate", {"kek": kek}))
            turn(files[service], kek)
        if not _moved(databases, files, wait_s):
            _show(standings(databases, files))
            fail("not all are there yet: the services do it as long as they run. ./eshik keys rotate goes on waiting.")
        _show(standings(databases, files))
    out.print("All data keys lie under the new keys. ./eshik keys destroy takes the old ones out of the files.")


@keys.command(context_settings=CONTEXT)
def destroy(who: Who = "") -> None:
    """Take old key-encryption keys that nothing lies under out of the key files. Backups from before need them.

    Not within a minute and a half of a rotation: a service that has not seen the new key may still be writing under the old one.
    """
    with _databases() as (databases, files):
        _wait_until_settled(files)
        gone = 0
        for one in standings(databases, files):
            for kek in one.idle:
                act = OperatorAct(stack_now(the_stack()), operator_name(who), "keys:destroy", {"kek": kek})
                _note(databases[one.service], act)
                destroy_key(kek, files[one.service])
                gone += 1
        left = sum(one.to_move for one in standings(databases, files))
    out.print(f"{gone} destroyed." if gone else "There is no old key that nothing lies under.")
    if left:
        out.print(f"{left} data keys lie under old ones still; ./eshik keys rotate waits for them.")


def standings(databases: ServiceDatabases, files: Mapping[str, Path]) -> list[Standing]:
    """Raises PyMongoError, OSError, UnusableKeys."""
    return [_standing(service, databases[service], file) for service, file in files.items()]


def _standing(service: str, db: Database[dict[str, Any]], file: Path) -> Standing:
    content = read_keys(file.read_bytes())
    data_keys = db[COLLECTION]
    wrapped = {kek: data_keys.count_documents({"kek": kek}) for kek in {*data_keys.distinct("kek"), *content.keys} if kek}
    destroyed = data_keys.count_documents({"destroyed_at": {"$exists": True}})
    return Standing(service, content.current, frozenset(content.keys), wrapped, destroyed)


def _moved(databases: ServiceDatabases, files: Mapping[str, Path], wait_s: float) -> bool:
    end = time.monotonic() + wait_s
    while any(one.to_move for one in standings(databases, files)):
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True


def _wait_until_settled(files: Mapping[str, Path]) -> None:
    """A service looks at its file each second, and wraps a new data key under the key that it then has, in a transaction that the
    database gives at most a minute: what is counted afterwards is all that there will ever be under the old key."""
    newest = max(file.stat().st_mtime for file in files.values())
    left = SETTLED_AFTER_S - (time.time() - newest)
    if left > 0:
        out.print(f"The key files were changed just now. Waiting {left:.0f} s, for what is being written under the old keys.")
        time.sleep(min(left, SETTLED_AFTER_S))


def _note(db: Database[dict[str, Any]], act: OperatorAct) -> None:
    audited(db.client, db, lambda _session: act)


@contextmanager
def _databases() -> Iterator[tuple[ServiceDatabases, dict[str, Path]]]:
    stack = the_stack()
    made = Keys(stack.places.keys)
    try:
        with running_databases(stack) as databases:
            yield databases, {name: made.key_encryption_keys(name) for name in databases}
    except (OSError, UnusableKeys) as error:
        fail(f"a key file below {made.folder} cannot be used ({error})")


def _show(found: list[Standing]) -> None:
    rows = []
    for one in found:
        for kek in sorted({*one.in_file, *one.wrapped}):
            notes = ["current"] if kek == one.current else ["nothing lies under it"] if kek in one.idle else []
            notes += [] if kek in one.in_file else ["[red]not in the key file: nothing opens what lies under it[/]"]
            rows.append([one.service, kek, str(one.wrapped.get(kek, 0)), ", ".join(notes)])
        if one.destroyed:
            rows.append([one.service, "", str(one.destroyed), "destroyed: people who were erased"])
    show_rows(rows, ["service", "key-encryption key", "data keys", ""])
