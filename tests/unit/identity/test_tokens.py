"""Access tokens: what they say, who can verify them, and that older keys still verify."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from services.identity.domain.access_token import Grant, grant_for
from services.identity.domain.person import Person
from services.identity.domain.session import Session
from services.identity.token_keys import TokenKeys, UnusableKey
from shared.actors import Assurance

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW


def key_files(folder: Path, name: str, curve: ec.EllipticCurve | None = None) -> tuple[Path, Path]:
    key = ec.generate_private_key(curve or ec.SECP256R1())
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def keys(tmp_path: Path) -> TokenKeys:
    return TokenKeys.load(key_files(tmp_path, "now")[0], [], clock=FixedClock())


def a_session(person: Person, *methods: str) -> Session:
    return Session.open("s1", person, methods=methods, assurance=Assurance.SELF_ASSERTED, device="", at=NOW)


def read(token: str, keys: TokenKeys) -> jwt.Token:
    return jwt.decode(token, KeySet.import_key_set(keys.jwks), algorithms=["ES256"])  # type: ignore[arg-type]


def test_an_officer_s_token_names_post_and_roles_and_lives_fifteen_minutes(keys: TokenKeys) -> None:
    officer = Person.officer(id="o1", login="bek", name="Бек", language="ru", post_id="yek", roles=["intake", "deciding"])

    claims = read(
        keys.sign(grant_for(officer, a_session(officer, "pwd", "otp"), "documents", on=NOW.date())).access_token, keys
    ).claims

    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": "eshik-identity",
        "aud": "documents",
        "sub": "o1",
        "kind": "officer",
        "lang": "ru",
        "post": "yek",
        "grants": [["deciding", "yek"], ["intake", "yek"]],
        "sid": "s1",
        "acr": "self-asserted",
        "amr": ["pwd", "otp"],
        "auth_time": int(NOW.timestamp()),
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 900,
    }


def test_a_citizen_s_token_says_nothing_that_names_them(keys: TokenKeys) -> None:
    citizen = Person.citizen(
        id="c1", login="aida", name="Аида", language="ky", email="a@citizen.example", phone=None, post_id="yek"
    )

    claims = read(keys.sign(grant_for(citizen, a_session(citizen, "otp"), "identity", on=NOW.date())).access_token, keys).claims

    assert set(claims) == {"iss", "aud", "sub", "kind", "lang", "sid", "acr", "amr", "auth_time", "iat", "exp", "jti"}


@pytest.mark.parametrize(
    ("shown", "seen", "level"),
    [
        (Assurance.SELF_ASSERTED, Assurance.COUNTER_SEEN, "counter-seen"),
        (Assurance.E_ID, Assurance.COUNTER_SEEN, "e-id"),
        (Assurance.SELF_ASSERTED, Assurance.SELF_ASSERTED, "self-asserted"),
    ],
)
def test_a_token_carries_the_better_of_what_was_shown_and_what_an_officer_saw(
    keys: TokenKeys, shown: Assurance, seen: Assurance, level: str
) -> None:
    citizen = Person.citizen(id="c1", login="aida", name="", language="ky", email=None, phone=None, assurance=seen)
    session = Session.open("s1", citizen, methods=["otp"], assurance=shown, device="", at=NOW)

    claims = read(keys.sign(grant_for(citizen, session, "identity", on=NOW.date())).access_token, keys).claims

    assert claims["acr"] == level


def test_a_service_s_token_opens_one_service_with_one_scope(keys: TokenKeys) -> None:
    grant = Grant("notifications", "service", "identity", scopes=("contacts:read",))

    claims = read(keys.sign(grant).access_token, keys).claims

    assert (claims["aud"], claims["scope"], claims["kind"]) == ("identity", "contacts:read", "service")


def test_no_two_tokens_share_an_id(keys: TokenKeys) -> None:
    grant = Grant("c1", "citizen", "identity", language="ky")

    assert keys.sign(grant).access_token != keys.sign(grant).access_token


def test_the_key_id_is_the_key_s_own_thumbprint_and_nothing_private_is_published(keys: TokenKeys) -> None:
    (published,) = keys.jwks["keys"]
    token = read(keys.sign(Grant("c1", "citizen", "identity")).access_token, keys)

    assert token.header == {"alg": "ES256", "kid": published["kid"], "typ": "JWT"}
    assert set(published) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_token_of_an_earlier_key_verifies_as_long_as_that_key_is_listed(tmp_path: Path) -> None:
    old_private, old_public = key_files(tmp_path, "old")
    new_private, _ = key_files(tmp_path, "new")
    token = TokenKeys.load(old_private, [], clock=FixedClock()).sign(Grant("c1", "citizen", "identity")).access_token

    assert read(token, TokenKeys.load(new_private, [old_public], clock=FixedClock())).claims["sub"] == "c1"
    with pytest.raises(InvalidKeyIdError):
        read(token, TokenKeys.load(new_private, [], clock=FixedClock()))


def test_a_key_that_cannot_sign_es256_stops_the_start(tmp_path: Path) -> None:
    public = key_files(tmp_path, "k")[1]
    other_curve = key_files(tmp_path, "p384", ec.SECP384R1())[0]
    (tmp_path / "broken.pem").write_text("not a key")

    for file in (public, other_curve, tmp_path / "broken.pem", tmp_path / "absent.pem"):
        with pytest.raises(UnusableKey, match=file.name):
            TokenKeys.load(file, [], clock=FixedClock())
