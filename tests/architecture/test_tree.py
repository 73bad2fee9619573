"""The house rules that can be read off the files themselves."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from importlinter.cli import lint_imports

from tests.architecture import tree
from tests.architecture.tree import CHECKOUT, all_files, files, relative, source

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base_service", "service"}
LONGEST = 400
LONG_FILES: dict[str, str] = {  # path: why it is better whole
    "docs/authorisation.toml": "one table of all routes: who may ask a route is looked up in one place",
}
READ_BY_LENGTH = (".py", ".sh", ".typ", ".toml", ".yml", ".yaml", ".md")
SERVICES = sorted(path.parent.name for path in (CHECKOUT / "services").glob("*/app.py"))
STARTS_TRANSACTIONS = ("start_session", "with_transaction", "start_transaction", "commit_transaction")
BARE_DRIVERS = re.compile(r"cli/bench/(bare_\w+|driver)\.py")  # what the benchmark compares us with; no part of a service
PAGES_ONLY = "portal"  # no domain, no database: layers of its own, and what it must not know
RUNNING_CODE = ("services", "shared")
BINARY = (".ttf", ".gz", ".png", ".jpg", ".jpeg", ".pdf", ".ico", ".woff2")
# a home folder, or where checkouts tend to lie: whatever is committed must be true on any machine
SOMEBODYS_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work|workspace|builds)/[\w.]+")
INDEX = re.compile(
    r"--(?:extra-)?index-url|--find-links|https?://[^\s/]*(?:pypi|pythonhosted|npmjs|registry|artifactory|nexus)[^\s]*"
)


def banned(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if BANNED_NAMES & {*Path(path).parent.parts, Path(path).stem}]


def too_long(lengths: dict[str, int]) -> list[str]:
    return [path for path, lines in lengths.items() if lines > LONGEST and path not in LONG_FILES]


def lock_faults(text: str) -> list[str]:
    """Requirements without a hash or a fixed version, and addresses."""
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^#.*\n?", "", text).strip())
    loose = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry or "==" not in entry.split()[0]]
    return loose + re.findall(r"\S*(?:https?|file|git\+ssh)://\S+|--(?:extra-)?index-url|--find-links", text)


def places_named(text: str) -> list[str]:
    """Paths of somebody's machine and addresses of package indexes."""
    return SOMEBODYS_PATH.findall(text) + INDEX.findall(text)


def uncovered(contract: dict[str, Any], services: Iterable[str]) -> list[str]:
    """Services that a contract which lists several services forgot."""
    listed = " ".join([*contract.get("modules", ()), *contract.get("containers", ()), *contract.get("source_modules", ())])
    named = {name for name in services if f"services.{name}" in listed}
    return sorted(set(services) - named) if named and named != {PAGES_ONLY} else []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert banned(relative(path) for path in files(*tree.PARTS)) == []


def test_a_name_that_says_nothing_would_be_seen() -> None:
    found = banned(
        ["shared/utils.py", "cli/service_apps.py", "services/documents/helpers/dates.py", "services/documents/service.py"]
    )
    assert found == ["shared/utils.py", "services/documents/helpers/dates.py", "services/documents/service.py"]


def test_no_file_is_too_long_to_read() -> None:
    readable = [path for path in all_files() if path.name.endswith(READ_BY_LENGTH) or path.name in ("eshik", "run")]
    assert too_long({relative(path): len(source(path).splitlines()) for path in readable}) == []
    assert [path for path in LONG_FILES if not (CHECKOUT / path).exists()] == []


def test_a_file_that_is_too_long_would_be_seen() -> None:
    assert too_long({"a.py": 400, "b.py": 401}) == ["b.py"]


@pytest.mark.parametrize("folder", tree.PARTS)
def test_every_module_begins_with_one_line_that_says_what_it_is_for(folder: str) -> None:
    faults = {relative(path): tree.docstring_fault(source(path)) for path in files(folder)}
    assert {path: fault for path, fault in faults.items() if fault} == {}


def test_a_module_without_such_a_line_would_be_seen() -> None:
    assert tree.docstring_fault("import os\n") == "no docstring"
    assert tree.docstring_fault('"""Things"""\n') == "the first line is not a whole sentence"
    assert tree.docstring_fault('"""One sentence.\nand more."""\n') == "the first line is not followed by an empty one"
    assert tree.docstring_fault('"""One sentence.\n\nAnd more.\n"""\n') is None
    assert tree.docstring_fault("") is None


