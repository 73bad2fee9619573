"""Which methods an address knows (RFC 9110, 15.5.6): a route that refuses another one names only its own."""

import re

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path


class Methods:
    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: list[tuple[re.Pattern[str], int, set[str]]] = []

    def of(self, path: str) -> str:
        """As the header Allow has them; of /officers/password those of its own route, and not those of /officers/{person_id}."""
        if not self._known:  # at the first refusal: all routes are there then
            for route in iter_route_contexts(self._app.routes):
                self._known.append((compile_path(template := route.path or "")[0], template.count("{"), set(route.methods or ())))
        fitting = [(names, methods) for pattern, names, methods in self._known if pattern.fullmatch(path)]
        nearest = min((names for names, _ in fitting), default=0)
        return ", ".join(sorted({method for names, methods in fitting if names == nearest for method in methods}))
