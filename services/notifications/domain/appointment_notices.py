"""What people read about appointments and draws: subject, e-mail, SMS. {moment} is the local date and time at the post."""

from shared.texts import N_

APPOINTMENT_NOTICES: dict[str, tuple[str, str, str]] = {
    "appointment_booked": (
        N_("Appointment {reference} booked"),
        N_(
            "Your appointment {reference} at the consular post is booked: {moment}, local time of the post.\n\n"
            "Please bring your passport and the papers that your account names. "
            "We will ask you before that day whether you will come."
        ),
        N_("Appointment {reference} is booked: {moment}, local time of the post. Bring your passport."),
    ),
    "appointment_confirmation": (
        N_("Appointment {reference}: will you come?"),
        N_(
            "You have an appointment {reference} at the consular post: {moment}, local time of the post.\n\n"
            "Please confirm in your account that you will come, or give the time back so that somebody else can have it. "
            "Without an answer the time is given to somebody else."
        ),
        N_("Will you come to appointment {reference}, {moment}? Please say so in your account, or the time is given away."),
    ),
    "appointment_cancelled": (
        N_("Appointment {reference} cancelled"),
        N_(
            "Your appointment {reference}, {moment}, has been cancelled as you wished.\n\n"
            "You can book another at any time. If this was not you, please tell the consular post."
        ),
        N_("Appointment {reference}, {moment}, is cancelled as you wished. You can book another in your account."),
    ),
    "appointment_cancelled_by_post": (
        N_("Appointment {reference}: the post had to cancel it"),
        N_(
            "The consular post had to cancel your appointment {reference}, {moment}. We are sorry.\n\n"
            "Please choose another time in your account."
        ),
        N_("The post had to cancel appointment {reference}, {moment}. Please choose another time in your account."),
    ),
    "appointment_freed": (
        N_("Appointment {reference}: the time was given back"),
        N_(
            "You did not say whether you would come to appointment {reference}, {moment}, "
            "so the time was given back for somebody else.\n\n"
            "You can book another at any time."
        ),
        N_("You did not answer, so the time of appointment {reference}, {moment}, was given back. You can book another."),
    ),
    "appointment_offered": (
        N_("A time became free: {reference}"),
        N_(
            "You are on a waiting list, and a time became free: {moment}, local time of the post. Number {reference}.\n\n"
            "It is kept for you for a few hours. Please take it in your account before that, or it goes to the next person."
        ),
        N_("A time became free: {moment}. Number {reference}. Take it in your account within hours, or it goes to the next."),
    ),
    "draw_passed_over": (
        N_("Draw of appointments: entry {reference} got no time"),
        N_(
            "The times were drawn, and entry {reference} got none. You are on the waiting list in the order of the draw, "
            "and are told as soon as a time becomes free.\n\n"
            "Everything about the draw is published: anybody can check that it was fair."
        ),
        N_("The draw is done: entry {reference} got no time. You are on the waiting list in the order of the draw."),
    ),
}
