"""Any acts of any officers in any order: only legal moves happen, and nobody approves what they took or proposed."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Attachment
from services.applications.domain.journal import Act
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
    ("propose_approval", "in_review"): "proposed",
    ("propose_refusal", "in_review"): "proposed",
    ("send_back", "proposed"): "in_review",
    ("refuse", "proposed"): "refused",
    ("approve", "proposed"): {REGISTRATION: "approved", RETURN: "awaiting_blank", POWER: "awaiting_visit"},
    ("record_blank", "awaiting_blank"): "approved",
    ("record_identity_check", "awaiting_visit"): "approved",
    ("mark_ready", "approved"): "ready",
    ("note_issue_problem", "approved"): "approved",
}
ROLES = st.frozensets(st.sampled_from(["intake", "deciding", "head"]))
OFFICERS = st.builds(Officer, st.sampled_from(["o1", "o2", "o3"]), st.sampled_from(["yek", "yek", "yek", "nov"]), ROLES)
CITIZENS = st.sampled_from([CITIZEN, CITIZEN, Citizen("timur")])
REASON = {REGISTRATION: "card-missing-or-wrong", RETURN: "valid-passport-held", POWER: "powers-unclear"}


class Lives(RuleBasedStateMachine):
    @initialize(service_id=st.sampled_from([REGISTRATION, RETURN, POWER]))
    def begin(self, service_id: str) -> None:
        self.application = draft(service_id)
        self.service_id, self.definition = service_id, the_catalogue().service(service_id)
        self.took: set[str] = set()
        self.acts: list[Act] = []

    def attempt(self, name: str, *args: Any, **kwargs: Any) -> None:
        before, version = self.application.status.value, self.application.version
        try:
            act = getattr(self.application, name)(*args, at=AT, **kwargs)
        except DomainError:
            assert (self.application.status.value, self.application.version) == (before, version)
            return
        if act is None:
            assert self.application.status.value == before
            return
        after = LEGAL[(name, before)]
        assert self.application.status.value == (after[self.service_id] if isinstance(after, dict) else after)
        assert act.sequence == self.application.version == version + 1
        self.acts.append(act)
        by: Any = kwargs.get("by")
        if name in ("claim", "propose_approval", "propose_refusal"):
            self.took.add(by.id)
        if name in ("approve", "refuse", "send_back"):
            assert by.id not in self.took
            assert by.post_id == "yek"
            assert by.roles & {"deciding", "head"}

    @rule(by=CITIZENS, act=st.sampled_from(["fill", "attach", "submit", "withdraw"]))
    def citizen_acts(self, by: Citizen, act: str) -> None:
        if act == "fill":
            self.attempt("save_answers", ANSWERS[self.service_id], by=by)
        elif act == "attach":
            self.attempt("attach", Attachment("f", "image/png", 1, "0" * 64, AT), by=by)
        elif act == "submit":
            self.attempt("submit", by=by, definition=self.definition, post=POST, formats=FORMATS)
        else:
            self.attempt("withdraw", by=by)

    @rule()
    def citizen_hands_in(self) -> None:
        for act in ("fill", "attach", "submit"):
            self.citizen_acts(CITIZEN, act)

    @rule(by=OFFICERS, act=st.sampled_from(["claim", "propose_approval", "approve", "record_identity_check"]))
    def officer_acts(self, by: Officer, act: str) -> None:
        self.attempt(act, by=by)

    @rule(by=OFFICERS, act=st.sampled_from(["propose_refusal", "refuse", "send_back"]))
    def officer_says_no(self, by: Officer, act: str) -> None:
        code = "proposal-needs-another-look" if act == "send_back" else REASON[self.service_id]
        self.attempt(act, code, by=by, definition=self.definition)

    @rule(by=OFFICERS)
    def officer_takes_a_blank(self, by: Officer) -> None:
        self.attempt("record_blank", "СВ-1234567", by=by, definition=self.definition)

    @rule(act=st.sampled_from(["mark_ready", "note_issue_problem"]))
    def documents_tell(self, act: str) -> None:
        self.attempt(act, "d1")

    @rule()
    def time_passes(self) -> None:
        if self.application.status.value != "draft" or len(self.acts) > 5:
            self.attempt("expire")

    @invariant()
    def every_act_left_one_entry(self) -> None:
        sequences = [act.sequence for act in getattr(self, "acts", [])]
        assert sequences == list(range(2, len(sequences) + 2))


Lives.TestCase.settings = settings(max_examples=300, stateful_step_count=25, deadline=None)
TestLives = Lives.TestCase
