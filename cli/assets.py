"""Builds what the pages are shown with: style, scripts and type, from services/portal/assets into .eshik/assets."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.bootstrap import CHECKOUT, add_node, environment_of_checkout
from deploy.local.system import NO_NETWORK_SIGNS, Obstacle, check_free_space, explain, known_trouble

NODE_AT_LEAST = 20
NEEDED_MB = 400
SOURCES = ("build.mjs", "package.json", "package-lock.json", ".npmrc")
FOLDERS = ("images", "js", "sass")
NPM_NO_NETWORK_SIGNS = (*NO_NETWORK_SIGNS, "enotfound", "eai_again", "econnrefused", "etimedout", "econnreset", "enetunreach")


@dataclass(frozen=True)
class Workshop:
    """Where the sources lie, where npm works, and where what is built is kept with its manifest.json."""

    sources: Path
    build: Path
    assets: Path

    @property
    def stamp(self) -> Path:
        return self.assets / "eshik-stamp.json"

    @property
    def manifest(self) -> Path:
        return self.assets / "manifest.json"

    @property
    def log(self) -> Path:
        return self.assets.parent / "logs" / "assets.log"

    def files(self) -> list[Path]:
        inside = (path for folder in FOLDERS for path in (self.sources / folder).rglob("*") if path.is_file())
        return sorted([*(self.sources / name for name in SOURCES), *inside])

    def sources_hash(self) -> str:
        digest = hashlib.sha256()
        for path in self.files():
            digest.update(f"{path.relative_to(self.sources)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()

    def read_manifest(self) -> dict[str, str]:
        """Empty when nothing was built, or not to the end."""
        try:
            manifest = json.loads(self.manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return manifest if isinstance(manifest, dict) else {}

    def is_built_from(self, sources_hash: str) -> bool:
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        names = self.read_manifest().values()
        return stamp == {"sources": sources_hash} and bool(names) and all((self.assets / name).is_file() for name in names)


def workshop_of_checkout() -> Workshop:
    """In .eshik of the checkout, like the environment: what is built depends on the sources alone and serves every stack."""
    state = CHECKOUT / ".eshik"
    return Workshop(sources=CHECKOUT / "services" / "portal" / "assets", build=state / "assets-build", assets=state / "assets")


def ensure_assets(say: Callable[[str], None], workshop: Workshop | None = None) -> Path:
    """The folder with manifest.json and the files that it names; built first when the sources have changed. Raises Obstacle.

    A portal that is running keeps its files: a build adds files under new names, replaces the manifest, and removes only
    what neither this build nor the one before it made.
    """
    shop = workshop or workshop_of_checkout()
    try:
        if shop.is_built_from(shop.sources_hash()):
            return shop.assets
        shop.assets.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (shop.assets.parent / f"{shop.assets.name}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # another ./eshik may be building right now
            sources_hash = shop.sources_hash()
            if not shop.is_built_from(sources_hash):
                _build(shop, sources_hash, say)
    except OSError as error:
        raise Obstacle(f"the pages' style could not be built: {explain(error)}") from error
    return shop.assets


def _build(shop: Workshop, sources_hash: str, say: Callable[[str], None]) -> None:
    check_free_space(shop.assets, NEEDED_MB)
    started = time.monotonic()
    node, npm = _node(say)
    _lay_out(shop)
    _install_packages(shop, node, npm, say)
    before = set(shop.read_manifest().values())
    shop.stamp.unlink(missing_ok=True)
    _run([str(node), "build.mjs", str(shop.assets.resolve())], shop, "the pages' style could not be built")
    names = {*before, *shop.read_manifest().values(), shop.manifest.name}
    for path in shop.assets.iterdir():
        if path.name not in names:
            path.unlink()
    draft = shop.stamp.with_suffix(".draft")
    draft.write_text(json.dumps({"sources": sources_hash}), encoding="utf-8")
    draft.replace(shop.stamp)
    say(f"the pages' style is ready ({time.monotonic() - started:.0f} s)")


def _lay_out(shop: Workshop) -> None:
    """Copy the sources to where npm works; what was deleted there goes here too."""
    shop.build.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in FOLDERS:
        shutil.rmtree(shop.build / folder, ignore_errors=True)
    for path in shop.files():
        copy = shop.build / path.relative_to(shop.sources)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _install_packages(shop: Workshop, node: Path, npm: Sequence[str], say: Callable[[str], None]) -> None:
    """npm ci, unless node_modules was made to its end from this very lock, for this kind of machine."""
    done = shop.build / "installed.json"
    lock = hashlib.sha256((shop.build / "package-lock.json").read_bytes()).hexdigest()
    wanted = json.dumps({"lock": lock, "machine": list(os.uname()[::4]), "npmrc": (shop.build / ".npmrc").read_text("utf-8")})
    if done.is_file() and done.read_text(encoding="utf-8") == wanted and (shop.build / "node_modules").is_dir():
        return
    done.unlink(missing_ok=True)
    say("installing what the pages are built with from services/portal/assets/package-lock.json (each checked by its hash)")
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    options = ["--include=dev", "--include=optional", "--no-progress", "--fetch-retries=1", "--fetch-timeout=30000"]
    _run([*npm, "ci", *options], shop, "what the pages are built with could not be installed", {"PATH": path})
    done.write_text(wanted, encoding="utf-8")


def _node(say: Callable[[str], None]) -> tuple[Path, list[str]]:
    """Node and the command of npm: the machine's own where it is recent enough, else the one from locks/node.txt."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= NODE_AT_LEAST:
        return Path(node), [npm]
    own, npm_script = add_node(environment_of_checkout(), say)
    return own, [str(own), str(npm_script)]


def _version(node: str) -> int:
    try:
        words = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=20).stdout  # noqa: S603 (Node.js as found on the PATH, and no shell)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", words)
    return int(found[1]) if found else 0


def _run(command: Sequence[str], shop: Workshop, what: str, variables: Mapping[str, str] | None = None) -> None:
    shop.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603 (our own words, no shell)
        command,
        cwd=shop.build,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    output = done.stdout + done.stderr
    with shop.log.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{output}\n")
    if done.returncode:
        raise Obstacle(_trouble(output, what, shop))


def _trouble(output: str, what: str, shop: Workshop) -> str:
    if known_trouble(output) == "disk":
        return f"{what}: the disk is full; free about {NEEDED_MB} MB and try again"
    if "EINTEGRITY" in output:
        return f"{what}: a package is not the one that the lock names; nothing was used of it; see {shop.log}"
    if any(sign in output.lower() for sign in NPM_NO_NETWORK_SIGNS):
        return (
            f"{what}: the package registry does not answer; connect this machine, or point npm at a mirror "
            f"(npm config set registry), and try again; npm's words are in {shop.log}"
        )
    if "E404" in output or "ETARGET" in output:
        return f"{what}: the registry that npm is set to lacks a package; npm's words are in {shop.log}"
    return f"{what}; the reason is at the end of {shop.log}"


if __name__ == "__main__":
    try:
        print(ensure_assets(lambda text: print(f"eshik: {text}", file=sys.stderr)))
    except Obstacle as obstacle:
        sys.exit(f"eshik: {obstacle}")
