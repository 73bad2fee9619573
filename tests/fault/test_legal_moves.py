"""A case makes legal moves only: random acts by random people, beside a model of the rules that shares nothing with the code."""

from copy import deepcopy
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from shared.actors import Assurance, Citizen, Officer
from shared.errors import DomainError
from tests.support.faults import Counts
from tests.unit.applications.cases import ANSWERS, AT, CITIZEN, FORMATS, POST, POWER, REGISTRATION, RETURN, draft

SERVICES = (REGISTRATION, RETURN, POWER)
STEPS_OF_ONE = 40
REFUSALS = {REGISTRATION: "card-missing-or-wrong", RETURN: "valid-passport-held", POWER: "powers-unclear"}
NOTE, BLANK = "proposal-needs-another-look", "СВ-1234567"
FILE = Attachment("f", "image/png", 1, "0" * 64, AT)
OTHER_FILE = Attachment("g", "application/pdf", 2, "1" * 64, AT)
APPROVED_TO = {REGISTRATION: "approved", RETURN: "awaiting_blank", POWER: "awaiting_visit"}
NEEDS_FILE = (REGISTRATION, POWER)
OFFICERS = ("o1", "o2", "o3")
POSTS = ("yek",) * 9 + ("ist",)
ROLES = tuple(frozenset(roles.split()) for roles in ("intake", "deciding", "head", "intake deciding", "intake deciding head"))
USUAL = {  # so that lives get far; in a third of the steps anything is tried
    "draft": ("save_answers", "attach", "submit"),
    "submitted": ("claim",),
    "in_review": ("propose_approval", "propose_approval", "propose_refusal", "release"),
    "proposed": ("approve", "approve", "refuse", "send_back"),
    "awaiting_blank": ("record_blank",),
    "awaiting_visit": ("record_identity_check",),
    "approved": ("mark_ready", "note_issue_problem"),
    "ready": ("record_handover", "mark_ready"),
}


@dataclass
class Model:
    """The rules as a person would tell them. What is not said here is forbidden."""

    service: str
    status: str = "draft"
    answers: str = ""  # which of the two sets
    file: str = ""
    holder: str | None = None
    proposal: tuple[str, str] | None = None  # outcome, by whom
    document: str = ""
    known: bool = False  # an officer has seen the citizen's papers

    def after(self, act: str, by: Citizen | Officer | None, what: str) -> "Model | str":
        """The case after that act; "same" where it is allowed and changes nothing; "refused"."""
        if isinstance(by, Citizen):
            allowed = by.id == CITIZEN.id and self._citizen(act, what)
        elif isinstance(by, Officer):
            seen = by.post_id == "yek" and self.status not in ("draft", "expired")
            allowed = seen and self._officer(act, by, what)
        else:
            allowed = self._system(act, what)
        if not allowed:
            return "refused"
        return allowed if isinstance(allowed, Model) else "same"

    def _citizen(self, act: str, what: str) -> "Model | bool":
        if act == "withdraw":
            return self.status in ("submitted", "in_review", "proposed") and self._with(status="withdrawn")
        if self.status != "draft":
            return False
        if act == "save_answers":
            return self.answers == what or self._with(answers=what)
        if act == "attach":
            return self._with(file=what)
        return bool(self.answers and (self.file or self.service not in NEEDS_FILE)) and self._with(status="submitted")

    def _officer(self, act: str, by: Officer, what: str) -> "Model | bool":
        reviews, decides = by.roles & {"intake", "deciding"}, by.roles & {"deciding", "head"}
        mine = self.holder == by.id
        match self.status, act:
            case "submitted", "claim":
                return bool(reviews) and self._with(status="in_review", holder=by.id)
            case "in_review", "release":
                return (mine or "head" in by.roles) and self._with(status="submitted", holder=None)
            case "in_review", "propose_approval":
                return bool(reviews and mine) and self._with(status="proposed", proposal=("approve", by.id))
            case "in_review", "propose_refusal":
                return bool(reviews and mine) and self._with(status="proposed", proposal=("refuse", by.id))
            case "proposed", "approve" | "refuse" | "send_back":
                return bool(decides) and self._decision(act, by)
            case "awaiting_blank", "record_blank":
                return self._with(status="approved")
            case "awaiting_visit", "record_identity_check":
                return self._with(status="approved")
            case "ready", "record_handover":
                return self.service != REGISTRATION and self.known and self._with(status="handed_over")
        return False

    def _decision(self, act: str, by: Officer) -> "Model | bool":
        assert self.proposal is not None
        outcome, proposer = self.proposal
        if by.id in (self.holder, proposer):
            return False
        if act == "send_back":
            return self._with(status="in_review", proposal=None)
        status = APPROVED_TO[self.service] if act == "approve" else "refused"
        return act == outcome and self._with(status=status)

    def _system(self, act: str, what: str) -> "Model | bool":
        match self.status, act:
            case "draft", "expire":
                return self._with(status="expired", answers="", file="")
            case _, "expire":
                return True
            case "approved", "mark_ready":
                return self._with(status="ready", document=what)
            case (("ready" | "handed_over"), "mark_ready"):
                return self.document == what
            case "approved", "note_issue_problem":
                return self._with()
            case (("ready" | "handed_over"), "note_issue_problem"):
                return True
            case _, "note_undeliverable":
                return self._with()
        return False

    def _with(self, **changed: Any) -> "Model":
        return Model(**{**asdict(self), **changed})


