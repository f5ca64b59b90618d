"""The letters of the page: Inter, which the page serves itself, so that it looks alike whatever fonts a system has."""

from __future__ import annotations

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...figures.fonts import INTER

NAME = "Inter"
WEIGHTS = {"Regular": "100 500", "SemiBold": "501 900"}
"""The files, and the CSS weights that each stands for."""
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}


def _served(weight: str) -> tuple[str, bytes]:
    """Where a file is served, from the address of the page on, and its bytes. Another file has another address, so a
    browser may keep each for ever."""
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
"""For the head of the page: both files are asked for before the page knows which letters it needs."""
