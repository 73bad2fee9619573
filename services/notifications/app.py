"""Composition root of notifications."""

from pathlib import Path

from fastapi import FastAPI

from services.notifications.api import own_data
from services.notifications.api.messages import router
from services.notifications.channels.email import EmailChannel, SmtpServer
from services.notifications.channels.sms import SmsChannel
from services.notifications.config import NotificationsSettings
from services.notifications.contacts import Contacts
from services.notifications.digests import TermDigests, digest_job_kinds
from services.notifications.domain.wording import Wording
from services.notifications.event_handlers import HANDLERS
from services.notifications.invitations import Invitations, invitation_job_kinds
from services.notifications.jobs import MessageJobs, job_kinds
from services.notifications.ledger import MessagesAccount
from services.notifications.retention import retention
from services.notifications.schema import INDEXES
from services.notifications.sign_in_codes import SignInCodes, code_job_kinds
from shared.runtime import Runtime
from shared.texts import Texts
from shared.web import holds
from shared.web.app import build_app
from shared.web.at_work import AskWork
from shared.web.calls import ServiceCalls


def create_app(settings: NotificationsSettings | None = None) -> FastAPI:
    settings = settings or NotificationsSettings()
    texts = Texts.load(Path(__file__).parent / "locale")
    identity = ServiceCalls(
        settings, name="notifications", base_url=settings.identity_url, audience="identity", scope="contacts:read"
    )
    codes = ServiceCalls(settings, name="notifications", base_url=settings.identity_url, audience="identity", scope="codes:read")
    work = AskWork(settings, "notifications")
    server = SmtpServer.parse(settings.smtp_url.get_secret_value())
    sms = SmsChannel(settings.sms_gateway_url, timeout_s=settings.sms_timeout_s)
    contacts = Contacts(identity)
    wording = Wording(texts, specimen=settings.local_stack)
    email = EmailChannel(server, sender=settings.sender, timeout_s=settings.smtp_timeout_s)
    # runtime.transactions is there once the runtime has started, before the first job
    messages = MessageJobs(lambda: runtime.transactions, contacts, wording, email, sms)
    sign_in_codes = SignInCodes(codes, wording, email, sms, lambda: runtime.clock)
    invitations = Invitations(codes, wording, email, lambda: runtime.clock)
    address = settings.service_urls.get("applications")
    terms = (
        ServiceCalls(settings, name="notifications", base_url=address, audience="applications", scope="terms:read")
        if address
        else None
    )
    digests = TermDigests(terms, identity, contacts, wording, email, lambda: runtime.transactions)
    jobs = {**job_kinds(messages), **code_job_kinds(sign_in_codes), **invitation_job_kinds(invitations)}
    jobs |= digest_job_kinds(digests)
    runtime = Runtime("notifications", settings, handlers=HANDLERS, jobs=jobs, indexes=INDEXES, retention=retention())

    async def close(_app: FastAPI) -> None:
        await sms.aclose()
        await identity.close()
        await codes.close()
        await work.close()
        if terms:
            await terms.close()

    async def begin(_app: FastAPI) -> None:
        runtime.keep("digests", digests.keep_scheduled)

    app = build_app(
        runtime,
        title="Eshik notifications",
        texts=texts,
        routers=[router, own_data.router, holds.routes(holds.nothing_of_its_own)],
        on_start=begin,
        on_stop=close,
        accounts=lambda db, now, span: (MessagesAccount(db, now, span),),
    )
    app.state.contacts = contacts
    app.state.at_work = work
    return app
