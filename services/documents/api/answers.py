"""What a verifier and a holder are told, in words: the one place where findings become texts."""

from datetime import datetime

from fastapi import Request

from services.documents.api.schemas import HolderOnPaper, VerificationAnswer
from services.documents.checking import Found, Proof
from services.documents.domain.paper import PaperKind, term_end
from services.documents.domain.register_entry import EntryState, RegisterEntry
from services.documents.wording import KINDS
from shared.texts import N_, Texts
from shared.web.language import language_of

_WORDS = {
    (Proof.REGISTER, "valid"): N_("This document was issued here and is in force."),
    (Proof.REGISTER, "expired"): N_("This document was issued here. Its term has ended."),
    (Proof.REGISTER, "annulled"): N_("This document was issued here and annulled since. It is no longer good."),
    (Proof.REGISTER, "replaced"): N_(
        "This document was issued here and replaced by a corrected one. Ask its holder for that one."
    ),
    (Proof.CODE, "annulled"): N_("The code is genuine, but this document was annulled since. It is no longer good."),
    (Proof.CODE, "replaced"): N_(
        "The code is genuine, but this document was replaced by a corrected one. Ask its holder for that one."
    ),
    (Proof.FILE, "annulled"): N_("This file is the document as it was issued, but it was annulled since. It is no longer good."),
    (Proof.FILE, "replaced"): N_(
        "This file is the document as it was issued, but it was replaced by a corrected one. Ask its holder for that one."
    ),
    (Proof.REGISTER, "unknown"): N_(
        "No document was issued here with this number, date and check code. Compare them with the paper."
    ),
    (Proof.CODE, "valid"): N_(
        "The code is genuine: this document was issued here and is in force. Only the code was checked: "
        "compare what it says with the paper."
    ),
    (Proof.CODE, "expired"): N_(
        "The code is genuine: this document was issued here. Its term has ended. Only the code was checked: "
        "compare what it says with the paper."
    ),
    (Proof.CODE, "unknown"): N_(
        "The code is genuine, but the register does not have this document. Ask the post that is named on it."
    ),
    (Proof.CODE, "not_genuine"): N_("This code is not ours. Do not rely on this paper, and ask the post that is named on it."),
    (Proof.CODE, "no_code"): N_(
        "No code could be read. Take the picture again from above, in good light and near enough, with one whole code in it. "
        "Or type the number, the date of issue and the check code."
    ),
    (Proof.FILE, "valid"): N_("This file is the document as it was issued, unchanged, and the document is in force."),
    (Proof.FILE, "expired"): N_("This file is the document as it was issued, unchanged. The term of the document has ended."),
    (Proof.FILE, "unknown"): N_(
        "The file is signed, but the register does not have this document. Ask the post that is named on it."
    ),
    (Proof.FILE, "altered"): N_(
        "This file was changed after it was signed. Do not rely on it: ask its holder for the original file."
    ),
    (Proof.FILE, "not_genuine"): N_("The signature of this file, or the code in it, is not ours. Do not rely on it."),
}
_NOTHING_OF_OURS = N_("This file carries no signature and no code of ours. Do not rely on it.")
_WORDS_OF_UNSIGNED_PDF = {
    "valid": N_(
        "This PDF carries no signature of ours, and anything in it may have been changed. The code in it is genuine: the "
        "document that it names was issued here and is in force. Compare what the code says with the paper, line by line."
    ),
    "expired": N_(
        "This PDF carries no signature of ours, and anything in it may have been changed. The code in it is genuine: the "
        "document that it names was issued here, and its term has ended. Compare what the code says with the paper, line by line."
    ),
    "annulled": N_(
        "This PDF carries no signature of ours. The code in it is genuine, but the document that it names was annulled since. "
        "It is no longer good."
    ),
    "replaced": N_(
        "This PDF carries no signature of ours. The code in it is genuine, but the document that it names was replaced by a "
        "corrected one. Ask its holder for that one."
    ),
    "not_genuine": _NOTHING_OF_OURS,
    "no_code": _NOTHING_OF_OURS,
}
_IN_PREPARATION = N_("The document is being prepared.")
_STATES = {
    "ordered": _IN_PREPARATION,
    "numbered": _IN_PREPARATION,
    "valid": N_("Issued and in force"),
    "expired": N_("Issued; its term has ended"),
    "annulled": N_("Annulled: no longer good"),
    "replaced": N_("Replaced by a corrected document: no longer good"),
    "failed": N_("The document could not be prepared yet. The post has been told; nothing is lost."),
}


def answer(request: Request, found: Found, entry: RegisterEntry | None = None) -> VerificationAnswer:
    """entry: what the register has of it. The holder is told only to those who hold a genuine seal with the name in it."""
    texts: Texts = request.app.state.texts
    language, now = language_of(request), request.app.state.runtime.clock.now()
    status = found.fault or _standing(entry, now) or "unknown"
    words = (found.unsigned_pdf and _WORDS_OF_UNSIGNED_PDF.get(status)) or _WORDS[found.proof, status]
    said = texts.translate(words, language)
    told = VerificationAnswer(status=status, text=said, checked=found.proof, unsigned_pdf=found.unsigned_pdf, as_of=now)
    if found.fault or entry is None or (printed := entry.numbering) is None:
        return told
    facts = {
        "kind": texts.translate(KINDS[PaperKind(printed.kind)].title, language),
        "number": printed.number,
        "issued_on": printed.issued_on,
        "valid_until": printed.valid_until,
        "post": (entry.post_names or {}).get(language),
        "holder": HolderOnPaper.of(found.sealed) if found.sealed else None,
    }
    return told.model_copy(update=facts)


def title_of(request: Request, entry: RegisterEntry) -> str | None:
    texts: Texts = request.app.state.texts
    title = title_words(entry)
    return texts.translate(title, language_of(request)) if title else None


def title_words(entry: RegisterEntry) -> str | None:
    """A msgid: what the paper is called; None until it has a number, which is when its kind is fixed."""
    given = entry.numbering
    return KINDS[PaperKind(given.kind)].title if given else None


def state_of(request: Request, entry: RegisterEntry) -> str:
    texts: Texts = request.app.state.texts
    return texts.translate(state_words(entry, request.app.state.runtime.clock.now()), language_of(request))


def state_words(entry: RegisterEntry, now: datetime) -> str:
    """A msgid."""
    return _STATES[_standing(entry, now) or entry.state.value]


def _standing(entry: RegisterEntry | None, now: datetime) -> str | None:
    """valid, expired, annulled or replaced; None for what is not issued."""
    if entry is None or entry.numbering is None or entry.state is not EntryState.ISSUED:
        return None
    if entry.revoked is not None:
        return entry.revoked.value
    last_day = entry.numbering.valid_until
    return "expired" if last_day and now > term_end(last_day) else "valid"
