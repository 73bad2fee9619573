"""What a person reads besides the status: outcomes, acts in the journal, days, and why something went wrong."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response

from shared.actors import Assurance
from shared.contracts.applications import OutcomeKind
from shared.texts import N_, Texts
from shared.web.language import language_of

OUTCOME = {
    OutcomeKind.DIGITAL_DOCUMENT: N_("A signed digital document"),
    OutcomeKind.PRINT_ON_BLANK: N_("A document printed on a numbered blank, collected at the post"),
    OutcomeKind.PREPARED_FOR_VISIT: N_("A document prepared from a distance and issued when you visit the post"),
    OutcomeKind.MADE_ELSEWHERE: N_("Made by another body, and handed over or sent by the post when it has arrived"),
}
ACTION = {
    "application:start": N_("The application was started."),
    "application:save_answers": N_("The answers were saved."),
    "application:attach": N_("A file was attached."),
    "application:invite_cosigner": N_("Another person was asked to confirm it."),
    "application:cosign": N_("The other person confirmed it."),
    "application:decline_to_cosign": N_("The other person said no."),
    "application:assist": N_("An officer helps to fill it in at the counter."),
    "application:confirm_warning": N_("An officer compared what was unusual."),
    "application:detach": N_("A file was taken off."),
    "application:submit": N_("The application was handed in."),
    "application:settle_fee": N_("The fee is settled, and the application went to the post."),
    "application:note_fee": N_("What is owed for the application changed."),
    "application:take_back_payment": N_("A payment was taken back, and does not count any more."),
    "application:remind_of_fee": N_("The citizen was told that the last day to pay comes."),
    "application:lapse": N_("The fee was not paid in time, and the application was closed."),
    "application:hand_in_again": N_("What the post asked for was changed and handed in again."),
    "application:withdraw": N_("The application was taken back."),
    "application:write_to_post": N_("The citizen wrote to the post."),
    "application:expire": N_("The draft was closed because it was left for too long."),
    "application:claim": N_("An officer took the application for review."),
    "application:release": N_("An officer gave the application back, so that another one can take it."),
    "application:request_papers": N_("The post asked for papers or changes."),
    "application:take_back_request": N_("The post took its question back."),
    "application:request_ran_out": N_("The time for what was asked for is over. The post goes on with what it has."),
    "application:ask_body": N_("Another body was asked."),
    "application:note_body_answer": N_("The answer of the other body was recorded."),
    "application:write_to_citizen": N_("The post wrote to the citizen."),
    "application:assign": N_("The head of the post gave the application to an officer."),
    "application:claim_ran_out": N_("Nobody worked on it for a while, so it waits for another officer."),
    "application:move": N_("The post was closed, and the application went on at another one."),
    "application:move_to_queue": N_("The post was closed, and the application waits for an officer at another one."),
    "application:propose": N_("The reviewing officer proposed a decision."),
    "application:propose_approval": N_("The reviewing officer proposed to approve."),
    "application:propose_refusal": N_("The reviewing officer proposed to refuse."),
    "application:refer": N_("The decision was given to another post or to the ministry."),
    "application:send_back": N_("The deciding officer sent it back for another look."),
    "application:approve": N_("The application was approved."),
    "application:refuse": N_("The application was refused."),
    "application:record_blank": N_("The number of the blank was recorded."),
    "application:record_identity_check": N_("The identity was checked at the counter."),
    "application:record_arrival": N_("What another body made arrived at the post."),
    "application:record_handover": N_("The document was handed over at the counter."),
    "application:record_sent": N_("The document was sent by mail."),
    "application:keep_original": N_("An original paper was taken in by the post."),
    "application:return_original": N_("An original paper was given back."),
    "application:put_in_pouch": N_("Papers of this case were sent with the diplomatic pouch."),
    "application:note_pouch_arrived": N_("The pouch with papers of this case arrived."),
    "application:correct": N_("A mistake in the issued document is corrected, and it is issued anew."),
    "application:annul": N_("What was issued was annulled."),
    "application:mark_ready": N_("The document was issued."),
    "application:note_issue_problem": N_("Issuing the document ran into a problem."),
    "application:note_term": N_("The time for the answer runs out."),
    "application:extend_term": N_("The term was extended."),
    "application:note_undeliverable": N_("A message about the application could not be delivered."),
}
LOOKED_AT = {
    "application:view": N_("Your application with its answers"),
    "application:view_journal": N_("What happened to your application"),
    "application:view_fee": N_("What you owe and have paid for your application"),
    "application:view_correspondence": N_("What you and the post wrote to each other, and your originals"),
    "application:view_attachment": N_("The file that you attached"),
    "application:view_at_counter": N_("Your draft, by the officer who filled it in with you at the counter"),
    "application:view_to_confirm": N_("Your answers, by the person whom you asked to confirm them"),
    "dossier:read": N_("What is printed on the document"),
    "post:find_case": N_("Your application was looked up by its reference"),
    "post:find_people": N_("Your application was found by a search for a person"),
}
# why something went wrong, by the codes of the other services; whoever runs the system finds the code in its log
PROBLEM = {
    "unprintable-text": N_("An answer has a sign that cannot be printed."),
    "dossier-not-found": N_("The answers could not be read."),
    "address-not-supported": N_("The e-mail address cannot be used."),
    "outcome-unknown": N_("Nobody can say whether the message arrived."),
}
MINISTRY = N_("The ministry")
CONTACT_IS_ENOUGH = N_("You can apply now. An e-mail address or a telephone number is enough.")
KNOWN_WHEN = {  # what must be known of who the citizen is: the level, and when
    (Assurance.COUNTER_SEEN, "submission"): N_("Before you hand it in, an officer must have seen you with your papers once."),
    (Assurance.COUNTER_SEEN, "handover"): N_(
        "You can apply now. Your papers are seen at the counter, before you get the document."
    ),
    (Assurance.E_ID, "submission"): N_("Before you hand it in, you must have signed in with the national e-ID."),
    (Assurance.E_ID, "handover"): N_(
        "You can apply now. Before you get the document, you must have signed in with the national e-ID."
    ),
}
HELD_BY_YOU = N_("You")
ISSUING_FAILED = N_("The document could not be made. Whoever runs the system must look at it.")
NOT_DELIVERED = N_("The message was not taken. Tell the citizen in another way if it matters.")
WORKING_DAYS = N_("{days} working days")
CALENDAR_DAYS = N_("{days} calendar days")
NO_FEE = N_("Free of charge")
ESTIMATED = N_("An estimate: the holidays of that time are not known yet.")
ILLUSTRATIVE = N_("Illustrative: no official source was found for this value. Ask the post.")


class Wording:
    """Texts for the one who asks, in their language. Read it in a route, not before: signing in may set the language."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.texts: Texts = request.app.state.texts
        self._spoken: str | None = None

    @property
    def now(self) -> datetime:
        now: datetime = self._request.app.state.runtime.clock.now()
        return now

    @property
    def language(self) -> str:
        return language_of(self._request)

    def __call__(self, msgid: str, **params: str | int) -> str:
        if self._spoken is None:  # a route speaks often, and nobody signs in meanwhile
            self._spoken = self.language
        return self.texts.translate(msgid, self._spoken, **params)


async def _told(request: Request, response: Response) -> Wording:
    wording = Wording(request)
    response.headers["Content-Language"] = wording.language
    response.headers["Vary"] = "Accept-Language"
    return wording


Worded = Annotated[Wording, Depends(_told)]
