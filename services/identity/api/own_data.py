"""What identity keeps about a person, for the person themselves: the account, sign-ins and devices, ways to sign in, history."""

from services.identity.officers_schema import CREDENTIALS_SEALED, INVITATIONS_SEALED
from services.identity.passkeys_schema import PASSKEYS_SEALED
from services.identity.rights import purposes
from services.identity.rights_schema import CONSENTS, RIGHTS, RIGHTS_SEALED
from services.identity.schema import PEOPLE_SEALED, SESSIONS_SEALED, SUBJECTS_SEALED
from shared.mongo.database import Document
from shared.mongo.own_data import OwnData, OwnRecords, Words
from shared.web import own_data

_A_SECRET = "a secret, by which somebody could sign in"  # noqa: S105  (no secret)
_A_DAY = "kept for a day at most, while somebody signs in"


def _consent(document: Document, words: Words) -> Document:
    known = purposes().consents.get(document["purpose"])
    return {"purpose": known.words[words.language]["title"] if known else None}


OWN_DATA = OwnData(
    kinds=(
        OwnRecords("person", "people", "_id", sealed=PEOPLE_SEALED),
        OwnRecords("session", "sessions", "person_id", sealed=SESSIONS_SEALED),
        OwnRecords(
            "passkey",
            "passkeys",
            "person_id",
            {"public_key": "what the device's answers are checked with: nothing about its owner"},
            sealed=PASSKEYS_SEALED,
        ),
        OwnRecords("linked-account", "openid_subjects", "person_id", sealed=SUBJECTS_SEALED),
        OwnRecords(
            "credentials",
            "officer_credentials",
            "_id",
            {"password": _A_SECRET, "totp_secret": _A_SECRET, "recovery": _A_SECRET, "last_step": "a count of half minutes"},
            sealed=CREDENTIALS_SEALED,
        ),
        OwnRecords(
            "invitation",
            "officer_invitations",
            "person_id",
            {"totp_secret": _A_SECRET},
            sealed=INVITATIONS_SEALED,
        ),
        OwnRecords("rights-request", RIGHTS, "person_id", sealed=RIGHTS_SEALED),
        OwnRecords("consent", CONSENTS, "person_id", told=_consent),
        OwnRecords("erasure-asked", "erasures_asked", "_id"),
    ),
    left_out={
        "contacts": "a keyed hash of each contact, which stands in the person's record",
        "officer_sign_ins": _A_DAY,
        "sign_in_delays": _A_DAY,
        "openid_flows": _A_DAY,
        "passkey_ceremonies": _A_DAY,
        "sign_in_challenges": "kept for an hour; whose contact it is, is not known before the code is shown",
        "sign_in_counts": "counts below keyed hashes of contacts and addresses, for a day",
    },
)
router = own_data.routes(OWN_DATA)
