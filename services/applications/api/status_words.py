"""What people read about where an application stands: a citizen about their own, an officer about that of a citizen."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.applications.domain.status import Status
from shared.contracts.applications import OutcomeKind
from shared.texts import N_


@dataclass(frozen=True)
class Voice:
    """{post}: its name, {date}: a day. holder: the role and a text, never an officer's name."""

    status: Mapping[Status, str]
    happened: Mapping[Status, str]
    next: Mapping[Status, str]
    next_owed: Mapping[Status, str]  # instead, where a fee is still to be paid before the document is made
    next_when_ready: Mapping[OutcomeKind, str]
    issue_problem: str
    holder: Mapping[Status, tuple[str, str]]
    happened_alone: Mapping[Status, str]  # these instead, where one officer is enough for the decision
    next_alone: Mapping[Status, str]
    holder_alone: Mapping[Status, tuple[str, str]]
    holder_at_counter: tuple[str, str]  # ready and not digital
    until: Mapping[Status, str]
    until_late: str
    until_paid: str
    unpaid: str
    until_at_counter: str
    until_problem: str


_USUALLY_SOON = N_("Usually within a few minutes.")
_BY_THE_POST = N_("The post owes its answer by {date}.")
_DUE_BY = N_("The answer is due by {date}.")
_NOTHING_TO_DO = N_("Nothing more is to be done.")
_START_AGAIN = N_("You can start a new application at any time.")
_COME_WHEN_OPEN = N_("No date is set: come when the post is open.")
_COMES_WHEN_OPEN = N_("No date is set: the citizen comes when the post is open.")
_PAY_MEANWHILE = N_("Pay the fee: without it the document is not made. Meanwhile the post works on.")
_PAY_FIRST = N_("Pay the fee. Until it is paid, no document is made or handed over.")
_PAY_AFTER = N_("Pay the fee: a payment for it was taken back.")
_NOT_PAID_AFTER = N_("A payment for the fee was taken back. A receipt can be entered at the counter.")
_NOT_PAID = N_("The fee is not paid. Until it is paid, no document is made or handed over.")
_ISSUING = N_("The system, which is making the document")

