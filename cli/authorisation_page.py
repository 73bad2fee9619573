"""docs/authorisation.md: who may do what, route by route, from docs/authorisation.toml, which a test asks of the services."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from deploy.local.places import CHECKOUT

DATA = CHECKOUT / "docs" / "authorisation.toml"
PAGE = CHECKOUT / "docs" / "authorisation.md"
METHODS = ("get", "put", "post", "patch", "delete")
KINDS = {
    "owner": "the case's citizen",
    "citizen": "another citizen",
    "intake": "intake",
    "deciding": "deciding",
    "head": "head",
    "weak": "deciding, one factor",
    "intake_elsewhere": "intake elsewhere",
    "deciding_elsewhere": "deciding elsewhere",
    "head_elsewhere": "head elsewhere",
    "ministry": "ministry",
    "auditor": "auditor",
    "administrator": "administrator",
    "service": "service, wrong scope",
    "nobody": "nobody",
}
_INTRODUCTION = """# Who may do what

Made by `./eshik contracts update` from `docs/authorisation.toml`; a test holds it current.
`tests/integration/test_authorisation.py` asks every route of every service, found in its OpenAPI document, as each of these
kinds of people, on running services, and compares. A route that is not in the data fails it. Why the rules are as they are:
[ADR 0015](adr/0015-who-may-do-what.md).

**yes** answered (or 409, where the state of the case does not allow it now) · **empty** an empty list · **404** for you it is not
there · **403** not with your role · **401** sign in first · **=** the same answer for all, because the body is the proof.
The roles without "elsewhere" are held at the case's post; a service with the right scope is answered.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """What each kind of person gets: yes, empty, =, or a status."""

    name: str
    text: str
    expected: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Authorisation:
    rules: Mapping[str, Rule]
    routes: Mapping[tuple[str, str], str]  # (service, "GET /path") -> rule; service "all" for what every one has
    asked: Mapping[str, Mapping[str, Any]]

    def rule_of(self, service: str, line: str) -> Rule | None:
        name = self.routes.get((service, line)) or self.routes.get(("all", line))
        return self.rules[name] if name else None


@cache
def authorisation() -> Authorisation:
    """Raises ValueError naming what is wrong in the file."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    rules = {name: _rule(name, said) for name, said in data["rules"].items()}
    routes = {(service, line): rule for service, lines in data["routes"].items() for line, rule in lines.items()}
    if unknown := sorted({rule for rule in routes.values() if rule not in rules}):
        raise ValueError(f"{DATA.name}: no such rule: {', '.join(unknown)}")
    return Authorisation(rules, routes, data["asked"])


def lines_of(openapi: Mapping[str, Any]) -> Iterator[str]:
    """Each route of an OpenAPI document, as GET /path."""
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            if method in operations:
                yield f"{method.upper()} {path}"


def authorisation_page() -> str:
    known = authorisation()
    sections = [_INTRODUCTION, "## Rules\n\n" + _table(known.rules.values())]
    services = list(dict.fromkeys(service for service, _ in known.routes))
    for service in services:
        rows = "\n".join(f"| `{line}` | {rule} |" for (at, line), rule in known.routes.items() if at == service)
        title = "Every service" if service == "all" else service.capitalize()
        sections.append(f"## {title}\n\n| route | rule |\n|---|---|\n{rows}\n")
    return "\n".join(sections)


def _table(rules: Any) -> str:
    head = "| rule | " + " | ".join(KINDS.values()) + " |\n|" + "---|" * (len(KINDS) + 1) + "\n"
    rules = list(rules)
    rows = "".join(f"| **{rule.name}** | " + " | ".join(rule.expected[kind] for kind in KINDS) + " |\n" for rule in rules)
    return head + rows + "\n" + "".join(f"- **{rule.name}**: {rule.text}.\n" for rule in rules)


def _rule(name: str, said: Mapping[str, Any]) -> Rule:
    if said.get("everyone") or said.get("proof"):
        return Rule(name, said["text"], dict.fromkeys(KINDS, "yes" if said.get("everyone") else "="))
    expected = dict.fromkeys(KINDS, "403") | {"nobody": "401"}
    for word, key in (("yes", "yes"), ("empty", "empty"), ("404", "not_found")):
        kinds = said.get(key, [])
        if wrong := sorted(set(kinds) - set(KINDS)):
            raise ValueError(f"{DATA.name}: {name}: no such kind: {', '.join(wrong)}")
        expected |= dict.fromkeys(kinds, word)
    return Rule(name, said["text"], expected)
