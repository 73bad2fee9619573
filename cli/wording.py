"""./eshik wording: keeps the Kyrgyz and Russian catalogues in step with the English texts in the tree."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import typer
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po, write_po

from cli.console import fail, out
from cli.msgids import NotALiteral, folders, msgids
from deploy.local.places import CHECKOUT

TRANSLATED = ("ky", "ru")
DRAFT = "draft, a native speaker must check"
WIDTH = 120
_PLACEHOLDER = re.compile(r"{\w*}")
_UNFILLED = ("EMAIL@ADDRESS", "FULL NAME", "FIRST AUTHOR", "YEAR-MO-DA", "ORGANIZATION", "li.org", "PROJECT VERSION")

wording = typer.Typer(
    help="The texts for people, in Kyrgyz, Russian and English.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@wording.command()
def update() -> None:
    """Bring the .po files in step: translations stay, new texts come in untranslated, texts that are gone are dropped."""
    for folder in folders():
        for language in TRANSLATED:
            path = po_file(folder, language)
            added, dropped = update_file(path, _texts_of(folder), language, title=_relative(folder), known=_known(language))
            out.print(f"{_relative(path)}: {added} new, {dropped} dropped", markup=False)


@wording.command()
def check() -> None:
    """Fail where a text is missing, fuzzy, stale, or lacks a placeholder, naming file and text."""
    found = [fault for folder in folders() for fault in faults(folder, _relative(folder))]
    for fault in found:
        out.print(fault, markup=False)
    if found:
        fail(f"{len(found)} texts need work. ./eshik wording update brings the files in step; then translate what is empty.")
    out.print("Every text is there in Kyrgyz and Russian.")


def faults(folder: Path, name: str) -> list[str]:
    """Everything that is wrong with the catalogues of one folder."""
    try:
        wanted = msgids(folder)
    except NotALiteral as error:
        return [f"{name}/{error}: N_() needs one literal text"]
    found = []
    for language in TRANSLATED:
        path = po_file(folder, language)
        where = f"{name}/{path.relative_to(folder).as_posix()}"
        if path.exists():
            found += [f"{where}: {fault}" for fault in faults_of_file(path.read_text(encoding="utf-8"), wanted, language)]
        elif wanted:
            found.append(f"{where}: the file is missing")
    return found


def faults_of_file(text: str, wanted: list[str], language: str) -> list[str]:
    """What is wrong with one .po file, given the texts that it must translate."""
    try:
        catalogue = read_po(io.BytesIO(text.encode()), locale=language, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        return [f"cannot be read: {error}"]
    found = [f"header still says {word}" for word in _UNFILLED if word in text]
    there = {str(message.id): message for message in catalogue if message.id}
    found += [f"missing: {text!r}" for text in wanted if text not in there or not there[text].string]
    found += [f"fuzzy: {text!r}" for text, message in there.items() if message.fuzzy]
    stale = [text for text in there if text not in set(wanted)] + [str(message.id) for message in catalogue.obsolete.values()]
    found += [f"stale: {text!r}" for text in stale]
    found += [f"placeholders differ: {text!r}" for text, message in there.items() if _placeholders_differ(message)]
    return found


def update_file(path: Path, wanted: list[str], language: str, *, title: str, known: Mapping[str, str]) -> tuple[int, int]:
    """Rewrite one .po file. known: translations from other folders. Out: how many texts are new, how many were dropped."""
    old = _read(path, language)
    there = {str(message.id): message for message in old if message.id}
    kept = [text for text in there if text in set(wanted)]
    new = [text for text in wanted if text not in there]
    if not wanted and not there:
        return 0, 0
    fresh = Catalog(locale=language)
    for text in kept:
        fresh[text] = there[text]
    for text in new:
        _add(fresh, text, known.get(text, ""), like=there.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_header(title, language).encode() + _body(fresh))
    return len(new), len(there) - len(kept)


def po_file(folder: Path, language: str) -> Path:
    return folder / "locale" / language / "LC_MESSAGES" / "messages.po"


def _texts_of(folder: Path) -> list[str]:
    try:
        return msgids(folder)
    except NotALiteral as error:
        fail(f"{_relative(folder)}/{error}: N_() needs one literal text")


def _known(language: str) -> dict[str, str]:
    files = [_read(po_file(folder, language), language) for folder in folders()]
    return {str(message.id): str(message.string) for file in files for message in file if message.string and not message.fuzzy}


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _add(catalogue: Catalog, text: str, translation: str, *, like: Iterable[Message]) -> None:
    """New Kyrgyz texts are drafts; the remark stands where the others of the file have it, behind "#." or "#"."""
    remark = [DRAFT] if str(catalogue.locale) == "ky" else []
    if any(DRAFT in message.auto_comments for message in like):
        catalogue.add(text, translation, auto_comments=remark)
    else:
        catalogue.add(text, translation, user_comments=remark)


def _placeholders_differ(message: Message) -> bool:
    original, translation = str(message.id), str(message.string or "")
    return bool(translation) and sorted(_PLACEHOLDER.findall(original)) != sorted(_PLACEHOLDER.findall(translation))


def _header(title: str, language: str) -> str:
    plural = Catalog(locale=language).plural_forms
    name = Locale.parse(language).get_display_name("en")
    drafts = ["# A text marked as a draft is one: take the mark away once a native speaker has checked it."]
    fields = [
        "Project-Id-Version: Eshik",
        f"Language: {language}",
        f"Plural-Forms: {plural}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    lines = [f"# Texts of {title} in {name}. ./eshik wording update keeps the list.", *(drafts if language == "ky" else [])]
    return "\n".join([*lines, 'msgid ""', 'msgstr ""', *(f'"{field}\\n"' for field in fields), "", ""])


def _body(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=WIDTH, no_location=True, omit_header=True, ignore_obsolete=True)
    return buffer.getvalue().rstrip(b"\n") + b"\n"


def _relative(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()
