"""The benchmark as a whole, small: real servers, a floor and ours in turns, exact counts, the last line for programs."""

import json
import os
import subprocess
import sys

from cli.bench.end_to_end import FIGURES
from cli.bench.stage import CHECKOUT


def test_a_quick_run_measures_ours_beside_its_floor_and_counts_exactly() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ESHIK_")}
    command = [sys.executable, "-m", "cli", "bench", "w5", "--quick", "--json"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stderr[-2000:]
    last_line = json.loads(done.stdout.splitlines()[-1])
    measured = last_line["w5-burst"]
    assert min(measured["ours"], measured["floor"], measured["ratio"]) > 0
    assert (measured["unit"], measured["target"]) == ("events/s", 0.7)
    assert set(last_line) == {figure.name for figure in FIGURES}
