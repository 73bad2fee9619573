"""The payment provider: where a citizen is sent, whether a word is really the provider's, and its list of a day.

What passes between us and the provider is signed with one secret (HMAC-SHA-256). It is told of no person: a number of our own, an
amount, and where to lead the browser back to.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.applications.config import Settings
from services.applications.domain.fee_account import Checkout
from services.applications.domain.fee_errors import ProviderAway, SignatureWrong
from services.applications.use_cases.fees.take_provider_word import ProviderWord
from shared.jobs.job import GiveUp, RetryLater
from shared.web.moments import Moment
from shared.web.tls import authorities

HEADER = "Eshik-Payment-Signature"
TOLERANCE_S = 300  # older words are not believed, however well they are signed
REPORT_TIMEOUT_S = 10
MOST_LISTED = 20_000
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class Word(BaseModel):
    """What the provider sends about one payment, and lists of a day."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    payment: str = Field(pattern=r"^[A-Za-z0-9_-]{4,64}$")
    checkout: str = Field(pattern=r"^[A-Za-z0-9_-]{4,64}$")
    state: str = Field(pattern=r"^(succeeded|failed|refunded)$")
    amount_minor: int = Field(ge=0, le=10**12)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    sequence: int = Field(ge=1, le=2**31)
    paid_at: Moment

    def as_command(self) -> ProviderWord:
        return ProviderWord(**self.model_dump())


_WORDS = TypeAdapter(list[Word])


@dataclass(frozen=True, slots=True)
class Provider:
    """url: where a browser is sent; api_url: where its list is read; pages_url: where the browser comes back to."""

    url: str
    api_url: str
    pages_url: str
    secret: bytes

    @classmethod
    def of(cls, settings: Settings) -> "Provider | None":
        """None: nobody can pay online here."""
        secret = settings.payment_secret.get_secret_value()
        if not (settings.payment_url and secret):
            return None
        url = settings.payment_url.rstrip("/")
        return cls(url, (settings.payment_api_url or url).rstrip("/"), settings.pages_url.rstrip("/"), secret.encode())

    def address(self, checkout: Checkout, language: str) -> str:
        """Where the citizen pays: all that the provider needs to know is in it, and signed; unsigned the language of its page."""
        asked = {
            "checkout": checkout.id,
            "amount": str(checkout.amount_minor),
            "currency": checkout.currency,
            "return": f"{self.pages_url}/applications/{checkout.case_id}/fee?from=payment",
        }
        return f"{self.url}/pay?{urlencode(asked | {'signature': sign(self.secret, link_text(asked)), 'language': language})}"

    def read_word(self, header: str, body: bytes, *, at: datetime) -> Word:
        """Raises SignatureWrong, also for a word that is older or newer than TOLERANCE_S; ValidationError."""
        found = _SIGNATURE.fullmatch(header.strip())
        if found is None or not hmac.compare_digest(sign(self.secret, word_text(found[1], body)), found[2]):
            raise SignatureWrong
        if abs(at.timestamp() - int(found[1])) > TOLERANCE_S:
            raise SignatureWrong
        return Word.model_validate_json(body)

    async def words_of(self, day: date) -> list[Word]:
        """All payments of one day (UTC) as they stand now. Raises RetryLater, GiveUp where it is no list of payments."""
        path = f"/payments/{day.isoformat()}"
        headers = {HEADER: sign(self.secret, path.encode())}
        try:
            async with httpx.AsyncClient(timeout=REPORT_TIMEOUT_S, trust_env=False, verify=authorities()) as client:
                answer = await client.get(self.api_url + path, headers=headers)
        except httpx.HTTPError:
            raise RetryLater("payment-provider-away") from None
        if not answer.is_success:
            raise RetryLater(f"payment-provider-{answer.status_code}")
        try:
            return _WORDS.validate_json(answer.content)[:MOST_LISTED]
        except ValidationError:
            raise GiveUp("payment-list-unreadable") from None


def must_be_there(provider: Provider | None) -> Provider:
    """Raises ProviderAway."""
    if provider is None:
        raise ProviderAway
    return provider


def sign(secret: bytes, text: bytes) -> str:
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def link_text(asked: dict[str, str]) -> bytes:
    return "\n".join(f"{name}={asked[name]}" for name in ("checkout", "amount", "currency", "return")).encode()


def word_text(moment: str, body: bytes) -> bytes:
    return moment.encode() + b"." + body
