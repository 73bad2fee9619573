"""An exported audit is judged without us: each kind of tampering is found, and the first entry it concerns is named."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.audit import audit
from shared.audit.chain import first_link, next_link
from shared.audit.checkpoint import Checkpoint, digest, promise
from shared.audit.entry import Entry, Kind, Who
from shared.audit.keys import AuditKey
from shared.audit.proving import NotProved, check_proof, proof_data
from shared.audit.tree import Frontier, inclusion_path, root_of
from shared.audit.verifying import FORMAT, Broken, Kept, NotAnExport, entry_line, judge
from tests.support.auditing import new_key

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STOPS = (10, 20, 27)
COUNT = 30


def entry(number: int) -> Entry:
    who = Who("officer", f"officer-{number % 3}", "deciding", "yek", "s-1")
    about = {"case": f"case-{number}", "person": f"person-{number}"}
    return Entry(
        f"audit:{number}",
        "applications",
        Kind.LOOK,
        AT + timedelta(seconds=number),
        who,
        "application:view",
        about,
        "complaint",
        "r",
    )


ENTRIES = [entry(number) for number in range(1, COUNT + 1)]


@dataclass(frozen=True)
class Export:
    head: dict[str, object]
    lines: list[bytes]

    def judged(self, kept: Kept | None = None) -> Broken | None:
        return judge(self.all(), kept).broken

    def all(self) -> list[bytes]:
        return [json.dumps(self.head).encode() + b"\n", *self.lines]


def export_of(entries: Sequence[Entry], key: AuditKey, stops: Sequence[int] = STOPS) -> Export:
    link, frontier, lines, texts = first_link("applications"), Frontier(), [], list[str]()
    for number, one in enumerate(entries, 1):
        link, frontier = next_link(link, number, one.hash()), frontier.grown([one.hash()])
        lines.append(entry_line(number, link.hex(), one.canonical().decode()).encode() + b"\n")
        if number in stops:
            previous = digest(texts[-1]) if texts else None
            texts.append(Checkpoint("applications", len(texts) + 1, number, frontier.root, link, AT, previous).signed(key))
    return Export({"format": FORMAT, "service": "applications", "keys": [key.public], "checkpoints": texts}, lines)


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    return new_key(tmp_path / "audit.pem")


@pytest.fixture
def export(key: AuditKey) -> Export:
    return export_of(ENTRIES, key)


def kept_of(export: Export, key: AuditKey) -> Kept:
    return Kept([str(text) for text in export.head["checkpoints"]], [key.public])  # type: ignore[attr-defined]


def test_a_log_that_nobody_touched_holds_and_says_what_no_checkpoint_covers(export: Export, key: AuditKey) -> None:
    judged = judge(export.all(), kept_of(export, key))
    assert (judged.broken, judged.entries, judged.checkpoints, judged.covered) == (None, 30, 3, 27)
    assert judged.notes == ["3 entries are younger than the last checkpoint: a cut among them is not seen"]


def test_a_line_that_was_written_with_other_spaces_means_the_same(export: Export) -> None:
    export.lines[4] = json.dumps(json.loads(export.lines[4]), indent=None).encode() + b"\n"
    assert export.judged() is None


def edited(lines: list[bytes]) -> None:
    lines[13] = lines[13].replace(b"officer-2", b"officer-1")


def edited_last(lines: list[bytes]) -> None:
    lines[-1] = lines[-1].replace(b"complaint", b"citizen-asks")


def deleted(lines: list[bytes]) -> None:
    del lines[13]


def three_deleted(lines: list[bytes]) -> None:
    del lines[13:16]


def inserted(lines: list[bytes]) -> None:
    lines.insert(13, lines[13].replace(b'"audit:14"', b'"audit:forged"'))


def repeated(lines: list[bytes]) -> None:
    lines.insert(14, lines[12])


def cut(lines: list[bytes]) -> None:
    del lines[25:]


def swapped(lines: list[bytes]) -> None:
    lines[13], lines[14] = lines[14], lines[13]


@pytest.mark.parametrize(
    ("tamper", "what", "number"),
    [
        (edited, "edited", 14),
        (edited_last, "edited", 30),
        (deleted, "deleted", 14),
        (three_deleted, "deleted", 14),
        (inserted, "inserted", 14),
        (repeated, "inserted", 15),
        (cut, "cut-off", 26),
        (swapped, "deleted", 14),
    ],
)
def test_what_was_done_to_the_log_is_named_with_the_first_entry(
    export: Export, tamper: Callable[[list[bytes]], None], what: str, number: int
) -> None:
    tamper(export.lines)
    found = export.judged()
    assert found is not None
    assert (found.what, found.number) == (what, number)


def test_an_edited_entry_is_named_by_its_id(export: Export) -> None:
    edited(export.lines)
    found = export.judged()
    assert found is not None
    assert found.id == "audit:14"


def rewritten(key: AuditKey, *, at: int = 14) -> Export:
    """One entry exchanged, and all behind it linked and signed anew."""
    return export_of([entry(900) if one.id == f"audit:{at}" else one for one in ENTRIES], key)


def test_a_chain_that_was_rewritten_as_a_whole_is_found_by_what_others_kept(export: Export, key: AuditKey) -> None:
    forged = rewritten(key)
    assert forged.judged() is None  # by itself it is consistent: only a checkpoint elsewhere tells
    found = forged.judged(kept_of(export, key))
    assert found is not None
    assert found.what == "rewritten"


def test_where_the_forger_leaves_the_true_checkpoints_the_first_stretch_is_named(export: Export, key: AuditKey) -> None:
    forged = Export(export.head, rewritten(key).lines)
    found = forged.judged(kept_of(export, key))
    assert found is not None
    assert (found.what, found.number) == ("rewritten", 11)  # behind checkpoint 1, which still fits


def test_a_chain_signed_with_a_key_of_the_forger_is_found(export: Export, key: AuditKey, tmp_path: Path) -> None:
    forged = rewritten(new_key(tmp_path / "forger.pem"))
    found = forged.judged(kept_of(export, key))
    assert found is not None
    assert found.what == "checkpoint"


def test_a_tail_that_was_cut_off_with_its_checkpoints_is_found_by_what_others_kept(export: Export, key: AuditKey) -> None:
    texts = kept_of(export, key).texts
    shorter = Export({**export.head, "checkpoints": texts[:1]}, export.lines[:15])
    assert shorter.judged() is None
    found = shorter.judged(kept_of(export, key))
    assert found is not None
    assert (found.what, found.number) == ("cut-off", 16)


def test_two_checkpoints_of_one_size_that_differ_are_a_rewriting(export: Export, key: AuditKey) -> None:
    """A database whose tables say that the last one was smaller has the service sign the same size once more."""
    true, forged = kept_of(export, key), rewritten(key, at=25)
    last = Checkpoint.read(kept_of(forged, key).texts[-1], [key.public])
    again = replace(last, number=4, previous=digest(true.texts[-1])).signed(key)
    both = Kept([*true.texts, again], [key.public])
    for lines in (forged.lines, export.lines):
        found = Export({**export.head, "checkpoints": list(both.texts)}, lines).judged(both)
        assert found is not None
        assert found.what == "rewritten"


def test_checkpoints_that_others_keep_of_another_service_judge_nothing(export: Export, key: AuditKey) -> None:
    other = Checkpoint("documents", 1, 10, b"", b"", AT, None).signed(key)
    with pytest.raises(NotAnExport):
        judge(export.all(), Kept([other], [key.public]))
    assert judge(export.all(), Kept([other, *kept_of(export, key).texts], [key.public])).checked_against == len(STOPS)


@pytest.mark.parametrize("service", ["../forged", "{}/forged", "", "."])
def test_the_service_that_an_export_names_does_not_choose_whose_checkpoints_are_believed(
    service: str, export: Export, key: AuditKey, tmp_path: Path
) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "forged").mkdir()
    for folder in (tmp_path / "kept", tmp_path / "forged"):
        (folder / "1.jws").write_text(kept_of(export, key).texts[0])
        (folder / "key-1.json").write_text(json.dumps(key.public))
    with pytest.raises(NotAnExport):
        Kept.in_folder(tmp_path / "kept", service.format(tmp_path))


def test_what_is_no_export_is_not_judged() -> None:
    for lines in ([], [b"\n"], [b'{"format":"another"}\n'], [b"not json\n"]):
        with pytest.raises(NotAnExport):
            judge(lines, None)


@pytest.mark.parametrize("number", [1, 7, 20, 27])
def test_a_receipt_s_promise_is_kept_by_a_proof_that_anybody_can_check(export: Export, key: AuditKey, number: int) -> None:
    proof = proof_for(export, key, number)
    promised = promise(ENTRIES[number - 1], AT, key)
    assert check_proof(proof, keys=[key.public], promise=promised).number == number


def test_a_proof_of_another_entry_or_a_changed_one_does_not_keep_the_promise(export: Export, key: AuditKey) -> None:
    promised, proof = promise(ENTRIES[6], AT, key), proof_for(export, key, 8)
    with pytest.raises(NotProved, match="not the one that was promised"):
        check_proof(proof, keys=[key.public], promise=promised)
    changed = proof_for(export, key, 7)
    changed["entry"] = {**changed["entry"], "reason": "supervision"}  # type: ignore[dict-item]
    with pytest.raises(NotProved):
        check_proof(changed, keys=[key.public])


def proof_for(export: Export, key: AuditKey, number: int) -> dict[str, object]:
    hashes = [one.hash() for one in ENTRIES[:27]]
    path = inclusion_path(number - 1, 27, lambda first, many: root_of(hashes[first : first + many]))
    text = str(export.head["checkpoints"][-1])  # type: ignore[index]
    return proof_data("applications", number, json.loads(ENTRIES[number - 1].canonical()), path, text, key.public)


def test_the_command_ends_with_0_1_or_2_like_the_ledger(export: Export, key: AuditKey, tmp_path: Path) -> None:
    file, folder = tmp_path / "audit-applications.jsonl", tmp_path / "kept" / "applications"
    folder.mkdir(parents=True)
    (folder / f"key-{key.public['kid']}.json").write_text(json.dumps(key.public))
    for number, text in enumerate(kept_of(export, key).texts, 1):
        (folder / f"{number:08d}.jws").write_text(text)
    asked = ["verify", str(file), "--checkpoints", str(tmp_path / "kept")]
    run = CliRunner()
    assert run.invoke(audit, asked).exit_code == 2
    file.write_bytes(b"".join(export.all()))
    assert run.invoke(audit, asked).exit_code == 0
    alone = run.invoke(audit, asked[:2])
    assert (alone.exit_code, "●" in alone.stdout) == (0, False)
    assert "Nothing outside was compared" in " ".join(alone.stdout.split())
    edited(export.lines)
    file.write_bytes(b"".join(export.all()))
    told = run.invoke(audit, [*asked, "--json"])
    assert told.exit_code == 1
    assert json.loads(told.stdout)["broken"]["number"] == 14


def test_a_proof_is_green_only_where_something_outside_was_compared(export: Export, key: AuditKey, tmp_path: Path) -> None:
    """Whoever makes a key and a log of their own makes a proof that holds by itself."""
    file, folder = tmp_path / "proof.json", tmp_path / "kept" / "applications"
    file.write_text(json.dumps(proof_for(export, key, 7)))
    alone = CliRunner().invoke(audit, ["verify", str(file)])
    assert (alone.exit_code, "●" in alone.stdout) == (0, False)
    assert "Nothing outside was compared" in " ".join(alone.stdout.split())
    folder.mkdir(parents=True)
    (folder / f"key-{key.public['kid']}.json").write_text(json.dumps(key.public))
    for number, text in enumerate(kept_of(export, key).texts, 1):
        (folder / f"{number:08d}.jws").write_text(text)
    told = CliRunner().invoke(audit, ["verify", str(file), "--checkpoints", str(tmp_path / "kept")])
    assert (told.exit_code, "●" in told.stdout, "Nothing outside" in told.stdout) == (0, True, False)
