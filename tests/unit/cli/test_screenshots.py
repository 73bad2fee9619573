"""What the pictures of the pages are made of, without a browser."""

from io import BytesIO
from pathlib import Path

import pytest
import typer
from PIL import Image

from cli.portal_leads import NOT_PAGES
from cli.portal_pages import PAGES
from cli.screenshots import CHOSEN, MOST_BYTES, README_PICTURES, contact_sheet, screenshots, small


def test_no_two_pages_have_one_name() -> None:
    names = [page.name for page in PAGES]
    assert len(names) == len(set(names))


def test_each_page_has_one_main_state_that_is_seen_in_every_language() -> None:
    routes = {page.route.rstrip("/") for page in PAGES if page.status not in (403, 404)}
    assert {page.route.rstrip("/") for page in PAGES if not page.state} == routes


def test_what_is_no_page_is_not_listed_as_one() -> None:
    assert not NOT_PAGES.keys() & {page.route for page in PAGES}


def test_an_address_with_a_case_in_it_says_whose() -> None:
    assert [page.name for page in PAGES if ("{" in page.address) != (page.case is not None)] == []


def test_without_a_stack_it_says_what_to_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ESHIK_HOME", str(tmp_path))
    with pytest.raises(typer.Exit):
        screenshots()
    assert "./eshik up --detach" in capsys.readouterr().err.replace("\n", " ")


def test_a_colourful_picture_is_made_small_enough() -> None:
    kept = BytesIO()
    Image.effect_noise((720, 480), 30).convert("RGB").save(kept, "PNG")
    most = len(kept.getvalue()) // 2
    made = small(kept.getvalue(), most)
    assert len(made) <= most
    with Image.open(BytesIO(made)) as image:
        assert image.size == (720, 480)


def test_a_picture_that_cannot_be_small_is_refused() -> None:
    kept = BytesIO()
    Image.effect_noise((720, 480), 30).convert("RGB").save(kept, "PNG")
    with pytest.raises(ValueError, match="does not fit"):
        small(kept.getvalue(), 1_000)


def test_the_contact_sheet_shows_every_picture() -> None:
    sheet = contact_sheet({"home": ["home-ky-360.png", "home-ky-1280.png"]})
    assert 'src="home-ky-360.png"' in sheet
    assert 'href="home-ky-1280.png"' in sheet


def test_the_pictures_of_the_readme_are_those_that_the_command_makes() -> None:
    assert {chosen.page for chosen in CHOSEN} <= {page.name for page in PAGES}
    assert {file.name for file in README_PICTURES.glob("*.png")} == {chosen.file_name for chosen in CHOSEN}
    assert [file.name for file in README_PICTURES.iterdir() if file.stat().st_size > MOST_BYTES] == []
