"""Every text for people is there in Kyrgyz and Russian; and the check that says so sees each kind of fault."""

import importlib
import re
from pathlib import Path

import pytest
import typer

from cli import wording
from cli.msgids import NotALiteral, folders, marked, msgids
from cli.wording import DRAFT, faults, faults_of_file, po_file, update_file
from deploy.local.places import CHECKOUT
from shared.errors import DomainError

HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Eshik\\n"
"Language: ru\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
GREETING = 'msgid "Hello, {reference}"\nmsgstr "Здравствуйте, {reference}"\n'


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_every_text_is_there_in_kyrgyz_and_russian(folder: Path) -> None:
    assert faults(folder, folder.name) == []


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_every_part_of_the_tree_has_texts(folder: Path) -> None:
    assert msgids(folder)


def test_a_catalogue_without_faults_has_none() -> None:
    assert faults_of_file(HEADER + GREETING, ["Hello, {reference}"], "ru") == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "missing: 'Hello, {reference}'"),
        ('msgid "Hello, {reference}"\nmsgstr ""\n', "missing: 'Hello, {reference}'"),
        ("#, fuzzy\n" + GREETING, "fuzzy: 'Hello, {reference}'"),
        (GREETING + '\nmsgid "Goodbye"\nmsgstr "До свидания"\n', "stale: 'Goodbye'"),
        (GREETING + '\n#~ msgid "Goodbye"\n#~ msgstr "До свидания"\n', "stale: 'Goodbye'"),
        ('msgid "Hello, {reference}"\nmsgstr "Здравствуйте, {name}"\n', "placeholders differ: 'Hello, {reference}'"),
        ('msgid "Hello, {reference}"\nmsgstr "Здравствуйте"\n', "placeholders differ: 'Hello, {reference}'"),
    ],
)
def test_a_fault_is_named_with_its_text(text: str, fault: str) -> None:
    assert faults_of_file(HEADER + text, ["Hello, {reference}"], "ru") == [fault]


def test_a_header_that_nobody_filled_in_is_a_fault() -> None:
    header = HEADER.replace('"Language:', '"Last-Translator: FULL NAME <EMAIL@ADDRESS>\\n"\n"Language:')
    found = faults_of_file(header + GREETING, ["Hello, {reference}"], "ru")
    assert found == ["header still says EMAIL@ADDRESS", "header still says FULL NAME"]


def test_a_file_that_cannot_be_read_is_a_fault() -> None:
    (found,) = faults_of_file(HEADER + "msgid nothing", [], "ru")
    assert found.startswith("cannot be read")


def test_marked_texts_are_found_wherever_they_stand() -> None:
    source = (
        'A = {"a": N_("First")}\n\ndef f():\n    return N_(\n        "Second, "\n        "longer"\n    )\n\n"N_(\'not me\')"\n'
    )
    assert list(marked(source, "x.py")) == ["First", "Second, longer"]


def test_a_mark_around_something_that_is_no_literal_is_refused_with_its_place() -> None:
    with pytest.raises(NotALiteral, match=r"x\.py:2"):
        list(marked('name = "x"\nN_(f"Hello, {name}")\n', "x.py"))


def a_part(root: Path, code: str) -> Path:
    folder = root / "services" / "example"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(code, encoding="utf-8")
    return folder


def test_an_update_keeps_translations_drops_what_is_gone_and_brings_new_texts(tmp_path: Path) -> None:
    folder = a_part(tmp_path, 'N_("Hello")\nN_("New")\nN_("Known elsewhere")\n')
    for language in ("ky", "ru"):
        path = po_file(folder, language)
        path.parent.mkdir(parents=True)
        path.write_text(HEADER.replace("ru", language) + 'msgid "Gone"\nmsgstr "x"\n\n# checked\nmsgid "Hello"\nmsgstr "y"\n')
        changes = update_file(path, msgids(folder), language, title="example", known={"Known elsewhere": "z"})
        assert changes == (2, 1)
    russian = po_file(folder, "ru").read_text(encoding="utf-8")
    assert '# checked\nmsgid "Hello"\nmsgstr "y"\n\nmsgid "New"\nmsgstr ""\n\nmsgid "Known elsewhere"\nmsgstr "z"\n' in russian
    assert po_file(folder, "ky").read_text(encoding="utf-8").count(f"# {DRAFT}\n") == 2
    assert faults(folder, "example") == [
        "example/locale/ky/LC_MESSAGES/messages.po: missing: 'New'",
        "example/locale/ru/LC_MESSAGES/messages.po: missing: 'New'",
    ]


def test_a_second_update_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "messages.po"
    update_file(path, ["Hello, {reference}", "A text. " * 40], "ky", title="example", known={})
    before = path.read_bytes()
    assert update_file(path, ["Hello, {reference}", "A text. " * 40], "ky", title="example", known={}) == (0, 0)
    assert path.read_bytes() == before


def test_a_part_without_its_catalogues_is_a_fault(tmp_path: Path) -> None:
    folder = a_part(tmp_path, 'N_("Hello")\n')
    assert [fault.rpartition(": ")[2] for fault in faults(folder, "example")] == ["the file is missing", "the file is missing"]


def test_the_command_fails_where_a_text_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = a_part(tmp_path, 'N_("Hello")\n')
    monkeypatch.setattr(wording, "folders", lambda: [folder])
    monkeypatch.setattr(wording, "CHECKOUT", tmp_path)
    with pytest.raises(typer.Exit):
        wording.check()
    assert "services/example/locale/ky/LC_MESSAGES/messages.po: the file is missing" in capsys.readouterr().out


def every_error() -> list[type[DomainError]]:
    for path in sorted(CHECKOUT.glob("services/*/**/*.py")):
        importlib.import_module(path.relative_to(CHECKOUT).with_suffix("").as_posix().replace("/", "."))
    found, left = [DomainError], [DomainError]
    while left:
        left = [kind for each in left for kind in each.__subclasses__() if kind.__module__.startswith(("services.", "shared."))]
        found += left
    return found


def test_what_every_error_says_is_a_text_of_the_catalogues() -> None:
    texts = {text for folder in folders() for text in msgids(folder)}
    assert [kind.__name__ for kind in every_error() if kind.message not in texts] == []


def test_every_error_has_a_slug_and_no_two_errors_that_say_different_things_share_one() -> None:
    said: dict[str, set[str]] = {}
    for kind in every_error():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code), kind.__name__
        said.setdefault(kind.code, set()).add(kind.message)
    assert {code: texts for code, texts in said.items() if len(texts) > 1} == {}
