"""What people read: one notice per thing that happened, as e-mail and SMS, from the catalogues of locale/.

It says what happened, what comes next and the reference. It never carries a PIN, a document's number, a reason of
refusal, or anything about a ban or a death: such things are read in the account, behind the sign-in.
"""

import unicodedata
from dataclasses import dataclass

from services.notifications.domain.appointment_notices import APPOINTMENT_NOTICES
from services.notifications.domain.fee_notices import FEE_NOTICES
from shared.amounts import amount_text
from shared.texts import N_, Texts


@dataclass(frozen=True, slots=True)
class Notice:
    """Msgids. Each may carry {reference}, below the subject those of appointments {moment}, of payments {amount} and {day}."""

    subject: str
    body: str
    sms: str


@dataclass(frozen=True, slots=True)
class Email:
    subject: str
    body: str
    language: str


GREETING = N_("Hello,")
FOOTER = N_(
    "This message was written automatically; please do not answer it. "
    "We never ask for passwords, codes or card details by e-mail or SMS."
)
SPECIMEN = N_("SPECIMEN: this comes from a test system and has no legal force.")
SPECIMEN_MARK = "SPECIMEN"
NO_WORDS = {"moment": "", "amount": "", "day": ""}  # besides the reference: what most notices do not say

NOTICES = {
    "application_received": Notice(
        subject=N_("Application {reference} received"),
        body=N_(
            "We have received your application {reference}.\n\n"
            "An officer of the consular post will look at it. We will write to you when there is a decision. "
            "You can see its state in your account at any time."
        ),
        sms=N_(
            "Your application {reference} has been received. We will write when there is a decision. "
            "Its state is in your account."
        ),
    ),
    "document_in_preparation": Notice(
        subject=N_("Application {reference} approved: your document is being prepared"),
        body=N_(
            "Your application {reference} has been approved. The consular post is preparing your document "
            "on a numbered blank.\n\n"
            "There is nothing you need to do now. We will write to you when the document is ready."
        ),
        sms=N_(
            "Your application {reference} has been approved and your document is being prepared. We will write when it is ready."
        ),
    ),
    "visit_needed": Notice(
        subject=N_("Application {reference} approved: please come to the consular post"),
        body=N_(
            "Your application {reference} has been approved. To finish it, please come to the consular post you "
            "applied to, in person and with your passport: an officer checks your identity before the document "
            "is issued."
        ),
        sms=N_(
            "Your application {reference} has been approved. Please come to the consular post with your passport: "
            "your identity is checked before the document is issued."
        ),
    ),
    "post_closed": Notice(
        subject=N_("Your application {reference} goes on at another post"),
        body=N_(
            "The consular post that had your application {reference} has closed. It goes on at another post, as do any others "
            "that you had there.\n\n"
            "There is nothing you need to do. What you paid, the term and your papers stay as they were. Which post it is stands "
            "in your account."
        ),
        sms=N_(
            "The post that had your application {reference} has closed. It goes on at another one, which stands in your account."
        ),
    ),
    "term_extended": Notice(
        subject=N_("Application {reference}: the consular post needs more time"),
        body=N_(
            "The law lets the consular post take more time for your application {reference}, and it has done so.\n\n"
            "The reason, and the day by which you will have an answer, are in your account. There is nothing you need to do."
        ),
        sms=N_(
            "The post takes more time for your application {reference}, as the law allows. Why and until when is in your account."
        ),
    ),
    "being_made_elsewhere": Notice(
        subject=N_("Application {reference} approved: what you applied for is being made"),
        body=N_(
            "Your application {reference} has been approved. What you applied for is made by another body, and the consular "
            "post passes it on.\n\n"
            "There is nothing you need to do now. We will write to you when it has arrived at the post."
        ),
        sms=N_(
            "Your application {reference} has been approved. Another body makes what you applied for. "
            "We will write when it has arrived at the post."
        ),
    ),
    "papers_requested": Notice(
        subject=N_("Application {reference}: the consular post needs something from you"),
        body=N_(
            "The consular post looked at your application {reference} and marked what is missing or unclear.\n\n"
            "Open it in your account: it says what to change and until when. You change only what is marked, and hand it "
            "in again."
        ),
        sms=N_("The consular post needs something for your application {reference}. What, and until when, is in your account."),
    ),
    "papers_request_ended": Notice(
        subject=N_("Application {reference}: the post goes on"),
        body=N_(
            "The consular post no longer waits for changes to your application {reference}, and goes on with what it has.\n\n"
            "You need not do anything. You can write to the post in your account."
        ),
        sms=N_("The consular post no longer waits for changes to your application {reference}, and goes on with what it has."),
    ),
    "confirm_anew": Notice(
        subject=N_("Application {reference}: the other person must confirm it anew"),
        body=N_(
            "The consular post no longer waits for changes to your application {reference}, and goes on with what it has.\n\n"
            "You changed answers that another person had confirmed before. Ask them to open the code that you gave them, and to "
            "confirm it anew from their account: before that, it cannot be approved. If they have no code, or somebody else must "
            "confirm it now, get a code for them on the page of your application."
        ),
        sms=N_("The other person must confirm your changed application {reference} anew: before that, it cannot be approved."),
    ),
    "confirm_anew_and_pay": Notice(
        subject=N_("Application {reference}: a further fee, and the other person must confirm it anew"),
        body=N_(
            "The consular post no longer waits for changes to your application {reference}, and goes on with what it has.\n\n"
            "You changed answers that another person had confirmed before. Ask them to open the code that you gave them, and to "
            "confirm it anew from their account: before that, it cannot be approved. If they have no code, or somebody else must "
            "confirm it now, get a code for them on the page of your application.\n\n"
            "By what you changed, a further fee is to be paid. Sign in to your account: it says how much, and how to pay."
        ),
        sms=N_(
            "Application {reference}: the other person must confirm it anew, and a further fee is to be paid. Sign in to see it."
        ),
    ),
    "handed_in_again": Notice(
        subject=N_("Application {reference}: your changes have arrived"),
        body=N_(
            "We have received what you changed in your application {reference}. The consular post goes on with it.\n\n"
            "You can see its state in your account at any time."
        ),
        sms=N_("We have received what you changed in your application {reference}. The consular post goes on with it."),
    ),
    "other_confirmed": Notice(
        subject=N_("Application {reference}: the other person confirmed it"),
        body=N_(
            "The person whom you asked has confirmed your application {reference}.\n\n"
            "It counts only once you hand it in: sign in to your account, look at it, and send it. "
            "If you change an answer before that, they must confirm it once more."
        ),
        sms=N_("The other person confirmed your application {reference}. It counts once you hand it in: sign in and send it."),
    ),
    "other_confirmed_anew": Notice(
        subject=N_("Application {reference}: the other person confirmed it anew"),
        body=N_(
            "The person whom you asked has confirmed what you changed in your application {reference}.\n\n"
            "You need not do anything: it is with the consular post. You can see its state in your account at any time."
        ),
        sms=N_("The other person confirmed your changed application {reference}. You need not do anything: the post has it."),
    ),
    "other_declined": Notice(
        subject=N_("Application {reference}: the other person said no"),
        body=N_(
            "The person whom you asked has not confirmed your application {reference}.\n\n"
            "What you have filled in stays. Talk to them, or ask the consular post what else is possible."
        ),
        sms=N_("The other person did not confirm your application {reference}. What you have filled in stays."),
    ),
    "with_another_body": Notice(
        subject=N_("Application {reference}: another body was asked"),
        body=N_(
            "The consular post has asked another body about your application {reference}, and waits for its answer.\n\n"
            "There is nothing you need to do now. How long it takes, the post cannot say for sure."
        ),
        sms=N_(
            "The consular post has asked another body about your application {reference}, and waits for its answer. You "
            "need not do anything."
        ),
    ),
    "arrived_at_post": Notice(
        subject=N_("What you applied for in {reference} has arrived"),
        body=N_(
            "What you applied for in your application {reference} has arrived at the consular post.\n\n"
            "Your account says how you receive it."
        ),
        sms=N_(
            "What you applied for in your application {reference} has arrived at the consular post. Your account says how "
            "you receive it."
        ),
    ),
    "sent_by_mail": Notice(
        subject=N_("What you applied for in {reference} was sent to you"),
        body=N_(
            "What you applied for in your application {reference} was sent to you by mail.\n\n"
            "Tell the consular post if it does not arrive."
        ),
        sms=N_(
            "What you applied for in your application {reference} was sent to you by mail. Tell the consular post if it "
            "does not arrive."
        ),
    ),
    "document_corrected": Notice(
        subject=N_("Application {reference}: your document is issued anew"),
        body=N_(
            "A mistake was found in the document of your application {reference}. It is corrected and issued anew, and "
            "the earlier document is no longer good.\n\n"
            "Your account says what you need to do. We will write to you when the new one is ready."
        ),
        sms=N_(
            "A mistake was found in the document of your application {reference}. It is issued anew, and the earlier one "
            "is no longer good."
        ),
    ),
    "document_annulled": Notice(
        subject=N_("Application {reference}: your document was annulled"),
        body=N_(
            "The document of your application {reference} was annulled and is no longer good. Please do not use it.\n\n"
            "The reason and what you can do are in your account. You may ask the consular post to explain it."
        ),
        sms=N_("The document of your application {reference} was annulled and is no longer good. The reason is in your account."),
    ),
    "message_from_post": Notice(
        subject=N_("The consular post wrote to you about {reference}"),
        body=N_(
            "The consular post wrote to you about your application {reference}.\n\nYou can read it and answer in your account."
        ),
        sms=N_("The consular post wrote to you about your application {reference}. Read it and answer in your account."),
    ),
    "original_kept": Notice(
        subject=N_("Application {reference}: the post holds a paper of yours"),
        body=N_(
            "The consular post took in an original paper of yours for your application {reference}, and keeps it until it "
            "is given back.\n\n"
            "Which one, you see in your account."
        ),
        sms=N_("The consular post took in an original paper of yours for {reference}. Which one, you see in your account."),
    ),
    "original_returned": Notice(
        subject=N_("Application {reference}: a paper was given back"),
        body=N_(
            "An original paper that the consular post held for your application {reference} was given back to you.\n\n"
            "If you did not get it, please tell the post."
        ),
        sms=N_(
            "A paper that the consular post held for {reference} was given back to you. If you did not get it, please "
            "tell the post."
        ),
    ),
    "original_in_pouch": Notice(
        subject=N_("Application {reference}: a paper of yours travels"),
        body=N_(
            "An original paper of yours was sent on with the diplomatic pouch for your application {reference}.\n\n"
            "We will write to you when the pouch has arrived."
        ),
        sms=N_("A paper of yours was sent on with the diplomatic pouch for {reference}. We will write when it has arrived."),
    ),
    "original_arrived": Notice(
        subject=N_("Application {reference}: a paper of yours has arrived"),
        body=N_(
            "The diplomatic pouch with an original paper of yours for your application {reference} has arrived.\n\n"
            "Your account says who has it now."
        ),
        sms=N_("The diplomatic pouch with a paper of yours for {reference} has arrived. Your account says who has it now."),
    ),
    "application_refused": Notice(
        subject=N_("Decision on application {reference}"),
        body=N_(
            "The consular post has decided not to grant your application {reference}.\n\n"
            "The decision, its reason and what you can do next are in your account. If something is unclear, "
            "you may ask the post to explain it."
        ),
        sms=N_(
            "Your application {reference} was decided: it was not granted. "
            "The reason and what you can do next are in your account."
        ),
    ),
    "application_withdrawn": Notice(
        subject=N_("Application {reference} withdrawn"),
        body=N_(
            "Your application {reference} has been withdrawn at your request, and work on it has ended.\n\n"
            "If this was not you, please tell the consular post. You can apply again at any time."
        ),
        sms=N_(
            "Your application {reference} has been withdrawn at your request. If this was not you, please tell the consular post."
        ),
    ),
    "draft_expired": Notice(
        subject=N_("Draft {reference} closed"),
        body=N_(
            "Your draft application {reference} was not handed in and has been closed. "
            "What you had typed has been deleted.\n\n"
            "You can start a new application at any time."
        ),
        sms=N_("Your draft application {reference} was not handed in and has been closed. You can start a new one at any time."),
    ),
    "document_ready": Notice(
        subject=N_("The document for application {reference} is ready"),
        body=N_(
            "The document for your application {reference} is ready.\n\n"
            "Sign in to your account to see it and how to receive it. Whoever you show it to can check that it is "
            "genuine with the code printed on it."
        ),
        sms=N_(
            "The document for your application {reference} is ready. Sign in to your account to see it and how to receive it."
        ),
    ),
    "rights_request_answered": Notice(
        subject=N_("Your request {reference} about your data: there is an answer"),
        body=N_(
            "There is an answer to your request {reference} about your personal data.\n\n"
            "It is in your account, under My data, with what you can do if you do not agree with it. "
            "If you did not make this request, please tell the consular post."
        ),
        sms=N_("There is an answer to your request {reference} about your data. It is in your account, under My data."),
    ),
}


