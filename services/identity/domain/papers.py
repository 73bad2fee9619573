"""What an officer saw at the counter before they say that a citizen is who they say."""

from enum import StrEnum


class SeenPaper(StrEnum):
    """Papers with a photograph, or that an officer compares with one. Illustrative (D): no list of them was found."""

    PASSPORT_FOR_TRAVEL = "passport-for-travel"
    ID_CARD = "id-card"
    PASSPORT_OF_1994 = "passport-of-1994"
    RETURN_CERTIFICATE = "return-certificate"
    BIRTH_CERTIFICATE_AND_WITNESS = "birth-certificate-and-witness"