TO_CITIZEN = Voice(
    status={
        Status.DRAFT: N_("Draft"),
        Status.FEE_DUE: N_("Received, the fee is to be paid"),
        Status.SUBMITTED: N_("Received"),  # not "accepted": that reads as a decision
        Status.IN_REVIEW: N_("Under review"),
        Status.PAPERS_REQUESTED: N_("More papers are needed"),
        Status.WITH_ANOTHER_BODY: N_("With another body"),
        Status.PROPOSED: N_("Before the decision"),
        Status.APPROVED: N_("Approved, the document is being issued"),
        Status.AWAITING_BLANK: N_("Approved, to be printed on a blank"),
        Status.AWAITING_VISIT: N_("Approved, waiting for your visit"),
        Status.AWAITING_ARRIVAL: N_("Approved, being made by another body"),
        Status.READY: N_("Ready"),
        Status.HANDED_OVER: N_("Handed over"),
        Status.SENT: N_("Sent by mail"),
        Status.REFUSED: N_("Refused"),
        Status.WITHDRAWN: N_("Withdrawn"),
        Status.EXPIRED: N_("Closed"),
        Status.ANNULLED: N_("Annulled"),
    },
    happened={
        Status.DRAFT: N_("You started an application. It is not handed in yet."),
        Status.FEE_DUE: N_("Your application has arrived at the post. Its fee is to be paid before the post begins."),
        Status.SUBMITTED: N_("Your application has arrived at the post."),
        Status.IN_REVIEW: N_("An officer of the post is looking at your application."),
        Status.PAPERS_REQUESTED: N_("An officer of the post looked at your application and marked what is missing or unclear."),
        Status.WITH_ANOTHER_BODY: N_("The post has asked another body about your application and waits for its answer."),
        Status.PROPOSED: N_("The review is finished. A second officer decides."),
        Status.APPROVED: N_("Your application is approved."),
        Status.AWAITING_BLANK: N_("Your application is approved. The post prints your document on a numbered blank."),
        Status.AWAITING_VISIT: N_("Your application is approved and your document is prepared."),
        Status.AWAITING_ARRIVAL: N_("Your application is approved. Another body makes what you applied for."),
        Status.READY: N_("Your document is ready."),
        Status.HANDED_OVER: N_("Your document was handed over to you at the post."),
        Status.SENT: N_("Your document was sent to you by mail."),
        Status.REFUSED: N_("Your application was refused. The reason is given."),
        Status.WITHDRAWN: N_("You took your application back."),
        Status.EXPIRED: N_("The draft was left for too long. What you had typed is deleted."),
        Status.ANNULLED: N_("What was issued to you was annulled. The reason is given."),
    },
    next={
        Status.DRAFT: N_("Answer the questions, attach what is asked for, and hand it in."),
        Status.FEE_DUE: N_("Pay the fee. Then an officer of the post takes your application for review."),
        Status.SUBMITTED: N_("An officer of the post takes it for review. You need not do anything."),
        Status.IN_REVIEW: N_("The officer proposes a decision, and a second officer decides. You need not do anything."),
        Status.PAPERS_REQUESTED: N_("Change what is marked, and hand it in again. You need not do anything else anew."),
        Status.WITH_ANOTHER_BODY: N_("The post goes on when the answer has come. You need not do anything."),
        Status.PROPOSED: N_("You will be told of the decision. You need not do anything."),
        Status.APPROVED: N_("The document is made and signed. You will be told when it is ready."),
        Status.AWAITING_BLANK: N_("You will be told when you can collect it."),
        Status.AWAITING_VISIT: N_(
            "Come with your passport to this post: {post}. An officer checks your identity, then the document is issued."
        ),
        Status.AWAITING_ARRIVAL: N_("You will be told when it has arrived at the post. You need not do anything."),
        Status.HANDED_OVER: N_("Nothing more is needed. Anyone can check that the document is real."),
        Status.SENT: N_("Tell the post if it does not arrive."),
        Status.REFUSED: N_("You can start a new application when the reason no longer applies, or ask the post about it."),
        Status.WITHDRAWN: _START_AGAIN,
        Status.EXPIRED: _START_AGAIN,
        Status.ANNULLED: N_("Do not use the document any more. You can ask the post about it."),
    },
    next_owed={
        Status.SUBMITTED: N_(
            "Pay the fee: without it the document is not made. Meanwhile an officer of the post takes it for review."
        ),
        Status.IN_REVIEW: _PAY_MEANWHILE,
        Status.WITH_ANOTHER_BODY: _PAY_MEANWHILE,
        Status.PROPOSED: _PAY_MEANWHILE,
        Status.AWAITING_BLANK: _PAY_MEANWHILE,
        Status.AWAITING_ARRIVAL: _PAY_MEANWHILE,
        Status.AWAITING_VISIT: N_(
            "Pay the fee, and come with your passport to this post: {post}. An officer checks your identity, then the document "
            "is issued."
        ),
        Status.APPROVED: _PAY_FIRST,
        Status.READY: _PAY_FIRST,
        Status.HANDED_OVER: _PAY_AFTER,
        Status.SENT: _PAY_AFTER,
    },
    next_when_ready={
        OutcomeKind.DIGITAL_DOCUMENT: N_("Download your document."),
        OutcomeKind.PRINT_ON_BLANK: N_("Collect it here: {post}. Bring a paper that shows who you are."),
        OutcomeKind.PREPARED_FOR_VISIT: N_("Take it with you at the counter: {post}. You can also download it."),
        OutcomeKind.MADE_ELSEWHERE: N_("It has arrived here: {post}. Collect it, and bring a paper that shows who you are."),
    },
    issue_problem=N_("Issuing the document takes longer than usual. The post knows about it, and you need not do anything."),
    holder={
        Status.DRAFT: ("citizen", N_("You")),
        Status.FEE_DUE: ("citizen", N_("You")),
        Status.SUBMITTED: ("intake", N_("Intake of the post")),
        Status.IN_REVIEW: ("intake", N_("The reviewing officer of the post")),
        Status.PAPERS_REQUESTED: ("citizen", N_("You")),
        Status.WITH_ANOTHER_BODY: ("body", N_("Another body, which the post has asked")),
        Status.PROPOSED: ("deciding", N_("The deciding officer of the post")),
        Status.APPROVED: ("issuing", _ISSUING),
        Status.AWAITING_BLANK: ("counter", N_("The counter of the post")),
        Status.AWAITING_VISIT: ("citizen", N_("You and the counter of the post")),
        Status.AWAITING_ARRIVAL: ("body", N_("The body that makes it")),
        Status.READY: ("citizen", N_("You")),
    },
    happened_alone={Status.PROPOSED: N_("The review is finished. An officer decides.")},
    next_alone={Status.IN_REVIEW: N_("An officer decides when the review is finished. You need not do anything.")},
    holder_alone={},
    holder_at_counter=("counter", N_("The counter of the post, until you collect it")),
    until={
        Status.DRAFT: N_("Hand it in before {date}. After that the draft is closed, and what you typed is deleted."),
        Status.FEE_DUE: N_("The time of the post begins when the fee is paid."),
        Status.SUBMITTED: _BY_THE_POST,
        Status.IN_REVIEW: _BY_THE_POST,
        Status.PAPERS_REQUESTED: N_("The post waits for you."),
        Status.WITH_ANOTHER_BODY: N_("Nobody can say for sure when another body answers."),
        Status.PROPOSED: _BY_THE_POST,
        Status.APPROVED: _USUALLY_SOON,
        Status.AWAITING_BLANK: N_("No date is set for this step."),
        Status.AWAITING_VISIT: _COME_WHEN_OPEN,
        Status.AWAITING_ARRIVAL: N_("No date is set for this step."),
        Status.READY: N_("You can download it at any time."),
    },
    until_late=N_("The answer was due on {date} and is late. You need not do anything, and you may ask the post."),
    until_paid=N_("Pay by {date}. After that the application is closed, and what you typed is deleted."),
    unpaid=N_("The fee was not paid in time, so the application was closed. What you had typed is deleted."),
    until_at_counter=_COME_WHEN_OPEN,
    until_problem=N_("No date is known yet."),
)

