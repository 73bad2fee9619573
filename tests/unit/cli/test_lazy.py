"""Commands whose modules are loaded when they are called."""

import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.places import CHECKOUT

INTERRUPTED_WHILE_IT_LOADS = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
CALL = """
import sys, typer
from cli.lazy import add_lazily
app = typer.Typer()
add_lazily(app, "slow", "slow_to_load:run", "")
add_lazily(app, "other", "slow_to_load:run", "")
app(["slow"])
"""


def test_an_interrupt_while_a_command_loads_ends_it_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "slow_to_load.py").write_text(INTERRUPTED_WHILE_IT_LOADS, encoding="utf-8")
    asked = subprocess.run(
        [sys.executable, "-c", CALL],
        cwd=CHECKOUT,
        env={"PYTHONPATH": f"{CHECKOUT}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stdout, asked.stderr) == (-signal.SIGINT, "", "")
