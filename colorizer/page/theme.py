"""The page's theme, style sheets and scripts."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import gradio as gr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..figures.fonts import INTER
from ..figures.web_page import DIVIDER

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


PAGE = Path(__file__).parent


def theme() -> gr.themes.Base:
    """A neutral theme, so that only the photo has strong colours."""
    return gr.themes.Base(
        primary_hue="orange",
        secondary_hue="stone",
        neutral_hue="stone",
        radius_size="lg",
        font=[gr.themes.Font(NAME), gr.themes.Font("sans-serif")],
        font_mono=[gr.themes.Font("ui-monospace"), gr.themes.Font("monospace")],
    ).set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        body_background_fill="*neutral_50",
        # WCAG AA: text 4.5:1, parts of controls 3:1. A theme has one accent colour; look.css has the one for dark mode.
        color_accent="*primary_700",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
        button_primary_border_color="*primary_700",
        button_primary_border_color_dark="*primary_700",
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
        link_text_color="*secondary_700",
        link_text_color_dark="*secondary_200",
        link_text_color_active="*secondary_900",
        link_text_color_active_dark="*secondary_50",
        link_text_color_hover="*secondary_900",
        link_text_color_hover_dark="*secondary_50",
        link_text_color_visited="*secondary_700",
        link_text_color_visited_dark="*secondary_200",
        block_title_text_weight="600",
    )


def _style_sheets() -> str:
    """look.css and that of dividers, then the style sheets of tabs and widgets, which may override them."""
    sheets = [DIVIDER, *sorted(PAGE.rglob("*.css"), key=lambda sheet: (sheet.name != "look.css", sheet.name))]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


CSS = _style_sheets()


def _scripts(kind: str, *names: str) -> str:
    """Scripts for the page's head, each in an element of its own."""
    return "\n".join(f"<script{kind}>\n{(PAGE / name).read_text(encoding='utf-8')}</script>" for name in names)


FIRST = _scripts("", "i18n/language.js", "look/idle.js")
"""Scripts that run before Gradio does, and before anything can be seen."""
_LATER = _scripts(' type="module"', "look/access.js", "look/address.js", "look/paste.js")
HEAD = f"{FACES}\n{_LATER}"
