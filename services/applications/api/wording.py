"""What a person reads about an application: the status, what happened, what comes next and who holds it."""

from typing import Annotated

from fastapi import Depends, Request, Response

from services.applications.domain.application import Status
from shared.contracts.applications import OutcomeKind
from shared.texts import N_, Texts
from shared.web.language import language_of

STATUS = {
    Status.DRAFT: N_("Draft"),
    Status.SUBMITTED: N_("Received"),  # not "accepted": that reads as a decision
    Status.IN_REVIEW: N_("Under review"),
    Status.PROPOSED: N_("Before the decision"),
    Status.APPROVED: N_("Approved, the document is being issued"),
    Status.AWAITING_BLANK: N_("Approved, to be printed on a blank"),
    Status.AWAITING_VISIT: N_("Approved, waiting for your visit"),
    Status.READY: N_("Ready"),
    Status.REFUSED: N_("Refused (reason given)"),
    Status.WITHDRAWN: N_("Withdrawn"),
    Status.EXPIRED: N_("Closed"),
}
HAPPENED = {
    Status.DRAFT: N_("You started an application. It is not handed in yet."),
    Status.SUBMITTED: N_("Your application has arrived at the post."),
    Status.IN_REVIEW: N_("An officer of the post is looking at your application."),
    Status.PROPOSED: N_("The review is finished. A second officer decides."),
    Status.APPROVED: N_("Your application is approved."),
    Status.AWAITING_BLANK: N_("Your application is approved. The post must take a numbered blank."),
    Status.AWAITING_VISIT: N_("Your application is approved and your document is prepared."),
    Status.READY: N_("Your document is ready."),
    Status.REFUSED: N_("Your application was refused. The reason is given."),
    Status.WITHDRAWN: N_("You took your application back."),
    Status.EXPIRED: N_("The draft was left for too long. What you had typed is deleted."),
}
NEXT = {
    Status.DRAFT: N_("Answer the questions, attach the file, and hand it in."),
    Status.SUBMITTED: N_("An officer of the post takes it for review."),
    Status.IN_REVIEW: N_("The officer proposes a decision, and a second officer decides."),
    Status.PROPOSED: N_("You will be told of the decision."),
    Status.APPROVED: N_("The document is made and signed. You will be told when it is ready."),
    Status.AWAITING_BLANK: N_("The document is printed on the blank. You will be told when it is ready."),
    Status.AWAITING_VISIT: N_(
        "Come to the post with your passport. An officer checks your identity, then the document is issued."
    ),
    Status.REFUSED: N_("You can start a new application when the reason no longer applies."),
    Status.WITHDRAWN: N_("You can start a new application at any time."),
    Status.EXPIRED: N_("You can start a new application at any time."),
}
NEXT_WHEN_READY = {
    OutcomeKind.DIGITAL_DOCUMENT: N_("Download your document."),
    OutcomeKind.PRINT_ON_BLANK: N_("Collect your document at the post."),
    OutcomeKind.PREPARED_FOR_VISIT: N_("Your document was issued at the counter. You can also download it."),
}
ISSUE_PROBLEM = N_("Issuing the document takes longer than usual. The post knows about it, and you need not do anything.")
HOLDER = {  # who has the case: a role at the post, never an officer's name
    Status.DRAFT: ("citizen", N_("You")),
    Status.SUBMITTED: ("intake", N_("Intake of the post")),
    Status.IN_REVIEW: ("intake", N_("The reviewing officer of the post")),
    Status.PROPOSED: ("deciding", N_("The deciding officer of the post")),
    Status.APPROVED: ("issuing", N_("The issuing of documents")),
    Status.AWAITING_BLANK: ("counter", N_("The counter of the post")),
    Status.AWAITING_VISIT: ("citizen", N_("You and the counter of the post")),
    Status.READY: ("citizen", N_("You")),
}
OUTCOME = {
    OutcomeKind.DIGITAL_DOCUMENT: N_("A signed digital document"),
    OutcomeKind.PRINT_ON_BLANK: N_("A document printed on a numbered blank, collected at the post"),
    OutcomeKind.PREPARED_FOR_VISIT: N_("A document prepared from a distance and issued when you visit the post"),
}
ACTION = {
    "application:start": N_("The application was started."),
    "application:save_answers": N_("The answers were saved."),
    "application:attach": N_("A file was attached."),
    "application:submit": N_("The application was handed in."),
    "application:withdraw": N_("The application was taken back."),
    "application:expire": N_("The draft was closed because it was left for too long."),
    "application:claim": N_("An officer took the application for review."),
    "application:propose": N_("The reviewing officer proposed a decision."),
    "application:propose_approval": N_("The reviewing officer proposed to approve."),
    "application:propose_refusal": N_("The reviewing officer proposed to refuse."),
    "application:send_back": N_("The deciding officer sent it back for another look."),
    "application:approve": N_("The application was approved."),
    "application:refuse": N_("The application was refused."),
    "application:record_blank": N_("The number of the blank was recorded."),
    "application:record_identity_check": N_("The identity was checked at the counter."),
    "application:mark_ready": N_("The document was issued."),
    "application:note_issue_problem": N_("Issuing the document ran into a problem."),
    "application:note_undeliverable": N_("A message about the application could not be delivered."),
}
WORKING_DAYS = N_("{days} working days")
CALENDAR_DAYS = N_("{days} calendar days")
NO_FEE = N_("Free of charge")
ESTIMATED = N_("An estimate: holidays are not counted yet.")
ILLUSTRATIVE = N_("Illustrative: no official source was found for this value. Ask the post.")


class Wording:
    """Texts for the one who asks, in their language. Read it in a route, not before: signing in may set the language."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.texts: Texts = request.app.state.texts

    @property
    def language(self) -> str:
        return language_of(self._request)

    def __call__(self, msgid: str, **params: str | int) -> str:
        return self.texts.translate(msgid, self.language, **params)


async def _told(request: Request, response: Response) -> Wording:
    wording = Wording(request)
    response.headers["Content-Language"] = wording.language
    response.headers["Vary"] = "Accept-Language"
    return wording


Worded = Annotated[Wording, Depends(_told)]