NOTICES |= {notice: Notice(*texts) for notice, texts in (APPOINTMENT_NOTICES | FEE_NOTICES).items()}


CODE_SUBJECT = N_("Your code to sign in to Eshik")
CODE_BODY = N_(
    "Your code: {code}\n\n"
    "Enter it on the page where you asked for it. It is good once, for ten minutes, and only in that browser. "
    "Tell it to nobody: we never ask for it by telephone or message.\n\n"
    "If you did not ask for a code, you need do nothing."
)
CODE_SMS = N_("{code}: your code for Eshik, good for 10 minutes. Tell it to nobody.")


INVITATION_SUBJECT = N_("You are invited to Eshik as an officer")
INVITATION_BODY = N_(
    "Somebody who gives roles at your post has invited you to work in Eshik, or lets you set your password anew.\n\n"
    "Open this link to choose a password and to set up an authenticator. It is good once, for three days:\n\n{link}\n\n"
    "Give it to nobody: whoever opens it first can act in your name. If you did not expect this, tell the head of your post."
)


class Wording:
    """Puts a notice into words. specimen: every message says that it comes from a test system."""

    def __init__(self, texts: Texts, *, specimen: bool) -> None:
        self._texts, self._specimen = texts, specimen

    def email(self, notice: str, *, language: str, **words: str) -> Email:
        return self.composed_email(NOTICES[notice].subject, NOTICES[notice].body, language=language, **NO_WORDS | words)

    def code_email(self, code: str, *, language: str) -> Email:
        """The subject does not hold the code: it shows on locked screens."""
        subject = self._texts.translate(CODE_SUBJECT, language)
        return self._email(subject, self._texts.translate(CODE_BODY, language, code=code), language)

    def invitation_email(self, link: str, *, language: str) -> Email:
        """No sender asks for a password: the officer chooses one behind the link."""
        return self.composed_email(INVITATION_SUBJECT, INVITATION_BODY, language=language, link=link)

    def composed_email(self, subject: str, body: str, *, language: str, **params: str | int) -> Email:
        said = [self._texts.translate(msgid, language, **params) for msgid in (subject, body)]
        return self._email(said[0], said[1], language)

    def code_sms(self, code: str, *, language: str) -> str:
        return self._sms(self._texts.translate(CODE_SMS, language, code=code))

    def _email(self, subject: str, body: str, language: str) -> Email:
        parts = [self._texts.translate(GREETING, language), body, self._texts.translate(FOOTER, language)]
        if self._specimen:
            subject = f"[{SPECIMEN_MARK}] {subject}"
            parts.append(self._texts.translate(SPECIMEN, language))
        return Email(_composed(subject), _composed("\n\n".join(parts) + "\n"), language)

    def sms(self, notice: str, *, language: str, **words: str) -> str:
        return self._sms(self._texts.translate(NOTICES[notice].sms, language, **NO_WORDS | words))

    def amount(self, amount_minor: int, currency: str, *, language: str) -> str:
        return amount_text(amount_minor, currency, language, self._texts)

    def _sms(self, text: str) -> str:
        return _composed(f"{SPECIMEN_MARK}. {text}" if self._specimen else text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)  # Й as two code points costs room and breaks old phones
