"""The base of every published event. Events carry ids and facts, never names, contacts or document numbers."""

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

EVENTS: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """A fact in the past tense. New fields must be optional; a rename or removal needs a new major version beside it.

    subject_id: the aggregate it is about; sequence: that aggregate's version after the change, so that an event
    that arrives late or twice can be told from a new one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: ClassVar[str]  # routing key: "<aggregate>.<past>.v<major>"
    sequence: int
    occurred_at: AwareDatetime

    @property
    def subject_id(self) -> str:
        raise NotImplementedError

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)  # type: ignore[arg-type]
        if declared := cls.__dict__.get("type"):
            if declared in EVENTS:
                raise TypeError(f"event type {declared} is declared twice")
            EVENTS[declared] = cls
