"""The page that visitors send: that of `figures.web_page`, with places like {{name}} for what their browser puts in."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from PIL import Image

from ..figures import WebPhoto, Words, write_web_page

PANES = ("gray", "colour", "original")


def template(panes: int) -> str:
    """The page with two or three pictures."""
    dot = Image.new("L", (1, 1))
    captions = [(f"{{{{{name}_name}}}}", dot) for name in PANES[:panes]]
    photo = WebPhoto("{{name}}", captions, "{{guess}}", about=["{{about}}"])
    words = Words("{{language}}", divider="{{divider}}", left="{{left}}", about="{{about_name}}")
    with tempfile.TemporaryDirectory() as folder:
        page = write_web_page([photo], Path(folder) / "sent.html", words=words).read_text(encoding="utf-8")
    page = page.replace('width="1" height="1"', 'width="{{width}}" height="{{height}}"')
    page = page.replace("--ratio: 1.0000; --most: 2px", "--ratio: {{ratio}}; --most: {{most}}px")
    for kind, names in (("image/jpeg", ("colour", "gray", "original")), ("font/woff2", ("Regular", "SemiBold"))):
        for name in names:
            page = re.sub(rf"data:{kind};base64,[\w+/=]+", f"{{{{{name}}}}}", page, count=1)
    return page
