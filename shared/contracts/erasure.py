"""What every service says when it was told that a person is erased: that their data is destroyed, or what holds it."""

from shared.contracts.base import Event


class ErasureAnswered(Event):
    """Base of one event for each service. held_for: kinds of legal holds, with commas; none where the data is destroyed.

    sequence: the how-manieth answer of this service about this person; the last one counts.
    """

    person_id: str
    held_for: str | None = None

    @property
    def subject_id(self) -> str:
        return self.person_id
