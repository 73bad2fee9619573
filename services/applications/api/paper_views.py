"""Papers and their files as people read them, citizens and officers alike."""

from collections.abc import Mapping
from datetime import date

from services.applications.api import paper_schemas as schemas
from services.applications.api.wording import Wording
from services.applications.domain.application import Application
from services.applications.domain.attachments import STOPPING, Attachment, paper_pointer
from services.applications.domain.papers import PaperRule
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.uploads.limits import the_limits
from shared.texts import N_

FINDING: Mapping[str, str] = {
    **STOPPING,
    "photo-blurred": N_("The photo looks blurred. If the face is not sharp, take it again."),
    "photo-dark-background": N_("The background looks dark. It must be plain and bright."),
    "photo-busy-background": N_("The background does not look plain. Stand before a bright wall, without shadows."),
    "pdf-had-actions": N_("This PDF had scripts or actions in it. They are not in the copy that is shown."),
}


def paper_list(application: Application, definition: ServiceDefinition, day: date, say: Wording) -> schemas.PaperList:
    """day: today at the post."""
    limits = the_limits()
    return schemas.PaperList(
        papers=paper_views(application, definition, day, say),
        files=len(application.attachments),
        most_files=limits.files_a_case.value,
        bytes=sum(each.size for each in application.attachments),
        most_bytes=limits.bytes_a_case.value,
        version=application.version,
    )


def paper_views(application: Application, definition: ServiceDefinition, day: date, say: Wording) -> list[schemas.PaperView]:
    """Of an erased case no file is named."""
    there = () if application.is_erased else application.attachments
    return [_paper(paper, there, application.answers, day, say) for paper in definition.all_papers]


def _paper(
    paper: PaperRule, there: tuple[Attachment, ...], answers: Mapping[str, str], day: date, say: Wording
) -> schemas.PaperView:
    photo = paper.photo
    return schemas.PaperView(
        code=paper.code,
        pointer=paper_pointer(paper.code),
        label=say(paper.label),
        hint=say(paper.hint) if paper.hint else None,
        bring=paper.bring,
        required=paper.required,
        needed=paper.is_needed(answers, day),
        media_types=list(paper.media_types),
        max_bytes=the_limits().accepted(paper).most_bytes,
        photo=schemas.PhotoView(width_mm=photo.width_mm, height_mm=photo.height_mm, least_pixels=photo.least_pixels)
        if photo
        else None,
        files=[_file(each, say) for each in there if each.paper == paper.code],
    )


def _file(attachment: Attachment, say: Wording) -> schemas.FileView:
    findings = [
        schemas.FindingView(code=code, text=say(FINDING[code]), stops=code in STOPPING)
        for code in attachment.findings
        if code in FINDING
    ]
    return schemas.FileView(
        id=attachment.id,
        media_type=attachment.media_type,
        size=attachment.size,
        sha256=attachment.sha256,
        stored_at=attachment.stored_at,
        findings=findings,
        marked=attachment.marked_id is not None,
        rebuilt=attachment.shown_size > 0,
    )
