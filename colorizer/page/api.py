"""The endpoint for programs; what the page itself does stays private."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import gradio as gr

from ..photo import is_grayscale, save_photo
from .components import served_file
from .handlers import plain_errors
from .models import Shelf, readout


def add_api(page: gr.Blocks, shelf: Shelf) -> None:
    """Register /colorize, inside a gr.Blocks."""
    cards = shelf.cards()
    default = cards[0].name if cards else ""

    def colorize(
        photo: gr.FileData, checkpoint: str = default, temperature: float | None = None, saturation: float = 1.0
    ) -> tuple[gr.FileData, dict[str, Any]]:
        """Colour a photograph.

        Args:
            photo: the photograph, in any common format.
            checkpoint: a name that the page offers.
            temperature: above 0; 1 is the safest, lower is clearer; null is the checkpoint's own.
            saturation: factor on chroma, 0 or more.

        Returns:
            The coloured photograph at full size as PNG, and a dict: seconds (from opening the photograph to the written
            file), checkpoint, and metrics against the original's colours (null for a photograph that has none).
        """
        from ..metrics import compare

        start = time.perf_counter()
        with plain_errors():
            path = photo["path"] if isinstance(photo, dict) else photo.path
            result = shelf.colorize(path, checkpoint)
            if temperature is not None and not result.architecture.has_distribution:
                raise ValueError(f"{checkpoint} predicts one colour only, so it has no temperature; leave it out.")
            result = readout(result, temperature, saturation)
            target = served_file(f"{Path(path).stem}-colorized.png")
            save_photo(result.image, target, checkpoint=checkpoint)
            seconds = time.perf_counter() - start
            page.upload_file_set.add(str(target))  # so that it is deleted with the page's other files
            report = {
                "seconds": seconds,
                "checkpoint": checkpoint,
                "metrics": None if is_grayscale(result.original) else compare(result.image, result.original),
            }
        return gr.FileData(path=str(target)), report

    gr.api(colorize, api_name="colorize", concurrency_id="model", concurrency_limit=1)
