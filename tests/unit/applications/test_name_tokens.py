"""The same name meets itself in Kyrgyz, in Russian and in the Latin of a passport; other names stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.catalogue import the_catalogue
from services.applications.domain.name_tokens import name_tokens, name_words

RULES = the_catalogue().names
KYRGYZ = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"
# written down here once more and on its own: Doc 9303 for the Russian letters, the usual Latin for ң ө ү
PASSPORT = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяңөү", (
    "A B V G D E E ZH Z I I K L M N O P R S T U F KH TS CH SH SHCH IE Y - E IU IA N O U"
).replace("-", "").split(" "), strict=True))  # fmt: skip


def in_passport(word: str) -> str:
    return "".join(PASSPORT[letter] for letter in word)


words = st.text(KYRGYZ, min_size=2, max_size=20).filter(lambda word: len(in_passport(word)) > 1)
names = st.lists(words, min_size=1, max_size=5)


def meet(one: str, other: str) -> bool:
    """As a search does it: each word that is asked for shares a token with what is kept."""
    kept = name_tokens(other, RULES)
    asked = name_words(one, RULES)
    return bool(asked) and all(word & kept for word in asked)


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "Айгүл Өмүрзакова",
            "Aigul Omurzakova",
            "АЙГУЛЬ ОМУРЗАКОВА",
            "Айгюль Омурзакова",
            "Aygül Ömürzakova",
            "OMURZAKOVA AIGUL",
        ),
        ("Жумагулов", "Zhumagulov", "Dzhumagulov", "Jumagulov", "Джумагулов"),
        ("Хамид", "Khamid", "Hamid"),
        ("Нурдөөлөт", "Nurdoolot", "Нурдолот"),
        ("Теңизбаев", "Тенгизбаев", "Tengizbaev", "Tenizbaev"),
        ("Елена Ёлкина", "Yelena Yolkina", "ELENA ELKINA", "Елена Елкина"),
        ("Юлия", "Yulia", "IULIIA", "Yuliya"),
        ("Дмитрий", "Dmitry", "DMITRII", "Dmitriy"),
        ("Бай-Мурзаева", "Bai Murzaeva"),
        ("О’Нил", "О'Нил", "ОНил"),
        ("Кыдыр", "Кидир", "Kydyr", "Kidir"),
        ("Асан уулу Бакыт", "Bakyt Asan", "АСАН УУЛУ БАКЫТ"),
    ],
    ids=lambda spellings: spellings[0],
)
def test_spellings_of_one_name_meet(spellings: tuple[str, ...]) -> None:
    """With ё, ъ and ң in two Latin spellings, the Cyrillic one meets both; these two need not meet each other."""
    first, *others = spellings
    for other in others:
        assert meet(first, other), other
        assert meet(other, first), other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Айгүл", "Айгерим"), ("Бакыт", "Бектур"), ("Асанов", "Асанова"), ("Нурлан", "Нурбек"), ("Омурзаков", "Омурбеков"),
        ("Айг", "Айгүл"),  # the beginning of a name finds nothing
        ("Айгүл Асанова", "Айгүл Өмүрзакова"),  # each word must be there
    ],
)  # fmt: skip
def test_other_names_and_beginnings_of_names_do_not_meet(one: str, other: str) -> None:
    assert not meet(one, other)


@given(name=names)
def test_a_name_meets_its_passport_spelling_and_the_other_way_round(name: list[str]) -> None:
    for word in name:
        cyrillic, latin = name_tokens(word, RULES), name_tokens(in_passport(word), RULES)
        assert cyrillic & latin or not cyrillic or not latin, word


@given(name=names, data=st.data())
def test_neither_the_order_of_words_nor_case_matters(name: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(name))
    assert name_tokens(" ".join(name), RULES) == name_tokens(" ".join(shuffled).upper(), RULES)


@given(text=st.text(max_size=300))
def test_any_text_gives_a_bounded_number_of_tokens_without_signs_or_capitals(text: str) -> None:
    tokens = name_tokens(text, RULES)
    assert len(tokens) <= 40 * 8
    assert all(token == token.casefold() and token.isalpha() for token in tokens if token.isascii())


def test_what_tells_nobody_apart_finds_nothing() -> None:
    assert name_words("кызы", RULES) == name_words("уулу А. Щ.", RULES) == name_words("  -  ", RULES) == []


def test_a_name_in_a_script_of_no_table_is_found_as_it_is_written() -> None:
    assert meet("王伟", "王伟")
    assert not meet("王伟", "王芳")
