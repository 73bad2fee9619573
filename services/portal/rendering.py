"""Templates to pages: what every template may use, and the headers that every page carries."""

import json
import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from services.portal import csrf, formats
from services.portal.apis import language_in_use
from services.portal.forms import Faults
from services.portal.session import session_of
from services.portal.words import word
from shared.amounts import amount_text
from shared.texts import N_, Texts

HERE = Path(__file__).parent
ERROR = N_("Error")  # read aloud before the text of a field's error
ERASED = N_("erased")
ERASED_NAME = "\N{SYMBOL FOR DELETE}"  # as the APIs give it: shared/sealing/erased.py
LANGUAGE_NAMES = {"ky": "Кыргызча", "ru": "Русский", "en": "English"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "private, no-store",
    "Vary": "Cookie, Accept-Language, HX-Request",
}


class AssetsMissing(Exception):
    """The folder of built assets lacks its manifest: ./eshik up builds it."""


class Pages:
    """Renders templates. One for the process."""

    def __init__(self, texts: Texts, assets: Path, *, local_stack: bool) -> None:
        """Raises AssetsMissing."""
        try:
            self._assets: dict[str, str] = json.loads((assets / "manifest.json").read_text(encoding="utf-8"))
        except OSError:
            raise AssetsMissing(f"{assets} holds no manifest.json: ./eshik up builds the assets") from None
        self.texts = texts
        self._env = _environment()
        self._env.globals |= {
            "asset": self.asset,
            "languages": LANGUAGE_NAMES,
            "local_stack": local_stack,
            "new_key": lambda: secrets.token_urlsafe(18),
        }
        self._env.filters |= {
            "day": _in_language(formats.day),
            "moment": _in_language(formats.moment),
            "clock_time": _in_language(formats.clock_time),
            "city_of": _in_language(formats.city_of),
            "number": _in_language(formats.number),
            "duration": _in_language(formats.duration),
            "term": _in_language(formats.term),
            "word": _in_language(word),
            "money": pass_context(lambda context, amount, currency: amount_text(amount, currency, context["lang"], self.texts)),
            "name": pass_context(lambda context, name: context["_"](ERASED) if name == ERASED_NAME else name),
            "file_size": pass_context(lambda context, size: self._file_size(context, size)),
        }

    def asset(self, name: str) -> str:
        """The address of a built file, by the name it has in the sources."""
        return f"/assets/{self._assets[name]}"

    def render(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """In: a template below templates/ and what it shows. Out: the page in the language in use."""
        session, language = session_of(request), language_in_use(request)
        query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
        known = {
            "lang": language,
            "_": partial(self._translated, language),
            "path": request.url.path + query,
            "person": session.person,
            "csrf_field": lambda: Markup('<input type="hidden" name="{}" value="{}">').format(
                csrf.FIELD, csrf.masked(session.csrf_token())
            ),
            "live": False,
            "error_title": status >= 400,
            "http_status": status,
            "faults": None,
        }
        if isinstance(faults := context.get("faults"), Faults):
            faults.speak(self.texts.translate(ERROR, language))
        body = self._env.get_template(template).render({**known, **context})
        return HTMLResponse(body, status, headers={**HEADERS, "Content-Language": language})

    def text(self, language: str, template: str, **context: Any) -> str:
        """Something that is read outside of the portal, as a file."""
        known = {"lang": language, "_": partial(self._translated, language)}
        return self._env.get_template(template).render({**known, **context})

    def say(self, request: Request, msgid: str, **params: str | int) -> str:
        return self.texts.translate(msgid, language_in_use(request), **params)

    def _translated(self, language: str, msgid: str, /, **params: str | int) -> str:
        """As _ of a template: bound to its language, so that macros of other files can be given it."""
        return self.texts.translate(msgid, language, **params)

    def _file_size(self, context: Context, size: int) -> str:
        text, params = formats.file_size(size, context["lang"])
        return self.texts.translate(text, context["lang"], **params)


def pages_of(request: Request) -> Pages:
    """A route dependency."""
    pages: Pages = request.app.state.pages
    return pages


def see_other(path: str) -> RedirectResponse:
    """After a POST: the browser asks for the page anew, and a reload repeats nothing."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


def own_path(given: str | None, otherwise: str = "/") -> str:
    """A path of ours to go back to: never another site, whatever a link says."""
    text = given or ""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if is_path else otherwise


def page_before(request: Request) -> str:
    """The page of ours whose form was sent, or whose link was followed; empty where the browser does not tell."""
    try:
        told = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    ours = told.netloc == request.headers.get("host")
    return own_path(f"{told.path}?{told.query}" if told.query else told.path, "") if ours else ""


def _environment() -> Environment:
    ready_made = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(HERE / "templates"), ready_made]),
        autoescape=True,
        undefined=ChainableUndefined,  # what the ready-made components are written for
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _in_language(function: Any) -> Any:
    @pass_context
    def with_language(context: Mapping[str, Any], value: Any, *args: Any) -> Any:
        return function(value, context["lang"], *args)

    return with_language
