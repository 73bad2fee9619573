"""The images, as far as they can be tried without an engine: their files alone, their command, their settings, their locks."""

import ast
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx
import pytest

from cli.assets import ensure_assets
from deploy.containers.keys import hand_out
from deploy.local.ports import free_base
from tests.support.images import CHECKOUT, IMAGES, PORTAL, SERVICES, Stage, environment_in_compose, image_of, stages
from tests.support.places import Place
from tests.support.serving import eventually

ENDS_WITHIN_S = 10
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the keys step hands out, one folder a reader."""
    root = tmp_path_factory.mktemp("keys")
    hand_out(root)
    return root


@pytest.mark.parametrize("service", SERVICES)
async def test_an_image_holds_all_that_its_service_needs_and_ends_in_good_order(
    service: str, place: Place, secrets: Path, tmp_path: Path
) -> None:
    image = image_of(service)
    given = environment_in_compose(service, secrets / service)
    reached_here = {name: NOBODY for name, value in given.items() if value.startswith("http://")}
    environment = {**given, **reached_here, **place.environment, "ESHIK_LOG_LEVEL": "info"}
    async with _running(image, tmp_path, environment) as (process, client):
        await eventually(lambda: _ready(process, client), within_s=60, every_s=0.2)
        assert await _health_check(image, client) == 0
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(asyncio.to_thread(process.wait), ENDS_WITHIN_S)
    # uvicorn hands the signal on to itself when all is closed; as process 1 of a container, which no default action of a
    # signal ends, it then exits with 0
    assert code in (0, -signal.SIGTERM)
    assert "runtime_stopped" in (tmp_path / "log").read_text(encoding="utf-8")


async def test_the_portal_s_image_holds_all_that_it_needs_and_ends_in_good_order(secrets: Path, tmp_path: Path) -> None:
    image = image_of(PORTAL)
    given = environment_in_compose(PORTAL, secrets / PORTAL)
    built = ensure_assets(lambda _text: None)  # as the stage assets does
    assert [target for source, target in image.taken if source == "/assets"] == ["./assets"]
    shutil.copytree(built, tmp_path / "srv" / "assets")
    at = {"ESHIK_PORTAL_ASSETS": image.environment["ESHIK_PORTAL_ASSETS"].replace("/srv", str(tmp_path / "srv"))}
    async with _running(image, tmp_path, {**given, **at}) as (process, client):
        await eventually(lambda: _lives(process, client), within_s=60, every_s=0.2)
        assert await _health_check(image, client) == 0
        for name in set(json.loads((built / "manifest.json").read_text(encoding="utf-8")).values()):
            assert (await client.get(f"/assets/{name}")).status_code == 200, name
        assert (await client.get("/health/ready")).status_code == 503, "no service is there"
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(asyncio.to_thread(process.wait), ENDS_WITHIN_S)
    assert code in (0, -signal.SIGTERM)


async def test_the_sms_stand_in_takes_messages_in_and_lists_them(tmp_path: Path) -> None:
    image = stages("documents")["stand-ins"]
    async with _running(image, tmp_path, {"ESHIK_SINK_INBOX": str(tmp_path / "inbox")}) as (process, client):
        await eventually(lambda: _ready(process, client), within_s=30, every_s=0.2)
        sent = await client.post("/messages", json={"id": "n-1", "to": "+996312123456", "text": "Салам"})
        assert sent.status_code == 202
        assert [message["text"] for message in (await client.get("/messages")).json()] == ["Салам"]


@pytest.mark.parametrize("service", IMAGES)
def test_a_lock_names_every_package_that_its_image_imports(service: str) -> None:
    sources = [*(CHECKOUT / "shared").rglob("*.py"), *(CHECKOUT / "services" / service).rglob("*.py")]
    imported = {name for source in sources for name in _imported_by(source)}
    assert _not_in_lock(service, imported) == {}


def test_the_lock_of_the_stand_ins_is_enough_for_them(tmp_path: Path) -> None:
    stages("documents")["stand-ins"].copy_into(tmp_path)
    where_it_is = ["python_multipart", "rich", "greenlet"]  # Starlette takes the first and structlog the others, if there
    look = (
        f"import sys; sys.modules.update(dict.fromkeys({where_it_is})); "
        "from deploy.containers import keys, sms_sink; "
        "print(*{name.partition('.')[0] for name, module in sys.modules.items() if module})"
    )
    done = subprocess.run([sys.executable, "-c", look], cwd=tmp_path, capture_output=True, text=True, check=True)
    known = packages_distributions()
    assert _not_in_lock("documents", {name for name in done.stdout.split() if name in known and name != "_distutils_hack"}) == {}


@asynccontextmanager
async def _running(
    image: Stage, folder: Path, environment: Mapping[str, str]
) -> AsyncIterator[tuple[subprocess.Popen[bytes], httpx.AsyncClient]]:
    """The image's own command, in a folder with the image's own files, on another port."""
    root = folder / "srv"
    image.copy_into(root)
    laid = set(root.rglob("*"))
    port = str(free_base())
    command = [{"8000": port, "0.0.0.0": "127.0.0.1"}.get(word, word) for word in image.command]  # noqa: S104 (replaced)
    process = _start(command, root, {**image.environment, **environment}, folder / "log")
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield process, client
        assert set(root.rglob("*")) == laid, "an image's file system is read-only, yet something was written there"
    except AssertionError as failure:
        failure.add_note((folder / "log").read_text(encoding="utf-8")[-3000:])
        raise
    finally:
        process.kill()
        process.wait()


def _start(command: Sequence[str], root: Path, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    path = f"{Path(sys.executable).parent}:{os.defpath}"
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=root,
            env={**environment, "PATH": path},
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )


async def _lives(process: subprocess.Popen[bytes], client: httpx.AsyncClient) -> bool:
    assert process.poll() is None, "it ended before it answered"
    try:
        return (await client.get("/health/live")).status_code == 200
    except httpx.TransportError:
        return False


async def _ready(process: subprocess.Popen[bytes], client: httpx.AsyncClient) -> bool:
    assert process.poll() is None, "it ended before it was ready"
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def _health_check(image: Stage, client: httpx.AsyncClient) -> int:
    command = [word.replace(":8000/", f":{client.base_url.port}/") for word in image.health]
    return (await asyncio.to_thread(subprocess.run, [sys.executable, *command[1:]], check=False, timeout=10)).returncode


def _imported_by(source: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"shared", "services"}


def _not_in_lock(service: str, modules: Iterable[str]) -> dict[str, list[str]]:
    """Modules that no distribution of the lock brings, with those that would."""
    lines = (CHECKOUT / "locks" / f"{service}.txt").read_text(encoding="utf-8")
    locked = {_plain(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==", lines, flags=re.MULTILINE)}
    known = packages_distributions()
    return {name: known.get(name, []) for name in modules if not {_plain(one) for one in known.get(name, [])} & locked}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