CITIZEN_ACTS = ("save_answers", "attach", "submit", "withdraw")
OFFICER_ACTS = (
    "claim", "release", "propose_approval", "propose_refusal", "approve", "refuse", "send_back",
    "record_blank", "record_identity_check", "record_handover",
)  # fmt: skip
SYSTEM_ACTS = ("mark_ready", "note_issue_problem", "note_undeliverable", "expire")
ACTS = CITIZEN_ACTS + OFFICER_ACTS + SYSTEM_ACTS


def attempt(application: Application, act: str, by: Citizen | Officer | None, what: str) -> Any:
    definition = the_catalogue().service(application.service_id)
    more: dict[str, Any] = {"by": by} if by else {}
    if act in ("submit", "propose_refusal", "refuse", "send_back", "record_blank"):
        more["definition"] = definition
    if act == "submit":
        more |= {"post": POST, "formats": FORMATS}
    answers = ANSWERS[application.service_id] | ({"full_name": "Гүлнара Асанова"} if what == "2" else {})
    first: dict[str, tuple[Any, ...]] = {
        "save_answers": (answers,), "attach": (FILE if what == "1" else OTHER_FILE,), "send_back": (NOTE,),
        "propose_refusal": (REFUSALS[application.service_id],), "refuse": (REFUSALS[application.service_id],),
        "record_blank": (BLANK,), "mark_ready": (f"d{what}",), "note_issue_problem": ("reason",),
        "note_undeliverable": ("reason",),
    }  # fmt: skip
    return getattr(application, act)(*first.get(act, ()), at=AT, **more)


def one_act(status: str, chance: Random) -> tuple[str, Citizen | Officer | None, str]:
    act = chance.choice(USUAL[status] if status in USUAL and chance.random() < 0.66 else ACTS)
    by: Citizen | Officer | None = None
    if act in CITIZEN_ACTS:
        by = Citizen(chance.choice([CITIZEN.id] * 4 + ["timur"]))
    elif act in OFFICER_ACTS:
        by = Officer.of_post(chance.choice(OFFICERS), chance.choice(POSTS), chance.choice(ROLES))
    return act, by, chance.choice("12")


def live(application: Application, model: Model, chance: Random, moves: dict[str, int]) -> Model:
    """One step of both. They must agree on whether it is allowed, and on what it leads to."""
    act, by, what = one_act(model.status, chance)
    expected = model.after(act, by, f"d{what}" if act == "mark_ready" else what)
    before = deepcopy(application)
    try:
        done = attempt(application, act, by, what)
    except DomainError:
        assert expected == "refused", (act, by, model)
        assert application == before, "refused, and changed all the same"
        return model
    assert expected != "refused", (act, by, model)
    if not isinstance(expected, Model):
        assert done is None
        assert application == before
        return model
    assert done.sequence == application.version == before.version + 1
    assert (application.status.value, application.claimed_by) == (expected.status, expected.holder), (act, by, model)
    moves[act] = moves.get(act, 0) + 1
    return expected


def test_a_case_makes_legal_moves_only_each_with_the_next_version_and_a_refused_one_changes_nothing(counts: Counts) -> None:
    chance, steps = Random(26), counts.pick(10_000, 100_000)
    moves: dict[str, int] = {}
    for number in range(steps // STEPS_OF_ONE + 1):
        service = SERVICES[number % len(SERVICES)]
        known = chance.random() < 0.75
        application, model = draft(service), Model(service, known=known)
        if known:
            application.assurance = Assurance.COUNTER_SEEN
        for _ in range(STEPS_OF_ONE):
            model = live(application, model, chance, moves)
            counts.attempted += 1
    counts.acknowledged = sum(moves.values())
    counts.notes.append("moves: " + ", ".join(f"{act} {times}" for act, times in sorted(moves.items())))
    assert set(moves) == set(ACTS), "some act never happened: the test looked at less than it says"
    counts.check()
