"""The folder for uploads and results. Gradio reads its name when it is imported, so this imports nothing of Gradio."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def own_folder() -> str:
    """A folder that other programs of Gradio, whose files are not ours to remove, do not use."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return str(Path(tempfile.gettempdir()) / f"colorizer-{user}")
