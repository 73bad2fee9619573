"""Keeps one part of the stack alive: starts it, waits until it is ready, starts it again with back-off when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from deploy.local.parts import NOT_READY, Part
from deploy.local.processes import describe_exit, last_lines
from deploy.local.record import PartRecord, State

PAUSES_S = (0.2, 1, 2, 5, 10, 30)
CALM_AFTER_S = 10  # whoever lived this long did not fail at its start: its next death is the first again
FIRST_ATTEMPTS = 3
POLL_S = 0.1


class StartFailed(Exception):
    """A part could not be brought up at the start of the stack."""


class Keeper:
    """The life of one part. `changed` is called after each change of the record, `say` with what a person should read."""

    def __init__(self, part: Part, changed: Callable[[], None], say: Callable[[str], None]) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self.record = PartRecord(name=part.name, address=part.address, log=str(part.program.log))
        self._was_ready = False
        self._changed = changed
        self._say = say

    async def run(self, others: Mapping[str, Keeper]) -> None:
        """Until cancelled. Raises StartFailed only before the part was ready for the first time."""
        for need in self.part.needs:
            await others[need].ready.wait()
        failures = 0
        while True:
            born = asyncio.get_running_loop().time()
            self._set("starting" if self.record.restarts == 0 else "restarting", "")
            if self.part.prepare:
                self.part.prepare()
            self.part.program.start()
            await self._until_ready()
            await self._until_ended()
            self.ready.clear()
            lived_s = asyncio.get_running_loop().time() - born
            failures = 1 if self._was_ready and lived_s > CALM_AFTER_S else failures + 1
            await self._after_death(failures)

    async def _until_ready(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.part.ready_within_s
        while self.part.program.is_running:
            missing = await asyncio.to_thread(self.part.unready)
            if missing is None:
                self._was_ready = True
                self._set("ready", "")
                self.ready.set()
                return
            if loop.time() > deadline and not self._was_ready:
                raise StartFailed(self._cause(f"is not ready after {self.part.ready_within_s:.0f} s: {missing}"))
            self._set(self.record.state, "" if missing == NOT_READY else missing)
            await asyncio.sleep(POLL_S)

    async def _until_ended(self) -> None:
        while self.part.program.is_running:  # noqa: ASYNC110 (a process offers no event)
            await asyncio.sleep(POLL_S)

    async def _after_death(self, failures: int) -> None:
        process = self.part.program.process
        how = describe_exit(process.returncode if process else None)
        if not self._was_ready and failures >= FIRST_ATTEMPTS:
            raise StartFailed(self._cause(f"ended {failures} times before it was ready ({how})"))
        pause_s = PAUSES_S[min(failures, len(PAUSES_S)) - 1]
        self._say(self._cause(f"ended ({how}); starts again in {pause_s:g} s"))
        self.record.restarts += 1
        self._set("restarting", how)
        await asyncio.sleep(pause_s)

    async def stop(self) -> None:
        """End the process."""
        await asyncio.to_thread(self.part.program.stop, self.part.grace_s)
        self._set("stopped", "")

    def _cause(self, sentence: str) -> str:
        shown = "".join(f"\n    | {line}" for line in last_lines(self.part.program.log))
        return f"{self.part.name} {sentence}{shown}"

    def _set(self, state: State, note: str) -> None:
        if (self.record.state, self.record.note, self.record.pid) != (state, note, self.part.program.pid):
            self.record.state, self.record.note = state, note
            self.record.pid = self.part.program.pid if state != "stopped" else None
            self._changed()
