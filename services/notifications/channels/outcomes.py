"""What can become of a message that was handed to a provider. Reasons are codes and never quote the provider."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message and answers for it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider will never take it."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotHandedOver:
    """The provider provably has nothing; trying again is safe."""

    reason: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The message may or may not have left; trying again could send it twice."""

    reason: str


Outcome = Accepted | Rejected | NotHandedOver | Uncertain
