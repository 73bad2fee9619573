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


def typed(key: str, ky: str, ru: str, en: str, value: str) -> Fact:
    """A fact the citizen wrote: one value for all languages."""
    return Fact(key, {"ky": ky, "ru": ru, "en": en}, dict.fromkeys(("ky", "ru", "en"), value))


def chosen(key: str, ky: str, ru: str, en: str, values: tuple[str, str, str]) -> Fact:
    return Fact(key, {"ky": ky, "ru": ru, "en": en}, dict(zip(("ky", "ru", "en"), values, strict=True)))


DOCUMENT = typed("document_number", "Паспортуңуздун номери", "Номер вашего паспорта", "Number of your passport", "PE1234567")
COUNTRY = chosen("country_of_stay", "Болуп жаткан өлкө", "Страна пребывания", "Country of stay", ("Россия", "Россия", "Russia"))
POWERS = (
    "Бишкек шаарындагы батирди сатуу, келишимге кол коюу жана акчасын алуу.\n"
    "Мамлекеттик каттоо органында мага тиешелүү документтерди алуу жана тапшыруу."
)
ON_BLANKS = (PaperKind.RETURN_CERTIFICATE, PaperKind.BIRTH_CERTIFICATE)
FACTS = {
    PaperKind.CONSULAR_REGISTRATION_CERTIFICATE: (
        DOCUMENT,
        chosen(
            "registration_kind", "Каттоонун түрү", "Вид учёта", "Kind of registration", ("Убактылуу", "Временный", "Temporary")
        ),
        COUNTRY,
        typed("address_abroad", "Дареги", "Адрес", "Address", "Үлгү көчөсү 12-үй, 34-батир, Үлгү шаары 100200"),
    ),
    PaperKind.RETURN_CERTIFICATE: (
        typed("birth_place", "Туулган жери", "Место рождения", "Place of birth", "Ош облусу, Өзгөн шаары"),
        chosen("circumstances", "Эмне болду", "Что случилось", "What happened", ("Жоголгон", "Утерян", "Lost")),
        DOCUMENT,
        COUNTRY,
    ),
    PaperKind.POWER_OF_ATTORNEY: (
        DOCUMENT,
        typed("attorney_name", "Ким", "Кто", "Who", "ӨМҮРБЕКОВ АЗАМАТ ҮСӨНОВИЧ"),
        typed("attorney_birth_date", "Качан", "Когда", "When", "05.09.1966"),
        typed("powers", "Эмне", "Что", "What", POWERS),
        chosen("validity", "Канча", "Сколько", "How long", ("Бир жыл", "Один год", "One year")),
        chosen("substitution", "Болобу", "Можно ли", "May", ("Жок", "Нет", "No")),
    ),
    PaperKind.MINOR_TRAVEL_CONSENT: (
        DOCUMENT,
        chosen("applicant_is", "Ким", "Кто", "Who", ("Апасы", "Мать", "Mother")),
        typed("child_name", "Ким", "Кто", "Who", "ӨМҮРБЕКОВ ҮМҮТ АЗАМАТОВИЧ"),
        typed("child_birth_date", "Качан", "Когда", "When", "14.02.2018"),
        typed("child_document_number", "Номери", "Номер", "Number", "PE7654321"),
        typed("companion_name", "Ким", "Кто", "Who", "ТҮҢҮЛҮКБАЕВА ГҮЛНАЗ ӨМҮРБЕКОВНА"),
        typed("companion_document_number", "Номери", "Номер", "Number", "PE1122334"),
        typed("travel_to", "Кайда", "Куда", "Where", "Кыргыз Республикасы, Казакстан аркылуу"),
        typed("travel_from", "Качан", "Когда", "When", "01.12.2026"),
    ),
    PaperKind.BIRTH_CERTIFICATE: (
        chosen("sex", "Ким", "Кто", "Who", ("Аял", "Женский", "Female")),
        chosen("birth_country", "Кайда", "Где", "Where", ("Россия", "Россия", "Russia")),
        typed("birth_place", "Кайда", "Где", "Where", "Үлгү шаары"),
        typed("mother_name", "Ким", "Кто", "Who", "ӨМҮРБЕКОВА ҢАЗГҮЛ АЗАМАТКЫЗЫ"),
        chosen("mother_citizenship", "Ким", "Кто", "Who", ("Кыргызстан", "Киргизия", "Kyrgyzstan")),
        typed("father_name", "Ким", "Кто", "Who", "ӨМҮРБЕКОВ АЗАМАТ ҮСӨНОВИЧ"),
        chosen("father_citizenship", "Ким", "Кто", "Who", ("Россия", "Россия", "Russia")),
    ),
    PaperKind.HELP_CONFIRMATION: (
        chosen("help_kind", "Эмне", "Что", "What", ("Кимдир бирөө камалды", "Кого-то задержали", "Somebody is detained")),
        typed("person_name", "Ким", "Кто", "Who", "ӨМҮРБЕКОВ АЗАМАТ ҮСӨНОВИЧ"),
        chosen("help_country", "Кайда", "Где", "Where", ("Россия", "Россия", "Russia")),
        typed("help_place", "Кайда", "Где", "Where", "Үлгү шаары, полиция бөлүмү"),
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
        blank_number="КБ 0041772" if kind in ON_BLANKS else None,
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
        "address_abroad": "Өтө узун даректеги көчө " * 12,
    }
    facts = tuple(
        replace(fact, value=dict.fromkeys(fact.value, long[fact.key])) if fact.key in long else fact for fact in paper.facts
    )
    return replace(paper, holder=holder, facts=facts, revision=3, blank_number="КБ 0041772")
