"""RabbitMQ 4 on Debian 12: a Debian 13 (trixie) in a folder of its own, whose broker RabbitNode runs in a chroot."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local import broker
from deploy.local.places import Places
from deploy.local.system import OTHER_WAYS, Obstacle, check_free_space, install, known_trouble

NEEDED_MB = 900


def root_of(places: Places) -> Path:
    """Where that Debian lies; it is worth using only when is_prepared."""
    return places.home / "trixie"


def is_prepared(places: Places) -> bool:
    """Whether it was made completely: the stamp is written last."""
    return _stamp(places).exists() and broker.is_installed(root_of(places))


def prepare_root(places: Places, say: Callable[[str], None]) -> Path:
    """Make it where it is missing or half-made. Raises Obstacle."""
    root = root_of(places)
    if is_prepared(places):
        return root
    if os.geteuid() != 0:
        raise Obstacle(f"RabbitMQ 4 is fetched by debootstrap and run in a chroot, which needs root: use sudo, {OTHER_WAYS}")
    places.make()
    check_free_space(root, NEEDED_MB)
    log = places.logs / "trixie.log"
    if shutil.which("debootstrap") is None:
        install(["debootstrap"], "to fetch RabbitMQ 4", say, log)
    say("fetching Debian 13 with RabbitMQ 4 (about a minute)")
    started = time.monotonic()
    shutil.rmtree(root, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", "--include=rabbitmq-server", "trixie", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 (our own words, no shell)
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode or not broker.is_installed(root):
        trouble = {"network": "there is no network", "disk": "the disk is full"}.get(known_trouble(log.read_text()) or "")
        raise Obstacle(f"Debian 13 could not be fetched: {trouble or f'the reason is at the end of {log}'}")
    _stamp(places).touch()
    say(f"RabbitMQ 4 is there ({time.monotonic() - started:.0f} s)")
    return root


def _stamp(places: Places) -> Path:
    return root_of(places) / "eshik-complete"
