"""Each command runs with what the lock of its own environment holds: a newcomer's `up` has no pytest."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

from cli.bootstrap import LOCK_OF_COMMAND
from tests.architecture.tree import CHECKOUT

NEEDS_MORE = {  # module: the command, whose lock is a wider one
    "cli.lane_queue": "test",
    "cli.lane_report": "test",
    "cli.portal_guide": "screenshots",
    "cli.portal_leads": "screenshots",
    "cli.portal_pages": "screenshots",
    "cli.screenshots": "screenshots",
}
WITHOUT = """
import importlib, sys
forbidden, modules = set(sys.argv[1].split()), sys.argv[2].split()

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in forbidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
for module in modules:
    importlib.import_module(module)
"""


def packages(lock: str) -> set[str]:
    text = (CHECKOUT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    return {name.lower().replace("_", "-") for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text)}


def absent_with(lock: str) -> set[str]:
    """Top-level modules that this environment has and one made from the lock has not."""
    there = packages(lock) | {"pip", "setuptools"}
    owners = packages_distributions().items()
    return {module for module, owned_by in owners if not {owner.lower().replace("_", "-") for owner in owned_by} & there}


def test_every_command_but_those_for_developers_is_there_with_the_smallest_lock() -> None:
    assert set(NEEDS_MORE.values()) <= set(LOCK_OF_COMMAND)
    found = [f"cli.{path.stem}" for path in sorted((CHECKOUT / "cli").glob("*.py")) if path.stem != "__init__"]
    for part in ("soak", "casework"):
        found += [f"cli.{part}.{path.stem}" for path in sorted((CHECKOUT / "cli" / part).glob("[!_]*.py"))]
    modules = [module for module in found if module not in NEEDS_MORE]
    forbidden = absent_with("local")
    assert {"pytest", "playwright", "hypothesis"} <= forbidden
    command = [sys.executable, "-c", WITHOUT, " ".join(forbidden), " ".join(modules)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
