"""./eshik screenshots: every page of the portal on the running stack, on a phone and a screen, in three languages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as BrowserError
from rich.progress import track

from cli.casework.aside import aside
from cli.casework.desk import DeskFailed
from cli.console import err, fail, out
from cli.portal_guide import Guide, Language
from cli.portal_pages import PAGES, PortalPage
from cli.stack import Stack, the_stack
from deploy.local.browser import prepare_browser
from deploy.local.environment import PORTAL
from deploy.local.places import CHECKOUT, write_whole
from deploy.local.system import Obstacle

LANGUAGES: tuple[Language, ...] = ("ky", "ru", "en")
PHONE: ViewportSize = {"width": 360, "height": 740}
SCREEN: ViewportSize = {"width": 1280, "height": 900}
WAIT_MS = 30_000
README_PICTURES = CHECKOUT / "docs" / "pictures" / "pages"
MOST_BYTES = 120_000
COLOURS = (256, 128, 64, 32)


@dataclass(frozen=True)
class Chosen:
    """A picture of the README: what is seen without scrolling, phones in twice their pixels."""

    page: str
    language: Language
    viewport: ViewportSize

    @property
    def file_name(self) -> str:
        return f"{self.page}-{self.language}-{self.viewport['width']}.png"


CHOSEN = (
    Chosen("home", "ky", PHONE),
    Chosen("step-power-attorney", "ru", PHONE),
    Chosen("status-in-review", "ky", PHONE),
    Chosen("answer-in-force-by-picture", "en", PHONE),
    Chosen("queue-to-take", "en", SCREEN),
    Chosen("case-to-decide", "en", SCREEN),
)


def screenshots(
    out_dir: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to; else .eshik/screenshots.")] = None,
    only: Annotated[str, typer.Option(metavar="NAME", help="Only pages whose names begin so, as in status.")] = "",
    readme: Annotated[bool, typer.Option("--readme", help="Only the README's pictures, into docs/pictures/pages.")] = False,
) -> None:
    """Photograph every page of the running stack, signed in as the invented people, and show all in one index.html.

    It changes nothing in any case. Debian's Chromium is installed where it is missing.
    """
    stack = the_stack()
    _must_be_up(stack)
    began = time.monotonic()
    try:
        prepare_browser(lambda text: err.print("  " + text, style="dim", markup=False), stack.places.logs / "apt.log")
        if readme:
            folder = out_dir or README_PICTURES
            taken = _take_chosen(stack, folder)
        else:
            folder = out_dir or stack.places.home / "screenshots"
            taken = _take_all(stack, folder, [page for page in PAGES if page.name.startswith(only)])
    except Obstacle as obstacle:
        fail(str(obstacle))
    except (DeskFailed, KeyError) as missing:
        fail(f"an invented person's application is missing ({missing}): this needs a stack that ./eshik up filled, not --empty")
    except BrowserError as error:
        fail(f"the browser could not go on: {error.message.splitlines()[0]}. ./eshik status says whether all parts answer")
    out.print(f"{taken} pictures in {folder} ({time.monotonic() - began:.0f} s)", markup=False)


def _must_be_up(stack: Stack) -> None:
    record = stack.record()
    if record is None or record.phase != "ready":
        fail("nothing is running here to be photographed. First: ./eshik up --detach")
    if not any(part.name == PORTAL and part.pid for part in record.parts):
        fail("this stack runs without its pages. ./eshik down, then ./eshik up --detach")


def _take_all(stack: Stack, folder: Path, pages: list[PortalPage]) -> int:
    """Each page is opened once in each language, and seen in both widths."""
    folder.mkdir(parents=True, exist_ok=True)
    rounds = [(page, language) for page in pages for language in LANGUAGES]
    taken: dict[str, list[str]] = {}
    with _guide(stack) as guide:
        for wanted, language in track(rounds, "  photographing", console=err, transient=True):
            page = guide.open(wanted, language, SCREEN)
            for viewport in (SCREEN, PHONE):
                page.set_viewport_size(viewport)
                name = f"{wanted.name}-{language}-{viewport['width']}.png"
                (folder / name).write_bytes(_picture(page, whole=True))
                taken.setdefault(wanted.name, []).append(name)
    write_whole(folder / "index.html", contact_sheet(taken).encode())
    return sum(map(len, taken.values()))


def _take_chosen(stack: Stack, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    by_name = {page.name: page for page in PAGES}
    for chosen in track(CHOSEN, "  photographing", console=err, transient=True):
        with _guide(stack, scale=2 if chosen.viewport == PHONE else 1) as guide:
            page = guide.open(by_name[chosen.page], chosen.language, chosen.viewport)
            (folder / chosen.file_name).write_bytes(small(_picture(page, whole=False)))
    return len(CHOSEN)


@contextmanager
def _guide(stack: Stack, *, scale: int = 1) -> Iterator[Guide]:
    with aside(stack.ports, stack.places.inbox) as beside, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(prepare_browser(lambda _text: None, stack.places.logs / "apt.log")),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield Guide(beside, lambda: _context(browser, stack.ports.pages_url, scale))
        browser.close()


def _context(browser: Browser, origin: str, scale: int) -> BrowserContext:
    context = browser.new_context(base_url=origin, viewport=SCREEN, device_scale_factor=scale, reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    return context


def _picture(page: Page, *, whole: bool) -> bytes:
    page.wait_for_load_state("load")
    return page.screenshot(full_page=whole, animations="disabled", caret="hide")


def small(png: bytes, most: int = MOST_BYTES) -> bytes:
    """The picture with as many colours as let it fit. Raises ValueError where even few do not."""
    with Image.open(BytesIO(png)) as image:
        plain = image.convert("RGB")
    for colours in COLOURS:
        kept = BytesIO()
        plain.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() <= most:
            return kept.getvalue()
    raise ValueError(f"a picture does not fit into {most} bytes")


def contact_sheet(taken: dict[str, list[str]]) -> str:
    """All pictures in one page: a row for each page of the portal."""
    rows = "\n".join(
        f"<section><h2>{escape(name)}</h2><p>{''.join(_thumb(file) for file in files)}</p></section>"
        for name, files in taken.items()
    )
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Eshik: every page</title>
<style>
body {{ font: 16px/1.4 sans-serif; margin: 1rem; background: #f4f1ea }}
h2 {{ font-size: 1rem; margin: 1.5rem 0 .25rem }}
p {{ display: flex; gap: 12px; overflow-x: auto; align-items: flex-start; margin: 0 }}
img {{ height: 420px; width: auto; max-width: 620px;
  object-fit: cover; object-position: top; border: 1px solid #bbb; background: #fff }}
</style>
<h1>Every page</h1>
{rows}
</html>
"""


def _thumb(file: str) -> str:
    return f'<a href="{escape(file)}"><img loading="lazy" src="{escape(file)}" alt="{escape(file)}"></a>'
