"""The catalogue: real data with sources, and files that are wrong are named at the start."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from services.applications.catalogue import FOLDER, CatalogueError, load_catalogue, the_catalogue
from services.applications.domain.errors import UnknownPost, UnknownService
from tests.unit.applications.cases import POWER, REGISTRATION, RETURN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "catalogue"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return copy


def broken(folder: Path, name: str, old: str, new: str) -> str:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return str(caught.value)


OFFERED = [
    "birth-registration",
    "citizenship-renunciation",
    REGISTRATION,
    "document-request",
    "meken-kart",
    "minor-travel-consent",
    "no-conviction-certificate",
    "passport-adult",
    "passport-child",
    "passport-lost",
    POWER,
    "request-for-help",
    RETURN,
]


def test_the_services_and_four_posts_are_offered() -> None:
    assert [service.id for service in the_catalogue().services()] == OFFERED
    assert {post.id for post in the_catalogue().posts.values() if post.takes_applications} == {"yek", "nov", "ist", "mow"}


def test_what_the_sources_say_is_what_is_in_the_data() -> None:
    paper = the_catalogue().service(RETURN)
    assert paper.tariff is not None
    assert [(fee.amount_minor, fee.currency, fee.certainty) for fee in paper.tariff.components] == [(2000, "USD", "A")]
    assert (paper.term.days, paper.term.day_kind, paper.term.certainty) == (5, "working", "A")
    assert paper.validity is not None
    assert (paper.validity.days, paper.validity.certainty) == (30, "A")
    free = the_catalogue().service(REGISTRATION)
    assert free.tariff is not None
    assert [(part.amount_minor, part.certainty) for part in free.tariff.components] == [(0, "A")]
    grounds = [reason.code for reason in free.refusal_reasons if reason.certainty == "A"]
    assert grounds == ["card-missing-or-wrong"]
    power = the_catalogue().service(POWER)
    assert power.validity is not None
    assert (power.validity.days, power.validity.max_days) == (365, 1095)
    assert all(service.officers_required.illustrative for service in the_catalogue().services())


def test_an_unknown_service_version_or_post_is_said_so() -> None:
    with pytest.raises(UnknownService):
        the_catalogue().service("visa")
    with pytest.raises(UnknownService):
        the_catalogue().version(RETURN, 99)
    with pytest.raises(UnknownPost):
        the_catalogue().post("xxx")


def test_a_new_version_is_offered_and_the_old_one_stays_for_those_who_run_on_it(folder: Path) -> None:
    old = folder / "services" / f"{RETURN}.1.toml"
    text = old.read_text(encoding="utf-8")
    for version in (2, 10):
        new = folder / "services" / f"{RETURN}.{version}.toml"
        new.write_text(text.replace("version = 1", f"version = {version}"), encoding="utf-8")
    catalogue = load_catalogue(folder)
    assert catalogue.service(RETURN).version == 10
    assert catalogue.version(RETURN, 1).version == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("amount_minor = 2000", 'amount_minor = "2000"', "fees.0.amount_minor"),
        ("amount_minor = 2000", "amount_minor = -1", "fees.0.amount_minor"),
        ('certainty = "A"', 'certainty = "E"', "certainty"),
        ("days = 5", "dayz = 5", "term.dayz"),
        ('outcome = "print_on_blank"', 'outcome = "digital_document"', "blank rule"),
        ('holder = "birth_date"', "", "holder"),
        ('key = "birth_place"', 'key = "full_name"', "fields contain the same name twice"),
        ('pattern = "^[СC]', 'pattern = "^([СC]', "regular expression"),
        ('written = "СВ-{0}"', 'written = "СВ-{1}"', "group"),
        ('example = "СВ-', 'example = "CB ', "example"),
        ("value = 2", "value = 3", "officers_required.value"),
        ("max_days = 30", "max_days = 29", "max_days"),
        ("valid_from = 2012-12-18", "valid_from = 2012-12-18\nvalid_to = 2011-01-01", "valid_to"),
        ('"image/jpeg", ', '"image/webp", ', "attachment.media_types.0"),
        ('fields = ["birth_date", "birth_place"]', 'fields = ["birth_date"]', "no step asks for birth_place"),
        ('fields = ["pin"]', 'fields = ["pin", "birth_date"]', "steps ask twice for birth_date"),
        ('fields = ["pin"]', 'fields = ["pin", "shoe_size"]', "steps ask for shoe_size, which is no field"),
        ('fields = ["pin"]', "fields = []", "steps.2.fields"),
        ('id = "pin"', 'id = "birth"', "steps contain the same name twice"),
        ("version = 1", "version = 2", f"{RETURN}.2.toml"),
        ("[term]", "[term", "services"),
    ],
)
def test_a_wrong_service_file_stops_the_start_and_names_file_and_field(folder: Path, old: str, new: str, said: str) -> None:
    message = broken(folder, f"services/{RETURN}.1.toml", old, new)
    assert message.startswith(f"{RETURN}.1.toml: ")
    assert said in message or said == "services"


@pytest.mark.parametrize("service_id", [REGISTRATION, POWER, RETURN])
def test_where_a_file_must_be_attached_one_that_cannot_be_read_is_a_reason_to_refuse(service_id: str) -> None:
    definition = the_catalogue().service(service_id)
    reason = definition.refusal_reason("attachment-unreadable")
    assert (reason is not None) == any(paper.required for paper in definition.all_papers)


@pytest.mark.parametrize("service_id", [REGISTRATION, POWER, RETURN])
def test_a_form_has_few_pages_and_each_asks_for_little(service_id: str) -> None:
    steps = the_catalogue().service(service_id).steps
    assert 3 <= len(steps) <= 6
    assert max(len(step.fields) for step in steps) <= 2


def test_every_service_stands_under_a_heading_and_a_new_one_that_has_none_under_other_services(folder: Path) -> None:
    catalogue = the_catalogue()
    assert {catalogue.group_of(each) for each in catalogue.services()} == {each.group for each in catalogue.services()}
    assert {each.group for each in catalogue.planned} <= {group.id for group in catalogue.groups}
    without = replace(catalogue, groups=tuple(group for group in catalogue.groups if group.id != "notarial"))
    assert without.group_of(catalogue.service(POWER)) == "other"
    assert "other is missing" in broken(folder, "groups.toml", 'id = "other"', 'id = "others"')


def test_two_fees_for_one_day_are_refused(folder: Path) -> None:
    more = '[[fees]]\namount_minor = 1\ncurrency = "USD"\nsource = "abc"\nsource_date = 2026-01-01\ncertainty = "D"\nvalid_from = 2026-01-01\n\n[term]'  # noqa: E501
    assert "two fees" in broken(folder, f"services/{RETURN}.1.toml", "[term]", more)


def test_an_option_cannot_last_longer_than_the_limit(folder: Path) -> None:
    assert "max_days" in broken(folder, f"services/{POWER}.1.toml", "valid_days = 1095", "valid_days = 1096")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code = "NOV"', 'code = "YEK"', "twice"),
        ('"Asia/Novosibirsk"', '"Asia/Novosib"', "nov: time_zone"),
        ('id = "nov"', 'id = "novosibirsk"', "posts.toml: id"),
        ('"RU-SVE", ', '"RU-XXX", ', "yek: district: RU-XXX is no region"),
        ('"RU-AL", ', '"RU-SVE", ', "nov: district: RU-SVE is served by yek"),
        ('"kg.1", "tr.1"', '"kg.1", "tr.9"', "ist: holidays: there is no tr.9"),
        ('parent = "mow"', 'parent = "xxx"', "parent: no other post"),
        (
            'takes_applications = false\ntime_zone = "Europe/Moscow"\nholidays = ["kg.1", "ru.1"]\nsource = "https://24',
            'time_zone = "Europe/Moscow"\nholidays = ["kg.1", "ru.1"]\nsource = "https://24',
            "honorary consul",
        ),
    ],
)
def test_a_wrong_list_of_posts_is_named(folder: Path, old: str, new: str, said: str) -> None:
    assert said in broken(folder, "posts.toml", old, new)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "omsk"\npost = "nov"', 'id = "tyumen"\npost = "yek"', "tyumen: a post has one day of each id"),
        ("day = 2026-12-12", "day = 2027-01-01", "2027-01-01: yek is closed that day"),
        ("day = 2026-12-12", "day = 2026-12-13", "2026-12-13: hours: none of its weekday"),
        ('time_zone = "Asia/Omsk"', 'time_zone = "Asia/Omks"', "time_zone: no such time zone"),
        ("desks = 2", "desks = 0", "desks"),
    ],
)
def test_a_wrong_day_in_another_town_is_named(folder: Path, old: str, new: str, said: str) -> None:
    assert said in broken(folder, "mobile_days.toml", old, new)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "formats.toml").unlink()
    with pytest.raises(CatalogueError, match=r"formats\.toml: the file is missing"):
        load_catalogue(folder)
