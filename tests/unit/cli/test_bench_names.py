"""A name that ./eshik bench does not know is refused before anything is installed for it."""

import subprocess
import sys

import pytest

from cli.bench.names import FIGURES, unknown_name
from cli.bench.workloads import all_workloads
from tests.architecture.tree import CHECKOUT


def test_the_names_are_those_of_the_workloads() -> None:
    found = {name: tuple(sorted(figure.name for figure in workload.figures)) for name, workload in all_workloads().items()}
    assert {name: tuple(sorted(figures)) for name, figures in FIGURES.items()} == found


@pytest.mark.parametrize(
    ("arguments", "unknown"),
    [
        ("", None),
        ("w1 w14 driver w4-consume --quick", None),
        ("--repeats 3 w5 --repeats=2", None),
        ("w1 nonsense --json", "nonsense"),
        ("w", "w"),
    ],
)
def test_a_name_that_is_nobodys_is_found_among_options(arguments: str, unknown: str | None) -> None:
    assert unknown_name(arguments.split()) == unknown


def test_a_mistyped_workload_makes_no_environment() -> None:
    command = [sys.executable, "-I", "cli/bootstrap.py", "bench", "nonsense"]
    done = subprocess.run(command, cwd=CHECKOUT, env={"ESHIK_VENV": "/nowhere/venv"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("eshik: There is no workload nonsense. There are: driver, w1-submit")
