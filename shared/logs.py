"""Structured logs: one JSON object a line on stdout, a static event name, keywords beside it, never personal data."""

import logging
import sys
from collections.abc import MutableMapping
from io import TextIOWrapper
from typing import Any

import structlog

from shared.tracing import current_trace


def configure_logs(service: str, level: str) -> None:
    """Send our own and the libraries' records through one pipe. Errors of libraries are named by class, without their text."""
    number = logging.getLevelNamesMapping()[level.upper()]
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what cannot be written must not end whoever says it
    logging.basicConfig(stream=sys.stdout, level=max(number, logging.WARNING), format="%(message)s", force=True)
    logging.getLogger().handlers[0].setFormatter(_LibraryFormatter(service))
    for name in ("uvicorn", "uvicorn.error"):  # its own handler would write whole tracebacks, with the texts of errors
        server = logging.getLogger(name)
        server.handlers, server.propagate, server.level = [], True, max(number, logging.WARNING)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        processors=[
            _where(service),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception_without_text,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )


def _where(service: str) -> structlog.typing.Processor:
    def add(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        if running := current_trace.get():
            event["correlation_id"], event["trace_id"] = running.correlation_id, running.trace_id
        return event

    return add


def _exception_without_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep classes and places; an exception's text may quote what a person typed."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info
    places: list[str] = []
    while isinstance(error, BaseException):
        traceback, place = error.__traceback__, ""
        while traceback:
            place = f"{traceback.tb_frame.f_code.co_filename.rpartition('/eshik/')[2]}:{traceback.tb_lineno}"
            traceback = traceback.tb_next
        places.append(f"{type(error).__name__} at {place}")
        error = error.__cause__ or error.__context__
    if places:
        event["exception"] = places[:8]
    return event


class _LibraryFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._render = structlog.processors.JSONRenderer(ensure_ascii=False)
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {"event": "library_log", "service": self._service, "level": record.levelname.lower()}
        event |= {"logger": record.name, "template": str(record.msg)[:200]}  # the template, not what fills it
        if record.exc_info and record.exc_info[0]:
            event["exception"] = record.exc_info[0].__name__
        return str(self._render(None, "", event))