def test_only_shared_messaging_touches_aio_pika() -> None:
    importers = {relative(path) for path in files(*RUNNING_CODE, "cli", "deploy") if "aio_pika" in _roots(source(path))}
    assert importers
    assert [path for path in importers if not path.startswith("shared/messaging/") and not BARE_DRIVERS.fullmatch(path)] == []


def test_only_shared_mongo_starts_transactions() -> None:
    starters = {relative(path) for path in files(*RUNNING_CODE, "cli", "deploy") if _starts_transactions(source(path))}
    assert any(path.startswith("shared/mongo/") for path in starters)
    assert [path for path in starters if not path.startswith("shared/mongo/") and not BARE_DRIVERS.fullmatch(path)] == []


def test_an_import_or_a_transaction_in_the_wrong_place_would_be_seen() -> None:
    assert "aio_pika" in _roots("def late():\n    from aio_pika.abc import AbstractChannel\n")
    assert _starts_transactions("async with client.start_session() as session: ...")
    assert not _starts_transactions('"""Never call start_session() here."""')


@pytest.mark.parametrize("folder", RUNNING_CODE)
def test_services_log_and_do_not_print(folder: str) -> None:
    assert {relative(path): lines for path in files(folder) if (lines := tree.prints(source(path)))} == {}


@pytest.mark.parametrize("folder", RUNNING_CODE)
def test_what_is_logged_has_a_static_name(folder: str) -> None:
    assert {relative(path): lines for path in files(folder) if (lines := tree.restless_log_events(source(path)))} == {}


def test_a_print_or_a_log_name_with_data_in_it_would_be_seen() -> None:
    assert tree.prints("x = 1\nprint(x)\nprinter.print(x)\n") == [2]
    text = (
        'log.info("case_closed", n=1)\nlog.info(f"case_{n}_closed")\nlog.warning("Case closed")\nlog.error(name)\nmath.log(2)\n'
    )
    assert tree.restless_log_events(text) == [2, 3, 4]


@pytest.mark.parametrize("lock", sorted(path.name for path in (CHECKOUT / "locks").glob("*.txt")))
def test_a_lock_pins_every_package_by_hash_and_names_no_address(lock: str) -> None:
    assert lock_faults(source(CHECKOUT / "locks" / lock)) == []


def test_a_loose_lock_would_be_seen() -> None:
    pinned = "a==1 \\\n    --hash=sha256:00\n"
    text = "# made by uv\n--index-url https://packages.example/simple\n" + pinned + "b==2\n" + pinned.replace("a==1", "c>=3")
    assert lock_faults(text) == ["--index-url", "b==2", "c>=3", "--index-url", "https://packages.example/simple"]


def test_no_file_names_a_path_of_somebodys_machine_or_a_package_index() -> None:
    texts = {path: source(path) for path in all_files() if not path.name.endswith(BINARY) and path != Path(__file__)}
    assert {relative(path): found for path, text in texts.items() if (found := places_named(text))} == {}


def test_a_path_of_somebodys_machine_would_be_seen() -> None:
    home, index = "/".join(["", "home", "aigul", "eshik"]), "https://" + "pypi.example/simple"
    assert places_named(f"see {home}/x.py and {index}, not /root or https://example.org/home/x") == ["/home/aigul", index + ","]


def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(CHECKOUT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize(
    "contract", tomllib.loads(source(CHECKOUT / "pyproject.toml"))["tool"]["importlinter"]["contracts"], ids=lambda c: c["name"]
)
def test_an_import_contract_that_lists_services_lists_them_all(contract: dict[str, Any]) -> None:
    expected = SERVICES if contract["type"] == "independence" else [name for name in SERVICES if name != PAGES_ONLY]
    assert uncovered(contract, expected) == []


def test_a_forgotten_service_would_be_seen() -> None:
    assert uncovered({"modules": ["services.identity"]}, ["identity", "portal"]) == ["portal"]
    assert uncovered({"source_modules": ["services.portal"]}, ["identity", "portal"]) == []
    assert uncovered({"source_modules": ["shared"]}, ["identity", "portal"]) == []


def _roots(text: str) -> set[str]:
    return {name.partition(".")[0] for name in tree.imports(text)}


def _starts_transactions(text: str) -> bool:
    return any(name in STARTS_TRANSACTIONS for name, _ in tree.calls(text))
