"""The applications of the small consulate that `./eshik up` opens with: who asks for what, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass, field

REGISTRATION, RETURN, POWER = "consular-registration-certificate", "return-certificate", "power-of-attorney"


@dataclass(frozen=True)
class Holder:
    """One invented citizen, as the papers would name them. No such document number was ever given out."""

    name: str
    latin: str
    born: str
    document_number: str
    language: str

    @property
    def answers(self) -> dict[str, str]:
        return {"full_name": self.name, "full_name_latin": self.latin, "birth_date": self.born}


HOLDERS = {
    "omurbek": Holder("Өмүрбек Төлөгөнов", "OMURBEK TOLOGONOV", "1979-03-14", "AC0000103", "ky"),
    "umut": Holder("Үмүт Кеңешова", "UMUT KENGESHOVA", "1996-11-02", "AC0000104", "ky"),
    "janyl": Holder("Жаңыл Бөрүбаева", "ZHANYL BORUBAEVA", "1988-07-29", "ID0000105", "ky"),
    "meerim": Holder("Мээрим Осмонова", "MEERIM OSMONOVA", "2001-01-20", "ID0000106", "ru"),
    "ruslan": Holder("Руслан Ибраимов", "RUSLAN IBRAIMOV", "1985-09-08", "ZZ0000107", "ru"),  # a series that nobody knows
    "daniyar": Holder("Данияр Үсөнов", "DANIYAR USONOV", "1992-05-17", "PE0000108", "en"),
    "nurgul": Holder("Нургүл Сүйүнова", "NURGUL SUIUNOVA", "1990-12-24", "AN0000109", "ru"),
    "torokul": Holder("Төрөкул Мөңкөев", "TOROKUL MONGKOEV", "1968-02-05", "AC0000110", "ky"),
}


@dataclass(frozen=True)
class Case:
    """One application. until: the status it is brought to; officers: who takes and proposes it, and who decides.

    A citizen has no two of the same service at one post: that is how a case is known again.
    """

    citizen: str
    service_id: str
    until: str = "submitted"
    officers: tuple[str, str] = ("nurlan", "gulnara")
    refused_for: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    post_id: str = "yek"
    barely_begun: bool = False
    blank: str = ""

    @property
    def language(self) -> str:
        return HOLDERS[self.citizen].language

    @property
    def all_answers(self) -> dict[str, str]:
        holder = HOLDERS[self.citizen]
        if self.barely_begun:
            return {"full_name": holder.name}
        number = {} if self.service_id == RETURN else {"document_number": holder.document_number}
        return {**holder.answers, **number, **self.answers}

    def key(self, step: str) -> str:
        """The Idempotency-Key of one step: the same in every run."""
        return f"seed.1.{self.citizen}.{self.service_id}.{self.post_id}.{step}"


def _stay(address: str, country: str = "RU", **more: str) -> dict[str, str]:
    return {"registration_kind": "temporary", "country_of_stay": country, "address_abroad": address, **more}


def _way_home(what: str, birth_place: str, country: str = "RU", **more: str) -> dict[str, str]:
    return {"circumstances": what, "birth_place": birth_place, "country_of_stay": country, **more}


def _trust(whom: str, born: str, powers: str, **more: str) -> dict[str, str]:
    return {"attorney_name": whom, "attorney_birth_date": born, "powers": powers, "substitution": "not_allowed", **more}


CASES = (
    Case("omurbek", REGISTRATION, "ready", answers=_stay("Екатеринбург ш., Ынтымак көчөсү, 7-үй, 21-батир")),
    Case(
        "meerim",
        RETURN,
        "ready",
        ("nurlan", "ermek"),
        answers=_way_home("stolen", "г. Каракол", phone_abroad="+70000000106"),
        blank="СВ-0000106",
    ),
    Case("janyl", RETURN, "handed_over", answers=_way_home("stolen", "Баткен шаары"), blank="СВ-0000105"),
    Case("umut", RETURN, "awaiting_blank", ("gulnara", "ermek"), answers=_way_home("lost", "Өзгөн шаары")),
    Case(
        "omurbek",
        POWER,
        "awaiting_visit",
        ("nurlan", "bakyt"),
        answers=_trust(
            "Бүбүсара Төлөгөнова",
            "1952-06-01",
            "Бишкек шаарындагы батиримди менин атымдан ижарага берүү, келишимге кол коюу жана акчаны алуу.",
            validity="one_year",
        ),
    ),
    Case(
        "meerim",
        REGISTRATION,
        "refused",
        ("gulnara", "ermek"),
        refused_for="card-missing-or-wrong",
        answers=_stay("г. Екатеринбург, ул. Примерная, д. 3, кв. 8"),
    ),
    Case("daniyar", RETURN, "withdrawn", answers=_way_home("expired", "Tokmok")),
    Case("janyl", POWER, "proposed", answers=_trust("Чоро Бөрүбаев", "1984-10-10", "Унаамды каттоодон чыгаруу жана сатуу.")),
    Case(
        "ruslan",
        POWER,
        "proposed",
        ("gulnara", "ermek"),
        refused_for="powers-unclear",
        answers=_trust("Тилек Ибраимов", "1990-04-04", "Всё, что понадобится.", pin="20101199000000"),
    ),
    Case("janyl", REGISTRATION, "in_review", answers=_stay("Челябинск ш., Үлгү көчөсү, 12-үй")),
    Case("ruslan", RETURN, "in_review", ("gulnara", "ermek"), answers=_way_home("damaged", "г. Нарын")),
    Case("umut", REGISTRATION, answers=_stay("Түмөн ш., Жаңы көчө, 5-үй, 2-батир", phone_abroad="+70000000104")),
    Case("ruslan", REGISTRATION, answers=_stay("г. Пермь, ул. Образцовая, д. 40")),
    Case("daniyar", REGISTRATION, answers=_stay("Yekaterinburg, Example street 14, flat 3")),
    Case(
        "meerim",
        POWER,
        answers=_trust(
            "Айпери Осмонова", "1975-08-30", "Получить мой диплом в университете в городе Бишкеке.", validity="three_months"
        ),
    ),
    Case(
        "daniyar",
        POWER,
        answers=_trust("Элнура Үсөнова", "1994-02-11", "To close my bank account in Bishkek and to receive what is on it."),
    ),
    Case("umut", POWER, "draft", answers=_trust("Нурбек Кеңешов", "1970-01-15", "Мен үчүн Ош шаарындагы жер үлүшүн каттатуу.")),
    Case(
        "torokul",
        POWER,
        "in_review",
        ("cholpon", ""),
        answers=_trust("Жеңиш Мөңкөев", "1995-03-21", "Мүлк салыгын менин атымдан төлөө."),
        post_id="ist",
    ),
    Case("nurgul", RETURN, "proposed", ("cholpon", ""), answers=_way_home("lost", "г. Талас", "TR"), post_id="ist"),
    # one consul works there: the decision waits at the embassy, where jyldyz finds it among what she was given
    Case("torokul", RETURN, "proposed", ("azamat", ""), answers=_way_home("expired", "Нарын шаары"), post_id="nov"),
    Case("nurgul", REGISTRATION, answers=_stay("Стамбул, улица Пример, дом 9", country="TR"), post_id="ist"),
    # the last one: where it is there, all the others are
    Case("omurbek", RETURN, "draft", barely_begun=True),
)
