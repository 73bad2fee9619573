"""The modules that have workloads, in the order in which they run."""

from __future__ import annotations

import importlib

from cli.bench.frame import Workload

MODULES: tuple[str, ...] = (
    "cli.bench.submit",
    "cli.bench.relay",
    "cli.bench.consume",
    "cli.bench.end_to_end",
    "cli.bench.storm",
    "cli.bench.worklist",
    "cli.bench.audit",
)


def all_workloads() -> dict[str, Workload]:
    found = [workload for module in MODULES for workload in importlib.import_module(module).WORKLOADS]
    return {workload.name: workload for workload in found}
