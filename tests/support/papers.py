"""Papers for tests: invented people, one of each kind, and a very long one."""

from dataclasses import replace
from datetime import UTC, date, datetime

from services.documents.domain.paper import Fact, Holder, Paper, PaperKind, Post

ISSUED_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

POST = Post(
    post_id="test-consulate",
    names={
        "ky": "Кыргыз Республикасынын Үлгү шаарындагы Башкы консулдугу",
        "ru": "Генеральное консульство Кыргызской Республики в г. Образцовске",
        "en": "Consulate General of the Kyrgyz Republic in Specimen City",
    },
    cities={"ky": "Үлгү шаары", "ru": "г. Образцовск", "en": "Specimen City"},
)
HOLDER = Holder(
    full_name="ҢАЗГҮЛ ӨМҮРБЕКОВА АЗАМАТКЫЗЫ",
    latin_name="NAZGUL OMURBEKOVA",
    birth_date=date(1994, 3, 21),
    citizenship="KGZ",
    pin="12103199400123",
)
FACTS = {
    PaperKind.CONSULAR_REGISTRATION_CERTIFICATE: (
        Fact("registration_kind", "temporary"),
        Fact("registered_on", "22.11.2026"),
        Fact("host_country", "Үлгү өлкөсү"),
        Fact("residence_address", "Үлгү көчөсү 12-үй, 34-батир, Үлгү шаары 100200"),
        Fact("passport_number", "PE1234567"),
    ),
    PaperKind.RETURN_CERTIFICATE: (
        Fact("place_of_birth", "Ош облусу, Өзгөн шаары"),
        Fact("sex", "female"),
        Fact("return_reason", "lost"),
        Fact("identity_established_by", "ID1234567, туулгандыгы тууралуу күбөлүк"),
        Fact("route", "Үлгү шаары – Бишкек"),
    ),
    PaperKind.POWER_OF_ATTORNEY: (
        Fact("identity_document", "PE1234567"),
        Fact("representative_name", "ӨМҮРБЕКОВ АЗАМАТ ҮСӨНОВИЧ"),
        Fact("representative_birth_date", "05.09.1966"),
        Fact("representative_document", "ID7654321"),
        Fact(
            "powers",
            "Бишкек шаарындагы батирди сатуу, келишимге кол коюу жана акчасын алуу.\n"
            "Мамлекеттик каттоо органында мага тиешелүү документтерди алуу жана тапшыруу.",
        ),
        Fact("may_delegate", "no"),
    ),
}


def a_paper(kind: PaperKind = PaperKind.CONSULAR_REGISTRATION_CERTIFICATE, language: str = "ky") -> Paper:
    return Paper(
        number="SP-2026-0000417",
        kind=kind,
        revision=1,
        issued_at=ISSUED_AT,
        issued_on=date(2026, 11, 22),
        valid_until=date(2027, 11, 22),
        post=POST,
        holder=HOLDER,
        facts=FACTS[kind],
        check_code="7K4M-PX2Q",
        verification_url="https://verify.example.org",
        language=language,
        blank_number="КБ 0041772" if kind is PaperKind.RETURN_CERTIFICATE else None,
    )


def a_long_paper(kind: PaperKind = PaperKind.POWER_OF_ATTORNEY, language: str = "ky") -> Paper:
    """Names of 120 characters with Ң Ө Ү, a long first address, and powers that need a second page."""
    paper = a_paper(kind, language)
    holder = replace(
        paper.holder,
        full_name=("ҢӨҮЖҮРӨКБЕКОВА-ТҮҢҮЛҮКБАЕВА ҢАЗГҮЛ " * 4)[:119] + "Ң",
        latin_name=("NAZGULBERMET OMURBEKOVA-TUNULUKBAEVA " * 4)[:119] + "X",
    )
    power = "Менин атымдан иш жүргүзүү, арыз берүү, документтерди алуу жана кол коюу. " * 3
    long = {
        "powers": "\n".join(f"{number}. {power}" for number in range(1, 13)),
        "residence_address": "Өтө узун даректеги көчө " * 12,
    }
    facts = tuple(replace(fact, value=long.get(fact.key, fact.value)) for fact in paper.facts)
    return replace(paper, holder=holder, facts=facts, revision=3, blank_number="КБ 0041772")
