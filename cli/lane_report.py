"""A pytest plugin: writes down, a JSON line each, what a lane of ./eshik test is at and how its tests went."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from cli.lane_progress import OPTION, TAKEN
from cli.lane_queue import LaneQueue

INTERRUPTED = 130


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, metavar="FILE", help="where ./eshik test reads how this lane gets on")
    parser.addoption(TAKEN, metavar="FOLDER", help="where the lanes write down which parts of the tests are taken")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption(OPTION)
    if path:
        # one that was started in a shell's background ignores it otherwise, and would not end its servers
        signal.signal(signal.SIGINT, signal.default_int_handler)
        config.pluginmanager.register(LaneReport(config, Path(path)), "lane")
        config.pluginmanager.register(LaneQueue(config, Path(config.getoption(TAKEN))), "lane-queue")


class LaneReport:
    """Counts as pytest's own summary does."""

    def __init__(self, config: pytest.Config, report: Path) -> None:
        self._config, self._report, self._runner = config, report, os.getppid()

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if os.getppid() != self._runner:
            pytest.exit("./eshik test is gone", INTERRUPTED)
        self._write(at=nodeid)

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = self._config.hook.pytest_report_teststatus(report=report, config=self._config)[0]
        if outcome:  # none: a set-up or teardown that passed
            self._write(test=report.nodeid, outcome=outcome)

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._write(test=report.nodeid, outcome="error")

    def _write(self, **what: str) -> None:
        with self._report.open("a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")
