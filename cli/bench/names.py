"""The names that ./eshik bench takes, known before its environment is installed. Standard library only: bootstrap asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

DRIVER = "driver"
FIGURES: dict[str, tuple[str, ...]] = {  # by workload; a test holds them against the workloads themselves
    "w1-submit": tuple(f"w1-submit-c{n}{of}" for of in ("", "-p50", "-no-relay") for n in (1, 8, 32)),
    "w2-drain": ("w2-drain",),
    "w3-lag": ("w3-lag-p50", "w3-lag-p99"),
    "w4-consume": ("w4-consume", "w4-consume-one-by-one", "w14-faststream"),
    "w6-duplicates": ("w6-duplicates", "w6-duplicates-events"),
    "w5-end-to-end": (
        *("w5-burst", "w5-p50", "w5-p99", "w5-cpu"),
        *("w14-one-by-one-burst", "w14-one-by-one-p50", "w14-one-by-one-p99"),
    ),
    "w11-storm": ("w11-drain", "w11-commit-p99"),
    "w7-worklist": ("w7-claim", "w7-claim-p99", "w7-claim-alone", "w7-late-page", "w7-page"),
    "w13-append": tuple(f"w13-submit-c{n}" for n in (1, 8, 32)),
    "w13-verify": ("w13-verify",),
}
WITH_A_VALUE = "--repeats"


def is_called(name: str, known: Iterable[str]) -> bool:
    """By a whole name, or the first part of one, as w14."""
    return any(one == name or one.startswith(f"{name}-") for one in known)


def unknown_name(arguments: Sequence[str]) -> str | None:
    """The first word behind `bench` that is no option and nobody's name."""
    known = [*FIGURES, *(figure for figures in FIGURES.values() for figure in figures)]
    before = ["", *arguments]
    words = [word for word, previous in zip(arguments, before, strict=False) if previous != WITH_A_VALUE and word[:1] != "-"]
    return next((word for word in words if word != DRIVER and not is_called(word, known)), None)


def refusal(name: str) -> str:
    return f"There is no workload {name}. There are: {', '.join([DRIVER, *FIGURES])}"