TO_OFFICER = Voice(
    status={
        **TO_CITIZEN.status,
        Status.FEE_DUE: N_("Waiting for the fee"),
        Status.SUBMITTED: N_("Waiting for an officer"),
        Status.PAPERS_REQUESTED: N_("Waiting for papers of the citizen"),
        Status.AWAITING_VISIT: N_("Approved, waiting for the citizen's visit"),
        Status.REFUSED: N_("Refused"),
    },
    happened={
        Status.FEE_DUE: N_("The citizen handed in the application. Its fee is not paid yet."),
        Status.SUBMITTED: N_("The citizen handed in the application."),
        Status.IN_REVIEW: N_("An officer took the application for review."),
        Status.PAPERS_REQUESTED: N_("The citizen was asked to change what is marked."),
        Status.WITH_ANOTHER_BODY: N_("Another body was asked, and its answer is awaited."),
        Status.PROPOSED: N_("The review is finished, and a decision is proposed."),
        Status.APPROVED: N_("The application is approved."),
        Status.AWAITING_BLANK: N_("The application is approved. A numbered blank is needed."),
        Status.AWAITING_VISIT: N_("The application is approved, and the document is prepared."),
        Status.AWAITING_ARRIVAL: N_("The application is approved. Another body makes what was applied for."),
        Status.READY: N_("The document is issued."),
        Status.HANDED_OVER: N_("The document was handed over to the citizen."),
        Status.SENT: N_("The document was sent to the citizen by mail."),
        Status.REFUSED: N_("The application was refused, and the citizen is told the reason."),
        Status.WITHDRAWN: N_("The citizen took the application back."),
        Status.ANNULLED: N_("What was issued was annulled, and the citizen is told the reason."),
    },
    next={
        Status.FEE_DUE: N_("When the fee is paid, the case can be taken. A receipt can be entered at the counter."),
        Status.SUBMITTED: N_("An intake or deciding officer takes it for review."),
        Status.IN_REVIEW: N_("The officer who took it compares the answers with the papers and proposes a decision."),
        Status.PAPERS_REQUESTED: N_("When the citizen hands it in again, it goes back to the officer who asked."),
        Status.WITH_ANOTHER_BODY: N_("When the answer has come, record what it says. The review goes on then."),
        Status.PROPOSED: N_("Another officer decides, or sends it back."),
        Status.APPROVED: N_("The document is being made and signed. You need not do anything."),
        Status.AWAITING_BLANK: N_("Take a blank and record its number. The document is then issued for that blank."),
        Status.AWAITING_VISIT: N_(
            "When the citizen comes, compare the passport and record that you checked the identity. The document is then issued."
        ),
        Status.AWAITING_ARRIVAL: N_("When it has arrived at the post, record that. The citizen is then told."),
        Status.HANDED_OVER: _NOTHING_TO_DO,
        Status.SENT: _NOTHING_TO_DO,
        Status.REFUSED: _NOTHING_TO_DO,
        Status.WITHDRAWN: _NOTHING_TO_DO,
        Status.EXPIRED: _NOTHING_TO_DO,
        Status.ANNULLED: _NOTHING_TO_DO,
    },
    next_owed={
        Status.APPROVED: _NOT_PAID,
        Status.READY: _NOT_PAID,
        Status.HANDED_OVER: _NOT_PAID_AFTER,
        Status.SENT: _NOT_PAID_AFTER,
    },
    next_when_ready={
        OutcomeKind.DIGITAL_DOCUMENT: N_("The citizen downloads it. Nothing more is to be done."),
        OutcomeKind.PRINT_ON_BLANK: N_("Print it on the blank, give it to the citizen, and record that you handed it over."),
        OutcomeKind.PREPARED_FOR_VISIT: N_("Print it, give it to the citizen, and record that you handed it over."),
        OutcomeKind.MADE_ELSEWHERE: N_("Give or send it to the citizen, and record which of them you did."),
    },
    issue_problem=N_("Issuing the document failed. Whoever runs the system must look at it; then it is issued."),
    holder={
        Status.FEE_DUE: ("citizen", N_("The citizen, who pays")),
        Status.SUBMITTED: ("intake", N_("Nobody yet")),
        Status.IN_REVIEW: ("intake", N_("The officer who took it")),
        Status.PAPERS_REQUESTED: ("citizen", N_("The citizen")),
        Status.WITH_ANOTHER_BODY: ("body", N_("Another body, which was asked")),
        Status.PROPOSED: ("deciding", N_("A second officer, who decides")),
        Status.APPROVED: ("issuing", _ISSUING),
        Status.AWAITING_BLANK: ("counter", N_("The counter of the post")),
        Status.AWAITING_VISIT: ("citizen", N_("The citizen, who must come to the counter")),
        Status.AWAITING_ARRIVAL: ("body", N_("The body that makes it")),
        Status.READY: ("citizen", N_("The citizen")),
    },
    happened_alone={},
    next_alone={Status.PROPOSED: N_("An officer decides, who may be the one who proposed, or sends it back.")},
    holder_alone={Status.PROPOSED: ("deciding", N_("An officer, who decides"))},
    holder_at_counter=("counter", N_("The counter of the post, until the citizen collects it")),
    until={
        Status.FEE_DUE: N_("The time of the post begins when the fee is paid."),
        Status.SUBMITTED: _DUE_BY,
        Status.IN_REVIEW: _DUE_BY,
        Status.PAPERS_REQUESTED: N_("The post waits for the citizen."),
        Status.WITH_ANOTHER_BODY: N_("Nobody can say for sure when another body answers."),
        Status.PROPOSED: _DUE_BY,
        Status.APPROVED: _USUALLY_SOON,
        Status.AWAITING_BLANK: N_("No date is set. The citizen is waiting for it."),
        Status.AWAITING_VISIT: _COMES_WHEN_OPEN,
        Status.AWAITING_ARRIVAL: N_("No date is set for this step."),
    },
    until_late=N_("The answer was due on {date}. It is late."),
    until_paid=N_("To be paid by {date}. After that the application is closed, where nothing was paid."),
    unpaid=N_("The fee was not paid in time, so the application was closed. What was typed is deleted."),
    until_at_counter=_COMES_WHEN_OPEN,
    until_problem=N_("Until the problem is mended."),
)
