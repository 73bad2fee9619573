"""axe-core's judgement of a page as it is now."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from playwright.sync_api import Page

from cli.assets import workshop_of_checkout

GRAVE = ("serious", "critical")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")


def findings(page: Page) -> list[str]:
    """grave_findings, and besides what a criterion of WCAG 2.2 A or AA forbids, however light."""
    return _found(page, lambda rule: rule["impact"] in GRAVE or any(tag in WCAG for tag in rule["tags"]))


def grave_findings(page: Page) -> list[str]:
    """Every element with which axe-core finds something serious or critical, in its words."""
    return _found(page, lambda rule: rule["impact"] in GRAVE)


def _found(page: Page, counts: Callable[[dict[str, Any]], bool]) -> list[str]:
    """What axe-core finds on the page as it is now.

    Its script comes in by the browser's debugger, past the page's content security policy, which stays in force.
    """
    page.evaluate(_axe())
    result: dict[str, Any] = page.evaluate("() => axe.run(document, { iframes: false, resultTypes: ['violations'] })")
    return [
        f"{rule['impact']} {rule['id']}: {rule['help']}\n    {' '.join(map(str, node['target']))}\n    {node['html'][:300]}\n"
        f"    {node['failureSummary'].replace(chr(10), ' ')}"
        for rule in result["violations"]
        if counts(rule)
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
