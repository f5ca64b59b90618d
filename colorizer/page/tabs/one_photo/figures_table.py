"""How close the shown picture comes to the original, as a table: with plain gray and the safest readout beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colorizer.page.i18n.texts import number, said, said_again, text

if TYPE_CHECKING:
    from PIL import Image


def figures(
    shown: Image.Image, what: str, safest: Image.Image | None, original: Image.Image, beside: Mapping[str, float]
) -> str:
    """A Markdown table: the picture shown, said to be `what`; the checkpoint's own readout of the same answer, if that
    is another; and always plain gray. beside: `metrics.reference` of the original."""
    from colorizer.colour.metrics import compare

    m = compare(shown, original, beside)
    rows = [(what, m["psnr"], m["delta_e"], m["colourfulness"])]
    if safest is not None:
        own = compare(safest, original, beside)
        rows.append((text("row_safest"), own["psnr"], own["delta_e"], own["colourfulness"]))
    rows.append((text("row_gray"), m["gray_psnr"], m["gray_delta_e"], m["gray_colourfulness"]))
    truth = m["true_colourfulness"]
    return said(lambda: _table(said_again(rows), truth))


def _table(rows: Sequence[tuple[str, float, float, float]], truth: float) -> str:
    """rows: what was measured, PSNR, ΔE2000, colourfulness. truth: the original's colourfulness."""
    lines = [
        f"### {text('figures')}",
        "",
        f"| {text('row_what')} | {text('psnr')} | {text('delta_e')} | {text('colourfulness')} |",
        "|:--|--:|--:|--:|",
        *(
            f"| {name} | {number(psnr, '.2f')} | {number(delta, '.2f')} | {number(colour, '.1f')} |"
            for name, psnr, delta, colour in rows
        ),
        f"| {text('row_original')} | – | 0 | {number(truth, '.1f')} |",
        "",
        text("figures_note"),
    ]
    return "\n".join(lines)
