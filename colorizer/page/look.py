"""How the page looks, and the one thing it does by itself in the browser."""

from __future__ import annotations

from pathlib import Path

import gradio as gr


def theme() -> gr.themes.Base:
    """Calm and neutral, so that the only strong colours on the page are the photograph's."""
    return gr.themes.Base(
        primary_hue="orange",
        secondary_hue="stone",
        neutral_hue="stone",
        radius_size="lg",
        font=[gr.themes.Font("system-ui"), gr.themes.Font("sans-serif")],
        font_mono=[gr.themes.Font("ui-monospace"), gr.themes.Font("monospace")],
    ).set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        body_background_fill="*neutral_50",
        block_title_text_weight="600",
    )


def _style_sheets() -> str:
    """look.css, and after it, as they may overrule it, the style sheets of single tabs and components."""
    sheets = sorted(Path(__file__).parent.glob("*.css"), key=lambda sheet: (sheet.name != "look.css", sheet.name))
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


CSS = _style_sheets()

SCRIPT = (Path(__file__).parent / "paste.js").read_text(encoding="utf-8")
HEAD = f"<script>\n{SCRIPT}</script>"
