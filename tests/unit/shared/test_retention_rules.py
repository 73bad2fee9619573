"""The data files of retention: what they say, and that a wrong one stops the start with the place that is wrong."""

import re
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from deploy.local.environment import SERVICES
from shared.mongo.purge_job import Retention
from shared.mongo.purging import Purged
from shared.retention.rules import RuleBook, RulesUnusable

DAY = date(2026, 11, 23)
RULE = """
[kinds.{kind}]
title = {{ en = "Boxes", ru = "Коробки", ky = "Кутулар" }}
collections = ["{collection}"]
by = "purge"
keep_for = "{term}"
counted_from = "closed"
then = "delete"
basis = "None"
source = "none"
source_date = 2026-11-22
certainty = "D"
"""


def written(folder: Path, version: int = 1, *, valid_from: str = "2026-11-22", **fields: str) -> Path:
    head = f'version = {version}\nvalid_from = {valid_from}\nzone = "Asia/Bishkek"\n'
    given = {"kind": "box", "collection": "boxes", "term": "P5Y"} | fields
    (folder / f"{version}.toml").write_text(head + RULE.format(**given), encoding="utf-8")
    return folder / f"{version}.toml"


def retention_of(service: str) -> Retention:
    found: Retention = import_module(f"services.{service}.retention").retention()
    return found


def test_the_terms_of_the_facts_stand_in_the_rules_and_each_is_marked_as_our_own() -> None:
    kinds = {kind: rule.rule for service in SERVICES for kind, rule in retention_of(service).book.on(DAY).kinds.items()}
    terms = {kind: rule.keep_for for kind, rule in kinds.items()}
    assert terms["draft"] == terms["booking"] == "P90D"
    assert terms["message"] == "P1Y"
    assert terms["case"] == terms["financial"] == "P5Y"
    assert terms["access-log"] == "P3Y"
    assert {kinds[kind].then for kind in ("notarial-case", "notarial-paper")} == {"transfer"}
    assert all(rule.illustrative for rule in kinds.values())


def test_the_newest_version_that_has_begun_applies(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, 2, valid_from="2027-07-01", term="P3Y")
    book = RuleBook.of("boxes", tmp_path)
    before, after = book.on(date(2027, 6, 30)).kinds["box"], book.on(date(2027, 7, 1)).kinds["box"]
    assert (before.version, before.rule.keep_for, after.version, after.rule.keep_for) == ("boxes-1", "P5Y", "boxes-2", "P3Y")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text.replace("P5Y", "five years"), "kinds.box.keep_for"),
        (lambda text: text.replace('keep_for = "P5Y"\n', ""), "keep_for and counted_from"),
        (lambda text: text.replace('"delete"', '"burn"'), "kinds.box.then"),
        (lambda text: text.replace('"D"', '"E"'), "kinds.box.certainty"),
        (lambda text: text.replace("Asia/Bishkek", "Asia/Nowhere"), "zone"),
        (lambda text: text + 'colour = "red"\n', "kinds.box.colour"),
        (lambda text: text.replace('["boxes"]', "[]"), "something that is kept"),
        (lambda text: text.replace('by = "purge"', 'by = "nobody"'), "deleted by somebody"),
        (lambda text: text.replace("version = 1", "version = 2"), "2.toml"),
        (lambda text: text + '[no_rule]\nboxes = "because"\n', "boxes"),
        (lambda text: text.replace("kinds.box", "kinds.access-log"), "access-log"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, spoil: Callable[[str], str], told: str) -> None:
    path = written(tmp_path)
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(RulesUnusable, match=re.escape(told)):
        RuleBook.of("boxes", tmp_path)


def test_a_rule_without_code_code_without_a_rule_and_a_term_that_others_rely_on_stop_the_start(tmp_path: Path) -> None:
    written(tmp_path)
    box = Purged("box", "boxes", moment="closed_at", at_least="P91D")
    assert Retention.of("boxes", tmp_path, [box])
    with pytest.raises(RulesUnusable, match="box"):
        Retention.of("boxes", tmp_path)
    with pytest.raises(RulesUnusable, match="bag"):
        Retention.of("boxes", tmp_path, [box, Purged("bag", "bags", moment="closed_at")])
    written(tmp_path, 2, valid_from="2027-07-01", term="P90D")  # also of a version that has not begun
    with pytest.raises(RulesUnusable, match="P90D is shorter than P91D"):
        Retention.of("boxes", tmp_path, [box])
