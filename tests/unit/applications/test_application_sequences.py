"""Any acts of any officers in any order: only legal moves happen, and nobody approves what they hold or proposed."""

from collections import Counter
from random import Random
from typing import Any, ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st

from services.applications.catalogue import the_catalogue
from services.applications.domain.attachments import Attachment
from shared.actors import Citizen, Officer
from shared.errors import DomainError
from tests.unit.applications.cases import ANSWERS, AT, CITIZEN, FORMATS, POST, POWER, REGISTRATION, RETURN, draft

# written by hand, not derived from the code: (act, status before) -> status after
LEGAL = {
    ("save_answers", "draft"): "draft",
    ("attach", "draft"): "draft",
    ("submit", "draft"): "submitted",
    ("expire", "draft"): "expired",
    ("withdraw", "submitted"): "withdrawn",
    ("withdraw", "in_review"): "withdrawn",
    ("withdraw", "proposed"): "withdrawn",
    ("claim", "submitted"): "in_review",
    ("release", "in_review"): "submitted",
    ("propose_approval", "in_review"): "proposed",
    ("propose_refusal", "in_review"): "proposed",
    ("send_back", "proposed"): "in_review",
    ("refuse", "proposed"): "refused",
    ("approve", "proposed"): {REGISTRATION: "approved", RETURN: "awaiting_blank", POWER: "awaiting_visit"},
    ("record_blank", "awaiting_blank"): "approved",
    ("record_identity_check", "awaiting_visit"): "approved",
    ("mark_ready", "approved"): "ready",
    ("record_handover", "ready"): {RETURN: "handed_over", POWER: "handed_over"},
    ("note_issue_problem", "approved"): "approved",
}
REASON = {REGISTRATION: "card-missing-or-wrong", RETURN: "valid-passport-held", POWER: "powers-unclear"}
EVERYTHING = frozenset({"intake", "deciding", "head"})
ROLES = [EVERYTHING, EVERYTHING, frozenset({"intake"}), frozenset({"deciding"}), frozenset({"head"})]
BY_CITIZEN = ["save_answers", "attach", "submit", "withdraw"]
BY_OFFICER = ["claim", "release", "propose_approval", "propose_refusal", "send_back", "refuse", "approve"]
BY_OFFICER += ["record_blank", "record_identity_check", "record_handover"]
BY_SYSTEM = ["mark_ready", "note_issue_problem", "expire"]
ANY = BY_CITIZEN + BY_OFFICER + BY_SYSTEM
USUAL = {  # so that lives get far; all else is tried too, in a third of the steps
    "draft": ["save_answers", "attach", "submit"],
    "submitted": ["claim"],
    "in_review": ["propose_approval", "propose_approval", "propose_refusal"],
    "proposed": ["approve", "approve", "refuse", "send_back"],
}


def one_step(status: str, chance: Random) -> tuple[str, Citizen, Officer]:
    name = chance.choice(USUAL[status] if status in USUAL and chance.random() < 0.66 else ANY)
    officer = Officer.of_post(chance.choice(["o1", "o2", "o3"]), chance.choice(["yek"] * 8 + ["nov"]), chance.choice(ROLES))
    return name, chance.choice([CITIZEN, CITIZEN, Citizen("timur")]), officer


class Life:
    """An application, and what happened to it, kept apart from it."""

    reached: ClassVar[Counter[str]] = Counter()

    def __init__(self, service_id: str) -> None:
        self.application, self.service_id = draft(service_id), service_id
        self.definition = the_catalogue().service(service_id)
        self.took: set[str] = set()
        self.proposed = ""

    def live(self, name: str, citizen: Citizen, officer: Officer) -> None:
        before, version = self.application.status.value, self.application.version
        by: Any = citizen if name in BY_CITIZEN else officer
        try:
            act = self._attempt(name, by)
        except DomainError:
            act = None
        after = self.application.status.value
        if act is None:
            assert (after, self.application.version) == (before, version)
            return
        legal = LEGAL[(name, before)]
        assert after == (legal[self.service_id] if isinstance(legal, dict) else legal)
        assert act.sequence == self.application.version == version + 1
        self.reached[name] += 1
        self.proposed = {"propose_approval": "approve", "propose_refusal": "refuse"}.get(name, self.proposed)
        if name == "release":  # it is nobody's again, and whoever takes it next proposes anew
            self.took.clear()
        if name in ("claim", "propose_approval", "propose_refusal"):
            self.took.add(by.id)
        if name in ("approve", "refuse"):
            assert name == self.proposed
        if name in ("approve", "refuse", "send_back"):
            assert by.id not in self.took
            assert by.post_id == "yek"
            assert by.roles & {"deciding", "head"}

    def _attempt(self, name: str, by: Any) -> Any:
        more: dict[str, Any] = {} if name in BY_SYSTEM else {"by": by}
        first: tuple[Any, ...] = ()
        if name in ("propose_refusal", "refuse", "send_back", "record_blank", "submit"):
            more["definition"] = self.definition
        match name:
            case "save_answers":
                first = (ANSWERS[self.service_id],)
            case "attach":
                first = (Attachment("f", "image/png", 1, "0" * 64, AT),)
            case "submit":
                more |= {"post": POST, "formats": FORMATS}
            case "propose_refusal" | "refuse":
                first = (REASON[self.service_id],)
            case "send_back":
                first = ("proposal-needs-another-look",)
            case "record_blank":
                first = ("СВ-1234567",)
            case "mark_ready" | "note_issue_problem":
                first = ("d1",)
        return getattr(self.application, name)(*first, at=AT, **more)


@given(st.sampled_from([REGISTRATION, RETURN, POWER]), st.randoms(use_true_random=True))
@settings(max_examples=300, deadline=None)
def live(service_id: str, chance: Random) -> None:
    life = Life(service_id)
    for _ in range(60):
        life.live(*one_step(life.application.status.value, chance))


def test_only_legal_moves_happen_and_nobody_decides_what_they_took_or_proposed() -> None:
    Life.reached.clear()
    live()
    assert set(Life.reached) == {name for name, _ in LEGAL}  # else the test looked at less than it says
