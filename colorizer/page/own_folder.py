"""The folder for uploads and results. Gradio reads its name when it is imported, so this imports nothing of Gradio."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def own_folder() -> str:
    """The path of a folder that no other program with Gradio uses: the files of others are not ours to remove."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    return str(Path(tempfile.gettempdir()) / f"colorizer-{user}")
