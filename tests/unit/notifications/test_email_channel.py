"""E-mail against real servers: what became of a message is said exactly, above all whether a second try is safe."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from services.notifications.channels.email import EmailChannel, SmtpServer, UnusableSmtpUrl
from services.notifications.channels.outcomes import Accepted, NotHandedOver, Outcome, Rejected, Uncertain
from services.notifications.domain.wording import Email
from tests.unit.notifications.smtp_servers import Mailbox, Script, mail_server, scripted_server

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LETTER = Email("Арыз YEK-1 келип түштү", "Саламатсызбы!\n\n.бир чекит менен башталган сап\n.\nбүттү\n", "ky")


async def send(
    port: int, *, to: str = "aida@citizen.example", user: str = "", timeout_s: float = 10, letter: Email = LETTER
) -> Outcome:
    channel = EmailChannel(
        SmtpServer.parse(f"smtp://{user}127.0.0.1:{port}"),
        sender="Эшик <no-reply@eshik.example>",
        timeout_s=timeout_s,
    )
    return await channel.send(notification_id="n-1", to=to, email=letter, at=AT)


async def test_a_letter_arrives_whole_with_its_own_message_id() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as port:
        assert await send(port) == Accepted()

    (envelope,) = mailbox.kept
    assert isinstance(envelope.content, bytes)
    letter = email.message_from_bytes(envelope.content, policy=default)
    assert isinstance(letter, EmailMessage)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@eshik.example", ["aida@citizen.example"])
    assert letter["Message-ID"] == "<n-1@eshik.example>"
    assert letter["From"] == "Эшик <no-reply@eshik.example>"
    assert letter["Subject"] == LETTER.subject
    assert letter["Date"].datetime == AT
    assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "ky")
    assert letter.get_content().replace("\r\n", "\n") == LETTER.body


async def test_a_subject_loses_no_space_wherever_its_line_is_broken() -> None:
    subjects = [f"[SPECIMEN] YEK-26-3C3WFJJT {'а' * n} келип түштү: жыйым төлөнүшү керек" for n in range(1, 30)]
    mailbox = Mailbox()
    async with mail_server(mailbox) as port:
        for subject in subjects:
            assert await send(port, letter=Email(subject, "", "ky")) == Accepted()

    arrived = [envelope.content for envelope in mailbox.kept if isinstance(envelope.content, bytes)]
    assert [email.message_from_bytes(content, policy=default)["Subject"] for content in arrived] == subjects
    assert max(len(line) for content in arrived for line in content.splitlines()) <= 78


async def test_the_same_letter_sent_twice_is_the_same_bytes() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as port:
        await send(port)
        await send(port)

    assert mailbox.kept[0].content == mailbox.kept[1].content


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_a_user_and_password_in_the_address_are_used() -> None:
    seen: list[LoginPassword] = []

    def check(_server: object, _session: object, _envelope: object, _mechanism: str, data: LoginPassword) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data.password == b"p@ss", handled=False)

    mailbox = Mailbox()
    async with mail_server(mailbox, authenticator=check, auth_required=True, auth_require_tls=False) as port:
        assert await send(port, user="eshik:p%40ss@") == Accepted()
        assert await send(port, user="eshik:wrong@") == NotHandedOver("smtp-login-535")

    assert len(mailbox.kept) == 1


async def test_nobody_listening_means_nothing_was_handed_over() -> None:
    async with mail_server(Mailbox()) as port:
        pass

    assert await send(port) == NotHandedOver("smtp-connect-failed")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (Script(greeting="421 too busy"), NotHandedOver("smtp-connect-421")),
        (Script(greeting="554 not for you"), NotHandedOver("smtp-connect-554")),
        (Script(greeting=None), NotHandedOver("smtp-connect-failed")),
        (Script(greeting=""), NotHandedOver("smtp-connect-timeout")),
        (Script(answers={"MAIL": "451 later"}), NotHandedOver("smtp-sender-451")),
        (Script(answers={"MAIL": "550 we do not know you"}), NotHandedOver("smtp-sender-550")),
        (Script(answers={"MAIL": None}), NotHandedOver("smtp-sender-failed")),
        (Script(answers={"RCPT": "450 mailbox busy"}), NotHandedOver("smtp-recipient-450")),
        (Script(answers={"RCPT": "550 no such mailbox"}), Rejected("smtp-recipient-550")),
        (Script(answers={"RCPT": ""}), NotHandedOver("smtp-recipient-timeout")),
        (Script(answers={"DATA": "451 later"}), NotHandedOver("smtp-data-451")),
        (Script(answers={"DATA": "554 no valid recipients"}), Rejected("smtp-data-554")),
        (Script(answers={"DATA": None}), NotHandedOver("smtp-data-failed")),
        (Script(answers={"DATA": ""}), NotHandedOver("smtp-data-timeout")),
    ],
)
async def test_before_the_message_s_own_bytes_the_server_has_nothing(script: Script, expected: Outcome) -> None:
    async with scripted_server(script) as port:
        assert await send(port, timeout_s=1) == expected

    assert script.messages == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("250 kept", Accepted()),
        ("452 disk full", NotHandedOver("smtp-message-452")),
        ("554 looks like spam", Rejected("smtp-message-554")),
        ("299", Accepted()),
        ("999 what", Uncertain("smtp-odd-answer-to-message")),
        ("nonsense", Uncertain("smtp-no-answer-to-message")),
        ("", Uncertain("smtp-no-answer-to-message")),
        (None, Uncertain("smtp-no-answer-to-message")),
    ],
)
async def test_after_the_message_s_bytes_only_an_answer_is_certain(answer: str | None, expected: Outcome) -> None:
    script = Script(end_of_message=answer)
    async with scripted_server(script) as port:
        assert await send(port, timeout_s=1) == expected

    assert len(script.messages) == 1


async def test_a_goodbye_that_fails_does_not_change_what_was_said_about_the_message() -> None:
    async with scripted_server(Script(answers={"QUIT": None})) as port:
        assert await send(port) == Accepted()


async def test_a_recipient_refused_by_a_real_server_is_final() -> None:
    mailbox = Mailbox(rcpt_answer="550 no such mailbox")
    async with mail_server(mailbox) as port:
        assert await send(port) == Rejected("smtp-recipient-550")

    assert mailbox.kept == []


@pytest.mark.parametrize("address", ["аида@citizen.example", "a@b.example\r\nRCPT TO:<c@d.example>", "", "no-at-sign", "a@b@c"])
async def test_an_address_that_cannot_be_written_in_smtp_is_never_tried(address: str) -> None:
    script = Script()
    async with scripted_server(script) as port:
        assert await send(port, to=address) == Rejected("address-not-supported")

    assert script.heard == []


async def test_starttls_is_a_must_where_the_address_says_so() -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox) as port:
        channel = EmailChannel(SmtpServer.parse(f"smtp+starttls://127.0.0.1:{port}"), sender="a@eshik.example")
        outcome = await channel.send(notification_id="n-1", to="aida@citizen.example", email=LETTER, at=AT)

    assert outcome == NotHandedOver("smtp-tls-failed")
    assert mailbox.kept == []


@pytest.mark.parametrize("url", ["http://mail.example", "mail.example:25", "smtp://"])
def test_an_address_that_is_not_a_mail_server_s_stops_the_start(url: str) -> None:
    with pytest.raises(UnusableSmtpUrl):
        SmtpServer.parse(url)
