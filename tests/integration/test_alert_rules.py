"""The alert rules and the scrape configuration, judged by a parser of PromQL and by what the services really tell."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from typer.main import get_command

from cli.__main__ import app
from tests.support.images import CHECKOUT, IMAGES, compose
from tests.support.places import Place
from tests.support.scraping import Driven, driven

FOLDER = CHECKOUT / "deploy" / "prometheus"
OF_PROMETHEUS = {"up"}  # a series that Prometheus makes by itself for each target
OF_THE_TARGET = {"job", "instance", "service"}
ANNOTATIONS = {"summary", "description", "runbook", "threshold"}
SEVERITIES = {"page", "ticket"}
MADE_BY_FAULTS = {"5xx"}  # what no service tells that is well

Labels = dict[str, dict[str, set[str]]]  # by metric and label, the values that were told


def rules() -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]:
        assert set(group) == {"name", "rules"}
        yield from group["rules"]


def every_rule() -> list[Any]:
    return [pytest.param(rule, id=rule["alert"]) for rule in rules()]


def nodes(expression: str) -> list[Any]:
    found: list[Any] = []
    promql_parser.walk(promql_parser.parse(expression), lambda node: found.append(node))
    return found


def unknown_in(expression: str, told: Labels) -> list[str]:
    """Metrics, labels and values of the expression that no service tells."""
    faults = []
    names = [node for node in nodes(expression) if isinstance(node, promql_parser.VectorSelector)]
    labels = set(OF_THE_TARGET)
    for node in names:
        if node.name not in told and node.name not in OF_PROMETHEUS:
            faults.append(f"metric {node.name}")
            continue
        known = told.get(str(node.name), {})
        labels |= set(known)
        for matcher in node.matchers.matchers:
            if matcher.name not in {*known, *OF_THE_TARGET}:
                faults.append(f"label {matcher.name} of {node.name}")
            elif matcher.name in known:
                faults += [
                    f"{matcher.name}={one}" for one in matcher.value.split("|") if one not in known[matcher.name] | MADE_BY_FAULTS
                ]
    return faults + [f"by {label}" for label in grouped_by(expression) if label not in labels]


def grouped_by(expression: str) -> set[str]:
    grouped = [node for node in nodes(expression) if isinstance(node, promql_parser.AggregateExpr)]
    return {label for node in grouped if node.modifier for label in node.modifier.labels}


@pytest.fixture
async def told(place: Place, tmp_path: Path) -> Labels:
    seen: Driven = await driven(place, tmp_path)
    found: Labels = {}
    for sample in seen.samples():
        labels = found.setdefault(sample.name, {})
        for label, value in sample.labels.items():
            labels.setdefault(label, set()).add(value)
    return found


@pytest.mark.parametrize("rule", every_rule())
def test_a_rule_says_what_it_means_what_to_do_and_why_there(rule: dict[str, Any]) -> None:
    assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert re.fullmatch(r"Eshik[A-Z][A-Za-z]+", rule["alert"])
    assert set(rule["labels"]) == {"severity"}
    assert rule["labels"]["severity"] in SEVERITIES
    assert set(rule["annotations"]) == ANNOTATIONS
    assert all(len(text) > 20 for text in rule["annotations"].values())
    assert promql_parser.parse_duration(rule.get("for", "1m")).total_seconds() > 0


def test_no_rule_is_there_twice() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


async def test_every_expression_asks_for_what_the_services_really_tell(told: Labels) -> None:
    assert {rule["alert"]: faults for rule in rules() if (faults := unknown_in(rule["expr"], told))} == {}


async def test_a_rule_about_what_nobody_tells_would_be_seen(told: Labels) -> None:
    assert unknown_in("eshik_outbox_row > 0", told) == ["metric eshik_outbox_row"]
    assert unknown_in('sum by (post) (eshik_queue_messages{kind="retry", name="x"})', told) == [
        "kind=retry",
        "label name of eshik_queue_messages",
        "by post",
    ]
    with pytest.raises(ValueError, match="expected"):
        unknown_in("rate(eshik_outbox_rows[5m)", told)


@pytest.mark.parametrize("rule", every_rule())
def test_a_summary_names_only_labels_that_its_expression_keeps(rule: dict[str, Any]) -> None:
    named = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    kept = grouped_by(rule["expr"]) or OF_THE_TARGET
    assert named <= kept


@pytest.mark.parametrize("rule", every_rule())
def test_what_to_do_names_commands_that_exist(rule: dict[str, Any]) -> None:
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"\./eshik (\w+)", " ".join(rule["annotations"].values())))
    assert named <= commands
    assert named or "log" in rule["annotations"]["runbook"]


def test_all_five_processes_of_compose_are_scraped_inside_their_network() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("eshik", "/metrics")
    targets = {entry["labels"]["service"]: entry["targets"] for entry in job["static_configs"]}
    assert targets == {name: [f"{name}:8000"] for name in IMAGES}
    assert config["rule_files"] == ["alerts.yml"]


def test_compose_starts_prometheus_only_when_asked_and_with_these_files() -> None:
    part = compose()["services"]["prometheus"]
    assert part["profiles"] == ["watch"]
    assert "./deploy/prometheus:/etc/prometheus:ro" in part["volumes"]
    assert "--config.file=/etc/prometheus/prometheus.yml" in part["command"]
