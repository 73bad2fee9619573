"""W13: what the audit costs a submission, and how fast an exported log is judged."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cli.bench import submit
from cli.bench.child import Link
from cli.bench.frame import Figure, Turn, Workload, expect
from cli.bench.stage import Stage
from shared.audit.chain import first_link, next_link
from shared.audit.entry import About, Entry, Kind, Who
from shared.audit.verifying import FORMAT, entry_line, judge
from shared.mongo.sequencer import Sequencer

SERVICE = "applications"
ENTRIES = (20_000, 1_000_000)  # of the log that is judged: in a quick run, and in a full one


async def serve_unnumbered(link: Link) -> None:
    """The applications service with its sequencer asleep: journal rows are written, and nobody numbers them."""

    async def asleep(_sequencer: Sequencer) -> None:
        await asyncio.Event().wait()

    setattr(Sequencer, "run", asleep)  # noqa: B010  (mypy is right that nobody should)
    await submit.serve(link)


async def unnumbered(stage: Stage) -> Turn:
    return await submit.ours(stage, serve_unnumbered)


async def numbered(stage: Stage) -> Turn:
    return await submit.ours(stage)


async def learn(stage: Stage) -> str:
    """An export of so many entries as a journal has them, written once for all turns."""
    file, count = stage.folder / "audit.jsonl", stage.pick(*ENTRIES)
    await asyncio.to_thread(_write, file, count)
    return str(file)


def _write(file: Path, count: int) -> None:
    link, who = first_link(SERVICE), Who("citizen", "c" * 36, "applicant", None, "s" * 36)
    one = Entry("", SERVICE, Kind.CHANGE, datetime(2026, 11, 22, tzinfo=UTC), who, "application:submit", {}, None, "r" * 36)
    with file.open("wb") as lines:
        lines.write(json.dumps({"format": FORMAT, "service": SERVICE, "keys": [], "checkpoints": []}).encode() + b"\n")
        for number in range(1, count + 1):
            case = f"9b4df1ba-0000-4000-8000-{number:012d}"
            about: About = {"case": case, "person": "p" * 36, "post": "yek", "sequence": 3, "events": ["e" * 36]}
            entry = replace(one, id=f"journal:{case}:3", about=about)
            link = next_link(link, number, entry.hash())
            lines.write(entry_line(number, link.hex(), entry.canonical().decode()).encode() + b"\n")


async def judged(stage: Stage) -> Turn:
    return await _read(stage, "judge", read_and_judge)


async def hashed(stage: Stage) -> Turn:
    return await _read(stage, "hash", read_and_hash)


async def _read(stage: Stage, name: str, role: Any) -> Turn:
    count = stage.pick(*ENTRIES)
    process = await stage.child(name, role, file=stage.prepared)
    async with stage.measured() as measured:
        await process.tell(begin=True)
        done = await process.heard("done")
    expect("entries", done["entries"], count)
    return measured.turn({"rate": count / done["seconds"]}, events=count)


async def read_and_judge(link: Link) -> None:
    link.say(ready=True)
    await link.heard("begin")
    began = time.perf_counter()
    with Path(link.settings["file"]).open("rb") as lines:  # noqa: ASYNC230  (nothing else runs here)
        found = judge(lines, None)
    link.say(done={"entries": 0 if found.broken else found.entries, "seconds": time.perf_counter() - began})


async def read_and_hash(link: Link) -> None:
    """The same bytes, hashed twice a line, and nothing compared."""
    link.say(ready=True)
    await link.heard("begin")
    began, before, count = time.perf_counter(), b"", -1
    with Path(link.settings["file"]).open("rb") as lines:  # noqa: ASYNC230
        for line in lines:
            before = sha256(before + sha256(line).digest()).digest()
            count += 1
    link.say(done={"entries": count, "seconds": time.perf_counter() - began})


APPENDING = [
    Figure(f"w13-submit-c{n}", f"submissions while they are numbered, {n} at once", "submits/s", f"rate_{n}", target=0.95)
    for n in submit.LEVELS
]
VERIFYING = [Figure("w13-verify", "entries judged; 100,000 a second are wanted", "entries/s")]
WORKLOADS = [
    Workload(
        "w13-append", "Submissions beside the same with the sequencer asleep", {"floor": unnumbered, "ours": numbered}, APPENDING
    ),
    Workload(
        "w13-verify", "An exported log, beside hashing its lines", {"floor": hashed, "ours": judged}, VERIFYING, prepare=learn
    ),
]
