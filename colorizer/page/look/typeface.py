"""The page's typeface, Inter. The page serves it, so that it looks the same with any system fonts."""

from __future__ import annotations

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...figures.fonts import INTER

NAME = "Inter"
WEIGHTS = {"Regular": "100 500", "SemiBold": "501 900"}
"""The files, and the CSS weights that each is used for."""
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}


def _served(weight: str) -> tuple[str, bytes]:
    """A file's address, relative to the page, and its bytes. Every version has its own address, so that browsers may
    cache it for ever."""
    content = (INTER / f"Inter-{weight}.woff2").read_bytes()
    return f"typeface/Inter-{weight}-{sha256(content).hexdigest()[:12]}.woff2", content


def _route(address: str, content: bytes) -> Route:
    def serve(request: Request) -> Response:
        return Response(content, media_type="font/woff2", headers=HEADERS)

    return Route(f"/{address}", serve)


def _face(address: str, weights: str) -> str:
    source = f"url({address}) format('woff2')"
    return f"@font-face {{ font-family: '{NAME}'; font-weight: {weights}; font-display: swap; src: {source} }}"


SERVED = {weight: _served(weight) for weight in WEIGHTS}
ROUTES = [_route(*served) for served in SERVED.values()]
FACES = "\n".join(
    [
        *(
            f'<link rel="preload" href="{address}" as="font" type="font/woff2" crossorigin>'
            for address, _ in SERVED.values()
        ),
        "<style>",
        *(_face(SERVED[weight][0], weights) for weight, weights in WEIGHTS.items()),
        "</style>",
    ]
)
"""HTML for the page's head. Browsers load both files at once, before they know which one the page needs."""
