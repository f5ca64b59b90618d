"""The endpoint for programs; what the page itself does stays private."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..errors import UserError
from ..photo import has_own_colours, save_photo
from ..presets import preset as readouts_of
from .asked import few_enough, to_palette
from .colours import hex_to_ab
from .components import served_file
from .handlers import plain_errors
from .models import Shelf

if TYPE_CHECKING:
    from ..hints import Hint


def add_api(page: gr.Blocks, shelf: Shelf) -> None:
    """Register /colorize, inside a gr.Blocks."""
    cards = shelf.cards()
    default = cards[0].name if cards else ""

    def colorize(
        photo: gr.FileData,
        checkpoint: str = default,
        temperature: float | None = None,
        saturation: float = 1.0,
        preset: str | None = None,
        vividness: float | None = None,
        hints: list[list[Any]] | None = None,
        palette: list[str] | None = None,
    ) -> tuple[gr.FileData, dict[str, Any]]:
        """Colour a photograph.

        Args:
            photo: the photograph, in any common format.
            checkpoint: a name that the page offers.
            temperature: above 0; 1 is the safest, lower is clearer; null is the preset's or the checkpoint's own.
            saturation: factor on chroma, 0 or more.
            preset: "faithful", "natural" or "vivid"; null is faithful.
            vividness: 0 or more, prefers rare colours; null is the preset's.
            hints: colours of places, [[x, y, "#rrggbb"], ...] in pixels of the upright photo, 100 at most; only
                chroma counts.
            palette: colours to prefer, ["#rrggbb", ...], five at most.

        Returns:
            The coloured photograph at full size as PNG, and a dict: seconds (from opening the photograph to the written
            file), checkpoint, hints (how many), and metrics against the original's colours (null for a photograph that
            has none).
        """
        from ..metrics import compare

        start = time.perf_counter()
        with plain_errors():
            path = photo["path"] if isinstance(photo, dict) else photo.path
            given = pixel_hints(hints or [])
            result = shelf.colorize(path, checkpoint, given)
            if temperature is not None and not result.architecture.has_distribution:
                raise UserError.of("no_temperature", checkpoint=checkpoint)
            asked = {"temperature": temperature, "vividness": vividness}
            named = readouts_of(preset) if preset else {}
            wishes = {**named, **{key: value for key, value in asked.items() if value is not None}}
            result = result.with_readout(palette=to_palette(palette or []), **wishes).with_saturation(saturation)
            target = served_file(f"{Path(path).stem}-colorized.png")
            save_photo(result.image, target, checkpoint=checkpoint)
            seconds = time.perf_counter() - start
            page.upload_file_set.add(str(target))  # so that it is deleted with the page's other files
            report = {
                "seconds": seconds,
                "checkpoint": checkpoint,
                "hints": len(given),
                "metrics": compare(result.image, result.original) if has_own_colours(result.original) else None,
            }
        return gr.FileData(path=str(target)), report

    gr.api(colorize, api_name="colorize", concurrency_id="model", concurrency_limit=1)


def pixel_hints(hints: Sequence[Sequence[Any]]) -> list[Hint]:
    """[[x, y, "#rrggbb"], ...] as hints; raises ValueError that says what is expected, and for too many."""
    from ..hints import Hint

    few_enough(hints)
    result = []
    for hint in hints:
        try:
            x, y, colour = hint
            x, y = float(x), float(y)
        except (TypeError, ValueError):
            raise UserError.of("hint_form", hint=hint) from None
        result.append(Hint(x, y, hex_to_ab(colour)))
    return result
