"""What people read about the fee of an application: subject, e-mail, SMS. {amount} is of money, {day} a date at the post."""

from shared.texts import N_

FEE_NOTICES: dict[str, tuple[str, str, str]] = {
    "fee_to_be_paid": (
        N_("Application {reference} received: a fee is to be paid"),
        N_(
            "We have received your application {reference}. A consular fee is to be paid for it.\n\n"
            "In your account you see what it is made up of, and where you can pay. The fee is paid before the service."
        ),
        N_("Application {reference} received. A fee is to be paid: your account says how much and where."),
    ),
    "fee_settled": (
        N_("Application {reference}: the fee is settled"),
        N_(
            "Nothing more is owed for your application {reference}.\n\n"
            "There is nothing you need to do now. You can see its state in your account at any time."
        ),
        N_("Nothing more is owed for your application {reference}. Its state is in your account."),
    ),
    "payment_taken_back": (
        N_("Application {reference}: a payment was taken back, please pay again"),
        N_(
            "A payment of {amount} for your application {reference} was taken back, and does not count any more. The fee is to "
            "be paid again. Until it is paid, no document is made or handed over.\n\n"
            "In your account you see how much is to be paid now, and where: online, or at the consular post. If you do not know "
            "why the payment was taken back, ask the post, or your bank if you paid online."
        ),
        N_(
            "A payment of {amount} for application {reference} was taken back. Pay again: no document is made before that. Your "
            "account says how much and where."
        ),
    ),
    "payment_taken_back_until": (
        N_("Application {reference}: a payment was taken back, please pay again"),
        N_(
            "A payment of {amount} for your application {reference} was taken back, and does not count any more. Please pay the "
            "fee again by {day}. After that day the application is closed, and what you filled in is deleted.\n\n"
            "In your account you see how much is to be paid now, and where: online, or at the consular post. If you do not know "
            "why the payment was taken back, ask the post, or your bank if you paid online."
        ),
        N_(
            "A payment of {amount} for application {reference} was taken back. Pay again by {day}, or it is closed. Your account "
            "says how much and where."
        ),
    ),
    "payment_taken_back_only": (
        N_("Application {reference}: a payment was taken back"),
        N_(
            "A payment of {amount} for your application {reference} was taken back, and does not count any more.\n\n"
            "Nothing is to be paid for this application now. You can see its state in your account at any time."
        ),
        N_("A payment of {amount} for application {reference} was taken back. Nothing is to be paid for it now."),
    ),
    "fee_runs_out": (
        N_("Application {reference}: the fee is still to be paid"),
        N_(
            "Nothing has been paid yet for your application {reference}. The consular post does not wait for it much longer.\n\n"
            "Your account says how much is to be paid, where, and by which day. After that day the application is closed, and "
            "what you filled in is deleted."
        ),
        N_(
            "Nothing is paid yet for application {reference}. Your account says by which day; after it the application is closed."
        ),
    ),
    "fee_expired": (
        N_("Application {reference} closed: the fee was not paid"),
        N_(
            "The fee for your application {reference} was not paid in time, and it has been closed. "
            "What you had filled in has been deleted.\n\n"
            "Please do not pay it any more. You can start a new application at any time."
        ),
        N_("The fee for application {reference} was not paid in time, and it has been closed. You can start a new one."),
    ),
    "further_fee": (
        N_("Application {reference}: a further fee is to be paid"),
        N_(
            "By what you changed in your application {reference}, a further fee is to be paid. The consular post goes on with "
            "it, and issues the document once that is paid.\n\n"
            "In your account you see what it is made up of, and where you can pay."
        ),
        N_("By what you changed in application {reference}, a further fee is to be paid. Your account says how much and where."),
    ),
}
