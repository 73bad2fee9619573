"""Events published by the identity service."""

from typing import ClassVar

from shared.contracts.base import Event


class PersonErased(Event):
    """A person is erased: every service destroys what it keeps about them, or says what holds it back."""

    type: ClassVar[str] = "person.erased.v1"
    person_id: str

    @property
    def subject_id(self) -> str:
        return self.person_id
