"""The term of a case: with which rules its clock starts, and by how much it may be extended."""

from datetime import datetime

from services.applications.domain.calendars import Calendar
from services.applications.domain.errors import InvalidReason
from services.applications.domain.legal_clock import CaseClock, Extension, Rules, holidays_kept, opening_kept, started
from services.applications.domain.service_definition import ClockRule, Reason, ServiceDefinition
from services.applications.domain.status import Status
from shared.errors import NotAllowedNow
from shared.texts import N_

AS_THE_RULE_SAYS = "as-the-rule-says"


class NoClockRuns(NotAllowedNow):
    code = "no-clock-runs"
    message = N_("No term is running for this application.")


class MayNotBeExtended(NotAllowedNow):
    code = "may-not-be-extended"
    message = N_("The term of this service cannot be extended, or not by so much more.")


class TermIsOver(NotAllowedNow):
    code = "term-is-over"
    message = N_("The term is over. It could have been extended only before its last day ended.")


def clock_for(definition: ServiceDefinition, calendar: Calendar, *, status: Status, post_id: str, at: datetime) -> CaseClock:
    """As the case is handed in, by the calendar of its post. status: what it has then."""
    rule, term = definition.clock, definition.term
    working = term.day_kind == "working" or definition.term_extension is not None or _only_in_hours(rule)
    rules = Rules(
        zone=calendar.zone.key,
        days=term.days,
        day_kind=term.day_kind,
        week=tuple(sorted(calendar.week)),
        holidays=holidays_kept(calendar, at) if working else (),
        known_until=calendar.known_until.isoformat() if term.day_kind == "working" else None,
        starts=rule.starts if rule else "submission",
        stops_for_citizen=rule.stops_for_citizen if rule else True,
        stops_for_body=rule.stops_for_body if rule else True,
        ends=rule.ends if rule else "decision",
        opening=opening_kept(calendar) if _only_in_hours(rule) else (),
    )
    return started(rules, status=status, post_id=post_id, at=at)


def extension_reasons(definition: ServiceDefinition) -> tuple[Reason, ...]:
    """For which the law lets the term be extended. Empty: it cannot be."""
    extension = definition.term_extension
    if extension is None:
        return ()
    if definition.clock and definition.clock.extension_reasons:
        return definition.clock.extension_reasons
    return (Reason(code=AS_THE_RULE_SAYS, text=_AS_THE_RULE_SAYS, source=extension.source, certainty=extension.certainty),)


def days_to_extend(clock: CaseClock | None, definition: ServiceDefinition) -> int:
    """How many days more it may be extended by."""
    extension = definition.term_extension
    if clock is None or extension is None:
        return 0
    return max(extension.days - sum(each.days for each in clock.extensions), 0)


def must_be_extendable(clock: CaseClock | None, definition: ServiceDefinition, at: datetime) -> CaseClock:
    """Raises NoClockRuns, MayNotBeExtended, TermIsOver."""
    if clock is None or clock.ended_at is not None or clock.stopped:
        raise NoClockRuns
    if not days_to_extend(clock, definition):
        raise MayNotBeExtended
    if at >= clock.overdue_at:
        raise TermIsOver
    return clock


def extended(clock: CaseClock | None, definition: ServiceDefinition, *, days: int, reason: str, at: datetime) -> CaseClock:
    """Raises NoClockRuns, MayNotBeExtended, TermIsOver, InvalidReason."""
    running = must_be_extendable(clock, definition, at)
    extension = definition.term_extension
    if extension is None or days > days_to_extend(running, definition):
        raise MayNotBeExtended
    if reason not in {each.code for each in extension_reasons(definition)}:
        raise InvalidReason("/reason")
    return running.extended(Extension(days, extension.day_kind, reason, at))


def _only_in_hours(rule: ClockRule | None) -> bool:
    return rule is not None and rule.next_morning


_AS_THE_RULE_SAYS = N_("The case that the rule on extending the term names has come up.")
