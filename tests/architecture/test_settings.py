"""Every variable that Eshik reads is described, and stands on docs/settings.md."""

import re

import pytest

from cli.service_apps import settings_of
from cli.settings_page import INTERNAL, OF_THE_COMMAND, OF_THE_DEPLOYMENT, settings_page, variable_of
from deploy.local.environment import PROCESSES
from tests.architecture.tree import CHECKOUT, files, source

VARIABLE = re.compile(r"\bESHIK_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?!_)")


def unnamed(texts: list[str], page: str) -> set[str]:
    """Variables that the texts speak of and the page does not list."""
    return {name for text in texts for name in VARIABLE.findall(text)} - set(VARIABLE.findall(page))


@pytest.mark.parametrize("service", PROCESSES)
def test_every_setting_says_what_it_is(service: str) -> None:
    fields = settings_of(service).model_fields
    assert [name for name, field in fields.items() if not field.description or len(field.description) < 15] == []


@pytest.mark.parametrize("service", PROCESSES)
def test_settings_are_named_by_our_prefix(service: str) -> None:
    kind = settings_of(service)
    assert [name for name in kind.model_fields if not variable_of(kind, name).startswith("ESHIK_")] == []


@pytest.mark.parametrize("service", PROCESSES)
def test_settings_are_frozen_and_do_not_quote_what_is_wrong(service: str) -> None:
    config = settings_of(service).model_config
    assert config.get("frozen")
    assert config.get("hide_input_in_errors")


def test_the_page_is_current() -> None:
    assert (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()


def test_every_variable_in_the_code_stands_on_the_page() -> None:
    code = [source(path) for path in files("services", "shared", "cli", "deploy") if path.name != "settings_page.py"]
    assert unnamed([*code, source(CHECKOUT / "eshik")], settings_page()) == set()


def test_no_variable_on_the_page_is_read_by_nobody() -> None:
    texts = [source(path) for path in files("services", "shared", "cli", "deploy", "tests") if path.name != "settings_page.py"]
    read = set(VARIABLE.findall("\n".join([*texts, source(CHECKOUT / "eshik")])))
    assert {*OF_THE_COMMAND, *OF_THE_DEPLOYMENT, *INTERNAL} - read == set()


def test_a_variable_that_is_not_on_the_page_would_be_seen() -> None:
    assert unnamed(['os.environ["ESHIK_SECRET_SWITCH"]; prefix = "ESHIK_IDENTITY_"'], settings_page()) == {"ESHIK_SECRET_SWITCH"}
