"""axe-core's judgement of a page as it is now."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from cli.assets import workshop_of_checkout

GRAVE = ("serious", "critical")


def grave_findings(page: Page) -> list[str]:
    """Every element with which axe-core finds something serious or critical, in its words.

    Its script comes in by the browser's debugger, past the page's content security policy, which stays in force.
    """
    page.evaluate(_axe())
    result: dict[str, Any] = page.evaluate("() => axe.run(document, { iframes: false, resultTypes: ['violations'] })")
    return [
        f"{rule['impact']} {rule['id']}: {rule['help']}\n    {' '.join(map(str, node['target']))}\n    {node['html'][:300]}\n"
        f"    {node['failureSummary'].replace(chr(10), ' ')}"
        for rule in result["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def axe(page: Page) -> None:
    """Raises AssertionError with what is serious or critical."""
    findings = grave_findings(page)
    assert not findings, "\n".join([f"axe-core on {page.url}:", *findings])


@cache
def _axe() -> str:
    """Comes with what the pages are built with; ./eshik test sees to that before it starts."""
    return (workshop_of_checkout().build / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
