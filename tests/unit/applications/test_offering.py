"""What is offered: services as files, each complete, and in production none with a value that is only our own default."""

import shutil
from pathlib import Path

import pytest

from services.applications.catalogue import FOLDER, CatalogueError, load_catalogue, the_catalogue
from services.applications.catalogue.checking import illustrative_values, marks
from services.applications.domain.application import Application
from services.applications.domain.status import Status
from tests.unit.applications.cases import AT, CITIZEN, DECIDER, FORMATS, HOLDER, INTAKE, POST

NEW = """
id = "library-card"
version = 1
title = "Library card"
summary = "For readers of the post's library."
guidance = "You may borrow two books."
group = "culture"
document_kind = "library-card"
outcome = "digital_document"

[[legal_basis]]
title = "Rules of the library"
source = "the board beside its door"
source_date = 2026-01-01
certainty = "A"

[officers_required]
value = 1
<A>
[assurance]
level = "self-asserted"
when = "submission"
<A>
[draft_lifetime_days]
value = 30
<A>
[term]
days = 1
day_kind = "calendar"
<A>
[clock]
starts = "submission"
<A>
[who_may_apply]
who = ["self"]
<A>
[appearance]
visits = "none"
<A>
[[tariff.components]]
code = "card"
label = "The card"
amount_minor = 0
currency = "USD"
<A>
[[papers]]
code = "ticket"
label = "Your old card"
required = false
source = "the board"
certainty = "A"
needed = [{ field = "had_one", one_of = ["yes"] }]

[[fields]]
key = "full_name"
label = "Full name"
type = "name"
holder = "name"
[[fields]]
key = "full_name_latin"
label = "Full name in Latin letters"
type = "latin_name"
holder = "name_latin"
[[fields]]
key = "birth_date"
label = "Date of birth"
type = "date"
holder = "birth_date"
[[fields]]
key = "had_one"
label = "Did you have a card before?"
type = "choice"
options = [{ value = "yes", label = "Yes" }, { value = "no", label = "No" }]

[[steps]]
id = "you"
title = "You"
fields = ["full_name", "full_name_latin", "birth_date", "had_one"]

[[refusal_reasons]]
code = "book-not-returned"
text = "You have not returned a book."
source = "the board"
certainty = "A"
[[send_back_notes]]
code = "look-again"
text = "Look again."
source = "the board"
certainty = "A"
""".replace("<A>", SOURCED := 'source = "the board"\nsource_date = 2026-01-01\ncertainty = "A"\nvalid_from = 2026-01-01\n')
WHEN_X = 'conditions = [{ field = "x", one_of = ["y"] }]'
ONLY = f'[[who_may_apply.only]]\nfield = "full_name"\ntext = "No."\n{SOURCED}'
REDUCTION = f'[[tariff.reductions]]\ncode = "half"\nlabel = "Half"\npercent = 50\ncomponents = ["book"]\n{SOURCED}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "catalogue"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return copy


def test_adding_a_service_is_adding_a_file(folder: Path) -> None:
    (folder / "services" / "library-card.1.toml").write_text(NEW, encoding="utf-8")

    definition = load_catalogue(folder).service("library-card")
    case, _ = Application.start("a1", "YEK-26-0000000A", by=CITIZEN, language="ky", definition=definition, post=POST, at=AT)
    case.save_answers({**HOLDER, "had_one": "no"}, by=CITIZEN, at=AT)
    case.submit(by=CITIZEN, definition=definition, post=POST, formats=FORMATS, at=AT)
    case.claim(by=INTAKE, at=AT)
    case.propose_approval(by=INTAKE, at=AT)
    case.approve(by=DECIDER, at=AT)

    assert (case.status, case.service_version) == (Status.APPROVED, 1)
    assert definition in load_catalogue(folder).offered(illustrative=False), "every value of it has a source"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[papers]]", f"{REDUCTION}\n[[papers]]", "there is no component book"),
        ("[[papers]]", f"{REDUCTION.replace('book', 'card')}{WHEN_X}\n[[papers]]", "x is no field"),
        ('document_kind = "library-card"', 'document_kind = "library-card"\nposts = ["xxx"]', "posts: xxx"),
        ('code = "card"', 'code = "card"\ntimes_field = "books"', "books is no field"),
        ('code = "book-not-returned"', 'code = "book-not-returned"\nposts = ["xxx"]', "book-not-returned: xxx"),
        ("[appearance]", f"{ONLY}age_from = 16\n[appearance]", "full_name is not of the kind date"),
        ("[appearance]", f"{ONLY}none_of = [\"KG\"]\n[appearance]", "full_name is not of the kind choice or country"),
        ("[appearance]", f"{ONLY}[appearance]", "only asks for an age, or for none of some answers"),
    ],
)  # fmt: skip
def test_a_file_whose_parts_do_not_fit_together_is_named(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "services" / "library-card.1.toml").write_text(NEW.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"library-card\.1\.toml") as caught:
        load_catalogue(folder)
    assert said in str(caught.value)


def test_what_is_only_our_default_is_not_offered_in_production(folder: Path) -> None:
    (folder / "services" / "library-card.1.toml").write_text(NEW, encoding="utf-8")
    catalogue = load_catalogue(folder)
    assert [each.id for each in catalogue.offered(illustrative=False)] == ["library-card"]
    assert {each.id for each in catalogue.offered(illustrative=True)} > {"library-card"}

    doubtful = NEW.replace('certainty = "A"', 'certainty = "D"', 1)
    (folder / "services" / "library-card.1.toml").write_text(doubtful, encoding="utf-8")
    definition = load_catalogue(folder).service("library-card")
    assert illustrative_values(definition) == ["legal_basis.0"]
    assert len([where for where, mark in marks(definition) if mark == "A"]) == 11


def test_what_is_planned_stays_hidden_and_says_what_is_missing() -> None:
    catalogue = the_catalogue()
    assert len(catalogue.planned) == 18
    assert not {each.id for each in catalogue.planned} & {each.id for each in catalogue.services()}
    assert all(each.missing and set(each.names) == {"ky", "ru", "en"} for each in catalogue.planned)


def test_what_is_known_of_a_planned_service_says_how_sure_it_is() -> None:
    fees = {
        each.id: (known.value, known.certainty) for each in the_catalogue().planned for known in each.known if known.what == "fee"
    }
    acts = ("marriage-registration", "divorce-registration", "death-registration", "name-change")
    assert fees == dict.fromkeys(acts, ("20 USD", "D")) | {
        "registration-permanent": ("0 USD", "A"),
        "certified-copy": ("5 USD", "D"),
        "certified-translation": ("10 USD", "D"),
        "legalization": ("50 USD of a natural person, 100 USD of a legal person", "A"),
        "visa-note": ("10 USD", "B"),
    }


def test_a_service_cannot_be_planned_and_offered_at_once(folder: Path) -> None:
    planned = folder / "planned.toml"
    planned.write_text(planned.read_text(encoding="utf-8").replace("legalization", "return-certificate", 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match="return-certificate"):
        load_catalogue(folder)
