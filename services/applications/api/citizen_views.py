"""Applications as their citizens see them: officers by their role, and nothing of what the post has only proposed."""

from collections.abc import Iterable

from services.applications.api import schemas, views
from services.applications.api.paper_views import paper_views
from services.applications.api.wording import Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.journal import Action
from services.applications.domain.permissions import citizen_may
from services.applications.domain.service_definition import ServiceDefinition
from services.applications.domain.status import Status
from services.applications.queries import Entry, Page
from shared.actors import Citizen
from shared.errors import InvalidInput

_INTERNAL = {Action.PROPOSE_APPROVAL.value, Action.PROPOSE_REFUSAL.value}
_PROPOSE = "application:propose"


def citizen_application(application: Application, citizen: Citizen, say: Wording) -> schemas.CitizenApplication:
    definition = views.definition_of(application)
    is_draft = application.status is Status.DRAFT
    catalogue = the_catalogue()
    post = catalogue.post(application.post_id)
    may = citizen_may(application, citizen, definition=definition, post=post, formats=catalogue.formats, at=say.now)
    return schemas.CitizenApplication(
        **views.status_view(application, say).model_dump(),
        answers=application.answers,
        asked=[field.key for field in views.asked_of(application, definition, say)],
        answer_texts=views.answer_views(application, definition, say),
        attachment=views.attachment_view(application.attachment),
        papers=paper_views(application, definition, views.today_at_post(application, say), say),
        warnings=views.warning_views(application, definition, say),
        missing=_missing(application, citizen, definition, say) if is_draft else [],
        may=list(may),
        draft_closes_at=views.draft_closes_at(application, definition) if is_draft else None,
        second_officer=application.officers_required > 1,
        document_id=application.document_id,
        fee=application.fee.state,
        payment_taken_back_at=application.payment_taken_back_at,
    )


def citizen_page(page: Page, say: Wording) -> schemas.StatusPage:
    return schemas.StatusPage(applications=[views.row_view(row, say) for row in page.rows], next=page.next)


def citizen_journal(entries: Iterable[Entry], say: Wording) -> schemas.CitizenJournal:
    """Who by role only; what was proposed, and why something was sent back, stays inside the post."""
    lines = [views.journal_line(entry, _PROPOSE if entry.action in _INTERNAL else entry.action, say) for entry in entries]
    return schemas.CitizenJournal(entries=lines)


def _missing(application: Application, citizen: Citizen, definition: ServiceDefinition, say: Wording) -> list[schemas.Notice]:
    post, formats = the_catalogue().post(application.post_id), the_catalogue().formats
    try:
        application.must_be_submittable(by=citizen, definition=definition, post=post, formats=formats, at=say.now)
    except InvalidInput as error:
        return [schemas.Notice(pointer=e.pointer, code="missing", text=say(e.message, **e.params)) for e in error.errors]
    return []
