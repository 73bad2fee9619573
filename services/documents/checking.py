"""What a code, or a file, proves about a document: before the register is asked, and what it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.documents.reading_process import Seen
from services.documents.seal import SealedFacts, SealKey, SealRefused, open_seal, read_seal
from services.documents.verification import Reason, Verdict


class Proof(StrEnum):
    """What an answer rests on."""

    REGISTER = "register"  # what was typed off the paper
    CODE = "code"  # the printed code alone; the rest of the paper was not looked at
    FILE = "file"  # the whole signed file


class Fault(StrEnum):
    """Why there is nothing to ask the register about."""

    ALTERED = "altered"
    NOT_GENUINE = "not_genuine"
    NO_CODE = "no_code"


@dataclass(frozen=True, slots=True)
class Found:
    """Either sealed, what a genuine seal says, or a fault. unsigned_pdf: in a PDF that cannot be the file that was issued."""

    proof: Proof
    sealed: SealedFacts | None = None
    fault: Fault | None = None
    unsigned_pdf: bool = False


def found_in_code(seal: str, keys: Mapping[str, SealKey], at: datetime) -> Found:
    """In: an address with a seal behind its #, or the seal alone; spaces and case as they came through somebody's hands."""
    sealed = _genuine("".join(seal.rpartition("#")[2].split()).upper(), keys, at)
    return Found(Proof.CODE, sealed=sealed) if sealed else Found(Proof.CODE, fault=Fault.NOT_GENUINE)


def found_in_file(seen: Seen, keys: Mapping[str, SealKey], at: datetime) -> Found:
    """A file that carries our signature is judged as a whole; every other one is a print, and judged by its code."""
    by_code = _found_in_codes(seen, keys, at)
    if seen.verdict in (Verdict.VALID, Verdict.EXPIRED):
        return Found(Proof.FILE, sealed=by_code.sealed, fault=by_code.fault)
    if seen.verdict == Verdict.ALTERED:
        # two signatures of others are no change to a paper of ours
        foreign = Reason.SEVERAL_SIGNATURES in seen.reasons and by_code.sealed is None
        return Found(Proof.FILE, fault=Fault.NOT_GENUINE if foreign else Fault.ALTERED)
    # a certificate that ran out says nothing against the file: the code and the register outlive it
    timely = Reason.CERTIFICATE_NOT_VALID_NOW not in seen.reasons
    if (seen.verdict == Verdict.NOT_TRUSTED and timely) or Reason.NOT_A_PAPER in seen.reasons:
        return Found(Proof.FILE, fault=Fault.NOT_GENUINE)
    return by_code


def _found_in_codes(seen: Seen, keys: Mapping[str, SealKey], at: datetime) -> Found:
    """One genuine seal counts, whatever other codes lie beside it; of two nobody can say which is meant."""
    different = set(seen.codes)
    genuine = [sealed for code in different if (sealed := _genuine(code.rpartition("#")[2], keys, at))]
    if len(genuine) > 1:
        return Found(Proof.CODE, fault=Fault.NO_CODE)
    if genuine:
        return Found(Proof.CODE, sealed=genuine[0], unsigned_pdf=seen.unsigned_pdf)
    return Found(Proof.CODE, fault=Fault.NOT_GENUINE if different else Fault.NO_CODE, unsigned_pdf=seen.unsigned_pdf)


def _genuine(seal: str, keys: Mapping[str, SealKey], at: datetime) -> SealedFacts | None:
    """A seal past its term is genuine: whether it is in force, the register says."""
    try:
        return open_seal(seal, dict(keys), at)
    except SealRefused as error:
        return read_seal(seal, dict(keys)) if error.params["reason"] == "expired" else None
