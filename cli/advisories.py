"""Known faults of the packages that the locks pin, from an advisory database where one answers.

What none was asked about, or knows nothing of, is counted as not audited and never as free of faults.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from deploy.local.places import CHECKOUT

LOCKS = CHECKOUT / "locks"
ACCEPTED = LOCKS / "accepted.toml"
DATABASE = "ESHIK_ADVISORIES_URL"
PROBE = ("cryptography", "fastapi")  # a database that does not know the first of these is none
PATIENCE_S = 15  # for one answer
ALTOGETHER_S = 300
NOBODY_TO_ASK = "no advisory database could be reached"
_PIN = re.compile(r"(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")

Pin = tuple[str, str]  # name, version


class UnusableList(Exception):
    """locks/accepted.toml cannot be used as it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    package: str
    version: str
    id: str
    other_ids: tuple[str, ...] = ()
    mended_in: tuple[str, ...] = ()

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.mended_in)}" if self.mended_in else "not mended in any version"
        return f"{self.package} {self.version}: {self.id}, {mended}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A fault that somebody looked at and lives with, until a day."""

    id: str
    package: str
    reason: str
    since: date
    until: date

    def covers(self, fault: Fault, today: date) -> bool:
        return fault.package == self.package and self.id in (fault.id, *fault.other_ids) and today <= self.until


@dataclass(slots=True)
class Audit:
    """not_audited: each pin with why."""

    clean: int = 0
    faults: list[Fault] = field(default_factory=list)
    accepted: list[Fault] = field(default_factory=list)
    not_audited: dict[str, str] = field(default_factory=dict)
    outdated: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.not_audited

    @property
    def passed(self) -> bool:
        """Nothing known against any of them. Whether all of them were asked about is another question: complete."""
        return not self.faults


def pins(locks: Path = LOCKS) -> dict[Pin, list[str]]:
    """Every pinned package with the locks that pin it."""
    found: dict[Pin, list[str]] = {}
    for lock in sorted(locks.glob("*.txt")):
        for name, version in _PIN.findall(lock.read_text(encoding="utf-8")):
            found.setdefault((_normal(name), version), []).append(lock.stem)
    return found


def audit_locks(today: date, *, locks: Path = LOCKS, accepted: Path = ACCEPTED, cache: Path) -> Audit:
    """Asks the database of the package index, or the one that ESHIK_ADVISORIES_URL names (as OSV answers), about every pin.

    Raises UnusableList.
    """
    known = read_accepted(accepted)
    asked = sorted(pins(locks))
    audit = Audit()
    first = next((pin for name in PROBE for pin in asked if pin[0] == name), asked[0] if asked else None)
    if first is None:
        return audit
    probe = _ask([first], cache)
    if probe is None or probe[first[0]].get("skip_reason"):
        audit.not_audited = {f"{name} {version}": NOBODY_TO_ASK for name, version in asked}
        return audit
    for turn in _turns(asked):
        _note(audit, turn, _ask(turn, cache), known, today)
    if audit.complete:
        met = {(fault.package, number) for fault in audit.accepted for number in (fault.id, *fault.other_ids)}
        audit.outdated = [f"{one.package} {one.id}" for one in known if (one.package, one.id) not in met]
    return audit


def told(audit: Audit) -> list[str]:
    """In lines, each count with its names."""
    lines = [f"known fault: {fault}" for fault in audit.faults]
    lines += [f"accepted (locks/{ACCEPTED.name}): {fault}" for fault in audit.accepted]
    reasons: dict[str, list[str]] = {}
    for pin, reason in audit.not_audited.items():
        reasons.setdefault(reason, []).append(pin)
    for reason, names in reasons.items():
        lines.append(f"not audited, {reason}: {len(names)} packages: {', '.join(names)}")
    lines += [f"no longer needed in locks/{ACCEPTED.name}: {entry}" for entry in audit.outdated]
    return lines


def summary(audit: Audit) -> str:
    counts = {
        "without a known fault": audit.clean,
        "with a known fault": len({(fault.package, fault.version) for fault in audit.faults}),
        "accepted": len({(fault.package, fault.version) for fault in audit.accepted}),
        "not audited": len(audit.not_audited),
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing pinned"


def read_accepted(file: Path) -> list[Accepted]:
    """Raises UnusableList for an entry without its id, package, reason and two days."""
    if not file.exists():
        return []
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get("accepted", [])
    try:
        found = [Accepted(**entry) for entry in entries]
    except TypeError:
        raise UnusableList(f"{file.name}: each entry has id, package, reason, since and until, and nothing else") from None
    for one in found:
        days = (type(one.since), type(one.until))
        if not all(isinstance(text, str) and text.strip() for text in (one.id, one.package, one.reason)) or days != (date, date):
            raise UnusableList(f"{file.name}: {one.id}: words for id, package and reason, days for since and until")
    return found


def _turns(asked: Iterable[Pin]) -> list[list[Pin]]:
    """So that no name is twice in one: the locks pin some packages in several versions."""
    turns: list[list[Pin]] = []
    for pin in asked:
        turn = next((turn for turn in turns if all(name != pin[0] for name, _ in turn)), None)
        if turn is None:
            turns.append(turn := [])
        turn.append(pin)
    return turns


def _ask(turn: Sequence[Pin], cache: Path) -> dict[str, dict[str, Any]] | None:
    """What pip-audit says of each, by name; None where it said nothing: its exit code is 0 too when it skipped all of them."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as requirements:
        requirements.write("".join(f"{name}=={version}\n" for name, version in turn))
        requirements.flush()
        command = [sys.executable, "-m", "pip_audit", "-r", requirements.name, "--no-deps", "--disable-pip", "-f", "json"]
        command += ["--progress-spinner", "off", "--timeout", str(PATIENCE_S), "--cache-dir", str(cache)]
        if database := os.environ.get(DATABASE):
            command += ["--vulnerability-service", "osv", "--osv-url", database]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=ALTOGETHER_S, check=False)  # noqa: S603 (our own words, no shell)
            answers = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return None
    said = {_normal(answer["name"]): answer for answer in answers}
    return said if all(name in said for name, _ in turn) else None


def _note(
    audit: Audit, turn: Sequence[Pin], said: Mapping[str, Mapping[str, Any]] | None, known: Sequence[Accepted], today: date
) -> None:
    for name, version in turn:
        answer = (said or {}).get(name)
        if answer is None:
            audit.not_audited[f"{name} {version}"] = "the database did not answer to the end"
        elif "skip_reason" in answer:
            audit.not_audited[f"{name} {version}"] = "the database does not know this version"
        else:
            faults = [_fault(name, version, each) for each in answer["vulns"]]
            covered = [fault for fault in faults if any(one.covers(fault, today) for one in known)]
            audit.accepted += covered
            audit.faults += [fault for fault in faults if fault not in covered]
            audit.clean += not faults


def _fault(name: str, version: str, said: Mapping[str, Any]) -> Fault:
    return Fault(name, version, said["id"], tuple(said.get("aliases", ())), tuple(said.get("fix_versions", ())))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
