"""From a dossier to the paper: what is issued, and what an officer sees before, are made by this."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.documents.domain.numbers import series
from services.documents.domain.paper import Fact, Holder, Paper, PaperKind, Post, last_day
from services.documents.domain.register_entry import Numbering
from shared.contracts.applications import OutcomeKind
from shared.contracts.http import Dossier

NOT_YET = "••••••"


def paper_of(dossier: Dossier, numbering: Numbering, revision: int, origin: str) -> Paper:
    """Raises UnprintableText."""
    return Paper(
        number=numbering.number,
        kind=PaperKind(numbering.kind),
        revision=revision,
        issued_at=numbering.issued_at,
        issued_on=numbering.issued_on,
        valid_until=numbering.valid_until,
        post=Post(dossier.post_id, dossier.post_names, dossier.post_cities),
        holder=Holder(
            full_name=dossier.holder_name,
            latin_name=dossier.holder_name_latin,
            birth_date=dossier.holder_birth_date,
            citizenship=dossier.holder_citizenship,
            pin=dossier.holder_pin,
        ),
        facts=tuple(Fact(fact.key, fact.label, fact.value) for fact in dossier.facts),
        check_code=numbering.check_code,
        verification_url=origin,
        language=dossier.language,
        blank_number=dossier.blank_number,
    )


def preview_of(dossier: Dossier, at: datetime, origin: str) -> Paper:
    """As it would be issued now, with nothing that only an issued paper has: number, check code, number of the blank.

    Raises UnprintableText.
    """
    at = at.replace(microsecond=0)
    today = day_at_post(dossier, at)
    number = f"{series(dossier.post_id, dossier.document_kind, today.year)}-{NOT_YET}"
    until = last_day(today, dossier.valid_days)
    paper = paper_of(dossier, Numbering(number, NOT_YET, dossier.document_kind, at, today, until), 1, origin)
    awaits_blank = dossier.outcome is OutcomeKind.PRINT_ON_BLANK and not dossier.blank_number
    return replace(paper, blank_number=NOT_YET) if awaits_blank else paper


def day_at_post(dossier: Dossier, at: datetime) -> date:
    """The date printed: that of the post, whose day may have begun already."""
    return at.astimezone(ZoneInfo(dossier.post_time_zone)).date()
