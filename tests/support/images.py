"""deploy/Dockerfile and docker-compose.yml as tests need them: no engine is asked."""

import json
import re
import shutil
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
DOCKERFILE = CHECKOUT / "deploy" / "Dockerfile"
COMPOSE = CHECKOUT / "docker-compose.yml"
SECRETS = "/run/eshik"
SERVICES = ("identity", "applications", "documents", "notifications")
PORTAL = "portal"
IMAGES = (*SERVICES, PORTAL)


@dataclass
class Stage:
    """What one stage of the Dockerfile adds to the one it is made from, arguments filled in."""

    base: str
    copies: list[tuple[str, str]] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)  # from other stages: path there, path here
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    user: str = ""

    def copy_into(self, folder: Path) -> None:
        """Lay exactly the files of its COPY lines into the folder, as they would lie under WORKDIR."""
        for source, target in self.copies:
            origin, place = CHECKOUT / source, folder / target
            if origin.is_dir():
                shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(origin, place)


def image_of(name: str) -> Stage:
    """The stage that compose builds for a service or the portal."""
    return stages(name)[compose()["services"][name]["build"]["target"]]


def stages(service: str) -> dict[str, Stage]:
    """Every stage by its name, for one value of SERVICE."""
    found: dict[str, Stage] = {}
    for keyword, words in _instructions(DOCKERFILE.read_text(encoding="utf-8").replace("${SERVICE}", service)):
        if keyword == "FROM":
            base, _, name = words.partition(" AS ")
            made_from = found.get(base)
            stage = found[name] = replace(deepcopy(made_from), base=base) if made_from else Stage(base)
        elif keyword == "COPY":
            *options, source, target = words.split()
            (stage.taken if options else stage.copies).append((source, target))
        elif keyword == "ENV":
            stage.environment |= dict(pair.split("=", 1) for pair in words.split())
        elif keyword == "CMD":
            stage.command = json.loads(words)
        elif keyword == "HEALTHCHECK":
            stage.health = json.loads(words[words.index("[") :])
        elif keyword == "USER":
            stage.user = words
    return found


def _instructions(text: str) -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return content


def environment_in_compose(service: str, secrets: Path) -> dict[str, str]:
    """What compose gives the service, with the folder of its secrets where the test has it."""
    given: dict[str, str] = compose()["services"][service]["environment"]
    filled = {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for name, value in given.items()}
    in_checkout = str(CHECKOUT / "deploy/local/demo_accounts.json")
    return {
        name: in_checkout if value.startswith("/run/demo/") else value.replace(SECRETS, str(secrets))
        for name, value in filled.items()
    }
