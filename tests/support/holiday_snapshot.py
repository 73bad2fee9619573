"""The holidays of catalogue/holidays as the package holidays knows them.

`python -m tests.support.holiday_snapshot` writes the files that are missing. A file that is there is an edition, and stays: a new
edition is a new file.
"""

import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

import holidays

FOLDER = Path(__file__).resolve().parents[2] / "services" / "applications" / "catalogue" / "holidays"
YEARS = range(2025, 2029)
PLACES = {
    "kg": ("KG", None), "ru": ("RU", None), "tr": ("TR", None), "kz": ("KZ", None), "us-dc": ("US", "DC"), "us-il": ("US", "IL"),
    "cn": ("CN", None), "jp": ("JP", None), "kr": ("KR", None), "my-14": ("MY", "14"), "in-dl": ("IN", "DL"), "pk": ("PK", None),
    "it": ("IT", None), "fr": ("FR", None), "hu": ("HU", None), "tm": ("TM", None), "tj": ("TJ", None), "uz": ("UZ", None),
    "by": ("BY", None), "ua": ("UA", None), "de-be": ("DE", "BE"), "ae": ("AE", None),
}  # fmt: skip
_LANGUAGES = {"ky": ("ky",), "ru": ("ru", "ru_KG"), "en": ("en_US", "en_IN", "en_PK")}
_ESTIMATED = "estimated)"
_MARKS = (", estimated", ", приблизительная дата", " (estimated)", " (болжолдуу)", " (приблизительная дата)")


def as_known(place: str) -> list[tuple[date, dict[str, str], bool]]:
    """Day, names by language, and whether it is an estimate."""
    country, part = PLACES[place]
    known = holidays.country_holidays(country, subdiv=part, years=YEARS)
    by_language = {}
    for language, codes in _LANGUAGES.items():
        if code := next((code for code in codes if code in known.supported_languages), None):
            by_language[language] = holidays.country_holidays(country, subdiv=part, years=YEARS, language=code)
    found = []
    for day in sorted(day for day in known if day.year in YEARS):
        names = {language: named[day] for language, named in by_language.items()}
        estimated = _ESTIMATED in names["en"]
        found.append((day, {language: _plain(name) for language, name in names.items()}, estimated))
    return found


def _plain(name: str) -> str:
    for mark in _MARKS:
        name = name.replace(mark, "")
    return name


def written(place: str) -> str:
    country = PLACES[place][0]
    lines = [
        f'id = "{place}"',
        "edition = 1",
        f"first = {YEARS[0]}-01-01",
        f"last = {YEARS[-1]}-12-31",
        f'source = "package holidays {version("holidays")} (MIT), {country}: compiled from the acts of the country"',
        "source_date = 2026-11-23",
        'certainty = "B"',
        f"valid_from = {YEARS[0]}-01-01",
    ]
    found = as_known(place)
    if not found:
        lines.append("days = []")
    for day, names, estimated in found:
        named = ", ".join(f'{language} = "{name.replace(chr(34), chr(39))}"' for language, name in names.items())
        lines += ["", "[[days]]", f"day = {day}", f"names = {{ {named} }}"]
        lines += ["estimated = true"] if estimated else []
    return "\n".join(lines) + "\n"


def main() -> None:
    for place in PLACES:
        path = FOLDER / f"{place}.1.toml"
        if not path.exists():
            path.write_text(written(place), encoding="utf-8")
            sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
