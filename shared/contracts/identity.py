"""Events published by the identity service."""

from typing import ClassVar

from shared.contracts.base import Event


class SignInCodeRequested(Event):
    """Somebody asked for a one-time code. To whom it goes, and the code, are asked from identity while the challenge lives."""

    type: ClassVar[str] = "sign_in_code.requested.v1"
    challenge_id: str
    channel: str  # email or sms

    @property
    def subject_id(self) -> str:
        return self.challenge_id


class OfficerInvited(Event):
    """An officer was invited, or is to set new credentials. To whom the link goes, and the link, are asked from identity."""

    type: ClassVar[str] = "officer.invited.v1"
    invitation_id: str

    @property
    def subject_id(self) -> str:
        return self.invitation_id


class PersonAssured(Event):
    """What is known of who a citizen is. level: counter-seen or e-id; self-asserted where what an officer said was taken back."""

    type: ClassVar[str] = "person.assured.v1"
    person_id: str
    level: str

    @property
    def subject_id(self) -> str:
        return self.person_id


class PersonErased(Event):
    """A person is to be erased: applications destroys what it keeps about them, or says what holds it back; the others follow it.

    sequence: the how-manieth request of this person: one that was taken back may be made again.
    """

    type: ClassVar[str] = "person.erased.v1"
    person_id: str

    @property
    def subject_id(self) -> str:
        return self.person_id


class PersonErasureWithdrawn(Event):
    """A person takes the request of that sequence back. Applications says whether that came in time."""

    type: ClassVar[str] = "person.erasure_withdrawn.v1"
    person_id: str

    @property
    def subject_id(self) -> str:
        return self.person_id


class RightsRequestAnswered(Event):
    """A request about one's own personal data has its answer, which is read in the account. kind: correction or erasure."""

    type: ClassVar[str] = "rights_request.answered.v1"
    request_id: str
    person_id: str
    reference: str
    kind: str

    @property
    def subject_id(self) -> str:
        return self.request_id
